# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What became of the traces on each device, as one JSON structure, and as lines for people."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Outcome, State

FORMAT = 1
STATES: tuple[State, ...] = (
    "captured",
    "on",
    "kept",
    "off",
    "unchanged",
    "would_change",
    "failed",
    "unreachable",
    "skipped",
)

_START = "Nothing was traced: no Junos device of these tunnels is in the play;"
# How the state of a device is told of by the decision.
_DONE = {
    "captured": "captured, and not traced any more",
    "on": "traced until undone",
    "kept": "traced until switched off",
    "off": "not traced any more",
    "unchanged": "as wanted before",
    "would_change": "would change",
    "failed": "failed",
    "unreachable": "out of reach",
    "skipped": "not touched",
}


def host_result(host: str, state: State, message: str, **more: t.Any) -> dict[str, t.Any]:
    """One device's result: an outcome, as every run leaves it for its hosts, and what a capture has of its own."""
    outcome = Outcome(host, state, state == "failed", state == "unreachable", message, "", (), ())
    return {
        **outcome.as_data(),
        "changed": False,
        "files": [],
        "pings": [],
        "failures": [],
        **more,
    }


def report(
    run: str, mode: str, pair: tuple[str, str] | None, hosts: t.Sequence[t.Mapping[str, t.Any]]
) -> dict[str, t.Any]:
    """The JSON structure, with the same keys in the same order every time; C(hosts) are results in the plan's order."""
    counts = {state: sum(host["state"] == state for host in hosts) for state in STATES}
    told = [f"{count} {_DONE[state]}" for state, count in counts.items() if count]
    fields = ("host", "state", "message", "diff", "warnings", "files", "pings", "failures")
    return {
        "format": FORMAT,
        "run": run,
        "mode": mode,
        "pair": list(pair or ()),
        "decision": f"{_START if counts['skipped'] == len(hosts) else 'Traces:'} {', '.join(told) or 'no device'}.",
        "counts": counts,
        "hosts": [{name: host[name] for name in fields} for host in hosts],
    }


def table(content: t.Mapping[str, t.Any]) -> str:
    """A report() for people: each device's sentence and files, then the sentence for all."""
    lines = []
    for host in content["hosts"]:
        lines.append(f"{host['host']}: {host['message']}")
        if content["mode"] == "trace":
            # Ansible shows a difference where something changes, and a capture changes nothing in the end.
            lines += [f"  {line}" for line in host["diff"].splitlines()]
        lines += [f"  {one['path']}: {one['lines']} lines" for one in host["files"]]
        # The newest line of each cause: an initiator tries again and again.
        newest = {(one["remote_address"], one["cause"]): one for one in host["failures"]}
        lines += [f"  {one['line']}\n    {one['remedy']}" for one in newest.values()]
        lines += [f"  ping {one['source']} to {one['destination']}: {_answered(one)}" for one in host["pings"]]
    return "\n".join([*lines, "", content["decision"]])


def _answered(one: t.Mapping[str, t.Any]) -> str:
    if one["sent"] is None:
        return str(one["reason"] or "no statistics")
    return f"{one['received']} of {one['sent']} answered"
