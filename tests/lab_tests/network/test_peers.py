# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Peers that the document does not have: dynamic addresses, traffic selectors, identities, large fleets."""

from __future__ import annotations

import pytest

from tests.lab.clock import Clock
from tests.lab.network import Network
from tests.lab_tests.network.support import (
    CORPORATE_HOST,
    HUB,
    START,
    WESTFORD,
    WESTFORD_HOST,
    FakeDevice,
    Lab,
    Options,
    base,
    build,
)

DYNAMIC = (
    "delete security ike gateway westford-gate address",
    "set security ike gateway westford-gate dynamic hostname west.example.net",
)
IDENTITY = "set security ike gateway corp-gate local-identity hostname {}"


def test_a_peer_with_a_dynamic_address_is_known_by_its_identity_and_initiates() -> None:
    lab = build("modern", {HUB: DYNAMIC, WESTFORD: (IDENTITY.format("west.example.net"),)})
    assert lab.is_up(HUB, "westford-vpn")
    row = next(row for row in lab.network.ike_sas(HUB) if row.gateway == "westford-gate")
    assert (row.role, row.remote, row.peer_id) == ("responder", "3.3.3.2", "west.example.net")
    assert lab.network.reachable(CORPORATE_HOST, WESTFORD_HOST).ok
    stranger = build("modern", {HUB: DYNAMIC, WESTFORD: (IDENTITY.format("other.example.net"),)})
    assert not stranger.is_up(HUB, "westford-vpn")


def _selectors(vpn: str, local: str, remote: str) -> tuple[str, ...]:
    base = f"set security ipsec vpn {vpn} traffic-selector one"
    return (f"{base} local-ip {local}", f"{base} remote-ip {remote}")


@pytest.mark.parametrize(("remote", "up"), [("10.10.10.0/24", True), ("10.10.0.0/16", False)])
def test_traffic_selectors_must_mirror_each_other(remote: str, up: bool) -> None:
    lab = build("modern", {
        HUB: _selectors("westford-vpn", "10.10.10.0/24", "192.168.178.0/24"),
        WESTFORD: _selectors("corp-vpn", "192.168.178.0/24", remote),
    })  # fmt: skip
    assert lab.is_up(HUB, "westford-vpn") is up
    [row] = [row for row in lab.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn"]
    assert row.selector.name == "one"
    if not up:
        assert "KMD_VPN_TS_MISMATCH: Traffic-selector mismatch, vpn name: westford-vpn" in lab.lines(HUB)


def test_a_hexadecimal_key_equals_its_text() -> None:
    digits = b"a-key-of-this-test".hex()
    path = "security ike policy ike-modern pre-shared-key"
    lab = build("modern", {WESTFORD: (f"delete {path}", f"set {path} hexadecimal {digits}")})
    assert lab.is_up(HUB, "westford-vpn")


PROPOSALS = (
    ("set security ike proposal ike-gcm lifetime-seconds 3600", True),
    ("set security ike proposal ike-gcm authentication-algorithm sha-384", False),
    ("set security ipsec proposal esp-gcm lifetime-seconds 1800", True),
    ("set security ipsec policy vpn-modern description changed", True),
)


@pytest.mark.parametrize(("line", "up"), PROPOSALS)
def test_lifetimes_may_differ_and_algorithms_may_not(line: str, up: bool) -> None:
    assert build("modern", {WESTFORD: (line,)}).is_up(HUB, "westford-vpn") is up


def test_unequal_lifetimes_stay_with_ikev2_and_become_the_shorter_with_ikev1() -> None:
    v2 = build("modern", {WESTFORD: ("set security ipsec proposal esp-gcm lifetime-seconds 1800",)})
    hub = next(row for row in v2.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn")
    assert (hub.pairs[0].hard, v2.network.tunnel_rows(WESTFORD)[0].pairs[0].hard) == (3600, 1800)
    own = (
        "delete security ipsec policy vpn-policy1 proposal-set",
        "set security ipsec proposal short encryption-algorithm 3des-cbc",
        "set security ipsec proposal short authentication-algorithm hmac-sha1-96",
        "set security ipsec proposal short lifetime-seconds 1800",
        "set security ipsec policy vpn-policy1 proposals short",
    )
    v1 = build("classic", {WESTFORD: own})
    v1.talk()
    hub = next(row for row in v1.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn")
    assert hub.pairs[0].hard == 1800


def _fleet(count: int) -> Lab:
    """Return a hub and ``count`` spokes: the modern pair with other names and addresses."""
    lab = build("modern")
    hub_lines = []
    devices = {HUB: lab.devices[HUB]}
    for number in range(1, count + 1):
        hub_lines += [
            f"set security ike gateway g{number} ike-policy ike-modern",
            f"set security ike gateway g{number} address 100.64.{number}.2",
            f"set security ike gateway g{number} external-interface ge-0/0/3.0",
            f"set security ike gateway g{number} version v2-only",
            f"set security ipsec vpn v{number} bind-interface st0.0",
            f"set security ipsec vpn v{number} ike gateway g{number}",
            f"set security ipsec vpn v{number} ike ipsec-policy vpn-modern",
        ]
        lines = (
            "delete interfaces ge-0/0/0 unit 0 family inet address 3.3.3.2/30",
            f"set interfaces ge-0/0/0 unit 0 family inet address 100.64.{number}.2/30",
            "delete routing-options static route 0.0.0.0/0",
            f"set routing-options static route 0.0.0.0/0 next-hop 100.64.{number}.1",
            "delete interfaces st0 unit 0 family inet address",
            f"set interfaces st0 unit 0 family inet address 10.11.11.{number + 20}/24",
        )
        devices[f"s{number}"] = FakeDevice(f"s{number}", base("modern", WESTFORD), Options(), lines)
    devices[HUB].change(hub_lines)
    return Lab(Network(devices, Clock(start=START, speed=0)), lab.clock, devices)


def test_fifty_spokes_come_up_on_one_unit() -> None:
    lab = _fleet(50)
    rows = lab.network.next_hop_tunnels(HUB)
    assert [row.next_hop for row in rows] == [f"10.11.11.{number}" for number in range(21, 71)]
    assert {row.flag for row in rows} == {"Auto"}
    assert sum(row.up for row in lab.network.tunnel_rows(HUB)) == 50
    assert len({row.cookies for row in lab.network.ike_sas(HUB)}) == len(lab.network.ike_sas(HUB))
    spis = [pair.inbound for row in lab.network.tunnel_rows(HUB) for pair in row.pairs]
    assert len(set(spis)) == len(spis)
