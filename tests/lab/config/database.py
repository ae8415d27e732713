# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration database of one device: load, compare, check, commit, confirm, roll back."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from lxml import etree

from tests.lab.config import jsonform, setform, text, xmlform
from tests.lab.config.candidate import MODIFIED, Candidate, Clock, DatabaseError, Desk, rebased
from tests.lab.config.compare import compare
from tests.lab.config.constraints import check
from tests.lab.config.edit import Editor, plain
from tests.lab.config.groups import inherited
from tests.lab.config.problems import LoadResult, Problem
from tests.lab.config.schema import DEFAULT_RELEASE, schema_for
from tests.lab.config.tree import Node, Operation, new_root

Format = t.Literal["text", "set", "xml", "json"]
Action = t.Literal["merge", "replace", "override", "update", "set"]
Source = t.Literal["candidate", "committed"]
Content = str | etree._Element

KEPT = 50


@dataclass(frozen=True)
class CommitEntry:
    """One line of ``show system commit``, with the configuration it made. ``seconds`` is UTC."""

    user: str
    client: str
    seconds: float
    tree: Node
    log: str = ""
    comment: str = ""


@dataclass(frozen=True)
class Pending:
    """A pending commit. Unless it is confirmed by ``deadline`` (seconds UTC), the device restores ``restore``."""

    deadline: float
    minutes: float
    restore: Node
    user: str


class Database:
    """One device's configurations. ``session`` is the number of the session that edits; 0 is the device itself."""

    def __init__(
        self,
        host_name: str,
        clock: Clock,
        release: str = DEFAULT_RELEASE,
        configuration: str = "",
        ike_daemon: str = "kmd",
    ) -> None:
        """Commit ``configuration`` (text form). Raise ValueError if it is not a valid one."""
        self.host_name = host_name
        self.schema = schema_for(release)
        self.ike_daemon = ike_daemon
        self._clock = clock
        patch, problems = text.parse(configuration, self.schema)
        if problems:
            raise ValueError(f"{host_name}: start configuration, line {problems[0].line}: {problems[0]}")
        start = plain(patch)
        self.desk = Desk(clock, start)
        self.history: list[CommitEntry] = [CommitEntry("root", "other", clock.now(), start)]
        self.pending: Pending | None = None
        self.changed_at = clock.now()
        self._effective: tuple[Node, Node] | None = None

    # --- reading ----------------------------------------------------------------------------------

    @property
    def committed(self) -> Node:
        """Return the committed configuration, groups not expanded."""
        return self.history[0].tree

    @property
    def candidate(self) -> Node:
        """Return the shared candidate, groups not expanded."""
        return self.desk.shared.tree

    def effective(self) -> Node:
        """Return the committed configuration with groups inherited and inactive statements removed."""
        if self._effective is None or self._effective[0] is not self.committed:
            self._effective = (self.committed, inherited(self.committed))
        return self._effective[1]

    def tree(self, source: Source = "candidate", session: int = 0, rollback: int | None = None) -> Node:
        """Return a configuration, groups not expanded: a session's candidate, the committed one, or an earlier one."""
        if rollback is not None:
            return self._earlier(rollback)
        return self.committed if source == "committed" else self.desk.of(session).tree

    def compare(self, n: int = 0, session: int = 0, source: Source = "candidate") -> str:
        """Return the changes of a configuration from rollback ``n``; "" if there is none."""
        return compare(self._earlier(n), self.tree(source, session))

    # --- changing the candidate -------------------------------------------------------------------

    def load(self, session: int, content: Content, form: Format = "xml", action: Action = "merge") -> LoadResult:
        """Load into the session's candidate. Raise DatabaseError if another session holds the lock."""
        candidate = self._open(session)
        if form == "set" or action == "set":
            commands = setform.Commands(candidate.writable())
            commands.run(str(content))
            problems = commands.problems
        else:
            patch, problems = self._parse(content, form)
            whole = action in ("override", "update")
            problems += self._apply(candidate, patch, whole, Editor(candidate.writable(), tags=action == "replace"))
        self._edited()
        return LoadResult.of(problems)

    def edit(self, session: int, content: Content, form: Format = "xml", default: Operation = "merge") -> LoadResult:
        """Load as ``edit-config`` does, ``default`` being its default operation. Raise DatabaseError as ``load``."""
        candidate = self._open(session)
        patch, problems = self._parse(content, form)
        editor = Editor(candidate.writable(), tags=True, default=default)
        problems += self._apply(candidate, patch, default == "replace", editor)
        self._edited()
        return LoadResult.of(problems)

    @staticmethod
    def _apply(candidate: Candidate, patch: Node, whole: bool, editor: Editor) -> list[Problem]:
        """Apply a parsed configuration, whose top may be marked too, to be replaced or emptied."""
        operation = patch.edit.operation if patch.edit is not None else ""
        if operation in ("delete", "remove"):
            candidate.replace(Node(patch.statement))
        elif whole or operation == "replace":
            candidate.replace(plain(patch))
        else:
            editor.apply(patch)
        return editor.problems

    def rollback(self, n: int = 0, session: int = 0) -> None:
        """Load rollback ``n`` into the candidate; 0 discards changes. Raise DatabaseError as ``load``."""
        tree = self._earlier(n)
        self._open(session).replace(tree.copy() if n else tree)
        self._edited()

    def delete_all(self, session: int = 0) -> None:
        """Empty the candidate."""
        self._open(session).replace(new_root(self.schema))
        self._edited()

    def _parse(self, content: Content, form: Format) -> tuple[Node, list[Problem]]:
        if form == "text":
            return text.parse(str(content), self.schema)
        if form == "json":
            return jsonform.parse(str(content), self.schema)
        return xmlform.parse(content, self.schema)

    def _open(self, session: int) -> Candidate:
        self.desk.touch(session)
        if session not in self.desk.private:
            self.desk.refuse_locked(session)
        return self.desk.of(session)

    def _edited(self) -> None:
        self.changed_at = self._clock.now()

    def _earlier(self, n: int) -> Node:
        if not 0 <= n < len(self.history):
            raise DatabaseError(f"Could not open configuration database file: rollback {n} does not exist")
        return self.history[n].tree

    # --- committing -------------------------------------------------------------------------------

    def check(self, session: int = 0) -> list[Problem]:
        """Return the problems for which a commit would fail. Confirm a pending commit, as a device does."""
        self._refuse_foreign(session)
        problems = self._problems(self.desk.of(session).tree)
        if not problems:
            self.pending = None
        return problems

    def commit(
        self,
        user: str,
        client: str,
        log: str = "",
        confirmed_minutes: float | None = None,
        now: float | None = None,
        session: int = 0,
    ) -> list[Problem]:
        """Commit the session's candidate. Return the problems, with which nothing changes.

        Any commit confirms a pending one. With ``confirmed_minutes`` (a fraction is valid) this commit is then pending
        instead, and the configuration to restore stays the same. Raise DatabaseError if another session holds the
        lock, for a commit confirmed from a private copy, and for any commit from a private copy while the shared
        candidate is modified.
        """
        self._refuse_foreign(session)
        private = session in self.desk.private
        if private and confirmed_minutes is not None:
            raise DatabaseError("commit confirmed is not allowed in private mode")
        if private and self.desk.shared.modified:
            raise DatabaseError(MODIFIED)
        candidate = self.desk.of(session)
        tree = rebased(candidate.base, candidate.tree, self.committed) if private else candidate.tree
        problems = self._problems(tree)
        if problems:
            return problems
        moment = self._clock.now() if now is None else now
        comment = ""
        restore = self.pending.restore if self.pending is not None else self.committed
        self.pending = None
        if confirmed_minutes is not None:
            comment = f"commit confirmed, rollback in {int(confirmed_minutes)}mins"
            self.pending = Pending(moment + confirmed_minutes * 60, confirmed_minutes, restore, user)
        self._enter(CommitEntry(user, client, moment, tree, log, comment))
        candidate.restart(tree)
        return []

    def expire(self, now: float | None = None) -> bool:
        """Roll back a pending commit now. Return False if there is none."""
        if self.pending is None:
            return False
        restore, self.pending = self.pending.restore, None
        self._enter(CommitEntry("root", "other", self._clock.now() if now is None else now, restore))
        return True

    def _enter(self, entry: CommitEntry) -> None:
        self.history.insert(0, entry)
        del self.history[KEPT:]
        self.changed_at = entry.seconds
        self.desk.shared.restart(entry.tree)

    def _refuse_foreign(self, session: int) -> None:
        self.desk.touch(session)
        self.desk.refuse_locked(session)

    def _problems(self, tree: Node) -> list[Problem]:
        return check(inherited(tree), tree, self.ike_daemon)
