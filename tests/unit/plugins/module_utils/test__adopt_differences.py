# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes of an adoption, and statements that it refuses: the cases of tests/unit/fixtures/adopt.yml."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.fleet import adopt
from ansible_collections.hubspoke.srx.plugins.plugin_utils._adopted import move_of
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped

from .adopted_fleet import BOSTON, HUB
from .readable_codec import Codec

CASES = yaml.safe_load((Path(__file__).parents[2] / "fixtures" / "adopt.yml").read_text(encoding="utf-8"))
VPNS = {"hub": "vpn-boston", "spoke": "head-vpn"}


def changed(commands: t.Sequence[str], case: dict[str, t.Any], which: str) -> list[str]:
    """Return the commands of a device with the changes of a case."""
    found = list(commands)
    for change in (case.get("both", {}), case.get(which, {})):
        replace = change.get("replace", {})
        assert set(replace) <= set(found)
        found = [replace.get(line, line) for line in found]
        found += change.get("add", [])
        found += [f"set security ipsec vpn {VPNS[which]} {line}" for line in change.get("add_vpn", [])]
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_what_an_adoption_says_of_a_hand_made_vpn(case: dict[str, t.Any]) -> None:
    commands = {"h1": changed(HUB, case, "hub"), "s1": changed(BOSTON, case, "spoke")}
    adoption = adopt("h1", ["s1"], commands, {}, (), Codec())
    assert [f"{one.host}: {one.object}" for one in adoption.unsayable] == case.get("unsayable", [])
    if "unsayable" in case:
        return
    expected = case.get("variables", {})
    assert {name: adoption.variables["s1"].get(name) for name in expected} == expected
    move = move_of(adoption, Codec(), shipped())
    assert move.incomplete == []
    lost = sorted((one.consent, str(one)) for one in move.differences if one.consent)
    assert [consent for consent, _text in lost] == [consent for consent, _begin in case["lost"]]
    assert all(text.startswith(begin) for (_consent, text), (_same, begin) in zip(lost, case["lost"], strict=True))
    assert [str(one) for one in move.differences if not one.consent] == case.get("changed", [])


def test_changes_are_computed_while_something_is_incomplete() -> None:
    bound = [*HUB, "set interfaces st0 unit 7 family inet next-hop-tunnel 10.60.0.51 ipsec-vpn vpn-boston"]
    selected = [*bound, "set security ipsec vpn vpn-boston traffic-selector lan local-ip 10.50.0.0/24"]
    given = {"s1": {"nhtb_site": "boston", "nhtb_platform": "screenos"}}
    move = move_of(adopt("h1", ["s1"], {"h1": selected}, given, (), Codec()), Codec(), shipped())
    assert [text for text in move.incomplete if "nhtb_wan" in text]
    assert [one.consent for one in move.differences] == ["proxy_identity"]
    assert move.devices["h1"]["moved"] > 10


def two_spokes() -> dict[str, list[str]]:
    """Return the commands of a hub and of two spokes that differ in names, addresses and key."""
    other = [line.replace("boston", "denver").replace("policy shared", "policy other") for line in HUB]
    other = [line.replace("of-us-all", "of-denver").replace("198.51.100.2", "203.0.113.2") for line in other]
    other = [line.replace("10.51.", "10.52.").replace("10.60.0.51", "10.60.0.52") for line in other]
    denver = [line.replace("of-us-all", "of-denver").replace("198.51.100", "203.0.113") for line in BOSTON]
    denver = [line.replace("10.51.", "10.52.").replace("10.60.0.51", "10.60.0.52") for line in denver]
    return {"h1": [*HUB, *(line for line in other if line not in HUB)], "s1": list(BOSTON), "s2": denver}


def test_keys_that_all_differ_are_nobody_elses() -> None:
    adoption = adopt("h1", ["s1", "s2"], two_spokes(), {}, (), Codec())
    assert adoption.keys == {"s1": "of-us-all", "s2": "of-denver"}
    assert move_of(adoption, Codec(), shipped()).incomplete == []


def test_backup_addresses_of_one_spoke_alone_need_consent_at_the_other() -> None:
    commands = two_spokes()
    commands["s1"] += [f"set security ike gateway head-gw address 192.0.2.{last}" for last in (66, 67)]
    commands["s2"].append("set security ike gateway head-gw address 192.0.2.99")
    adoption = adopt("h1", ["s1", "s2"], commands, {}, (), Codec())
    assert adoption.variables["h1"]["nhtb_wan"]["backup_addresses"] == ["192.0.2.66", "192.0.2.67"]
    assert [
        str(one) for one in move_of(adoption, Codec(), shipped()).differences if one.consent == "backup_address"
    ] == [
        "s2: vpn head-vpn: gateway address: on the device 192.0.2.2, 192.0.2.99, planned 192.0.2.2, 192.0.2.66,"
        " 192.0.2.67."
    ]


def test_a_spoke_that_was_not_read_is_known_by_the_identity_that_its_hub_expects() -> None:
    dynamic = "set security ike gateway boston-gw dynamic user-at-hostname boston@example.net"
    hub = [dynamic if line.startswith("set security ike gateway boston-gw address") else line for line in HUB]
    adoption = adopt("h1", ["boston"], {"h1": hub}, {"boston": {"nhtb_platform": "junos"}}, (), Codec())
    assert adoption.variables["boston"]["nhtb_identity"] == {"type": "user-at-hostname", "value": "boston@example.net"}
    assert adoption.assumed["boston"]["nhtb_wan"] == {"interface": "ge-0/0/0.0", "addressing": "dhcp"}
