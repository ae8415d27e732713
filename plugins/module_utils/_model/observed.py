# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The replies of devices as frozen data: a class for each kind of row, and the state of each answer."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._model.policy_questions import PolicyQuestion

T = t.TypeVar("T")
V = t.TypeVar("V")


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
    """One IKE security association. The brief reply has no field after ``exchange_type``; lifetime in seconds."""

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
    peer_identity: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class IpsecSa:
    """One direction of a pair. ``spi`` is eight lower-case hexadecimal digits without 0x. Lifetimes remain."""

    direction: t.Literal["inbound", "outbound"]
    spi: str
    protocol: str | None = None
    encryption_algorithm: str | None = None
    authentication_algorithm: str | None = None
    lifetime_seconds: int | None = None
    soft_lifetime_seconds: int | None = None
    monitoring: str | None = None
    state: str | None = None
    lifetime_kilobytes: int | None = None


@dataclass(frozen=True)
class TunnelEvent:
    """An event of a tunnel in the device's words: ``time`` of the last occurrence, ``count`` of all.

    ``sequence`` is the mark of iked for events that recur together, ``START`` or ``END``.
    """

    time: str
    text: str
    count: int
    sequence: str | None = None


@dataclass(frozen=True)
class IpsecTunnel:
    """One tunnel with its security associations: two, four while rekeying.

    Brief replies have neither ``vpn`` nor ``bind_interface``; only the detail text of Junos 9 has no ``tunnel_index``.
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

    ``next_hop`` is ``None`` for a route to an interface; ``via`` is ``None`` too for a route that drops packets, with
    ``next_hop_type`` ``Reject`` or ``Discard``, and for one that goes on in ``next_table``, with the type ``Table``.
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
    next_table: str | None = None


@dataclass(frozen=True)
class PolicyMatch:
    """The policy that decides about a packet. ``action`` of the default policy is ``deny-all`` or ``permit-all``."""

    policy: str
    action: str
    node: str | None = None


@dataclass(frozen=True)
class IpsecStatistics:
    """Counters of ``show security ipsec statistics``; ``None`` where the release has no such counter.

    The reply does not name its tunnel: a caller that asks for one tunnel sets ``tunnel_index``; ``None`` means all.
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
    misc_errors: int | None = None
    flow_errors: int | None = None
    no_sa_errors: int | None = None
    node: str | None = None
    tunnel_index: int | None = None


@dataclass(frozen=True)
class InactiveTunnel:
    """One tunnel that is down. ``reason`` is in the device's words and has occurred ``times`` times."""

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

    ``replies`` counts the answers printed; ``sent`` and ``received`` are ``None`` where the run printed no statistics.
    ``failure`` is the device's reason for a missing answer.
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
    """One file system. Sizes as printed (``13G``); only XML replies have blocks, of 512 bytes each."""

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
class InterfaceState:
    """One physical or logical interface of ``show interfaces terse``. ``admin`` and ``link`` are ``up`` or ``down``.

    ``addresses`` are the IPv4 addresses with prefix length.
    """

    name: str
    admin: str
    link: str
    addresses: tuple[str, ...] = ()
    node: str | None = None


@dataclass(frozen=True)
class CommitEntry:
    """One line of ``show system commit``.

    ``confirmed_minutes`` is the confirm window of a commit confirmed, ``None`` for any other commit. ``pending`` says
    whether its confirmation is outstanding, ``None`` where the reply does not tell.
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
    """The software of a device: release (``21.2R3-S4.8``) and model (``srx340``)."""

    release: str
    model: str | None = None
    host_name: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class Uptime:
    """When a device booted and was last configured, as printed, in the device's time zone.

    Only XML replies have ``epoch_seconds``, the current time in seconds UTC.
    """

    current_time: str
    booted: str
    last_configured: str | None = None
    last_configured_by: str | None = None
    epoch_seconds: int | None = None
    node: str | None = None


@dataclass(frozen=True)
class LogEvent:
    """One entry of the IKE daemon's log. A field that the entry does not have is ``None``.

    ``kind`` and ``cause`` are from ``_parse/ike_log/table.py``. ``time`` is as printed, ``date_time`` in ISO form
    where the year is known. ``nat_t`` follows from the ports: 4500 is NAT traversal. ``line`` is the whole entry.
    """

    kind: str
    line: str
    time: str | None = None
    date_time: str | None = None
    phase: int | None = None
    cause: str | None = None
    remedy: str | None = None
    reason: str | None = None
    message: str | None = None
    role: str | None = None
    ike_version: int | None = None
    local_address: str | None = None
    local_port: int | None = None
    remote_address: str | None = None
    remote_port: int | None = None
    nat_t: bool | None = None
    local_id: str | None = None
    remote_id: str | None = None
    local_proxy: str | None = None
    remote_proxy: str | None = None
    selector: str | None = None
    vpn: str | None = None
    gateway: str | None = None
    interface: str | None = None
    tunnel_id: int | None = None
    direction: str | None = None
    spi: str | None = None
    host: str | None = None
    process: str | None = None
    node: str | None = None


@dataclass(frozen=True)
class Parsed(t.Generic[T]):
    """A parsed reply: its rows, whether they are from ``xml`` or ``text``, and ``notes`` on oddities.

    ``counts`` has lines of the reply by their kind, such as lines of other processes in a log. ``doubts`` are the
    notes on a part that was not read or that contradicts another: with one of them, rows may be missing or wrong.
    """

    items: tuple[T, ...]
    source: t.Literal["xml", "text"]
    notes: tuple[str, ...] = ()
    counts: t.Mapping[str, int] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()

    @property
    def remarks(self) -> list[str]:
        """Return the notes and the counts in words, for a user."""
        return [*self.notes, *(f"{name}: {lines}" for name, lines in self.counts.items())]


@dataclass(frozen=True)
class DeviceMessage:
    """An error or warning in the device's words, with its path (``[edit security ike]``) and element (``gateway``)."""

    message: str
    path: str | None = None
    element: str | None = None
    daemon: str | None = None

    def __str__(self) -> str:
        element = f"({self.element})" if self.element else None
        return " ".join(filter(None, (self.path, self.message, element)))


@dataclass(frozen=True)
class LockHolder:
    """The holder of the configuration database, from the denial of a lock; times as printed."""

    user: str
    terminal: str | None
    pid: int | None
    since: str | None
    idle: str | None


@dataclass(frozen=True, kw_only=True)
class CommitOutcome:
    """The outcome of a load, commit check, lock or commit. ``reason`` says why a state is ``unknown``."""

    state: t.Literal["ok", "failed", "unknown"]
    errors: tuple[DeviceMessage, ...] = ()
    warnings: tuple[DeviceMessage, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Answer(t.Generic[T]):
    """The answer of a device to one question.

    ``state`` is ``ok``, ``refused`` (the device replied with an error), ``not_understood`` or ``not_asked``;
    ``reason`` says why for all states but ``ok``. With ``ok``, empty ``items`` mean that the device has none. Items
    with ``not_understood`` are the understood rows; others may be missing.
    """

    state: t.Literal["ok", "refused", "not_understood", "not_asked"]
    items: tuple[T, ...] = ()
    source: str | None = None
    reason: str = ""
    _views: dict[t.Hashable, t.Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def view(self, make: t.Callable[[tuple[T, ...]], V]) -> V:
        """Return what ``make`` returns for the items, made once: thousands of tunnels are looked up in the same rows.

        ``make`` is a function of a module, by which the result is kept.
        """
        if make not in self._views:
            self._views[make] = make(self.items)
        return t.cast("V", self._views[make])

    def by(self, *names: str) -> t.Mapping[tuple[t.Any, ...], t.Sequence[T]]:
        """Return the items by the values of these fields, each group in the order of the reply."""
        if names not in self._views:
            groups: dict[tuple[t.Any, ...], list[T]] = {}
            for item in self.items:
                groups.setdefault(tuple(getattr(item, name) for name in names), []).append(item)
            self._views[names] = groups
        return t.cast("t.Mapping[tuple[t.Any, ...], t.Sequence[T]]", self._views[names])


NOT_ASKED: Answer[t.Any] = Answer("not_asked")


@dataclass(frozen=True)
class Probe:
    """A ping that verifies a path: from a LAN interface of this device to an address in a remote network.

    Without the interface the policy lookup starts in the device's own zone instead of the LAN's. ``not_sent`` is the
    reason why the target does not answer as planned, so that no ping is sent.
    """

    network: str
    tunnel: str
    interface: str
    source: str
    target: str
    not_sent: str = ""


@dataclass(frozen=True)
class ProbeResult:
    """A probe and the answer to it: one run of ping."""

    probe: Probe
    answer: Answer[Ping]


@dataclass(frozen=True)
class ClearPath:
    """Whether packets from a zone to a network behind the VPN may leave through the WAN in clear, and why."""

    zone: str
    network: str
    state: t.Literal["closed", "open", "unknown"]
    reason: str


@dataclass(frozen=True)
class PolicyLookup:
    """A packet, and the policy by which a device decides about it."""

    question: PolicyQuestion
    answer: Answer[PolicyMatch]


@dataclass(frozen=True)
class InternetPath:
    """Whether packets of a spoke's network to the Internet leave the hub with another source, and why."""

    network: str
    state: t.Literal["open", "closed", "unknown"]
    reason: str


@dataclass(frozen=True)
class OlderAssociations:
    """Associations from before the commit: the cookies of phase 1, and the SPIs of phase 2 with their directions.

    They stay the same until a negotiation. An index does not tell two associations apart: a tunnel keeps its own.
    """

    cookies: frozenset[tuple[str, str]] = frozenset()
    spis: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Observation:
    """All answers of one device in one sample.

    ``statistics`` and the earlier ``statistics_before`` have an item per tunnel, or one for all tunnels.
    ``configuration`` has the lines of ``show | compare`` between device and plan, none where they are equal.
    ``configured`` has the statements in effect, as set commands, of the parts that a tunnel needs.
    ``older_ike`` and ``older_ipsec`` are the associations that verify nothing, because they are from before the commit;
    the answers are without them.
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
    clear_paths: Answer[ClearPath] = field(default=NOT_ASKED)
    policy_lookups: Answer[PolicyLookup] = field(default=NOT_ASKED)
    internet_paths: Answer[InternetPath] = field(default=NOT_ASKED)
    configured: Answer[str] = field(default=NOT_ASKED)
    older_ike: Answer[IkeSa] = field(default=NOT_ASKED)
    older_ipsec: Answer[IpsecTunnel] = field(default=NOT_ASKED)
