# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Sites from drafts without problems, and the parts of a device that do not depend on its tunnels."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Interface, StaticRoute, Unit
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import (
    Attachment,
    InsideNetwork,
    Lan,
    Loopback,
    Network,
    Site,
    TunnelUnit,
    Wan,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import Zone
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.inbound import Member, zone_of_members
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.inside import book_names

T = t.TypeVar("T")
# Seconds; NAT devices drop an idle UDP mapping after 30 seconds and more.
NAT_KEEPALIVE = 20


def given(value: T | None) -> T:
    """Return a value that a draft without problems always has."""
    if value is None:
        raise AssertionError("a draft with a missing value was accepted")
    return value


def site_of(draft: Draft) -> Site:
    """Return the site of a draft."""
    name, wan, tunnel = given(draft.name), draft.wan, draft.tunnel
    tunnel_address = given(tunnel.address)
    lans, inside = _networks(draft)
    return Site(
        host=draft.host,
        name=name,
        role=draft.role,
        lans=tuple(lan for lan, vpn in lans if vpn),
        other_lans=tuple(lan for lan, vpn in lans if not vpn),
        inside=tuple(one for one, vpn in inside if vpn),
        other_inside=tuple(one for one, vpn in inside if not vpn),
        wans=(
            Wan(
                interface=given(wan.interface),
                address=None if wan.address is None else str(wan.address),
                ip=None if wan.peer_address is None else str(wan.peer_address.ip),
                gateway=None if wan.gateway is None else str(wan.gateway),
                zone=given(wan.zone),
                addressing=wan.addressing,
                behind_nat=wan.behind_nat,
                public_address=None if wan.public_address is None else str(wan.public_address),
                backup_addresses=tuple(map(str, wan.backup_addresses)),
                underlying=wan.underlying,
                nat_keepalive=wan.nat_keepalive or (NAT_KEEPALIVE if wan.behind_nat else None),
                loopback=_loopback(draft),
                vlan_id=wan.vlan_id,
            ),
        ),
        units=(
            TunnelUnit(
                interface=tunnel_interface(draft),
                address=str(tunnel_address),
                ip=str(tunnel_address.ip),
                zone=given(tunnel.zone),
                multipoint=draft.role == "hub",
                mtu=tunnel.mtu if draft.platform == "junos" else None,
                unnumbered=tunnel.unnumbered,
            ),
        ),
        host_name=draft.host_name,
        release=draft.release,
        profile=draft.profile,
    )


def _networks(draft: Draft) -> tuple[list[tuple[Lan, bool]], list[tuple[InsideNetwork, bool]]]:
    """Return the LANs and the networks behind their routers, each with whether it is in the VPN."""
    names = iter(book_names(draft))
    lans, inside = [], []
    for lan in draft.lans:
        _variable, name, named = next(names)
        address, zone, interface = given(lan.address), given(lan.zone), given(lan.interface)
        network = str(address.network)
        own = Lan(interface, str(address), network, zone, name, lan.internet, named, lan.vlan_id)
        lans.append((own, lan.vpn))
    for (own, vpn), lan in zip(lans, draft.lans, strict=True):
        for one in lan.networks:
            _variable, name, named = next(names)
            network, hop = str(given(one.network)), str(given(one.next_hop))
            behind = InsideNetwork(own.interface, network, hop, own.zone, name, own.internet, named)
            inside.append((behind, vpn))
    return lans, inside


def _loopback(draft: Draft) -> Loopback | None:
    wan = draft.wan
    if wan.ike_interface is None or wan.ike_address is None:
        return None
    return Loopback(wan.ike_interface, str(wan.ike_address), given(wan.zone))


def local_name(site: Site, lan: Network) -> str:
    """Return the name of a site's own network: local-net on Junos, the site's name elsewhere (the document)."""
    if lan.named or site.profile.by_operator:
        return lan.book_name
    return f"local-net{lan.book_name.removeprefix(f'{site.name}-net')}"


def members_of(draft: Draft) -> list[Member]:
    """Return the interfaces of LANs, WAN and tunnel with their zones, those whose interface and zone are known."""
    # The document's syntax has all services on LANs.
    default = ("all",) if draft.syntax == "classic" or draft.profile.by_operator else ("ping",)
    ends = [Member(lan.variable, lan.zone or "", lan.interface or "", lan.inbound, default) for lan in draft.lans]
    wan, tunnel = draft.wan, draft.tunnel
    # The answers of a DHCP server need a service too.
    needed = ("dhcp", "ike") if wan.addressing == "dhcp" else ("ike",)
    for interface in (wan.interface, wan.ike_interface):
        ends.append(Member("nhtb_wan", wan.zone or "", interface or "", wan.inbound, needed=needed))
    if tunnel.unit is not None:
        ends.append(Member("nhtb_tunnel", tunnel.zone or "", tunnel_interface(draft), tunnel.inbound))
    return [one for one in ends if one.zone and one.interface]


def tunnel_interface(draft: Draft) -> str:
    """Return the name of the tunnel interface."""
    return draft.profile.names.tunnel.format(unit=given(draft.tunnel.unit))


def zones_of(draft: Draft, site: Site, lan_zones: tuple[str, ...]) -> tuple[Zone, ...]:
    """Return the zones of LANs, WANs and tunnel units, in this order; of unmanaged ones the tunnel units alone."""
    names = dict.fromkeys((*lan_zones, *site.wan_zones, *site.tunnel_zones))
    written = [unit.interface for unit in site.units] if "zones" in draft.unmanaged else None
    members = [one for one in members_of(draft) if written is None or one.interface in written]
    return tuple(zone_of_members(name, [one for one in members if one.zone == name]) for name in names)


def interfaces_of(site: Site, unmanaged: frozenset[str]) -> tuple[Interface, ...]:
    """Return interfaces with units with addresses, nested as in a configuration."""
    managed: list[tuple[Attachment, int | None]] = []
    if "lan_interfaces" not in unmanaged:
        managed += [(lan, lan.vlan_id) for lan in site.all_lans]
    if "wan_interface" not in unmanaged:
        managed += [(wan, wan.vlan_id) for wan in site.wans]
        managed += [(one, None) for one in site.loopbacks]
    units: dict[str, dict[str, Unit]] = {}
    for one, vlan_id in managed:
        name, _dot, number = one.interface.partition(".")
        dhcp = isinstance(one, Wan) and one.addressing == "dhcp"
        underlying = one.underlying if isinstance(one, Wan) else None
        if underlying:
            port, _dot, below = underlying.partition(".")
            units.setdefault(port, {})[below] = Unit(below, (), carries_pppoe=True)
        new = Unit(number, (), dhcp=dhcp, vlan_id=vlan_id, underlying=underlying)
        unit = units.setdefault(name, {}).setdefault(number, new)
        if one.address is not None:
            units[name][number] = replace(unit, addresses=(*unit.addresses, one.address))
    return tuple(Interface(name, tuple(by_number.values())) for name, by_number in units.items())


def inside_routes(site: Site) -> tuple[StaticRoute, ...]:
    """Return the routes to the networks behind routers on the LANs."""
    networks = (*site.inside, *site.other_inside)
    return tuple(StaticRoute(one.network, one.next_hop, one.interface) for one in networks)
