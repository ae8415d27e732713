# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Curly-brace text of a configuration to set commands, and set commands to their words."""

from __future__ import annotations

import re
import typing as t

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{};\[\]]|[^\s{};\[\]"]+')
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')
_ESCAPED = re.compile(r"\\(.)")


def to_set(text: str) -> str:
    """Turn rendered text into set commands, one a line.

    Understands what the templates of this collection print: blocks, statements, brackets, quoted values and
    the tag C(replace:), which has no counterpart among set commands and is dropped. Raises C(ValueError) where
    braces do not match.
    """
    commands: list[str] = []
    path: list[list[str]] = []
    words: list[str] = []
    for token in _TOKEN.findall(text):
        if token == "{":
            path.append(words)
            words = []
        elif token == "}":
            if not path or words:
                raise ValueError("a closing brace without its opening one, or a statement without its semicolon")
            path.pop()
        elif token == ";":
            prefix = ["set", *(word for level in path for word in level)]
            commands.extend(" ".join([*prefix, *statement]) for statement in _statements(words))
            words = []
        elif token != "replace:":
            words.append(token)
    if path or words:
        raise ValueError("the text ends inside a block or a statement")
    return "".join(f"{command}\n" for command in commands)


def words_of(command: str) -> list[tuple[str, ...]]:
    """The words of a command, quotes taken off; one tuple for each item where a list in brackets stands in it."""
    words = _WORD.findall(command)
    statements = _statements(words) if "]" in words else [words]
    return [tuple(_unquoted(word) for word in statement) for statement in statements]


def quoted(words: t.Iterable[str]) -> str:
    """Words as a command, in quotes where one of them needs that."""
    return " ".join(f'"{word}"' if not word or re.search(r"[\s;{}]", word) else word for word in words)


def _unquoted(word: str) -> str:
    return _ESCAPED.sub(r"\1", word[1:-1]) if word[:1] == '"' and len(word) > 1 else word


def _statements(words: list[str]) -> list[list[str]]:
    """A statement with a list in brackets stands for one statement per item."""
    if "[" not in words:
        return [words]
    start, end = words.index("["), words.index("]")
    return [[*words[:start], item, *words[end + 1 :]] for item in words[start + 1 : end]]
