# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Candidates: the shared one and private copies, the sessions that edit them, and the lock."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from datetime import datetime, timezone

from tests.lab.config.problems import Problem
from tests.lab.config.tree import Node

MODIFIED = "configuration database modified"
NOT_OPEN = "Configuration database is not open"
ALREADY_OPEN = "Configuration database is already open"


class Clock(t.Protocol):
    """The clock of the database."""

    def now(self) -> float:
        """Return seconds since 1970, UTC."""


class DatabaseError(Exception):
    """The database refuses an operation; the client gets ``problem``."""

    def __init__(self, message: str, tag: str = "operation-failed") -> None:
        super().__init__(message)
        self.problem = Problem(message, error_tag=tag)


@dataclass
class Session:
    """A session that edits. ``id`` is also the process number; times are seconds UTC."""

    id: int
    user: str
    since: float
    last: float
    terminal: str = ""

    def line(self, now: float) -> str:
        """Return the line that names the session to a user whom its lock refuses."""
        since = datetime.fromtimestamp(self.since, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
        idle = max(0, int(now - self.last))
        clock = f"{idle // 3600:02}:{idle // 60 % 60:02}:{idle % 60:02}"
        return f"{self.user} terminal {self.terminal} (pid {self.id}) on since {since}, idle {clock}"


class Candidate:
    """A configuration being edited. Until the first change it is the base configuration itself, not a copy."""

    def __init__(self, base: Node) -> None:
        self.base = base
        self._own: Node | None = None

    @property
    def tree(self) -> Node:
        """Return the configuration as edited; the caller must not change it."""
        return self.base if self._own is None else self._own

    def writable(self) -> Node:
        """Return a tree that the caller may change in place."""
        if self._own is None:
            self._own = self.base.copy()
        return self._own

    def replace(self, tree: Node) -> None:
        """Make ``tree``, which the caller no longer changes, the edited configuration."""
        self._own = None if tree is self.base else tree

    @property
    def modified(self) -> bool:
        """Return whether the candidate differs from its base."""
        if self._own is not None and self._own.same(self.base):
            self._own = None
        return self._own is not None

    def restart(self, base: Node) -> None:
        """Discard every change and start from ``base``."""
        self.base = base
        self._own = None


class Desk:
    """The shared candidate with its lock, and the private copies."""

    def __init__(self, clock: Clock, committed: Node) -> None:
        self._clock = clock
        self.shared = Candidate(committed)
        self.private: dict[int, Candidate] = {}
        self.sessions: dict[int, Session] = {}
        self.holder: int | None = None

    def enter(self, session: int, user: str, terminal: str = "") -> None:
        """Register a session, so that a refusal can name the holder of the lock."""
        now = self._clock.now()
        self.sessions[session] = Session(session, user, now, now, terminal)

    def leave(self, session: int) -> None:
        """End a session: discard its private copy, and release its lock with the changes made under it."""
        self.private.pop(session, None)
        if self.holder == session:
            self.unlock(session)
        self.sessions.pop(session, None)

    def touch(self, session: int) -> None:
        """Restart the idle time of a session."""
        if session in self.sessions:
            self.sessions[session].last = self._clock.now()

    def lock(self, session: int) -> None:
        """Lock the shared candidate for one session.

        Raise DatabaseError if another session holds the lock, has it open, or another user has modified it.
        """
        self.touch(session)
        if self.holder == session:
            raise DatabaseError(ALREADY_OPEN)
        self.refuse_locked(session)
        if self.shared.modified:
            raise DatabaseError(MODIFIED)
        self.holder = session

    def unlock(self, session: int) -> None:
        """Release the lock and discard the changes made under it. Raise DatabaseError if the session has none."""
        self.touch(session)
        if self.holder != session:
            raise DatabaseError(NOT_OPEN)
        self.holder = None
        self.shared.restart(self.shared.base)

    def open_private(self, session: int) -> None:
        """Open a private copy for a session.

        Raise DatabaseError if another session holds the lock, a copy is open already, or the shared candidate is
        modified.
        """
        self.touch(session)
        if session in self.private or self.holder == session:
            raise DatabaseError(ALREADY_OPEN)
        self.refuse_locked(session)
        if self.shared.modified:
            raise DatabaseError(MODIFIED)
        self.private[session] = Candidate(self.shared.base)

    def close(self, session: int) -> None:
        """End private or exclusive editing and discard changes. Raise DatabaseError if nothing is open."""
        self.touch(session)
        if self.private.pop(session, None) is None:
            self.unlock(session)

    def refuse_locked(self, session: int) -> None:
        """Raise DatabaseError, naming the holder, if another session holds the lock."""
        if self.holder is None or self.holder == session:
            return
        holder = self.sessions.get(self.holder)
        line = holder.line(self._clock.now()) if holder else f"pid {self.holder}"
        message = f"configuration database locked by:\n  {line}\n      exclusive [edit]"
        raise DatabaseError(message, tag="lock-denied")

    def of(self, session: int) -> Candidate:
        """Return the candidate a session works on."""
        return self.private.get(session, self.shared)


def rebased(base: Node, mine: Node, theirs: Node) -> Node:
    """Return ``theirs`` with the changes from ``base`` to ``mine``; where both changed a value, ``mine`` wins."""
    if theirs is base:
        return mine
    result = Node(theirs.statement, theirs.keys, theirs.text if mine.text == base.text else mine.text)
    result.inactive = theirs.inactive if mine.inactive == base.inactive else mine.inactive
    result.protected = theirs.protected if mine.protected == base.protected else mine.protected
    nothing = Node(base.statement)
    for ident, other in theirs.children.items():
        old, new = base.children.get(ident), mine.children.get(ident)
        if new is None and old is not None:
            continue
        result.put(other if new is None else rebased(old or nothing, new, other))
    for ident, new in mine.children.items():
        old = base.children.get(ident)
        if ident not in theirs.children and (old is None or not new.same(old)):
            result.put(new)
    return result
