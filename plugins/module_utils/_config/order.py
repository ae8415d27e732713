# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The order of statements: Junos keeps that in which objects are made, and shows a changed order as a difference."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import words_of

Words = tuple[str, ...]


class Tree(dict[str, "Tree"]):
    """Words by the words before them, in their order. ``line`` is the command that ends here."""

    line = ""


def in_order(wanted: t.Iterable[str], before: t.Iterable[str], planned: t.Iterable[Words]) -> list[str]:
    """Return the wanted set commands of a group in the order that the device has.

    An object that is not in ``before`` follows the one that ``planned`` has before it at its place, and otherwise the
    one before it in ``wanted``. ``planned`` has the words after the name of the group.
    """
    return list(_lines(_tree(wanted), _tree(before), _of_words((words, "") for words in planned)))


def _tree(commands: t.Iterable[str]) -> Tree:
    return _of_words((words[3:], command) for command in commands for words in words_of(command))


def _of_words(lines: t.Iterable[tuple[Words, str]]) -> Tree:
    root = Tree()
    for words, line in lines:
        node = root
        for word in _objects(words):
            node = node.setdefault(word, Tree())
        node.line = line
    return root


def _objects(words: Words) -> Words:
    """Return the words, those of a context of policies as one: its two zones are one key of a list."""
    if "from-zone" not in words:
        return words
    at = words.index("from-zone")
    return (*words[:at], " ".join(words[at : at + 4]), *words[at + 4 :])


def _lines(wanted: Tree, before: Tree, planned: Tree) -> t.Iterator[str]:
    if wanted.line:
        yield wanted.line
    for word in _merged(list(wanted), list(before), list(planned)):
        yield from _lines(wanted[word], before.get(word, Tree()), planned.get(word, Tree()))


def _merged(wanted: list[str], before: list[str], planned: list[str]) -> t.Iterator[str]:
    known = set(wanted)
    ordered = [word for word in before if word in known]
    placed, followers = set(ordered), dict[str, list[str]]()
    for sequence in ([word for word in planned if word in known], wanted):
        last = ""
        for word in sequence:
            if word not in placed:
                placed.add(word)
                followers.setdefault(last, []).append(word)
            last = word
    todo = [*reversed(ordered), ""]
    while todo:
        word = todo.pop()
        if word:
            yield word
        todo += followers.get(word, ())
