# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The checks of next hops and tunnel addresses: what a route into a tunnel needs at each end."""

from __future__ import annotations

import typing as t
from ipaddress import IPv4Address, IPv4Interface

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import StaticRoute, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems


def to_peer(tunnel: Tunnel) -> t.Iterator[StaticRoute]:
    """Yield the route to the peer's tunnel address where that is not on the network of this unit.

    The ping that starts a tunnel on demand goes there.
    """
    own = IPv4Interface(tunnel.local.unit.address).network
    if tunnel.by_interface and (tunnel.local.unit.unnumbered or IPv4Address(tunnel.next_hop) not in own):
        yield StaticRoute(f"{tunnel.next_hop}/32", tunnel.bind_interface, tunnel.bind_interface)


def check_own_routes(draft: Draft, problems: Problems) -> None:
    """Check the choices about routes that a device can have, whatever the other end has."""
    if draft.role == "hub" and draft.next_hop == "interface":
        # Of the tunnels on a multipoint unit, only the address of a peer chooses one.
        problems.add("hub_by_interface", draft.host, "nhtb_next_hop", "interface")
    if draft.role == "hub" and draft.tunnel.unnumbered:
        problems.add("hub_unnumbered", draft.host, "nhtb_tunnel.unnumbered", "true")
    if draft.profile.by_operator:
        if draft.next_hop == "address":
            problems.add("always_by_interface", draft.host, "nhtb_next_hop", "address", platform=draft.profile.title)
        if draft.tunnel.unnumbered:
            problems.add("always_numbered", draft.host, "nhtb_tunnel.unnumbered", "true", platform=draft.profile.title)
    # The policies of one zone apply to the tunnel and to the WAN alike, so they close nothing.
    no_policies = "internet_policy" in draft.unmanaged or draft.tunnel.zone == draft.wan.zone
    if draft.fail_closed and no_policies and "routes" in draft.unmanaged and draft.platform == "junos":
        problems.add("nothing_closes", draft.host, "nhtb_manage_routes", "false")


def check_tunnel_address(spoke: Draft, hub: Draft, problems: Problems) -> None:
    """Check that each end of a tunnel reaches the other by the next hops of its routes.

    The hub resolves the spoke's tunnel address on its own tunnel network. A spoke whose routes name the tunnel
    interface may have another network there, or no address at all.
    """
    ours, theirs = spoke.tunnel.address, hub.tunnel.address
    unnumbered = spoke.platform == "junos" and spoke.tunnel.unnumbered
    if unnumbered and spoke.next_hop != "interface":
        problems.add("unnumbered_by_address", spoke.host, "nhtb_tunnel.unnumbered", "true")
    if unnumbered and spoke.static_binding is not True:
        problems.add("unnumbered_not_bound", spoke.host, "nhtb_tunnel.unnumbered", "true")
    if ours is None or theirs is None:
        return
    by_interface = spoke.platform == "junos" and spoke.next_hop == "interface"
    if ours.network == theirs.network or (by_interface and ours.ip in theirs.network):
        return
    if ours.ip in theirs.network and theirs.ip not in ours.network and spoke.platform == "junos":
        problems.add("hub_off_network", spoke.host, "nhtb_tunnel.address", ours, address=theirs.ip)
    else:
        problems.add("tunnel_off_network", spoke.host, "nhtb_tunnel.address", ours, network=theirs.network)
