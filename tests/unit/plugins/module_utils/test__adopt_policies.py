# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hand-made policies as rules, what no rule can say, and the policies that a group deletes by consent."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.fleet import adopt
from ansible_collections.hubspoke.srx.plugins.plugin_utils._adopted import move_of
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped

from .adopted_fleet import BOSTON, HUB, adopted
from .readable_codec import Codec

IN = "set security policies from-zone vpn to-zone office policy"
WITHOUT_ACROSS = [line for line in HUB if " across " not in line]
SSH_ONLY = [line.replace("application any", "application junos-ssh") if " policy in " in line else line for line in HUB]


def before_general(name: str, *words: str) -> list[str]:
    """Return the hub with a policy before the general one from the tunnels."""
    at = next(index for index, line in enumerate(HUB) if line.startswith(f"{IN} in "))
    return [*HUB[:at], *(f"{IN} {name} {one}" for one in words), *HUB[at:]]


WEB = before_general(
    "web",
    "match source-address boston",
    "match destination-address any",
    "match application junos-http",
    "match application junos-https",
    "then reject",
    "then log session-close",
    "then log session-init",
    "then count",
)
RULE = {
    "name": "web",
    "from_zone": "vpn",
    "to_zone": "office",
    "sources": ["boston-net"],
    "applications": ["junos-http", "junos-https"],
    "action": "reject",
    "log": ["session-init", "session-close"],
    "count": True,
}
OUT_ALONE = {
    "name": "out", "from_zone": "office", "to_zone": "vpn", "sources": ["own-net"], "destinations": ["boston-net"],
}  # fmt: skip
IN_ALONE = {
    "name": "in", "from_zone": "vpn", "to_zone": "office", "sources": ["boston-net"], "destinations": ["own-net"],
    "applications": ["junos-ssh"],
}  # fmt: skip
ACROSS_ALONE = {"name": "across", "from_zone": "vpn", "to_zone": "vpn"}


@pytest.mark.parametrize(
    ("hub", "expected"),
    [
        (HUB, {}),
        (WEB, {"nhtb_policies": [RULE]}),
        (WITHOUT_ACROSS, {"nhtb_spoke_to_spoke": False}),
        (SSH_ONLY, {"nhtb_policies": [OUT_ALONE, IN_ALONE, ACROSS_ALONE], "nhtb_general_policies": False}),
    ],
    ids=["general", "a rule before", "no policy across", "rules alone"],
)
def test_policies_become_rules_and_move(hub: t.Sequence[str], expected: dict[str, t.Any]) -> None:
    adoption = adopted(hub)
    variables = adoption.variables["h1"]
    names = ("nhtb_policies", "nhtb_spoke_to_spoke", "nhtb_general_policies")
    found = {name: variables[name] for name in names if name in variables}
    assert str(found).replace(f"'{variables['nhtb_site']}-net'", "'own-net'") == str(expected)
    move = move_of(adoption, Codec(), shipped())
    assert move.incomplete == []
    assert [line for line in move.devices["h1"]["changes"] if "policies" in line] == []


@pytest.mark.parametrize(
    "words",
    [
        ("match source-address boston", "match destination-address any", "match application own-app", "then permit"),
        ("match source-address elsewhere", "match destination-address any", "match application any", "then deny"),
    ],
)
def test_a_policy_that_no_rule_says_stays_and_is_named(words: tuple[str, ...]) -> None:
    entry = "set security zones security-zone vpn address-book address elsewhere 10.77.0.1/32"
    adoption = adopted([*before_general("own", *words), entry])
    assert "nhtb_policies" not in adoption.variables["h1"]
    assert [one.object for one in adoption.remarks if "policy own" in one.object] == ["policy own from vpn to office"]
    assert [line for line in move_of(adoption, Codec(), shipped()).devices["h1"]["stays"] if "policy own" in line]


def test_policies_that_a_group_deletes_need_consent() -> None:
    own = before_general(
        "own",
        "match source-address boston",
        "match destination-address any",
        "match application own-app",
        "then permit",
    )
    adoption = adopt("h1", ["s1"], {"h1": own, "s1": BOSTON}, {"h1": {"nhtb_own_zone_pairs": True}}, (), Codec())
    move = move_of(adoption, Codec(), shipped())
    assert [(one.consent, str(one)) for one in move.differences if one.consent] == [
        ("zone_pair", "h1: policies from-zone vpn to-zone office policy own: on the device set, planned none.")
    ]


def test_attached_books_keep_their_names() -> None:
    hub = [line for line in HUB if "address-book" not in line]
    for zone, book, entry in (("office", "book1", "lan 10.50.0.0/24"), ("vpn", "book2", "boston 10.51.0.0/24")):
        hub.append(f"set security address-book {book} address {entry}")
        hub.append(f"set security address-book {book} attach zone {zone}")
    adoption = adopted(hub)
    variables = adoption.variables["h1"]
    assert variables["nhtb_address_book"] == "attached"
    assert variables["nhtb_address_book_name"] == {"office": "book1", "vpn": "book2"}
    assert move_of(adoption, Codec(), shipped()).devices["h1"]["changes"] == []


ACROSS = "set security policies from-zone vpn to-zone vpn policy"
# The sites of three spokes, each with its place in the addresses.
SPOKES = {"boston": "51", "denver": "52", "austin": "53"}


def across(name: str, sources: t.Sequence[str], destinations: t.Sequence[str], application: str = "any") -> list[str]:
    """Return a policy within the zone of the tunnels."""
    return [
        *(f"{ACROSS} {name} match source-address {one}" for one in sources),
        *(f"{ACROSS} {name} match destination-address {one}" for one in destinations),
        f"{ACROSS} {name} match application {application}",
        f"{ACROSS} {name} then permit",
    ]


def of_three(policies: t.Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Return the configurations of a hub with policies within the zone of the tunnels, and of three spokes."""
    hub = [line for line in WITHOUT_ACROSS if "boston" not in line]
    for name, number in SPOKES.items():
        other = [line for line in WITHOUT_ACROSS if "boston" in line]
        hub += [
            line.replace("boston", name).replace("100.2", f"100.{number}").replace("10.51", f"10.{number}")
            for line in other
        ]
        hub.append(f"set routing-options static route 10.{number}.0.0/24 next-hop 10.60.0.{number}")
    spokes = {
        name: [
            line.replace("10.51", f"10.{number}")
            .replace("10.60.0.51", f"10.60.0.{number}")
            .replace("198.51.100.2/30", f"198.51.100.{number}/24")
            for line in BOSTON
        ]
        for name, number in SPOKES.items()
    }
    return [*dict.fromkeys([*hub, *policies])], spokes


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (across("all", ["any"], ["any"]), {}),
        (across("all", [*SPOKES], [*SPOKES]), {}),
        ([], {"nhtb_spoke_to_spoke": False}),
        (
            [*across("one", ["boston"], ["denver"]), *across("two", ["denver"], ["boston"])],
            {"nhtb_spoke_to_spoke": [["boston", "denver"]]},
        ),
        (across("star", ["boston", "austin"], ["boston", "austin"]), {"nhtb_spoke_to_spoke": [["austin", "boston"]]}),
        (
            across("one-way", ["boston"], ["denver"]),
            {
                "nhtb_spoke_to_spoke": False,
                "nhtb_policies": [
                    {
                        "name": "one-way",
                        "from_zone": "vpn",
                        "to_zone": "vpn",
                        "sources": ["boston-net"],
                        "destinations": ["denver-net"],
                    }
                ],
            },
        ),
    ],
    ids=["any", "all by name", "none", "a pair", "a pair in one policy", "one way"],
)
def test_policies_between_spokes_are_not_widened(policies: t.Sequence[str], expected: dict[str, t.Any]) -> None:
    hub, spokes = of_three(policies)
    adoption = adopt("h1", [*spokes], {"h1": hub, **spokes}, {}, (), Codec())
    variables = adoption.variables["h1"]
    names = ("nhtb_policies", "nhtb_spoke_to_spoke", "nhtb_general_policies")
    assert {name: variables[name] for name in names if name in variables} == expected
    assert move_of(adoption, Codec(), shipped()).incomplete == []
