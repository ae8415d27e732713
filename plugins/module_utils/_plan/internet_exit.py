# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The traffic of spokes to the Internet through the hub (``nhtb_internet_exit: hub``): routes and policies for it."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import INTERNET, StaticRoute, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Site
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import AddressEntry, SecurityPolicy
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.sites import given, local_name

_ANY = ("any",)


def exit_routes(site: Site, tunnel: Tunnel, *, passive: bool) -> tuple[StaticRoute, ...]:
    """Return the routes of a spoke: to the hub's WAN addresses by the provider, and all else into the tunnel.

    Without the first ones, the packets of the tunnel itself would be routed into the tunnel.
    """
    wan = site.wans[0]
    provider = wan.interface if wan.addressing == "pppoe" else str(given(wan.gateway))
    return (
        *(StaticRoute(f"{address}/32", provider, None) for address in tunnel.peer_addresses),
        StaticRoute(INTERNET, tunnel.route_next_hop, tunnel.bind_interface, passive),
    )


def into_the_tunnel(draft: Draft, site: Site) -> t.Iterator[SecurityPolicy]:
    """Yield the policies of a spoke that let its LANs through the tunnel to the Internet."""
    lans: dict[str, list[str]] = {}
    for lan in site.networks if draft.exits_at_hub else ():
        if lan.internet:
            lans.setdefault(lan.zone, []).append(local_name(site, lan))
    for zone in site.tunnel_zones:
        for lan_zone, names in lans.items():
            yield SecurityPolicy("to-internet", lan_zone, zone, tuple(names), _ANY)


def at_the_hub(site: Site, exiting: t.Sequence[Site], remote: t.Sequence[AddressEntry]) -> tuple[SecurityPolicy, ...]:
    """Return the policies of the hub that let the LANs of ``exiting`` spokes to the Internet.

    ``remote`` are the address book entries of all spokes, or their summary.
    """
    lans = {lan.book_name for spoke in exiting for lan in spoke.networks if lan.internet}
    names = tuple(entry.name for entry in remote if entry.name in lans)
    if lans and not names:
        names = tuple(entry.name for entry in remote)
    return tuple(
        SecurityPolicy("spokes-to-internet", zone, wan, names, _ANY, "internet")
        for zone in (site.tunnel_zones if lans else ())
        for wan in site.wan_zones
    )


def check_exit_zone(hub: Draft, spokes: t.Iterable[Draft], problems: Problems) -> None:
    """Check that the hub can tell the traffic of spokes to the Internet from that of the Internet."""
    exiting = next((spoke for spoke in spokes if spoke.exits_at_hub), None)
    if exiting is not None and hub.tunnel.zone is not None and hub.tunnel.zone == hub.wan.zone:
        problems.add("exit_in_wan_zone", hub.host, "nhtb_tunnel.zone", hub.tunnel.zone, other=exiting.host)


def check_internet_exit(draft: Draft, problems: Problems) -> None:
    """Check what a spoke needs whose traffic to the Internet goes through the hub."""
    name = "nhtb_internet_exit"
    if draft.internet_exit == "hub" and draft.role == "hub":
        problems.add("hub_has_exit", draft.host, name, "hub")
    if not draft.exits_at_hub:
        return
    if draft.profile.by_operator:
        problems.add("no_exit_at_hub", draft.host, name, "hub", platform=draft.profile.title)
    # With a fixed address and a managed default route, the gateway is missing already.
    is_told = draft.wan.addressing == "static" and "default_route" not in draft.unmanaged
    needs_gateway = draft.wan.gateway is None and draft.wan.addressing != "pppoe"
    if needs_gateway and not is_told and "routes" not in draft.unmanaged:
        if draft.wan.addressing == "dhcp":
            problems.add("exit_by_dhcp", draft.host, name, "hub")
        else:
            problems.add("exit_needs_gateway", draft.host, "nhtb_wan.gateway", None)
    for lan in draft.lans:
        if lan.internet and not lan.vpn:
            problems.add("exit_outside_vpn", draft.host, f"{lan.variable}.internet", "true")
