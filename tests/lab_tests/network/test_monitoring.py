# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VPN monitors: a probe without an answer takes down the routes of its end, and no associations."""

from __future__ import annotations

import pytest

from tests.lab.network.view import sure
from tests.lab_tests.network.support import CORPORATE_HOST, HUB, WESTFORD, WESTFORD_HOST, Lab, build

OF_WESTFORD = "set security ipsec vpn corp-vpn vpn-monitor"
OF_HUB = "set security ipsec vpn westford-vpn vpn-monitor"
FROM_LAN = f"{OF_WESTFORD} source-interface ge-0/0/3.0"


def monitor(lab: Lab, host: str, vpn: str) -> str:
    return next(row.monitor for row in lab.network.tunnel_rows(host) if row.vpn.name == vpn)


def unit_is_up(lab: Lab, host: str) -> bool:
    return lab.network.rows.interface_up(host, sure(lab.network.fabric.interface(host, "st0.0")))


def has_route(lab: Lab, host: str, prefix: str) -> bool:
    return any(row.active and str(row.prefix) == prefix for row in lab.network.routes(host))


def test_without_a_monitor_no_state_is_shown() -> None:
    assert monitor(build("modern"), WESTFORD, "corp-vpn") == "-"


@pytest.mark.parametrize(
    ("lines", "answered"),
    [
        ((OF_WESTFORD,), True),
        ((FROM_LAN, f"{OF_WESTFORD} destination-ip 10.10.10.1"), True),
        ((FROM_LAN, f"{OF_WESTFORD} destination-ip {CORPORATE_HOST}"), True),
        # No route of the hub leads to it.
        ((FROM_LAN, f"{OF_WESTFORD} destination-ip 10.99.0.1"), False),
        # The answer would leave the hub in clear, to the WAN address.
        ((f"{OF_WESTFORD} destination-ip 10.10.10.1",), False),
    ],
)
def test_a_monitor_is_up_where_its_probe_is_answered_into_the_tunnel(lines: tuple[str, ...], answered: bool) -> None:
    lab = build("modern", {WESTFORD: lines})
    assert lab.is_up(WESTFORD, "corp-vpn"), "the associations stay"
    assert monitor(lab, WESTFORD, "corp-vpn") == ("UP" if answered else "DOWN")
    assert unit_is_up(lab, WESTFORD) is answered
    assert has_route(lab, WESTFORD, "10.10.10.0/24") is answered
    assert monitor(lab, HUB, "westford-vpn") == "-"


def test_a_peer_that_refuses_pings_takes_the_monitor_down() -> None:
    lab = build("modern", {WESTFORD: (FROM_LAN, f"{OF_WESTFORD} destination-ip 10.10.10.1")})
    assert monitor(lab, WESTFORD, "corp-vpn") == "UP"
    services = "security zones security-zone trust host-inbound-traffic system-services"
    lab.change(HUB, f"delete {services}", f"set {services} ssh")
    assert monitor(lab, WESTFORD, "corp-vpn") == "DOWN"
    assert not unit_is_up(lab, WESTFORD)
    lab.change(HUB)
    assert monitor(lab, WESTFORD, "corp-vpn") == "UP"
    assert has_route(lab, WESTFORD, "10.10.10.0/24")


def test_at_the_hub_the_entry_leaves_the_table_and_the_unit_stays_up() -> None:
    down = (f"{OF_HUB} source-interface ge-0/0/0.0", f"{OF_HUB} destination-ip 192.168.99.1")
    lab = build("modern", {HUB: down})
    assert monitor(lab, HUB, "westford-vpn") == "DOWN"
    assert unit_is_up(lab, HUB)
    assert "westford-vpn" not in [row.vpn for row in lab.network.next_hop_tunnels(HUB)]
    assert not has_route(lab, HUB, "192.168.178.0/24")
    lab.change(HUB, f"{OF_HUB} source-interface ge-0/0/0.0", f"{OF_HUB} destination-ip {WESTFORD_HOST}")
    assert monitor(lab, HUB, "westford-vpn") == "UP"
    assert has_route(lab, HUB, "192.168.178.0/24")
