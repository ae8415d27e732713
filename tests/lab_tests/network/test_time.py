# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Associations over time: lifetimes, rekeys, clear commands, flaps and reboots."""

from __future__ import annotations

from tests.lab.switches import Switches
from tests.lab_tests.network.support import (
    CORPORATE_HOST,
    HUB,
    SUNNYVALE,
    SUNNYVALE_HOST,
    WESTFORD,
    WESTFORD_HOST,
    Lab,
    Options,
    build,
)


def _spis(lab: Lab, host: str, vpn: str) -> list[tuple[str, str]]:
    row = next(row for row in lab.network.tunnel_rows(host) if row.vpn.name == vpn)
    return [(pair.inbound, pair.outbound) for pair in row.pairs]


def test_the_two_ends_have_each_others_spis_and_the_same_cookies() -> None:
    lab = build("modern")
    [(hub_in, hub_out)] = _spis(lab, HUB, "westford-vpn")
    assert _spis(lab, WESTFORD, "corp-vpn") == [(hub_out, hub_in)]
    hub = next(row for row in lab.network.ike_sas(HUB) if row.remote == "3.3.3.2")
    [spoke] = lab.network.ike_sas(WESTFORD)
    assert hub.cookies == spoke.cookies
    assert {hub.role, spoke.role} == {"initiator", "responder"}
    assert hub.role == "responder"


def test_two_runs_are_equal_and_two_tunnels_differ() -> None:
    one, two = build("modern"), build("modern")
    assert _spis(one, HUB, "westford-vpn") == _spis(two, HUB, "westford-vpn")
    assert _spis(one, HUB, "westford-vpn") != _spis(one, HUB, "sunnyvale-vpn")


def test_lifetimes_count_down() -> None:
    lab = build("modern")
    before = next(row for row in lab.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn").pairs[0]
    lab.clock.advance(100)
    after = next(row for row in lab.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn").pairs[0]
    assert (before.hard, after.hard) == (3600, 3500)
    # Recorded pairs differ by 573 to 620 seconds.
    assert 560 < before.hard - before.soft < 640
    assert next(row for row in lab.network.ike_sas(HUB)).remaining == 28700


def test_a_rekey_shows_four_associations_for_a_while_and_then_two_new_ones() -> None:
    lab = build("modern")
    old = _spis(lab, HUB, "westford-vpn")
    soft = next(row for row in lab.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn").pairs[0].soft
    other = lab.network.tunnel_rows(WESTFORD)[0].pairs[0].soft
    lab.clock.advance(min(soft, other) + 5)
    during = _spis(lab, HUB, "westford-vpn")
    assert len(during) == 2
    assert during[1] == old[0]
    lab.clock.advance(60)
    after = _spis(lab, HUB, "westford-vpn")
    assert after == during[:1]
    assert next(row for row in lab.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn").negotiations == 2


def test_ike_is_renewed_with_new_cookies_and_another_index() -> None:
    lab = build("modern")
    before = lab.network.ike_sas(WESTFORD)[0]
    lab.clock.advance(28801)
    after = lab.network.ike_sas(WESTFORD)[0]
    assert after.cookies != before.cookies
    assert after.index != before.index


def test_ikev2_fails_for_a_pfs_mismatch_at_the_first_rekey() -> None:
    """RFC 7296: the first child SA is made in IKE_AUTH, without a key exchange of its own."""
    lab = build("modern", {WESTFORD: ("set security ipsec policy vpn-modern perfect-forward-secrecy keys group19",)})
    before = _spis(lab, HUB, "westford-vpn")
    assert lab.network.reachable(WESTFORD_HOST, CORPORATE_HOST).ok
    lab.clock.advance(3500)
    assert _spis(lab, HUB, "westford-vpn") == before, "refused at the soft lifetime, and used until the hard one"
    assert lab.network.reachable(WESTFORD_HOST, CORPORATE_HOST).ok
    lab.clock.advance(100)
    assert not lab.is_up(HUB, "westford-vpn")
    assert "IKE negotiation failed with error: No proposal chosen. IKE Version: 2" in lab.lines(HUB)
    assert "KMD_VPN_DOWN_ALARM_USER: VPN westford-vpn from 3.3.3.2 is down." in lab.lines(HUB)


def test_a_commit_without_change_to_a_tunnel_does_not_disturb_it() -> None:
    lab = build("modern")
    before = _spis(lab, HUB, "westford-vpn")
    lab.clock.advance(10)
    lab.change(HUB, "set system host-name CENTRAL")
    assert _spis(lab, HUB, "westford-vpn") == before


def test_a_change_of_the_key_takes_the_tunnel_down_at_both_ends() -> None:
    lab = build("modern", options=Options(switches=Switches(associations="at-once")))
    assert lab.is_up(WESTFORD, "corp-vpn")
    lab.change(HUB, "set security ike policy ike-modern pre-shared-key ascii-text another-key")
    assert not lab.is_up(WESTFORD, "corp-vpn")
    assert "is down" in lab.lines(WESTFORD)
    assert "Reason: " in lab.lines(WESTFORD)
    assert lab.is_up(HUB, "sunnyvale-vpn")


def test_a_key_with_a_new_salt_is_the_same_key() -> None:
    """A device salts a plain key at each load; only the decoded keys count."""
    lab = build("modern")
    before = _spis(lab, HUB, "westford-vpn")
    lab.change(HUB, "set security ike policy ike-modern pre-shared-key ascii-text a-key-of-this-test")
    assert _spis(lab, HUB, "westford-vpn") == before


def test_a_flap_renews_spis_or_keeps_the_tunnel_down_for_a_while() -> None:
    lab = build("modern")
    before = _spis(lab, HUB, "westford-vpn")
    lab.network.flap(HUB, "westford-vpn")
    assert _spis(lab, HUB, "westford-vpn") not in ([], before)
    lab.network.flap(HUB, "westford-vpn", 30)
    assert not lab.is_up(WESTFORD, "corp-vpn")
    lab.clock.advance(31)
    assert lab.is_up(WESTFORD, "corp-vpn")


def test_a_tunnel_that_waits_for_traffic_stays_down_after_a_flap() -> None:
    lab = build("classic")
    lab.talk()
    lab.network.flap(HUB, "westford-vpn")
    assert not lab.is_up(WESTFORD, "corp-vpn")
    lab.talk()
    assert lab.is_up(WESTFORD, "corp-vpn")


def test_a_reboot_ends_all_tunnels_and_resets_counters() -> None:
    lab = build("modern")
    lab.talk()
    lab.network.reboot(HUB, 60)
    assert not lab.is_up(HUB, "westford-vpn")
    assert {row.counters.encrypted_packets for row in lab.network.tunnel_rows(HUB)} == {0}
    lab.clock.advance(61)
    assert lab.is_up(WESTFORD, "corp-vpn")
    assert lab.network.booted[HUB] == lab.clock.now() - 1


def test_clear_ends_only_the_selected_associations() -> None:
    lab = build("modern")
    keep, old = _spis(lab, HUB, "sunnyvale-vpn"), _spis(lab, HUB, "westford-vpn")
    index = next(row.index for row in lab.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn")
    assert lab.network.clear_ipsec(HUB, lambda row: row.index == index) == 1
    assert _spis(lab, HUB, "sunnyvale-vpn") == keep
    assert _spis(lab, HUB, "westford-vpn") != old


def test_clear_ike_ends_its_tunnels_too() -> None:
    lab = build("classic")
    lab.talk()
    assert lab.network.clear_ike(HUB, lambda row: row.remote == "3.3.3.2") == 1
    assert not lab.is_up(HUB, "westford-vpn")
    assert [row.remote for row in lab.network.ike_sas(HUB)] == ["2.2.2.2"]


def test_busy_lans_bring_up_on_traffic_tunnels() -> None:
    lab = build("classic")
    lab.network.busy = True
    assert lab.is_up(HUB, "westford-vpn")
    assert lab.is_up(HUB, "sunnyvale-vpn")
    westford = next(row for row in lab.network.ike_sas(HUB) if row.remote == "3.3.3.2")
    assert westford.role == "responder"


def test_a_device_with_an_invalid_operator_text_has_no_configuration() -> None:
    lab = build("modern", {SUNNYVALE: ("set flow tcp-mss 1350 -> set flux tcp-mss 1350",)})
    assert lab.network.problem(SUNNYVALE) is not None
    assert "flux" in str(lab.network.problem(SUNNYVALE))
    assert not lab.is_up(HUB, "sunnyvale-vpn")
    assert not lab.network.reachable(CORPORATE_HOST, SUNNYVALE_HOST).ok
