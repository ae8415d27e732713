# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One command whose reply can be parsed: its RPC and its two readers."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Rows


@dataclass(frozen=True)
class Command:
    """A command, its RPC, the root elements of its XML reply, and a reader each for XML and text.

    ``unused`` are elements of the XML reply whose content no row has; any other element that the reader does not read
    becomes a note. ``silent_text``: Junos prints nothing where there is nothing to show. ``silent_xml``: the XML reply
    then comes without its root element. ``prose``: the reply quotes text from other sources (a log file), so that a
    line in the form of an error is an error of this command only where the reply has no other line.
    """

    rpc: str
    roots: tuple[str, ...]
    xml: t.Callable[[Element, str | None], Rows]
    text: t.Callable[[t.Sequence[str], str | None], Rows]
    unused: frozenset[str] = frozenset()
    silent_text: bool = False
    silent_xml: bool = False
    prose: bool = False


def matches(words: t.Sequence[str], name: str) -> bool:
    """Return whether typed words are a command, in full or abbreviated, with or without arguments."""
    full = name.split()
    return len(words) >= len(full) and all(_is(word, one) for word, one in zip(words, full, strict=False))


def _is(word: str, full: str) -> bool:
    # Junos completes any beginning of a word, and accepts "sa" for security-associations.
    return full.startswith(word) or (word == "sa" and full == "security-associations")
