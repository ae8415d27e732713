# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The set form: commands that change a configuration, and a configuration as commands."""

from __future__ import annotations

import typing as t

from tests.lab.config.edit import Editor
from tests.lab.config.problems import Problem
from tests.lab.config.schema import Schema, schema_for
from tests.lab.config.text import tokens_of
from tests.lab.config.tree import Edit, Ident, Node, new_root, quoted, take_keys, words_of
from tests.lab.config.words import BadInput, Place, Token, Walker, syntax_error


class Commands:
    """Runs configuration-mode commands on ``root``, one after the other, in place."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._level: list[Token] = []
        self.problems: list[Problem] = []
        self._verbs: dict[str, t.Callable[[list[Token]], None]] = {
            "set": self._set,
            "delete": self._delete,
            "activate": lambda words: self._state(words, activity="active"),
            "deactivate": lambda words: self._state(words, activity="inactive"),
            "protect": lambda words: self._state(words, protection="protect"),
            "unprotect": lambda words: self._state(words, protection="unprotect"),
            "insert": self._insert,
            "rename": self._rename,
            "copy": self._copy,
            "edit": self._edit,
            "top": self._top,
            "up": self._up,
            "exit": self._up,
            "annotate": lambda words: None,
        }

    def run(self, text: str) -> None:
        """Run every line. Report a line that fails, and skip it."""
        for number, line in enumerate(text.splitlines(), 1):
            tokens = [token._replace(line=number) for token in tokens_of(line)]
            if not tokens:
                continue
            try:
                verb = self._verbs.get(tokens[0].text)
                if verb is None:
                    raise syntax_error(tokens[0], ())
                verb(tokens[1:])
            except BadInput as exc:
                self.problems.append(exc.problem)

    def _walk(self, words: list[Token], *, partial: bool = False) -> tuple[Node, list[Node]]:
        patch = Node(self._root.statement)
        tips, place = Walker(Place(patch), [*self._level, *words], chain=True, partial=partial).walk()
        if place.block is not None:
            raise syntax_error(words[-1] if words else Token(""), place.path)
        return patch, tips

    def _apply(self, patch: Node, *, merge: bool = False) -> None:
        editor = Editor(self._root, default="merge" if merge else "none")
        editor.apply(patch)
        self.problems += editor.problems

    def _set(self, words: list[Token]) -> None:
        if not words:
            raise syntax_error(Token("set"), ())
        patch, _tips = self._walk(words)
        self._apply(patch, merge=True)

    def _delete(self, words: list[Token]) -> None:
        if not words and not self._level:
            self._root.children.clear()
            return
        patch, tips = self._walk(words, partial=True)
        for tip in tips:
            tip.edit = tip.edit or Edit()
            tip.edit.operation = "delete"
        self._apply(patch)

    def _state(
        self, words: list[Token], activity: t.Literal["", "active", "inactive"] = "", protection: str = ""
    ) -> None:
        patch, tips = self._walk(words, partial=True)
        for tip in tips:
            tip.edit = Edit("none")
            tip.edit.activity, tip.edit.protection = activity, protection
        self._apply(patch)

    def _insert(self, words: list[Token]) -> None:
        at = next((n for n, token in enumerate(words) if token.text in ("before", "after")), None)
        if at is None or at + 1 == len(words):
            raise syntax_error(words[-1] if words else Token("insert"), ())
        patch, tips = self._walk(words[:at])
        edit = Edit("none")
        edit.insert, edit.anchor = words[at].text, (tips[0].statement.name, *self._keys(tips[0], words[at + 1 :]))
        tips[0].edit = edit
        self._apply(patch)

    def _rename(self, words: list[Token]) -> None:
        patch, tip, keys = self._from_to(words)
        tip.edit = Edit("none")
        tip.edit.rename = keys
        self._apply(patch)

    def _copy(self, words: list[Token]) -> None:
        patch, tip, keys = self._from_to(words)
        place, twin = self._root, patch
        while twin is not tip:
            twin = next(iter(twin.children.values()))
            found = place.children.get(twin.ident)
            if found is None:
                tip.edit = Edit("none")
                self._apply(patch)
                return
            parent, place = place, found
        fresh = Node(tip.statement, keys)
        fresh.children = place.copy().children
        parent.put(fresh)

    def _from_to(self, words: list[Token]) -> tuple[Node, Node, Ident]:
        at = max((n for n, token in enumerate(words) if token.text == "to"), default=0)
        if not at or at + 1 == len(words):
            raise syntax_error(words[-1] if words else Token(""), ())
        patch, tips = self._walk(words[:at])
        return patch, tips[0], self._keys(tips[0], words[at + 1 :])

    @staticmethod
    def _keys(tip: Node, words: list[Token]) -> Ident:
        rest = [token.text for token in words]
        if not tip.statement.bare and rest and rest[0] == tip.statement.word:
            del rest[0]
        keys = take_keys(tip.statement, rest) if tip.statement.is_list else tuple(rest)
        if not keys or (tip.statement.is_list and rest):
            raise syntax_error(words[-1], ())
        return keys

    def _edit(self, words: list[Token]) -> None:
        self._walk(words)
        self._level = [*self._level, *words]

    def _top(self, words: list[Token]) -> None:
        self._level = []
        if words:
            verb = self._verbs.get(words[0].text)
            if verb is None:
                raise syntax_error(words[0], ())
            verb(words[1:])

    def _up(self, words: list[Token]) -> None:
        """Go one level up: to the longest shorter path that is a hierarchy of its own."""
        patch = Node(self._root.statement)
        for length in range(len(self._level) - 1, -1, -1):
            try:
                Walker(Place(patch), self._level[:length]).walk()
            except BadInput:
                continue
            self._level = self._level[:length]
            return


def parse(text: str, schema: Schema | None = None) -> tuple[Node, list[Problem]]:
    """Return the configuration that ``set`` commands build, and their problems."""
    root = new_root(schema or schema_for())
    commands = Commands(root)
    commands.run(text)
    return root, commands.problems


def render(node: Node) -> str:
    """Return the tree as ``show configuration | display set`` prints it."""
    return "".join(f"{line}\n" for line in lines_of(node))


def lines_of(node: Node, prefix: tuple[str, ...] = ()) -> t.Iterator[str]:
    """Return the commands for the children of ``node``, whose own words are ``prefix``."""
    for child in node.ordered():
        words = (*prefix, *map(quoted, words_of(child)))
        if child.statement.is_value or not child.children:
            yield f"set {' '.join(words)}"
        else:
            yield from lines_of(child, words)
        place = " ".join(words[: len(words) - 1] if _has_value(child) else words)
        if child.inactive:
            yield f"deactivate {place}"
        if child.protected:
            yield f"protect {place}"


def _has_value(node: Node) -> bool:
    return node.statement.kind == "leaf" and not node.statement.type.empty and not node.statement.bare
