# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The problems of ``fleet``, ``limits`` and ``agreement``: hosts that contradict each other, platforms, releases."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts.kind import Kind

KINDS: dict[str, Kind] = {
    # Noted by ``fleet``.
    "no_hub": Kind(
        "the fleet has no hub", "Put exactly one host into the group nhtb_hubs; a slice of a job may lack the hub"
    ),
    "many_hubs": Kind("a fleet has one hub, not {count}", "Leave one host in the group nhtb_hubs"),
    "no_spoke": Kind("the fleet has no spoke", "Put the remote sites into the group nhtb_spokes"),
    "both_roles": Kind("the host is in nhtb_hubs and in nhtb_spokes", "Take it out of one of the two groups"),
    "hub_platform": Kind(
        "the hub must be a Junos device", "Leave nhtb_platform and nhtb_profile out, or make another host the hub"
    ),
    "duplicate_site": Kind("{other} has this site name too", "Give each site a name of its own"),
    "tunnel_in_wan_zone": Kind(
        "the zone is the WAN's too, whose policies of {platform} translate every source address",
        "Use a zone of its own for the tunnel, or that of a LAN",
    ),
    "duplicate_tunnel": Kind("{other} has this tunnel address too", "Give each site a tunnel address of its own"),
    "duplicate_wan": Kind("{other} has this WAN address too", "Give each site the WAN address that it has"),
    "overlap": Kind(
        "the network {network} overlaps with {other_network}, {other_variable} of {other}",
        "Make the two networks distinct: a route can lead to one place only",
    ),
    "release_lacks": Kind(
        "Junos {release} is not known to have {feature}; it is from {first} on",
        "Change the option, or upgrade the device",
    ),
    "no_static_binding": Kind(
        "a spoke with {platform} cannot tell the hub its tunnel address, so the hub needs the static binding",
        "Leave the variable out for this host",
    ),
    "two_responders": Kind(
        "the hub only responds as well, so that neither side would start this tunnel",
        "Set nhtb_establish_tunnels: immediately on one of the two",
    ),
    "fleet_differs": Kind("{hub}, the hub, has {other}; the whole fleet has one value", "Set it once, for all hosts"),
    # Noted by ``limits``.
    "many_addresses": Kind(
        "policy {policy} would have {count} {side} addresses; the device takes {limit}",
        "Set nhtb_policy_addresses to the figure documented for the platform, or have prefixes in place of networks:"
        " nhtb_summary",
    ),
    "many_tunnels": Kind(
        "the device would have {count} tunnels", "Take another hub for some of the spokes, or a larger platform"
    ),
    # Noted by ``agreement``.
    "peer_lacks": Kind("{platform} does not have it", "Choose {choices}"),
    "no_common_proposal": Kind(
        "{platform} has none of these proposals: it lacks {lacking}", "Add a proposal that both ends have"
    ),
}
