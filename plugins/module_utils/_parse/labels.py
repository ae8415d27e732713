# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A block of ``label: value`` text that records which labels were read, so that the rest becomes notes."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Doubt, excerpt, needed

_BETWEEN = re.compile(r",\s+")


class Labels:
    """The pairs of a block. A line may have several, separated by a comma and a blank.

    A piece without a colon belongs to the value in front of it: ``CN=hub, O=example``.
    """

    def __init__(self, lines: t.Iterable[str], where: str = "") -> None:
        self._where = where
        self._pairs: list[tuple[str, str]] = []
        self._lines: list[str] = []
        self._read: set[int] = set()
        self._loose: list[str] = []
        for line in lines:
            self._add(line.strip())

    def _add(self, line: str) -> None:
        begun = len(self._pairs)
        for piece in _BETWEEN.split(line.lstrip(", \t")):
            label, colon, value = piece.rstrip().partition(":")
            if colon:
                self._pairs.append((" ".join(label.split()), value.strip()))
                self._lines.append(line)
            elif len(self._pairs) > begun:
                label, before = self._pairs[-1]
                self._pairs[-1] = (label, f"{before}, {piece.rstrip()}")
            elif piece:
                self._loose.append(line)

    def get(self, label: str) -> str | None:
        """Return the value of a label; ``None`` where absent or blank."""
        for place, (name, value) in enumerate(self._pairs):
            if name == label:
                self._read.add(place)
                return value or None
        return None

    def needed(self, label: str) -> str:
        """Return the value of a label. Raise ReplyNotUnderstood where it is missing."""
        return needed(self.get(label), label, self._where)

    def unread(self, unused: t.Mapping[str, str]) -> list[str]:
        """Return a note for everything that was not read.

        ``unused`` has the labels that no row needs, each with the expression that matches its values.
        """
        notes: list[str] = []
        seen: set[str] = set()
        for place, (label, value) in enumerate(self._pairs):
            again = label in seen
            seen.add(label)
            if not again and (place in self._read or (label in unused and re.fullmatch(unused[label], value))):
                continue
            if again:
                notes.append(Doubt(f"the line {excerpt(self._lines[place])} repeats '{excerpt(label, quoted=False)}'"))
            else:
                notes.append(f"the line {excerpt(self._lines[place])} is not known")
        loose = (line for line in self._loose if not re.fullmatch(unused.get(_BETWEEN.split(line)[0], "(?!)"), line))
        return notes + [Doubt(f"the line {excerpt(line)} is not known") for line in loose]
