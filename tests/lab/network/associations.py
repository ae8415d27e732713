# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security associations over time: cookies, SPIs and lifetimes, derived from the peers and time of a negotiation."""

from __future__ import annotations

import hashlib
import typing as t
from collections import deque
from dataclasses import dataclass, field

from tests.lab.network.fabric import End
from tests.lab.network.failure import Failure
from tests.lab.network.peering import Attempt, identity_of
from tests.lab.network.view import Gateway, IkeProposal, IpsecProposal, Selector, Vpn, sure

# A tunnel as a device counts it: one per VPN and traffic selector.
TunnelKey = tuple[str, str, str]
# The old pair stays installed for a while after a rekey, so a tunnel then shows four associations.
OVERLAP = 30.0
KMD_INDEX, IKED_INDEX = 131073, 500001


def digest(*parts: object) -> str:
    """Return hexadecimal digits that look random and are the same in every run."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def number(bound: int, *parts: object) -> int:
    """Return a number below ``bound``, the same in every run."""
    return int(digest(*parts)[:12], 16) % bound


@dataclass(frozen=True)
class Counters:
    """Packets and bytes, as ESP counts them."""

    encrypted_packets: int = 0
    encrypted_bytes: int = 0
    decrypted_packets: int = 0
    decrypted_bytes: int = 0

    def __add__(self, other: Counters) -> Counters:
        return Counters(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


NOTHING = Counters()


@dataclass(frozen=True)
class Event:
    """An event of a tunnel, and how often it happened in a row."""

    at: float
    text: str
    times: int = 1


@dataclass
class TunnelState:
    """The state that a device keeps of one tunnel, up or down. ``tried`` is the time of its last failed attempt."""

    key: TunnelKey
    index: int
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=10))
    failure: Failure | None = None
    since: float = 0.0
    tried: float | None = None
    negotiations: int = 0
    failures: int = 0
    deletions: int = 0
    counters: Counters = NOTHING

    def record(self, at: float, text: str, times: int = 1) -> None:
        """Add an event, newest first; only count the same event again."""
        same = next((event for event in self.events if event.text == text), None)
        if same is not None:
            self.events.remove(same)
            times += same.times
        self.events.appendleft(Event(at, text, times))


@dataclass(eq=False)
class IkeSa:
    """A phase 1 association between two gateways, with the pairs negotiated under it."""

    initiator: str
    responder: str
    attempt: Attempt
    started: float
    generation: int
    indices: dict[str, int]
    created: int = 0
    # The host that has lost it without a word, and the association that the peer has started at the same time.
    lost: str | None = None
    twin: IkeSa | None = None
    pairs: list[Pair] = field(default_factory=list, repr=False)
    # The cookies that another source tells.
    told: tuple[str, str] | None = None

    @property
    def proposal(self) -> IkeProposal:
        return sure(self.attempt.ike)

    def gateway(self, host: str) -> Gateway:
        """Return the gateway of this host as it was at the negotiation."""
        return sure(self.attempt.gateway if host == self.initiator else self.attempt.peer_gateway)

    def gateway_name(self, host: str) -> str:
        return self.gateway(host).name

    def peer_of(self, host: str) -> str:
        return self.responder if host == self.initiator else self.initiator

    def addresses(self, host: str) -> tuple[str, str]:
        """Return the local and remote address of this host."""
        return self.attempt.addresses(host if host == self.initiator else self.responder)

    def ports(self, host: str) -> tuple[int, int]:
        """Return the local and remote port of this host: behind NAT they are others than 500."""
        found = self.attempt
        if not found.is_translated:
            return 500, 500
        is_peer_translated = found.seen != found.local if host == self.responder else found.inside != found.remote
        is_random = is_peer_translated and host == self.responder
        return 4500, 1024 + number(60000, "port", *self.attempt.initiator) if is_random else 4500

    def peer_identity(self, host: str) -> str:
        """Return the identity that the peer of this host has sent."""
        peer = self.peer_of(host)
        return identity_of(self.gateway(peer), self.addresses(peer)[0])[1]

    def lifetime(self, host: str) -> int:
        """Return the lifetime in seconds: the shorter one of IKEv1 peers, the host's own with IKEv2."""
        version = self.attempt.version
        matching = next(
            other for other in sure(self.attempt.peer_gateway).proposals if other.matches(self.proposal, version)
        )
        own, peer = self.proposal.lifetime, matching.lifetime
        if self.attempt.version == 1:
            return min(own, peer)
        return own if host == self.initiator else peer

    def renewal(self) -> int:
        """Return the seconds until the association is renegotiated: the shorter lifetime of the two ends."""
        return min(self.lifetime(self.initiator), self.lifetime(self.responder))

    def cycle(self, now: float) -> tuple[int, float]:
        """Return the number of renewals, and the age in seconds since the last one."""
        length = self.renewal()
        age = max(0.0, now - self.started)
        return int(age // length), age % length

    def index(self, host: str, now: float) -> int:
        return self.indices[host] + self.cycle(now)[0]

    def cookies(self, now: float) -> tuple[str, str]:
        """Return the initiator's and the responder's cookie (SPI in IKEv2)."""
        if self.told is not None:
            return self.told
        seed = (self.initiator, self.responder, self.gateway_name(self.initiator), self.generation, self.cycle(now)[0])
        return digest("initiator", *seed)[:16], digest("responder", *seed)[:16]


@dataclass(frozen=True)
class SaPair:
    """The two associations of one negotiation, with their remaining seconds."""

    inbound: str
    outbound: str
    hard: int
    soft: int


@dataclass(eq=False)
class Pair:
    """A phase 2 agreement between two VPNs, for one pair of selectors."""

    initiator: End
    responder: End
    attempt: Attempt
    selectors: tuple[Selector, Selector]
    started: float
    generation: int
    # The st0 addresses that the two ends have told each other, the initiator's first.
    advertised: tuple[str | None, str | None] = (None, None)
    # Since when the configurations are others than those of the negotiation, and since when no packet arrives.
    outdated: float | None = None
    silent: float | None = None
    # Since when each host sends packets that have no answer.
    unanswered: dict[str, float] = field(default_factory=dict)
    # The host that has lost its part without a word, so that only its peer has the pair.
    lost: str | None = None
    # The pair that the peer has started at the same time.
    twin: Pair | None = None
    # The number of renewals before the one that the peer refused.
    renewed: int | None = None
    # The SPIs by receiver that another source tells.
    told: t.Mapping[str, str] = field(default_factory=dict)

    @property
    def proposal(self) -> IpsecProposal:
        return sure(self.attempt.ipsec)

    def tunnels(self) -> tuple[TunnelKey, TunnelKey]:
        """Return its two tunnels, the initiator's first."""
        return (*self.initiator, self.selectors[0].name), (*self.responder, self.selectors[1].name)

    def hosts(self) -> tuple[str, str]:
        return self.initiator[0], self.responder[0]

    def end(self, host: str) -> End:
        return self.initiator if host == self.initiator[0] else self.responder

    def peer(self, host: str) -> End:
        return self.responder if host == self.initiator[0] else self.initiator

    def role(self, host: str) -> t.Literal["initiator", "responder"]:
        return "initiator" if host == self.initiator[0] else "responder"

    def vpn(self, host: str) -> Vpn:
        """Return the VPN of this host as it was at the negotiation."""
        return sure(self.attempt.vpn if host == self.initiator[0] else self.attempt.peer_vpn)

    def selector(self, host: str) -> Selector:
        return self.selectors[0 if host == self.initiator[0] else 1]

    def lifetime(self, host: str) -> int:
        """Return this host's seconds from the negotiation to the hard lifetime."""
        matching = next(other for other in sure(self.attempt.peer_vpn).proposals if other.matches(self.proposal))
        own, theirs = self.proposal.lifetime, matching.lifetime
        if self.attempt.version == 1:
            return min(own, theirs)
        return own if host == self.initiator[0] else theirs

    def lifesize(self, host: str) -> int | None:
        """Return this host's kilobytes of a pair, ``None`` without a limit: the smaller ones of IKEv1 peers."""
        matching = next(other for other in sure(self.attempt.peer_vpn).proposals if other.matches(self.proposal))
        own, theirs = self.proposal.lifesize, matching.lifesize
        if self.attempt.version == 1:
            return min((one for one in (own, theirs) if one is not None), default=None)
        return own if host == self.initiator[0] else theirs

    def renewal(self) -> int:
        """Return the seconds until the pair is renegotiated: the earlier soft lifetime of the two ends."""
        return min(_soft(self.lifetime(host), host, self.generation) for host in self.hosts())

    def rekeys(self, now: float) -> int:
        if self.renewed is not None:
            return self.renewed
        return int(max(0.0, now - self.started) // self.renewal())

    def end_of_use(self, now: float) -> float:
        """Return the time of the hard lifetime of the newest associations, at the end where it is shorter."""
        last = self.started + self.rekeys(now) * self.renewal()
        return last + min(self.lifetime(host) for host in self.hosts())

    def installed(self, host: str, now: float) -> list[SaPair]:
        """Return the installed pairs, newest first: a second one for a while after a rekey."""
        count = self.rekeys(now)
        age = max(0.0, now - self.started) - count * self.renewal()
        found = [self._pair(host, count, age)]
        old_age = age + self.renewal()
        if count and age < OVERLAP and old_age < self.lifetime(host):
            found.append(self._pair(host, count - 1, old_age))
        return found if self.twin is None else found + self.twin.installed(host, now)

    def _pair(self, host: str, count: int, age: float) -> SaPair:
        hard = self.lifetime(host)
        remaining, soft = int(hard - age), int(_soft(hard, host, self.generation) - age)
        return SaPair(self._spi(host, count), self._spi(self.peer(host)[0], count), max(0, remaining), max(0, soft))

    def _spi(self, receiver: str, count: int) -> str:
        """Return eight digits; each receiver selects the SPI of its traffic. Values below 256 are reserved."""
        if receiver in self.told:
            return self.told[receiver]
        seed = (receiver, *self.initiator, *self.responder, self.selectors[0].name, self.generation, count)
        return f"{256 + number(0xFFFFFFFF - 256, 'spi', *seed):08x}"


def _soft(hard: int, host: str, generation: int) -> int:
    """Return the soft lifetime: Junos renews about ten minutes before the end, each device at its own time."""
    return hard - 570 - number(60, "soft", host, generation) if hard > 1200 else int(hard * 0.85)
