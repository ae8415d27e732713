# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The routes of adopted devices as variables: to each network, summaries, and the Internet at the hub."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.fleet import adopt

from .adopted_fleet import BOSTON, HUB
from .readable_codec import Codec

# --- routes ---------------------------------------------------------------------------------------


def adopted_routes(spoke: t.Sequence[str], *bindings: str) -> dict[str, t.Any]:
    """Return the variables about routes of the spoke, with further statements of the hub."""
    found = adopt("h1", ["s1"], {"h1": [*HUB, *bindings], "s1": spoke}, {}, (), Codec()).variables["s1"]
    names = ("nhtb_summary", "nhtb_next_hop", "nhtb_internet_exit", "nhtb_tunnel")
    return {name: found[name] for name in names if name in found}


def changed_line(old: str, new: str) -> list[str]:
    assert any(old in line for line in BOSTON)
    return [line.replace(old, new) for line in BOSTON]


def test_routes_to_each_network_need_no_variable() -> None:
    assert adopted_routes(BOSTON) == {"nhtb_tunnel": {"unit": 0, "address": "10.60.0.51/24"}}


def test_a_route_around_the_far_networks_is_a_summary() -> None:
    spoke = changed_line("route 10.50.0.0/24", "route 10.48.0.0/12")
    assert adopted_routes(spoke)["nhtb_summary"] == ["10.48.0.0/12"]
    # One that has not all of them is none: the plan has a route to each.
    assert "nhtb_summary" not in adopted_routes(changed_line("route 10.50.0.0/24", "route 10.50.0.0/25"))


def test_a_unit_without_an_address_has_that_of_the_binding() -> None:
    spoke = [line for line in changed_line("next-hop 10.60.0.1", "next-hop st0.0") if "10.60.0.51" not in line]
    found = adopted_routes(
        spoke, "set interfaces st0 unit 7 family inet next-hop-tunnel 10.60.0.51 ipsec-vpn vpn-boston"
    )
    assert found == {
        "nhtb_next_hop": "interface",
        "nhtb_tunnel": {"unit": 0, "address": "10.60.0.51/32", "unnumbered": True},
    }


def test_a_default_route_into_the_tunnel_leaves_at_the_hub() -> None:
    spoke = changed_line("route 0.0.0.0/0 next-hop 198.51.100.1", "route 0.0.0.0/0 next-hop 10.60.0.1")
    spoke.append("set routing-options static route 192.0.2.2/32 next-hop 198.51.100.1")
    adoption = adopt("h1", ["s1"], {"h1": HUB, "s1": spoke}, {}, (), Codec())
    assert adoption.unsayable == ()
    assert adoption.variables["s1"]["nhtb_internet_exit"] == "hub"
    assert adoption.variables["s1"]["nhtb_wan"]["gateway"] == "198.51.100.1"
    # No policy lets the LAN into the Internet through the tunnel.
    assert adoption.variables["s1"]["nhtb_lans"][0]["internet"] is False
