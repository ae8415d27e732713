# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The result of a preflight as text: one table of the devices, and below it what stands in the way of a deployment."""

from __future__ import annotations

import textwrap
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.facts import AGREES

WIDTH = 120
_COLUMNS = ("Host", "Reached", "Ready", "Junos", "Model", "Up", "Clock", "Free", "Pending commit", "Lock")
# Names that users and Juniper choose: these columns are cut where the table is too wide, the widest first.
_NAMES = ("Host", "Junos", "Model", "Pending commit", "Lock")
_WIDEST_HOST = 24
_PART_COLUMNS = ("Part", "Plan", "On the device", "Switch that fits")
_PART_WIDEST = (24, 22, 24, 42)
_GAP = "  "
_INDENT = "  "
_REMEDY = "    "
_COMMAND = "$ "
_SHOWN_PROBLEMS = 10
_SHOWN_HOSTS = 6
# Hosts about which more than a line is told.
_SHOWN_DETAILS = 20
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_SCALE = 1024
# A clock that differs by no more than a reply takes is right.
_SAME_TIME = 2


def table(content: t.Mapping[str, t.Any]) -> str:
    """Return a report of a preflight as text of at most 120 columns, apart from paths.

    ``path`` of the content is that of its file, empty where no file could be written.
    """
    hosts = content["hosts"]
    blocks = [
        _devices(hosts),
        *_reasons([host for host in hosts if host["short"]], content["known_hosts"] if content["path"] else {}),
        *_details(hosts),
        _problems(content["problems"]),
        "\n".join(_wrapped(content["decision"], "")),
    ]
    return "\n\n".join(block for block in blocks if block)


def format_span(seconds: int) -> str:
    """Return a time span in its two largest units: ``3 d 4 h``, ``12 min``, ``5 s``."""
    if seconds >= _DAY:
        return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"
    if seconds >= _HOUR:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
    return f"{seconds // _MINUTE} min" if seconds >= _MINUTE else f"{seconds} s"


def format_clock(seconds: int) -> str:
    """Return the difference of a device's clock from that of the controller."""
    if abs(seconds) <= _SAME_TIME:
        return "right"
    return f"{'+' if seconds > 0 else '-'}{format_span(abs(seconds))}"


def format_bytes(size: int) -> str:
    """Return a size in the unit that leaves it below 1024."""
    value, unit = float(size), 0
    while value >= _SCALE and unit < len(_UNITS) - 1:
        value, unit = value / _SCALE, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{size} B"


def _devices(hosts: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """Return the table. The reason of a host that was not reached takes the place of its facts."""
    rows = [_row(host) for host in hosts]
    head = list(_COLUMNS)
    full = [head, *(row for row in rows if len(row) == len(head))]
    widths = [max(len(row[place]) for row in full) for place in range(len(head))]
    widths[0] = max(len(row[0]) for row in [head, *rows])
    names = [_COLUMNS.index(name) for name in _NAMES]
    while sum(widths) + len(_GAP) * (len(widths) - 1) > WIDTH:
        widths[max(names, key=lambda place: widths[place])] -= 1
    for row in full[1:]:
        row[:] = [shortened(cell, width) for cell, width in zip(row, widths, strict=True)]
    lines = [_line(row, widths) for row in [head, ["-" * width for width in widths], *rows]]
    return "\n".join(shortened(line, WIDTH) for line in lines)


def _line(row: t.Sequence[str], widths: t.Sequence[int]) -> str:
    return _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()


def _row(host: t.Mapping[str, t.Any]) -> list[str]:
    name, facts = shortened(host["host"], _WIDEST_HOST), host["facts"]
    if not facts:
        return [name, "skipped" if host["state"] == "skipped" else "no", host["short"] or host["message"]]
    cells = {
        "Host": name,
        "Reached": "yes",
        "Ready": "yes" if host["state"] == "ready" else "no",
        "Junos": facts["release"] or "?",
        "Model": facts["model"] or "?",
        "Up": "?" if facts["uptime_seconds"] is None else format_span(facts["uptime_seconds"]),
        "Clock": "?" if facts["clock_seconds"] is None else format_clock(facts["clock_seconds"]),
        "Free": "?" if facts["free_bytes"] is None else format_bytes(facts["free_bytes"]),
        "Pending commit": _pending(facts["pending"]),
        "Lock": _lock(facts["lock"]),
    }
    return [cells[column] for column in _COLUMNS]


def _pending(pending: t.Any) -> str:
    if pending == "unknown":
        return "?"
    if pending is None:
        return "none"
    return f"{pending['user']}{' until ' if pending['until'] else ''}{pending['until']}"


def _lock(lock: t.Any) -> str:
    if lock == "unknown":
        return "?"
    return "free" if lock is None else str(lock["user"])


def _reasons(hosts: t.Sequence[t.Mapping[str, t.Any]], known_hosts: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """Yield each remedy once, with its hosts."""
    by_remedy: dict[str, list[str]] = {}
    for host in hosts:
        remedy = host["remedy"]
        if host["unknown_keys"] and known_hosts:
            remedy = _how_to_trust(known_hosts, host["known_hosts"])
        if remedy:
            by_remedy.setdefault(remedy, []).append(host["host"])
    for remedy, names in by_remedy.items():
        lines = [line for one in remedy.split("\n") for line in _wrapped(one, _REMEDY)]
        yield "\n".join([f"{_some(names)}:", *lines])


def _how_to_trust(known_hosts: t.Mapping[str, t.Any], file: str) -> str:
    """Return what to do with the file of the unknown host keys, one step per line."""
    path = known_hosts["path"]
    return (
        f"The unknown host keys ({known_hosts['keys']}) are in the file below, and are not trusted. Compare their"
        f" fingerprints with those that each device shows at its console:\n{_COMMAND}ssh-keygen -lf {path}\n"
        f"Then add them:\n{_COMMAND}cat {path} >> {file or '~/.ssh/known_hosts'}"
    )


def _details(hosts: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
    """Return what is told about each host, first those that are not ready."""
    ordered = sorted((host for host in hosts if host["facts"]), key=lambda host: host["state"] == "ready")
    found = [text for text in map(_host, ordered) if text]
    more = len(found) - _SHOWN_DETAILS
    return [
        *found[:_SHOWN_DETAILS],
        *([f"More about {more} other hosts is in the file of this run."] if more > 0 else []),
    ]


def _host(host: t.Mapping[str, t.Any]) -> str:
    """Return what a device has already, and what would stop a deployment there."""
    facts, name = host["facts"], host["host"]
    lines: list[str] = []
    group = " (the group is there)" if facts["has_group"] else ""
    if any(part["advice"] != AGREES for part in facts["parts"]):
        mark = " (! would stop a deployment)" if any(part["stops"] for part in facts["parts"]) else ""
        lines += [f"{name} has already{group}{mark}:", *_parts(facts["parts"])]
    elif facts["present"]:
        width = max(len(label) for label, _value in facts["present"])
        lines.append(f"{name} has{group}, with no plan to compare it with yet:")
        lines += [shortened(f"{_INDENT}{label.ljust(width)}  {value}", WIDTH) for label, value in facts["present"]]
    told = [one for one in host["obstacles"] if not one["told"] and one["object"] != "plan"]
    if told:
        lines.append(f"{name} would stop a deployment:")
        for one in told:
            lines += _wrapped(f"{one['object']}: expected {one['expected']}, actual {one['actual']}", _INDENT)
            lines += _wrapped(one["remedy"], _REMEDY)
    for words in host["unanswered"]:
        lines += _wrapped(f"{name} did not answer: {words}", "")
    return "\n".join(lines)


def _parts(parts: t.Sequence[t.Mapping[str, str]]) -> list[str]:
    rows = [list(_PART_COLUMNS)]
    rows += [
        [part["name"], part["planned"], part["actual"], f"{'! ' if part['stops'] else ''}{part['advice']}"]
        for part in parts
    ]
    cut = [[shortened(cell, widest) for cell, widest in zip(row, _PART_WIDEST, strict=True)] for row in rows]
    widths = [max(len(row[place]) for row in cut) for place in range(len(_PART_COLUMNS))]
    cut.insert(1, ["-" * width for width in widths])
    return [f"{_INDENT}{_line(row, widths)}" for row in cut]


def _problems(problems: t.Sequence[t.Mapping[str, str]]) -> str:
    if not problems:
        return ""
    lines = ["The plan lacks:"]
    for one in problems[:_SHOWN_PROBLEMS]:
        lines += [f"{_INDENT}{one['host']}: {one['variable']} = {one['value']}: {one['message']}"]
        lines += [f"{_REMEDY}{one['remedy']}."]
    more = len(problems) - _SHOWN_PROBLEMS
    return "\n".join([*lines, *([f"{_INDENT}and {more} more, in the file of this run"] if more > 0 else [])])


def _wrapped(text: str, indent: str) -> list[str]:
    """Return a text in lines; a path is not cut, and a command stays on one line."""
    if text.startswith(_COMMAND):
        return [f"{indent}{text}"]
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}{_INDENT}", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _some(names: t.Sequence[str]) -> str:
    more = len(names) - _SHOWN_HOSTS
    return ", ".join(names[:_SHOWN_HOSTS]) + (f" and {more} more" if more > 0 else "")
