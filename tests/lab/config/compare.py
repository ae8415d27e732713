# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The difference of two configurations as ``show | compare`` prints it.

The device indents by depth: it prints a hierarchy or list entry two columns deeper than its parent's depth in XML, a
single value one, a note on ``inactive:`` three. An entry added to a list follows its neighbour (``name { ... }``),
``!`` marks reordered entries, and each list's changes have a heading of their own.
"""

from __future__ import annotations

from tests.lab.config.schema import Statement
from tests.lab.config.text import entry_lines, flat_words, group_lines, head_of, is_oneliner
from tests.lab.config.tree import Ident, Node, edit_path

Path = tuple[str, ...]


def compare(old: Node, new: Node) -> str:
    """Return the changes from ``old`` to ``new``; "" if there is none."""
    comparison = _Comparison()
    comparison.inside(old, new, (), 0)
    return "".join(f"{line}\n" for line in comparison.lines)


class _Comparison:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._heading: tuple[Path, str] | None = None
        self._column = 0

    def _print(self, path: Path, group: str, sign: str, column: int, text: str, level: int = 0) -> None:
        if self._heading != (path, group):
            self._heading = (path, group)
            self._column = column
            self.lines.append(edit_path(path))
        # The first statement under a heading decides the indentation of the others.
        self.lines.append(f"{sign}{' ' * (self._column + 4 * level)}{text}")

    def _block(self, path: Path, group: str, sign: str, column: int, statement: Statement, nodes: list[Node]) -> None:
        for level, text in group_lines(statement, nodes, 0):
            self._print(path, group, sign, column, text, level)

    def _entry(self, path: Path, group: str, sign: str, column: int, node: Node) -> None:
        for level, text in entry_lines(node, 0):
            self._print(path, group, sign, column, text, level)

    def inside(self, old: Node, new: Node, path: Path, depth: int) -> None:
        """Compare the children of two nodes of the same path, ``depth`` elements below the top."""
        if old is new:
            return
        before, after = _by_statement(old), _by_statement(new)
        for statement in sorted(before.keys() | after.keys(), key=lambda one: (one.order, one.name)):
            mine, theirs = before.get(statement, []), after.get(statement, [])
            if statement.kind == "leaf-list":
                self._values(statement, mine, theirs, path, depth)
            elif statement.is_list:
                self._list(statement, mine, theirs, path, depth)
            elif statement.kind == "leaf":
                self._leaf(mine, theirs, path, depth)
            else:
                self._container(mine, theirs, path, depth)

    def _values(self, statement: Statement, old: list[Node], new: list[Node], path: Path, depth: int) -> None:
        if [(node.keys, node.inactive) for node in old] != [(node.keys, node.inactive) for node in new]:
            for sign, nodes in (("-", old), ("+", new)):
                if nodes:
                    self._block(path, "", sign, depth + 1, statement, nodes)

    def _leaf(self, old: list[Node], new: list[Node], path: Path, depth: int) -> None:
        if old and new:
            self._activity(old[0], new[0], path, depth - 1)
            if old[0].text == new[0].text:
                return
        for sign, nodes in (("-", old), ("+", new)):
            for node in nodes:
                for _level, text in entry_lines(node, 0, marked=not (old and new)):
                    self._print(path, "", sign, depth + 1, text)

    def _container(self, old: list[Node], new: list[Node], path: Path, depth: int) -> None:
        if not (old and new):
            for sign, nodes in (("-", old), ("+", new)):
                for node in nodes:
                    self._entry(path, "", sign, depth + 2, node)
            return
        self._both(old[0], new[0], path, "", depth)

    def _both(self, old: Node, new: Node, path: Path, group: str, depth: int) -> None:
        """Compare one container or entry that is on both sides: line by line, or child by child."""
        self._activity(old, new, path, depth)
        if is_oneliner(old) and is_oneliner(new):
            texts = [_single_line(node) for node in (old, new)]
            if texts[0] != texts[1]:
                self._print(path, group, "-", depth + 2, texts[0])
                self._print(path, group, "+", depth + 2, texts[1])
            return
        if new.statement.prefix:
            self._prefixed(old, new, path, depth)
        else:
            self.inside(old, new, (*path, head_of(new)), depth + 1)

    def _prefixed(self, old: Node, new: Node, path: Path, depth: int) -> None:
        """Compare children that carry their parent's word: ``family inet``."""
        word = new.statement.word
        before, after = old.children, new.children
        for ident in [*after, *(ident for ident in before if ident not in after)]:
            mine, theirs = before.get(ident), after.get(ident)
            if mine is not None and theirs is not None:
                self._activity(mine, theirs, path, depth + 1)
                self.inside(mine, theirs, (*path, word, theirs.statement.word), depth + 2)
                continue
            for sign, node in (("-", mine), ("+", theirs)):
                if node is not None:
                    for level, text in entry_lines(node, 0):
                        shown = f"{word} {text}" if level == 0 and text != "}" else text
                        self._print(path, "", sign, depth + 3, shown, level)

    def _activity(self, old: Node, new: Node, path: Path, depth: int) -> None:
        group = f"{new.statement.name} marks"
        for was, is_, yes, no in (
            (old.inactive, new.inactive, "inactive", "active"),
            (old.protected, new.protected, "protect", "unprotect"),
        ):
            if was != is_:
                what = " ".join(flat_words(new)) + ";" if new.statement.is_value else f"{head_of(new)} {{ ... }}"
                self._print(path, group, "!", depth + 3, f"{yes if is_ else no}: {what}")

    def _list(self, statement: Statement, old: list[Node], new: list[Node], path: Path, depth: int) -> None:
        if statement.block:
            if not (old and new):
                for sign, nodes in (("-", old), ("+", new)):
                    if nodes:
                        self._block(path, statement.name, sign, depth + 1, statement, nodes)
                return
            path = (*path, statement.word)
        before = {node.ident: node for node in old}
        after = {node.ident: node for node in new}
        if not statement.sorted:
            self._order(before, after, path, statement.name, depth)
        self._entries(statement, before, after, path, depth)
        for ident, node in before.items():
            if ident not in after:
                self._entry(path, statement.name, "-", depth + 2, node)

    def _entries(
        self, statement: Statement, before: dict[Ident, Node], after: dict[Ident, Node], path: Path, depth: int
    ) -> None:
        """Compare the entries that the new list has, each new one after its neighbour."""
        neighbour: Node | None = None
        for ident, node in after.items():
            counterpart = before.get(ident)
            if counterpart is not None:
                self._both(counterpart, node, path, statement.name, depth)
                neighbour = node
                continue
            if neighbour is not None and not statement.sorted:
                self._print(path, statement.name, " ", depth + 2, f"{head_of(neighbour)} {{ ... }}")
            neighbour = None
            self._entry(path, statement.name, "+", depth + 2, node)

    def _order(self, before: dict[Ident, Node], after: dict[Ident, Node], path: Path, group: str, depth: int) -> None:
        """Mark entries that come before the entry that is next in the old order."""
        rest = [ident for ident in before if ident in after]
        kept = [ident for ident in after if ident in before]
        if rest == kept:
            return
        moved: set[Ident] = set()
        place = 0
        last: Ident | None = None
        for ident in kept:
            while place < len(rest) and rest[place] in moved:
                place += 1
            if ident == rest[place]:
                place += 1
            else:
                if last is not None and not moved:
                    self._print(path, f"{group} order", " ", depth + 2, f"{head_of(after[last])} {{ ... }}")
                moved.add(ident)
                self._print(path, f"{group} order", "!", depth + 2, f"{head_of(after[ident])} {{ ... }}")
            last = ident


def _by_statement(node: Node) -> dict[Statement, list[Node]]:
    found: dict[Statement, list[Node]] = {}
    for child in node.ordered():
        found.setdefault(child.statement, []).append(child)
    return found


def _single_line(node: Node) -> str:
    ((_level, text),) = entry_lines(node, 0, marked=False)
    return text
