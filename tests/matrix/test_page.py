# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The published tables are those of the cases that are run."""

from __future__ import annotations

from dataclasses import replace

from tests.matrix.cases import ALL, CASES, REASONS, ROLES, runs
from tests.matrix.page import PAGE, TOP, render


def test_the_page_is_current() -> None:
    made = render(TOP.read_text(encoding="utf-8"))
    assert PAGE.read_text(encoding="utf-8") == made, "run python -m tests.matrix.page"


def test_every_combination_is_run_or_has_a_reason() -> None:
    assert len(CASES) + len(REASONS) == len(ALL) == len(set(ALL))
    assert not set(CASES) & set(REASONS)


def test_hub_and_spoke_share_a_cell() -> None:
    for case in ALL:
        other = replace(case, role="spoke" if case.role == "hub" else "hub")
        assert REASONS.get(case) == REASONS.get(other)


def test_each_transport_meets_every_fault_at_every_stage() -> None:
    made = [run for role in ROLES for verified in (True, False) for run in runs(role, verified)]
    assert {case for transport, case in made if transport == "asyncssh"} == set(CASES)
    on_pyez = [(case.fault, case.stage, case.verified) for transport, case in made if transport == "pyez"]
    assert len(on_pyez) == len(set(on_pyez))
    assert set(on_pyez) == {(case.fault, case.stage, case.verified) for case in CASES}
