# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The twin ends as the documentation shows it; where the machine cannot run it, the test says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.demo.record import ROOT, block
from tests.twin.sandbox import CANNOT

# The run takes seconds; the first one downloads packages.
_PATIENCE = 1800


@pytest.mark.parametrize("syntax", ["modern", "classic"])
def test_the_twin_shows_what_the_documentation_says(syntax: str) -> None:
    command = [sys.executable, "-m", "tests.twin", "--syntax", syntax]
    environment = {**os.environ, "PYTHONPATH": ".venv/dev"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        timeout=_PATIENCE,
    )  # fmt: skip
    if done.returncode == CANNOT:
        pytest.skip(done.stdout.strip())
    assert done.stderr == ""
    assert done.returncode == 0, done.stdout
    *table, end = done.stdout.splitlines()
    assert end.startswith("All as planned.")
    if syntax == "modern":
        assert table == block("twin")
    else:
        assert [line.split()[-1] for line in table[2:]] == ["ok"] * (len(table) - 2)
