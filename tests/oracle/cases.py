# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cases: a base network, a change at one end or at both, and the end that starts."""

from __future__ import annotations

import hashlib
import json
import typing as t
from functools import cache
from pathlib import Path

import yaml

from tests.oracle.strongswan import is_passive

ENDS = ("hub", "spoke")
_FILE = Path(__file__).parent / "cases.yml"

Lines = tuple[str, ...]


class Case(t.NamedTuple):
    """Two configurations as ``set`` and ``delete`` lines by end, and the end that starts the negotiation."""

    name: str
    lines: t.Mapping[str, Lines]
    initiator: str

    @property
    def digest(self) -> str:
        """Return what tells whether a recorded verdict is of this case as it is now."""
        content = json.dumps([dict(self.lines), self.initiator], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]


@cache
def cases() -> tuple[Case, ...]:
    """Return every case of the file."""
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(case for base in data["bases"] for case in _of_base(data, base))


def _of_base(data: t.Mapping[str, t.Any], base: str) -> t.Iterator[Case]:
    whole = {end: (*_lines(data["common"], end), *_lines(data["bases"][base], end)) for end in ENDS}
    for name, change in data["changes"].items():
        if base not in change.get("bases", data["bases"]):
            continue
        # Without a change the two ends are alike.
        for changed in ENDS if change["lines"] else ENDS[:1]:
            lines = {end: (*whole[end], *(change["lines"] if end == changed else ())) for end in ENDS}
            where = f"{base}: {name} at the {changed}" if change["lines"] else f"{base}: no change"
            yield from _started(where, lines)
    for name, change in data["pairs"].items():
        if base in change.get("bases", data["bases"]):
            lines = {end: (*whole[end], *change[end]) for end in ENDS}
            yield from _started(f"{base}: {name}", lines)


def _started(name: str, lines: t.Mapping[str, Lines]) -> t.Iterator[Case]:
    for one in ENDS:
        if not is_passive(lines[one]):
            yield Case(f"{name}, the {one} starts", lines, one)


def _lines(part: t.Mapping[str, t.Sequence[str]], end: str) -> Lines:
    return (*part.get("both", ()), *part.get(end, ()))
