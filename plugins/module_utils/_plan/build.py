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
    INTERNET,
    ClosedBy,
    DevicePlan,
    FleetPlan,
    StaticRoute,
    Tunnel,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Site
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import AddressEntry
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.closed import Closed, closed
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.internet_exit import (
    at_the_hub,
    exit_routes,
    into_the_tunnel,
)
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
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.summary import Summary, is_summarised, named
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.tunnel_routes import to_peer
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.tunnels import at_hub, at_spoke, link_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.vpn_options import timers_of_hub

T = t.TypeVar("T")


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
    exiting = [site for spoke, site in zip(spokes, sites, strict=True) if spoke.exits_at_hub]
    told = [(tunnel.local.unit.zone, far) for tunnel, far in reached]
    if is_summarised(hub, len(spokes)):
        told = [(zone, networks.summary_of(hub)) for zone in hub_site.tunnel_zones]
    at_center = _device(hub, hub_site, reached, told, networks, exiting)
    timers = timers_of_hub(hub, spokes)
    devices = [replace(at_center, key_sharers=key_sharers(spokes), monitor_timers=timers)]
    for index, (spoke, link) in enumerate(zip(spokes, links, strict=True), start=1):
        summarised = is_summarised(spoke, len(spokes))
        far = networks.summary_of(spoke, but=link.spoke.site) if summarised else networks.without(index)
        tunnel = at_spoke(link, hub, spoke, (INTERNET,) if spoke.exits_at_hub else far.prefixes)
        told = [(link.spoke.unit.zone, far)]
        devices.append(_device(spoke, link.spoke.site, [(tunnel, far)], told, networks))
    return FleetPlan(devices=tuple(devices), confirm_minutes=given(hub.confirm_minutes))


class _Listed:
    """Named prefixes in sequence, with the routes and address book entries that devices share."""

    def __init__(self, prefixes: t.Iterable[tuple[str, str]]) -> None:
        self.names, self.prefixes = t.cast(
            "tuple[tuple[str, ...], tuple[str, ...]]", tuple(zip(*prefixes, strict=True))
        )
        self._routes: dict[tuple[str, str, bool], tuple[StaticRoute, ...]] = {}
        self._entries: dict[str, tuple[AddressEntry, ...]] = {}

    def routes(self, next_hop: str, interface: str, *, passive: bool) -> tuple[StaticRoute, ...]:
        """Return a route to each prefix."""
        key = (next_hop, interface, passive)
        if key not in self._routes:
            self._routes[key] = tuple(StaticRoute(prefix, next_hop, interface, passive) for prefix in self.prefixes)
        return self._routes[key]

    def entries(self, zone: str) -> tuple[AddressEntry, ...]:
        """Return an address book entry for each prefix."""
        if zone not in self._entries:
            self._entries[zone] = tuple(
                AddressEntry(zone, name, prefix) for name, prefix in zip(self.names, self.prefixes, strict=True)
            )
        return self._entries[zone]


class _Far(t.NamedTuple):
    """The networks behind a tunnel, as parts of a list that several devices share."""

    listed: _Listed
    slices: tuple[slice, ...]

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Return the networks."""
        return self._part(self.listed.prefixes)

    def routes(self, tunnel: Tunnel, *, passive: bool) -> tuple[StaticRoute, ...]:
        """Return a route through the tunnel to each network."""
        hop, interface = tunnel.route_next_hop, tunnel.bind_interface
        if tunnel.multipoint:
            # Each spoke has a next hop of its own on the hub: nothing to share.
            return tuple(StaticRoute(prefix, hop, interface, passive) for prefix in self.prefixes)
        return self._part(self.listed.routes(hop, interface, passive=passive))

    def entries(self, zone: str) -> tuple[AddressEntry, ...]:
        """Return an address book entry for each network."""
        return self._part(self.listed.entries(zone))

    def _part(self, items: tuple[T, ...]) -> tuple[T, ...]:
        first, *rest = (items[one] for one in self.slices)
        return sum(rest, first)


class _Networks:
    """The networks of all sites in sequence, so that those of one site, or of all others, are slices; and summaries."""

    def __init__(self, sites: t.Sequence[Site], places: Places) -> None:
        self.places = places
        self._all = _Listed((lan.book_name, lan.network) for site in sites for lan in site.networks)
        self._ends = [0, *accumulate(len(site.networks) for site in sites)]
        self.summary = Summary(sites)
        self._summaries: dict[object, _Listed] = {}

    def of(self, index: int) -> _Far:
        """Return the networks of one site."""
        return _Far(self._all, (slice(self._ends[index], self._ends[index + 1]),))

    def without(self, index: int) -> _Far:
        """Return the networks of all sites but one."""
        return _Far(self._all, (slice(0, self._ends[index]), slice(self._ends[index + 1], None)))

    def summary_of(self, draft: Draft, but: Site | None = None) -> _Far:
        """Return the prefixes that a device has in place of networks, without those that are a network of a site.

        A route to such a prefix would be that to the site's own network.
        """
        key = draft.summary if isinstance(draft.summary, tuple) else ()
        if key not in self._summaries:
            self._summaries[key] = _Listed((named(key) if key else self.summary.names).items())
        listed = self._summaries[key]
        own = {lan.network for lan in but.networks} if but else set()
        ends = [index for index, prefix in enumerate(listed.prefixes) if prefix in own]
        starts = [0, *(index + 1 for index in ends)]
        return _Far(listed, tuple(slice(*pair) for pair in zip(starts, [*ends, None], strict=True)))


def _closed_by(draft: Draft, site: Site) -> ClosedBy:
    """Return what keeps traffic from leaving in clear.

    On Junos our policies come after the device's own, so where it has its own policy to the Internet, only routes help;
    so where a tunnel is in the zone of a WAN, whose policies apply to both. An operator can put ours on top, on a
    device that has such policies.
    """
    if not draft.fail_closed:
        return "nothing"
    if draft.profile.by_operator:
        return draft.profile.closes_by
    shared = not set(site.tunnel_zones).isdisjoint(site.wan_zones)
    return "routes" if shared or "internet_policy" in draft.unmanaged else "policies"


def _device(
    draft: Draft,
    site: Site,
    reached: t.Sequence[tuple[Tunnel, _Far]],
    told: t.Sequence[tuple[str, _Far]],
    networks: _Networks,
    exiting: t.Sequence[Site] = (),
) -> DevicePlan:
    """Return the plan of a device from its tunnels, each with the networks behind it, without its unmanaged parts.

    ``told`` are the far networks as its address books have them, each in the zone of a tunnel. ``exiting`` are the
    sites whose traffic to the Internet leaves here.
    """
    unmanaged, closed_by = draft.unmanaged, _closed_by(draft, site)
    tunnels = tuple(tunnel for tunnel, _far in reached)
    remote = tuple(entry for zone, far in told for entry in far.entries(zone))
    # Guests too: their packets for the VPN must not leave in clear either.
    lan_zones = tuple(dict.fromkeys(given(lan.zone) for lan in draft.lans))
    internet = () if "internet_policy" in unmanaged or draft.exits_at_hub else internet_policies(site, lan_zones)
    through = at_the_hub(site, exiting, remote) if "internet_policy" not in unmanaged else ()
    stated, places, outward = draft.policies, networks.places, (*internet, *through)
    is_limited = not stated.general or places.reached(site) is not None
    deny = Closed((), ())
    if closed_by == "policies":
        # Traffic from spoke to spoke comes from the tunnel of one, and its way is that of the other's.
        multipoint = [unit.zone for unit in site.units if unit.multipoint]
        denied = dict.fromkeys((*lan_zones, *multipoint))
        deny = closed(site, denied, () if draft.exits_at_hub else remote, networks.summary, draft.address_book)
    elif draft.platform == "junos" and internet and not set(site.tunnel_zones).isdisjoint(site.wan_zones):
        # The policy to the Internet would let the LANs outside the VPN into the tunnels of the WAN's zone, and those in
        # the VPN to networks that the policies before it do not name.
        outside = lan_zones if is_limited else tuple(dict.fromkeys(lan.zone for lan in site.other_lans))
        deny = closed(site, outside, remote, networks.summary, draft.address_book) if outside else deny
    rules = rule_policies(stated.rules, site, places)
    general = (*vpn_policies(site, tunnels, remote, places), *into_the_tunnel(draft, site)) if stated.general else ()
    policies = in_order(site, rules, outward, general, deny.policies)
    shared = site.platform == "junos" and draft.address_book == "global"
    if rules or is_limited:
        remote = named_only(remote, policies, shared=shared)
    book = tuple(dict.fromkeys((*local_entries(site, internet), *remote, *deny.entries)))
    natted = [one.from_zone for one in (*outward, *rules) if one.purpose == "internet" and one.action == "permit"]
    return DevicePlan(
        site=site,
        group=given(draft.group),
        syntax=draft.syntax,
        mss=given(draft.mss),
        tunnels=tunnels,
        routes=_routes(draft, site, reached, passive=closed_by == "routes"),
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
        routes_managed="routes" not in unmanaged,
        max_tunnels=draft.max_tunnels,
        exit_networks=tuple(lan.network for one in exiting for lan in one.networks if lan.internet),
    )


def _routes(
    draft: Draft, site: Site, reached: t.Sequence[tuple[Tunnel, _Far]], *, passive: bool
) -> tuple[StaticRoute, ...]:
    """Return the default route and the routes into the tunnels, as far as they are managed."""
    unmanaged = draft.unmanaged
    if draft.exits_at_hub:
        return () if "routes" in unmanaged else exit_routes(site, reached[0][0], passive=passive)
    # The default route of a WAN that gets its address by DHCP comes with it; PPPoE has one peer at its other end.
    hops = [wan.interface if wan.addressing == "pppoe" else wan.gateway for wan in site.wans]
    default_routes = tuple(StaticRoute(INTERNET, hop, None) for hop in hops if hop and "default_route" not in unmanaged)
    if "routes" in unmanaged:
        return default_routes
    into = (route for tunnel, far in reached for route in far.routes(tunnel, passive=passive))
    return (*default_routes, *(route for tunnel, _far in reached for route in to_peer(tunnel)), *into)
