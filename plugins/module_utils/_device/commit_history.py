# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A device's own record of commits: the only witness after a lost reply, and of another user's pending commit."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import COMMITS, UPTIME, request
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import CommitEntry
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# A device was measured to fire the automatic rollback up to 45 s after its time.
_LATENESS = timedelta(seconds=60)
_DECISIONS = {"confirm": "committed", "verified": "confirmed", "not": "rolled back"}
_OURS = re.compile(r"(?P<label>hubspoke \d{8}T\d{6}-\w+[^:]*): (?P<word>confirm|verified|not)\b")


def commits(session: Session) -> list[CommitEntry]:
    """All entries of C(show system commit), the newest first. Raises HubspokeError."""
    entries: list[CommitEntry] = list(parse(COMMITS, session.rpc(request(COMMITS))).items)
    return sorted(entries, key=lambda entry: entry.sequence)


def position(session: Session, comment: str) -> int | None:
    """How many commits ago the one with a comment was; ``None`` where the device lists none such."""
    places = (place for place, entry in enumerate(commits(session)) if comment in (entry.comment or ""))
    return next(places, None)


def last_commit(session: Session) -> CommitEntry:
    """The newest entry of C(show system commit). Raises HubspokeError where the device shows none."""
    entries = commits(session)
    if not entries:
        raise SessionError(f"{session.target.host}: show system commit: expected at least one entry, actual none.")
    return entries[0]


def pending_confirmation(session: Session) -> str | None:
    """Whose confirmed commit is waiting, in words; ``None`` if none is.

    The newest entry keeps its mark when a commit check has confirmed it, so one whose time is long over is not pending.
    """
    entry = last_commit(session)
    if entry.pending is False:
        return None
    if entry.confirmed_minutes is not None:
        times = parse(UPTIME, session.rpc(request(UPTIME))).items
        over = timedelta(minutes=entry.confirmed_minutes) + _LATENESS
        if times and moment(times[0].current_time) - moment(entry.date_time) > over:
            return None
    who = f"one by {entry.user} via {entry.client} at {entry.date_time}"
    return who if entry.confirmed_minutes is None else f"{who}, to be confirmed in {entry.confirmed_minutes} minutes"


@dataclass(frozen=True)
class Left:
    """What a run of this collection has left as the newest commit; ``label`` is the run's name in all its comments."""

    label: str
    comment: str
    decision: str
    pending: bool


def left_by_a_run(session: Session) -> Left | None:
    """The newest commit if a run of this collection made it. Raises HubspokeError."""
    comment = last_commit(session).comment or ""
    found = _OURS.search(comment)
    if found is None:
        return None
    decision = _DECISIONS[found["word"]]
    pending = decision == "committed" and pending_confirmation(session) is not None
    return Left(found["label"], comment, decision, pending)


def moment(words: str) -> datetime:
    """The device prints both of its times in the same zone, whose name does not matter for a difference."""
    return datetime.strptime(" ".join(words.split()[:2]), "%Y-%m-%d %H:%M:%S")
