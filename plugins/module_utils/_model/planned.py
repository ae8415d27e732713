# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The plan as frozen data: templates render it, and verification compares devices with it."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import (
    DeadPeerDetection,
    IkePolicy,
    IpsecPolicy,
    Proposal,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import End, Lan, Platform, Site

Syntax = t.Literal["classic", "modern"]
INTERNET = "0.0.0.0/0"
NhtbFlag = t.Literal["Static", "Auto"]
AddressBook = t.Literal["global", "zone"]
Purpose = t.Literal["internet", "tunnel", "spokes", "closed"]
PolicyAction = t.Literal["permit", "deny"]
ClosedBy = t.Literal["policies", "routes", "nothing"]


@dataclass(frozen=True)
class Tunnel:
    """One VPN at one of its ends: ``local`` is this end, ``peer`` the other.

    ``nhtb`` is the flag expected in the next-hop tunnel table of this device, ``None`` on a point-to-point unit, which
    must have no entry. ``static_binding`` says whether the entry is configured. ``remote_networks`` are the prefixes
    that this end routes into the tunnel, each a network or a summary of several; ``by_interface`` says that the routes
    name the tunnel interface in place of the peer's address. ``local_address`` is the address that IKE uses where the
    gateway names it. ``operator_ready`` says that the operator of a third-party spoke makes its changes during the run.
    """

    local: End
    peer: End
    gateway: str
    vpn: str
    ike_version: t.Literal["v1", "v2"]
    ike_policy: IkePolicy
    ipsec_policy: IpsecPolicy
    establish: str | None
    nhtb: NhtbFlag | None
    static_binding: bool
    remote_networks: tuple[str, ...]
    dead_peer_detection: DeadPeerDetection | None = None
    local_address: str | None = None
    operator_ready: bool = False
    by_interface: bool = False

    @property
    def peer_host(self) -> str:
        """Return the inventory name of the device at the other end."""
        return self.peer.site.host

    @property
    def peer_site(self) -> str:
        """Return the name of the other site."""
        return self.peer.site.name

    @property
    def peer_platform(self) -> Platform:
        """Return the platform of the device at the other end."""
        return self.peer.site.platform

    @property
    def peer_address(self) -> str:
        """Return the address of the other WAN."""
        return self.peer.wan.ip

    @property
    def external_interface(self) -> str:
        """Return the interface of this WAN."""
        return self.local.wan.interface

    @property
    def bind_interface(self) -> str:
        """Return the tunnel interface of this end."""
        return self.local.unit.interface

    @property
    def multipoint(self) -> bool:
        """Return whether the tunnel interface of this end is shared by several tunnels."""
        return self.local.unit.multipoint

    @property
    def next_hop(self) -> str:
        """Return the peer's tunnel address."""
        return self.peer.unit.ip

    @property
    def route_next_hop(self) -> str:
        """Return the next hop of the routes into the tunnel: the peer's tunnel address, or the tunnel interface."""
        return self.bind_interface if self.by_interface else self.next_hop

    def prefix_to(self, network: str) -> str | None:
        """Return the prefix by which this end routes a network into the tunnel, ``None`` where it does not."""
        if network in self.remote_networks:
            return network
        return _longest_around(network, self.remote_networks)


@lru_cache(maxsize=65536)
def _longest_around(network: str, prefixes: tuple[str, ...]) -> str | None:
    wanted = ipaddress.IPv4Network(network)
    around = [one for one in map(ipaddress.IPv4Network, prefixes) if wanted.subnet_of(one)]
    return str(max(around, key=lambda one: one.prefixlen)) if around else None


@dataclass(frozen=True)
class StaticRoute:
    """A static route. ``interface`` is its tunnel interface (``st0.0``), ``None`` for a route through the WAN.

    ``next_hop`` is an address, or that interface.

    A ``passive`` route stays in the table while its next hop is unreachable, and then rejects packets.
    """

    prefix: str
    next_hop: str
    interface: str | None
    passive: bool = False


@dataclass(frozen=True)
class AddressEntry:
    """One entry of an address book. ``zone`` is the zone of the network."""

    zone: str
    name: str
    prefix: str

    @property
    def ip(self) -> str:
        """Return the address of the network."""
        return self.prefix.partition("/")[0]

    @property
    def netmask(self) -> str:
        """Return the mask of the network, as ScreenOS writes it (``255.255.255.0``)."""
        return str(ipaddress.IPv4Network(self.prefix).netmask)


@dataclass(frozen=True)
class Zone:
    """Interfaces and services of a zone, none where the zones of the device are unmanaged."""

    name: str
    interfaces: tuple[str, ...]
    system_services: tuple[str, ...]


@dataclass(frozen=True)
class SecurityPolicy:
    """A policy: to the Internet, between a LAN and the tunnels, or from spoke to spoke.

    Those with purpose ``closed`` deny, and log, packets to networks behind the VPN that would leave through the WAN.
    """

    name: str
    from_zone: str
    to_zone: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    purpose: Purpose = "tunnel"
    action: PolicyAction = "permit"


@dataclass(frozen=True)
class SourceNat:
    """Source NAT to the address of the outgoing interface, for traffic to the Internet, from 8 zones at most."""

    rule_set: str
    rule: str
    from_zones: tuple[str, ...]
    to_zone: str


@dataclass(frozen=True)
class Unit:
    """A logical interface of the configuration. Addresses have their prefix length."""

    number: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Interface:
    """A physical interface of the configuration with its units; ``DevicePlan.interfaces`` has no tunnel interface."""

    name: str
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class DevicePlan:
    """The plan of one device: templates render it, and verification compares the device with it.

    Parts of the device that are unmanaged (``nhtb_manage_*``) are absent. A policy of the device takes
    ``policy_addresses`` as sources, and as destinations. ``closed_by`` keeps traffic for the VPN from leaving in clear
    while a tunnel is down: policies, passive routes, or nothing (``nhtb_fail_closed: false``). ``routes_managed`` says
    whether the routes into the tunnels are in ``routes``; where they are not, the device has its own.
    ``exit_networks`` are those of spokes whose traffic to the Internet leaves here. ``max_tunnels`` is the
    platform's figure where the inventory has it.
    """

    site: Site
    group: str
    syntax: Syntax
    mss: int
    tunnels: tuple[Tunnel, ...]
    routes: tuple[StaticRoute, ...]
    zones: tuple[Zone, ...]
    address_book: tuple[AddressEntry, ...]
    policies: tuple[SecurityPolicy, ...]
    interfaces: tuple[Interface, ...] = ()
    source_nat: tuple[SourceNat, ...] = ()
    address_book_kind: AddressBook = "zone"
    policy_addresses: int = 1024
    closed_by: ClosedBy = "nothing"
    routes_managed: bool = True
    exit_networks: tuple[str, ...] = ()
    max_tunnels: int | None = None

    @property
    def host(self) -> str:
        """Return the inventory name of the device."""
        return self.site.host

    def zone_entries(self, zone: str) -> tuple[AddressEntry, ...]:
        """Return the address book of one zone; none where one global book serves all zones."""
        entries = () if self.address_book_kind == "global" else self.address_book
        return tuple(entry for entry in entries if entry.zone == zone)

    def answers_ping(self, lan: Lan) -> bool:
        """Return whether the planned services of a LAN's zone allow ping; unmanaged zones are taken to do so."""
        zone = next((zone for zone in self.zones if zone.name == lan.zone and zone.interfaces), None)
        return zone is None or not {"all", "any-service", "ping"}.isdisjoint(zone.system_services)

    def policies_between_zones(self, *purposes: Purpose) -> list[tuple[str, str, list[SecurityPolicy]]]:
        """Return each pair of zones with its policies for these purposes, in the order in which they are evaluated."""
        pairs: dict[tuple[str, str], list[SecurityPolicy]] = {}
        for policy in self.policies:
            if policy.purpose in purposes:
                pairs.setdefault((policy.from_zone, policy.to_zone), []).append(policy)
        return [(*zones, policies) for zones, policies in pairs.items()]

    @property
    def ike_policies(self) -> tuple[IkePolicy, ...]:
        """Return each phase 1 policy of the tunnels once."""
        return tuple({tunnel.ike_policy.name: tunnel.ike_policy for tunnel in self.tunnels}.values())

    @property
    def ike_proposals(self) -> tuple[Proposal, ...]:
        """Return each phase 1 proposal of the tunnels once."""
        return tuple({one.name: one for policy in self.ike_policies for one in policy.proposals}.values())

    @property
    def ipsec_policies(self) -> tuple[IpsecPolicy, ...]:
        """Return each phase 2 policy of the tunnels once."""
        return tuple({tunnel.ipsec_policy.name: tunnel.ipsec_policy for tunnel in self.tunnels}.values())

    @property
    def ipsec_proposals(self) -> tuple[Proposal, ...]:
        """Return each phase 2 proposal of the tunnels once."""
        return tuple({one.name: one for policy in self.ipsec_policies for one in policy.proposals}.values())


@dataclass(frozen=True)
class FleetPlan:
    """The plan of the VPN: the hub first, then the spokes in inventory order. ``confirm_minutes`` is for all."""

    devices: tuple[DevicePlan, ...]
    confirm_minutes: int

    @property
    def hub(self) -> DevicePlan:
        """Return the plan of the hub."""
        return self.devices[0]

    @cached_property
    def ends(self) -> t.Mapping[str, tuple[DevicePlan, Lan]]:
        """Return the device and the LAN of each network of the VPN."""
        return {lan.network: (device, lan) for device in self.devices for lan in device.site.lans}

    def after(self, host: str) -> DevicePlan:
        """Return the spoke after this device in the order of the inventory; the first one after the last."""
        following = self._positions[host] + 1
        return self.devices[following] if following < len(self.devices) else self.devices[1]

    @cached_property
    def _positions(self) -> t.Mapping[str, int]:
        return {device.host: index for index, device in enumerate(self.devices)}
