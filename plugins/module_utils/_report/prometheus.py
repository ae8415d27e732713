# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A report as metrics in the text format of Prometheus, for the textfile collector of its node exporter.

A file has no time of its own: the metrics of the last run stay until the next one replaces it. So each metric is about
that run, and ``hubspoke_run_end_timestamp_seconds`` says how old it is.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from datetime import datetime

Row = t.Mapping[str, t.Any]
Sample = tuple[dict[str, str], float]

_VERDICTS = ("ok", "failed", "unknown")
_DRIFT = {"in_sync": 0, "drifted": 1}
_NOT_AS_VERIFIED = {"rolled_back", "pending", "unknown"}
_FINDING_STATES = ("ok", "failed", "unknown", "skipped")
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
# Characters of a time before its fraction.
_TIME = len("2026-11-26T13:00:00")
# Where a run has verified the tunnels, and not only asked what it would change.
_VERIFYING = ("apply", "verify")


def prometheus(content: Row) -> str:
    """Return a report as metrics. A tunnel of which the state is not known has none."""
    run = {"command": content["command"], "mode": content["mode"]}
    metrics = [
        *_of_the_run(content),
        *_of_tunnels(content),
        *_of_checks(content),
        *_of_hosts(content),
    ]
    return "".join(_metric(name, about, [({**run, **labels}, value) for labels, value in samples])
                   for name, about, samples in metrics if samples)  # fmt: skip


def _of_the_run(content: Row) -> t.Iterator[tuple[str, str, list[Sample]]]:
    ended = _seconds_of(content["ended"])
    yield (
        "hubspoke_run_verdict",
        "1 for the verdict of the run, 0 for the others.",
        [({"verdict": one}, float(one == content["verdict"])) for one in _VERDICTS],
    )
    yield (
        "hubspoke_run_end_timestamp_seconds",
        "End of the run, in seconds since 1970.",
        [] if ended is None else [({}, ended)],
    )
    yield "hubspoke_run_duration_seconds", "Duration of the run.", [({}, content["seconds"])]
    stages: Counter[tuple[str, str]] = Counter()
    for stage in content["stages"]:
        # A stage that came twice in a round counts once, with both times.
        stages[stage["name"], str(stage["round"])] += stage["seconds"]
    yield (
        "hubspoke_stage_duration_seconds",
        "Duration of a stage of the run; round 0 is that of a run without rounds.",
        [({"stage": name, "round": number}, float(seconds)) for (name, number), seconds in stages.items()],
    )
    yield "hubspoke_causes", "Root causes of what is not ok.", [({}, float(len(content["causes"])))]


def _of_tunnels(content: Row) -> t.Iterator[tuple[str, str, list[Sample]]]:
    states = {host["host"]: host["state"] for host in content["hosts"]}
    tunnels = {
        (one["host"], one["peer"], one["vpn"], one["binding"]): one["state"]
        for one in content["tunnels"]
        # What was verified before a rollback is not what is there after it.
        if content["mode"] != "apply" or not {states.get(one["host"]), states.get(one["peer"])} & _NOT_AS_VERIFIED
    }

    def samples(values: t.Mapping[str, float]) -> list[Sample]:
        return [
            ({"hub": hub, "spoke": spoke, "vpn": vpn, "binding": binding}, values[state])
            for (hub, spoke, vpn, binding), state in tunnels.items()
            if state in values
        ]

    yield "hubspoke_tunnel_up", "Whether a tunnel is up: 1 or 0.", samples({"up": 1.0, "down": 0.0})
    ended = _seconds_of(content["ended"])
    yield (
        "hubspoke_tunnel_verified_timestamp_seconds",
        "When a tunnel that is up was verified, in seconds since 1970.",
        samples({"up": ended}) if ended is not None and content["mode"] in _VERIFYING else [],
    )
    if content["tunnels"]:
        numbers = content["counts"]["tunnels"]
        yield "hubspoke_tunnels", "Tunnels, by state.", [({"state": one}, float(n)) for one, n in numbers.items()]


def _of_checks(content: Row) -> t.Iterator[tuple[str, str, list[Sample]]]:
    found = Counter((one["check"], one["state"]) for host in content["hosts"] for one in host["findings"])
    checks = dict.fromkeys(check for check, _state in found)
    yield (
        "hubspoke_checks",
        "Results of the checks of all hosts, by check and state.",
        [
            ({"check": check, "state": state}, float(found[check, state]))
            for check in checks
            for state in _FINDING_STATES
        ],
    )


def _of_hosts(content: Row) -> t.Iterator[tuple[str, str, list[Sample]]]:
    hosts = {host["host"]: host for host in content["hosts"]}

    def samples(value_of: t.Callable[[Row], float | None]) -> list[Sample]:
        values = [(name, value_of(host)) for name, host in hosts.items()]
        return [({"host": name}, float(value)) for name, value in values if value is not None]

    yield (
        "hubspoke_hosts",
        "Hosts, by state.",
        [
            ({"state": state}, float(number))
            for state, number in content["counts"]["hosts"].items()
            if state != "failed"
        ],
    )
    yield "hubspoke_host_failed", "Whether a host has failed: 1 or 0.", samples(lambda host: host["failed"])
    yield "hubspoke_host_unreachable", "Whether a host was out of reach.", samples(lambda host: host["unreachable"])
    if content["mode"] == "drift":
        yield (
            "hubspoke_host_drifted",
            "Whether the configuration of a host differs from the plan: 1 or 0.",
            samples(lambda host: _DRIFT.get(host["state"])),
        )
    yield (
        "hubspoke_host_duration_seconds",
        "Duration of the work on a host.",
        samples(lambda host: host["seconds"] if host["state"] != "skipped" else None),
    )
    yield (
        "hubspoke_host_checks",
        "Results of the checks of a host, by state.",
        [
            ({"host": name, "state": state}, float(sum(one["state"] == state for one in host["findings"])))
            for name, host in hosts.items()
            if host["findings"]
            for state in _FINDING_STATES
        ],
    )


def _metric(name: str, about: str, samples: t.Sequence[Sample]) -> str:
    lines = {}
    for labels, value in samples:
        given = ",".join(f'{label}="{_label(text)}"' for label, text in labels.items())
        # A reader refuses the whole file where two samples have the same labels.
        lines[given] = f"{name}{{{given}}} {_number(value)}\n"
    return f"# HELP {name} {about}\n# TYPE {name} gauge\n{''.join(lines.values())}"


def _label(text: str) -> str:
    """Return the value of a label. A line ends for many a reader at more than a line feed."""
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text).translate(_ESCAPED)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(round(value, 3))


def _seconds_of(time: str) -> float | None:
    """Return a time of the report in whole seconds since 1970; ``None`` where it is not known."""
    try:
        return datetime.fromisoformat(f"{time[:_TIME]}+00:00").timestamp()
    except ValueError:
        return None
