# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Markdown of GitHub and GitLab from texts that anybody may have written: a device, another user, an inventory."""

from __future__ import annotations

import html
import re
import typing as t

# Characters that begin or end markup within a line.
_MARKUP = re.compile(r"[\\`*{}\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
# GitHub and GitLab make a link, and a message to a user, of these: @user, #12, !12, $12, %12, user/project#12.
_REFERENCE = re.compile(r'([@#!$%^])(?=[\w"])')
# Addresses become links, :names: become pictures.
_ADDRESS = re.compile(r"(?i)\b(?:https?|ftp|mailto|xmpp)(?=:)|\bwww(?=\.)|:(?=(?:[a-z+-][\w+-]*|100|1234):)")
# Characters that begin a heading, a list, a quotation or a rule at the beginning of a line.
_BEGINNING = re.compile(r"^(\d*)([.)](?= |$)|[-+=](?=[- +=]|$)|#)")
# An empty comment ends a word for them, and shows nothing.
_BREAK = "<!-- -->"


def one_line(text: str) -> str:
    """Return a text as one line without characters that cannot be printed."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))


def prose(text: str) -> str:
    """Return a text as Markdown that shows it as it is, in a line or a cell of a table."""
    plain = _REFERENCE.sub(rf"\1{_BREAK}", html.escape(one_line(text), quote=False))
    plain = _ADDRESS.sub(rf"\g<0>{_BREAK}", plain)
    return _BEGINNING.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", plain))


def code(text: str) -> str:
    """Return a name as code, in a line or a cell of a table; nothing for an empty one."""
    plain = one_line(text)
    if not plain or "|" in plain:
        # A vertical bar ends a cell, in code too, where no backslash can hide it and not be seen.
        return prose(plain)
    fence = "`" * (_longest(plain) + 1)
    space = " " if "`" in plain else ""
    return f"{fence}{space}{plain}{space}{fence}"


def block(text: str, language: str = "") -> str:
    """Return lines as a block of code."""
    lines = ["".join(char if char.isprintable() or char == "\t" else "?" for char in line) for line in text.split("\n")]
    plain = "\n".join(lines).rstrip("\n")
    fence = "`" * max(3, _longest(plain) + 1)
    return f"{fence}{language}\n{plain}\n{fence}\n"


def folded(title: str, content: str) -> str:
    """Return Markdown that shows when its title is clicked. ``title`` is text."""
    return f"<details><summary><code>{html.escape(one_line(title))}</code></summary>\n\n{content}\n</details>\n\n"


def row(cells: t.Iterable[str]) -> str:
    """Return a row of a table; the cells are Markdown already."""
    return f"| {' | '.join(cells)} |\n"


def limited(beginning: str, rows: t.Sequence[str], most: int, rest: str) -> str:
    """Return rows below a beginning, nothing without rows.

    Of rows with more than ``most`` characters those that fit are shown; ``rest`` says where the others are.
    """
    if not rows:
        return ""
    shown: list[str] = []
    size = 0
    for one in rows:
        if size + len(one) <= most:
            shown.append(one)
            size += len(one)
    more = f"\n{len(rows) - len(shown)} more: {rest}.\n" if len(shown) < len(rows) else ""
    return f"{beginning}{''.join(shown)}{more}\n"


def table(titles: t.Sequence[str], rows: t.Iterable[t.Sequence[str]]) -> tuple[str, list[str]]:
    """Return the beginning of a table, and its rows."""
    return row(titles) + row(["---"] * len(titles)), [row(cells) for cells in rows]


def _longest(text: str) -> int:
    """Return the length of the longest run of backticks."""
    return max((len(found) for found in re.findall("`+", text)), default=0)
