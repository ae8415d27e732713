# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The list of commits of a device: it shows a commit whose reply was lost, and another user's pending commit."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import COMMITS, UPTIME, request
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import CommitEntry
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run_comment import RunComment
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# A device was measured to start the automatic rollback up to 45 s after the end of its confirm window.
ROLLBACK_DELAY = timedelta(seconds=60)


def commits(session: Session) -> list[CommitEntry]:
    """Return all entries of ``show system commit``, the newest first. Raise HubspokeError."""
    parsed = parse(COMMITS, session.rpc(request(COMMITS)))
    if parsed.doubts:
        raise ReplyNotUnderstood(
            f"{session.target.host}: {COMMITS}: expected a list of commits, actual: {'; '.join(parsed.doubts)}."
            " Save the reply and report it: this layout is not known."
        )
    entries: list[CommitEntry] = list(parsed.items)
    return sorted(entries, key=lambda entry: entry.sequence)


def position(session: Session, comment: RunComment) -> int | None:
    """Return the rollback number of the commit with a comment, ``None`` where the device does not list it."""
    places = (place for place, entry in enumerate(commits(session)) if str(comment) in (entry.comment or ""))
    return next(places, None)


def last_commit(session: Session) -> CommitEntry:
    """Return the newest entry of ``show system commit``. Raise HubspokeError where the device shows none."""
    entries = commits(session)
    if not entries:
        raise SessionError(f"{session.target.host}: show system commit: expected at least one entry, actual none.")
    return entries[0]


def pending_commit(session: Session) -> CommitEntry | None:
    """Return the pending commit, ``None`` where there is none. Raise HubspokeError.

    A commit check confirms a commit, but its entry keeps the mark: one whose confirm window has ended is not pending.
    """
    entry = last_commit(session)
    if entry.pending is False:
        return None
    if entry.confirmed_minutes is not None:
        times = parse(UPTIME, session.rpc(request(UPTIME))).items
        over = timedelta(minutes=entry.confirmed_minutes) + ROLLBACK_DELAY
        if times and moment(times[0].current_time) - moment(entry.date_time) > over:
            return None
    return entry


def pending_confirmation(session: Session) -> str | None:
    """Describe the pending commit, return ``None`` where there is none. Raise HubspokeError."""
    entry = pending_commit(session)
    return None if entry is None else describe(entry)


def describe(entry: CommitEntry) -> str:
    """Return a pending commit in words."""
    commit = f"one by {entry.user} via {entry.client} at {entry.date_time}"
    minutes = entry.confirmed_minutes
    return commit if minutes is None else f"{commit}, to be confirmed in {minutes} minutes"


def require_none_pending(session: Session) -> None:
    """Raise SessionError where a commit confirmed is pending: anything sent now would confirm it."""
    pending = pending_confirmation(session)
    if pending is not None:
        raise SessionError(
            f"{session.target.host}: commit confirmed: expected none pending, actual {pending}."
            " Confirm it or let it roll back, then run again; anything sent now would confirm it."
            " hubspoke.srx.recover settles one of a killed run of this collection.",
            "pending",
        )


@dataclass(frozen=True)
class RunCommit:
    """The newest commit of a device where a run of this collection made it; ``pending`` until it is settled."""

    comment: RunComment
    pending: bool


def newest_run_commit(session: Session) -> RunCommit | None:
    """Return the newest commit where a run of this collection made it, else ``None``. Raise HubspokeError."""
    comment = RunComment.read(last_commit(session).comment or "")
    if comment is None:
        return None
    return RunCommit(comment, comment.act == "commit" and pending_confirmation(session) is not None)


def moment(words: str) -> datetime:
    """Return a time of the device without its zone, which a difference does not need. Raise ReplyNotUnderstood."""
    try:
        return datetime.strptime(" ".join(words.split()[:2]), "%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise ReplyNotUnderstood(f"time of the device: expected YYYY-MM-DD HH:MM:SS, actual {words[:40]!r}.") from None
