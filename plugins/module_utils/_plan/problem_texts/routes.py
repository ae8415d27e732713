# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The problems of ``tunnel_routes``, ``summary`` and ``internet_exit``: routes into the tunnel."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts.kind import Kind

KINDS: dict[str, Kind] = {
    # Noted by ``tunnel_routes``.
    "tunnel_off_network": Kind(
        "the address is not on the hub's tunnel network {network}",
        "Use a free address of {network} with its prefix length",
    ),
    "hub_off_network": Kind(
        "the hub's tunnel address {address} is not on the network of this one, so that no next hop resolves",
        "Give it the prefix length of the hub's, or set nhtb_next_hop: interface on this host",
    ),
    "hub_by_interface": Kind(
        "the routes of a hub need addresses: st0 alone does not say which of its tunnels is meant",
        "Leave the variable out on the hub",
    ),
    "always_by_interface": Kind("routes of {platform} name the tunnel interface", "Leave the variable out"),
    "hub_unnumbered": Kind("the tunnel unit of a hub needs an address, the next hop of its spokes", "Set it to false"),
    "always_numbered": Kind("the tunnel interface of {platform} gets its address", "Set it to false"),
    "unnumbered_by_address": Kind(
        "without an address on st0, the hub's address is on no network of this host", "Set nhtb_next_hop: interface"
    ),
    "unnumbered_not_bound": Kind(
        "a host without an address on st0 advertises none, so the hub needs the static binding of nhtb_tunnel.address",
        "Set nhtb_static_binding: true on this host",
    ),
    "nothing_closes": Kind(
        "neither the policies to the Internet nor the routes are written, so nothing can close the way in clear",
        "Set nhtb_fail_closed: false, or let one of the two be written",
    ),
    # Noted by ``summary``.
    "not_a_summary": Kind(
        "true, false or a list of prefixes is needed", "Write true to have the prefixes computed, or list them"
    ),
    "not_a_prefix": Kind(
        "a network with a prefix length of {shortest} to 32 is needed, and no bit of a host may be set",
        "Write it in quotes, as in 10.0.0.0/8; for all traffic there is nhtb_internet_exit: hub",
    ),
    "summary_over_wan": Kind(
        "the prefix overlaps with {network}, the WAN of {other}{more}, so that packets to peers would enter the tunnel",
        "List prefixes without any WAN",
    ),
    "summary_within": Kind(
        "the prefix is within {network}, {other_variable} of {other}{more}, and would take packets away from it",
        "List a prefix that is shorter than that network, or apart from it",
    ),
    "summary_lacks": Kind(
        "no prefix has the network {network}, {other_variable} of {other}{more}",
        "Add a prefix that has it, or take the LAN out of the VPN with vpn: false",
    ),
    # Noted by ``internet_exit``.
    "hub_has_exit": Kind("the traffic of the hub itself leaves through its WAN", "Set the variable on spokes"),
    "no_exit_at_hub": Kind("no route of {platform} to the hub's WAN is written", "Leave the variable out on this host"),
    "exit_needs_gateway": Kind(
        "with all traffic in the tunnel, the tunnel itself needs a route to the hub's WAN by the provider",
        "Give the provider's address, or set nhtb_manage_routes: false and configure the two routes yourself",
    ),
    "exit_by_dhcp": Kind(
        "the provider tells the gateway by DHCP, and the route to the hub's WAN needs it",
        "Set nhtb_manage_routes: false and configure the two routes yourself, or leave the variable out",
    ),
    "exit_in_wan_zone": Kind(
        "it is the zone of the WAN too, and no policy or source NAT could tell the traffic of {other} to the Internet",
        "Give the tunnel a zone of its own",
    ),
    "exit_outside_vpn": Kind(
        "all traffic of this host goes to the hub, and a LAN outside the VPN is not known there",
        "Set internet: false for the LAN, or take it into the VPN",
    ),
}
