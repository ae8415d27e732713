# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The result of a run as one JSON structure, from which every other form of the report is made."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import MESSAGE_CHARACTERS, full_stop, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._report.causes import add_causes
from ansible_collections.hubspoke.srx.plugins.module_utils._report.conclusion import (
    Tally,
    conclude,
    conclude_drift,
    has_failed,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._report.failures import reference
from ansible_collections.hubspoke.srx.plugins.module_utils._report.notes import notes
from ansible_collections.hubspoke.srx.plugins.module_utils._report.tunnels import STATES, tunnels

FORMAT = 2

AS_BEFORE, CHANGED = "as before", "changed"
# What is known of the tunnel to a device that no run contacts.
_SEEN = {"up": "verified", "down": "not up", "unknown": "not known", "not_checked": "not checked"}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts about a run that are no device's. Times are UTC (``2026-11-26T13:00:00Z``).

    ``command`` is the name of the module. ``stages`` are the stages with their times. ``files`` are the names of the
    files that the run writes for hosts, by host; ``folder`` is where a reader finds them. ``texts`` says of the texts
    that operators enter whether they are new, changed or as before, by host. ``slow`` has a sentence on each device
    that answers much later than the others, by host.
    """

    command: str = ""
    ticket: str = ""
    digest: str = ""
    started: str = ""
    ended: str = ""
    seconds: float = 0.0
    releases: t.Mapping[str, str] = field(default_factory=dict)
    stages: t.Sequence[t.Mapping[str, t.Any]] = ()
    files: t.Mapping[str, str] = field(default_factory=dict)
    folder: str = "artifacts/latest"
    texts: t.Mapping[str, str] = field(default_factory=dict)
    slow: t.Mapping[str, str] = field(default_factory=dict)


def report(
    plan: FleetPlan,
    run: str,
    mode: str,
    outcomes: t.Sequence[t.Mapping[str, t.Any]],
    untouched: t.Mapping[str, t.Mapping[str, t.Any]],
    *,
    removed: t.Collection[str] = (),
    facts: Facts | None = None,
) -> dict[str, t.Any]:
    """Return the JSON structure of a run, with the same keys in the same order every time.

    ``mode`` is apply, check, verify, recover or drift. ``outcomes`` has a mapping per device with ``host``, ``state``
    (confirmed, unchanged, would_change, rolled_back, skipped, pending or unknown, in mode drift in_sync, drifted,
    unreachable, skipped or unknown), ``failed``, ``message``, ``diff`` (masked), ``warnings`` (strings) and
    ``findings`` (mappings of the fields of Finding). ``untouched`` maps the hosts of the plan that the run does not
    contact to such mappings. ``removed`` are the hosts that lose their configuration group. Hosts are in the order of
    the plan.
    """
    facts = facts or Facts()
    by_host = {**untouched, **{str(outcome["host"]): outcome for outcome in outcomes}}
    order = dict.fromkeys([*(device.host for device in plan.devices if device.host in by_host), *by_host])
    planned = {device.host: device for device in plan.devices}
    hosts = [_host(by_host[host], planned.get(host), facts, mode) for host in order]
    by_operators = {device.host for device in plan.devices if device.site.profile.by_operator}
    entered = {host: f"{facts.folder}/{file}" for host, file in facts.files.items() if host in by_operators}
    causes = add_causes(plan, hosts, by_host, entered)
    for host in hosts:
        _refer(host, mode, str(by_host[host["host"]].get("note") or ""), causes)
    tally = Tally(hosts, mode)
    conclusion = (
        conclude_drift(hosts)
        if mode == "drift"
        else conclude(mode, hosts, removed, {cause["host"] for cause in causes})
    )
    # A comparison looks at no tunnel.
    rows = [] if mode == "drift" else tunnels(plan, hosts)
    if mode != "recover":
        _tell_operators(hosts, rows, facts)
    return {
        "format": FORMAT,
        "run": run,
        "command": facts.command,
        "mode": mode,
        "ticket": facts.ticket,
        "digest": facts.digest,
        "started": facts.started,
        "ended": facts.ended,
        "seconds": facts.seconds,
        "releases": dict(facts.releases),
        "verdict": conclusion.verdict,
        "decision": conclusion.sentence,
        "counts": {
            "hosts": {**tally.states, "failed": len(tally.failed)},
            "findings": tally.findings,
            "tunnels": {state: sum(row["state"] == state for row in rows) for state in STATES},
        },
        "stages": [dict(stage) for stage in facts.stages],
        "causes": causes,
        "tunnels": rows,
        "hosts": hosts,
    }


def _host(outcome: t.Mapping[str, t.Any], planned: DevicePlan | None, facts: Facts, mode: str) -> dict[str, t.Any]:
    host, diff = str(outcome["host"]), str(outcome.get("diff") or "")
    site = planned.site if planned else None
    return {
        "host": host,
        "role": site.role if site else "spoke",
        "platform": site.platform if site else "junos",
        "site": site.name if site else "",
        "wan": ", ".join(wan.described for wan in site.wans) if site else "",
        "release": (site.release if site else "") or "",
        "state": str(outcome["state"]),
        "failed": has_failed(outcome, mode),
        "unreachable": bool(outcome.get("unreachable")),
        "reason": str(outcome.get("reason") or ""),
        "message": str(outcome.get("message") or ""),
        "detail": str(outcome.get("detail") or ""),
        "remedy": str(outcome.get("remedy") or ""),
        "cause": None,
        "seconds": round(sum(float(stage["by_host"].get(host, 0.0)) for stage in facts.stages), 3),
        "added": _lines_with(diff, "+"),
        "removed": _lines_with(diff, "-"),
        "diff": diff,
        "file": facts.files.get(host, ""),
        "warnings": [
            *(str(warning) for warning in outcome.get("warnings") or ()),
            *(notes(planned) if planned else ()),
            *([facts.slow[host]] if host in facts.slow else ()),
        ],
        "findings": [{**vars(Finding(**finding)), "cause": None} for finding in outcome.get("findings") or ()],
    }


def _tell_operators(hosts: t.Sequence[dict[str, t.Any]], rows: t.Sequence[t.Mapping[str, t.Any]], facts: Facts) -> None:
    """Let each host that an operator configures say whether there is a new text for it, and what its tunnel does."""
    states = {row["peer"]: row["state"] for row in rows}
    for host in hosts:
        text = facts.texts.get(host["host"])
        if text is not None and host["state"] == "skipped" and not host["failed"] and host["host"] in states:
            entered = "" if text == AS_BEFORE else ": its operator enters it"
            tunnel = _SEEN[states[host["host"]]]
            verb = "has" if text == CHANGED else "is"
            host["message"] = f"not touched: {host['file']} {verb} {text}{entered}; the hub's tunnel to it is {tunnel}"


def _refer(host: dict[str, t.Any], mode: str, note: str, causes: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    """Let a failed host say in one line what its cause is, and once what to do: the causes have the rest.

    ``note`` is what stays true for this host, wherever its cause lies.
    """
    cause = causes[host["cause"]] if host["failed"] and host["cause"] is not None else None
    if cause is None:
        return
    remedy = host["remedy"]
    if cause["host"] not in ("", host["host"]):
        remedy = f"See {cause['host']}."
        if host["reason"]:
            # The same error as there.
            host["detail"] = ""
        elif mode != "drift" and any(finding["cause"] is not None for finding in host["findings"]):
            state = "not verified" if mode == "verify" else host["state"].replace("_", " ")
            text = f"{state} with the fleet ({reference(cause)})"
            host.update(message=shortened(text, MESSAGE_CHARACTERS), detail="")
    elif cause["host"] and not (host["reason"] and remedy):
        *first, last = cause["remedy"] or [""]
        # No full stop follows a command.
        remedy = "; ".join([*(step.rstrip(".") for step in first), last])
        host["detail"] = host["detail"] if host["reason"] else ""
    host["remedy"] = remedy if note in remedy else f"{full_stop(remedy)} {note}".lstrip(". ")


def _lines_with(diff: str, sign: str) -> int:
    return sum(line.startswith(sign) for line in diff.splitlines())
