# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of docs/docsite/rst/lab.rst about real daemons, and its list of switches.

``python -m tests.oracle.page`` writes both anew.
"""

from __future__ import annotations

import re
import typing as t
from functools import cache
from pathlib import Path

import yaml

from tests.lab.switches import SWITCHES
from tests.oracle.cases import Case, cases
from tests.oracle.computed import compute
from tests.oracle.record import recorded
from tests.oracle.verdict import Verdict

PAGE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "lab.rst"
# The parts of the page that are made: between these lines.
_TABLE = (".. The table is made by python -m tests.oracle.page.\n", ".. End of the table.\n")
_SWITCHES = (".. The list of switches is made by python -m tests.oracle.page.\n", ".. End of the switches.\n")
_FILE = Path(__file__).parent / "disagreements.yml"


class Disagreement(t.NamedTuple):
    """Cases in which the lab does not say what the daemons say, and who is right."""

    cases: str
    what: str
    daemons: str
    lab: str
    right: str
    why: str
    # The other value of a switch of the lab, with which it says what the daemons say.
    switch: str = ""

    def covers(self, case: Case, daemons: Verdict, lab: Verdict) -> bool:
        """Return whether this is the disagreement of a case."""
        return re.match(self.cases, case.name) is not None and (str(daemons), str(lab)) == (self.daemons, self.lab)


@cache
def disagreements() -> tuple[Disagreement, ...]:
    """Return the disagreements that are explained."""
    return tuple(Disagreement(**entry) for entry in yaml.safe_load(_FILE.read_text(encoding="utf-8")))


@cache
def differing() -> tuple[tuple[Case, Verdict, Verdict], ...]:
    """Return the cases in which daemons and lab have different verdicts, with both verdicts."""
    known = recorded()
    compared = ((case, known[case.name][1], compute(case)) for case in cases())
    return tuple(one for one in compared if one[1] != one[2])


def table() -> str:
    """Return the number of cases and agreements, and each disagreement."""
    different = differing()
    total = len(cases())
    lines = [
        f"Of {total} negotiations, {total - len(different)} have the same result in the lab: up or down, the phase, the"
        " reason, and up or",
        "down again after both ends have renewed both phases.",
        "",
        ".. list-table::",
        "    :header-rows: 1",
        "",
        "    * - Case",
        "      - Number",
        "      - Daemons",
        "      - Lab",
        "      - Right, and why",
    ]
    for one in disagreements():
        number = sum(one.covers(*case) for case in different)
        right = f"{one.right[0].upper()}{one.right[1:]}. {' '.join(one.why.split())}"
        if one.switch:
            name, value = one.switch.split()
            right += f" With ``lab_{name}: {value}`` the lab says what the daemons say."
        cells = (one.what, str(number), one.daemons, one.lab, right)
        lines += [f"    {'* ' if place == 0 else '  '}- {cell}" for place, cell in enumerate(cells)]
    return "\n".join(lines) + "\n"


def switches() -> str:
    """Return the switches of the lab, each with its values, the default first."""
    lines = [
        ".. list-table::",
        "    :header-rows: 1",
        "",
        "    * - Unknown",
        "      - Variable",
        "      - Values, the default first",
    ]
    for one in SWITCHES:
        values = " ".join(f"``{value}``: {effect}" for value, effect in one.values.items())
        lines += [f"    * - {one.unknown}", f"      - ``{one.variable}``", f"      - {values}"]
    return "\n".join(lines) + "\n"


def made(page: str) -> str:
    """Return the page with its list of switches and its table made anew."""
    for (start, end), content in ((_SWITCHES, switches()), (_TABLE, table())):
        before, _start, rest = page.partition(start)
        _old, _end, after = rest.partition(end)
        page = f"{before}{start}\n{content}\n{end}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
