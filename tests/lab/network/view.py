# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of one device's configuration that the network needs, for Junos and third-party devices alike."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from tests.lab.switches import HOSTILE, Switches

# junos, or the profile of a third-party device.
Kind: t.TypeAlias = str
Establish = t.Literal["immediately", "on-traffic", "responder-only"]
# An IKE identity: its type in the words of Junos (inet, hostname, user-at-hostname, key-id) and its value.
Identity = tuple[str, str]

ANYWHERE = IPv4Network("0.0.0.0/0")

T = t.TypeVar("T")


def sure(value: T | None) -> T:
    """Return a value that an earlier step has set. Raise AssertionError if it is None."""
    if value is None:
        raise AssertionError("asked for too early")
    return value


@dataclass(frozen=True)
class Interface:
    """A logical interface (``ge-0/0/0.0``, ``st0.0``, ``ethernet0/0``, ``tunnel.1``).

    ``services`` are its effective host-inbound system services, ``refused`` those with ``except``.
    ``bindings`` are its static next-hop tunnel entries: next hop to VPN.
    """

    name: str
    addresses: tuple[IPv4Interface, ...] = ()
    zone: str | None = None
    tunnel: bool = False
    multipoint: bool = False
    inet: bool = True
    enabled: bool = True
    bindings: tuple[tuple[str, str], ...] = ()
    mtu: int | None = None
    services: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    @property
    def loopback(self) -> bool:
        """Return whether packets for its addresses arrive on other interfaces."""
        return self.name.startswith("lo0.")

    def accepts(self, service: str) -> bool:
        """Return whether the device accepts traffic of this system service on the interface."""
        return service not in self.refused and not self.services.isdisjoint({service, "all", "any-service"})

    @property
    def ip(self) -> str | None:
        """Return the primary address without its prefix length."""
        return str(self.addresses[0].ip) if self.addresses else None


@dataclass(frozen=True)
class StaticRoute:
    """A static route. ``next_hops`` are addresses or interface names; none with ``discard`` or ``reject``.

    A ``passive`` one stays in the table while its next hop is unreachable, and then rejects.
    """

    prefix: IPv4Network
    next_hops: tuple[str, ...]
    preference: int = 5
    kind: str = "next-hop"
    passive: bool = False


@dataclass(frozen=True)
class IkeProposal:
    """A phase 1 proposal. ``authentication`` is ``None`` with GCM and no configured PRF hash."""

    method: str
    dh_group: str
    encryption: str
    authentication: str | None
    lifetime: int = 28800

    def matches(self, other: IkeProposal, version: int) -> bool:
        """Return whether both are the same, lifetimes excepted. In IKEv2 the method is no part of a proposal."""
        return (self.dh_group, self.encryption, self.authentication) == (
            other.dh_group, other.encryption, other.authentication) and (
            version == 2 or self.method == other.method)  # fmt: skip


@dataclass(frozen=True)
class IpsecProposal:
    """A phase 2 proposal. ``pfs`` is the group of a predefined set; the policy's own group takes precedence."""

    protocol: str
    encryption: str | None
    authentication: str | None
    pfs: str | None = None
    lifetime: int = 3600
    lifesize: int | None = None
    # The sequence numbers that it offers, "usual" or "extended".
    numbers: frozenset[str] = frozenset({"usual"})

    def matches(self, other: IpsecProposal) -> bool:
        """Return whether both are the same, except for lifetimes and PFS, which is compared separately."""
        return (self.protocol, self.encryption, self.authentication) == (
            other.protocol, other.encryption, other.authentication
        ) and not self.numbers.isdisjoint(other.numbers)  # fmt: skip


@dataclass(frozen=True)
class Gateway:
    """An IKE gateway with its policy. ``version`` is 1 or 2. ``key`` is the decoded pre-shared key."""

    name: str
    addresses: tuple[str, ...]
    external_interface: str | None
    version: int
    mode: str
    proposals: tuple[IkeProposal, ...]
    key: bytes | None = field(repr=False, default=None)
    certificate: bool = False
    local_address: str | None = None
    local_identity: Identity | None = None
    remote_identity: Identity | None = None
    dynamic: Identity | None = None
    # Seconds without an answer after which dead peer detection ends the associations; ``None`` without it.
    dead_after: int | None = None
    # Whether it asks a peer over an idle tunnel too, not only after packets without an answer (optimized, the default).
    probes_idle: bool = False
    # Whether any identity of the peer is accepted, and whether IKE stays on port 500 behind NAT.
    general_ikeid: bool = False
    traverses_nat: bool = True


@dataclass(frozen=True)
class Selector:
    """The traffic of one phase 2 negotiation. ``name`` is empty for a proxy identity."""

    name: str = ""
    local: IPv4Network = ANYWHERE
    remote: IPv4Network = ANYWHERE
    service: str = "any"

    def mirrors(self, other: Selector) -> bool:
        """Return whether the two selectors are equal with ends exchanged."""
        return (self.local, self.remote, self.service) == (other.remote, other.local, other.service)

    def narrowed(self, other: Selector) -> Selector | None:
        """Return the part that this selector and the one of the peer have in common; ``None`` without one."""
        local, remote = _common(self.local, other.remote), _common(self.remote, other.local)
        return None if local is None or remote is None else replace(self, local=local, remote=remote)


def _common(one: IPv4Network, other: IPv4Network) -> IPv4Network | None:
    """Return the smaller of two networks if it is a part of the larger."""
    small, large = sorted((one, other), key=lambda network: network.prefixlen, reverse=True)
    return small if small.subnet_of(large) else None


@dataclass(frozen=True)
class Monitor:
    """A VPN monitor. Without ``destination`` it probes the peer's IKE address."""

    destination: str | None = None
    source_interface: str | None = None


@dataclass(frozen=True)
class Vpn:
    """An IPsec VPN. ``pfs`` is the group of its policy (``group2``) or ``None``.

    ``replay_window`` is in packets, ``None`` without the protection.
    """

    name: str
    gateway: str
    proposals: tuple[IpsecProposal, ...]
    bind_interface: str | None
    establish: Establish = "on-traffic"
    pfs: str | None = None
    selectors: tuple[Selector, ...] = (Selector(),)
    monitor: Monitor | None = None
    df_bit: str = "clear"
    copy_dscp: bool = False
    replay_window: int | None = 64
    install_policy: str = ""

    @property
    def monitored(self) -> bool:
        return self.monitor is not None

    @property
    def group(self) -> str | None:
        """Return the effective PFS group."""
        return self.pfs or (self.proposals[0].pfs if self.proposals else None)


@dataclass(frozen=True)
class Nat:
    """A router in front of a WAN interface, which translates its addresses to the ``public`` one.

    It ``forwards`` IKE from outside to the device, or lets only answers pass.
    """

    interface: str
    public: str
    forwards: bool = False


@dataclass(frozen=True)
class Policy:
    """A security policy. ``action`` is permit, deny or reject."""

    name: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    applications: tuple[str, ...]
    action: str


@dataclass(frozen=True)
class NatRule:
    """A rule of source NAT between zones. ``translates`` is false for ``off``."""

    from_zones: frozenset[str]
    to_zones: frozenset[str]
    sources: tuple[IPv4Network, ...]
    translates: bool


@dataclass(frozen=True)
class Tracing:
    """The file of ``security flow traceoptions``, and the (source, destination) filters."""

    file: str
    filters: tuple[tuple[str, IPv4Network, IPv4Network], ...] = ()


@dataclass(frozen=True)
class DeviceView:
    """One device. ``books`` holds, per zone, the address book names that its policies may use, as prefixes."""

    host: str
    kind: Kind
    host_name: str
    interfaces: dict[str, Interface]
    zones: dict[str, tuple[str, ...]]
    routes: tuple[StaticRoute, ...]
    gateways: dict[str, Gateway]
    vpns: dict[str, Vpn]
    policies: dict[tuple[str, str], tuple[Policy, ...]]
    books: dict[str, dict[str, tuple[IPv4Network, ...]]]
    global_policies: tuple[Policy, ...] = ()
    default_permit: bool = False
    intrazone_permit: bool = False
    # The applications that an ICMP echo matches.
    applications: frozenset[str] = frozenset()
    trace: Tracing | None = None
    nat: Nat | None = None
    # The file of ``security ike traceoptions``, empty for the IKE daemon's own; ``None`` if they are off.
    ike_trace: str | None = None
    source_nat: tuple[NatRule, ...] = ()
    switches: Switches = HOSTILE

    def translates(self, zones: tuple[str, str], source: str) -> bool:
        """Return whether a packet between two zones gets another source. ScreenOS does so in its policies."""
        wanted = IPv4Address(source)
        for rule in self.source_nat:
            between = zones[0] in rule.from_zones and zones[1] in rule.to_zones
            if between and any(wanted in network for network in rule.sources):
                return rule.translates
        return self.kind == "screenos"

    def interface_of(self, address: str) -> Interface | None:
        """Return the interface with this address."""
        wanted = IPv4Address(address)
        for interface in self.interfaces.values():
            if any(own.ip == wanted for own in interface.addresses):
                return interface
        return None
