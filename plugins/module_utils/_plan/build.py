# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Build plans from drafts without problems. Names are the document's; keys are compared and are not in the plans."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from itertools import accumulate

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import (
    AddressEntry,
    ClosedBy,
    DevicePlan,
    FleetPlan,
    StaticRoute,
    Tunnel,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Site
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.closed import Closed, Summary, closed
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.keys import key_sharers
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.mss import mss_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.policies import (
    in_order,
    internet_policies,
    local_entries,
    source_nat,
    vpn_policies,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rule_policies import (
    Places,
    book_names,
    named_entries,
    named_only,
    rule_policies,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rules import spokes_reached
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.sites import (
    given,
    inside_routes,
    interfaces_of,
    site_of,
    zones_of,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.tunnels import at_hub, at_spoke, link_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.vpn_options import timers_of_hub

T = t.TypeVar("T")
INTERNET = "0.0.0.0/0"


def build_fleet(hub: Draft, spokes: t.Sequence[Draft]) -> FleetPlan:
    """Plan every device. Objects common to all spokes are built once, for fleets of thousands."""
    hub_site, *sites = [site_of(draft) for draft in (hub, *spokes)]
    links = [link_of(hub, hub_site, spoke, site) for spoke, site in zip(spokes, sites, strict=True)]
    every = [hub_site, *sites]
    networks = _Networks(every, Places(every, spokes_reached(hub)))
    behind = [networks.of(index) for index in range(1, len(links) + 1)]
    reached = [
        (at_hub(link, hub, spoke, far.prefixes), far) for link, spoke, far in zip(links, spokes, behind, strict=True)
    ]
    at_center = _device(hub, hub_site, reached, networks)
    timers = timers_of_hub(hub, spokes)
    devices = [replace(at_center, key_sharers=key_sharers(spokes), monitor_timers=timers)]
    for index, (spoke, link) in enumerate(zip(spokes, links, strict=True), start=1):
        far = networks.without(index)
        tunnel = at_spoke(link, hub, spoke, far.prefixes)
        devices.append(_device(spoke, link.spoke.site, [(tunnel, far)], networks))
    return FleetPlan(devices=tuple(devices), confirm_minutes=given(hub.confirm_minutes))


class _Networks:
    """The networks of all sites in sequence, so that those of one site, or of all others, are slices."""

    def __init__(self, sites: t.Sequence[Site], places: Places) -> None:
        self._lans = tuple(lan for site in sites for lan in site.networks)
        self._ends = [0, *accumulate(len(site.networks) for site in sites)]
        self.prefixes = tuple(lan.network for lan in self._lans)
        self.summary = Summary(sites)
        self.places = places
        self._routes: dict[tuple[str, str, bool], tuple[StaticRoute, ...]] = {}
        self._entries: dict[str, tuple[AddressEntry, ...]] = {}

    def of(self, index: int) -> _Far:
        """Return the networks of one site."""
        return _Far(self, (slice(self._ends[index], self._ends[index + 1]),))

    def without(self, index: int) -> _Far:
        """Return the networks of all sites but one."""
        return _Far(self, (slice(0, self._ends[index]), slice(self._ends[index + 1], None)))

    def routes(self, next_hop: str, interface: str, *, passive: bool) -> tuple[StaticRoute, ...]:
        """Return a route to each network."""
        key = (next_hop, interface, passive)
        if key not in self._routes:
            self._routes[key] = tuple(StaticRoute(prefix, next_hop, interface, passive) for prefix in self.prefixes)
        return self._routes[key]

    def entries(self, zone: str) -> tuple[AddressEntry, ...]:
        """Return an address book entry for each network."""
        if zone not in self._entries:
            self._entries[zone] = tuple(AddressEntry(zone, lan.book_name, lan.network) for lan in self._lans)
        return self._entries[zone]


class _Far(t.NamedTuple):
    """The networks behind a tunnel."""

    all_networks: _Networks
    slices: tuple[slice, ...]

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Return the networks."""
        return self._part(self.all_networks.prefixes)

    def routes(self, tunnel: Tunnel, *, passive: bool) -> tuple[StaticRoute, ...]:
        """Return a route through the tunnel to each network."""
        if len(self.slices) == 1:
            # Each spoke has a next hop of its own on the hub: nothing to share.
            hop, interface = tunnel.next_hop, tunnel.bind_interface
            return tuple(StaticRoute(prefix, hop, interface, passive) for prefix in self.prefixes)
        return self._part(self.all_networks.routes(tunnel.next_hop, tunnel.bind_interface, passive=passive))

    def entries(self, zone: str) -> tuple[AddressEntry, ...]:
        """Return an address book entry for each network."""
        return self._part(self.all_networks.entries(zone))

    def _part(self, items: tuple[T, ...]) -> tuple[T, ...]:
        first, *rest = (items[one] for one in self.slices)
        return sum(rest, first)


def _closed_by(draft: Draft, site: Site) -> ClosedBy:
    """Return what keeps traffic from leaving in clear.

    On Junos our policies come after the device's own, so where it has its own policy to the Internet, only routes help;
    so where a tunnel is in the zone of a WAN, whose policies apply to both. On ScreenOS ours can be put on top.
    """
    if not draft.fail_closed:
        return "nothing"
    if draft.platform == "screenos":
        return "policies"
    shared = not set(site.tunnel_zones).isdisjoint(site.wan_zones)
    return "routes" if shared or "internet_policy" in draft.unmanaged else "policies"


def _device(draft: Draft, site: Site, reached: t.Sequence[tuple[Tunnel, _Far]], networks: _Networks) -> DevicePlan:
    """Return the plan of a device from its tunnels, each with the networks behind it, without its unmanaged parts."""
    unmanaged, closed_by = draft.unmanaged, _closed_by(draft, site)
    passive = closed_by == "routes"
    tunnels = tuple(tunnel for tunnel, _far in reached)
    routes = tuple(route for tunnel, far in reached for route in far.routes(tunnel, passive=passive))
    remote = tuple(entry for tunnel, far in reached for entry in far.entries(tunnel.local.unit.zone))
    # Guests too: their packets for the VPN must not leave in clear either.
    lan_zones = tuple(dict.fromkeys(given(lan.zone) for lan in draft.lans))
    internet = () if "internet_policy" in unmanaged else internet_policies(site, lan_zones)
    deny = Closed((), ())
    if closed_by == "policies":
        # Traffic from spoke to spoke comes from the tunnel of one, and its way is that of the other's.
        through = [unit.zone for unit in site.units if unit.multipoint]
        deny = closed(site, dict.fromkeys((*lan_zones, *through)), remote, networks.summary, draft.address_book)
    elif draft.platform == "junos" and internet and not set(site.tunnel_zones).isdisjoint(site.wan_zones):
        # The policy to the Internet would let the LANs outside the VPN into the tunnels of the WAN's zone.
        outside = dict.fromkeys(lan.zone for lan in site.other_lans)
        deny = closed(site, outside, remote, networks.summary, draft.address_book) if outside else deny
    stated, places = draft.policies, networks.places
    rules = rule_policies(stated.rules, site, places)
    general = vpn_policies(site, tunnels, remote, places) if stated.general else ()
    policies = in_order(site, rules, internet, general, deny.policies)
    shared = site.platform == "junos" and draft.address_book == "global"
    if rules or not stated.general or places.reached(site) is not None:
        remote = named_only(remote, policies, shared=shared)
    book = tuple(dict.fromkeys((*local_entries(site, internet), *remote, *deny.entries)))
    natted = [one.from_zone for one in (*internet, *rules) if one.purpose == "internet" and one.action == "permit"]
    unrouted = "default_route" in unmanaged
    # The default route of a WAN that gets its address by DHCP comes with it.
    gateways = [] if unrouted else [wan.gateway for wan in site.wans if wan.gateway]
    default_routes = tuple(StaticRoute(INTERNET, gateway, None) for gateway in gateways)
    return DevicePlan(
        site=site,
        group=given(draft.group),
        syntax=draft.syntax,
        mss=given(draft.mss),
        tunnels=tunnels,
        routes=(*default_routes, *routes),
        zones=zones_of(draft, site, lan_zones),
        address_book=(*book, *named_entries(site, policies, book, places, shared=shared)),
        policies=policies,
        interfaces=interfaces_of(site, unmanaged),
        source_nat=source_nat(site, list(dict.fromkeys(natted))),
        address_book_kind=draft.address_book,
        policy_addresses=given(draft.policy_addresses),
        closed_by=closed_by,
        book_names=book_names(stated, site) if draft.address_book == "attached" else (),
        owns_zone_pairs=stated.owns_zone_pairs,
        monitor_timers=draft.vpn.own.timers,
        largest_mss=min(map(mss_of, tunnels)),
        inside_routes=inside_routes(site),
    )
