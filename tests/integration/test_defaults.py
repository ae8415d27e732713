# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's documented defaults are those of the modules that get its variables."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml

from tests.integration.conftest import ROOT, environment

ROLE = ROOT / "roles" / "nhtb"
_VARIABLE = re.compile(r"\{\{ (nhtb_\w+) \| default\(omit\) \}\}")


def passed() -> list[tuple[str, str, str]]:
    """Return module, option and variable of every option that a task of the role sets from a variable."""
    found: list[tuple[str, str, str]] = []
    for path in sorted((ROLE / "tasks").glob("*.yml")):
        tasks: list[t.Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        for task in [inner for outer in tasks for inner in outer.get("block", [outer])]:
            for name, options in task.items():
                if str(name).startswith("hubspoke.srx."):
                    variables = {option: _VARIABLE.fullmatch(str(value)) for option, value in options.items()}
                    found += [(name.rpartition(".")[2], key, match[1]) for key, match in variables.items() if match]
    return found


def test_defaults_are_equal(tmp_path: Path) -> None:
    variables = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    documented = variables["argument_specs"]["main"]["options"]
    options = passed()
    assert len(options) > 5
    names = sorted({f"hubspoke.srx.{module}" for module, _option, _variable in options})
    program = str(Path(sys.executable).parent / "ansible-doc")
    said = subprocess.run(
        [program, "--json", *names], env=environment(tmp_path), capture_output=True, check=True
    ).stdout
    modules = json.loads(said)
    assert {
        (module, option): modules[f"hubspoke.srx.{module}"]["doc"]["options"][option].get("default")
        for module, option, _variable in options
    } == {(module, option): documented[variable].get("default") for module, option, variable in options}
