# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inheritance from configuration groups.

The configuration's own statements win over a group, a group applied at a lower level wins over one applied at a higher
level, and of groups applied at the same level the first one wins. ``<...>`` in a group matches entries that exist.
"""

from __future__ import annotations

import re
import typing as t
from functools import lru_cache

from tests.lab.config.tree import Ident, Node

Source = tuple[str, Node]
# The group of the node of a cluster on which the configuration is read; the lab shows the primary one.
OWN_NODE = "${node}"
_PRIMARY = "node0"
_NOT_INHERITED = ("groups", "apply-groups", "apply-groups-except")


@lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    """Return the regular expression of ``<ge-0/0/[12]*>``: star, question mark, brackets; the rest is literal."""
    body = ""
    for piece in re.findall(r"\[[^\]]+\]|.", text[1:-1]):
        if piece == "*":
            body += ".*"
        elif piece == "?":
            body += "."
        elif len(piece) > 1:
            body += piece.replace("[!", "[^")
        else:
            body += re.escape(piece)
    return re.compile(body)


def is_wild(key: str) -> bool:
    """Return whether a key of a group's entry is a pattern."""
    return key.startswith("<") and key.endswith(">")


def _fits(patterns: t.Sequence[str], keys: t.Sequence[str]) -> bool:
    pairs = zip(patterns, keys, strict=True)
    return all(bool(_pattern(a).fullmatch(b)) if is_wild(a) else a == b for a, b in pairs)


def inherited(root: Node, mark: bool = False) -> Node:
    """Return the configuration with all inherited statements in it.

    It contains neither groups, ``apply-groups`` nor inactive statements. ``mark`` writes the name of the group to
    ``origin`` of each inherited node.
    """
    groups = {node.keys[0]: node for node in root.entries_of(root.statement.children["groups"]) if not node.inactive}
    return _Expansion(groups, mark).expand(root, [], (), "")


class _Expansion:
    def __init__(self, groups: dict[str, Node], mark: bool) -> None:
        self._groups = groups
        self._mark = mark

    def expand(self, own: Node, outer: list[Source], path: tuple[Ident, ...], origin: str) -> Node:
        """Return ``own`` with the statements that ``outer`` (at the same path, highest precedence first) adds to it."""
        result = Node(own.statement, own.keys, own.text)
        result.protected = own.protected
        result.origin = origin if self._mark else ""
        sources = self._sources(own, outer, path)
        level = _Level(sources)
        for ident, child in own.children.items():
            if not child.inactive and ident[0] not in _NOT_INHERITED:
                inner = level.below(ident)
                self._put(result, self.expand(child, inner, (*path, ident), origin))
        for name, node in sources:
            for ident, child in node.children.items():
                if ident in result.children or not _concrete(child) or _excluded(result, child):
                    continue
                inner = level.below(ident)
                fresh = Node(child.statement, child.keys, child.text)
                self._put(result, self.expand(fresh, inner, (*path, ident), name))
        return result

    @staticmethod
    def _put(result: Node, child: Node) -> None:
        if child.children or child.statement.kind != "container" or child.statement.presence:
            result.put(child)

    def _sources(self, own: Node, outer: list[Source], path: tuple[Ident, ...]) -> list[Source]:
        refused = _named(own, "apply-groups-except")
        sources = [source for source in outer if source[0] not in refused] if refused else outer
        applied = [name for name in _named(own, "apply-groups") if name in self._groups]
        if not applied:
            return sources
        here: list[Source] = []
        for name in applied:
            nodes = [self._groups[name]]
            for ident in path:
                nodes = [found for _name, found in _Level([(name, node) for node in nodes]).below(ident)]
            here += [(name, node) for node in nodes]
        return here + sources


def _named(node: Node, statement: str) -> list[str]:
    names = [ident[1] for ident, child in node.children.items() if ident[0] == statement and not child.inactive]
    return [_PRIMARY if name == OWN_NODE else name for name in names]


def _concrete(node: Node) -> bool:
    """Return whether a statement of a group creates one; a pattern only adds to the statements that it matches."""
    if node.inactive or node.statement.name in _NOT_INHERITED:
        return False
    return not (node.statement.is_list and any(map(is_wild, node.keys)))


def _excluded(result: Node, child: Node) -> bool:
    """Return whether a statement of higher precedence has selected another case of the choice."""
    statement = child.statement
    if not statement.choice:
        return False
    others = (other.statement for other in result.children.values())
    return any(other.choice == statement.choice and other is not statement for other in others)


class _Level:
    """The sources at one path, with their patterns collected once: a group may hold thousands of entries."""

    def __init__(self, sources: list[Source]) -> None:
        self._rows = [(name, node, self._patterns(node)) for name, node in sources]

    @staticmethod
    def _patterns(node: Node) -> list[Node]:
        if not node.children or not any(child.statement.is_list for child in node.children.values()):
            return []
        return [
            child
            for child in node.children.values()
            if child.keys and any(map(is_wild, child.keys)) and not child.inactive
        ]

    def below(self, ident: Ident) -> list[Source]:
        """Return the sources of one child: its exact name before patterns that match it."""
        found: list[Source] = []
        for name, node, patterns in self._rows:
            exact = node.children.get(ident)
            if exact is not None and not exact.inactive:
                found.append((name, exact))
            for child in patterns:
                if child is not exact and child.statement.name == ident[0] and _fits(child.keys, ident[1:]):
                    found.append((name, child))
        return found
