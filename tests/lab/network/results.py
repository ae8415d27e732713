# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of queries to the network: rows of the ``show`` commands."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from ipaddress import IPv4Network

from tests.lab.network.associations import NOTHING, Counters, Event, SaPair
from tests.lab.network.failure import Failure
from tests.lab.network.view import Gateway, IkeProposal, IpsecProposal, Selector, Vpn


@dataclass(frozen=True)
class IkeRow:
    """A phase 1 association, up or in negotiation. ``negotiating`` says that a phase 2 under it keeps failing."""

    index: int
    state: t.Literal["UP", "DOWN"]
    role: t.Literal["initiator", "responder"]
    version: int
    mode: str
    gateway: str
    local: str
    remote: str
    cookies: tuple[str, str]
    remaining: int = 0
    proposal: IkeProposal | None = None
    peer_id: str = ""
    created: int = 0
    deleted: int = 0
    negotiating: bool = False
    ports: tuple[int, int] = (500, 500)
    packets: Counters = NOTHING

    @property
    def exchange(self) -> str:
        """Return Main, Aggressive or IKEv2."""
        return "IKEv2" if self.version == 2 else self.mode.capitalize()


@dataclass(frozen=True)
class TunnelRow:
    """A configured VPN on one device, with its current associations, the newest pair first."""

    index: int
    vpn: Vpn
    gateway: Gateway | None
    selector: Selector
    local: str
    remote: str
    port: int
    up: bool
    pairs: tuple[SaPair, ...]
    proposal: IpsecProposal | None
    group: str | None
    events: tuple[Event, ...]
    negotiations: int
    failures: int
    deletions: int
    counters: Counters
    ike_index: int | None
    pending: int
    reason: str
    monitor: str = "-"

    @property
    def version(self) -> int:
        return self.gateway.version if self.gateway else 1


@dataclass(frozen=True)
class NhtbRow:
    """One entry of the next-hop tunnel table."""

    next_hop: str
    interface: str
    vpn: str
    flag: t.Literal["Static", "Auto"]


@dataclass(frozen=True)
class RouteRow:
    """One route of inet.0. Hidden routes are not rows."""

    prefix: IPv4Network
    protocol: str
    preference: int
    next_hop: str | None
    via: str | None
    active: bool
    since: float
    kind: str = "next-hop"


@dataclass(frozen=True)
class Hop:
    """A tunnel on the way of a packet: from a device's VPN to the peer's."""

    host: str
    vpn: str
    peer: str
    peer_vpn: str


@dataclass(frozen=True)
class Session:
    """A flow session of one device."""

    identifier: int
    policy: str
    source: str
    destination: str
    ingress: str
    egress: str
    protocol: str
    started: float
    timeout: int
    packets: tuple[int, int]
    ports: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Verdict:
    """Whether traffic reaches its destination and the answer comes back. ``failure`` is the first step that fails."""

    ok: bool
    failure: Failure | None = None
    hops: tuple[Hop, ...] = ()
    crossed: tuple[tuple[str, str, str, str], ...] = ()

    def __bool__(self) -> bool:
        return self.ok


@dataclass(frozen=True)
class PingResult:
    """The result of a ping. ``rtts`` are microseconds, one per reply."""

    target: str
    sent: int
    rtts: tuple[int, ...]
    ttl: int
    verdict: Verdict

    @property
    def received(self) -> int:
        return len(self.rtts)
