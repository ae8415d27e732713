# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The words of this collection as frozen data: what is planned, what is observed, what was found."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass, field

Role = t.Literal["hub", "spoke"]
Platform = t.Literal["junos", "screenos"]
Syntax = t.Literal["classic", "modern"]
NhtbFlag = t.Literal["Static", "Auto"]
AddressBook = t.Literal["global", "zone"]
Purpose = t.Literal["internet", "tunnel", "spokes"]

# --- planned -----------------------------------------------------------------------------------


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
    left_out: frozenset[str] = frozenset()

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
class TunnelEvent:
    """Something that happened to a tunnel, in the device's words: last at ``time``, ``count`` times in all."""

    time: str
    text: str
    count: int


@dataclass(frozen=True)
class IpsecTunnel:
    """One tunnel with its security associations (two, four while rekeying). Brief replies name no VPN and no st0.

    ``tunnel_index`` is ``None`` only in the detail text of Junos 9, which does not print it.
    """

    tunnel_index: int | None
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
    events: tuple[TunnelEvent, ...] = ()
    node: str | None = None


@dataclass(frozen=True)
class Route:
    """One next hop of one entry of one table.

    ``next_hop`` is ``None`` where the route points to an interface only; ``via`` is ``None`` too where it
    points nowhere, and ``next_hop_type`` says how (C(Reject), C(Discard)).
    """

    table: str
    destination: str
    active: bool
    protocol: str
    preference: int | None
    next_hop: str | None
    via: str | None
    next_hop_type: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class IpsecStatistics:
    """Counters of C(show security ipsec statistics). ``None``: the release does not count it.

    ``tunnel_index`` is set by who asked for one tunnel, since the reply does not repeat it; ``None`` means all.
    """

    esp_encrypted_bytes: int
    esp_decrypted_bytes: int
    esp_encrypted_packets: int
    esp_decrypted_packets: int
    ah_input_bytes: int
    ah_output_bytes: int
    ah_input_packets: int
    ah_output_packets: int
    ah_authentication_failures: int
    replay_errors: int
    esp_authentication_failures: int
    esp_decryption_failures: int
    bad_headers: int
    bad_trailers: int
    invalid_spi: int | None = None
    ts_check_failures: int | None = None
    exceeds_tunnel_mtu: int | None = None
    discarded: int | None = None
    node: str | None = None
    tunnel_index: int | None = None


@dataclass(frozen=True)
class InactiveTunnel:
    """One tunnel that is down and why, in the device's words; ``times`` is how often that has happened."""

    tunnel_index: int
    remote_gateway: str
    port: int | None
    pending_sas: int | None
    reason: str
    times: int | None = None
    vpn: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class Ping:
    """One run of ping; times in microseconds.

    ``replies`` are the answers seen; ``sent`` and ``received`` are ``None`` where the run printed no statistics.
    ``failure`` is the device's reason for having got no answer.
    """

    target: str
    target_ip: str | None
    replies: int
    sent: int | None = None
    received: int | None = None
    loss_percent: int | None = None
    rtt_minimum: int | None = None
    rtt_average: int | None = None
    rtt_maximum: int | None = None
    rtt_stddev: int | None = None
    failure: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class Filesystem:
    """One file system. Sizes as printed (C(13G)); blocks of 512 bytes, which only XML replies tell."""

    name: str
    mounted_on: str
    size: str
    used: str
    available: str
    used_percent: int
    total_blocks: int | None = None
    used_blocks: int | None = None
    available_blocks: int | None = None
    node: str | None = None


@dataclass(frozen=True)
class CommitEntry:
    """One line of C(show system commit).

    ``confirmed_minutes`` is the window of a confirmed commit, ``None`` for any other. ``pending`` says whether
    it still waits for its confirmation, ``None`` where the reply does not tell.
    """

    sequence: int
    date_time: str
    user: str
    client: str
    comment: str | None = None
    confirmed_minutes: int | None = None
    pending: bool | None = False
    epoch_seconds: int | None = None
    node: str | None = None


@dataclass(frozen=True)
class Software:
    """What runs on a device: C(srx340), C(21.2R3-S4.8)."""

    release: str
    model: str | None = None
    host_name: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class Uptime:
    """When a device booted and was configured last, in its own words and time zone."""

    current_time: str
    booted: str
    last_configured: str | None = None
    last_configured_by: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class Parsed(t.Generic[T]):
    """A reply that was understood: its rows, whether they came from ``xml`` or ``text``, and what looked odd."""

    items: tuple[T, ...]
    source: t.Literal["xml", "text"]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeviceMessage:
    """An error or warning in the device's words: where (C([edit security ike])), at what (C(gateway)), and why."""

    message: str
    path: str | None = None
    element: str | None = None
    daemon: str | None = None

    def __str__(self) -> str:
        element = f"({self.element})" if self.element else None
        return " ".join(filter(None, (self.path, self.message, element)))


@dataclass(frozen=True)
class CommitOutcome:
    """What became of a load, check, lock or commit. ``unknown`` where the reply does not tell: ``reason`` says why."""

    state: t.Literal["ok", "failed", "unknown"]
    errors: tuple[DeviceMessage, ...] = ()
    warnings: tuple[DeviceMessage, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class LockHolder:
    """Who holds the configuration database, as the denial of a lock tells it."""

    user: str
    terminal: str | None
    pid: int | None
    since: str | None
    idle: str | None


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
class Probe:
    """A ping that proves a path: from a LAN interface of this device to an address in a remote network.

    Without the interface the device would look up the policy from its own zone instead of the LAN's.
    """

    network: str
    tunnel: str
    interface: str
    source: str
    target: str


@dataclass(frozen=True)
class ProbeResult:
    """A probe and the one run of ping that it got."""

    probe: Probe
    answer: Answer[Ping]


@dataclass(frozen=True)
class Observation:
    """All that one device answered in one sample.

    ``statistics`` and the earlier ``statistics_before`` hold an item per tunnel, or one for all tunnels together.
    ``configuration`` holds the lines in which the device differs from the plan, none where they are equal.
    """

    host: str
    next_hop_tunnels: Answer[NextHopTunnel] = field(default=NOT_ASKED)
    ike: Answer[IkeSa] = field(default=NOT_ASKED)
    ipsec: Answer[IpsecTunnel] = field(default=NOT_ASKED)
    routes: Answer[Route] = field(default=NOT_ASKED)
    inactive: Answer[InactiveTunnel] = field(default=NOT_ASKED)
    statistics_before: Answer[IpsecStatistics] = field(default=NOT_ASKED)
    statistics: Answer[IpsecStatistics] = field(default=NOT_ASKED)
    pings: Answer[ProbeResult] = field(default=NOT_ASKED)
    configuration: Answer[str] = field(default=NOT_ASKED)


# --- found -------------------------------------------------------------------------------------

FindingState = t.Literal["ok", "failed", "unknown", "skipped"]


@dataclass(frozen=True)
class Finding:
    """One verdict about one object on one host. Unknown is not failed, and neither of them is ok.

    ``tunnel`` and ``peer`` are the VPN and the host at its other end where the object belongs to a tunnel;
    ``brief`` is ``actual`` in the few words that fit a table.
    """

    host: str
    check: str
    object: str
    state: FindingState
    expected: str
    actual: str
    remedy: str = ""
    tunnel: str = ""
    peer: str = ""
    brief: str = ""

    def __str__(self) -> str:
        tail = f" {self.remedy}" if self.remedy else ""
        return f"{self.host}: {self.check} {self.object}: expected {self.expected}, actual {self.actual}.{tail}"
