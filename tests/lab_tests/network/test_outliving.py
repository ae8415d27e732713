# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Associations that outlive the commit which has changed their configuration, and their ends."""

from __future__ import annotations

import typing as t

import pytest

from tests.lab.switches import Switches
from tests.lab_tests.network.support import (
    CORPORATE_HOST,
    HUB,
    WESTFORD,
    WESTFORD_HOST,
    Changes,
    Lab,
    Options,
    build,
)

KEY = "set security ike policy ike-modern pre-shared-key ascii-text another-key"
PFS = "set security ipsec policy vpn-modern perfect-forward-secrecy keys group19"
MOVED = (
    "delete interfaces ge-0/0/0 unit 0 family inet address 3.3.3.2/30",
    "set interfaces ge-0/0/0 unit 0 family inet address 3.3.3.1/30",
)
_GATEWAY = "set security ike gateway westford-gate dead-peer-detection"
OPTIMIZED = f"{_GATEWAY} interval 20 threshold 3"
DETECTION = f"{_GATEWAY} probe-idle-tunnel"

# Each part of a tunnel that a commit may change on one end: the lines of Westford's commit.
CHANGES: t.Mapping[str, t.Sequence[str]] = {
    "key": (KEY,),
    "phase 1 proposal": ("set security ike proposal ike-gcm dh-group group14",),
    "phase 2 proposal": ("set security ipsec proposal esp-gcm encryption-algorithm aes-128-gcm",),
    "PFS": (PFS,),
    "lifetime": ("set security ipsec proposal esp-gcm lifetime-seconds 7200",),
    "identity": ("set security ike gateway corp-gate local-identity hostname another.example",),
    "peer address": (
        "delete security ike gateway corp-gate address",
        "set security ike gateway corp-gate address 9.9.9.9",
    ),
    "proxy identity": ("set security ipsec vpn corp-vpn ike proxy-identity local 192.168.1.0/24",),
    "address": MOVED,
}
# What ends associations on every device.
ENDS: t.Mapping[str, t.Sequence[str]] = {
    "gateway": ("delete security ike gateway corp-gate",),
    "VPN": ("delete security ipsec vpn corp-vpn",),
    "binding": ("delete security ipsec vpn corp-vpn bind-interface",),
    "unit": ("delete interfaces st0 unit 0",),
}


def up(variant: str = "modern", changes: Changes | None = None, **each: Options) -> Lab:
    """Return a network whose tunnels are up: the next commit meets associations."""
    lab = build(variant, changes, **each)
    lab.talk()
    assert lab.is_up(HUB, "westford-vpn")
    return lab


def state(lab: Lab) -> tuple[object, ...]:
    """Return what the tables show of the tunnel at both ends: index, cookies and SPIs."""
    pairs, ike = [], []
    for host in (HUB, WESTFORD):
        rows = [row for row in lab.network.tunnel_rows(host) if row.vpn.name != "sunnyvale-vpn"]
        pairs += [(row.index, pair.inbound, pair.outbound) for row in rows for pair in row.pairs]
        ike += [(row.index, row.cookies) for row in lab.network.ike_sas(host) if row.remote != "2.2.2.2"]
    return (*pairs, *ike)


@pytest.mark.parametrize("change", CHANGES)
def test_associations_outlive_a_commit(change: str) -> None:
    lab = up()
    before = state(lab)
    lab.change(WESTFORD, *CHANGES[change])
    assert state(lab) == before
    assert "is down" not in lab.lines(HUB)


@pytest.mark.parametrize("change", CHANGES)
def test_a_device_that_ends_them_at_once_does_so(change: str) -> None:
    lab = up("modern", westford=Options(switches=Switches(associations="at-once")))
    before = state(lab)
    lab.change(WESTFORD, *CHANGES[change])
    assert state(lab) != before


@pytest.mark.parametrize("change", ENDS)
def test_what_they_hang_on_ends_them(change: str) -> None:
    lab = up()
    lab.change(WESTFORD, *ENDS[change])
    assert not lab.is_up(HUB, "westford-vpn")
    assert "KMD_VPN_DOWN_ALARM_USER: VPN westford-vpn from 3.3.3.2 is down." in lab.lines(HUB)


def test_another_key_is_noticed_at_the_next_negotiation_only() -> None:
    lab = up()
    before = state(lab)
    lab.change(WESTFORD, KEY)
    lab.clock.advance(8 * 28800)
    assert lab.is_up(HUB, "westford-vpn"), "IKEv2 authenticates at no renewal"
    assert state(lab) != before
    lab.network.clear_ike(WESTFORD, lambda row: True)
    assert not lab.is_up(HUB, "westford-vpn")
    assert "Authentication failed" in lab.lines(HUB)


def test_in_ikev1_the_renewal_of_phase_1_notices_another_key() -> None:
    lab = up("classic")
    lab.change(HUB, "set security ike policy ike-policy1 pre-shared-key ascii-text another-key")
    lab.clock.advance(27000)
    assert lab.is_up(HUB, "westford-vpn")
    lab.clock.advance(2000)
    assert not lab.is_up(HUB, "westford-vpn")


def test_phase_2_alone_comes_up_again_under_the_old_phase_1() -> None:
    lab = up()
    lab.change(WESTFORD, KEY)
    before = state(lab)
    lab.network.clear_ipsec(WESTFORD, lambda row: True)
    assert lab.is_up(HUB, "westford-vpn")
    after = state(lab)
    assert after != before
    assert after[-2:] == before[-2:], "the cookies stay"


def test_a_refused_renewal_ends_nothing_before_the_hard_lifetime() -> None:
    lab = up()
    before = state(lab)
    lab.change(WESTFORD, PFS)
    lab.clock.advance(3500)
    assert state(lab) == before
    assert "No proposal chosen" in lab.lines(HUB)
    lab.clock.advance(101)
    assert not lab.is_up(HUB, "westford-vpn")


def test_a_renewal_uses_the_new_configuration_of_both_ends() -> None:
    lab = up()
    for host in (HUB, WESTFORD):
        lab.change(host, PFS)
    assert group(lab) == "group20"
    lab.clock.advance(3500)
    assert group(lab) == "group19"
    lab.clock.advance(3600)
    assert lab.is_up(HUB, "westford-vpn")


def group(lab: Lab) -> str | None:
    return next(row.group for row in lab.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn")


@pytest.mark.parametrize("detection", [True, False])
def test_a_peer_that_has_moved_is_noticed_by_dead_peer_detection_only(detection: bool) -> None:
    lab = up("modern", {HUB: (OPTIMIZED, DETECTION) if detection else ()})
    lab.change(WESTFORD, *MOVED)
    lab.clock.advance(59)
    assert lab.is_up(HUB, "westford-vpn")
    assert not lab.network.reachable(WESTFORD_HOST, CORPORATE_HOST).ok, "the table shows it, and nothing arrives"
    lab.clock.advance(2)
    assert lab.is_up(HUB, "westford-vpn") is not detection
    lab.clock.advance(3600)
    assert not lab.is_up(HUB, "westford-vpn")


def test_optimized_detection_asks_after_packets_without_an_answer_only() -> None:
    lab = up("modern", {HUB: (OPTIMIZED,)})
    lab.change(WESTFORD, *MOVED)
    lab.clock.advance(300)
    assert lab.is_up(HUB, "westford-vpn")
    assert not lab.network.ping(HUB, WESTFORD_HOST).received
    lab.clock.advance(59)
    assert lab.is_up(HUB, "westford-vpn")
    lab.clock.advance(2)
    assert not lab.is_up(HUB, "westford-vpn")


def test_a_configuration_that_comes_back_is_that_of_the_associations() -> None:
    lab = up()
    before = state(lab)
    lab.change(WESTFORD, PFS)
    lab.change(WESTFORD)
    assert state(lab) == before
    lab.clock.advance(2 * 3600)
    assert lab.is_up(HUB, "westford-vpn")


def test_a_tunnel_address_stays_in_the_table_until_the_next_negotiation() -> None:
    lab = up()
    assert next_hops(lab) == ["10.11.11.12"]
    lab.change(
        WESTFORD,
        "delete interfaces st0 unit 0 family inet address",
        "set interfaces st0 unit 0 family inet address 10.11.11.77/24",
    )
    assert next_hops(lab) == ["10.11.11.12"]
    lab.network.clear_ike(WESTFORD, lambda row: True)
    assert next_hops(lab) == ["10.11.11.77"]


def next_hops(lab: Lab) -> list[str]:
    return [row.next_hop for row in lab.network.next_hop_tunnels(HUB) if row.vpn == "westford-vpn"]


def test_clears_are_counted() -> None:
    lab = up()
    lab.network.clear_ike(HUB, lambda row: row.remote == "3.3.3.2")
    lab.network.clear_ipsec(HUB, lambda row: row.vpn.name == "westford-vpn")
    lab.network.flap(HUB, "westford-vpn")
    assert lab.network.clears == {HUB: {"ike westford-gate": 1, "ipsec westford-vpn": 1}, WESTFORD: {}, "sunnyvale": {}}
