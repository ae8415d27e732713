# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration as a tree of nodes, queried with the words of the CLI."""

from __future__ import annotations

import re
import typing as t

from tests.lab.config.schema import Schema, Statement

Ident = tuple[str, ...]
Operation = t.Literal["", "merge", "replace", "create", "delete", "remove", "none"]
Activity = t.Literal["", "inactive", "active"]

# A tag without quotes would be taken for one.
_PLAIN = re.compile(r"(?!(?:inactive|active|protect|unprotect|replace|delete):\Z)[A-Za-z0-9_.:/@%+,=<>*-]+\Z")


class Node:
    """One statement of a configuration: the top, a container, a list entry, a leaf, or one value of a leaf-list.

    A leaf has its value in ``text``, a list entry its ``keys``, one value of a leaf-list is its only key. ``edit``
    exists only in an input of ``load``, and says how to apply the node.
    """

    __slots__ = ("children", "edit", "inactive", "keys", "origin", "protected", "statement", "text")

    def __init__(self, statement: Statement, keys: Ident = (), value: str = "") -> None:
        self.statement = statement
        self.keys = keys
        self.text = value
        self.children: dict[Ident, Node] = {}
        self.inactive = False
        self.protected = False
        self.origin = ""
        self.edit: Edit | None = None

    @property
    def ident(self) -> Ident:
        """Return the identity of the node among its siblings: tag and keys."""
        return (self.statement.name, *self.keys)

    def put(self, child: Node) -> Node:
        """Add ``child``; it replaces a child with the same tag and keys."""
        self.children[child.ident] = child
        return child

    def ensure(self, statement: Statement, keys: Ident = ()) -> Node:
        """Return the child with that tag and keys; create it if there is none."""
        found = self.children.get((statement.name, *keys))
        return found if found is not None else self.put(Node(statement, keys))

    def copy(self) -> Node:
        """Return an independent copy of the tree, without edit marks."""
        twin = Node(self.statement, self.keys, self.text)
        twin.inactive, twin.protected, twin.origin = self.inactive, self.protected, self.origin
        twin.children = {ident: child.copy() for ident, child in self.children.items()}
        return twin

    def same(self, other: Node) -> bool:
        """Return whether both trees are equal, order of entries included."""
        if self is other:
            return True
        if (self.text, self.inactive, self.protected) != (other.text, other.inactive, other.protected):
            return False
        if len(self.children) != len(other.children):
            return False
        mine, theirs = self.ordered(), other.ordered()
        return all(a.ident == b.ident and a.same(b) for a, b in zip(mine, theirs, strict=True))

    def ordered(self) -> list[Node]:
        """Return the children as the device prints them: statements in its own order, entries as entered."""
        children = sorted(self.children.values(), key=_by_statement)
        if any(child.statement.sorted for child in children):
            children.sort(key=_by_statement_and_name)
        return children

    def entries_of(self, statement: Statement) -> list[Node]:
        """Return the entries of one list, or the values of one leaf-list, in their order."""
        found = [child for child in self.children.values() if child.statement is statement]
        return sorted(found, key=_by_statement_and_name) if statement.sorted else found

    # --- queries in words of the CLI ------------------------------------------------------------

    def at(self, *path: str) -> Node | None:
        """Return the node at ``path`` (``"security", "ike", "gateway", "g1"``); None if it is not configured."""
        node: Node | None = self
        words = list(path)
        while words and node is not None:
            if node.statement.kind == "leaf":
                return node if words == [node.text] else None
            node = node._step(words)
        return node

    def _step(self, words: list[str]) -> Node | None:
        """Go one statement down, and remove its words from the front of ``words``."""
        statement = self.statement.by_word.get(words[0])
        if statement is None:
            for bare in self.statement.bare_children:
                if bare.is_list and (found := self.children.get((bare.name, words[0]))) is not None:
                    del words[0]
                    return found
                if (
                    bare.kind == "leaf"
                    and (leaf := self.children.get((bare.name,))) is not None
                    and leaf.text == words[0]
                ):
                    return leaf
            return None
        del words[0]
        if statement.kind == "leaf-list" and words:
            return self.children.get((statement.name, words.pop(0)))
        if not statement.is_list:
            return self.children.get((statement.name,))
        keys = take_keys(statement, words)
        return None if keys is None else self.children.get((statement.name, *keys))

    def has(self, *path: str) -> bool:
        """Return whether ``path`` is configured; a list or leaf-list without key means any entry of it."""
        if self.at(*path) is not None:
            return True
        parent, statement = self._collection(path)
        return parent is not None and statement is not None and bool(parent.entries_of(statement))

    def value(self, *path: str) -> str | None:
        """Return the value of the leaf at ``path``, or the first of a leaf-list or container there; None if absent."""
        node = self.at(*path)
        if node is None:
            values = self.values(*path)
            return values[0] if values else None
        if node.statement.kind == "leaf":
            return node.text
        for bare in node.statement.bare_children:
            if bare.kind == "leaf" and (leaf := node.children.get((bare.name,))) is not None:
                return leaf.text
        return None

    def values(self, *path: str) -> list[str]:
        """Return the values of the leaf-list at ``path``, or of a leaf as a list of one."""
        parent, statement = self._collection(path)
        if parent is None or statement is None:
            return []
        if statement.kind == "leaf":
            leaf = parent.children.get((statement.name,))
            return [leaf.text] if leaf is not None else []
        return [entry.keys[0] for entry in parent.entries_of(statement)]

    def names(self, *path: str) -> list[str]:
        """Return the keys of the entries of the list at ``path``; two keys are joined by the word between them."""
        return [_joined(node.statement, keys) for keys, node in self.entries(*path)]

    def entries(self, *path: str) -> list[tuple[Ident, Node]]:
        """Return keys and node of each entry of a list, such as ``"security", "policies", "from-zone"``, in order."""
        parent, statement = self._collection(path)
        if parent is None or statement is None:
            return []
        return [(entry.keys, entry) for entry in parent.entries_of(statement)]

    def _collection(self, path: t.Sequence[str]) -> tuple[Node | None, Statement | None]:
        """Resolve ``path`` to the node that holds a list or leaf-list and the list's statement."""
        if path:
            parent = self.at(*path[:-1])
            statement = parent.statement.by_word.get(path[-1]) if parent is not None else None
            if statement is not None and statement.kind != "container":
                return parent, statement
        node = self.at(*path)
        if node is not None:
            for bare in node.statement.bare_children:
                if bare.is_list:
                    return node, bare
        return None, None

    def __repr__(self) -> str:
        return f"Node({' '.join(words_of(self)) or 'configuration'})"


class Edit:
    """The change that a loaded node makes in the configuration."""

    __slots__ = ("activity", "anchor", "every", "insert", "operation", "protection", "rename", "tagged")

    def __init__(self, operation: Operation = "") -> None:
        self.operation: Operation = operation
        self.tagged = False  # "replace:", which only the action "replace" honours
        self.every = False  # a list named without key: all its entries
        self.activity: Activity = ""
        self.protection = ""
        self.insert = ""  # before, after, first, last
        self.anchor: Ident = ()
        self.rename: Ident = ()


def new_root(schema: Schema) -> Node:
    """Return an empty configuration of ``schema``."""
    return Node(schema.root)


def _by_statement(node: Node) -> int:
    return node.statement.order


def _by_statement_and_name(node: Node) -> tuple[int, t.Any]:
    return node.statement.order, _natural(node.keys[0]) if node.statement.sorted and node.keys else ()


def _natural(name: str) -> tuple[int, list[t.Any]]:
    """Sort ports of a slot before pseudo interfaces, and numbers as numbers."""
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name) if part]
    return (0 if "/" in name else 1), parts


def take_keys(statement: Statement, words: list[str]) -> Ident | None:
    """Remove a list's keys, and the CLI words between them, from the front of ``words``; None if one is missing."""
    keys = []
    for number in range(len(statement.keys)):
        if number and words and words[0] == statement.words[number]:
            del words[0]
        if not words:
            return None
        keys.append(words.pop(0))
    return tuple(keys)


def _joined(statement: Statement, keys: Ident) -> str:
    text = keys[0]
    for word, key in zip(statement.words[1:], keys[1:], strict=True):
        text += f" {word} {key}"
    return text


def words_of(node: Node) -> list[str]:
    """Return the words that stand for one node in a path or a ``set`` command, values not yet quoted."""
    statement = node.statement
    if statement.kind == "container":
        return [statement.word]
    if statement.kind == "list":
        words = [] if statement.bare else [statement.word]
        words.append(node.keys[0])
        for word, key in zip(statement.words[1:], node.keys[1:], strict=True):
            words += [word, key]
        return words
    head = [] if statement.bare else [statement.word]
    if statement.kind == "leaf-list":
        return [*head, *node.keys]
    return head if statement.type.empty else [*head, node.text]


def quoted(word: str) -> str:
    """Return a value as the device writes it: in quotes if it contains anything but name characters."""
    if _PLAIN.match(word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def edit_path(path: t.Sequence[str]) -> str:
    """Return the words of a path as the device shows them: ``[edit security ike]``."""
    return f"[edit {' '.join(path)}]" if path else "[edit]"
