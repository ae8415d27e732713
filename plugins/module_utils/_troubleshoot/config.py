# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A configuration as words, asked for what stands where; secrets are decoded where that is possible, never shown."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._outside import Words
from ansible_collections.hubspoke.srx.plugins.module_utils._setform import to_set, words_of

# A hierarchy: each word with what may follow it, in the order of the configuration.
_Tree = dict[str, t.Any]


class Config:
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


def in_effect(commands: t.Iterable[str]) -> Config:
    """The configuration that a device answers as set commands with its groups inherited (C(inherit="inherit")).

    Junos leaves groups and their application out of that answer, and nothing inactive is inherited; what is inactive
    at the top level is still there, with a command of its own.
    """
    kept: list[Words] = []
    inactive: set[Words] = set()
    for words in (words for command in commands for words in words_of(command)):
        if words[:1] == ("set",) and words[1:2] not in (("groups",), ("apply-groups",)):
            kept.append(words[1:])
        elif words[:1] == ("deactivate",):
            inactive.add(words[1:])
    return Config(words for words in kept if not any(words[:size] in inactive for size in range(1, len(words) + 1)))


def planned(text: str, group: str) -> list[Words]:
    """The statements of a rendered configuration, without the group that they are rendered in."""
    head = ("set", "groups", group)
    return [
        words[len(head) :]
        for command in to_set(text).splitlines()
        for words in words_of(command)
        if words[: len(head)] == head
    ]
