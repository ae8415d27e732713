# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The policies of a device that the rules of ``nhtb_policies`` make, and the networks that names of rules stand for."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Network, Role, Site
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import AddressEntry, Purpose, SecurityPolicy
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rules import ANY, PolicyDraft, RuleDraft, SpokeToSpoke
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.sites import local_name

# The roles of the two sides of a direction.
ROLES: dict[str, tuple[Role, Role]] = {
    "to-hub": ("spoke", "hub"),
    "to-spokes": ("hub", "spoke"),
    "spoke-to-spoke": ("spoke", "spoke"),
}


class Places:
    """The networks of a fleet in the VPN, by the names of their sites and by their own."""

    def __init__(self, sites: t.Sequence[Site], spoke_to_spoke: SpokeToSpoke) -> None:
        """``sites`` has the hub first. ``spoke_to_spoke`` says which spokes reach each other."""
        self.hub = sites[0]
        self.spoke_to_spoke = spoke_to_spoke
        self._by_role: dict[Role, tuple[tuple[Site, Network], ...]] = {
            "hub": tuple((self.hub, lan) for lan in self.hub.networks),
            "spoke": tuple((site, lan) for site in sites[1:] for lan in site.networks),
        }
        self._by_name: dict[str, list[tuple[Site, Network]]] = {}
        for site in sites:
            for lan in site.networks:
                for name in (site.name, lan.book_name):
                    self._by_name.setdefault(name, []).append((site, lan))
        self._partners: dict[str, list[str]] = {}
        for one, other in spoke_to_spoke if isinstance(spoke_to_spoke, tuple) else ():
            self._partners.setdefault(one, []).append(other)
            self._partners.setdefault(other, []).append(one)

    def own(self, site: Site, names: t.Sequence[str], role: Role) -> list[Network]:
        """Return the networks of a site that names stand for, if the site has the role."""
        if site.role != role:
            return []
        return [lan for lan in site.networks if names == ANY or not {site.name, lan.book_name}.isdisjoint(names)]

    def far(self, site: Site, names: t.Sequence[str], role: Role) -> tuple[str, ...]:
        """Return the address book names of other sites' networks that names stand for, of sites with the role."""
        if names == ANY:
            found = self._by_role[role]
        else:
            found = tuple(one for name in names for one in self._by_name.get(name, ()) if one[0].role == role)
        return tuple(dict.fromkeys(lan.book_name for other, lan in found if other is not site))

    def reached(self, site: Site) -> tuple[str, ...] | None:
        """Return the address book names that a spoke's general policies permit; ``None`` for all."""
        if site.role == "hub" or self.spoke_to_spoke is True:
            return None
        partners = tuple(self._partners.get(site.name, ()))
        return (*self.far(site, ANY, "hub"), *(self.far(site, partners, "spoke") if partners else ()))

    def prefix(self, site: Site, name: str) -> str:
        """Return the network of a name in the address books of a site."""
        own = next((lan.network for lan in site.all_networks if local_name(site, lan) == name), "")
        return own or next(lan.network for _site, lan in self._by_name[name] if lan.book_name == name)


def pair_policies(site: Site, places: Places) -> t.Iterator[SecurityPolicy]:
    """Yield the policies within the tunnel zones of a hub for the pairs of spokes that reach each other."""
    for one, other in places.spoke_to_spoke if isinstance(places.spoke_to_spoke, tuple) else ():
        for source, destination in ((one, other), (other, one)):
            names = places.far(site, (source,), "spoke"), places.far(site, (destination,), "spoke")
            for zone in site.tunnel_zones:
                yield SecurityPolicy(f"{source}-to-{destination}", zone, zone, *names, "spokes")


def rule_policies(rules: t.Iterable[RuleDraft], site: Site, places: Places) -> tuple[SecurityPolicy, ...]:
    """Return the policies of rules in their order. A rule that has nothing to do with a site makes none there."""
    found: list[SecurityPolicy] = []
    for rule in rules:
        sides = _of_zones(rule, site, places) if rule.from_zone else _of_direction(rule, site, places)
        found += [_policy(rule, site, *side) for side in sides]
    return tuple(found)


_Sides = tuple[tuple[str, str], tuple[str, ...], tuple[str, ...]]


def _policy(
    rule: RuleDraft, site: Site, zones: tuple[str, str], sources: tuple[str, ...], destinations: tuple[str, ...]
) -> SecurityPolicy:
    purpose: Purpose = "tunnel"
    if zones[1] in site.wan_zones and zones[1] not in site.tunnel_zones:
        purpose = "internet"
    elif site.role == "hub" and set(zones) <= set(site.own_tunnel_zones):
        purpose = "spokes"
    return SecurityPolicy(
        rule.name,
        *zones,
        sources,
        destinations,
        purpose,
        rule.action,
        rule.applications,
        rule.log,
        rule.count,
        rule.variable,
    )


def _of_direction(rule: RuleDraft, site: Site, places: Places) -> t.Iterator[_Sides]:
    """Yield the zones and names of a rule at a site: out of its LANs, into them, and on the hub from spoke to spoke."""
    (source_role, destination_role), names = ROLES[rule.direction or ""], (rule.sources, rule.destinations)
    sources = places.own(site, names[0], source_role), places.far(site, names[0], source_role)
    destinations = places.own(site, names[1], destination_role), places.far(site, names[1], destination_role)
    for tunnel_zone in site.tunnel_zones:
        for zone, own in _by_zone(site, sources[0]).items():
            if destinations[1]:
                yield (zone, tunnel_zone), own, destinations[1]
        for zone, own in _by_zone(site, destinations[0]).items():
            if sources[1]:
                yield (tunnel_zone, zone), sources[1], own
        if site.role == "hub" and rule.direction == "spoke-to-spoke":
            far = (ANY if names[0] == ANY else sources[1]), (ANY if names[1] == ANY else destinations[1])
            yield (tunnel_zone, tunnel_zone), *far


def _by_zone(site: Site, lans: t.Iterable[Network]) -> dict[str, tuple[str, ...]]:
    zones: dict[str, tuple[str, ...]] = {}
    for lan in lans:
        zones[lan.zone] = (*zones.get(lan.zone, ()), local_name(site, lan))
    return zones


def _of_zones(rule: RuleDraft, site: Site, places: Places) -> t.Iterator[_Sides]:
    """Yield the zones and names of a rule between two zones of a site."""
    zones = rule.from_zone or "", rule.to_zone or ""
    sources = _in_zone(rule.sources, zones[0], site, places)
    yield zones, sources, _in_zone(rule.destinations, zones[1], site, places)


def _in_zone(names: tuple[str, ...], zone: str, site: Site, places: Places) -> tuple[str, ...]:
    if names == ANY:
        return ANY
    # The zone of a LAN may be that of the tunnels too.
    own = _by_zone(site, places.own(site, names, site.role)).get(zone, ())
    roles: tuple[Role, ...] = ("hub", "spoke") if zone in site.tunnel_zones else ()
    return (*own, *(name for role in roles for name in places.far(site, names, role)))


def named_entries(
    site: Site, policies: t.Iterable[SecurityPolicy], entries: t.Sequence[AddressEntry], places: Places, *, shared: bool
) -> tuple[AddressEntry, ...]:
    """Return the address book entries that policies name and that ``entries`` lack.

    ``shared`` says that one address book serves all zones.
    """
    known = {("" if shared else entry.zone, entry.name) for entry in entries}
    wanted: dict[tuple[str, str], str] = {}
    for policy in policies:
        for zone, names in ((policy.from_zone, policy.sources), (policy.to_zone, policy.destinations)):
            for name in names if names != ANY else ():
                key = ("" if shared else zone, name)
                if key not in known:
                    wanted.setdefault(key, zone)
    return tuple(AddressEntry(zone, key[1], places.prefix(site, key[1])) for key, zone in wanted.items())


def named_only(
    entries: t.Sequence[AddressEntry], policies: t.Iterable[SecurityPolicy], *, shared: bool
) -> tuple[AddressEntry, ...]:
    """Return the entries that policies name. ``shared`` says that one address book serves all zones."""
    named: set[tuple[str, str]] = set()
    for policy in policies:
        for zone, names in ((policy.from_zone, policy.sources), (policy.to_zone, policy.destinations)):
            named.update(("" if shared else zone, name) for name in names)
    return tuple(entry for entry in entries if ("" if shared else entry.zone, entry.name) in named)


def book_names(stated: PolicyDraft, site: Site) -> tuple[tuple[str, str], ...]:
    """Return the names of the attached address books of a site by zone; a zone without one has its own name's."""
    names = dict(stated.book_names)
    zones = dict.fromkeys(one.zone for one in site.attachments)
    return tuple((zone, names.get(zone, names.get("*", zone))) for zone in zones)
