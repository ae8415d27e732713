# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Curly-brace text of a configuration to set commands, and set commands to their words."""

from __future__ import annotations

import re
import typing as t

_PART = re.compile(r'"(?:[^"\\]|\\.)*"|[{};\[\]]|[^\s{};\[\]"]+')
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')
_ESCAPED = re.compile(r"\\(.)")


def to_set(text: str) -> str:
    """Return rendered text as set commands, one per line.

    Read blocks, statements, brackets and quoted values, as the templates of this collection print them. Drop the tag
    ``replace:``, which has no counterpart among set commands. A block without statements is one itself, as
    ``vpn-monitor`` is. Raise ``ValueError`` where braces do not match.
    """
    commands: list[str] = []
    path: list[list[str]] = []
    words: list[str] = []
    previous = ""
    for part in _PART.findall(text):
        if part == "{":
            path.append(words)
            words = []
        elif part == "}":
            if not path or words:
                raise ValueError("a closing brace without its opening one, or a statement without its semicolon")
            if previous == "{":
                commands.append(" ".join(["set", *(word for level in path for word in level)]))
            path.pop()
        elif part == ";":
            prefix = ["set", *(word for level in path for word in level)]
            commands.extend(" ".join([*prefix, *statement]) for statement in _statements(words))
            words = []
        elif part != "replace:":
            words.append(part)
        previous = part
    if path or words:
        raise ValueError("the text ends inside a block or a statement")
    return "".join(f"{command}\n" for command in commands)


def words_of(command: str) -> list[tuple[str, ...]]:
    """Return the words of a command without quotes: one tuple, or one per item of a list in brackets."""
    if '"' not in command and "]" not in command:
        # Nearly all are like this; a device is compared by thousands of them.
        return [tuple(command.split())]
    words = _WORD.findall(command)
    statements = _statements(words) if "]" in words else [words]
    return [tuple(_unquoted(word) for word in statement) for statement in statements]


def quoted(words: t.Iterable[str]) -> str:
    """Return words as a command; quote those that Junos would otherwise split."""
    return " ".join(f'"{word}"' if not word or re.search(r"[\s;{}]", word) else word for word in words)


def _unquoted(word: str) -> str:
    return _ESCAPED.sub(r"\1", word[1:-1]) if word[:1] == '"' and len(word) > 1 else word


def _statements(words: list[str]) -> list[list[str]]:
    """Return one statement per item of a list in brackets, or the only statement."""
    if "[" not in words:
        return [words]
    start, end = words.index("["), words.index("]")
    return [[*words[:start], item, *words[end + 1 :]] for item in words[start + 1 : end]]
