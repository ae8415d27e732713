# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The lines that a person sees while a run goes on: one per stage, in columns of constant width."""

from __future__ import annotations

import time
import typing as t
from collections import Counter
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Moment, Size
from ansible_collections.hubspoke.srx.plugins.module_utils._report.columns import WIDTH
from ansible_collections.hubspoke.srx.plugins.module_utils._report.tunnels import COLUMNS

_WORD = 8
# Hosts with the same recap that have a line each.
_FEW = 5
_GAP = "   "
# Characters for the names of checks.
_CHECKS = 36
# A longer one leaves too little for the devices.
_LONGEST_PATH = 50
# Stages whose name is not the word for them.
_WORDS = {
    "ask": "Pending",
    "leave": "Log out",
    "note": "Read SAs",
    "clear": "Clear",
    "roll_back": "Rollback",
    "trace_on": "Trace",
    "trace_off": "Off",
    "negotiate": "Renew",
}
# What the devices that failed in a stage are not, elsewhere "failed".
_FAILED = {"reach": "not reached", "confirm": "not confirmed", "roll_back": "not rolled back"}
Tone = t.Literal["waiting", "ok", "changed", "failed"]


class Line(t.NamedTuple):
    """One line, and how to show it."""

    text: str
    tone: Tone


def plan_line(plan: FleetPlan, rounds: int = 1) -> Line:
    """Return the plan in one line: how many devices, tunnels and rounds."""
    spokes = [device for device in plan.devices if device.site.role == "spoke"]
    others = Counter(device.site.profile.title for device in spokes if device.site.profile.by_operator)
    third = ", ".join(f"{count} {title}" for title, count in others.items())
    parts = [
        _number(len(plan.devices) - len(spokes), "hub"),
        _number(len(spokes), "spoke") + (f" ({third})" if third else ""),
        _number(len(plan.hub.tunnels), "tunnel"),
        *([f"{rounds} rounds"] if rounds > 1 else []),
    ]
    return Line(_row("Plan", ", ".join(parts)), "ok")


def stage_line(moment: Moment, hide: t.Callable[[str], str] = str, *, diffs: str = "") -> Line:
    """Return a moment as a line of at most ``WIDTH`` characters.

    ``hide`` masks a text before it is cut. ``diffs`` is where the differences of the devices are, empty where nowhere.
    """
    word = _WORDS.get(moment.stage, moment.stage.replace("_", " ").capitalize())
    count = f"{moment.done}/{moment.total}" if moment.total else ""
    if count and moment.unit:
        count = f"{count} {moment.unit}"
    head = _row(word, count + _GAP if count else "")
    room = WIDTH - len(head)
    if moment.state == "ended":
        return Line(cut(head + _ended(moment, hide, room, diffs), WIDTH), _tone(moment))
    return Line(cut(head + _waiting(moment, hide, room), WIDTH), "waiting")


def recap_lines(hosts: t.Mapping[str, t.Mapping[str, int]]) -> list[Line]:
    """Return the recap of the hosts that have changed or failed, by Ansible's counts; many with the same are a line."""
    words = {"unreachable": "unreachable", "failures": "failed", "changed": "changed"}
    groups: dict[tuple[str, ...], list[str]] = {}
    for host, counts in hosts.items():
        if found := tuple(word for name, word in words.items() if counts.get(name)):
            groups.setdefault(found, []).append(host)
    if hosts and not groups:
        return [Line(_row("Recap", f"{_number(len(hosts), 'host')}: none changed, none failed"), "ok")]
    return [line for found, names in groups.items() for line in _recap(", ".join(found), names, found)]


def _recap(words: str, names: t.Sequence[str], found: t.Collection[str]) -> t.Iterator[Line]:
    tone: Tone = "changed" if list(found) == ["changed"] else "failed"
    if len(names) <= _FEW:
        yield from (Line(cut(_row("Recap", f"{name}: {words}")), tone) for name in names)
    else:
        start = _row("Recap", f"{len(names)} hosts {words}: ")
        yield Line(start + listed(names, WIDTH - len(start)), tone)


def listed(names: t.Sequence[str], room: int) -> str:
    """Return the names that fit, and how many more there are."""
    text = ", ".join(names)
    if len(text) <= room:
        return text
    for shown in range(len(names) - 1, 0, -1):
        text = f"{', '.join(names[:shown])} and {len(names) - shown} more"
        if len(text) <= room:
            return text
    return _number(len(names), "device") if len(names) > 1 else cut(names[0], room)


def cut(text: str, room: int = WIDTH) -> str:
    """Return a text that fits."""
    return shortened(text.rstrip(), max(room, len("...")))


# --- what a stage waits for ---


def _waiting(moment: Moment, hide: t.Callable[[str], str], room: int) -> str:
    remaining = "" if moment.remaining is None else f"{moment.remaining:.0f} s remaining"
    tail = f"; {remaining}" if remaining else ""
    if moment.names and moment.busy:
        checks = f"checking {listed([name.replace('_', ' ') for name in moment.names], _CHECKS)} on "
        return f"{checks}{listed([hide(one) for one in moment.busy], room - len(checks) - len(tail))}{tail}"
    if moment.missing:
        return f"waiting for {_missing(moment.missing, hide, room - 12 - len(tail))}{tail}"
    if moment.busy:
        return f"waiting for {listed([hide(one) for one in moment.busy], room - 12 - len(tail))}{tail}"
    return remaining


def _missing(findings: t.Sequence[Finding], hide: t.Callable[[str], str], room: int) -> str:
    """Return the first finding in words, and how many more there are."""
    more = f" and {len(findings) - 1} more" if len(findings) > 1 else ""
    return f"{cut(hide(_in_words(findings[0])), room - len(more))}{more}"


def _in_words(finding: Finding) -> str:
    subject = finding.tunnel or f"{finding.host}: {finding.object}"
    label = COLUMNS.get(finding.check, finding.check.replace("_", " "))
    return f"{subject}: {label} {' '.join(finding.actual.replace(': ', ', ', 1).split())}".rstrip(".")


# --- how a stage ended ---


def _ended(moment: Moment, hide: t.Callable[[str], str], room: int, diffs: str) -> str:
    if moment.stage == "verify" and moment.missing:
        # The report tells why, once.
        return _missing([replace(one, actual=one.actual.partition(": ")[0]) for one in moment.missing], hide, room)
    if moment.failed:
        return _failed(moment, room)
    if moment.stage == "check":
        return _sizes(moment, room, diffs)
    if moment.rolls_back_at is not None:
        at = time.strftime("%H:%M:%S", time.localtime(moment.rolls_back_at))
        return f"automatic rollback at {at} unless confirmed"
    if moment.stage == "roll_back":
        return "previous configuration restored"
    if moment.stage == "find":
        words = f"{_number(len(moment.names), 'pending commit')}: "
        return words + listed(moment.names, room - len(words)) if moment.names else "no pending commit"
    return listed(moment.names, room) if moment.names else ""


def _failed(moment: Moment, room: int) -> str:
    """Return the devices that are not done; a device that a pre-check refuses was reached."""
    refused = moment.refused if moment.stage == "reach" else ()
    others = [host for host in moment.failed if host not in refused]
    groups = {_FAILED.get(moment.stage, "failed"): others, "not ready": refused}
    parts: list[str] = []
    for words, hosts in groups.items():
        if hosts:
            share = room // 2 - 1 if others and refused else room
            parts.append(f"{words}: {listed(hosts, share - len(words) - 2)}")
    return "; ".join(parts)


def _sizes(moment: Moment, room: int, diffs: str) -> str:
    """Return what each device changes; where they are too many, the largest, and the sum of the others."""
    if not moment.sizes:
        return "no change"
    words = "".join(f"{word}: " for word in moment.names)
    tail = f"{_GAP}{diffs}" if diffs and len(diffs) <= _LONGEST_PATH else ""
    room -= len(words) + len(tail)
    text = "  ".join(map(_size, moment.sizes))
    if len(text) > room:
        text = _largest(sorted(moment.sizes, key=lambda one: -one.added - one.removed), room)
    return f"{words}{text}{tail}"


def _largest(sizes: t.Sequence[Size], room: int) -> str:
    for shown in range(len(sizes) - 1, -1, -1):
        rest = sizes[shown:]
        others = Size(
            f"{len(rest)} {'more' if shown else 'devices'}",
            sum(one.added for one in rest),
            sum(one.removed for one in rest),
        )
        text = "  ".join([*map(_size, sizes[:shown]), _size(others)])
        if len(text) <= room:
            break
    return text


def _size(size: Size) -> str:
    return " ".join(
        [
            size.host,
            *([f"+{size.added}"] if size.added or not size.removed else []),
            *([f"-{size.removed}"] if size.removed else []),
        ]
    )


def _tone(moment: Moment) -> Tone:
    if moment.failed or (moment.stage == "verify" and moment.missing) or moment.stage == "exclude":
        return "failed"
    return "changed" if moment.stage in ("commit", "confirm", "roll_back") or moment.sizes else "ok"


# --- columns ---


def _row(word: str, text: str) -> str:
    return f"{word:<{_WORD}} {text}"


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
