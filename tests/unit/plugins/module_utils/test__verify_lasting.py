# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings that waiting does not change, by data: a case changes the answers of a healthy device."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import NextHopTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.lasting import in_both, lasting
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import findings
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.sample_fleet import HUB, HUB_ANSWERS

STATEMENTS = (
    "set system host-name hub1",
    "set security ike gateway oslo-gate address 198.51.100.2",
    "set security ike gateway lima-gate address 203.0.113.2",
    "set security ipsec vpn oslo-vpn bind-interface st0.0",
    "set security ipsec vpn lima-vpn bind-interface st0.0",
    "set interfaces st0 unit 0 family inet next-hop-tunnel 10.1.255.3 ipsec-vpn lima-vpn",
    "set routing-options static route 10.1.2.0/24 next-hop 10.1.255.2",
    "set routing-options static route 10.1.3.0/24 next-hop 10.1.255.3",
)
DOWN: dict[str, t.Any] = {name: Answer("ok", (), "xml") for name in ("ike", "ipsec", "next_hop_tunnels", "routes")}
ALL_OF_OSLO = [
    ("ike", "oslo-vpn"), ("ipsec", "oslo-vpn"), ("next_hop_tunnels", "oslo-vpn"), ("routes", "10.1.2.0/24"),
]  # fmt: skip
AUTOMATIC = NextHopTunnel("10.1.255.3", "st0.0", "lima-vpn", "Auto")


def without(words: str) -> Answer[str]:
    return Answer("ok", tuple(line for line in STATEMENTS if words not in line))


def of(**answers: t.Any) -> Observation:
    return replace(HUB_ANSWERS, **answers)


CASES: list[tuple[str, Observation, list[tuple[str, str]]]] = [
    ("all is well", of(configured=Answer("ok", STATEMENTS)), []),
    ("all is down, and configured", of(**DOWN, configured=Answer("ok", STATEMENTS)), []),
    ("all is down, and nobody has asked for the configuration", of(**DOWN), []),
    ("all is down, and the configuration is refused", of(**DOWN, configured=Answer("refused", reason="denied")), []),
    ("all is down, and the account sees no configuration", of(**DOWN, configured=Answer("ok")), []),
    ("a route is not configured", of(**DOWN, configured=without("10.1.2.0/24")), [("routes", "10.1.2.0/24")]),
    (
        "a route has another next hop: it may become active",
        of(**DOWN, configured=Answer("ok", (*STATEMENTS[:6], "set routing-options static route 10.1.2.0/24 discard",
                                            STATEMENTS[7]))),
        [],
    ),
    (
        "a static binding is not configured",
        of(**DOWN, configured=without("next-hop-tunnel")),
        [("next_hop_tunnels", "lima-vpn"), ("routes", "10.1.3.0/24")],
    ),
    (
        "a peer advertises the entry of a binding that is not configured",
        of(next_hop_tunnels=Answer("ok", (*HUB_ANSWERS.next_hop_tunnels.items[:1], AUTOMATIC)),
           configured=without("next-hop-tunnel")),
        [("next_hop_tunnels", "lima-vpn")],
    ),
    ("a gateway is not configured", of(**DOWN, configured=without("oslo-gate")), ALL_OF_OSLO),
    (
        "a VPN is not configured",
        of(**DOWN, configured=without(" vpn oslo-vpn")),
        ALL_OF_OSLO,
    ),
    (
        "an RPC is refused to the account",
        of(ike=Answer("refused", reason="hub1: get-ike: expected a reply, actual error: permission denied.")),
        [("ike", "oslo-vpn"), ("ike", "lima-vpn")],
    ),
    ("a release has no such RPC", of(routes=Answer("refused", reason="syntax error, expecting <command>")),
     [("routes", "10.1.2.0/24"), ("routes", "10.1.3.0/24")]),
    (
        "the IKE daemon has not started yet",
        of(ike=Answer("refused", reason="error: the ipsec-key-management subsystem is not running")),
        [],
    ),
    (
        "the IKE daemon does not respond, and an old release says so in a reply",
        of(ipsec=Answer("not_understood", reason="subsystem is not responding to management requests")),
        [],
    ),
    ("a refusal for a reason that is not known", of(ike=Answer("refused", reason="internal error 7")), []),
    (
        "a reply is not understood",
        of(ipsec=Answer("not_understood", reason="a new layout")),
        [("ipsec", "oslo-vpn"), ("ipsec", "lima-vpn")],
    ),
    ("a question was not asked", of(ipsec=Answer("not_asked")), []),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_lasting_findings(seen: Observation, expected: list[tuple[str, str]]) -> None:
    found = findings(HUB, seen)
    assert [(one.check, one.object) for one in lasting(HUB, seen, found)] == expected


@pytest.mark.parametrize(
    ("words", "check", "actual"),
    [
        ("10.1.2.0/24", "routes", "no route, and none is configured"),
        ("next-hop-tunnel", "next_hop_tunnels", "no entry for 10.1.255.3, and none is configured"),
        ("oslo-gate", "ike", "no association with 198.51.100.2, and gateway oslo-gate is not configured"),
        (" vpn oslo-vpn", "ipsec", "no association of oslo-vpn, which is not configured"),
    ],
)
def test_a_finding_says_that_the_statement_is_missing(words: str, check: str, actual: str) -> None:
    found = findings(HUB, of(**DOWN, configured=without(words)))
    assert actual in [one.actual for one in found if one.check == check]


def one(actual: str, state: t.Literal["failed", "unknown"]) -> Finding:
    return Finding("hub1", "ike", "oslo-vpn", state, "UP", actual)


@pytest.mark.parametrize(
    ("earlier", "later", "lasts"),
    [
        (one("none (1 times)", "failed"), one("none (2 times)", "failed"), True),
        (one("not understood: a", "unknown"), one("not understood: a", "unknown"), True),
        (one("not understood: a", "unknown"), one("not understood: b", "unknown"), False),
        (one("refused: a", "unknown"), one("none", "failed"), False),
    ],
)
def test_a_finding_lasts_that_is_in_two_samples(earlier: Finding, later: Finding, lasts: bool) -> None:
    assert in_both([earlier], [later]) == ([later] if lasts else [])
    assert in_both([], [later]) == []
