# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Diagnose one tunnel: take the steps from the lowest layer up until one fails."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import with_host
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot import (
    forwarding,
    monitor,
    negotiation,
    traffic,
    underlay,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import STEPS, Case, Expectation, Step
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.parameters import KeyReader

# Steps that need traffic to be sent, which happens only where all steps below them pass.
WITH_TRAFFIC = ("statistics", "flow")

_EXPECTED = "the layers below to pass"


@dataclass(frozen=True)
class Diagnosis:
    """The steps of one tunnel in order. Those above the first failed one are skipped."""

    case: Case
    steps: tuple[Step, ...]

    @property
    def failed(self) -> Step | None:
        """Return the step that failed."""
        return next((one for one in self.steps if one.state == "failed"), None)

    @property
    def first_unknown(self) -> Step | None:
        """Return the first step without an answer."""
        return next((one for one in self.steps if one.state == "unknown"), None)


def diagnose(
    case: Case, key: KeyReader, failing: t.Mapping[str, str] | None = None, known: t.Collection[str] = ()
) -> Diagnosis:
    """Return the diagnosis of one tunnel. Steps that need traffic are unknown where none was sent.

    ``failing`` maps spokes to the step at which their tunnel fails, ``known`` are the spokes that were diagnosed.
    """
    if not case.readable:
        return Diagnosis(case, tuple(_unread(case, name) for name in STEPS))
    done: list[Step] = []
    for name in STEPS:
        reason = _reason_to_skip(name, done)
        done.append(_skipped(case, name, reason) if reason else _take(name, case, key, done, failing or {}, known))
    return Diagnosis(case, tuple(done))


def _take(
    name: str,
    case: Case,
    key: KeyReader,
    done: t.Sequence[Step],
    failing: t.Mapping[str, str],
    known: t.Collection[str],
) -> Step:
    up = all(one.state == "ok" for one in done if one.finding.check in ("phase1", "phase2"))
    steps: dict[str, t.Callable[[], Step]] = {
        "interfaces": lambda: underlay.interfaces(case),
        "route": lambda: underlay.route(case),
        "reachability": lambda: underlay.reachability(case),
        "phase1": lambda: negotiation.phase1(case, key),
        "phase2": lambda: negotiation.phase2(case),
        "monitor": lambda: monitor.monitor(case),
        "nhtb": lambda: forwarding.nhtb(case, up=up),
        "tunnel_routes": lambda: forwarding.tunnel_routes(case, up=up),
        "policies": lambda: forwarding.policies(case),
        "statistics": lambda: traffic.statistics(case),
        "flow": lambda: traffic.flow(case, failing, known),
    }
    return steps[name]()


def _reason_to_skip(name: str, done: t.Sequence[Step]) -> str:
    """Return the sentence of the step that makes this one pointless; empty without such a step."""
    failed = next((one for one in done if one.state == "failed"), None)
    if failed is not None:
        return STEPS[failed.finding.check]
    idle = next((one for one in done if one.idle), None)
    return STEPS[idle.finding.check] if idle is not None and name in WITH_TRAFFIC else ""


def _skipped(case: Case, name: str, reason: str) -> Step:
    return Expectation(case, name, _EXPECTED).skipped(f"{reason[0].upper()}{reason[1:]}")


def _unread(case: Case, name: str) -> Step:
    why = "; ".join(with_host(end.host, end.unread) for end in case.unread)
    remedy = "Neither end can be read: log in on both, or ask their operators to check."
    return Expectation(case, name, _EXPECTED).unknown(why, remedy)
