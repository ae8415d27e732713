# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's documented defaults are those of the modules it passes its variables to."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import DEFAULTS
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec

ROLE = Path(__file__).resolve().parents[4] / "roles" / "nhtb"
_VARIABLE = re.compile(r"\{\{ (nhtb_\w+) \| default\(omit\) \}\}")


def passed() -> list[tuple[str, str, str]]:
    """Module, option and variable of every option that a task of the role fills."""
    found: list[tuple[str, str, str]] = []
    for path in sorted((ROLE / "tasks").glob("*.yml")):
        tasks: list[t.Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        for task in [inner for task in tasks for inner in task.get("block", [task])]:
            for name, options in task.items():
                if str(name).startswith("hubspoke.srx."):
                    variables = {option: _VARIABLE.fullmatch(str(value)) for option, value in options.items()}
                    found += [(name.rpartition(".")[2], key, match[1]) for key, match in variables.items() if match]
    return found


def test_the_role_passes_variables() -> None:
    assert len(passed()) > 5


@pytest.mark.parametrize(("module", "option", "variable"), passed())
def test_defaults_agree(module: str, option: str, variable: str) -> None:
    assert argument_spec(module)[option]["default"] == DEFAULTS[variable]
