# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of the network count wherever Ansible lets them stand, on the oldest ansible-core and the newest."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import time
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import DOCUMENT, environment
from tests.integration.test_options import PROGRAMS

ROLE = {"name": "hubspoke.srx.nhtb", "tasks_from": "render"}
HOSTS = "nhtb_hubs:nhtb_spokes"


@pytest.fixture(params=PROGRAMS)
def play(request: pytest.FixtureRequest, tmp_path: Path) -> t.Callable[..., subprocess.CompletedProcess[str]]:
    """Run one play on the document's hosts in an empty folder. Its keywords are the arguments.

    With ``only`` the inventory is one of the arguments. ``plays`` are several plays instead of one.
    """
    program = PROGRAMS[request.param] / "ansible-playbook"
    if not program.exists():
        pytest.skip(f"{program} is not there: make test installs it")

    def run(
        *arguments: t.Any, only: bool = False, plays: t.Sequence[dict[str, t.Any]] = (), **play: t.Any
    ) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "play.yml"
        made = [{"hosts": HOSTS, "gather_facts": False, **one} for one in plays or [play]]
        path.write_text(yaml.safe_dump(made, sort_keys=False))
        return subprocess.run(
            [program, path, *(() if only else ("-i", DOCUMENT)), *arguments],
            cwd=tmp_path, env=environment(tmp_path), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, check=False,
        )  # fmt: skip

    return run


Play = t.Callable[..., "subprocess.CompletedProcess[str]"]


def mss(folder: Path) -> set[str]:
    """Return the MSS in the rendered configuration of each Junos host."""
    texts = [(folder / "latest" / f"{host}.conf").read_text() for host in ("corporate", "westford")]
    return {number for text in texts for number in re.findall(r"mss (\d+);", text)}


PLACES: dict[str, dict[str, t.Any]] = {
    "play": {"vars": {"nhtb_mss": 1301}, "tasks": [{"hubspoke.srx.render": None}]},
    "file": {"vars_files": ["vars.yml"], "tasks": [{"hubspoke.srx.render": None}]},
    "block": {"tasks": [{"block": [{"hubspoke.srx.render": None}], "vars": {"nhtb_mss": 1301}}]},
    "task": {"tasks": [{"hubspoke.srx.render": None, "vars": {"nhtb_mss": 1301}}]},
    "include": {"tasks": [{"ansible.builtin.include_role": ROLE, "vars": {"nhtb_mss": 1301}}]},
    "import": {"tasks": [{"ansible.builtin.import_role": ROLE, "vars": {"nhtb_mss": 1301}}]},
    "template": {
        "vars": {"nhtb_mss": "{{ base + (1 if inventory_hostname in groups.nhtb else 2) }}", "base": 1300},
        "tasks": [{"hubspoke.srx.render": None}],
    },
    "loop": {"tasks": [{"hubspoke.srx.render": None, "loop": [1301], "vars": {"nhtb_mss": "{{ item }}"}}]},
    "role": {"roles": ["own"], "tasks": [{"hubspoke.srx.render": None}]},
    "defaults": {"roles": ["quiet"], "tasks": [{"hubspoke.srx.render": None}]},
    "parameter": {"roles": [{"role": "wrapper", "nhtb_mss": 1301}]},
    # These two hold for later plays too: they are the last, and the second outranks the first.
    "include_vars": {"tasks": [{"ansible.builtin.include_vars": "vars.yml"}, {"hubspoke.srx.render": None}]},
    "fact": {"tasks": [{"ansible.builtin.set_fact": {"nhtb_mss": 1303}}, {"hubspoke.srx.render": None}]},
}


@pytest.fixture
def roles(tmp_path: Path) -> None:
    """Write the roles and files that the plays name."""
    (tmp_path / "vars.yml").write_text("nhtb_mss: 1301\n")
    for name, kind in (("own", "vars"), ("quiet", "defaults")):
        (tmp_path / "roles" / name / kind).mkdir(parents=True)
        (tmp_path / "roles" / name / kind / "main.yml").write_text("nhtb_mss: 1301\n")
    (tmp_path / "roles" / "wrapper" / "tasks").mkdir(parents=True)
    (tmp_path / "roles" / "wrapper" / "tasks" / "main.yml").write_text("- hubspoke.srx.render:\n")


def in_every_place(play: Play, folder: Path, *arguments: str) -> dict[str, set[str]]:
    """Render in one play per place, each into a folder of its own. Return the MSS by place."""
    plays = [
        {**one, "vars": {**one.get("vars", {}), "nhtb_artifacts_dir": f"at-{place}"}} for place, one in PLACES.items()
    ]
    done = play(*arguments, plays=plays)
    assert done.returncode == 0, done.stdout
    return {place: mss(folder / f"at-{place}") for place in PLACES}


@pytest.mark.usefixtures("roles")
def test_a_variable_of_the_network_counts_wherever_it_stands(play: Play, tmp_path: Path) -> None:
    found = in_every_place(play, tmp_path)
    assert found == {place: {"1301"} for place in PLACES} | {"fact": {"1303"}}


@pytest.mark.usefixtures("roles")
def test_an_extra_variable_outranks_every_other_place(play: Play, tmp_path: Path) -> None:
    assert in_every_place(play, tmp_path, "-e", "nhtb_mss=1302") == {place: {"1302"} for place in PLACES}


def test_a_key_from_a_prompt_is_the_key(request: pytest.FixtureRequest, play: Play, tmp_path: Path) -> None:
    # Without a terminal Ansible does not ask: the play is run once to be written, then on a terminal.
    prompt = {"name": "nhtb_pre_shared_key", "prompt": "Key", "private": True}
    play(vars_prompt=[prompt], tasks=[{"hubspoke.srx.render": {"with_keys": True}}])
    program = PROGRAMS[request.node.callspec.params["play"]] / "ansible-playbook"
    master, terminal = pty.openpty()
    output = tmp_path / "output.txt"
    with output.open("w") as file:
        process = subprocess.Popen(
            [program, tmp_path / "play.yml", "-i", DOCUMENT],
            cwd=tmp_path, env=environment(tmp_path), stdin=terminal, stdout=file, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        # Ansible drops what was typed before it asks.
        for _second in range(600):
            if process.poll() is not None:
                break
            os.write(master, b"of-the-prompt\n")
            time.sleep(1)
    process.kill()
    os.close(master)
    os.close(terminal)
    assert process.wait() == 0, output.read_text()
    assert "of-the-prompt" in (tmp_path / "artifacts" / "latest" / "westford.conf").read_text()
    assert "of-the-prompt" not in output.read_text()


@pytest.mark.parametrize("value", ["{{ vault_nhtb_key }}", "x{{ hostvars.corporate.other }}"])
@pytest.mark.parametrize("setting", ["true", "false"])
def test_a_key_that_is_a_template_without_a_value_is_an_error(
    play: Play, tmp_path: Path, value: str, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_ERROR_ON_UNDEFINED_VARS", setting)
    done = play(
        vars={"nhtb_pre_shared_key": value, "other": "{{ not_defined }}"},
        tasks=[{"hubspoke.srx.render": {"with_keys": True}}],
    )
    assert done.returncode == 2, done.stdout
    assert "westford" in done.stdout
    assert "nhtb_pre_shared_key" in done.stdout
    assert "Traceback" not in done.stdout
    assert not (tmp_path / "artifacts").exists()


@pytest.mark.parametrize("place", ["nhtb_site", "nhtb_host_name", "nhtb_pre_shared_key"])
def test_no_opening_of_a_template_gets_into_a_configuration(play: Play, tmp_path: Path, place: str) -> None:
    # As text that Ansible does not evaluate.
    (tmp_path / "vars.yml").write_text(f"{place}: !unsafe 'a{{{{b'\n")
    done = play(vars_files=["vars.yml"], tasks=[{"hubspoke.srx.render": {"with_keys": True}}])
    assert done.returncode == 2, done.stdout
    assert place in done.stdout
    assert not (tmp_path / "artifacts").exists()


@pytest.mark.parametrize("setting", ["true", "false"])
def test_an_option_of_a_task_without_a_value_is_an_error(
    play: Play, tmp_path: Path, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_ERROR_ON_UNDEFINED_VARS", setting)
    done = play(tasks=[{"hubspoke.srx.render": {"artifacts_dir": "{{ not_defined }}"}}])
    assert done.returncode == 2, done.stdout
    assert not [path for path in tmp_path.iterdir() if "{{" in path.name]


def test_hosts_that_disagree_about_the_run_are_named(play: Play, tmp_path: Path) -> None:
    done = play(vars={"nhtb_artifacts_dir": "{{ inventory_hostname }}"}, tasks=[{"hubspoke.srx.render": None}])
    assert done.returncode == 2, done.stdout
    words = "nhtb_artifacts_dir: expected one value for the run, actual 'corporate' for corporate and 'westford' for"
    assert words in " ".join(done.stdout.split())
    assert not (tmp_path / "corporate").exists()


def test_a_setting_that_one_host_lacks_is_a_difference(play: Play) -> None:
    done = play(
        tasks=[
            {"ansible.builtin.set_fact": {"nhtb_sessions": 3}, "when": "inventory_hostname == 'westford'"},
            {"hubspoke.srx.render": None},
            {"hubspoke.srx.nhtb_verify": None},
        ]
    )
    assert done.returncode == 2, done.stdout
    words = "nhtb_sessions: expected one value for the run, actual none for corporate and 3 for westford"
    assert words in " ".join(done.stdout.split())


def test_a_fact_of_the_play_need_not_reach_the_other_hosts(play: Play, tmp_path: Path) -> None:
    tasks = [{"ansible.builtin.set_fact": {"nhtb_artifacts_dir": "fact"}}, {"hubspoke.srx.render": None}]
    done = play("--limit", "westford", tasks=tasks)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "fact" / "latest" / "westford.conf").exists()


def test_hosts_outside_the_fleet_have_no_say(play: Play, tmp_path: Path) -> None:
    inventory = tmp_path / "servers.yml"
    inventory.write_text(yaml.safe_dump({"servers": {"hosts": {"a-server": {"nhtb_artifacts_dir": "wrong"}}}}))
    done = play("-i", inventory, hosts="a-server,nhtb_hubs,nhtb_spokes", tasks=[{"hubspoke.srx.render": None}])
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "artifacts" / "latest" / "corporate.conf").exists()
    assert not (tmp_path / "wrong").exists()


OF_A_HOST: dict[str, dict[str, t.Any]] = {
    "option": {"hubspoke.srx.render": {"artifacts_dir": "{{ own }}"}},
    "free-form": {"action": "hubspoke.srx.render artifacts_dir={{ own }}"},
    "all-options": {"hubspoke.srx.render": "{{ {'artifacts_dir': own} }}"},
    "args": {"hubspoke.srx.render": None, "args": "{{ {'artifacts_dir': own} }}"},
    "defaults": {
        "hubspoke.srx.render": None,
        "module_defaults": {"hubspoke.srx.render": {"artifacts_dir": "{{ own }}"}},
    },
    "loop": {"hubspoke.srx.render": {"artifacts_dir": "{{ item }}{{ own }}"}, "loop": ["a"]},
}  # fmt: skip


@pytest.mark.parametrize("place", OF_A_HOST)
def test_an_option_that_is_a_template_of_another_value_on_another_host_is_refused(
    play: Play, tmp_path: Path, place: str
) -> None:
    done = play(vars={"own": "of-{{ inventory_hostname }}"}, tasks=[OF_A_HOST[place]])
    assert done.returncode == 2, done.stdout
    words = " ".join(done.stdout.split())
    assert "expected one value for the run, actual a template of the task that has another value for " in words
    assert not list(tmp_path.glob("*of-*"))


def test_an_option_that_is_a_template_of_one_value_counts(play: Play, tmp_path: Path) -> None:
    own = "{{ 'all' if inventory_hostname else '' }}"
    done = play(plays=[{"vars": {"own": f"of-{own}-{place}"}, "tasks": [task]} for place, task in OF_A_HOST.items()])
    assert done.returncode == 0, done.stdout
    for place in OF_A_HOST:
        assert list(tmp_path.glob(f"*of-all-{place}/latest/corporate.conf")), place


def test_a_registered_result_and_a_value_of_the_moment_are_options(play: Play, tmp_path: Path) -> None:
    tasks: list[dict[str, t.Any]] = [
        {"hubspoke.srx.render": None, "register": "rendered"},
        {"hubspoke.srx.render": {"artifacts_dir": "{{ 'again' if rendered.changed else 'never' }}"}},
        {"hubspoke.srx.render": {"artifacts_dir": "moment-{{ 999999999 | random }}"}},
    ]
    done = play(tasks=tasks)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "again" / "latest" / "corporate.conf").exists()
    assert list(tmp_path.glob("moment-*/latest/corporate.conf"))
