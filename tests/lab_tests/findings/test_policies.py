# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules, spokes that do not reach each other, and address books: their effect in the lab, and the findings."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._config.policy_lookup import Traffic, find_obstacles

from tests.lab_tests.findings.test_leaks import Network
from tests.lab_tests.network.support import (
    CORPORATE_HOST,
    HUB,
    SUNNYVALE_HOST,
    WESTFORD,
    WESTFORD_HOST,
)

SYNTAXES = ("classic", "modern")
BOOKS = ("global", "zone", "attached")
WEB = {"name": "web", "direction": "to-hub", "applications": ["junos-https"], "log": ["session-init"], "count": True}
NO_PING = {"name": "no-ping", "direction": "to-hub", "applications": ["junos-icmp-all"], "action": "reject"}
# A policy of another user, which Junos evaluates before those of the group.
OWN = tuple(
    f"set security policies from-zone vpn to-zone vpn policy own {words}"
    for words in ("match source-address any", "match destination-address any", "match application any", "then permit")
)


def failing(network: Network) -> dict[str, str]:
    return {
        f"{one.host} {one.check} {one.object}": one.actual
        for one in network.verify()
        if one.state not in ("ok", "skipped") and one.check != "configuration"
    }


def skipped(network: Network) -> dict[str, str]:
    return {f"{one.host} {one.object}": one.actual for one in network.verify() if one.state == "skipped"}


def reached(network: Network, source: str, destination: str) -> bool:
    return network.network.reachable(source, destination).failure is None


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_spokes_that_do_not_reach_each_other(syntax: str, book: str) -> None:
    network = Network(syntax, nhtb_spoke_to_spoke=False, nhtb_address_book=book)
    assert failing(network) == {}
    assert set(skipped(network)) == {"westford 192.168.168.0/24"}
    assert reached(network, WESTFORD_HOST, CORPORATE_HOST)
    assert reached(network, CORPORATE_HOST, SUNNYVALE_HOST)
    assert network.fate(WESTFORD_HOST, SUNNYVALE_HOST)[0] == WESTFORD
    network.down()
    # The packet does not leave in clear either.
    assert network.fate(WESTFORD_HOST, SUNNYVALE_HOST)[0] == WESTFORD


def test_a_pair_of_spokes_reaches_each_other() -> None:
    network = Network("modern", nhtb_spoke_to_spoke=[["sunnyvale", "westford"]])
    assert failing(network) == {}
    assert skipped(network) == {}
    assert reached(network, WESTFORD_HOST, SUNNYVALE_HOST)


def test_a_hub_that_lets_spokes_reach_each_other_against_the_plan() -> None:
    network = Network("modern", {HUB: OWN}, nhtb_spoke_to_spoke=False)
    assert failing(network) == {
        "corporate policies vpn to vpn": "192.168.178.0/24 to 192.168.168.0/24 tcp/443: policy own, permit"
    }


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_rule_comes_before_the_general_policy(syntax: str) -> None:
    network = Network(syntax, nhtb_policies=[NO_PING])
    assert failing(network) == {}
    assert skipped(network) == {
        "westford 10.10.10.0/24": "not checked: policy no-ping from trust to vpn of westford denies it"
    }
    assert network.fate(WESTFORD_HOST, CORPORATE_HOST) == (WESTFORD, "reject")
    assert reached(network, CORPORATE_HOST, WESTFORD_HOST)


def test_rules_alone() -> None:
    network = Network("classic", nhtb_policies=[WEB], nhtb_general_policies=False)
    assert failing(network) == {}
    assert network.fate(WESTFORD_HOST, CORPORATE_HOST)[0] == WESTFORD
    assert len(skipped(network)) == 4


CHANGED: dict[str, tuple[str, dict[str, t.Any], tuple[str, ...], str]] = {
    "another application": (
        HUB,
        {"nhtb_policies": [WEB]},
        ("delete security policies from-zone vpn to-zone trust policy web",),
        "corporate policies vpn to trust",
    ),
    "another action at the spoke": (
        WESTFORD,
        {"nhtb_policies": [WEB | {"action": "deny"}]},
        ("set security policies from-zone trust to-zone vpn policy web then permit",),
        "westford policies trust to vpn",
    ),
    "a general policy before the rule": (
        HUB,
        {"nhtb_policies": [WEB | {"action": "deny"}]},
        ("insert security policies from-zone vpn to-zone trust policy web after policy spokes-to-local",),
        "corporate policies vpn to trust",
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_rule_that_is_changed_at_one_end_is_found(name: str) -> None:
    host, variables, change, finding = CHANGED[name]
    network = Network("modern", **variables)
    assert failing(network) == {}
    changed = Network("modern", {host: change}, at_top=False, **variables)
    assert [one for one in failing(changed) if " policies " in one] == [finding]


PLANNED = (
    "address-book global address here 10.1.0.0/24",
    "address-book global address there 10.2.0.0/24",
    *(
        f"policies from-zone trust to-zone vpn policy {name} {words}"
        for name, application, action in (("web", "junos-https", "deny"), ("all", "any", "permit"))
        for words in (
            "match source-address here", "match destination-address there", f"match application {application}",
            f"then {action}",
        )
    ),
)  # fmt: skip
PLACE = "policies from-zone trust to-zone vpn policy"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (PLANNED, ""),
        (
            [line.replace("junos-https", "junos-http") for line in PLANNED],
            f"security {PLACE} web: match application junos-https, match application junos-http",
        ),
        ([line for line in PLANNED if " web " not in line], f"security {PLACE} web: set, not set"),
        ([*PLANNED[:2], *PLANNED[6:], *PLANNED[2:6]], f"security {PLACE}: web, all, all, web"),
        (
            [
                *(f"{PLACE} own {words}" for words in ("match source-address any", "match destination-address any")),
                f"{PLACE} own match application any",
                f"{PLACE} own then permit",
                *PLANNED,
            ],
            f"security {PLACE} own: not set, permit",
        ),
    ],
    ids=["as planned", "another application", "missing", "another order", "another user's before it"],
)
def test_a_difference_from_a_rule_is_an_obstacle(changed: t.Sequence[str], expected: str) -> None:
    plan, config = (Hierarchy(tuple(f"security {line}".split()) for line in lines) for lines in (PLANNED, changed))
    found = find_obstacles(config, plan, Traffic("trust", "vpn", "10.1.0.0/24", "10.2.0.0/24"))
    assert "; ".join(f"{one.statement}: {one.expected}, {one.actual}" for one in found) == expected
