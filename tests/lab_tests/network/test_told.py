# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab takes the outcome of negotiations from another source."""

from __future__ import annotations

import pytest

from tests.lab.network.told import Told
from tests.lab_tests.network.support import HUB, WESTFORD, build

VPN = "westford-vpn"
COOKIES, SPIS = ("0123456789abcdef", "fedcba9876543210"), ("0a0b0c0d", "01020304")


def test_a_vpn_is_as_it_is_told() -> None:
    lab = build("modern")
    assert lab.is_up(HUB, VPN)
    assert lab.network.tell(HUB, VPN, Told.of({"outcome": "down", "code": "key-v2"})) is None
    assert not lab.is_up(HUB, VPN)
    assert not lab.is_up(WESTFORD, "corp-vpn")
    assert "failed with error: Authentication failed" in lab.lines(HUB)
    lab.network.changed()
    lab.clock.advance(7200)
    assert not lab.is_up(HUB, VPN)
    up = {"outcome": "up", "cookies": COOKIES, "spis": SPIS, "peer_starts": True}
    assert lab.network.tell(HUB, VPN, Told.of(up)) is None
    assert lab.is_up(HUB, VPN)
    (sa,) = [row for row in lab.network.ike_sas(HUB) if row.state == "UP" and row.gateway == "westford-gate"]
    assert (sa.cookies, sa.role) == (COOKIES, "responder")
    (row,) = [row for row in lab.network.tunnel_rows(HUB) if row.vpn.name == VPN]
    assert (row.pairs[0].inbound, row.pairs[0].outbound) == SPIS
    (other,) = lab.network.tunnel_rows(WESTFORD)
    assert (other.pairs[0].inbound, other.pairs[0].outbound) == SPIS[::-1]


def test_the_lab_computes_again() -> None:
    lab = build("modern")
    lab.network.tell(HUB, VPN, Told.of({"outcome": "down", "code": "no-such-peer"}))
    assert not lab.is_up(HUB, VPN)
    lab.network.tell(HUB, VPN, Told.of({"outcome": "computed"}))
    assert lab.is_up(HUB, VPN)


def test_a_vpn_that_the_lab_computes_to_be_down_is_not_up() -> None:
    lab = build("modern", {HUB: ["set security ike proposal ike-gcm dh-group group14"]})
    assert not lab.is_up(HUB, VPN)
    failure = lab.network.tell(HUB, VPN, Told.of({"outcome": "up"}))
    assert failure is not None
    assert failure.code == "ike-proposal"


def test_a_wrong_outcome_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected up, computed, or down with a code of .*key.*, actual down"):
        Told.of({"outcome": "down", "code": "weather"})
