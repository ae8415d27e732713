# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The log of the IKE daemon: find its files on a device, read them, select events."""

from __future__ import annotations

import posixpath
import re
import typing as t
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import LOG, UPTIME, ask, request
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import (
    BadArgument,
    ReplyNotUnderstood,
    ReplyRefused,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import LogEvent
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.events import UNRECOGNISED, names
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.table import KINDS
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.when import date_time
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.reply import decoded, tree

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

Arguments = t.Mapping[str, t.Any]

FOLDER = "/var/log"
DAEMONS = ("kmd", "iked")
# Has the IKE daemon's messages for operators on a device without a log file of the daemon itself.
SYSLOG = "messages"

_ROTATED = re.compile(r"(?P<base>[\w-]+)(?:\.(?P<number>\d{1,4}))?(?:\.gz)?")
# Junos's reply about a missing file: its error has no other mark.
_NO_FILE = re.compile(r"could not resolve|no such file", re.IGNORECASE)
# By the schema of Junos, the most files of a log.
_MOST_FILES = 1000
_WHEN = "YYYY-MM-DD HH:MM:SS"


@dataclass(frozen=True)
class _Window:
    """A time range in the device's own time; ``None`` is an open end."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, event: LogEvent) -> bool:
        """Return whether the event is in the range, or has no date."""
        if event.date_time is None:
            return True
        at = datetime.fromisoformat(event.date_time)
        return (self.since is None or self.since <= at) and (self.until is None or at <= self.until)


@dataclass
class _Read:
    """The files that were read, in order; their events, unrecognised ones included; and notes on oddities."""

    files: list[str] = field(default_factory=list)
    events: list[LogEvent] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def ike_log(session: Session, arguments: Arguments) -> dict[str, t.Any]:
    """Return the events of the IKE log within a time range. Raise BadArgument, and the errors of the session."""
    given = [_name(session, name) for name in arguments.get("files") or ()]
    limits = {key: _moment(session, key, arguments.get(key)) for key in ("since", "until")}
    clock = _clock(session)
    window = _window(session, limits, arguments.get("last"), clock)
    read = _given(session, given) if given else _found(session)
    if clock is None and any(event.time for event in read.events):
        read.notes.append("the device's time is not known: entries without a year have no date_time")
    dated = _in_order([replace(one, date_time=date_time(one.time, clock)) for one in read.events])
    within = [event for event in dated if window.has(event)]
    undated = sum(event.date_time is None for event in within)
    if undated and (window.since or window.until):
        read.notes.append(f"{undated} entries have no date and are included, whatever the time range")
    chosen = _chosen(within, arguments)
    unknown = [event.line for event in within if event.kind == UNRECOGNISED]
    counts = Counter(event.kind for event in chosen)
    counts[UNRECOGNISED] = len(unknown)
    limit = arguments.get("limit") or max(1, len(within))
    return {
        "changed": False,
        "events": [asdict(event) for event in chosen[-limit:]],
        "unrecognised": unknown[-limit:],
        "counts": {kind: counts[kind] for kind in KINDS},
        "files": read.files,
        "notes": read.notes,
    }


# --- the options ---


def _name(session: Session, name: str) -> str:
    """Return the name of a file in the folder of logs. Raise BadArgument for a file elsewhere."""
    path = posixpath.normpath(posixpath.join(FOLDER, name))
    if posixpath.dirname(path) != FOLDER or not re.fullmatch(r"[\w.+@:-]+", posixpath.basename(path)):
        raise BadArgument(
            f"{session.target.host}: files: expected names of files in {FOLDER}, actual '{name}'."
            " Give a name from the output of 'show log'."
        )
    return posixpath.basename(path)


def _moment(session: Session, option: str, value: t.Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise BadArgument(
            f"{session.target.host}: {option}: expected the device's own time as {_WHEN}, actual '{value}'."
            " Give it without a time zone."
        )
    return moment


def _clock(session: Session) -> datetime | None:
    """Return the device's time in its own zone, as in the entries; ``None`` where it does not answer."""
    for uptime in ask(session, UPTIME).items:
        if moment := date_time(uptime.current_time):
            return datetime.fromisoformat(moment)
    return None


def _window(
    session: Session, limits: t.Mapping[str, datetime | None], last: int | None, clock: datetime | None
) -> _Window:
    since, until = limits["since"], limits["until"]
    host = session.target.host
    if last is not None:
        if last <= 0:
            raise BadArgument(f"{host}: last: expected a number of seconds above 0, actual {last}.")
        if since is not None:
            raise BadArgument(f"{host}: last: expected without since, actual since {since}. Give only one of the two.")
        if clock is None:
            raise BadArgument(
                f"{host}: last: expected the device's time from 'show system uptime', actual none. Use since instead."
            )
        since = clock - timedelta(seconds=last)
    if since is not None and until is not None and since > until:
        raise BadArgument(f"{host}: since: expected a time before until, {until}, actual {since}. Exchange the two.")
    return _Window(since, until)


def _chosen(found: t.Iterable[LogEvent], arguments: Arguments) -> list[LogEvent]:
    """Return the events of a peer, a VPN, some kinds. Traces name no VPN: there the address of its peer selects."""
    events = [event for event in found if event.kind != UNRECOGNISED]
    peer, vpn, kinds = arguments.get("peer_address"), arguments.get("vpn"), arguments.get("kinds")
    if vpn:
        peers = {event.remote_address for event in events if event.vpn == vpn} - {None}
        events = [one for one in events if one.vpn == vpn or (one.vpn is None and one.remote_address in peers)]
    if peer:
        events = [one for one in events if one.remote_address == peer or names(one, peer)]
    return [one for one in events if not kinds or one.kind in kinds]


def _in_order(found: list[LogEvent]) -> list[LogEvent]:
    """Return events of several files by their time; one without a date stays after its predecessor."""
    placed: list[tuple[str, LogEvent]] = []
    for event in found:
        placed.append((event.date_time or (placed[-1][0] if placed else ""), event))
    return [event for _at, event in sorted(placed, key=lambda one: one[0])]


# --- the files ---


def _given(session: Session, names: t.Sequence[str]) -> _Read:
    read = _Read()
    for name in names:
        if not _append(session, read, name):
            present = ", ".join(_listed(session) or ()) or "not known"
            raise BadArgument(
                f"{session.target.host}: files: expected {name} in {FOLDER}, actual no such file."
                f" Choose one of the files of the device: {present}."
            )
    return read


def _found(session: Session) -> _Read:
    """Read the files of the daemon, oldest first; the system's log where they have no event."""
    listed = _listed(session)
    read = _Read()
    for base in (*DAEMONS, SYSLOG):
        if base == SYSLOG and read.events:
            break
        if listed is None:
            _probe(session, read, base)
        else:
            for name in _generations(listed, base):
                _append(session, read, name)
    if not read.files:
        read.notes.append(f"no file of kmd, iked or {SYSLOG} in {FOLDER}")
    elif not read.events:
        read.notes.append(f"no message of kmd or iked in {', '.join(read.files)}")
    return read


def _generations(listed: t.Iterable[str], base: str) -> list[str]:
    """Return a file and its rotated ones (``kmd.0``, ``kmd.1.gz``), the oldest first."""
    ages: dict[str, int] = {}
    for name in listed:
        found = _ROTATED.fullmatch(name)
        if found and found.group("base") == base:
            ages[name] = int(found.group("number")) if found.group("number") else -1
    return sorted(ages, key=lambda name: -ages[name])


def _listed(session: Session) -> list[str] | None:
    """Return the names of the files in the folder of logs; ``None`` where the device does not list them."""
    try:
        root = tree(decoded(session.rpc(f"<file-list><path>{FOLDER}/</path><detail/></file-list>")))
    except (ReplyRefused, ReplyNotUnderstood):
        return None
    found = {posixpath.basename("".join(one.itertext()).strip()) for one in root.iter("file-name")}
    return sorted(found - {""}) or None


def _probe(session: Session, read: _Read, base: str) -> None:
    """Read a file and its rotated ones by their possible names."""
    older: list[_Read] = []
    for number in range(_MOST_FILES):
        one = _Read()
        if not any(_append(session, one, f"{base}.{number}{end}") for end in ("", ".gz")):
            break
        older.insert(0, one)
    for one in older:
        read.files += one.files
        read.events += one.events
        read.notes += one.notes
    _append(session, read, base)


def _append(session: Session, read: _Read, name: str) -> bool:
    """Read one file; return whether it exists. Raise ReplyRefused where the user may not read it."""
    try:
        parsed = parse(LOG, session.rpc(request(LOG, {"filename": name})))
    except ReplyRefused as error:
        if _NO_FILE.search(error.reply):
            return False
        raise ReplyRefused(f"{error} File {name}: allow the user to run 'show log {name}'.", error.reply) from None
    except ReplyNotUnderstood as error:
        # An IKE identity may have any bytes, even those that XML cannot have.
        read.notes.append(f"{name} could not be read: {error}")
        return True
    read.files.append(name)
    read.events += parsed.items
    read.notes += parsed.notes
    return True
