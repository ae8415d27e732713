# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The security policies of a device, with the address book entries and the source NAT that belong to them."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Site
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import AddressEntry, SecurityPolicy, SourceNat
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.inside import numbered
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.limits import NAT_ZONES
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rule_policies import Places, pair_policies
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rules import ANY
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.sites import local_name


def vpn_policies(
    site: Site, tunnels: t.Sequence[Tunnel], remote: t.Sequence[AddressEntry], places: Places
) -> tuple[SecurityPolicy, ...]:
    """Return the policies between the LANs and the tunnels, and on a hub from spoke to spoke.

    ``remote`` are the address book entries of the networks behind the tunnels, each in the zone of its tunnel. A spoke
    that does not reach all of them, by ``nhtb_spoke_to_spoke``, names those that it reaches.
    """
    policies: list[SecurityPolicy] = []
    reached = places.reached(site)
    for zone in site.tunnel_zones:
        far = tuple(entry.name for entry in remote if entry.zone == zone) if reached is None else reached
        policies += _with_lans(site, zone, far, _names(site, tunnels, zone))
        if site.role == "hub" and places.spoke_to_spoke is True:
            # Other interfaces of a shared zone, as those of guests or of the Internet, are not meant.
            ends = ANY if zone in site.own_tunnel_zones else far
            policies.append(SecurityPolicy("spoke-to-spoke", zone, zone, ends, ends, "spokes"))
    if site.role == "hub":
        policies += pair_policies(site, places)
    return tuple(policies)


def _names(site: Site, tunnels: t.Sequence[Tunnel], zone: str) -> tuple[str, str]:
    """Return the document's names: a spoke's have that of its peer."""
    if site.role == "hub":
        return "local-to-spokes", "spokes-to-local"
    peer = next(tunnel.peer_site for tunnel in tunnels if tunnel.local.unit.zone == zone)
    return f"to-{peer}", f"from-{peer}"


def _with_lans(site: Site, zone: str, far: tuple[str, ...], names: tuple[str, str]) -> t.Iterator[SecurityPolicy]:
    local: dict[str, list[str]] = {}
    for lan in site.networks:
        local.setdefault(lan.zone, []).append(local_name(site, lan))
    for lan_zone, own in local.items():
        yield SecurityPolicy(names[0], lan_zone, zone, tuple(own), far)
        yield SecurityPolicy(names[1], zone, lan_zone, far, tuple(own))


def internet_policies(site: Site, zones: t.Iterable[str]) -> tuple[SecurityPolicy, ...]:
    """Return a policy from each LAN zone: for any source, or for its LANs with ``internet`` where others are there."""
    policies = []
    for zone in zones:
        lans = [lan for lan in site.all_networks if lan.zone == zone]
        allowed = tuple(local_name(site, lan) for lan in lans if lan.internet)
        if allowed:
            sources = ANY if len(allowed) == len(lans) else allowed
            policies += [SecurityPolicy("any-permit", zone, wan, sources, ANY, "internet") for wan in site.wan_zones]
    return tuple(policies)


def source_nat(site: Site, zones: t.Sequence[str]) -> tuple[SourceNat, ...]:
    """Return the rule sets for these zones: a rule set of Junos takes 8 of them."""
    parts = [tuple(zones[start : start + NAT_ZONES]) for start in range(0, len(zones), NAT_ZONES)]
    # In a zone with tunnels only the WAN itself is meant: the other sites know the LANs by their own addresses.
    shared = set(site.wan_zones).intersection(site.tunnel_zones)
    ways = [("interface", wan.interface, wan.zone) for wan in site.wans if wan.zone in shared]
    ways += [("zone", zone, zone) for zone in site.wan_zones if zone not in shared]
    contexts = [(part, way) for way in ways for part in parts]
    return tuple(
        SourceNat(
            numbered("lan-to-internet", index), "interface-nat", part, zone, name if kind == "interface" else None
        )
        for index, (part, (kind, name, zone)) in enumerate(contexts)
    )


def local_entries(site: Site, internet: t.Iterable[SecurityPolicy]) -> tuple[AddressEntry, ...]:
    """Return the entries of a site's own networks: those of the VPN, and those that a policy to the Internet names."""
    named = {(policy.from_zone, name) for policy in internet for name in policy.sources}
    entries = [AddressEntry(lan.zone, local_name(site, lan), lan.network) for lan in site.all_networks]
    return tuple(
        entry
        for entry, lan in zip(entries, site.all_networks, strict=True)
        if lan in site.networks or (entry.zone, entry.name) in named
    )


def in_order(
    site: Site,
    rules: tuple[SecurityPolicy, ...],
    internet: tuple[SecurityPolicy, ...],
    general: tuple[SecurityPolicy, ...],
    deny: tuple[SecurityPolicy, ...],
) -> tuple[SecurityPolicy, ...]:
    """Return all policies. Junos evaluates them in this order; an operator puts those that deny on top, numbered last.

    So the numbers of the others stay the same where a ScreenOS device gets the policies that deny later. No rule lets a
    packet for the VPN out in clear: those of an operator follow the policies that deny it.
    """
    if site.profile.by_operator:
        return (*rules, *internet, *general, *deny)
    outward = tuple(one for one in rules if one.purpose == "internet")
    others = tuple(one for one in rules if one.purpose != "internet")
    return (*others, *general, *deny, *outward, *internet)
