# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""From the lines of a log file to its entries: what stands in front of a message, and what was wrapped put together."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.table import Form, recognise

# "Oct  8 10:31:10", with "time-format year millisecond" also "Oct  8 10:31:10.123 2026"; structured syslog has ISO
# times; a page with wrapped lines may have lost the date. A trace file of kmd puts brackets around it, with the card.
_TIME = (
    r"[A-Z][a-z]{2}\s{1,3}\d{1,2}\s+\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:\s\d{4}(?=\s))?"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*"
    r"|\d\d:\d\d:\d\d(?:\.\d{1,6})?"
)
_STAMP = re.compile(
    rf"(?:<\d{{1,3}}>(?:\d\s)?)?(?:\[(?P<bracketed>{_TIME})(?:\s[^\]\s][^\]]{{0,40}})?\]|(?P<plain>{_TIME})(?=\s|$))\s*"
)
_CARD = r"(?:\(FPC Slot \d+, PIC Slot \d+\)\s+\S+\s+)?"
_HOST = r"(?:(?P<host>[^\s:\[\]()]+)\s+)?"
_PROCESS = re.compile(rf"{_HOST}{_CARD}(?P<process>/?[A-Za-z][\w./-]*)(?:\[\d+\]:|\s\d+\s(?=[A-Z]+_\w+\s\[junos@))\s*")
# Without a number of its process a line is only told apart by the daemon's name.
_DAEMON = re.compile(rf"{_HOST}{_CARD}(?P<process>kmd\d*|iked\d*):\s*")
# Traces name the two ends first: C([192.0.2.1 <-> 192.0.2.2]).
_ENDS = re.compile(r"\[\s*[\w.:]+\s*<->\s*[\w.:]+\s*\]\s*")

IKE_DAEMONS = re.compile(r"(?:kmd|iked)\d*")
# These write a line into any log file: the file has been rotated, or cleared.
_KEEPERS = ("newsyslog", "clear-log")


@dataclass(frozen=True)
class Entry:
    """One entry of a log: its time as printed, who wrote it, the message, all in one line, and what message it is."""

    time: str | None
    host: str | None
    process: str | None
    text: str
    line: str
    known: tuple[Form, dict[str, str]] | None


def entries(lines: t.Iterable[str]) -> list[Entry]:
    """The entries of a log file. Raises nothing.

    A line without a time belongs to the entry above, unless a known message or the name of a daemon begins it.
    """
    gathered: list[list[str]] = []
    for raw in lines:
        line = _printable(raw)
        if not line:
            continue
        if gathered and not _STAMP.match(line) and not recognise(line) and not _signed(line):
            gathered[-1].append(line)
        else:
            gathered.append([line])
    # Masked before anything is taken out of it.
    return [_entry(mask(" ".join(pieces))) for pieces in gathered]


def foreign(entry: Entry) -> bool:
    """Whether another process than an IKE daemon has written an entry."""
    return entry.process is not None and not IKE_DAEMONS.fullmatch(entry.process)


def shared(found: t.Iterable[Entry]) -> bool:
    """Whether a file is one that several processes write to, such as C(messages)."""
    return any(foreign(entry) and entry.process not in _KEEPERS for entry in found)


def _entry(line: str) -> Entry:
    stamp = _STAMP.match(line)
    rest = line[stamp.end() :] if stamp else line
    known = recognise(rest)
    time = (stamp.group("bracketed") or stamp.group("plain")) if stamp else None
    writer = None if known else _PROCESS.match(rest) or _DAEMON.match(rest)
    if writer:
        rest = rest[writer.end() :]
    if ends := _ENDS.match(rest):
        rest = rest[ends.end() :]
    return Entry(
        time=" ".join(time.split()) if time else None,
        host=writer.group("host") if writer else None,
        process=writer.group("process") if writer else None,
        text=rest,
        line=line,
        known=known or (recognise(rest) if writer or ends else None),
    )


def _signed(line: str) -> bool:
    writer = _PROCESS.match(line)
    return writer is not None and IKE_DAEMONS.fullmatch(writer.group("process")) is not None


def _printable(line: str) -> str:
    """A line without what is no character: an IKE identity may hold any bytes."""
    if line.isprintable():
        return " ".join(line.split())
    return " ".join("".join(char if char.isprintable() else " " for char in line).split())
