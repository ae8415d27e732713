# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The traces of each device after a run, as one JSON structure, and as lines of text."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import Parts, with_host
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Outcome

FORMAT = 1

TraceState = t.Literal["captured", "on", "kept", "off", "unchanged", "would_change", "failed", "unreachable", "skipped"]
STATES: tuple[TraceState, ...] = t.get_args(TraceState)

_START = "Nothing was traced: no Junos device of these tunnels is in the play;"
# The words of the decision for each state.
_NOT_CONCERNED = (
    "not touched: outside --limit",
    "not touched: outside the hosts of this play",
    "not touched: the run concerns none of its tunnels",
)
_DONE = {
    "captured": "captured, and not traced any more",
    "on": "traced until the automatic rollback",
    "kept": "traced until switched off",
    "off": "not traced any more",
    "unchanged": "as wanted before",
    "would_change": "would change",
    "failed": "failed",
    "unreachable": "out of reach",
    "skipped": "not touched",
}


def host_result(host: str, state: TraceState, message: str, *, diff: str = "", **more: t.Any) -> dict[str, t.Any]:
    """Return the result of one device: the fields of every outcome, and those of a capture."""
    outcome = Outcome(
        host=host, state=state, failed=state == "failed", unreachable=state == "unreachable", message=message, diff=diff
    )
    return {
        **outcome.as_data(),
        "changed": False,
        "files": [],
        "pings": [],
        "failures": [],
        **more,
    }


def ended_early(error: BaseException) -> str:
    """Return the words for an exception, none of this collection's, that ended a run: a task timeout, for instance."""
    return f"the run ended early: {type(error).__name__}: {error}".rstrip(": .")


def report(
    run: str, mode: str, pair: tuple[str, str] | None, hosts: t.Sequence[t.Mapping[str, t.Any]]
) -> dict[str, t.Any]:
    """Return the JSON structure, keys always in the same order; ``hosts`` are results in the plan's order."""
    counts = {state: sum(host["state"] == state for host in hosts) for state in STATES}
    parts = [f"{count} {_DONE[state]}" for state, count in counts.items() if count]
    fields = ("host", "state", "message", "remedy", "detail", "diff", "warnings", "files", "pings", "failures")
    return {
        "format": FORMAT,
        "run": run,
        "mode": mode,
        "pair": list(pair or ()),
        "decision": f"{_START if counts['skipped'] == len(hosts) else 'Traces:'} {', '.join(parts) or 'no device'}.",
        "counts": counts,
        "hosts": [{name: host[name] for name in fields} for host in hosts],
    }


def table(content: t.Mapping[str, t.Any], *, verbose: bool = False) -> str:
    """Return a report() as text: the message and files of each device, then the decision.

    ``verbose`` adds the devices that the run does not concern.
    """
    lines = []
    for host in content["hosts"]:
        if host["message"] in _NOT_CONCERNED and not verbose:
            continue
        lines.append(with_host(host["host"], Parts(host["message"], host["remedy"], host["detail"]).whole))
        if content["mode"] == "trace":
            # Ansible shows the difference of a changed host only, and a capture changes none in the end.
            lines += [f"  {line}" for line in host["diff"].splitlines()]
        lines += [f"  {one['path']}: {one['lines']} lines" for one in host["files"]]
        # The newest line of each cause: an initiator repeats a failed negotiation.
        newest = {(one["remote_address"], one["cause"]): one for one in host["failures"]}
        lines += [f"  {one['line']}\n    {one['remedy']}" for one in newest.values()]
        lines += [f"  ping {one['source']} to {one['destination']}: {_answered(one)}" for one in host["pings"]]
    return "\n".join([*lines, *([""] if lines else []), content["decision"]])


def _answered(one: t.Mapping[str, t.Any]) -> str:
    if one["sent"] is None:
        return str(one["reason"] or "no statistics")
    return f"{one['received']} of {one['sent']} answered"
