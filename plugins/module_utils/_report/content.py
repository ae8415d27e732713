# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The result of a run as one JSON structure, from which every other form of the report is made."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._report.causes import add_causes
from ansible_collections.hubspoke.srx.plugins.module_utils._report.conclusion import Tally, conclude, has_failed
from ansible_collections.hubspoke.srx.plugins.module_utils._report.tunnels import STATES, tunnels

FORMAT = 2


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts about a run that are no device's. Times are UTC (``2026-11-26T13:00:00Z``).

    ``command`` is the name of the module. ``stages`` are the stages with their times. ``files`` are the names of the
    files that the run writes for hosts, by host.
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

    ``mode`` is apply, check, verify or recover. ``outcomes`` has a mapping per device with ``host``, ``state``
    (confirmed, unchanged, would_change, rolled_back, skipped, pending or unknown), ``failed``, ``message``, ``diff``
    (masked), ``warnings`` (strings) and ``findings`` (mappings of the fields of Finding). ``untouched`` maps the hosts
    of the plan that the run does not contact to such mappings. ``removed`` are the hosts that lose their configuration
    group. Hosts are in the order of the plan.
    """
    facts = facts or Facts()
    by_host = {**untouched, **{str(outcome["host"]): outcome for outcome in outcomes}}
    order = dict.fromkeys([*(device.host for device in plan.devices if device.host in by_host), *by_host])
    planned = {device.host: device for device in plan.devices}
    hosts = [_host(by_host[host], planned.get(host), facts) for host in order]
    causes = add_causes(plan, hosts, by_host)
    tally = Tally(hosts)
    conclusion = conclude(mode, hosts, removed)
    rows = tunnels(plan, hosts)
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


def _host(outcome: t.Mapping[str, t.Any], planned: DevicePlan | None, facts: Facts) -> dict[str, t.Any]:
    host, diff = str(outcome["host"]), str(outcome.get("diff") or "")
    site = planned.site if planned else None
    return {
        "host": host,
        "role": site.role if site else "spoke",
        "platform": site.platform if site else "junos",
        "site": site.name if site else "",
        "wan": ", ".join(wan.ip for wan in site.wans) if site else "",
        "release": (site.release if site else "") or "",
        "state": str(outcome["state"]),
        "failed": has_failed(outcome),
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
        "warnings": [str(warning) for warning in outcome.get("warnings") or ()],
        "findings": [{**vars(Finding(**finding)), "cause": None} for finding in outcome.get("findings") or ()],
    }


def _lines_with(diff: str, sign: str) -> int:
    return sum(line.startswith(sign) for line in diff.splitlines())
