# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A device's statements, divided into those of our group and those in effect outside it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set, words_of

Words = tuple[str, ...]

# The parts of a configuration that our group can affect, all that the templates write, and those that can keep it from
# having effect.
FILTER = (
    "<groups/><apply-groups/><system><host-name/><services><dhcp-local-server/></services></system><security/>"
    "<interfaces/><routing-instances/><routing-options><static/></routing-options>"
)


# Each node of a cluster inherits the group with its name.
_OF_NODES = {"${node}": ("node0", "node1")}


@dataclass(frozen=True)
class Statement:
    """A statement outside our group. ``group`` is the group that has it, empty at the top level.

    ``wins`` is true where Junos prefers it to ours of the same name. The top level wins over every group, a group
    applied at a deeper level over one applied above it, and of groups applied at one place the one named first.
    """

    words: Words
    group: str = ""
    wins: bool = True

    @property
    def where(self) -> str:
        """Return the place of the statement for a message."""
        return f"in group {self.group}" if self.group else "at the top level"


def of_group(commands: t.Iterable[str], group: str) -> list[Words]:
    """Return the words of all commands about a group and its application, with ``set`` or ``deactivate`` first."""
    return [
        words
        for command in commands
        if f" {group}" in command
        for words in words_of(command)
        if words[1:3] in (("groups", group), ("apply-groups", group))
    ]


def group_commands(commands: t.Iterable[str], group: str) -> list[str]:
    """Return the commands of a group, and those that apply groups, as a request for the group alone would."""
    return [
        command
        for command in commands
        if f" {group}" in command or " apply-groups " in command
        for words in words_of(command)[:1]
        if words[1:3] == ("groups", group) or words[1:2] == ("apply-groups",)
    ]


def planned_words(text: str, group: str) -> list[Words]:
    """Return the statements of a rendered configuration as the device inherits them; keys are placeholders."""
    start = ("set", "groups", group)
    return [words[3:] for line in to_set(text).splitlines() for words in words_of(line) if words[:3] == start]


def outside(commands: t.Iterable[str], group: str) -> tuple[Statement, ...]:
    """Return the active statements outside a group: of the top level, and of every other applied group."""
    statements = active(command for command in commands if not command.startswith(f"set groups {group} "))
    applied = [
        (words[:-2], name)
        for words in statements
        if words[-2:-1] == ("apply-groups",) and words[0] != "groups"
        for name in _OF_NODES.get(words[-1], (words[-1],))
    ]
    first = [name for place, name in applied if not place]
    # A group that is not applied yet is appended to the list of applied groups.
    before = set(first[: first.index(group)] if group in first else first)
    found = [
        Statement(words)
        for words in statements
        if words[0] != "groups" and words[-2:-1] not in (("apply-groups",), ("apply-groups-except",))
    ]
    for place, name in applied:
        if name == group:
            continue
        for words in statements:
            inner = words[2:]
            if words[:2] == ("groups", name) and len(inner) > len(place) and fits(inner[: len(place)], place):
                found.append(Statement(place + inner[len(place) :], name, bool(place) or name in before))
    return tuple(found)


def excepted(commands: t.Iterable[str], group: str) -> list[Words]:
    """Return the places with ``apply-groups-except`` for a group."""
    return [words[:-2] for words in active(commands) if words[-2:] == ("apply-groups-except", group)]


def is_wildcard(word: str) -> bool:
    """Return whether a word of a group is a pattern in angle brackets."""
    return word[:1] == "<" and word[-1:] == ">"


def fits(theirs: t.Sequence[str], ours: t.Sequence[str]) -> bool:
    """Return whether words of a group, some of them patterns, match our words."""
    return len(theirs) == len(ours) and all(
        fnmatchcase(our, their[1:-1]) if is_wildcard(their) else their == our
        for their, our in zip(theirs, ours, strict=True)
    )


def active(commands: t.Iterable[str]) -> list[Words]:
    """Return the words behind every ``set``, without the statements that are deactivated."""
    statements: list[Words] = []
    inactive: set[Words] = set()
    for command in commands:
        for words in words_of(command):
            if words[:1] == ("set",) and len(words) > 1:
                statements.append(words[1:])
            elif words[:1] == ("deactivate",):
                inactive.add(words[1:])
    if not inactive:
        return statements
    return [words for words in statements if not any(words[: size + 1] in inactive for size in range(len(words)))]
