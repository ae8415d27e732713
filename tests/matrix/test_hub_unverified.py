# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault at every stage, on the hub, in runs that cannot be verified: a file for each of four workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.matrix.cases import Case, runs
from tests.matrix.expectations import check_end
from tests.matrix.run import Bench


@pytest.mark.parametrize(("bench", "case"), runs("hub", verified=False), indirect=["bench"], ids=str)
def test_the_run_ends_as_expected(bench: Bench, case: Case, tmp_path: Path) -> None:
    check_end(bench, case, bench.run(case, tmp_path), tmp_path)
