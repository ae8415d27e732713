# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The twin ends as the documentation shows it; where the machine cannot run it, the test says what is missing."""

from __future__ import annotations

import pytest

from tests.demo.record import block
from tests.twin.outside import start_or_skip


@pytest.mark.parametrize("syntax", ["modern", "classic"])
def test_the_twin_shows_what_the_documentation_says(syntax: str) -> None:
    done = start_or_skip("tests.twin", "--syntax", syntax)
    assert done.stderr == ""
    assert done.returncode == 0, done.stdout
    *table, end = done.stdout.splitlines()
    assert end.startswith("All as planned.")
    if syntax == "modern":
        assert table == block("twin")
    else:
        assert [line.split()[-1] for line in table[2:]] == ["ok"] * (len(table) - 2)


def test_packets_in_clear_are_a_failure() -> None:
    done = start_or_skip("tests.twin", "--clear")
    assert done.returncode == 1, done.stdout + done.stderr
    *table, end = done.stdout.splitlines()
    wrong = [line.split("  ") for line in table if line.endswith("WRONG")]
    assert [row[0] for row in wrong] == ["on the wire between the sites"], done.stdout
    assert "clear ICMP" in done.stdout
    assert end.startswith("1 of ")
