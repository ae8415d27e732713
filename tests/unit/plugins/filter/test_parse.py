# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter parse: a saved reply as plain data, errors as Ansible shows them."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.hubspoke.srx.plugins.filter.parse import FilterModule
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import COMMANDS

REPLIES = Path(__file__).parents[2] / "fixtures" / "rpc" / "next-hop-tunnels"
DOCUMENTATION = Path(__file__).parents[4] / "plugins" / "filter" / "parse.yml"
COMMAND = "show security ipsec next-hop-tunnels"


def filtered(reply: t.Any, command: t.Any = COMMAND) -> dict[str, t.Any]:
    result: dict[str, t.Any] = FilterModule().filters()["parse"](reply, command)
    return result


def test_plain_data() -> None:
    assert filtered((REPLIES / "text-in-the-root.xml").read_text(encoding="utf-8")) == {
        "items": [
            {"next_hop": "10.1.255.3", "interface": "st0.0", "vpn": "lima-vpn", "flag": "Auto", "node": None},
        ],
        "source": "text",
        "notes": [],
        "doubts": [],
    }


def test_a_part_that_is_not_read_is_in_doubt() -> None:
    cut = (REPLIES / "static-and-auto.txt").read_text(encoding="utf-8").rstrip("\n")
    assert filtered(cut)["doubts"] == filtered(cut)["notes"] != []


@pytest.mark.parametrize("case", ["refused.txt", "cut-row.txt"])
def test_an_error_has_the_reason(case: str) -> None:
    with pytest.raises(AnsibleFilterError, match=rf"hubspoke\.srx\.parse: {COMMAND}: expected .+, actual "):
        filtered((REPLIES / case).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("reply", "command"), [(None, COMMAND), ({"a": 1}, COMMAND), ("", 7)])
def test_what_is_no_string_is_refused(reply: t.Any, command: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="expected a reply and a command as strings"):
        filtered(reply, command)


def test_the_documentation_names_every_command_and_its_sample_is_true() -> None:
    documented = yaml.safe_load(DOCUMENTATION.read_text(encoding="utf-8"))
    words = " ".join(documented["DOCUMENTATION"]["options"]["command"]["description"])
    assert all(f"V({name})" in words for name in COMMANDS)
    sample = documented["RETURN"]["_value"]["contains"]["items"]["sample"][0]
    item = filtered((REPLIES / "static-and-auto.txt").read_text(encoding="utf-8"))["items"][0]
    assert list(sample) == sorted(item)


@pytest.mark.parametrize(
    ("folder", "layout"),
    [
        ("route", "terse"),
        ("route", "detail"),
        ("route", "extensive"),
        ("route", "summary"),
        ("route", "receive-protocol"),
        ("interfaces", "brief"),
    ],
)
def test_the_documentation_names_the_refused_layouts(folder: str, layout: str) -> None:
    documented = yaml.safe_load(DOCUMENTATION.read_text(encoding="utf-8"))
    words = " ".join(documented["DOCUMENTATION"]["options"]["command"]["description"])
    assert f"C({layout})" in words
    with pytest.raises(AnsibleFilterError, match="this layout is not known"):
        filtered((REPLIES.parent / folder / f"{layout}.txt").read_text(encoding="utf-8"), f"show {folder}")
