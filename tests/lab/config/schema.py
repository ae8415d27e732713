# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The statements that a device knows, read from the data files in ``statements/`` for one Junos release.

A line is a statement, its indentation its level::

    ike                                   container
    ssh +                                 container that means something when empty
    multipoint ;                          statement without value
    mtu = int(256..9192)                  statement with a value
    address [] host                       statement with a list of values
    gateway * name=label                  list of entries with these keys

Flags follow ``|``: ``oneliner``, ``oneliner-plus`` (on one line if it contains one value only), ``bare`` (the CLI omits
the word), ``block`` (the word is written once around all entries), ``prefix`` (the word is repeated before each child),
``secret`` (kept as ``$9$``), ``hashed`` (confidential, kept as entered), ``sorted`` (by name), ``unit-suffix``
(``ge-0/0/0.0`` for ``ge-0/0/0 unit 0``), ``no-groups`` (takes no ``apply-groups``), ``choice=NAME`` (excludes its
siblings of the same choice), ``words=A,B`` (CLI words before the keys), ``since=R``, ``until=R``, ``max=N``.
``type NAME DEFINITION`` (or ``NAME@R``, ``NAME@-R``) names a type; ``define NAME`` starts a set of statements that
``use NAME`` inserts.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.lab.config.values import EMPTY, Bounds, Release, ValueType, read_type, release_of

DATA = Path(__file__).parent / "statements"
FILES = ("types", "system", "security-vpn", "security-flow", "security-policy", "interfaces", "routing")
DEFAULT_RELEASE = "24.4R1"

Kind = t.Literal["container", "list", "leaf", "leaf-list"]


@dataclass(eq=False)
class Statement:
    """One statement of the schema. ``name`` is its XML tag, ``words`` are its CLI words (one before each key)."""

    name: str
    kind: Kind
    keys: tuple[str, ...] = ()
    key_types: tuple[ValueType, ...] = ()
    type: ValueType = EMPTY
    words: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    choice: str = ""
    maximum: int = 0
    order: int = 0
    children: dict[str, Statement] = field(default_factory=dict)
    by_word: dict[str, Statement] = field(default_factory=dict)
    bare_children: list[Statement] = field(default_factory=list)

    def __post_init__(self) -> None:
        flags = self.flags
        self.oneliner = "oneliner" in flags
        self.oneliner_plus = "oneliner-plus" in flags
        self.bare = "bare" in flags
        self.block = "block" in flags
        self.prefix = "prefix" in flags
        self.secret = "secret" in flags
        self.confidential = self.secret or "hashed" in flags
        self.sorted = "sorted" in flags
        self.presence = "presence" in flags
        self.word = self.words[0] if self.words else self.name
        self.is_list = self.kind == "list"
        self.is_value = self.kind in ("leaf", "leaf-list")

    def add(self, child: Statement) -> None:
        """Append ``child`` to the statements inside this one."""
        child.order = len(self.children) + 1
        self.children[child.name] = child
        if child.bare:
            self.bare_children.append(child)
        else:
            self.by_word[child.word] = child

    def __repr__(self) -> str:
        return f"Statement({self.name!r}, {self.kind})"


class Schema:
    """All statements of one release. ``root`` is the top level; one instance serves all devices of that release."""

    def __init__(self, release: Release, root: Statement) -> None:
        self.release = release
        self.root = root
        self.groups = root.children["groups"]

    def at(self, *names: str) -> Statement:
        """Return the statement at a path of XML tags from the top. Raise KeyError for an unknown one."""
        found = self.root
        for name in names:
            found = found.children[name]
        return found


@dataclass
class _Line:
    indent: int
    head: list[str]
    flags: dict[str, str]
    where: str


@cache
def _lines() -> list[_Line]:
    lines = []
    for name in FILES:
        path = DATA / f"{name}.txt"
        for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            body = raw.split("#")[0].rstrip()
            if body.strip():
                head, _sep, right = body.partition("|") if not body.startswith("type ") else (body, "", "")
                flags = dict(flag.partition("=")[::2] for flag in right.split())
                lines.append(_Line(len(head) - len(head.lstrip()), head.split(), flags, f"{name}.txt:{number}"))
    return lines


class _Reader:
    """Builds the tree for one release from the lines of all data files."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._types: dict[str, str] = {}
        self._sets: dict[str, Statement] = {}
        self.root = Statement("configuration", "container")

    def read(self) -> Statement:
        stack: list[tuple[int, Statement]] = [(-1, self.root)]
        skip = 1 << 30
        for line in _lines():
            if line.indent > skip:
                continue
            skip = 1 << 30
            while line.indent <= stack[-1][0]:
                stack.pop()
            try:
                statement = self._statement(line, stack[-1][1])
            except (ValueError, KeyError, IndexError) as exc:
                raise ValueError(f"{line.where}: {exc}") from exc
            if statement is None:
                skip = line.indent
            else:
                stack.append((line.indent, statement))
        return self.root

    def _statement(self, line: _Line, parent: Statement) -> Statement | None:
        """Read one line. Return its statement; None if it cannot have children or this release does not know it."""
        first = line.head[0]
        if first == "type":
            name, _sep, bound = line.head[1].partition("@")
            if not bound or Bounds.read(bound).hold(self._release):
                self._types[name] = " ".join(line.head[2:])
            return None
        if first == "define":
            return self._sets.setdefault(line.head[1], Statement(line.head[1], "container"))
        if first == "use":
            for child in self._sets[line.head[1]].children.values():
                parent.add(_copy(child))
            return None
        since, until = line.flags.get("since"), line.flags.get("until")
        bounds = Bounds(release_of(since) if since else None, release_of(until) if until else None)
        if not bounds.hold(self._release):
            return None
        known = parent.children.get(first)
        if known is not None and line.head == [first]:
            # Several files hold parts of hierarchies such as "security".
            return known
        statement = self._shape(line)
        parent.add(statement)
        return statement

    def _shape(self, line: _Line) -> Statement:
        name, *rest = line.head
        flags = {flag for flag, value in line.flags.items() if not value}
        mark = rest[0] if rest else ""
        kind: Kind = "container"
        keys: dict[str, ValueType] = {}
        value = EMPTY
        if mark == "+":
            flags.add("presence")
        elif mark == "*":
            kind = "list"
            keys = {
                key: self._type(kind_) for key, _sep, kind_ in (word.partition("=") for word in self._join(rest[1:]))
            }
        elif mark in ("=", "[]"):
            kind = "leaf" if mark == "=" else "leaf-list"
            value = self._type(" ".join(rest[1:]))
        elif mark == ";":
            kind = "leaf"
        elif mark:
            raise ValueError(f"unknown mark {mark!r}")
        words = line.flags.get("words", "")
        return Statement(
            name,
            kind,
            keys=tuple(keys),
            key_types=tuple(keys.values()),
            type=value,
            words=tuple(words.split(",")) if words else (),
            flags=frozenset(flags),
            choice=line.flags.get("choice", ""),
            maximum=int(line.flags.get("max", "0")),
        )

    @staticmethod
    def _join(words: list[str]) -> list[str]:
        """Join the words of a type with blanks in it, which split() has separated."""
        joined: list[str] = []
        for word in words:
            if joined and joined[-1].count("(") > joined[-1].count(")"):
                joined[-1] += " " + word
            else:
                joined.append(word)
        return joined

    def _type(self, text: str) -> ValueType:
        return read_type(text, self._release, self._types)


def _copy(statement: Statement) -> Statement:
    twin = Statement(
        statement.name,
        statement.kind,
        statement.keys,
        statement.key_types,
        statement.type,
        statement.words,
        statement.flags,
        statement.choice,
        statement.maximum,
    )
    for child in statement.children.values():
        twin.add(_copy(child))
    return twin


def _admit_groups(root: Statement, schema_root: Statement) -> None:
    """Add ``apply-groups`` to every hierarchy, except those written on one line."""
    for statement in root.children.values():
        if statement.kind not in ("container", "list") or statement.oneliner:
            continue
        _admit_groups(statement, schema_root)
        if statement.children and "no-groups" not in statement.flags:
            for name in ("apply-groups", "apply-groups-except"):
                child = Statement(name, "leaf-list", type=ValueType("text"))
                statement.children[name] = statement.by_word[name] = child


def schema_for(release: str = DEFAULT_RELEASE) -> Schema:
    """Return the schema of ``release`` (``"24.4R1.9"``): one for all builds of a main release, read once."""
    return _schema(release_of(release))


@cache
def _schema(release: Release) -> Schema:
    root = _Reader(release).read()
    _admit_groups(root, root)
    groups = root.children["groups"]
    for name, child in root.children.items():
        if name not in ("groups", "version"):
            groups.children[name] = groups.by_word[child.word] = child
    groups.children.pop("apply-groups-except", None)
    groups.by_word.pop("apply-groups-except", None)
    return Schema(release, root)
