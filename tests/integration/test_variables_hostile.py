# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hostile values through Ansible itself, in every module for the fleet, on the oldest ansible-core and the newest.

The tests of properties have all values in all variables; here a sample of them takes the way of a playbook. Every value
is refused before any device is contacted.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.integration.conftest import DOCUMENT, environment, in_words
from tests.integration.test_options import PROGRAMS
from tests.property.hostile import VALUES
from tests.property.reading import check_message

MODULES = (
    "adopt",
    "collect",
    "drift",
    "nhtb_verify",
    "recover",
    "remove",
    "render",
    "rotate_keys",
    "trace",
    "traceoptions",
    "transaction",
    "troubleshoot",
)
# Each module plans with these, or copies them.
VARIABLES = ("nhtb_site", "nhtb_group", "nhtb_platform")
# Allowed in one of them.
_FINE = ("null", "omitted", "null text", "exponent", "nan", "yes", "off", "t", "computed", "computed number")
NAMES = tuple(name for name in VALUES if name not in _FINE)
# These every module gets.
WORST = ("NUL", "binary", "binary key", "list in itself", "mapping in itself", "growing", "divided")
_FATAL = re.compile(r"^fatal: \[\w+\]: FAILED! => (\{.*\})$", re.MULTILINE)


def cases() -> list[tuple[str, str, str]]:
    """Return module, variable and value."""
    return [
        (module, VARIABLES[number % len(VARIABLES)], name)
        for place, module in enumerate(MODULES)
        for number, name in enumerate(NAMES)
        if number % len(MODULES) == place or name in WORST
    ]


def written(number: int, name: str) -> str:
    """Return a value as YAML; the names of anchors are of the whole file."""
    value = VALUES[name]
    return re.sub(r"(?<!\w)([&*])(?=[a-z])", rf"\1n{number}", value) if "&" in value else value


def in_a_variable(number: int, module: str, variable: str, name: str) -> str:
    return (
        f"  - hubspoke.srx.{module}:\n    ignore_errors: true\n    vars:\n      nhtb_remove_all: true\n"
        f"      {variable}: {written(number, name)}\n"
    )


def in_an_option(number: int, module: str, name: str) -> str:
    return f"  - hubspoke.srx.{module}:\n      sessions: {written(number, name)}\n    ignore_errors: true\n"


def run(program: str, folder: Path, tasks: t.Iterable[str]) -> list[dict[str, t.Any]]:
    """Return the results of tasks of one play, each of which fails."""
    path = PROGRAMS[program] / "ansible-playbook"
    if not path.exists():
        pytest.skip(f"{path} is not there: make test installs it")
    play = "- hosts: nhtb_hubs:nhtb_spokes\n  gather_facts: false\n  tasks:\n"
    (folder / "play.yml").write_text(play + "".join(tasks), encoding="utf-8")
    done = subprocess.run(
        [path, "play.yml", "-i", DOCUMENT],
        cwd=folder, env=environment(folder) | {"ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, errors="replace", timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    assert "Traceback" not in done.stdout + done.stderr
    # Ansible's own folder aside, only the play is there, and the folder that a report could be written to.
    assert set(os.listdir(folder)) - {"ansible", ".ansible", "artifacts"} == {"play.yml"}
    assert not [path for path in (folder / "artifacts").rglob("*") if path.is_file()]
    return [json.loads(found) for found in _FATAL.findall(done.stdout)]


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_module_refuses_a_hostile_variable_in_words_of_ours(program: str, tmp_path: Path) -> None:
    tried = cases()
    results = run(program, tmp_path, [in_a_variable(number, *case) for number, case in enumerate(tried)])
    assert len(results) == len(tried)
    for (module, variable, name), result in zip(tried, results, strict=True):
        assert result.get("reason") == "bad_inventory", f"{module}: {name}: {result}"
        assert variable in in_words(result), f"{module}: {name}: {result}"
        check_message(in_words(result))


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_module_refuses_a_hostile_option_in_words_of_ours(program: str, tmp_path: Path) -> None:
    # Ansible itself ends at a value in itself, and at an undefined variable in an option.
    own = ("list in itself", "mapping in itself", "growing", "undefined", "divided", "misspelt filter", "statement",
           "open", "endless number", "deep list", "deep mapping", "one", "octal", "underscore",
           "hexadecimal")  # fmt: skip
    names = [name for name in NAMES if name not in own]
    # A rotation needs its keys first.
    modules = [module for module in MODULES if module not in ("render", "rotate_keys")]
    tried = [(modules[number % len(modules)], name) for number, name in enumerate(names)]
    results = run(program, tmp_path, [in_an_option(number, *case) for number, case in enumerate(tried)])
    assert len(results) == len(tried)
    for (module, name), result in zip(tried, results, strict=True):
        assert result.get("reason") in ("bad_argument", "bad_inventory"), f"{module}: {name}: {result}"
        assert "controller: sessions: expected " in in_words(result), f"{module}: {name}: {result}"
        check_message(in_words(result))
