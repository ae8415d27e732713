# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of a commit: read the conditions, which are data (``statements/constraints.txt``), and evaluate them."""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from dataclasses import dataclass
from functools import cache

from tests.lab.config.problems import Problem
from tests.lab.config.references import address_problems, group_problems, nat_problems, unit_problems
from tests.lab.config.schema import DATA
from tests.lab.config.tree import Node, edit_path, quoted, words_of

_TOKEN = re.compile(r"unique\([^)]*\)|[()]|[^\s()]+")
Chain = tuple[Node, ...]


@dataclass(frozen=True)
class Rule:
    """One condition for each statement at ``place``; ``required`` names statements that it must contain instead."""

    place: tuple[str, ...]
    daemon: str
    condition: tuple[str, ...] = ()
    message: str = ""
    required: tuple[str, ...] = ()


@cache
def rules() -> tuple[Rule, ...]:
    """Return the conditions of the data file. Raise ValueError for a line that is not one."""
    found: list[Rule] = []
    place: tuple[str, ...] = ()
    for number, line in enumerate((DATA / "constraints.txt").read_text(encoding="utf-8").splitlines(), 1):
        body = line.split("#")[0].rstrip()
        if not body:
            continue
        if not body.startswith(" "):
            place = tuple(body.split())
            continue
        daemon, _sep, rest = body.strip().partition(" ")
        condition, colons, message = rest.partition(" :: ")
        if condition.startswith("mandatory "):
            found.append(Rule(place, daemon, required=tuple(condition.split()[1:])))
        elif colons:
            found.append(Rule(place, daemon, tuple(_TOKEN.findall(condition)), message))
        else:
            raise ValueError(f"constraints.txt:{number}: no message")
    return tuple(found)


def check(effective: Node, raw: Node, ike_daemon: str = "kmd") -> list[Problem]:
    """Return the problems for which a commit refuses ``raw``; ``effective`` is the same with groups inherited."""
    problems = group_problems(raw)
    evaluation = _Evaluation(effective)
    missing: list[Problem] = []
    for rule in rules():
        daemon = ike_daemon if rule.daemon == "ike" else rule.daemon
        for chain in _matches((effective,), rule.place):
            missing += [_missing(chain, name, daemon) for name in rule.required if not _present(chain[-1], name)]
            if rule.condition and not evaluation.holds(rule.condition, chain):
                value = _value(chain[-1])
                problems.append(_problem(chain, rule.message.replace("$", value), daemon))
    problems += address_problems(effective)
    problems += unit_problems(effective)
    problems += nat_problems(effective)
    problems += _too_many(effective, ())
    # The device reports missing statements before it asks its daemons.
    return missing or problems


def _present(node: Node, word: str) -> bool:
    statement = node.statement.by_word[word]
    return any(child.statement is statement for child in node.children.values())


def _words(chain: Chain) -> list[str]:
    return [" ".join(map(quoted, words_of(node))) for node in chain[1:]]


def _missing(chain: Chain, name: str, daemon: str) -> Problem:
    words = _words(chain)
    message = f"Missing mandatory statement: '{name}'"
    if daemon == "mgd":
        message = f"mgd: {message}"
    return Problem(message, "error", edit_path(words[:-1]), words[-1], daemon, "application", "invalid-value")


def _problem(chain: Chain, message: str, daemon: str) -> Problem:
    node = chain[-1]
    words = _words(chain)
    element = node.statement.word if node.statement.confidential else words[-1]
    return Problem(message, "error", edit_path(words[:-1]), element, daemon)


def _value(node: Node) -> str:
    if node.keys:
        return node.keys[0]
    if node.statement.kind == "leaf":
        return node.text
    bare = next((child for child in node.children.values() if child.statement.bare), None)
    return bare.text if bare is not None else ""


def _matches(chain: Chain, place: t.Sequence[str]) -> t.Iterator[Chain]:
    """Find the statements that ``place`` names, each with all its parents."""
    if not place:
        yield chain
        return
    node = chain[-1]
    if place[0] == "*":
        bare = [statement for statement in node.statement.bare_children if statement.is_list]
        yield from _entries(chain, {statement.name for statement in bare}, place[1:])
        return
    statement = node.statement.by_word.get(place[0])
    if statement is None:
        return
    if statement.kind in ("list", "leaf-list"):
        yield from _entries(chain, {statement.name}, place[1 + len(statement.keys) :])
    elif (child := node.children.get((statement.name,))) is not None:
        yield from _matches((*chain, child), place[1:])


def _entries(chain: Chain, names: set[str], rest: t.Sequence[str]) -> t.Iterator[Chain]:
    for child in list(chain[-1].children.values()):
        if child.statement.name in names:
            yield from _matches((*chain, child), rest)


class _Evaluation:
    """Evaluates conditions on one configuration."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._counts: dict[str, Counter[str]] = {}

    def holds(self, condition: tuple[str, ...], chain: Chain) -> bool:
        """Return whether ``condition`` is true of the last node of ``chain``."""
        value, rest = self._either(list(condition), chain)
        if rest:
            raise ValueError(f"condition ends at {rest[0]!r}: {' '.join(condition)}")
        return value

    def _either(self, tokens: list[str], chain: Chain) -> tuple[bool, list[str]]:
        value, tokens = self._all(tokens, chain)
        while tokens and tokens[0] == "or":
            other, tokens = self._all(tokens[1:], chain)
            value = value or other
        return value, tokens

    def _all(self, tokens: list[str], chain: Chain) -> tuple[bool, list[str]]:
        value, tokens = self._one(tokens, chain)
        while tokens and tokens[0] == "and":
            other, tokens = self._one(tokens[1:], chain)
            value = value and other
        return value, tokens

    def _one(self, tokens: list[str], chain: Chain) -> tuple[bool, list[str]]:
        if tokens[0] == "not":
            value, rest = self._one(tokens[1:], chain)
            return not value, rest
        if tokens[0] == "(":
            value, rest = self._either(tokens[1:], chain)
            return value, rest[1:]
        return self._term(tokens[0], chain), tokens[1:]

    def _term(self, term: str, chain: Chain) -> bool:
        node = chain[-1]
        if term == "$builtin":
            return _value(node).startswith("junos-")
        if term.startswith("unique("):
            return self._count(term[7:-1])[_value(node)] < 2
        path, equals, allowed = term.partition("=")
        if path in ("$first", "$second"):
            return node.keys[path == "$second"] in allowed.split(",")
        wanted = set(allowed.split(",")) if equals else None
        steps = path.split("/")
        if steps[0] == "":
            return any(_has_value(found, wanted) for found in self._find((self._root,), steps[1:], node))
        while steps and steps[0] in (".", ".."):
            if steps.pop(0) == "..":
                chain = chain[:-1]
        return any(_has_value(found, wanted) for found in self._find(chain, steps, node))

    def _find(self, chain: Chain, steps: list[str], subject: Node) -> t.Iterator[Node]:
        return _descend(chain[-1], [_filled(step, subject) for step in steps])

    def _count(self, path: str) -> Counter[str]:
        found = self._counts.get(path)
        if found is None:
            found = Counter(_value(node) for node in _descend(self._root, path.split("/")[1:]))
            self._counts[path] = found
        return found


def _has_value(node: Node, wanted: set[str] | None) -> bool:
    return wanted is None or _value(node) in wanted


def _filled(step: str, subject: Node) -> str:
    if not step.startswith("$"):
        return step
    value = _value(subject)
    device, _sep, unit = value.partition(".")
    second = subject.keys[1] if len(subject.keys) > 1 else ""
    return {"$": value, "$first": value, "$second": second, "$device": device, "$unit": unit or "0"}[step]


def _descend(node: Node, steps: list[str]) -> t.Iterator[Node]:
    """Find the nodes at a path of words and keys; ``*`` is any key."""
    if not steps:
        yield node
        return
    word, *rest = steps
    statement = node.statement.by_word.get(word) if word != "*" else None
    if statement is None:
        for bare in node.statement.bare_children:
            if bare.is_list:
                yield from _keyed(node, bare.name, word, rest)
        return
    if statement.kind in ("container", "leaf"):
        child = node.children.get((statement.name,))
        if child is not None:
            yield from _descend(child, rest)
    else:
        yield from _keyed(node, statement.name, rest[0] if rest else "*", rest[1:])


def _keyed(node: Node, name: str, key: str, rest: list[str]) -> t.Iterator[Node]:
    if key != "*":
        child = node.children.get((name, key))
        if child is not None:
            yield from _descend(child, rest)
        return
    for ident, child in list(node.children.items()):
        if ident[0] == name:
            yield from _descend(child, rest)


def _too_many(node: Node, path: tuple[str, ...]) -> list[Problem]:
    """Return the problems of lists with more entries than the device allows."""
    problems: list[Problem] = []
    counts: Counter[str] = Counter()
    for child in node.children.values():
        if child.statement.maximum:
            counts[child.statement.name] += 1
        if child.children:
            problems += _too_many(child, (*path, " ".join(map(quoted, words_of(child)))))
    for name, count in counts.items():
        statement = node.statement.children[name]
        if count > statement.maximum:
            message = f"number of elements exceeds limit of {statement.maximum}"
            problems.append(
                Problem(message, edit_path=edit_path(path), bad_element=statement.word, source_daemon="mgd")
            )
    return problems
