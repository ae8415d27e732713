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
    IkePolicy,
    Interface,
    Lan,
    NhtbFlag,
    SecurityPolicy,
    Site,
    SourceNat,
    StaticRoute,
    Tunnel,
    Unit,
    Wan,
    Zone,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.closed import Closed, Summary, closed
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.crypto import Profile, profile_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft

T = t.TypeVar("T")
ANY = ("any",)
INTERNET = "0.0.0.0/0"
# Zones that one context of a rule set takes.
NAT_ZONES = 8


def build_fleet(hub: Draft, spokes: t.Sequence[Draft]) -> FleetPlan:
    """Plan every device. Objects common to all spokes are built once, for fleets of thousands."""
    hub_site = _site(hub)
    sites = [_site(spoke) for spoke in spokes]
    profiles = [_profile(hub, spoke) for spoke in spokes]
    everywhere = _Networks([hub_site, *sites])
    devices = [_hub_plan(hub, hub_site, spokes, sites, profiles, everywhere.summary)]
    for index, (spoke, site, profile) in enumerate(zip(spokes, sites, profiles, strict=True), start=1):
        devices.append(_spoke_plan(spoke, site, hub_site, profile, everywhere, index))
    return FleetPlan(devices=tuple(devices), confirm_minutes=_given(hub.confirm_minutes))


def _given(value: T | None) -> T:
    """Return a value that a draft without problems always has."""
    if value is None:
        raise AssertionError("a draft with a missing value was accepted")
    return value


def _site(draft: Draft) -> Site:
    name, wan, tunnel = _given(draft.name), draft.wan, draft.tunnel
    wan_address, tunnel_address = _given(wan.address), _given(tunnel.address)
    lans = [
        Lan(
            interface=_given(lan.interface),
            address=str(_given(lan.address)),
            network=str(_given(lan.address).network),
            zone=_given(lan.zone),
            book_name=_numbered(f"{name}-net", index),
            internet=lan.internet,
        )
        for index, lan in enumerate(draft.lans)
    ]
    return Site(
        host=draft.host,
        name=name,
        role=draft.role,
        platform=draft.platform,
        lans=tuple(lan for lan, drafted in zip(lans, draft.lans, strict=True) if drafted.vpn),
        other_lans=tuple(lan for lan, drafted in zip(lans, draft.lans, strict=True) if not drafted.vpn),
        wan=Wan(
            interface=_given(wan.interface),
            address=str(wan_address),
            ip=str(wan_address.ip),
            gateway=None if wan.gateway is None else str(wan.gateway),
            zone=_given(wan.zone),
        ),
        tunnel_interface=f"{'tunnel' if draft.platform == 'screenos' else 'st0'}.{_given(tunnel.unit)}",
        tunnel_address=str(tunnel_address),
        tunnel_ip=str(tunnel_address.ip),
        tunnel_zone=_given(tunnel.zone),
        host_name=draft.host_name,
        release=draft.release,
    )


def _numbered(name: str, index: int) -> str:
    """Return the name of an object of several: the first has the plain name, the second ends with 2."""
    return name if index == 0 else f"{name}-{index + 1}"


def _profile(hub: Draft, spoke: Draft) -> Profile:
    profile = profile_of(spoke.platform, spoke.syntax, _given(spoke.dh_group), hub.host)
    if spoke.key == hub.key:
        return profile
    own: IkePolicy = replace(profile.ike_policy, name=f"{spoke.name}-ike", key_of=spoke.host)
    return profile._replace(ike_policy=own)


class _Networks:
    """The networks of all sites in sequence, so that those of all other sites are two slices."""

    def __init__(self, sites: t.Sequence[Site]) -> None:
        self.lans = tuple(lan for site in sites for lan in site.lans)
        self.ends = [0, *accumulate(len(site.lans) for site in sites)]
        self.prefixes = tuple(lan.network for lan in self.lans)
        self.names = tuple(lan.book_name for lan in self.lans)
        self.summary = Summary(sites)
        self._routes: dict[tuple[str, str, bool], tuple[StaticRoute, ...]] = {}
        self._entries: dict[str, tuple[AddressEntry, ...]] = {}

    def without(self, index: int, items: tuple[T, ...]) -> tuple[T, ...]:
        """Return the items of all networks except those of one site."""
        return items[: self.ends[index]] + items[self.ends[index + 1] :]

    def routes(self, next_hop: str, interface: str, *, passive: bool) -> tuple[StaticRoute, ...]:
        """Return a route to each network."""
        key = (next_hop, interface, passive)
        if key not in self._routes:
            self._routes[key] = tuple(StaticRoute(prefix, next_hop, interface, passive) for prefix in self.prefixes)
        return self._routes[key]

    def entries(self, zone: str) -> tuple[AddressEntry, ...]:
        """Return an address book entry for each network."""
        if zone not in self._entries:
            self._entries[zone] = tuple(AddressEntry(zone, lan.book_name, lan.network) for lan in self.lans)
        return self._entries[zone]


def _hub_plan(
    hub: Draft,
    site: Site,
    spokes: t.Sequence[Draft],
    sites: t.Sequence[Site],
    profiles: t.Sequence[Profile],
    summary: Summary,
) -> DevicePlan:
    tunnels = tuple(
        _hub_tunnel(hub, site, spoke, peer, profile)
        for spoke, peer, profile in zip(spokes, sites, profiles, strict=True)
    )
    passive = _closed_by(hub) == "routes"
    routes = tuple(
        StaticRoute(lan.network, peer.tunnel_ip, site.tunnel_interface, passive) for peer in sites for lan in peer.lans
    )
    remote = tuple(AddressEntry(site.tunnel_zone, lan.book_name, lan.network) for peer in sites for lan in peer.lans)
    policies = _policies(site, tuple(entry.name for entry in remote), ("local-to-spokes", "spokes-to-local"))
    between = SecurityPolicy("spoke-to-spoke", site.tunnel_zone, site.tunnel_zone, ANY, ANY, "spokes")
    return _device(hub, site, tunnels, routes, remote, (*policies, between), summary=summary)


def _hub_tunnel(hub: Draft, site: Site, spoke: Draft, peer: Site, profile: Profile) -> Tunnel:
    static = peer.platform != "junos" or spoke.static_binding is True
    flag: NhtbFlag = "Static" if static else "Auto"
    return Tunnel(
        peer_host=peer.host,
        peer_site=peer.name,
        peer_platform=peer.platform,
        gateway=f"{peer.name}-gate",
        vpn=f"{peer.name}-vpn",
        peer_address=peer.wan.ip,
        external_interface=site.wan.interface,
        bind_interface=site.tunnel_interface,
        next_hop=peer.tunnel_ip,
        ike_version=profile.ike_version,
        ike_policy=profile.ike_policy,
        ipsec_policy=profile.ipsec_policy,
        establish=_establish(hub),
        nhtb=flag,
        static_binding=static,
        remote_networks=tuple(lan.network for lan in peer.lans),
        dead_peer_detection=profile.dead_peer_detection,
        local_address=_local_address(hub),
        operator_ready=spoke.operator_ready,
    )


def _spoke_plan(spoke: Draft, site: Site, hub: Site, profile: Profile, everywhere: _Networks, index: int) -> DevicePlan:
    junos = site.platform == "junos"
    tunnel = Tunnel(
        peer_host=hub.host,
        peer_site=hub.name,
        peer_platform=hub.platform,
        # The document's names on the two platforms.
        gateway=f"{hub.name}-gate" if junos else f"{hub.name}-ike",
        vpn=f"{hub.name}-vpn",
        peer_address=hub.wan.ip,
        external_interface=site.wan.interface,
        bind_interface=site.tunnel_interface,
        next_hop=hub.tunnel_ip,
        ike_version=profile.ike_version,
        ike_policy=profile.ike_policy,
        ipsec_policy=profile.ipsec_policy,
        establish=_establish(spoke) if junos else None,
        nhtb=None,
        static_binding=False,
        remote_networks=everywhere.without(index, everywhere.prefixes),
        dead_peer_detection=profile.dead_peer_detection,
        local_address=_local_address(spoke) if junos else None,
    )
    passive = _closed_by(spoke) == "routes"
    routes = everywhere.without(index, everywhere.routes(hub.tunnel_ip, site.tunnel_interface, passive=passive))
    remote = everywhere.without(index, everywhere.entries(site.tunnel_zone))
    names = everywhere.without(index, everywhere.names)
    policies = _policies(site, names, (f"to-{hub.name}", f"from-{hub.name}"))
    return _device(spoke, site, (tunnel,), routes, remote, policies, summary=everywhere.summary)


def _closed_by(draft: Draft) -> ClosedBy:
    """Return what keeps traffic from leaving in clear.

    On Junos our policies come after the device's own, so where it has its own policy to the Internet, only routes help.
    On ScreenOS ours can be put on top.
    """
    if not draft.fail_closed:
        return "nothing"
    return "policies" if draft.platform == "screenos" or "internet_policy" not in draft.unmanaged else "routes"


def _local_address(draft: Draft) -> str | None:
    """Return the address that gateways name, so that a second one of the WAN unit does not become the source of IKE.

    The document names none. An unmanaged unit may get its address by DHCP.
    """
    default = draft.syntax == "modern" and "wan_interface" not in draft.unmanaged
    wanted = default if draft.wan.local_address is None else draft.wan.local_address
    return str(_given(draft.wan.address).ip) if wanted else None


def _establish(draft: Draft) -> str | None:
    """Return the setting of ``establish-tunnels``; the document has none, which means on-traffic."""
    return draft.establish or ("immediately" if draft.syntax == "modern" else None)


def _policies(site: Site, remote: tuple[str, ...], names: tuple[str, str]) -> tuple[SecurityPolicy, ...]:
    local: dict[str, list[str]] = {}
    for lan in site.lans:
        local.setdefault(lan.zone, []).append(_local_name(site, lan))
    policies = []
    for zone, own in local.items():
        policies.append(SecurityPolicy(names[0], zone, site.tunnel_zone, tuple(own), remote))
        policies.append(SecurityPolicy(names[1], site.tunnel_zone, zone, remote, tuple(own)))
    return tuple(policies)


def _local_name(site: Site, lan: Lan) -> str:
    """Return the name of a site's own network: local-net on Junos, the site's name on ScreenOS (the document)."""
    return f"local-net{lan.book_name.removeprefix(f'{site.name}-net')}" if site.platform == "junos" else lan.book_name


def _internet(site: Site, zones: t.Iterable[str]) -> tuple[SecurityPolicy, ...]:
    """Return a policy from each LAN zone: for any source, or for its LANs with ``internet`` where others are there."""
    policies = []
    for zone in zones:
        lans = [lan for lan in site.all_lans if lan.zone == zone]
        allowed = tuple(_local_name(site, lan) for lan in lans if lan.internet)
        if allowed:
            sources = ANY if len(allowed) == len(lans) else allowed
            policies.append(SecurityPolicy("any-permit", zone, site.wan.zone, sources, ANY, "internet"))
    return tuple(policies)


def _source_nat(site: Site, zones: t.Sequence[str]) -> tuple[SourceNat, ...]:
    """Return the rule sets for these zones: a rule set of Junos takes 8 of them."""
    parts = [tuple(zones[start : start + NAT_ZONES]) for start in range(0, len(zones), NAT_ZONES)]
    return tuple(
        SourceNat(_numbered("lan-to-internet", index), "interface-nat", part, site.wan.zone)
        for index, part in enumerate(parts)
    )


def _local_entries(site: Site, internet: t.Iterable[SecurityPolicy]) -> tuple[AddressEntry, ...]:
    """Return the entries of a site's own networks: those of the VPN, and those that a policy to the Internet names."""
    named = {(policy.from_zone, name) for policy in internet for name in policy.sources}
    entries = [AddressEntry(lan.zone, _local_name(site, lan), lan.network) for lan in site.all_lans]
    return tuple(
        entry
        for entry, lan in zip(entries, site.all_lans, strict=True)
        if lan in site.lans or (entry.zone, entry.name) in named
    )


def _device(
    draft: Draft,
    site: Site,
    tunnels: tuple[Tunnel, ...],
    routes: tuple[StaticRoute, ...],
    remote: tuple[AddressEntry, ...],
    policies: tuple[SecurityPolicy, ...],
    *,
    summary: Summary,
) -> DevicePlan:
    """Return the plan of a hub or a spoke without its unmanaged parts."""
    unmanaged = draft.unmanaged
    multipoint = site.role == "hub"
    # Guests too: their packets for the VPN must not leave in clear either.
    lan_zones = tuple(dict.fromkeys(_given(lan.zone) for lan in draft.lans))
    internet = () if "internet_policy" in unmanaged else _internet(site, lan_zones)
    closed_by = _closed_by(draft)
    deny = Closed((), ())
    if closed_by == "policies":
        # Traffic from spoke to spoke comes from the tunnel of one, and its way is that of the other's.
        zones = (*lan_zones, site.tunnel_zone) if multipoint else lan_zones
        deny = closed(site, zones, remote, summary, draft.address_book)
    default_route = () if "default_route" in unmanaged else (StaticRoute(INTERNET, _given(site.wan.gateway), None),)
    return DevicePlan(
        site=site,
        group=_given(draft.group),
        syntax=draft.syntax,
        mss=_given(draft.mss),
        multipoint=multipoint,
        tunnels=tunnels,
        routes=(*default_route, *routes),
        zones=_zones(draft, site, lan_zones),
        address_book=(*_local_entries(site, internet), *remote, *deny.entries),
        policies=_in_order(site, internet, policies, deny.policies),
        interfaces=_interfaces(site, unmanaged),
        source_nat=_source_nat(site, [policy.from_zone for policy in internet]),
        address_book_kind=draft.address_book,
        policy_addresses=_given(draft.policy_addresses),
        closed_by=closed_by,
    )


def _in_order(
    site: Site,
    internet: tuple[SecurityPolicy, ...],
    policies: tuple[SecurityPolicy, ...],
    deny: tuple[SecurityPolicy, ...],
) -> tuple[SecurityPolicy, ...]:
    """Return all policies. Junos evaluates them in this order; ScreenOS has those that deny put on top, numbered last.

    So the numbers of the others stay the same where a ScreenOS device gets the policies that deny later.
    """
    return (*internet, *policies, *deny) if site.platform == "screenos" else (*deny, *internet, *policies)


def _zones(draft: Draft, site: Site, lan_zones: tuple[str, ...]) -> tuple[Zone, ...]:
    tunnel = Zone(site.tunnel_zone, (site.tunnel_interface,), ())
    if "zones" in draft.unmanaged:
        return (*(Zone(name, (), ()) for name in (*lan_zones, site.wan.zone)), tunnel)
    lans = (
        Zone(
            name,
            tuple(dict.fromkeys(_given(lan.interface) for lan in draft.lans if lan.zone == name)),
            _services(draft, name),
        )
        for name in lan_zones
    )
    return (*lans, Zone(site.wan.zone, (site.wan.interface,), ("ike",)), tunnel)


def _services(draft: Draft, zone: str) -> tuple[str, ...]:
    """Return the host-inbound services of a LAN zone, those of all its LANs: the document's syntax has ``all``."""
    default = ("all",) if draft.syntax == "classic" or draft.platform == "screenos" else ("ping",)
    lans = [lan for lan in draft.lans if lan.zone == zone]
    named = dict.fromkeys(name for lan in lans for name in (default if lan.services is None else lan.services))
    return ("all",) if "all" in named else tuple(named)


def _interfaces(site: Site, unmanaged: frozenset[str]) -> tuple[Interface, ...]:
    """Return interfaces with units with addresses, nested as in a configuration."""
    wanted = [] if "lan_interfaces" in unmanaged else [(lan.interface, lan.address) for lan in site.all_lans]
    if "wan_interface" not in unmanaged:
        wanted.append((site.wan.interface, site.wan.address))
    units: dict[str, dict[str, list[str]]] = {}
    for interface, address in wanted:
        name, _dot, unit = interface.partition(".")
        units.setdefault(name, {}).setdefault(unit, []).append(address)
    return tuple(
        Interface(name, tuple(Unit(number, tuple(addresses)) for number, addresses in by_unit.items()))
        for name, by_unit in units.items()
    )
