# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Statements as a tree that is asked for what stands where, by the words of the command line."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Words, active

# A hierarchy: each word with what may follow it, in the order of the configuration.
_Tree = dict[str, t.Any]


class Hierarchy:
    """Statements in effect. A place is named by the words of the CLI, as in C(value("security", "ike", ...))."""

    def __init__(self, statements: t.Iterable[Words]) -> None:
        self._tree: _Tree = {}
        for words in statements:
            node = self._tree
            for word in words:
                node = node.setdefault(word, {})

    @property
    def empty(self) -> bool:
        return not self._tree

    def has(self, *place: str) -> bool:
        """Whether anything is configured at a place."""
        return self._at(place) is not None

    def names(self, *place: str) -> list[str]:
        """What may follow: the values of a leaf, the names of entries, the statements below a hierarchy, in order."""
        return list(self._at(place) or ())

    def value(self, *place: str) -> str | None:
        """The value of a leaf that has one; C(None) where it is not configured."""
        return next(iter(self._at(place) or ()), None)

    def has_all(self, statements: t.Iterable[Words]) -> bool:
        return all(self.has(*words) for words in statements)

    def _at(self, place: t.Sequence[str]) -> _Tree | None:
        node = self._tree
        for word in place:
            if word not in node:
                return None
            node = node[word]
        return node


def in_effect(commands: t.Iterable[str]) -> Hierarchy:
    """The configuration that a device answers as set commands with its groups inherited (C(inherit="inherit")).

    Junos leaves groups and their application out of that answer, and nothing inactive is inherited; what is inactive
    at the top level is still there, with a command of its own.
    """
    return Hierarchy(words for words in active(commands) if words[0] not in ("groups", "apply-groups"))
