# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Peers that die without a word: what the other end shows, and for how long."""

from __future__ import annotations

import pytest

from tests.lab.switches import Switches
from tests.lab_tests.network.support import (
    CORPORATE_HOST,
    HUB,
    LAN_INTERFACE,
    WESTFORD,
    WESTFORD_HOST,
    Lab,
    Options,
    build,
)

_GATEWAY = "set security ike gateway westford-gate dead-peer-detection"
OPTIMIZED = f"{_GATEWAY} interval 20 threshold 3"
FOR_EVER = 1e9
ON_TRAFFIC = {
    HUB: "set security ipsec vpn westford-vpn establish-tunnels on-traffic",
    WESTFORD: "set security ipsec vpn corp-vpn establish-tunnels on-traffic",
}


def spis(lab: Lab, host: str, vpn: str) -> list[tuple[str, str]]:
    row = next(row for row in lab.network.tunnel_rows(host) if row.vpn.name == vpn)
    return [(pair.inbound, pair.outbound) for pair in row.pairs]


def last_event(lab: Lab, host: str, vpn: str) -> str:
    return next(row.events[0].text for row in lab.network.tunnel_rows(host) if row.vpn.name == vpn)


def test_without_detection_a_dead_peer_is_up_until_its_renewal_gets_no_answer() -> None:
    lab = build("modern")
    before = spis(lab, HUB, "westford-vpn")
    lab.network.reboot(WESTFORD, FOR_EVER)
    lab.clock.advance(2900)
    assert spis(lab, HUB, "westford-vpn") == before
    assert [row.next_hop for row in lab.network.next_hop_tunnels(HUB) if row.vpn == "westford-vpn"] == ["10.11.11.12"]
    verdict = lab.network.reachable(CORPORATE_HOST, WESTFORD_HOST)
    assert verdict.failure is not None
    assert (verdict.failure.device, verdict.failure.reason) == (HUB, "up, but nothing reaches the peer")
    assert not lab.is_up(WESTFORD, "corp-vpn")
    lab.clock.advance(650)
    assert lab.is_up(HUB, "westford-vpn"), "a renewal without an answer ends nothing before the hard lifetime"
    lab.clock.advance(60)
    assert not lab.is_up(HUB, "westford-vpn")


@pytest.mark.parametrize("mode", ["probe-idle-tunnel", "always-send"])
def test_detection_notices_after_interval_times_threshold(mode: str) -> None:
    lab = build("modern", {HUB: (OPTIMIZED, f"{_GATEWAY} {mode}")})
    lab.network.reboot(WESTFORD, FOR_EVER)
    lab.clock.advance(59)
    assert lab.is_up(HUB, "westford-vpn")
    lab.clock.advance(2)
    assert not lab.is_up(HUB, "westford-vpn")
    assert last_event(lab, HUB, "westford-vpn") != "Peer is not reachable"
    assert "KMD_VPN_DOWN_ALARM_USER: VPN westford-vpn from 3.3.3.2 is down." in lab.lines(HUB)


def test_optimized_detection_starts_with_the_first_packet_without_an_answer() -> None:
    lab = build("modern", {HUB: (OPTIMIZED,)})
    lab.network.reboot(WESTFORD, FOR_EVER)
    lab.clock.advance(600)
    assert lab.is_up(HUB, "westford-vpn")
    assert not lab.network.ping(HUB, WESTFORD_HOST, interface=LAN_INTERFACE[HUB]).received
    lab.clock.advance(61)
    assert not lab.is_up(HUB, "westford-vpn")


@pytest.mark.parametrize("dead", [HUB, WESTFORD])
def test_a_device_that_has_restarted_starts_anew_and_its_peer_drops_the_old_ones(dead: str) -> None:
    lab = build("modern")
    before = spis(lab, HUB, "westford-vpn")
    lab.network.reboot(dead, 60)
    lab.clock.advance(61)
    after = spis(lab, HUB, "westford-vpn")
    assert len(after) == 1
    assert after != before
    assert len([row for row in lab.network.ike_sas(HUB) if row.remote == "3.3.3.2"]) == 1
    other, vpn = (WESTFORD, "corp-vpn") if dead == HUB else (HUB, "westford-vpn")
    events = next(row.events for row in lab.network.tunnel_rows(other) if row.vpn.name == vpn)
    assert "Initial-Contact received from peer. Stale IKE/IPSec SAs cleared" in [event.text for event in events]
    assert lab.network.reachable(CORPORATE_HOST, WESTFORD_HOST).ok


def test_a_tunnel_that_waits_for_traffic_is_half_dead_until_the_restarted_end_sends() -> None:
    lab = build("modern", {host: (line,) for host, line in ON_TRAFFIC.items()})
    lab.talk()
    lab.network.reboot(WESTFORD, 60)
    lab.clock.advance(61)
    assert lab.is_up(HUB, "westford-vpn")
    assert not lab.network.ping(HUB, WESTFORD_HOST, interface=LAN_INTERFACE[HUB]).received
    assert lab.network.ping(WESTFORD, CORPORATE_HOST, interface=LAN_INTERFACE[WESTFORD]).received
    assert lab.network.ping(HUB, WESTFORD_HOST, interface=LAN_INTERFACE[HUB]).received


def test_a_clear_at_the_peer_ends_what_nothing_answers() -> None:
    lab = build("modern")
    lab.network.reboot(WESTFORD, FOR_EVER)
    lab.network.clear_ipsec(HUB, lambda row: row.vpn.name == "westford-vpn")
    assert not lab.is_up(HUB, "westford-vpn")
    assert not [row for row in lab.network.ike_sas(HUB) if row.remote == "3.3.3.2" and row.state == "UP"]


def test_both_ends_may_die() -> None:
    lab = build("modern")
    lab.network.reboot(WESTFORD, 60)
    lab.network.reboot(HUB, 60)
    assert not lab.is_up(HUB, "westford-vpn")
    lab.clock.advance(61)
    assert lab.is_up(HUB, "westford-vpn")
    assert lab.network.reachable(CORPORATE_HOST, WESTFORD_HOST).ok


def test_a_commit_does_not_revive_a_dead_peer() -> None:
    lab = build("modern")
    lab.network.reboot(WESTFORD, FOR_EVER)
    lab.change(HUB, "set system host-name CENTRAL")
    assert lab.is_up(HUB, "westford-vpn")
    assert not lab.network.reachable(CORPORATE_HOST, WESTFORD_HOST).ok


def test_a_device_that_says_so_takes_the_tunnel_down_at_its_peer() -> None:
    lab = build("modern", options=Options(switches=Switches(restart="told")))
    lab.network.reboot(WESTFORD, FOR_EVER)
    assert not lab.is_up(HUB, "westford-vpn")
