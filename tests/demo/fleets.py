# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks of 4 and of 40 spokes, to see what a run prints. The last spoke runs ScreenOS."""

from __future__ import annotations

import typing as t
from pathlib import Path

import yaml

HUB = "ams-core"
_FOUR = ("lyon", "porto", "gdansk", "tampere")
_FIRST_PORT = 20900


def names(spokes: int) -> tuple[str, ...]:
    """Return the names of so many spokes."""
    return _FOUR if spokes == len(_FOUR) else tuple(f"branch{number:02}" for number in range(1, spokes + 1))


def write(folder: Path, spokes: int) -> dict[str, str]:
    """Write the inventory and what changes it into a folder; return the names of the files by what they are."""
    last = names(spokes)[-1]
    wrong = {"nhtb_spokes": {"hosts": {last: {"nhtb_pre_shared_key": "not-what-it-has", "nhtb_operator_ready": True}}}}
    for name, content in {"hosts.yml": inventory(spokes), "wrong_key.yml": wrong}.items():
        (folder / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return {"network": "hosts.yml", "wrong key": "wrong_key.yml"}


def inventory(spokes: int) -> dict[str, t.Any]:
    """Return the inventory of a hub and so many spokes."""
    hosts = {name: _spoke(number, name, screenos=number == spokes) for number, name in enumerate(names(spokes), 1)}
    return {
        "nhtb": {
            "vars": {"nhtb_pre_shared_key": "one-for-the-whole-lab"},
            "children": {"nhtb_hubs": {"hosts": {HUB: _hub()}}, "nhtb_spokes": {"hosts": hosts}},
        }
    }


def _hub() -> dict[str, t.Any]:
    return {
        "ansible_port": _FIRST_PORT,
        "nhtb_site": HUB,
        "nhtb_lans": [{"interface": "ge-0/0/1.0", "address": "10.0.0.1/24"}],
        "nhtb_wan": {"interface": "ge-0/0/0.0", "address": "203.0.113.2/30", "gateway": "203.0.113.1"},
        "nhtb_tunnel": {"unit": 0, "address": "10.255.0.1/24"},
    }


def _spoke(number: int, name: str, *, screenos: bool) -> dict[str, t.Any]:
    lan, wan = ("ethernet0/1", "ethernet0/0") if screenos else ("ge-0/0/1.0", "ge-0/0/0.0")
    found: dict[str, t.Any] = {
        "nhtb_site": name,
        "nhtb_lans": [{"interface": lan, "address": f"10.0.{number}.1/24"}],
        "nhtb_wan": {
            "interface": wan,
            "address": f"198.51.100.{4 * number + 2}/30",
            "gateway": f"198.51.100.{4 * number + 1}",
        },
        "nhtb_tunnel": {"unit": 1 if screenos else 0, "address": f"10.255.0.{number + 1}/24"},
    }
    return found | ({"nhtb_platform": "screenos"} if screenos else {"ansible_port": _FIRST_PORT + number})
