# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The differences between two reports: what came up, what went down, what changed."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._report.conclusion import with_state
from ansible_collections.hubspoke.srx.plugins.module_utils._report.markdown_text import limited, one_line, prose

MOST_CHARACTERS = 60_000
# Lines of one group on a screen, and characters of a line.
_SHOWN_LINES = 10
_SHOWN_CHARACTERS = 120
_OF_A_GROUP = 5_500
_OF_A_TEXT = 400
# Another duration is told of where it is so many times as long, and so many seconds longer.
_TIMES = 2.0
_SECONDS = 10.0
# A cause is the same, however often or long it was seen.
_AMOUNT = re.compile(r"[0-9.]+ (?:times?|ms|s|seconds?|minutes?)\b")
# A deployment says confirmed, the next one unchanged, and both times the device is as planned.
_AS_PLANNED = ("confirmed", "unchanged", "in_sync")

Row = t.Mapping[str, t.Any]
Key = tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """One difference in words. ``subject`` is the object that changed, ``before`` and ``after`` its two values."""

    subject: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.before} -> {self.after}"


@dataclass(frozen=True)
class Comparison:
    """The changes between two reports, by the title of their group. Groups without a change are omitted."""

    before: Row
    after: Row
    groups: t.Mapping[str, tuple[Change, ...]]

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of changes, by group."""
        return {title.lower().replace(" ", "_"): len(changes) for title, changes in self.groups.items()}

    @property
    def summary(self) -> str:
        """Return the number of changes in a sentence."""
        numbers = ", ".join(f"{title.lower()} {len(changes)}" for title, changes in self.groups.items())
        return f"Changed: {numbers}." if numbers else "Nothing changed."


def compare(before: Row, after: Row) -> Comparison:
    """Return what changed from one report to another. Two runs with the same results have no changes."""
    up, down, tunnels = _tunnels(before, after)
    groups = {
        "Verdict": _values("run", before["verdict"], after["verdict"]),
        "Came up": up,
        "Went down": down,
        "Other tunnels": tunnels,
        "Hosts": _hosts(before, after),
        "New causes": _causes(after, before, is_new=True),
        "Causes gone": _causes(before, after, is_new=False),
        "Causes changed": _changed_causes(before, after),
        "Checks": _checks(before, after),
        "Durations": _durations(before, after),
    }
    return Comparison(before, after, {title: tuple(changes) for title, changes in groups.items() if changes})


def comparison_text(found: Comparison) -> str:
    """Return a comparison for a screen, of each group the first changes."""
    lines = [f"Before  {_run(found.before)}", f"After   {_run(found.after)}"]
    for title, changes in found.groups.items():
        rest = len(changes) - _SHOWN_LINES
        shown = [f"  {shortened(one_line(str(one)), _SHOWN_CHARACTERS)}" for one in changes[:_SHOWN_LINES]]
        lines.append("\n".join([title, *shown, *([f"  and {rest} more"] if rest > 0 else [])]))
    return "\n".join([*lines, found.summary])


def comparison_markdown(found: Comparison) -> str:
    """Return a comparison as Markdown of at most ``MOST_CHARACTERS``."""
    runs = f"- Before: {prose(_run(found.before))}\n- After: {prose(_run(found.after))}\n\n"
    parts = [f"## VPN: {prose(found.summary)}\n\n{runs}"]
    for title, changes in found.groups.items():
        rows = [f"- {prose(shortened(one.subject, _OF_A_TEXT))}: {_arrow(one)}\n" for one in changes]
        parts.append(limited(f"### {title}\n\n", rows, _OF_A_GROUP, "see the two files `report.json`"))
    return "".join(parts)


def _arrow(change: Change) -> str:
    return " → ".join(prose(shortened(one, _OF_A_TEXT)) for one in (change.before, change.after))


def _run(content: Row) -> str:
    ticket = f", ticket {content['ticket']}" if content["ticket"] else ""
    when = f" of {content['started']}" if content["started"] else ""
    words = f"{content['command']} {content['run']}{when}{ticket}: {content['verdict']}"
    return shortened(one_line(words), _OF_A_TEXT)


def _tunnels(before: Row, after: Row) -> tuple[list[Change], list[Change], list[Change]]:
    """Return the tunnels that came up, those that went down, and those with another change."""

    def rows(content: Row) -> dict[Key, Row]:
        return {(one["host"], one["peer"], one["vpn"]): one for one in content["tunnels"]}

    up: list[Change] = []
    down: list[Change] = []
    others: list[Change] = []
    for key, old, new in _pairs(rows(before), rows(after)):
        hub, spoke, vpn = key
        was, now = (one["state"].replace("_", " ") if one else "none" for one in (old, new))
        change = Change(f"{vpn}, {hub} to {spoke}", was, now)
        # A tunnel that one of the runs has not checked did not change for all we know, unless it is down now.
        if was != now and ("not checked" not in (was, now) or now == "down"):
            (up if now == "up" else down if now == "down" else others).append(change)
        if old and new and old["binding"] != new["binding"]:
            others.append(Change(f"{change.subject}: binding", old["binding"] or "none", new["binding"] or "none"))
    return up, down, others


def _hosts(before: Row, after: Row) -> list[Change]:
    def rows(content: Row) -> dict[Key, Row]:
        return {(one["host"],): one for one in content["hosts"]}

    changes = []
    for (host,), old, new in _pairs(rows(before), rows(after)):
        if _condition(old) != _condition(new):
            changes.append(Change(host, _described(old), _described(new)))
        if old and new and old["release"] and new["release"]:
            changes += _values(f"{host}: release", old["release"], new["release"])
    return changes


def _condition(host: Row | None) -> str:
    """Return the state of a host in words that do not tell what a run has done to a sound one."""
    if host is None:
        return "none"
    state = str(host["state"]).replace("_", " ")
    if host["failed"]:
        return "failed" if host["state"] in _AS_PLANNED else f"failed, {state}"
    return "as planned" if host["state"] in _AS_PLANNED else state


def _described(host: Row | None) -> str:
    condition = _condition(host)
    if not host or not host["failed"] or not host["message"]:
        return condition
    start, _comma, state = condition.rpartition(", ")
    return ", ".join(filter(None, (start, with_state(state, host["message"].removeprefix(f"{host['host']}: ")))))


def _causes(content: Row, other: Row, *, is_new: bool) -> list[Change]:
    """Return the causes that only the first of two reports has."""
    known = _by_cause(other)
    found = [cause for key, cause in _by_cause(content).items() if key not in known]
    return [
        Change(_subject(cause), *(("none", cause["actual"]) if is_new else (cause["actual"], "none")))
        for cause in found
    ]


def _changed_causes(before: Row, after: Row) -> list[Change]:
    pairs = [(old, new) for _key, old, new in _pairs(_by_cause(before), _by_cause(after)) if old and new]
    return [
        Change(_subject(new), old["actual"], new["actual"])
        for old, new in pairs
        if _AMOUNT.sub("", old["actual"]) != _AMOUNT.sub("", new["actual"])
    ]


def _by_cause(content: Row) -> dict[Key, Row]:
    return {
        tuple(one[name] for name in ("host", "peer", "tunnel", "check", "object")): one for one in content["causes"]
    }


def _subject(cause: Row) -> str:
    about = "" if cause["object"] in ("", cause["check"]) else f" {cause['object']}"
    return f"{cause['host']}: {cause['check']}{about}"


def _checks(before: Row, after: Row) -> list[Change]:
    """Return how many findings of each check went from one state to another; both runs have them."""

    def rows(content: Row) -> dict[Key, str]:
        return {
            tuple(one[name] for name in ("check", "host", "object", "tunnel")): one["state"]
            for host in content["hosts"]
            for one in host["findings"]
        }

    numbers: dict[Key, int] = {}
    for (check, *_rest), old, new in _pairs(rows(before), rows(after)):
        if old and new and old != new:
            numbers[check, old, new] = numbers.get((check, old, new), 0) + 1
    return [Change(f"{check}, {number} of them", old, new) for (check, old, new), number in sorted(numbers.items())]


def _durations(before: Row, after: Row) -> list[Change]:
    """Return the durations that are much longer or shorter, of two runs of the same command."""
    if (before["command"], before["mode"]) != (after["command"], after["mode"]):
        return []

    def rows(content: Row) -> dict[Key, float]:
        seconds: dict[Key, float] = {("run",): content["seconds"]}
        for stage in content["stages"]:
            key = (f"stage {stage['name']}",)
            seconds[key] = seconds.get(key, 0.0) + stage["seconds"]
        return {**seconds, **{(host["host"],): host["seconds"] for host in content["hosts"]}}

    changes = []
    for (subject,), old, new in _pairs(rows(before), rows(after)):
        if old is not None and new is not None:
            shorter, longer = sorted((old, new))
            if longer >= shorter * _TIMES and longer - shorter >= _SECONDS:
                changes.append(Change(subject, f"{old:.1f} s", f"{new:.1f} s"))
    return changes


Value = t.TypeVar("Value")


def _pairs(
    before: t.Mapping[Key, Value], after: t.Mapping[Key, Value]
) -> t.Iterator[tuple[Key, Value | None, Value | None]]:
    """Yield each key of the two with both values, in the order of the first, new keys last."""
    for key in dict.fromkeys([*before, *after]):
        yield key, before.get(key), after.get(key)


def _values(subject: str, before: str, after: str) -> list[Change]:
    return [] if before == after else [Change(subject, before, after)]
