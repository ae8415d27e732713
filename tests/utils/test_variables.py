# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's variables are the modules' options, and the page says the same."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from tests.utils.variables import MADE, PAGE, ROOT, SPECIFICATION, render, specified, to_rst

TEXT = SPECIFICATION.read_text(encoding="utf-8")
ENTRIES: dict[str, t.Any] = yaml.safe_load(TEXT)["argument_specs"]
MODULES = dict(zip(ENTRIES, [found[2] for found in MADE.finditer(TEXT)], strict=True))


def test_the_specification_is_current() -> None:
    assert specified(TEXT) == TEXT, "run python -m tests.utils.variables"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(TEXT), "run python -m tests.utils.variables"


def test_every_file_of_tasks_is_an_entry_point() -> None:
    assert {path.stem for path in (ROOT / "roles" / "nhtb" / "tasks").glob("*.yml")} == set(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_point_takes_all_options_of_its_module_from_variables(entry: str) -> None:
    first, *_others = yaml.safe_load((ROOT / "roles" / "nhtb" / "tasks" / f"{entry}.yml").read_text(encoding="utf-8"))
    task = first.get("block", [first])[0]
    assert task[f"hubspoke.srx.{MODULES[entry]}"] is None


def test_a_variable_is_the_same_in_all_entry_points_but_for_its_words() -> None:
    found: dict[str, list[t.Any]] = {}
    for entry in ENTRIES.values():
        for name, option in entry["options"].items():
            found.setdefault(name, []).append({key: option[key] for key in option if key != "description"})
    assert {name: same for name, same in found.items() if any(one != same[0] for one in same)} == {}


def test_markup() -> None:
    assert to_rst("``st0`` or V(0); see O(nhtb_wan). B(Not) I(so) IKE (v2).") == (
        "``st0`` or ``0``; see ``nhtb_wan``. **Not** *so* IKE (v2)."
    )
    assert to_rst("O(hubspoke.srx.nhtb#role:main:nhtb_state=absent), RV(hubspoke.srx.transaction#module:digest)") == (
        "``nhtb_state=absent``, ``digest``"
    )
