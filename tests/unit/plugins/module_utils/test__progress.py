# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stages of a run: what is shown of a wait and when, and the times for the report, by a clock of the test."""

from __future__ import annotations

import itertools
import threading
import typing as t
from dataclasses import dataclass

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device import fan_out as module
from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import EVERY, Moment, Progress


class Clock:
    """A clock that the test moves, and the moments that were shown with their times."""

    def __init__(self, step: float = 0.0) -> None:
        self.now = 100.0
        self.shown: list[tuple[float, Moment]] = []
        self._step = step

    def __call__(self) -> float:
        self.now += self._step
        return self.now

    def show(self, moment: Moment) -> None:
        self.shown.append((self.now, moment))

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return False

    def waits(self) -> list[tuple[float, Moment]]:
        return [(at, moment) for at, moment in self.shown if moment.state == "waiting"]


def test_a_pause_is_never_silent_for_ten_seconds() -> None:
    clock = Clock()
    progress = Progress(clock.show, clock=clock)
    progress.begin("verify", 4)
    progress.expect(3, 4, "tunnels", (), 118)
    assert progress.pause(118, clock.wait) is False
    times = [100.0, *(at for at, _moment in clock.waits()), clock.now]
    assert clock.now == 218
    assert max(after - before for before, after in itertools.pairwise(times)) <= 10
    assert [moment.remaining for _at, moment in clock.waits()][:2] == [118 - EVERY, 118 - 2 * EVERY]
    assert {(moment.done, moment.total, moment.unit) for _at, moment in clock.waits()} == {(3, 4, "tunnels")}


def test_a_pause_of_its_own_counts_down_its_seconds() -> None:
    clock = Clock()
    progress = Progress(clock.show, clock=clock)
    progress.begin("settle", quiet=True)
    progress.pause(20, clock.wait)
    progress.end(0)
    assert [moment.remaining for _at, moment in clock.waits()] == [12, 4]
    assert all(moment.quiet for _at, moment in clock.shown)


@pytest.mark.parametrize("seconds", [0, 5])
def test_an_interrupt_ends_a_pause(seconds: float) -> None:
    asked: list[float] = []

    def interrupted(wait: float) -> bool:
        asked.append(wait)
        return True

    assert Progress().pause(seconds, interrupted) is True
    assert asked == [min(seconds, 1)]


def test_a_reply_after_the_end_of_the_wait_has_no_seconds() -> None:
    clock = Clock()
    progress = Progress(clock.show, clock=clock)
    progress.begin("verify", 1)
    progress.expect(0, 1, "tunnels", (), 5)
    clock.now += EVERY
    progress.tick(0, lambda: ["oslo"])
    ((_at, moment),) = clock.waits()
    assert moment.remaining is None
    assert moment.busy == ("oslo",)


def test_devices_end_a_wait_that_the_stage_does_not() -> None:
    clock = Clock()
    progress = Progress(clock.show, clock=clock)
    progress.begin("reach", 1)
    clock.now += EVERY
    progress.tick(0, lambda: ["oslo"], lambda: clock.now + 22)
    progress.expect(0, 1, "tunnels", (), 40)
    clock.now += EVERY
    progress.tick(0, lambda: ["oslo"], lambda: clock.now + 22)
    assert [moment.remaining for _at, moment in clock.waits()] == [22, 40 - EVERY]


def test_short_stages_show_no_wait() -> None:
    clock = Clock()
    progress = Progress(clock.show, clock=clock)
    for _turn in range(3):
        progress.begin("reach", 2)
        progress.tick(1, lambda: ["oslo"])
        clock.now += EVERY - 1
        progress.tick(1, lambda: ["oslo"])
        progress.end(2)
    assert clock.waits() == []


def test_quiet_stages_do_not_hide_how_long_nothing_was_shown() -> None:
    clock = Clock()
    progress = Progress(clock.show, clock=clock)
    for _turn in range(4):
        progress.begin("ask", 2, quiet=True)
        clock.now += 3
        progress.tick(1, lambda: ["oslo"])
        progress.end(2)
    ((at, moment),) = clock.waits()
    assert at == 109
    assert moment.busy == ("oslo",)


def test_an_exception_of_what_shows_does_not_come_again_at_once() -> None:
    clock = Clock()

    def broken(moment: Moment) -> None:
        if moment.state == "waiting":
            raise RuntimeError

    progress = Progress(broken, clock=clock)
    progress.begin("reach", 2)
    clock.now += EVERY
    with pytest.raises(RuntimeError):
        progress.tick()
    progress.tick()


def test_the_stages_have_their_times() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    progress.begin("reach", 2)
    clock.now += 2
    progress.took("oslo", 1.25)
    progress.took("oslo", 0.5)
    progress.end(1, failed=("riga",))
    progress.round = 2
    progress.begin("check", 1)
    clock.now += 1
    # Kept open by an exception: the next one ends it.
    progress.begin("leave", 2, quiet=True)
    progress.end(2)
    assert [{**stage.as_data(), "started": ""} for stage in progress.stages] == [
        {
            "name": "reach",
            "round": 0,
            "started": "",
            "seconds": 2.0,
            "done": 1,
            "devices": 2,
            "by_host": {"oslo": 1.75},
        },
        {"name": "check", "round": 2, "started": "", "seconds": 1.0, "done": 0, "devices": 1, "by_host": {}},
        {"name": "leave", "round": 2, "started": "", "seconds": 0.0, "done": 2, "devices": 2, "by_host": {}},
    ]
    assert all(len(stage.started) == len("2026-11-26T13:00:00Z") for stage in progress.stages)


@dataclass
class Device:
    host: str
    doing: str = ""


def test_slow_devices_are_named_while_the_others_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each look at the clock is half a second: the step ends by what was shown, not by a time of the machine.
    clock, enough = Clock(0.5), threading.Event()
    monkeypatch.setattr(module, "_POLL", 0.001)

    def show(moment: Moment) -> None:
        clock.show(moment)
        if sum(wait.done == 1 for _at, wait in clock.waits()) >= 5:
            enough.set()

    def step(device: Device) -> None:
        if device.host == "riga":
            device.doing = "locked by another user"
            enough.wait()

    with FanOut(5, Progress(show, clock=clock)) as fan_out:
        assert fan_out.stage("check", [Device("oslo"), Device("riga")], step) == []
        waits = clock.waits()
        assert max(after - before for before, after in itertools.pairwise(one[0] for one in waits)) <= 10
        assert waits[-1][1] == Moment(
            stage="check", state="waiting", done=1, total=2, busy=("riga: locked by another user",)
        )
        assert set(fan_out.progress.stages[0].by_host) == {"oslo", "riga"}


def test_facts_of_an_end_are_in_its_moment() -> None:
    shown: list[t.Any] = []
    progress = Progress(shown.append)
    progress.begin("verify", 3)
    progress.end(2, done=5, total=6, unit="tunnels", failed=("oslo",))
    assert shown[-1] == Moment(stage="verify", state="ended", done=5, total=6, unit="tunnels", failed=("oslo",))
    progress.end(1)
    assert len(shown) == 2
    progress.say("round", 1, 2, names=["oslo"])
    assert shown[-1] == Moment(stage="round", state="ended", done=1, total=2, names=("oslo",))
    assert [stage.done for stage in progress.stages] == [2]
