# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What a tunnel's two ends have told: the ends themselves, and what has been found wrong with a statement."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding, FindingState
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import (
    NOT_ASKED,
    Answer,
    InterfaceState,
    LogEvent,
    Observation,
    Ping,
    Route,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import Flow

# The ladder from the lowest layer up: the name of each step, and what it says when it does not hold.
STEPS: t.Mapping[str, str] = {
    "interfaces": "an interface is not up",
    "route": "there is no route to the peer",
    "reachability": "the peer cannot be reached",
    "phase1": "Phase 1 is not up",
    "phase2": "Phase 2 is not up",
    "nhtb": "the next-hop tunnel entry is wrong",
    "tunnel_routes": "a route into the tunnel is not active",
    "policies": "a policy or an address book stands in the way",
    "statistics": "error counters rise",
    "flow": "traffic does not get through",
}


@dataclass(frozen=True)
class Fault:
    """A statement at fault. Values of keys never stand in C(expected) and C(actual).

    ``certain`` is false where it is a place to look at, as on a device that cannot be read. ``counterpart`` is the
    statement at the other end that it does not agree with.
    """

    host: str
    statement: str
    expected: str
    actual: str
    certain: bool = True
    counterpart: str = ""

    def __str__(self) -> str:
        return f"{self.host}: {self.statement}"


@dataclass(frozen=True)
class Step:
    """One step of the ladder: its finding, the statements at fault, and what differs but stops nothing yet.

    ``idle`` tells of a tunnel that is down because nobody has started it.
    """

    finding: Finding
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    idle: bool = False

    @property
    def state(self) -> FindingState:
        return self.finding.state


@dataclass(frozen=True)
class End:
    """One end of a tunnel: its plan, narrowed to this tunnel, what is in effect there, and what it answers.

    ``config`` is ``None`` where the device cannot be read; ``unread`` says why. ``to_peer`` are the routes towards the
    peer's address, ``ping`` is one to that address, ``log`` what the key daemon has logged, the newest last.
    """

    plan: DevicePlan
    tunnel: Tunnel
    planned: Hierarchy
    config: Hierarchy | None
    unread: str = ""
    observation: Observation = field(default_factory=lambda: Observation(""))
    interfaces: Answer[InterfaceState] = field(default=NOT_ASKED)
    to_peer: Answer[Route] = field(default=NOT_ASKED)
    ping: Answer[Ping] = field(default=NOT_ASKED)
    log: tuple[LogEvent, ...] = ()

    @property
    def establish(self) -> str | None:
        """When the tunnel is negotiated, by what is in effect; by the plan where that cannot be read."""
        vpn = ("security", "ipsec", "vpn", self.tunnel.vpn)
        if self.config is None or not self.config.has(*vpn):
            return self.tunnel.establish
        return self.config.value(*vpn, "establish-tunnels")

    @property
    def host(self) -> str:
        return self.plan.host

    @property
    def read(self) -> bool:
        return self.config is not None

    @property
    def now(self) -> Hierarchy:
        """What is in effect; nothing on a device that cannot be read."""
        return self.config or Hierarchy(())


@dataclass(frozen=True)
class Case:
    """A tunnel in question: the hub's end, the spoke's, and the traffic that it is to carry."""

    hub: End
    spoke: End
    flows: tuple[Flow, ...]

    @property
    def ends(self) -> tuple[End, End]:
        return self.hub, self.spoke

    @property
    def readable(self) -> tuple[End, ...]:
        return tuple(end for end in self.ends if end.read)

    @property
    def unread(self) -> tuple[End, ...]:
        return tuple(end for end in self.ends if not end.read)

    def other(self, end: End) -> End:
        return self.spoke if end is self.hub else self.hub


def step(
    case: Case,
    name: str,
    state: FindingState,
    expected: str,
    actual: str,
    remedy: str = "",
    *,
    host: str = "",
    faults: t.Sequence[Fault] = (),
    notes: t.Sequence[str] = (),
    idle: bool = False,
) -> Step:
    """A step about a tunnel, on the host of its first fault, or on the hub."""
    device = host or (faults[0].host if faults else case.hub.host)
    end = next((end for end in case.ends if end.host == device), case.hub)
    finding = Finding(
        device, name, end.tunnel.vpn, state, expected, actual, remedy, end.tunnel.vpn, end.tunnel.peer_host, state
    )
    return Step(finding, tuple(faults), tuple(notes), idle)


def blamed(case: Case, name: str, expected: str, faults: t.Sequence[Fault], remedy: str = "") -> Step:
    """A step that fails by statements, with their values as evidence."""
    actual = "; ".join(f"{fault} is {fault.actual} instead of {fault.expected}" for fault in faults)
    return step(case, name, "failed", expected, actual, remedy or restore(case, faults), faults=faults)


def restore(case: Case, faults: t.Iterable[Fault]) -> str:
    """How a planned statement comes back."""
    hosts = " and ".join(dict.fromkeys(fault.host for fault in faults))
    return (
        f"Put what is planned back on {hosts}: hubspoke.srx.drift shows whether it is missing in group"
        f" {case.hub.plan.group} or overruled from outside, hubspoke.srx.deploy restores the group."
    )


def unreadable(case: Case, where: str) -> str:
    """What to look at on the ends that cannot be read."""
    return "; ".join(f"{end.host} cannot be read ({end.unread}): look there at {where}" for end in case.unread)


def half(case: Case, name: str, expected: str, where: str) -> Step:
    """As it should be on every end that can be read; C(where) is what to look at on the other one."""
    if not case.unread:
        return step(case, name, "ok", expected, expected)
    good = ", ".join(end.host for end in case.readable) or "none"
    remedy = f"{unreadable(case, where)}."
    return step(case, name, "unknown", expected, f"as expected on: {good}", remedy, host=case.unread[0].host)
