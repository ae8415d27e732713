# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of docs/docsite/rst/lab.rst about failed negotiations: ``python -m tests.conversations`` writes them."""

from __future__ import annotations

import re
import typing as t
from functools import cache
from pathlib import Path

import yaml

from tests.conversations.emulated import cause
from tests.conversations.facts import diagnosis, notify
from tests.conversations.record import Kept, kept, kinds
from tests.oracle.cases import ENDS, Case

PAGE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "lab.rst"
START = ".. The tables are made by python -m tests.conversations.\n"
END = ".. End of the tables.\n"
_FILE = Path(__file__).parent / "disagreements.yml"


class Comparison(t.NamedTuple):
    """The cause of a failure at one end, by what the daemon says and by what the collection reads in the lab's log."""

    case: str
    end: str
    said: str
    daemon: str
    collection: str


class Disagreement(t.NamedTuple):
    """Ends at which the two causes differ, and who is right."""

    cases: str
    end: str
    what: str
    daemon: str
    collection: str
    right: str
    why: str

    def covers(self, one: Comparison) -> bool:
        """Return whether this is the disagreement of an end."""
        same = (one.end, one.daemon, one.collection) == (self.end, self.daemon, self.collection)
        return same and re.match(self.cases, one.case) is not None


@cache
def disagreements() -> tuple[Disagreement, ...]:
    """Return the disagreements that are explained."""
    return tuple(Disagreement(**entry) for entry in yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def compared(case: Case, conversation: Kept) -> dict[str, Comparison]:
    """Return both causes at each end."""
    found = {end: diagnosis(conversation.daemons, end) for end in ENDS}
    return {end: Comparison(case.name, end, *found[end], cause(conversation.lab[end])) for end in ENDS}


def differing() -> list[Comparison]:
    """Return the ends at which the two causes differ."""
    ends = (one for case in _cases() for one in compared(case, kept()[case.name]).values())
    return [one for one in ends if one.daemon != one.collection]


def tables() -> str:
    """Return what is said of each failure, and each disagreement."""
    return f"{_failures()}\n{_differences()}"


def _cases() -> list[Case]:
    return [case for of_kind in kinds().values() for case in of_kind]


def _failures() -> str:
    conversations = kept()
    rows = [("Failure", "Case", "Notify", "Hub's daemon", "Hub", "Spoke")]
    for kind, cases in kinds().items():
        for case in cases:
            one = conversations[case.name]
            hub, spoke = compared(case, one).values()
            name = case.name.partition(", the spoke starts")[0]
            rows.append((kind, name, notify(one.daemons), hub.said or "nothing", hub.collection, spoke.collection))
    return _table(rows)


def _differences() -> str:
    different = differing()
    rows = [("Case", "End", "Number", "Daemon", "Collection", "Right, and why")]
    for one in disagreements():
        number = str(sum(map(one.covers, different)))
        right = f"{one.right[0].upper()}{one.right[1:]}. {' '.join(one.why.split())}"
        rows.append((one.what, one.end, number, one.daemon, one.collection, right))
    return _table(rows)


def _table(rows: t.Iterable[tuple[str, ...]]) -> str:
    lines = [".. list-table::", "    :header-rows: 1", ""]
    for row in rows:
        lines += [f"    {'* ' if place == 0 else '  '}- {cell}" for place, cell in enumerate(row)]
    return "\n".join(lines) + "\n"


def made(page: str) -> str:
    """Return the page with its tables made anew."""
    before, _start, rest = page.partition(START)
    _tables, _end, after = rest.partition(END)
    return f"{before}{START}\n{tables()}\n{END}{after}"


def write() -> None:
    """Write the tables into the documentation."""
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
