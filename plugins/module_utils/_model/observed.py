# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The replies of devices as frozen data: the state of each answer, and all answers of a device together."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Ping, PolicyMatch, Route
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.policy_questions import PolicyQuestion
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import (
    IkeSa,
    InactiveTunnel,
    IpsecStatistics,
    IpsecTunnel,
    NextHopTunnel,
)

T = t.TypeVar("T")
V = t.TypeVar("V")


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
    ``overrides`` has the committed statements outside the group that change its objects, each as a conflict.
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
    overrides: Answer[Finding] = field(default=NOT_ASKED)
    clear_paths: Answer[ClearPath] = field(default=NOT_ASKED)
    policy_lookups: Answer[PolicyLookup] = field(default=NOT_ASKED)
    internet_paths: Answer[InternetPath] = field(default=NOT_ASKED)
    configured: Answer[str] = field(default=NOT_ASKED)
    older_ike: Answer[IkeSa] = field(default=NOT_ASKED)
    older_ipsec: Answer[IpsecTunnel] = field(default=NOT_ASKED)
