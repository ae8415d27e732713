# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kept conversations: each with the lines that the lab had for it."""

from __future__ import annotations

import json
import typing as t
from functools import cache
from pathlib import Path

import yaml

from tests.conversations.facts import Fact
from tests.oracle.cases import Case, cases

RECORD = Path(__file__).parent / "conversations.json"
_KINDS = Path(__file__).parent / "kinds.yml"


class Kept(t.NamedTuple):
    """A conversation of daemons, what tells whether it is of the case as it is, and the lab's lines by end."""

    digest: str
    daemons: tuple[Fact, ...]
    lab: t.Mapping[str, t.Sequence[str]]


@cache
def kinds() -> dict[str, list[Case]]:
    """Return the failures by their kind."""
    known = {case.name: case for case in cases()}
    data = yaml.safe_load(_KINDS.read_text(encoding="utf-8"))
    return {kind: [known[name] for name in names] for kind, names in data.items()}


def failures() -> list[Case]:
    """Return every failure."""
    return [case for of_kind in kinds().values() for case in of_kind]


def kept() -> dict[str, Kept]:
    """Return the kept conversations by the names of their cases."""
    data = json.loads(RECORD.read_text(encoding="utf-8"))
    return {
        name: Kept(one["digest"], tuple(_fact(text) for text in one["daemons"]), one["lab"])
        for name, one in data.items()
    }


def keep(facts: t.Mapping[str, t.Iterable[Fact]], lab: t.Mapping[str, t.Mapping[str, t.Sequence[str]]]) -> None:
    """Write conversations."""
    data = {
        case.name: {"digest": case.digest, "daemons": list(map(str, facts[case.name])), "lab": lab[case.name]}
        for case in failures()
    }
    RECORD.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _fact(text: str) -> Fact:
    end, _colon, said = text.partition(": ")
    return Fact(end, said)
