# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A WAN that gets its address and its default route by DHCP."""

from __future__ import annotations

import pytest

from tests.lab_tests.network.support import HUB, WESTFORD, Options, build

BY_DHCP = (
    "delete interfaces ge-0/0/0 unit 0 family inet address 3.3.3.2/30",
    "set interfaces ge-0/0/0 unit 0 family inet dhcp",
    "delete routing-options static route 0.0.0.0/0",
)


@pytest.mark.parametrize(("lease", "up"), [("3.3.3.2/30", True), ("3.3.3.6/30", False), ("", False)])
def test_a_tunnel_comes_up_with_the_address_that_the_peer_knows(lease: str, up: bool) -> None:
    lab = build("modern", {WESTFORD: BY_DHCP}, westford=Options(dhcp=lease))
    assert lab.is_up(HUB, "westford-vpn") is up
    assert [route.next_hop for route in lab.network.routes(WESTFORD) if str(route.prefix) == "0.0.0.0/0"] == (
        ["3.3.3.1" if up else "3.3.3.5"] if lease else []
    )
