# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about the transaction: prose from top.rst in this folder, tables from the cases.

``python -m tests.matrix.page`` writes docs/docsite/rst/transaction.rst.
"""

from __future__ import annotations

import textwrap
import typing as t
from pathlib import Path

from tests.matrix.cases import CASES, REASONS, Case
from tests.matrix.endings import State, expected
from tests.matrix.faults import FAULTS
from tests.matrix.stages import STAGES

TOP = Path(__file__).parent / "top.rst"
PAGE = Path(__file__).parents[2] / "docs" / "docsite" / "rst" / "transaction.rst"
_LETTERS: t.Mapping[State, str] = {"confirmed": "C", "rolled_back": "R", "unchanged": "U", "unknown": "**?**"}
_NAMES = [name for name in FAULTS if name != "none"]


def render(top: str) -> str:
    """Return the whole page, which begins with ``top``."""
    reasons = list(dict.fromkeys(REASONS.values()))
    parts = [top.rstrip("\n"), "", _counts(), "", _title("The faults", "~"), ""]
    parts += [f"``{name}``\n    {_sentence(FAULTS[name].description)}" for name in _NAMES]
    parts += ["", _title("The stages", "~"), ""]
    parts += [f"``{name}``\n    {_sentence(words)}" for name, words in STAGES.items()]
    for verified, title in (
        (True, "Outcomes with tunnels that can be verified"),
        (False, "Outcomes with tunnels that cannot"),
    ):
        parts += ["", _title(title, "~"), "", *_table(verified, reasons)]
    parts += ["", _title("Combinations that are not run", "~"), ""]
    parts += [f"{number}. {_sentence(reason)}" for number, reason in enumerate(reasons, 1)]
    return "\n".join(parts) + "\n"


def _counts() -> str:
    return textwrap.fill(
        f"{len(FAULTS) - 1} faults by {len(STAGES)} stages by 2 kinds of device by tunnels that can be verified or not"
        f" make {len(CASES) + len(REASONS)} combinations. The tests run **{len(CASES)}** of them; on PyEZ each fault at"
        " each stage once per table, on hub and spoke in turn."
        f" The other {len(REASONS)} cannot occur, or repeat one that is run: the number in the cell is that of the"
        " reason below.",
        116,
        break_on_hyphens=False,
    )


def _title(words: str, line: str) -> str:
    return f"{words}\n{line * len(words)}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _table(verified: bool, reasons: list[str]) -> list[str]:
    lines = [".. list-table::", "    :header-rows: 1", "    :stub-columns: 1", "", "    * - fault"]
    lines += [f"      - {stage}" for stage in STAGES]
    for fault in _NAMES:
        lines.append(f"    * - {fault}")
        lines += [f"      - {_cell(Case(fault, stage, 'hub', verified), reasons)}" for stage in STAGES]
    return lines


def _cell(case: Case, reasons: list[str]) -> str:
    # The hub and a spoke have the same outcome, so that one cell is enough.
    if case in REASONS:
        return str(reasons.index(REASONS[case]) + 1)
    ending = expected(case.fault, case.stage, case.verified)
    return f"{_LETTERS[ending.faulty]} {_LETTERS[ending.others]}"


if __name__ == "__main__":
    PAGE.write_text(render(TOP.read_text(encoding="utf-8")), encoding="utf-8")
