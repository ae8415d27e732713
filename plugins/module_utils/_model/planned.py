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
from ansible_collections.hubspoke.srx.plugins.module_utils._model.policy_decisions import Decisions
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import End, Identity, Lan, Site
from ansible_collections.hubspoke.srx.plugins.module_utils._model.vpn_options import (
    NO_OPTIONS,
    NO_TIMERS,
    MonitorTimers,
    VpnOptions,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import (
    AddressBook,
    AddressEntry,
    Book,
    Purpose,
    SecurityPolicy,
    SourceNat,
    Zone,
    attached_books,
)

Syntax = t.Literal["classic", "modern"]
INTERNET = "0.0.0.0/0"
NhtbFlag = t.Literal["Static", "Auto"]
ClosedBy = t.Literal["policies", "routes", "nothing"]


@dataclass(frozen=True)
class Tunnel:
    """One VPN at one of its ends: ``local`` is this end, ``peer`` the other.

    ``nhtb`` is the flag expected in the next-hop tunnel table of this device, ``None`` on a point-to-point unit, which
    must have no entry. ``static_binding`` says whether the entry is configured. ``remote_networks`` are the prefixes
    that this end routes into the tunnel, each a network or a summary of several; ``by_interface`` says that the routes
    name the tunnel interface in place of the peer's address. ``local_address`` is the address that IKE uses where the
    gateway names it. ``operator_ready`` says that the operator of a third-party spoke makes its changes during the run.
    ``weak`` are the weak choices that the spoke has by consent. ``local_identity`` and ``remote_identity`` are those
    that the gateway names; without one an end is known by its address. ``nat_keepalive`` is in seconds.
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
    local_identity: Identity | None = None
    remote_identity: Identity | None = None
    nat_keepalive: int | None = None
    weak: tuple[str, ...] = ()
    options: VpnOptions = NO_OPTIONS
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
    def peer_by_operator(self) -> bool:
        """Return whether an operator configures the device at the other end."""
        return self.peer.site.profile.by_operator

    @property
    def peer_addresses(self) -> tuple[str, ...]:
        """Return the addresses that the gateway names; none where that of the other WAN is not known."""
        return self.peer.wan.reached_at

    @property
    def peer_address(self) -> str | None:
        """Return the first address of the other WAN; ``None`` where it is not known."""
        return next(iter(self.peer_addresses), None)

    @property
    def is_dynamic(self) -> bool:
        """Return whether the gateway knows its peer by identity alone, so that only the peer starts the tunnel."""
        return not self.peer_addresses

    @property
    def peer_name(self) -> str:
        """Return the address of the peer for a message, its identity where the address is not known."""
        return self.peer_address or str(self.remote_identity)

    @property
    def external_interface(self) -> str:
        """Return the interface from which IKE of this end speaks."""
        return self.local.wan.ike_interface

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
class Unit:
    """A logical interface of the configuration. Addresses have their prefix length; ``dhcp`` asks for one.

    A PPPoE interface has the ``underlying`` Ethernet unit, which ``carries_pppoe`` and has no address.
    """

    number: str
    addresses: tuple[str, ...]
    dhcp: bool = False
    underlying: str | None = None
    carries_pppoe: bool = False
    vlan_id: int | None = None


@dataclass(frozen=True)
class Interface:
    """A physical interface of the configuration with its units; ``DevicePlan.interfaces`` has no tunnel interface."""

    name: str
    units: tuple[Unit, ...]

    @property
    def tagged(self) -> bool:
        """Return whether its packets have VLAN tags."""
        return any(unit.vlan_id for unit in self.units)


@dataclass(frozen=True)
class DevicePlan:
    """The plan of one device: templates render it, and verification compares the device with it.

    Parts of the device that are unmanaged (``nhtb_manage_*``) are absent. A policy of the device takes
    ``policy_addresses`` as sources, and as destinations. ``closed_by`` keeps traffic for the VPN from leaving in clear
    while a tunnel is down: policies, passive routes, or nothing (``nhtb_fail_closed: false``). ``routes_managed`` says
    whether the routes into the tunnels are in ``routes``; where they are not, the device has its own. ``exit_networks``
    are those of spokes whose traffic to the Internet leaves here. ``max_tunnels`` is the platform's figure where the
    inventory has it. ``key_sharers`` are, on the hub, the spokes that have one key together, for each such key;
    ``without_effect`` are, on the hub, the sentences about variables and rules of the fleet that change nothing.
    ``largest_mss`` is the largest TCP MSS that needs no fragments in any of its tunnels. ``inside_routes`` lead to the
    networks behind routers of its own LANs, ``routes`` to the Internet and into the tunnels. ``book_names`` are the
    names of attached address books by zone. ``owns_zone_pairs`` says that no other policy is between the zones of a
    planned one.
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
    book_names: tuple[tuple[str, str], ...] = ()
    owns_zone_pairs: bool = False
    key_sharers: tuple[tuple[str, ...], ...] = ()
    without_effect: tuple[str, ...] = ()
    monitor_timers: MonitorTimers = NO_TIMERS
    largest_mss: int = 65535
    inside_routes: tuple[StaticRoute, ...] = ()
    routes_managed: bool = True
    exit_networks: tuple[str, ...] = ()
    max_tunnels: int | None = None

    @property
    def host(self) -> str:
        """Return the inventory name of the device."""
        return self.site.host

    def zone_entries(self, zone: str) -> tuple[AddressEntry, ...]:
        """Return the address book of one zone; none where one global book serves all zones."""
        entries = self.address_book if self.address_book_kind == "zone" else ()
        return tuple(entry for entry in entries if entry.zone == zone)

    @property
    def books(self) -> tuple[Book, ...]:
        """Return the global address book, or those attached to zones; none where each zone has its own."""
        if self.address_book_kind == "global":
            return (Book("global", (), self.address_book),)
        if self.address_book_kind == "zone":
            return ()
        return attached_books(self.address_book, dict(self.book_names))

    @cached_property
    def decisions(self) -> Decisions:
        """Return what the planned policies decide about packets."""
        return Decisions(self.policies, self.address_book)

    def answers_ping(self, lan: Lan) -> bool:
        """Return whether the planned services of a LAN's zone allow ping; unmanaged zones are taken to do so."""
        zone = next((zone for zone in self.zones if zone.name == lan.zone and lan.interface in zone.interfaces), None)
        allowed = None if zone is None else zone.inbound(lan.interface).system_services
        return allowed is None or not {"all", "any-service", "ping"}.isdisjoint(allowed)

    def policies_between_zones(self, *purposes: Purpose) -> list[tuple[str, str, list[SecurityPolicy]]]:
        """Return each pair of zones whose first policy has one of these purposes, with all of its policies.

        They are in the order in which they are evaluated. A pair has several purposes where zones are shared.
        """
        pairs: dict[tuple[str, str], list[SecurityPolicy]] = {}
        for policy in self.policies:
            pairs.setdefault((policy.from_zone, policy.to_zone), []).append(policy)
        return [(*zones, policies) for zones, policies in pairs.items() if policies[0].purpose in purposes]

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

    @cached_property
    def networks(self) -> frozenset[str]:
        """Return the networks of the VPN, those behind routers included."""
        return frozenset(network.network for device in self.devices for network in device.site.networks)

    def after(self, host: str) -> DevicePlan:
        """Return the spoke after this device in the order of the inventory; the first one after the last."""
        following = self._positions[host] + 1
        return self.devices[following] if following < len(self.devices) else self.devices[1]

    @cached_property
    def _positions(self) -> t.Mapping[str, int]:
        return {device.host: index for index, device in enumerate(self.devices)}
