# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several proposals: the first common one in the initiator's order, with the lifetimes of both ends."""

from __future__ import annotations

import pytest

from tests.lab_tests.network.support import HUB, WESTFORD, Lab, build

SECOND = (
    "set security ike proposal second dh-group group14",
    "set security ike proposal second encryption-algorithm aes-256-cbc",
    "set security ike proposal second authentication-algorithm sha-256",
    "set security ike policy ike-modern proposals second",
    "set security ipsec proposal small encryption-algorithm aes-128-gcm",
    "set security ipsec policy vpn-modern proposals small",
)
# The other order.
FIRST = (
    "delete security ike policy ike-modern proposals ike-gcm",
    "delete security ipsec policy vpn-modern proposals esp-gcm",
    *SECOND,
    "set security ike policy ike-modern proposals ike-gcm",
    "set security ipsec policy vpn-modern proposals esp-gcm",
)
VERSION_1 = {
    HUB: "delete security ike gateway westford-gate version",
    WESTFORD: "delete security ike gateway corp-gate version",
}


def negotiated(lab: Lab, host: str) -> tuple[str, str | None]:
    """Return the encryption of both phases of the tunnel to Westford."""
    pair = next(row for row in lab.network.tunnel_rows(host) if row.vpn.name in ("westford-vpn", "corp-vpn"))
    ike = next(row for row in lab.network.ike_sas(host) if row.remote != "2.2.2.2")
    assert pair.proposal is not None
    assert ike.proposal is not None
    return ike.proposal.encryption, pair.proposal.encryption


@pytest.mark.parametrize("initiator", [HUB, WESTFORD])
def test_the_order_of_the_initiator_decides(initiator: str) -> None:
    responder = HUB if initiator == WESTFORD else WESTFORD
    gateway = {HUB: "westford-gate", WESTFORD: "corp-gate"}[responder]
    passive = f"set security ipsec vpn {gateway.replace('gate', 'vpn')} establish-tunnels on-traffic"
    lab = build("modern", {initiator: FIRST, responder: (*SECOND, passive)})
    lab.talk()
    assert negotiated(lab, HUB) == negotiated(lab, WESTFORD) == ("aes-256-cbc", "aes-128-gcm")


@pytest.mark.parametrize("version", [1, 2])
def test_lifetimes_are_the_shorter_ones_in_ikev1_and_the_own_ones_in_ikev2(version: int) -> None:
    cbc = (
        "set security ike proposal ike-gcm encryption-algorithm aes-256-cbc",
        "set security ike proposal ike-gcm authentication-algorithm sha-256",
    )
    own = {
        HUB: ("set security ipsec proposal esp-gcm lifetime-kilobytes 100000",),
        WESTFORD: (
            "set security ipsec proposal esp-gcm lifetime-seconds 1800",
            "set security ipsec proposal esp-gcm lifetime-kilobytes 64000",
        ),
    }
    version_1 = {host: (line,) if version == 1 else () for host, line in VERSION_1.items()}
    lab = build("modern", {host: (*cbc, *own[host], *version_1[host]) for host in own})
    lab.talk()
    found = {}
    for host in (HUB, WESTFORD):
        row = next(row for row in lab.network.tunnel_rows(host) if row.vpn.name in ("westford-vpn", "corp-vpn"))
        assert row.proposal is not None
        found[host] = (max(pair.hard for pair in row.pairs), row.proposal.lifesize)
    shorter = (1800, 64000)
    assert found == {HUB: shorter if version == 1 else (3600, 100000), WESTFORD: shorter}


def test_ikev1_has_no_aes_gcm_in_phase_1() -> None:
    lab = build("modern", {host: (line,) for host, line in VERSION_1.items()})
    lab.talk()
    assert not lab.is_up(HUB, "westford-vpn")
    assert "No proposal chosen" in lab.lines(HUB)
