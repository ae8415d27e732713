# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every finding of the basic checks, by data: a case changes one answer of a healthy device."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import NextHopTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import findings
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.sample_fleet import (
    HUB,
    HUB_ANSWERS,
    OSLO,
    OSLO_ANSWERS,
    TO_HUB,
    TO_LIMA,
    TO_OSLO,
    ike_sa,
    ipsec_tunnel,
    route,
)

OSLO_ENTRY = NextHopTunnel("10.1.255.2", "st0.0", "oslo-vpn", "Auto")


LIMA_ENTRY = NextHopTunnel("10.1.255.3", "st0.0", "lima-vpn", "Static")


OSLO_SA, LIMA_SA = ike_sa(TO_OSLO), ike_sa(TO_LIMA, 2)


OSLO_PAIR, LIMA_PAIR = ipsec_tunnel(TO_OSLO), ipsec_tunnel(TO_LIMA, 131074)


OSLO_ROUTE, LIMA_ROUTE = route("10.1.2.0/24", "10.1.255.2"), route("10.1.3.0/24", "10.1.255.3")


INBOUND = LIMA_PAIR.security_associations[:1]


class Case(t.NamedTuple):
    """The changed answers, and of all findings that are not ok the beginning and a part of the remedy."""

    name: str
    answers: dict[str, t.Sequence[t.Any]]
    wrong: tuple[str, ...]
    remedies: tuple[str, ...]
    plan: DevicePlan = HUB
    healthy: Observation = HUB_ANSWERS


CASES = [
    Case(
        "no association of a peer",
        {"ike": [LIMA_SA]},
        (
            "hub1: ike oslo-vpn: expected UP with 198.51.100.2 by gateway oslo-gate, IKEv2,"
            " actual no association with 198.51.100.2.",
        ),
        ("Compare pre-shared key, phase 1 proposals, version, addresses and identities with oslo",),
    ),
    Case(
        "down, and only traffic brings it up",
        {"ike": [OSLO_SA, replace(LIMA_SA, state="DOWN", exchange_type="Any")]},
        ("hub1: ike lima-vpn: expected UP with 203.0.113.2 by gateway lima-gate, Main, actual DOWN with 203.0.113.2.",),
        ("the first traffic only, which needs its static next-hop tunnel and its route here.",),
    ),
    Case(
        "down, and the spoke must send the traffic that brings it up",
        {"ike": [LIMA_SA]},
        ("hub1: ike oslo-vpn:",),
        ("This tunnel comes up with the first traffic only, and oslo must send it",),
        replace(HUB, tunnels=(replace(TO_OSLO, establish="on-traffic"), TO_LIMA)),
    ),
    Case(
        "down at a spoke, and only traffic brings it up",
        {"ike": []},
        ("oslo: ike hub1-vpn:",),
        ("This tunnel comes up with the first traffic only.",),
        replace(OSLO, tunnels=(replace(TO_HUB, establish=None),)),
        OSLO_ANSWERS,
    ),
    Case(
        "a second association on its way down does no harm",
        {"ike": [OSLO_SA, replace(LIMA_SA, state="DOWN"), LIMA_SA]},
        (),
        (),
    ),
    Case(
        "another exchange",
        {"ike": [replace(OSLO_SA, exchange_type="Main"), LIMA_SA]},
        (
            "hub1: ike oslo-vpn: expected UP with 198.51.100.2 by gateway oslo-gate, IKEv2,"
            " actual UP with 198.51.100.2, Main.",
        ),
        ("Set the same IKE version and mode at both ends.",),
    ),
    Case(
        "another gateway serves the peer",
        {"ike": [replace(OSLO_SA, gateway="old-gate"), LIMA_SA]},
        (
            "hub1: ike oslo-vpn: expected UP with 198.51.100.2 by gateway oslo-gate, IKEv2,"
            " actual UP with 198.51.100.2 by gateway old-gate.",
        ),
        ("remove old-gate",),
    ),
    Case(
        "our gateway serves another peer",
        {"ike": [replace(OSLO_SA, remote_address="198.51.100.9"), LIMA_SA]},
        (
            "hub1: ike oslo-vpn: expected UP with 198.51.100.2 by gateway oslo-gate, IKEv2,"
            " actual UP with 198.51.100.9 by gateway oslo-gate.",
        ),
        ("gives oslo-gate another address",),
    ),
    Case("a brief reply names no gateway", {"ike": [replace(OSLO_SA, gateway=None), LIMA_SA]}, (), ()),
    Case(
        "no pair although IKE is up",
        {"ipsec": [OSLO_PAIR]},
        (
            "hub1: ipsec lima-vpn: expected inbound and outbound with 203.0.113.2 on st0.0,"
            " actual no association of lima-vpn.",
        ),
        ("Compare phase 2 proposals, perfect forward secrecy and proxy identities with lima",),
    ),
    Case(
        "no pair because IKE is down",
        {"ike": [OSLO_SA], "ipsec": [OSLO_PAIR]},
        ("hub1: ike lima-vpn:", "hub1: ipsec lima-vpn:"),
        ("Compare pre-shared key", "Fix IKE with this peer first"),
    ),
    Case(
        "half a pair",
        {"ipsec": [OSLO_PAIR, replace(LIMA_PAIR, security_associations=INBOUND)]},
        (
            "hub1: ipsec lima-vpn: expected inbound and outbound with 203.0.113.2 on st0.0,"
            " actual no outbound association with 203.0.113.2.",
        ),
        ("Compare phase 2 proposals",),
    ),
    Case(
        "two pairs while rekeying",
        {"ipsec": [OSLO_PAIR, replace(LIMA_PAIR, security_associations=LIMA_PAIR.security_associations * 2)]},
        (),
        (),
    ),
    Case(
        "the secondary node of a cluster shows half of it",
        {"ipsec": [OSLO_PAIR, replace(LIMA_PAIR, security_associations=INBOUND, node="node1"), LIMA_PAIR]},
        (),
        (),
    ),
    Case(
        "bound to another unit",
        {"ipsec": [OSLO_PAIR, replace(LIMA_PAIR, bind_interface="st0.7")]},
        (
            "hub1: ipsec lima-vpn: expected inbound and outbound with 203.0.113.2 on st0.0,"
            " actual inbound and outbound with 203.0.113.2 on st0.7.",
        ),
        ("binds lima-vpn to st0.7",),
    ),
    Case(
        "another VPN has the peer",
        {"ipsec": [OSLO_PAIR, replace(LIMA_PAIR, vpn="old-vpn", bind_interface="st0.7")]},
        (
            "hub1: ipsec lima-vpn: expected inbound and outbound with 203.0.113.2 on st0.0,"
            " actual 203.0.113.2 is the peer of VPN old-vpn on st0.7.",
        ),
        ("remove old-vpn",),
    ),
    Case(
        "our VPN has another peer",
        {"ipsec": [OSLO_PAIR, replace(LIMA_PAIR, remote_gateway="203.0.113.9")]},
        (
            "hub1: ipsec lima-vpn: expected inbound and outbound with 203.0.113.2 on st0.0,"
            " actual associations with 203.0.113.9.",
        ),
        ("gives lima-vpn another gateway",),
    ),
    Case(
        "a brief reply cannot tell the unit",
        {"ipsec": [OSLO_PAIR, replace(LIMA_PAIR, vpn=None, bind_interface=None)]},
        (
            "hub1: ipsec lima-vpn: expected inbound and outbound with 203.0.113.2 on st0.0,"
            " actual inbound and outbound with 203.0.113.2, interface not reported.",
        ),
        ("Ask for the detail reply.",),
    ),
    Case(
        "a foreign static statement takes the next hop",
        {"next_hop_tunnels": [OSLO_ENTRY, NextHopTunnel("10.1.255.3", "st0.0", "oslo-vpn", "Static")]},
        (
            "hub1: next_hop_tunnels lima-vpn: expected 10.1.255.3 on st0.0 into lima-vpn, Static,"
            " actual 10.1.255.3 on st0.0 into oslo-vpn, Static.",
        ),
        ("Delete the statement 'next-hop-tunnel 10.1.255.3 ipsec-vpn oslo-vpn' outside group hubspoke",),
    ),
    Case(
        "a foreign entry together with the planned one",
        {"next_hop_tunnels": [OSLO_ENTRY, LIMA_ENTRY, NextHopTunnel("10.1.255.3", "st0.9", "old-vpn", "Auto")]},
        (
            "hub1: next_hop_tunnels lima-vpn: expected 10.1.255.3 on st0.0 into lima-vpn, Static,"
            " actual 10.1.255.3 on st0.9 into old-vpn, Auto.",
        ),
        ("its peer advertises 10.1.255.3 as its own",),
    ),
    Case(
        "no automatic entry",
        {"next_hop_tunnels": [LIMA_ENTRY]},
        (
            "hub1: next_hop_tunnels oslo-vpn: expected 10.1.255.2 on st0.0 into oslo-vpn, Auto,"
            " actual no entry for 10.1.255.2.",
        ),
        ("Check that st0.0 is multipoint here and that oslo runs Junos",),
    ),
    Case(
        "no static entry",
        {"next_hop_tunnels": [OSLO_ENTRY]},
        (
            "hub1: next_hop_tunnels lima-vpn: expected 10.1.255.3 on st0.0 into lima-vpn, Static,"
            " actual no entry for 10.1.255.3.",
        ),
        ("Check that 'next-hop-tunnel 10.1.255.3 ipsec-vpn lima-vpn' under interfaces st0.0 is in effect",),
    ),
    Case(
        "no entry and no route because IPsec is down",
        {"ipsec": [OSLO_PAIR], "next_hop_tunnels": [OSLO_ENTRY], "routes": [OSLO_ROUTE]},
        (
            "hub1: ipsec lima-vpn:",
            "hub1: next_hop_tunnels lima-vpn:",
            "hub1: routes 10.1.3.0/24: expected active through st0.0 to 10.1.255.3, actual no route.",
        ),
        ("Compare phase 2", "Fix IPsec of this VPN first", "Fix the next-hop tunnel entry first"),
    ),
    Case(
        "our VPN under another next hop",
        {"next_hop_tunnels": [OSLO_ENTRY, replace(LIMA_ENTRY, next_hop="10.1.255.99")]},
        (
            "hub1: next_hop_tunnels lima-vpn: expected 10.1.255.3 on st0.0 into lima-vpn, Static,"
            " actual 10.1.255.99 on st0.0 into lima-vpn, Static; no entry for 10.1.255.3.",
        ),
        ("Give lima the tunnel address 10.1.255.3",),
    ),
    Case(
        "advertised instead of configured",
        {"next_hop_tunnels": [OSLO_ENTRY, replace(LIMA_ENTRY, flag="Auto")]},
        (
            "hub1: next_hop_tunnels lima-vpn: expected 10.1.255.3 on st0.0 into lima-vpn, Static,"
            " actual 10.1.255.3 on st0.0 into lima-vpn, Auto.",
        ),
        ("because the peer advertised it",),
    ),
    Case(
        "configured by hand instead of advertised",
        {"next_hop_tunnels": [replace(OSLO_ENTRY, flag="Static"), LIMA_ENTRY]},
        (
            "hub1: next_hop_tunnels oslo-vpn: expected 10.1.255.2 on st0.0 into oslo-vpn, Auto,"
            " actual 10.1.255.2 on st0.0 into oslo-vpn, Static.",
        ),
        ("Another user has bound 10.1.255.2 by hand",),
    ),
    Case(
        "the tunnels of another VPN are not compared",
        {"next_hop_tunnels": [OSLO_ENTRY, LIMA_ENTRY, NextHopTunnel("10.9.9.9", "st0.9", "old-vpn", "Static")]},
        (),
        (),
    ),
    Case(
        "a route leaves elsewhere",
        {"routes": [OSLO_ROUTE, route("10.1.3.0/24", "192.0.2.1", via="ge-0/0/3.0")]},
        (
            "hub1: routes 10.1.3.0/24: expected active through st0.0 to 10.1.255.3,"
            " actual active through ge-0/0/3.0 to 192.0.2.1 (Static/5).",
        ),
        ("Look for another route to 10.1.3.0/24 outside group hubspoke",),
    ),
    Case(
        "a route to the wrong spoke",
        {"routes": [OSLO_ROUTE, route("10.1.3.0/24", "10.1.255.2")]},
        (
            "hub1: routes 10.1.3.0/24: expected active through st0.0 to 10.1.255.3,"
            " actual active through st0.0 to 10.1.255.2 (Static/5).",
        ),
        ("Look for another route",),
    ),
    Case(
        "a route is discarded",
        {"routes": [OSLO_ROUTE, replace(LIMA_ROUTE, next_hop=None, via=None, next_hop_type="Discard")]},
        (
            "hub1: routes 10.1.3.0/24: expected active through st0.0 to 10.1.255.3,"
            " actual active as Discard (Static/5).",
        ),
        ("Look for another route",),
    ),
    Case(
        "a route is not active",
        {"routes": [OSLO_ROUTE, replace(LIMA_ROUTE, active=False)]},
        (
            "hub1: routes 10.1.3.0/24: expected active through st0.0 to 10.1.255.3,"
            " actual not active through st0.0 to 10.1.255.3 (Static/5).",
        ),
        ("Check that st0.0 is up with its address and in a zone",),
    ),
    Case(
        "a table of another instance does not count",
        {"routes": [OSLO_ROUTE, replace(LIMA_ROUTE, table="mgmt_junos.inet.0")]},
        ("hub1: routes 10.1.3.0/24: expected active through st0.0 to 10.1.255.3, actual no route.",),
        ("show route 10.1.3.0/24 hidden extensive",),
    ),
    Case("a healthy spoke", {}, (), (), OSLO, OSLO_ANSWERS),
    Case(
        "a spoke with a next-hop tunnel",
        {"next_hop_tunnels": [NextHopTunnel("10.1.255.1", "st0.0", "hub1-vpn", "Static")]},
        (
            "oslo: next_hop_tunnels hub1-vpn: expected no entry on st0.0,"
            " actual 10.1.255.1 on st0.0 into hub1-vpn, Static.",
        ),
        ("Look for 'multipoint' or 'next-hop-tunnel' outside group hubspoke under interfaces st0.0",),
        OSLO,
        OSLO_ANSWERS,
    ),
    Case(
        "a spoke that is a hub of something else",
        {"next_hop_tunnels": [NextHopTunnel("10.8.8.8", "st0.8", "other-vpn", "Auto")]},
        (),
        (),
        OSLO,
        OSLO_ANSWERS,
    ),
    Case(
        "the only tunnel of a spoke is down",
        {"ike": [], "ipsec": [], "routes": []},
        (
            "oslo: ike hub1-vpn:",
            "oslo: ipsec hub1-vpn:",
            "oslo: routes 10.1.1.0/24: expected active through st0.0 to 10.1.255.1, actual no route.",
            "oslo: routes 10.1.3.0/24: expected active through st0.0 to 10.1.255.1, actual no route.",
        ),
        ("Compare pre-shared key", "Fix IKE", "Check that st0.0 is up", "Check that st0.0 is up"),
        OSLO,
        OSLO_ANSWERS,
    ),
]


def findings_of(case: Case) -> list[Finding]:
    answers = {name: Answer("ok", tuple(items), "xml") for name, items in case.answers.items()}
    return findings(case.plan, replace(case.healthy, **answers))  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: Case) -> None:
    found = findings_of(case)
    wrong = [finding for finding in found if finding.state != "ok"]
    assert len(wrong) == len(case.wrong), [str(finding) for finding in wrong]
    for finding, beginning, remedy in zip(wrong, case.wrong, case.remedies, strict=True):
        assert str(finding).startswith(beginning)
        assert remedy in finding.remedy
        assert finding.tunnel.endswith("-vpn")
        assert finding.peer
        assert finding.brief
    assert all(not finding.remedy for finding in found if finding.state == "ok")
