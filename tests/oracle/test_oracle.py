# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab has the verdicts of real daemons, the records are of the cases as they are, and daemons say it again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.lab.switches import HOSTILE
from tests.oracle import page
from tests.oracle.cases import cases
from tests.oracle.computed import compute
from tests.oracle.record import recorded
from tests.twin.outside import said_again


def test_the_records_are_of_these_cases() -> None:
    expected = {case.name: case.digest for case in cases()}
    assert len(expected) >= 150
    assert {name: digest for name, (digest, _verdict) in recorded().items()} == expected, (
        "the records are older than the cases: python -m tests.oracle --record"
    )


def test_each_disagreement_is_explained_and_each_explanation_needed() -> None:
    unused, unexplained = set(page.disagreements()), []
    for case, daemons, lab in page.differing():
        found = [one for one in page.disagreements() if one.covers(case, daemons, lab)]
        unused -= set(found)
        if not found:
            unexplained.append(f"{case.name}: daemons {daemons}; lab {lab}")
    assert unexplained == []
    assert unused == set()


def test_with_the_other_value_of_its_switch_the_lab_says_what_daemons_say() -> None:
    differ, tried = [], set()
    for case, daemons, lab in page.differing():
        for one in page.disagreements():
            if one.switch and one.covers(case, daemons, lab):
                tried.add(one.switch)
                name, value = one.switch.split()
                chosen = compute(case, replace(HOSTILE, **{name: value}))
                differ += [] if chosen == daemons else [f"{case.name}: daemons {daemons}; lab {chosen}"]
    assert differ == []
    assert tried == {one.switch for one in page.disagreements() if one.switch}


def test_the_page_has_the_numbers() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.made(text) == text, "python -m tests.oracle.page"


def test_daemons_say_again_what_is_recorded(tmp_path: Path) -> None:
    verdicts = {name: tuple(verdict) for name, verdict in said_again("tests.oracle", tmp_path).items()}
    known = {name: tuple(verdict) for name, (_digest, verdict) in recorded().items()}
    assert {name: (verdict, known[name]) for name, verdict in verdicts.items() if verdict != known[name]} == {}
