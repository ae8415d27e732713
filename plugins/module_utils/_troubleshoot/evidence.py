# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The evidence of a diagnosis: both ends of a tunnel, and for each step its result with the faulty statements."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import InterfaceState, Ping, Route
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding, FindingState
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import NOT_ASKED, Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import LogEvent
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import Flow

# The steps of a diagnosis from the lowest layer up, each with the sentence for its failure.
STEPS: t.Mapping[str, str] = {
    "interfaces": "an interface is down or not as planned",
    "route": "there is no route to the peer",
    "reachability": "the peer cannot be reached",
    "phase1": "Phase 1 is down",
    "phase2": "Phase 2 is down",
    "monitor": "a VPN monitor reports the peer down",
    "nhtb": "the next-hop tunnel entry is wrong",
    "tunnel_routes": "a route into the tunnel is not active",
    "policies": "a policy or an address book blocks traffic",
    "statistics": "error counters rise",
    "flow": "traffic does not get through",
}


@dataclass(frozen=True)
class Fault:
    """A statement that makes a step fail. ``expected`` and ``actual`` never contain a key.

    ``certain`` is false for a place to check, as on a device that cannot be read. ``counterpart`` is the statement at
    the other end in a mismatch.
    """

    host: str
    statement: str
    expected: str
    actual: str
    certain: bool = True
    counterpart: str = ""

    def __str__(self) -> str:
        return f"{self.host}: {self.statement}"

    @property
    def difference(self) -> str:
        """Return the statement with both values."""
        return f"{self}: expected {self.expected}, actual {self.actual}"


@dataclass(frozen=True)
class Step:
    """The result of one step: its finding, the faulty statements, and notes on differences without effect so far.

    ``idle`` marks a tunnel that is down because no end has started it.
    """

    finding: Finding
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    idle: bool = False

    @property
    def state(self) -> FindingState:
        """Return the state of the finding."""
        return self.finding.state


@dataclass(frozen=True)
class End:
    """One end of a tunnel: its plan, with this tunnel only, its configuration in effect, and its replies.

    ``config`` is ``None`` where the device cannot be read; ``unread`` says why, and ``error`` does in full. ``to_peer``
    are the routes to the peer's address, ``ping`` is a ping to that address, ``log`` has the events of the key daemon,
    the newest last. ``overrides`` are the conflicts of committed statements outside the group with it.
    """

    plan: DevicePlan
    tunnel: Tunnel
    planned: Hierarchy
    config: Hierarchy | None
    unread: str = ""
    error: HubspokeError | None = None
    observation: Observation = field(default_factory=lambda: Observation(""))
    interfaces: Answer[InterfaceState] = field(default=NOT_ASKED)
    to_peer: Answer[Route] = field(default=NOT_ASKED)
    ping: Answer[Ping] = field(default=NOT_ASKED)
    log: tuple[LogEvent, ...] = ()
    overrides: Answer[Finding] = field(default=NOT_ASKED)

    @property
    def establish(self) -> str | None:
        """Return when the tunnel is negotiated, by the configuration in effect, else by the plan."""
        vpn = ("security", "ipsec", "vpn", self.tunnel.vpn)
        if self.config is None or not self.config.has(*vpn):
            return self.tunnel.establish
        return self.config.value(*vpn, "establish-tunnels")

    @property
    def peer_addresses(self) -> set[str]:
        """Return the addresses of the peer that the gateway names, and those that its associations show."""
        seen = {one.remote_address for one in self.observation.ike.items if one.gateway == self.tunnel.gateway}
        return seen | set(self.tunnel.peer_addresses)

    @property
    def host(self) -> str:
        """Return the device's name in the inventory."""
        return self.plan.host

    @property
    def read(self) -> bool:
        """Return whether the device could be read."""
        return self.config is not None

    @property
    def now(self) -> Hierarchy:
        """Return the configuration in effect, empty for a device that cannot be read."""
        return self.config or Hierarchy(())


@dataclass(frozen=True)
class Case:
    """A tunnel to diagnose: the hub's end, the spoke's end, and the traffic planned for it."""

    hub: End
    spoke: End
    flows: tuple[Flow, ...]

    @property
    def ends(self) -> tuple[End, End]:
        """Return the hub's end and the spoke's."""
        return self.hub, self.spoke

    @property
    def readable(self) -> tuple[End, ...]:
        """Return the ends that could be read."""
        return tuple(end for end in self.ends if end.read)

    @property
    def unread(self) -> tuple[End, ...]:
        """Return the ends that could not be read."""
        return tuple(end for end in self.ends if not end.read)

    def other(self, end: End) -> End:
        """Return the other end of the tunnel."""
        return self.spoke if end is self.hub else self.hub


@dataclass(frozen=True)
class Expectation:
    """The expectation of one step for a tunnel. Its methods are the possible results of the step.

    A result is about ``host``, else about the host of its first fault, else about the hub.
    """

    case: Case
    step: str
    expected: str

    def ok(self, actual: str = "", notes: t.Sequence[str] = ()) -> Step:
        """Return the step as passed; without ``actual`` it is as expected."""
        return Step(self._finding("ok", actual or self.expected), notes=tuple(notes))

    def failed(self, actual: str, remedy: str, faults: t.Sequence[Fault] = (), host: str = "") -> Step:
        """Return the step as failed."""
        host = host or (faults[0].host if faults else "")
        return Step(self._finding("failed", actual, remedy, host), tuple(faults))

    def failed_by(self, faults: t.Sequence[Fault], remedy: str = "") -> Step:
        """Return the step as failed by statements that differ from the plan."""
        actual = "; ".join(fault.difference for fault in faults)
        return self.failed(actual, remedy or restore_remedy(self.case, faults), faults)

    def unknown(self, actual: str, remedy: str = "", *, host: str = "", idle: bool = False) -> Step:
        """Return the step as unknown."""
        return Step(self._finding("unknown", actual, remedy, host), idle=idle)

    def skipped(self, reason: str) -> Step:
        """Return the step as not checked."""
        return Step(self._finding("skipped", f"not checked: {reason}"))

    def ok_where_read(self, objects: str) -> Step:
        """Return the step as passed, or as unknown with the ``objects`` to check on an end that cannot be read."""
        if not self.case.unread:
            return self.ok()
        good = ", ".join(end.host for end in self.case.readable) or "none"
        remedy = f"{unread_remedy(self.case, objects)}."
        return self.unknown(f"as expected on: {good}", remedy, host=self.case.unread[0].host)

    def _finding(self, state: FindingState, actual: str, remedy: str = "", host: str = "") -> Finding:
        device = host or self.case.hub.host
        end = next((end for end in self.case.ends if end.host == device), self.case.hub)
        return Finding(
            host=device,
            check=self.step,
            object=end.tunnel.vpn,
            state=state,
            expected=self.expected,
            actual=actual,
            remedy=remedy,
            tunnel=end.tunnel.vpn,
            peer=end.tunnel.peer_host,
            brief=state,
        )


def restore_remedy(case: Case, faults: t.Iterable[Fault]) -> str:
    """Return the remedy that restores planned statements."""
    hosts = " and ".join(dict.fromkeys(fault.host for fault in faults))
    return (
        f"Restore the plan on {hosts}: hubspoke.srx.drift shows whether a statement is missing in group"
        f" {case.hub.plan.group} or overridden outside it; hubspoke.srx.deploy restores the group."
    )


def unread_remedy(case: Case, objects: str) -> str:
    """Return the remedy for the ends that cannot be read: the ``objects`` to check there."""
    return "; ".join(f"{end.host} cannot be read ({end.unread}): check {objects} there" for end in case.unread)
