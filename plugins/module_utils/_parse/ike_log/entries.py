# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The entries of a log file: time, host and process of each message, wrapped lines joined."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.table import Form, recognise

# "Oct  8 10:31:10", with "time-format year millisecond" also "Oct  8 10:31:10.123 2026"; structured syslog has ISO
# times; text copied with wrapped lines may lack the date. A trace file of kmd has the time in brackets, with the card.
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
# A line without a process number is recognised by the daemon's name.
_DAEMON = re.compile(rf"{_HOST}{_CARD}(?P<process>kmd\d*|iked\d*):\s*")
# A trace begins with the two ends: [192.0.2.1 <-> 192.0.2.2].
_ENDS = re.compile(r"\[\s*[\w.:]+\s*<->\s*[\w.:]+\s*\]\s*")

IKE_DAEMONS = re.compile(r"(?:kmd|iked)\d*")
# These processes write to any log file that they rotate or clear.
_KEEPERS = ("newsyslog", "clear-log")


@dataclass(frozen=True)
class Entry:
    """One entry of a log.

    ``time`` is as printed, ``text`` the message, ``line`` the whole entry in one line. ``known`` is the form of the
    message with the values that its pattern has found, ``None`` where no form matches.
    """

    time: str | None
    host: str | None
    process: str | None
    text: str
    line: str
    known: tuple[Form, dict[str, str]] | None


def entries(lines: t.Iterable[str]) -> list[Entry]:
    """Return the entries of a log file. Raise nothing.

    A line without a time continues the entry above, unless it begins with a known message or the name of a daemon.
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
    # Secrets are masked before any value is read.
    return [_entry(mask(" ".join(pieces))) for pieces in gathered]


def foreign(entry: Entry) -> bool:
    """Return whether a process other than an IKE daemon has written an entry."""
    return entry.process is not None and not IKE_DAEMONS.fullmatch(entry.process)


def shared(found: t.Iterable[Entry]) -> bool:
    """Return whether several processes write to a file, such as ``messages``."""
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
    """Return a line with a blank for each unprintable character: an IKE identity may contain any bytes."""
    if line.isprintable():
        return " ".join(line.split())
    return " ".join("".join(char if char.isprintable() else " " for char in line).split())
