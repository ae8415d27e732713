# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What real IKE daemons have shown, in tables, logs and traffic; the pairs of configurations are in tests/oracle."""

from __future__ import annotations

import pytest

from tests.lab_tests.network.support import (
    CORPORATE_HOST,
    HUB,
    SUNNYVALE_HOST,
    WESTFORD,
    WESTFORD_HOST,
    Lab,
    build,
)

_METHOD = "set security ike proposal ike-gcm authentication-method rsa-signatures"
_CERTIFICATE = "set security ike policy ike-modern certificate local-certificate own-certificate"
_SELECTOR = "set security ipsec vpn {} traffic-selector {} {}-ip {}"
ONE_HUB = (
    _SELECTOR.format("westford-vpn", "one", "local", "10.10.10.0/24"),
    _SELECTOR.format("westford-vpn", "one", "remote", "192.168.178.0/24"),
)
ONE_SPOKE = (
    _SELECTOR.format("corp-vpn", "one", "local", "192.168.178.0/24"),
    _SELECTOR.format("corp-vpn", "one", "remote", "10.10.10.0/24"),
)
TWO_SPOKE = (
    *ONE_SPOKE,
    _SELECTOR.format("corp-vpn", "two", "local", "192.168.179.0/24"),
    _SELECTOR.format("corp-vpn", "two", "remote", "10.10.10.0/24"),
)


def failure_at(lab: Lab, host: str, vpn: str) -> str | None:
    """Return the code of the failure that an end would meet."""
    failure = lab.network.tunnels.attempts[host, vpn].failure if lab.network.fabric else None
    return None if failure is None else failure.code


@pytest.mark.parametrize("version", [1, 2])
def test_another_method_is_another_proposal_in_ikev1_and_fails_the_authentication_in_ikev2(version: int) -> None:
    cbc = (
        "set security ike proposal ike-gcm encryption-algorithm aes-256-cbc",
        "set security ike proposal ike-gcm authentication-algorithm sha-256",
    )
    version_1 = {
        HUB: ("delete security ike gateway westford-gate version",),
        WESTFORD: ("delete security ike gateway corp-gate version",),
    }
    changes = {host: (*cbc, *(lines if version == 1 else ())) for host, lines in version_1.items()}
    changes[WESTFORD] += (_METHOD, _CERTIFICATE)
    lab = build("modern", changes)
    words = {1: "No proposal chosen", 2: "Authentication failed"}
    assert failure_at(lab, WESTFORD, "corp-vpn") == {1: "ike-proposal", 2: "key-v2"}[version]
    assert f"IKE negotiation failed with error: {words[version]}. IKE Version: {version}" in lab.lines(HUB)


@pytest.mark.parametrize(("first", "is_up"), [("group5", True), ("group2", False)])
def test_in_aggressive_mode_the_group_of_the_first_proposal_is_the_only_one(first: str, is_up: bool) -> None:
    policy, proposal = "security ike policy ike-policy1", "set security ike proposal"
    second = {"group5": "group2", "group2": "group5"}[first]
    common = (f"delete {policy} proposal-set", f"set {policy} mode aggressive")
    lines = (*common, f"{proposal} first dh-group {first}", f"{proposal} second dh-group {second}")
    lab = build("classic", {
        HUB: (*common, f"{proposal} first dh-group group5", f"set {policy} proposals first"),
        WESTFORD: (*lines, f"set {policy} proposals [ first second ]"),
    })  # fmt: skip
    lab.network.ping(WESTFORD, CORPORATE_HOST, interface="ge-0/0/3.0", count=1)
    assert failure_at(lab, WESTFORD, "corp-vpn") == (None if is_up else "ike-proposal")
    assert lab.is_up(WESTFORD, "corp-vpn") is is_up


def test_a_selector_without_a_counterpart_fails_by_itself() -> None:
    lab = build("modern", {HUB: ONE_HUB, WESTFORD: TWO_SPOKE})
    one, two = sorted(lab.network.tunnel_rows(WESTFORD), key=lambda row: row.selector.name)
    assert one.up
    assert not two.up
    assert two.reason == "Negotiation failed with error code NO_PROPOSAL_CHOSEN received from peer (1 times)"
    log = lab.lines(HUB)
    assert "KMD_VPN_TS_MISMATCH: Traffic-selector mismatch" in log
    assert "192.168.179.0" in log
    lab.change(HUB)
    lab.change(WESTFORD)
    assert lab.is_up(WESTFORD, "corp-vpn")


def test_no_packet_passes_a_tunnel_that_is_held_down() -> None:
    lab = build("modern")
    lab.network.flap(HUB, "westford-vpn", 30)
    assert not lab.network.reachable(CORPORATE_HOST, WESTFORD_HOST).ok
    assert not lab.network.reachable(WESTFORD_HOST, CORPORATE_HOST).ok


def test_without_its_next_hop_tunnel_entry_a_route_leaves_the_packet_to_the_next_best() -> None:
    lab = build("modern", {HUB: ("delete interfaces st0 unit 0 family inet next-hop-tunnel 10.11.11.11",)})
    assert not [row for row in lab.network.routes(HUB) if str(row.prefix) == "192.168.168.0/24"]
    verdict = lab.network.reachable(CORPORATE_HOST, SUNNYVALE_HOST)
    assert verdict.failure is not None
    assert "goes out in clear through ge-0/0/3.0" in verdict.failure.reason
