# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of VPN objects that adoption reads, and what the group takes over of them."""

from __future__ import annotations

import typing as t

from .adopted_fleet import BOSTON, HUB, adopted, taken_over

OPTIONS = (
    "df-bit clear",
    "copy-outer-dscp",
    "vpn-monitor optimized",
    "vpn-monitor source-interface ge-0/0/1",
    "vpn-monitor destination-ip {monitored}",
    "vpn-monitor verify-path packet-size 1300",
    "ike idle-time 600",
    "ike proxy-identity local {local}",
    "ike proxy-identity remote {remote}",
)


def with_options(lines: t.Sequence[str], vpn: str, options: t.Iterable[str] = OPTIONS, **words: str) -> list[str]:
    return [*lines, *(f"set security ipsec vpn {vpn} {one.format_map(words)}" for one in options)]


def test_the_options_of_both_ends_are_variables_of_the_spoke() -> None:
    """The hub has two VPNs, so what one of them has is for its spoke."""
    timers = "set security ipsec vpn-monitor-options interval 5"
    words = {"monitored": "10.51.0.1", "local": "10.0.0.0/8", "remote": "10.51.0.0/24"}
    hub = [*with_options(HUB, "vpn-boston", **words), timers, "set interfaces st0 unit 7 family inet mtu 1400"]
    other = [
        line.replace("boston", "denver").replace("198.51.100.2", "203.0.113.2") for line in HUB if "boston" in line
    ]
    spoke = with_options(
        BOSTON,
        "head-vpn",
        ("ike no-anti-replay", "vpn-monitor", *OPTIONS[-2:]),
        local="10.51.0.0/24",
        remote="10.0.0.0/8",
    )
    found = adopted(hub=[*hub, *other], spoke=spoke).variables
    assert found["h1"]["nhtb_tunnel"]["mtu"] == 1400
    assert "nhtb_vpn" not in found["h1"]
    assert found["s1"]["nhtb_vpn"] == {
        "monitor": {},
        "anti_replay_window": 0,
        "proxy_identity": {"local": "10.51.0.0/24", "remote": "10.0.0.0/8"},
        "at_hub": {
            "monitor": {
                "destination": "10.51.0.1",
                "source_interface": "ge-0/0/1.0",
                "optimized": True,
                "verify_path": {"packet_size": 1300},
                "interval": 5,
            },
            "df_bit": "clear",
            "copy_outer_dscp": True,
            "idle_time": 600,
        },
    }


def test_options_of_all_vpns_of_the_hub_are_its_own_and_move_without_a_change() -> None:
    hub = with_options(HUB, "vpn-boston", OPTIONS[:7], monitored="10.51.0.1")
    spoke = with_options(BOSTON, "head-vpn", OPTIONS[:2])
    found = adopted(hub=hub, spoke=spoke).variables
    assert set(found["h1"]["nhtb_vpn"]) == {"monitor", "df_bit", "copy_outer_dscp", "idle_time"}
    assert found["s1"]["nhtb_vpn"] == {"df_bit": "clear", "copy_outer_dscp": True}
    for device in taken_over(hub).values():
        assert (device.changes, device.stays) == ((), ())
