# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The output of a run at 4 and at 40 spokes: its size, each cause once, and the same on the page."""

from __future__ import annotations

import io
import re

import pytest

from tests.demo.__main__ import SPOKES, Demo, fleet
from tests.demo.record import block, without_variation

Steps = dict[str, list[str]]

# Lines of Ansible, and of this demo.
_FOREIGN = re.compile(
    r"(?:ok|changed|fatal|skipping): |(?:PLAY|TASK) |\S+ +: ok=|[#$] |\[ERROR\]|Origin: |\d+(?: |$)| +\^ |$"
)
_WAITING = re.compile(r"Verify .* waiting for ")


@pytest.fixture(scope="module", params=SPOKES, ids=lambda spokes: f"{spokes} spokes")
def spokes(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.fixture(scope="module")
def steps(spokes: int, tmp_path_factory: pytest.TempPathFactory) -> Steps:
    network = fleet(tmp_path_factory.mktemp("fleet"), spokes)
    demo = Demo(io.StringIO(), network)
    assert demo.run() == 0, demo.steps
    return {name.removeprefix(network.name): lines for name, lines in demo.steps.items()}


def own(lines: list[str]) -> list[str]:
    return [line for line in lines if not _FOREIGN.match(line)]


@pytest.mark.parametrize(("step", "most"), [("deploy", 10), ("again", 9), ("wrong key", 39)])
def test_a_run_prints_few_lines_of_its_own_whatever_the_number_of_spokes(steps: Steps, step: str, most: int) -> None:
    lines = [line for line in own(steps[step]) if not _WAITING.match(line)]
    assert 4 < len(lines) <= most, "\n".join(lines)


def test_the_callback_prints_few_lines_whatever_the_number_of_spokes(steps: Steps) -> None:
    lines = [line for line in steps["progress"] if not _WAITING.match(line)]
    assert len(lines) < 40, "\n".join(lines)
    assert max(len(line) for line in lines if not line.startswith("$ ")) <= 120


@pytest.mark.parametrize("step", ["deploy", "again", "wrong key"])
def test_no_line_is_long(steps: Steps, step: str) -> None:
    assert max(map(len, own(steps[step]))) <= 120
    assert max(map(len, steps[step])) < 500


def test_a_host_adds_a_line_per_task_and_one_of_the_recap(steps: Steps, spokes: int) -> None:
    for lines in steps.values():
        assert len("\n".join(lines).encode()) < 6000 + 500 * spokes


def test_a_cause_is_told_once(steps: Steps) -> None:
    # A line of a wait is no report: a terminal rewrites it. Long lines of a report are wrapped.
    lines = [line for line in steps["wrong key"] if not _WAITING.match(line)]
    text = " ".join(" ".join(lines).split())
    assert {words: text.count(words) for words in ("expected UP", "No response from peer", "fix 1")} == {
        "expected UP": 1,
        "No response from peer": 1,
        "fix 1": 1,
    }
    assert sum(line.startswith("FAILED") for line in lines) == 1


def test_every_other_host_refers_to_the_cause(steps: Steps, spokes: int) -> None:
    fatal = [line for line in steps["wrong key"] if line.startswith("fatal: ")]
    # The last spoke runs ScreenOS, and the run touches nothing there.
    assert len(fatal) == spokes
    assert sum("with the fleet (ams-core: " in line for line in fatal) == spokes - 1


def test_a_wait_is_never_silent_for_long(steps: Steps) -> None:
    """The third run waits for 25 seconds: two lines are due within."""
    waits = [line for line in steps["wrong key"] if _WAITING.match(line)]
    assert len(waits) >= 2
    assert all(re.search(r"-vpn: IKE DOWN.*; \d+ s remaining$", line) for line in waits)


def test_the_page_shows_what_was_printed(steps: Steps, spokes: int) -> None:
    """``python -m tests.demo --record`` writes it there. The number of lines of a wait is a matter of the machine."""
    for step, lines in steps.items():
        expected, actual = (
            [line for line in some if not _WAITING.match(line)]
            for some in (without_variation(lines).strip("\n").split("\n"), block(f"{spokes} spokes: {step}"))
        )
        assert actual == expected
