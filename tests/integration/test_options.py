# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet module takes its options from variables as Ansible ranks them, on the oldest ansible-core and the newest."""

from __future__ import annotations

import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import DOCUMENT, ROOT, environment

ROLE = "hubspoke.srx.nhtb"
PROGRAMS = {"newest": Path(sys.executable).parent, "oldest": ROOT / ".cache" / "oldest" / "bin"}
# Each task writes into the folder that it takes from a variable, an option or a default.
TASKS: tuple[dict[str, t.Any], ...] = (
    {"hubspoke.srx.render": None},
    {"hubspoke.srx.render": None, "vars": {"nhtb_artifacts_dir": "task"}},
    {
        "ansible.builtin.include_role": {"name": ROLE, "tasks_from": "render"},
        "vars": {"nhtb_artifacts_dir": "include"},
    },
    {
        "hubspoke.srx.render": None,
        "module_defaults": {"group/hubspoke.srx.srx": {"artifacts_dir": "module-defaults"}},
    },
    {"hubspoke.srx.render": {"artifacts_dir": "option"}},
    {"ansible.builtin.set_fact": {"nhtb_artifacts_dir": "{{ word }}"}},
    {"hubspoke.srx.render": None},
)


@pytest.fixture(params=PROGRAMS)
def play(request: pytest.FixtureRequest, tmp_path: Path) -> t.Callable[..., subprocess.CompletedProcess[str]]:
    """Run tasks on the document's hosts in an empty folder."""
    program = PROGRAMS[request.param] / "ansible-playbook"
    if not program.exists():
        pytest.skip(f"{program} is not there: make test installs it")

    def run(tasks: t.Sequence[dict[str, t.Any]], *arguments: str, **play: t.Any) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "play.yml"
        path.write_text(
            yaml.safe_dump([{"hosts": "nhtb_hubs:nhtb_spokes", "gather_facts": False, "tasks": list(tasks), **play}])
        )
        return subprocess.run(
            [program, path, "-i", DOCUMENT, *arguments],
            cwd=tmp_path, env=environment(tmp_path), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, check=False,
        )  # fmt: skip

    return run


def written(folder: Path) -> set[str]:
    """Return the names of the folders that have the folder of a run."""
    return {path.parent.parent.name for path in folder.rglob("corporate.conf")}


Play = t.Callable[..., "subprocess.CompletedProcess[str]"]


def test_variables_count_as_ansible_ranks_them(play: Play, tmp_path: Path) -> None:
    done = play(TASKS, vars={"nhtb_artifacts_dir": "play", "word": "fact"})
    assert done.returncode == 0, done.stdout
    assert written(tmp_path) == {"play", "task", "include", "module-defaults", "option", "fact"}


def test_extra_variables_outrank_all_but_the_module(play: Play, tmp_path: Path) -> None:
    done = play(TASKS, "-e", "nhtb_artifacts_dir=extra", vars={"nhtb_artifacts_dir": "play", "word": "fact"})
    assert done.returncode == 0, done.stdout
    assert written(tmp_path) == {"extra", "module-defaults", "option"}


def test_without_any_the_default_counts(play: Play, tmp_path: Path) -> None:
    done = play(TASKS[:1])
    assert done.returncode == 0, done.stdout
    assert written(tmp_path) == {"artifacts"}


@pytest.mark.parametrize("setting", ["true", "false"])
def test_an_undefined_template_fails_and_is_named(
    play: Play, tmp_path: Path, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_ERROR_ON_UNDEFINED_VARS", setting)
    done = play(TASKS[:1], vars={"nhtb_artifacts_dir": "{{ not_defined }}/x"})
    assert done.returncode == 2, done.stdout
    assert "controller: nhtb_artifacts_dir: expected a value, actual a template " in done.stdout
    assert written(tmp_path) == set()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-e", "nhtb_sessions=many"], "controller: nhtb_sessions: expected a whole number, actual 'many'"),
        # The plan tells of all hosts' variables together.
        (["-e", "nhtb_sessions=0"], "corporate, westford, sunnyvale: nhtb_sessions = 0: the range is 1 to 1000"),
        ([], "corporate, westford, sunnyvale: nhtb_sessions = 0: the range is 1 to 1000"),
    ],
)
def test_a_value_that_is_not_allowed_fails_and_is_named(play: Play, arguments: list[str], words: str) -> None:
    done = play([{"hubspoke.srx.nhtb_verify": None}], *arguments, vars={"nhtb_sessions": 0})
    assert done.returncode == 2, done.stdout
    assert words in " ".join(done.stdout.split())


def test_an_option_of_the_task_that_is_not_allowed_fails_and_is_named(play: Play) -> None:
    done = play([{"hubspoke.srx.nhtb_verify": {"sessions": 0}}])
    assert done.returncode == 2, done.stdout
    assert "controller: sessions: expected 1 to 1000, actual 0" in done.stdout
    assert "Correct the option of the task" in done.stdout
