# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Statements as a tree, read by the words of the command line."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Words, active

# A hierarchy: each word with the words that may follow it, in the order of the configuration.
_Tree = dict[str, t.Any]


class Hierarchy:
    """Statements in effect. A place is named by the words of the CLI, as in ``value("security", "ike", ...)``."""

    def __init__(self, statements: t.Iterable[Words]) -> None:
        self._tree: _Tree = {}
        for words in statements:
            node = self._tree
            for word in words:
                node = node.setdefault(word, {})

    def has(self, *place: str) -> bool:
        """Return whether anything is configured at a place."""
        return self._at(place) is not None

    def names(self, *place: str) -> list[str]:
        """Return the words below a place, in order: values of a leaf, names of entries, statements of a hierarchy."""
        return list(self._at(place) or ())

    def value(self, *place: str) -> str | None:
        """Return the value of a leaf that has one value; ``None`` where the leaf is not configured."""
        return next(iter(self._at(place) or ()), None)

    def below(self, *place: str) -> list[Words]:
        """Return the statements below a place, each as the words behind those of the place."""
        return list(_leaves(self._at(place) or {}))

    def _at(self, place: t.Sequence[str]) -> _Tree | None:
        node = self._tree
        for word in place:
            if word not in node:
                return None
            node = node[word]
        return node


def _leaves(tree: _Tree) -> t.Iterator[Words]:
    for word, inner in tree.items():
        if inner:
            yield from ((word, *rest) for rest in _leaves(inner))
        else:
            yield (word,)


def in_effect(commands: t.Iterable[str]) -> Hierarchy:
    """Return the configuration that a device answers as set commands with its groups inherited.

    The RPC is ``get-configuration`` with ``inherit="inherit"``. Its reply has neither groups nor ``apply-groups``, and
    an inactive group is not inherited. Inactive statements of the top level are in the reply, each followed by a
    ``deactivate`` command.
    """
    return Hierarchy(words for words in active(commands) if words[0] not in ("groups", "apply-groups"))
