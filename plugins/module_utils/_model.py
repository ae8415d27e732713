# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The words of this collection as frozen data: what is planned, what is observed, what was found."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

Role = t.Literal["hub", "spoke"]
Platform = t.Literal["junos", "screenos"]
Syntax = t.Literal["classic", "modern"]
NhtbFlag = t.Literal["Static", "Auto"]

# --- planned -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lan:
    """A network behind a site. ``interface`` is a logical one (``ge-0/0/0.0``), ``address`` has its prefix length."""

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


@dataclass(frozen=True)
class Proposal:
    """One proposal of either phase. ``authentication`` is ``None`` with AES-GCM in phase 2; ``dh_group`` is phase 1 only."""

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


@dataclass(frozen=True)
class Zone:
    name: str
    interfaces: tuple[str, ...]
    system_services: tuple[str, ...]


@dataclass(frozen=True)
class SecurityPolicy:
    name: str
    from_zone: str
    to_zone: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]


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
    # Parts that an existing device already has and that are therefore not written (names of template stanzas).
    left_out: frozenset[str] = frozenset()

    @property
    def host(self) -> str:
        return self.site.host


@dataclass(frozen=True)
class FleetPlan:
    """The whole VPN: the hub first, then the spokes in inventory order."""

    devices: tuple[DevicePlan, ...]
    confirm_minutes: int

    @property
    def hub(self) -> DevicePlan:
        return self.devices[0]


# --- observed ----------------------------------------------------------------------------------

T = t.TypeVar("T")


@dataclass(frozen=True)
class NextHopTunnel:
    """One row of ``show security ipsec next-hop-tunnels``. ``flag`` is ``Static`` or ``Auto``."""

    next_hop: str
    interface: str
    vpn: str
    flag: str
    node: str | None = None


@dataclass(frozen=True)
class IkeSa:
    """One IKE security association. Fields after ``exchange_type`` are ``None`` in the brief reply."""

    index: int
    remote_address: str
    state: str
    initiator_cookie: str
    responder_cookie: str
    exchange_type: str
    gateway: str | None = None
    role: str | None = None
    local_address: str | None = None
    local_port: int | None = None
    remote_port: int | None = None
    lifetime_seconds: int | None = None
    authentication_method: str | None = None
    authentication_algorithm: str | None = None
    encryption_algorithm: str | None = None
    prf_algorithm: str | None = None
    dh_group: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class IpsecSa:
    """One direction of a pair. ``spi`` is eight lower-case hexadecimal digits without 0x; lifetimes in seconds."""

    direction: t.Literal["inbound", "outbound"]
    spi: str
    protocol: str | None = None
    encryption_algorithm: str | None = None
    authentication_algorithm: str | None = None
    lifetime_seconds: int | None = None
    soft_lifetime_seconds: int | None = None
    monitoring: str | None = None
    state: str | None = None


@dataclass(frozen=True)
class IpsecTunnel:
    """One tunnel with its security associations (two, four while rekeying). Brief replies name no VPN and no st0."""

    tunnel_index: int
    remote_gateway: str
    security_associations: tuple[IpsecSa, ...]
    state: str | None = None
    vpn: str | None = None
    bind_interface: str | None = None
    local_gateway: str | None = None
    local_identity: str | None = None
    remote_identity: str | None = None
    ike_version: str | None = None
    port: int | None = None
    pfs_group: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class Route:
    """One entry of one table. ``next_hop`` is ``None`` where the route points to an interface only."""

    table: str
    destination: str
    active: bool
    protocol: str
    preference: int | None
    next_hop: str | None
    via: str | None
    node: str | None = None


@dataclass(frozen=True)
class Parsed(t.Generic[T]):
    """A reply that was understood: its rows, whether they came from ``xml`` or ``text``, and what looked odd."""

    items: tuple[T, ...]
    source: t.Literal["xml", "text"]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer(t.Generic[T]):
    """What a device said to one question.

    ``state`` is ``ok`` (``items`` holds), ``refused`` (the device answered an error), ``not_understood`` or
    ``not_asked``; ``reason`` says why in the last three cases. Empty ``items`` with ``ok`` really means none.
    """

    state: t.Literal["ok", "refused", "not_understood", "not_asked"]
    items: tuple[T, ...] = ()
    source: str | None = None
    reason: str = ""


NOT_ASKED: Answer[t.Any] = Answer("not_asked")


@dataclass(frozen=True)
class Observation:
    """All that one device answered in one sample."""

    host: str
    next_hop_tunnels: Answer[NextHopTunnel] = field(default=NOT_ASKED)
    ike: Answer[IkeSa] = field(default=NOT_ASKED)
    ipsec: Answer[IpsecTunnel] = field(default=NOT_ASKED)
    routes: Answer[Route] = field(default=NOT_ASKED)


# --- found -------------------------------------------------------------------------------------

FindingState = t.Literal["ok", "failed", "unknown", "skipped"]


@dataclass(frozen=True)
class Finding:
    """One verdict about one object on one host. Unknown is not failed, and neither of them is ok."""

    host: str
    check: str
    object: str
    state: FindingState
    expected: str
    actual: str
    remedy: str = ""

    def __str__(self) -> str:
        tail = f" {self.remedy}" if self.remedy else ""
        return f"{self.host}: {self.check} {self.object}: expected {self.expected}, actual {self.actual}.{tail}"
