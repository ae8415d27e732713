# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The variables of one host, read and checked for themselves: ``None`` where a value is invalid or not set."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import KeyFormat
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Syntax
from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Addressing, Identity, Platform, Role
from ansible_collections.hubspoke.srx.plugins.module_utils._model.vpn_options import (
    NO_TIMERS,
    DfBit,
    MonitorTimers,
    ProxyIdentity,
    VpnMonitor,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import AddressBook
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.proposals import IkeDraft, IpsecDraft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rules import PolicyDraft

PARTS = ("lan_interfaces", "wan_interface", "default_route", "internet_policy", "zones")
_RELEASE = re.compile(r"(?P<major>[0-9]{1,2})\.(?P<minor>[0-9]{1,2})[A-Z][A-Za-z0-9.-]*")


@dataclass(frozen=True)
class InboundDraft:
    """The host-inbound services and protocols of an interface, ``None`` for the default services.

    ``on_interface`` says that they are the interface's own and replace those of its zone.
    """

    services: tuple[str, ...] | None = None
    protocols: tuple[str, ...] = ()
    on_interface: bool = False


@dataclass(frozen=True)
class InsideDraft:
    """One entry of ``networks`` of a LAN. ``variable`` is its name in messages: ``nhtb_lans[0].networks[0]``."""

    variable: str
    network: IPv4Network | None
    next_hop: IPv4Address | None
    name: str | None = None


@dataclass(frozen=True)
class LanDraft:
    """One entry of ``nhtb_lans``. ``variable`` is its name in messages: ``nhtb_lans[0]``.

    ``internet`` and ``vpn`` say whether policies permit it there.
    """

    variable: str
    interface: str | None
    address: IPv4Interface | None
    zone: str | None
    inbound: InboundDraft = InboundDraft()
    internet: bool = True
    vpn: bool = True
    name: str | None = None
    networks: tuple[InsideDraft, ...] = ()
    vlan_id: int | None = None


@dataclass(frozen=True)
class WanDraft:
    """The variable ``nhtb_wan``."""

    interface: str | None = None
    address: IPv4Interface | None = None
    gateway: IPv4Address | None = None
    zone: str | None = None
    reachable: bool = False
    local_address: bool | None = None
    addressing: Addressing = "static"
    behind_nat: bool = False
    public_address: IPv4Address | None = None
    backup_addresses: tuple[IPv4Address, ...] = ()
    nat_keepalive: int | None = None
    underlying: str | None = None
    inbound: InboundDraft = InboundDraft()
    ike_interface: str | None = None
    ike_address: IPv4Interface | None = None
    vlan_id: int | None = None

    @property
    def peer_address(self) -> IPv4Interface | None:
        """Return the address from which IKE speaks; ``None`` where the provider gives it."""
        return self.ike_address or self.address

    @property
    def reached_at(self) -> IPv4Address | None:
        """Return the address at which peers reach the WAN; ``None`` where it has no fixed one."""
        own = self.peer_address
        return self.public_address or (own.ip if own and not self.behind_nat else None)


@dataclass(frozen=True)
class TunnelDraft:
    """The variable ``nhtb_tunnel``."""

    unit: int | None = None
    address: IPv4Interface | None = None
    zone: str | None = None
    mtu: int | None = None
    inbound: InboundDraft = InboundDraft()
    unnumbered: bool = False


@dataclass(frozen=True)
class EndDraft:
    """The options of one end of a VPN: ``nhtb_vpn`` without its proxy identity, or its ``at_hub``."""

    monitor: VpnMonitor | None = None
    timers: MonitorTimers = NO_TIMERS
    df_bit: DfBit | None = None
    copy_outer_dscp: bool | None = None
    anti_replay_window: int | None = None
    idle_time: int | None = None


@dataclass(frozen=True)
class VpnDraft:
    """The variable ``nhtb_vpn``. ``at_hub`` is for the hub's end of a spoke's tunnel."""

    own: EndDraft = EndDraft()
    at_hub: EndDraft = EndDraft()
    proxy_identity: ProxyIdentity | None = None
    has_at_hub: bool = False


@dataclass(frozen=True)
class Draft:
    """The variables of one host. ``key`` is neither in the representation nor in any plan.

    ``unmanaged`` has the names of ``PARTS`` that the device has already and that are not configured, and ``routes``
    where those into the tunnels are not. ``summary`` has the prefixes that it lists, or whether they are computed.
    """

    host: str
    role: Role
    name: str | None
    host_name: str | None
    profile: DeviceProfile
    release: str | None
    lans: tuple[LanDraft, ...]
    wan: WanDraft
    tunnel: TunnelDraft
    key: str | None = field(repr=False)
    syntax: Syntax
    dh_group: str | None
    establish: str | None
    static_binding: bool | None
    address_book: AddressBook
    group: str | None
    mss: int | None
    policy_addresses: int | None
    operator_ready: bool
    confirm_minutes: int | None
    unmanaged: frozenset[str]
    fail_closed: bool
    key_format: KeyFormat
    allow_weak: bool
    ike: IkeDraft
    ipsec: IpsecDraft
    identity: Identity | None = None
    vpn: VpnDraft = VpnDraft()
    policies: PolicyDraft = field(default_factory=PolicyDraft)
    summary: bool | tuple[IPv4Network, ...] | None = None
    next_hop: str | None = None
    internet_exit: str | None = None
    max_tunnels: int | None = None

    @property
    def exits_at_hub(self) -> bool:
        """Return whether the traffic of the device to the Internet goes through the hub."""
        return self.role == "spoke" and self.internet_exit == "hub"

    @property
    def platform(self) -> Platform:
        """Return the name of the kind of device."""
        return self.profile.name

    @property
    def release_number(self) -> tuple[int, int] | None:
        """Return the numbers of the Junos release, ``(18, 4)`` for 18.4R1; ``None`` where none is stated."""
        return release_number(self.release or "") if self.platform == "junos" else None


def release_number(release: str) -> tuple[int, int] | None:
    """Return the numbers of the name of a Junos release, ``None`` where it is not one."""
    match = _RELEASE.fullmatch(release)
    return (int(match["major"]), int(match["minor"])) if match else None
