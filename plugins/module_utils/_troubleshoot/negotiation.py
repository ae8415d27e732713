# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Phase 1 and phase 2: are the associations up, and if not, which statements of the two ends differ."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot import log, mismatches, underlay
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import (
    Case,
    End,
    Expectation,
    Fault,
    Step,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.parameters import KeyReader
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import ike, inactive, ipsec

# Junos's words for a tunnel that no packet has started yet (show security ipsec inactive-tunnels).
_NOT_STARTED = "waiting for trigger event"
_JUNOS = {"phase1": "its gateway, IKE policy, key and proposals", "phase2": "its VPN, IPsec policy and proposals"}


def phase1(case: Case, key: KeyReader) -> Step:
    """Check phase 1 on every end that can be read."""
    expected = Expectation(case, "phase1", "an IKE security association with the peer")
    faults = mismatches.phase1_faults(case, key)
    found = _findings(case, ike.findings)
    if unanswered := _unanswered(case, "phase1", found):
        return unanswered
    if all(finding.state == "ok" for finding in found):
        return _up(expected, faults)
    if faults:
        return expected.failed_by(faults)
    if start := mismatches.start_faults(case):
        return expected.unknown(f"not negotiated: {start[0].difference}", host=start[0].host, idle=True)
    return _down(expected, found, mismatches.unknown_keys(case, key) + underlay.possible_causes(case))


def phase2(case: Case) -> Step:
    """Check phase 2 on every end that can be read."""
    expected = Expectation(case, "phase2", "a pair of IPsec security associations")
    faults = mismatches.phase2_faults(case)
    found = _findings(case, ipsec.findings)
    if unanswered := _unanswered(case, "phase2", found):
        return unanswered
    if all(finding.state == "ok" for finding in found):
        return _up(expected, faults)
    if faults:
        return expected.failed_by(faults)
    return _down(expected, found, [])


def _findings(case: Case, findings: t.Callable[[t.Any, t.Any], list[Finding]]) -> list[Finding]:
    return [finding for end in case.readable for finding in findings(end.plan, end.observation)]


def _unanswered(case: Case, name: str, found: t.Sequence[Finding]) -> Step | None:
    """Return the step as unknown where a device did not answer; ``None`` where all did."""
    for finding in found:
        if finding.state == "unknown":
            expected = Expectation(case, name, finding.expected)
            return expected.unknown(finding.actual, finding.remedy, host=finding.host)
    return None


def _up(expected: Expectation, faults: t.Sequence[Fault]) -> Step:
    """Return the step as passed, with a note for each mismatch: it takes effect at the next negotiation."""
    notes = [f"{fault.difference}: no effect yet, the next negotiation may fail" for fault in faults]
    return expected.ok("up", notes)


def _down(expected: Expectation, found: t.Sequence[Finding], places: t.Sequence[Fault]) -> Step:
    """Return the step for a phase that is down without a mismatch in the configurations that can be compared."""
    case = expected.case
    down = next(finding for finding in found if finding.state != "ok")
    if all(_is_idle(end) for end in case.readable):
        actual = f"not started by any end ({_reason(case) or 'no negotiation'})"
        remedy = "The first packet starts the tunnel: send one from the end that can, and troubleshoot again."
        return expected.unknown(actual, remedy, host=down.host, idle=True)
    if case.unread:
        return _other_end(expected, down)
    if places:
        remedy = f"No comparable statement differs. Check {places[0]} first."
        return expected.failed(f"{down.actual}; {places[0].difference}", remedy, places)
    host, event = log.evidence(case)
    remedy = (
        f"The configurations of both ends match: read the log of {host} with hubspoke.srx.ike_log_info, clear the"
        " associations on both ends with hubspoke.srx.clear_security_associations, and check that udp 500 and 4500"
        f" pass between them.{log.advice(case, expected.step)}"
    )
    actual = f"{down.actual}; the log of {host}: {log.line(event)}" if event else down.actual
    return expected.failed(actual, remedy, host=down.host)


def _other_end(expected: Expectation, down: Finding) -> Step:
    """Return the step as failed by the end that cannot be read, since the other one is as planned."""
    end = expected.case.unread[0]
    words = end.plan.site.profile.operator
    objects = _JUNOS[expected.step]
    if words is not None:
        objects = words.phase1 if expected.step == "phase1" else words.phase2
    fault = Fault(end.host, _unread_statement(end, expected.step), "as planned", "not read", certain=False)
    remedy = f"{down.host} is as planned, and {end.host} cannot be read ({end.unread}): check {objects} there."
    remedy += log.advice(expected.case, expected.step)
    return expected.failed(f"{down.host}: {down.actual}", remedy, [fault])


def _unread_statement(end: End, step: str) -> str:
    words = end.plan.site.profile.operator
    if words is not None:
        named = words.phase1_object if step == "phase1" else words.phase2_object
        return named.replace("{gateway}", end.tunnel.gateway).replace("{vpn}", end.tunnel.vpn)
    return "security ike" if step == "phase1" else "security ipsec"


def _is_idle(end: End) -> bool:
    """Return whether an end has not tried to negotiate: its tunnel starts with traffic, and there was none."""
    if end.establish not in (None, "on-traffic") or ike.of_tunnel(end.tunnel, end.observation.ike):
        return False
    row = inactive.of_tunnel(end.tunnel, end.observation)
    return row is None or _NOT_STARTED in (row.reason or "").lower()


def _reason(case: Case) -> str:
    """Return the reason that a device shows for the inactive tunnel; empty without one."""
    rows = (inactive.of_tunnel(end.tunnel, end.observation) for end in case.readable)
    return next((row.reason for row in rows if row is not None and row.reason), "")
