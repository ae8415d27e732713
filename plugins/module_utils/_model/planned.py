# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What is planned, as frozen data: templates print it, and verification judges by it."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass

Role = t.Literal["hub", "spoke"]
Platform = t.Literal["junos", "screenos"]
Syntax = t.Literal["classic", "modern"]
NhtbFlag = t.Literal["Static", "Auto"]
AddressBook = t.Literal["global", "zone"]
Purpose = t.Literal["internet", "tunnel", "spokes"]


@dataclass(frozen=True)
class Lan:
    """A network behind a site. ``interface`` is a logical one (``ge-0/0/0.0``), ``address`` has its prefix length.

    ``book_name`` is what the other sites call the network (``westford-net``).
    """

    interface: str
    address: str
    network: str
    zone: str
    book_name: str


@dataclass(frozen=True)
class Wan:
    """The Internet side of a site. ``address`` has its prefix length, ``ip`` has none."""

    interface: str
    address: str
    ip: str
    gateway: str
    zone: str


@dataclass(frozen=True)
class Site:
    """One host of the inventory: where it is and what is behind it.

    ``tunnel_interface`` is ``st0.N`` on Junos and ``tunnel.N`` on ScreenOS; ``tunnel_address`` has its
    prefix length and ``tunnel_ip`` has none.
    """

    host: str
    name: str
    role: Role
    platform: Platform
    lans: tuple[Lan, ...]
    wan: Wan
    tunnel_interface: str
    tunnel_address: str
    tunnel_ip: str
    tunnel_zone: str
    host_name: str | None = None
    release: str | None = None

    @property
    def tunnel_unit(self) -> str:
        return self.tunnel_interface.partition(".")[2]


@dataclass(frozen=True)
class Proposal:
    """One proposal of either phase. ``authentication`` is ``None`` with AES-GCM; ``dh_group`` is phase 1 only."""

    name: str
    encryption: str
    authentication: str | None
    dh_group: str | None
    lifetime_seconds: int


@dataclass(frozen=True)
class IkePolicy:
    """A phase 1 policy. Either ``proposal_set`` or ``proposal``. ``key_of`` names the host whose key it carries."""

    name: str
    mode: str | None
    proposal_set: str | None
    proposal: Proposal | None
    key_of: str


@dataclass(frozen=True)
class IpsecPolicy:
    """A phase 2 policy. Either ``proposal_set`` or ``proposal``."""

    name: str
    pfs_group: str
    proposal_set: str | None
    proposal: Proposal | None


@dataclass(frozen=True)
class DeadPeerDetection:
    """Seconds between probes, and how many may stay unanswered."""

    interval: int
    threshold: int


@dataclass(frozen=True)
class Tunnel:
    """One VPN as one device sees it.

    ``next_hop`` is the peer's tunnel address. ``nhtb`` is the flag expected in the next-hop tunnel table of
    this device, ``None`` where no entry may be expected (on a spoke). ``static_binding`` says whether the
    binding is configured. ``remote_networks`` are the peer's LANs (and, on a spoke, those of the other spokes).
    """

    peer_host: str
    peer_site: str
    peer_platform: Platform
    gateway: str
    vpn: str
    peer_address: str
    external_interface: str
    bind_interface: str
    next_hop: str
    ike_version: t.Literal["v1", "v2"]
    ike_policy: IkePolicy
    ipsec_policy: IpsecPolicy
    establish: str | None
    nhtb: NhtbFlag | None
    static_binding: bool
    remote_networks: tuple[str, ...]
    dead_peer_detection: DeadPeerDetection | None = None


@dataclass(frozen=True)
class StaticRoute:
    """``interface`` is where the route must leave when active (``st0.0``), ``None`` for the Internet route."""

    prefix: str
    next_hop: str
    interface: str | None


@dataclass(frozen=True)
class AddressEntry:
    """One entry of an address book. ``zone`` is the zone that the network is in."""

    zone: str
    name: str
    prefix: str

    @property
    def ip(self) -> str:
        return self.prefix.partition("/")[0]

    @property
    def netmask(self) -> str:
        return str(ipaddress.IPv4Network(self.prefix).netmask)


@dataclass(frozen=True)
class Zone:
    """Interfaces and services of a zone. Both are empty where the device has its zones already."""

    name: str
    interfaces: tuple[str, ...]
    system_services: tuple[str, ...]


@dataclass(frozen=True)
class SecurityPolicy:
    """A permit. ``purpose``: to the Internet, between a LAN and the tunnels, or from one spoke to another."""

    name: str
    from_zone: str
    to_zone: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    purpose: Purpose = "tunnel"


@dataclass(frozen=True)
class SourceNat:
    """What leaves for the Internet takes the address of the interface it leaves by."""

    rule_set: str
    rule: str
    from_zones: tuple[str, ...]
    to_zone: str


@dataclass(frozen=True)
class Unit:
    """A logical interface to be written. Addresses have their prefix length."""

    number: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Interface:
    """A physical interface with those of its units that are to be written; the tunnel interface is not among them."""

    name: str
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class DevicePlan:
    """All that one device is to become; templates print it and verification judges by it."""

    site: Site
    group: str
    syntax: Syntax
    mss: int
    multipoint: bool
    tunnels: tuple[Tunnel, ...]
    routes: tuple[StaticRoute, ...]
    zones: tuple[Zone, ...]
    address_book: tuple[AddressEntry, ...]
    policies: tuple[SecurityPolicy, ...]
    interfaces: tuple[Interface, ...] = ()
    source_nat: SourceNat | None = None
    address_book_kind: AddressBook = "zone"
    # Parts that an existing device already has and that are therefore not in this plan: "lan_interfaces",
    # "wan_interface", "default_route", "internet_policy", "zones".
    excluded: frozenset[str] = frozenset()

    @property
    def host(self) -> str:
        return self.site.host

    def zone_entries(self, zone: str) -> tuple[AddressEntry, ...]:
        """The address book of one zone, empty where one global book serves all zones."""
        entries = () if self.address_book_kind == "global" else self.address_book
        return tuple(entry for entry in entries if entry.zone == zone)

    @property
    def ike_policies(self) -> tuple[IkePolicy, ...]:
        """Each phase 1 policy that a tunnel uses, once."""
        return tuple({tunnel.ike_policy.name: tunnel.ike_policy for tunnel in self.tunnels}.values())

    @property
    def ike_proposals(self) -> tuple[Proposal, ...]:
        return tuple(
            {policy.proposal.name: policy.proposal for policy in self.ike_policies if policy.proposal}.values()
        )

    @property
    def ipsec_policies(self) -> tuple[IpsecPolicy, ...]:
        """Each phase 2 policy that a tunnel uses, once."""
        return tuple({tunnel.ipsec_policy.name: tunnel.ipsec_policy for tunnel in self.tunnels}.values())

    @property
    def ipsec_proposals(self) -> tuple[Proposal, ...]:
        proposals = [policy.proposal for policy in self.ipsec_policies if policy.proposal]
        return tuple({proposal.name: proposal for proposal in proposals}.values())


@dataclass(frozen=True)
class FleetPlan:
    """The whole VPN: the hub first, then the spokes in inventory order."""

    devices: tuple[DevicePlan, ...]
    confirm_minutes: int

    @property
    def hub(self) -> DevicePlan:
        return self.devices[0]
