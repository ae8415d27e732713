# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The problems of ``wans``: the way to the provider, its backup included."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts.kind import Kind

KINDS: dict[str, Kind] = {
    "loopback_length": Kind("a loopback interface has a single address", "Write it as {address}/32"),
    "interface_in_two_roles": Kind("{interface} is a LAN interface of this host too", "Use different interfaces"),
    "loopback_wan": Kind(
        "no gateway is on the network of a loopback interface",
        "Name the interface to the provider, and {interface} as nhtb_wan.ike_interface",
    ),
    "zone_in_two_roles": Kind(
        "the zone is {other} too, and no policy could tell the two apart",
        "Use different zones for LAN and WAN",
    ),
    "gateway_off_network": Kind(
        "the gateway is not on the WAN network {network}", "Use the provider's address on {network}"
    ),
    "gateway_is_self": Kind("the gateway is this host's own WAN address", "Use the provider's address on {network}"),
    "gateway_not_host": Kind(
        "the gateway is the network or broadcast address of {network}", "Use the provider's address on {network}"
    ),
    "private_wan": Kind(
        "this is a private or shared address, to which no route of the Internet leads",
        "Set nhtb_wan.reachable: true where all peers reach it as it is, as over MPLS; behind NAT set"
        " nhtb_wan.behind_nat: true, or nhtb_wan.public_address where the site has a fixed one",
    ),
    "given_by_provider": Kind(
        "with nhtb_wan.addressing {addressing} the provider gives this", "Leave it out, or set addressing: static"
    ),
    "no_local_address": Kind(
        "no gateway can name an address that the provider gives ({addressing})", "Leave nhtb_wan.local_address out"
    ),
    "not_pppoe": Kind("a PPPoE interface of Junos is a unit of pp0", "Write it as in pp0.0"),
    "underlying_without_pppoe": Kind(
        "only a PPPoE interface has one under it", "Set addressing: pppoe, or delete this key"
    ),
    "underlying_of_operator": Kind("the operator of a third-party device knows its PPPoE interface", "Delete this key"),
    "backup_of_dynamic": Kind(
        "without a first address, at which peers reach this host, no gateway names any",
        "Set nhtb_wan.public_address, or leave the backup addresses out",
    ),
    "backup_twice": Kind("the gateway of each peer has this address already", "Name each address once"),
    "no_fixed_address": Kind(
        "the hub knows a spoke with {platform} by the fixed address of its WAN", "Give the site a fixed public address"
    ),
}
