# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The ladder: the steps of one tunnel from the lowest layer up, until one fails."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot import (
    forwarding,
    negotiation,
    traffic,
    underlay,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import STEPS, Case, Step, step
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.parameters import KeyReader

# Steps that need traffic to be sent, asked once all below them hold.
WITH_TRAFFIC = ("statistics", "flow")

_EXPECTED = "the layers below to hold"


@dataclass(frozen=True)
class Climb:
    """What was found of one tunnel: every step in order, those above the first that failed being skipped."""

    case: Case
    steps: tuple[Step, ...]

    @property
    def failed(self) -> Step | None:
        return next((one for one in self.steps if one.state == "failed"), None)

    @property
    def first_unknown(self) -> Step | None:
        return next((one for one in self.steps if one.state == "unknown"), None)


def climb(
    case: Case, key: KeyReader, failing: t.Mapping[str, str] | None = None, known: t.Collection[str] = ()
) -> Climb:
    """Judge one tunnel. Steps that nobody has sent traffic for are unknown. Raises nothing.

    C(failing) has the steps at which the tunnels of other spokes fail, C(known) the spokes that were looked at.
    """
    if not case.readable:
        return Climb(case, tuple(_nothing_read(case, name) for name in STEPS))
    done: list[Step] = []
    for name in STEPS:
        reason = _stopped(name, done)
        one = _skipped(case, name, reason) if reason else _judge(name, case, key, done, failing or {}, known)
        done.append(one)
    return Climb(case, tuple(done))


def _judge(
    name: str,
    case: Case,
    key: KeyReader,
    done: t.Sequence[Step],
    failing: t.Mapping[str, str],
    known: t.Collection[str],
) -> Step:
    up = all(one.state == "ok" for one in done if one.finding.check in ("phase1", "phase2"))
    judges: dict[str, t.Callable[[], Step]] = {
        "interfaces": lambda: underlay.interfaces(case),
        "route": lambda: underlay.route(case),
        "reachability": lambda: underlay.reachability(case),
        "phase1": lambda: negotiation.phase1(case, key),
        "phase2": lambda: negotiation.phase2(case),
        "nhtb": lambda: forwarding.nhtb(case, up),
        "tunnel_routes": lambda: forwarding.tunnel_routes(case, up),
        "policies": lambda: forwarding.policies(case),
        "statistics": lambda: traffic.statistics(case),
        "flow": lambda: traffic.flow(case, failing, known),
    }
    return judges[name]()


def _stopped(name: str, done: t.Sequence[Step]) -> str:
    """Why a step is not worth looking at; empty where it is."""
    failed = next((one for one in done if one.state == "failed"), None)
    if failed is not None:
        return STEPS[failed.finding.check]
    idle = next((one for one in done if one.idle), None)
    return STEPS[idle.finding.check] if idle is not None and name in WITH_TRAFFIC else ""


def _skipped(case: Case, name: str, reason: str) -> Step:
    sentence = f"{reason[0].upper()}{reason[1:]}"
    one = step(case, name, "skipped", _EXPECTED, f"not checked: {sentence}")
    return replace(one, finding=replace(one.finding, brief="skipped"))


def _nothing_read(case: Case, name: str) -> Step:
    why = "; ".join(f"{end.host}: {end.unread}" for end in case.unread)
    remedy = "Neither end can be read: log in on both, or have their operators look."
    return step(case, name, "unknown", _EXPECTED, why, remedy)
