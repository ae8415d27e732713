# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The diagnoses as one JSON structure, and as text: layer, device, statement, remedy."""

from __future__ import annotations

import textwrap
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import full_stop
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import LogEvent
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot import log
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import STEPS, Fault, Step
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.steps import Diagnosis
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import configuration

FORMAT = 1

_WIDTH = 120
# Takes the place of a space that must not end a line.
_TIED = "\N{NO-BREAK SPACE}"
_STATES = ("ok", "failed", "unknown")
_NAMES: t.Mapping[str, str] = {
    "interfaces": "interfaces",
    "route": "route to the peer",
    "reachability": "reachability",
    "phase1": "Phase 1",
    "phase2": "Phase 2",
    "monitor": "VPN monitor",
    "nhtb": "next-hop tunnel",
    "tunnel_routes": "routes into the tunnel",
    "policies": "policies",
    "statistics": "statistics",
    "flow": "flow",
}


def report(run: str, diagnoses: t.Sequence[Diagnosis], pair: tuple[str, str] | None) -> dict[str, t.Any]:
    """Return the JSON structure with a fixed order of keys, and one mapping per tunnel."""
    tunnels = [_tunnel(one) for one in diagnoses]
    counts = {state: sum(tunnel["state"] == state for tunnel in tunnels) for state in _STATES}
    content = {
        "format": FORMAT,
        "run": run,
        "mode": "troubleshoot",
        "pair": list(pair or ()),
        "decision": _decision(tunnels, counts),
        "counts": counts,
        "tunnels": tunnels,
        "overrides": _overrides(diagnoses),
    }
    return t.cast(dict[str, t.Any], _masked(content))


def table(content: t.Mapping[str, t.Any]) -> str:
    """Return a ``report()`` as text: a few lines for each tunnel, and the decision."""
    tunnels = [_lines(tunnel) for tunnel in content["tunnels"]]
    overrides = "\n".join(content["overrides"])
    return "\n\n".join([*tunnels, *([overrides] if overrides else []), content["decision"]])


def _tunnel(one: Diagnosis) -> dict[str, t.Any]:
    found = one.failed or one.first_unknown
    state = "failed" if one.failed else "unknown" if found else "ok"
    case = one.case
    host, event = log.evidence(case)
    faults = found.faults if found else ()
    return {
        "hub": case.hub.host,
        "spoke": case.spoke.host,
        "vpn": {end.host: end.tunnel.vpn for end in case.ends},
        "state": state,
        "layer": found.finding.check if found else "",
        "device": faults[0].host if faults else found.finding.host if found else "",
        "statement": faults[0].statement if faults else "",
        "statements": [_fault(fault) for fault in faults],
        "sentence": _sentence(one, found),
        "evidence": found.finding.actual if found else "",
        "remedy": found.finding.remedy if found else "",
        "responder": log.responder(case).host,
        "log": _logged(host, event) if event and state != "ok" else {},
        "notes": [note for step in one.steps for note in step.notes],
        "steps": [dict(vars(step.finding)) for step in one.steps],
    }


def _overrides(diagnoses: t.Sequence[Diagnosis]) -> list[str]:
    """Return a sentence for each device with statements that override its group, unless its faults tell that."""
    ends = {end.host: end for one in diagnoses for end in one.case.ends}
    for fault in (fault for one in diagnoses if one.failed for fault in one.failed.faults):
        ends.pop(fault.host, None)
    found = [finding for end in ends.values() for finding in configuration.outside(end.plan, end.overrides)]
    return [str(finding) for finding in found if finding.state == "failed"]


def _logged(host: str, event: LogEvent) -> dict[str, t.Any]:
    return {"host": host, "line": log.line(event), "kind": event.kind, "cause": event.cause or ""}


def _fault(fault: Fault) -> dict[str, t.Any]:
    return dict(vars(fault))


def _sentence(one: Diagnosis, found: Step | None) -> str:
    case = one.case
    name = f"{case.hub.host} and {case.spoke.host} ({case.hub.tunnel.vpn})"
    if found is None:
        return f"{name}: all steps pass, from the interfaces to the flow."
    layer = _NAMES[found.finding.check]
    unread = " and ".join(f"{end.host} cannot be read ({end.unread})" for end in case.unread)
    if found.state == "unknown" and one.steps[-1].state == "ok":
        return (
            f"{name}: traffic gets through; lower steps are not all known: {full_stop(unread or found.finding.actual)}"
        )
    if found.state == "unknown":
        reason = "; ".join(filter(None, (found.finding.actual, unread)))
        return f"{name}: no step failed, {layer} is not known: {full_stop(reason)}"
    why = STEPS[found.finding.check]
    if not found.faults:
        return f"{name}: {why}."
    first = found.faults[0]
    place = first.difference if first.certain else f"check {first}"
    mismatch = f" (mismatch with {first.counterpart})" if first.counterpart else ""
    more = f", and {len(found.faults) - 1} more" if len(found.faults) > 1 else ""
    return f"{name}: {why}; {place}{mismatch}{more}."


def _lines(tunnel: t.Mapping[str, t.Any]) -> str:
    # Names have spaces, which are no place to break a line.
    steps = "  ".join(f"{_NAMES[step['check']]} {step['state']}".replace(" ", _TIED) for step in tunnel["steps"])
    steps = textwrap.fill(f"  Steps: {steps}", _WIDTH, subsequent_indent=" " * 9, break_on_hyphens=False).replace(
        _TIED, " "
    )
    lines = [tunnel["sentence"]]
    if tunnel["state"] != "ok":
        rest = tunnel["statements"][1:]
        lines += [f"  Also: {fault['host']}: {fault['statement']}" for fault in rest]
        lines.append(f"  Evidence: {tunnel['evidence']}")
        if tunnel["log"]:
            lines.append(f"  Log of {tunnel['log']['host']}: {tunnel['log']['line']}")
        if tunnel["remedy"]:
            lines.append(f"  Remedy: {tunnel['remedy']}")
    lines += [f"  Note: {note}" for note in tunnel["notes"]]
    return "\n".join([*lines, steps])


def _decision(tunnels: t.Sequence[t.Mapping[str, t.Any]], counts: t.Mapping[str, int]) -> str:
    done = ", ".join(f"{number} {state}" for state, number in counts.items() if number) or "none"
    if not tunnels:
        return "Nothing was diagnosed: no tunnel of this play's hosts is in the plan."
    failed = [f"{one['hub']} - {one['spoke']} at {_NAMES[one['layer']]}" for one in tunnels if one["state"] == "failed"]
    if failed:
        return f"Failed: {'; '.join(failed)}. Tunnels: {done}."
    return f"{'Not all is known' if counts['unknown'] else 'All tunnels pass'}. Tunnels: {done}."


def _masked(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: _masked(one) for key, one in value.items()}
    return [_masked(one) for one in value] if isinstance(value, (list, tuple)) else value
