# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Are phase 1 and phase 2 up, and if not: on which statement do the ends not agree?"""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot import log, mismatches, underlay
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import (
    Case,
    End,
    Fault,
    Step,
    blamed,
    step,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.parameters import KeyReader
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import ike, inactive, ipsec

# Junos's words for a tunnel that waits for somebody to send a packet (show security ipsec inactive-tunnels).
_WAITING = "waiting for trigger event"
_SCREENOS = {
    "phase1": "'get ike gateway' and 'get ike policies': address, outgoing interface, preshare, mode and proposals",
    "phase2": "'get vpn' and 'get sa': gateway, bind interface, proposals and proxy-id",
}
_UNREAD = {"phase1": "its gateway, IKE policy, key and proposals", "phase2": "its VPN, IPsec policy and proposals"}


def phase1(case: Case, key: KeyReader) -> Step:
    """Phase 1 at every end that can be read."""
    faults = mismatches.phase1_faults(case, key)
    found = _judged(case, ike.findings)
    if one := _unanswered(case, "phase1", found):
        return one
    expected = "an IKE security association with the peer"
    if all(finding.state == "ok" for finding in found):
        return _up(case, "phase1", expected, faults)
    if faults:
        return blamed(case, "phase1", expected, faults)
    if start := mismatches.start_faults(case):
        why = f"not negotiated: {start[0]} is {start[0].actual}"
        return step(case, "phase1", "unknown", expected, why, host=start[0].host, idle=True)
    return _down(case, "phase1", expected, found, mismatches.unknown_keys(case, key) + underlay.suspects(case))


def phase2(case: Case) -> Step:
    """Phase 2 at every end that can be read."""
    faults = mismatches.phase2_faults(case)
    found = _judged(case, ipsec.findings)
    if one := _unanswered(case, "phase2", found):
        return one
    expected = "a pair of IPsec security associations"
    if all(finding.state == "ok" for finding in found):
        return _up(case, "phase2", expected, faults)
    if faults:
        return blamed(case, "phase2", expected, faults)
    return _down(case, "phase2", expected, found, [])


def _judged(case: Case, findings: t.Callable[[t.Any, t.Any], list[Finding]]) -> list[Finding]:
    return [finding for end in case.readable for finding in findings(end.plan, end.observation)]


def _unanswered(case: Case, name: str, found: t.Sequence[Finding]) -> Step | None:
    for finding in found:
        if finding.state == "unknown":
            return step(case, name, "unknown", finding.expected, finding.actual, finding.remedy, host=finding.host)
    return None


def _up(case: Case, name: str, expected: str, faults: t.Sequence[Fault]) -> Step:
    """Up, though a difference may show at the next negotiation."""
    notes = [
        f"{fault} is {fault.actual} instead of {fault.expected}: it stops nothing yet, and may at the next negotiation"
        for fault in faults
    ]
    return step(case, name, "ok", expected, "up", notes=notes)


def _down(case: Case, name: str, expected: str, found: t.Sequence[Finding], places: t.Sequence[Fault]) -> Step:
    """Down, and no statement differs where both ends can be compared."""
    told = next(finding for finding in found if finding.state != "ok")
    if _waits(case):
        actual = f"nobody has started it ({_reason(case) or 'no negotiation'})"
        remedy = "The tunnel comes up with the first packet: send one from the end that can, and look again."
        return step(case, name, "unknown", expected, actual, remedy, host=told.host, idle=True)
    if case.unread:
        return _other_end(case, name, expected, told)
    if places:
        actual = f"{told.actual}; {places[0]} is {places[0].actual}"
        remedy = f"Nothing that can be compared differs. Look at {places[0]} first."
        return step(case, name, "failed", expected, actual, remedy, faults=places)
    host, event = log.evidence(case)
    remedy = (
        f"No statement of the two ends disagrees: read the log of {host} with hubspoke.srx.ike_log_info, clear the"
        " associations on both ends with hubspoke.srx.clear_security_associations, and look whether udp 500 and 4500"
        f" pass between them.{log.advice(case, name)}"
    )
    actual = f"{told.actual}; the log of {host}: {log.line(event)}" if event else told.actual
    return step(case, name, "failed", expected, actual, remedy, host=told.host)


def _other_end(case: Case, name: str, expected: str, told: Finding) -> Step:
    """This end is as planned, so the fault is where nothing can be read."""
    end = case.unread[0]
    screenos = end.plan.site.platform == "screenos"
    where = _SCREENOS[name] if screenos else _UNREAD[name]
    place = _screenos_place(end, name) if screenos else f"security {'ike' if name == 'phase1' else 'ipsec'}"
    fault = Fault(end.host, place, "as planned", "not read", False)
    remedy = f"{told.host} is as planned, and {end.host} cannot be read ({end.unread}): look there at {where}."
    remedy += log.advice(case, name)
    return step(case, name, "failed", expected, f"{told.host}: {told.actual}", remedy, faults=[fault])


def _screenos_place(end: End, name: str) -> str:
    return f'set ike gateway "{end.tunnel.gateway}"' if name == "phase1" else f'set vpn "{end.tunnel.vpn}"'


def _waits(case: Case) -> bool:
    """Whether every end waits for another: then no negotiation was tried, and nothing is known to be wrong."""
    if any(end.establish not in (None, "on-traffic") for end in case.readable):
        return False
    return all(_idle(end) for end in case.readable)


def _idle(end: End) -> bool:
    associations = ike.of_tunnel(end.tunnel, end.observation.ike.items)
    told = inactive.reason(end.tunnel, end.observation).lower()
    return not associations and (_WAITING in told or not told)


def _reason(case: Case) -> str:
    told = (inactive.reason(end.tunnel, end.observation) for end in case.readable)
    return next((one for one in told if one), "")
