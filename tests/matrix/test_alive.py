# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that waits two minutes for a tunnel says every few seconds what is missing, by a clock that only it moves."""

from __future__ import annotations

import dataclasses
import itertools
import threading
import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Moment, Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._report.stage_lines import stage_line
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction import transaction, verification

from tests.matrix.run import Bench
from tests.matrix.scaled_time import ScaledTime, Stop

# Seconds of the wait, and the most without a line.
WAIT, SILENT = 118.0, 10.0


class Clock:
    """The time of the thread that waits: it passes in its pauses alone."""

    def __init__(self, scaled_time: ScaledTime) -> None:
        self.now = scaled_time.monotonic()

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now


class Pauses(Stop):
    """The interrupt of the run. The thread of the test does not sleep in it."""

    def __init__(self, scaled_time: ScaledTime, clock: Clock) -> None:
        super().__init__(scaled_time)
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        if threading.current_thread() is not threading.main_thread():
            return super().wait(timeout)
        self._clock.now += timeout or 0.0
        return self.is_set()


def test_a_long_wait_has_a_line_every_ten_seconds(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    lab, network = bench.lab, bench.network
    lab.reset(bench.before)
    clock = Clock(lab.scaled_time)
    for module in (transaction, verification):
        monkeypatch.setattr(module, "time", clock)
    began = clock.now
    shown: list[tuple[float, Moment]] = []

    def show(moment: Moment) -> None:
        # What a pipe gets: waits, and ends that are not quiet.
        if moment.state == "waiting" or (moment.state == "ended" and not moment.quiet):
            shown.append((clock.now - began, moment))

    result = transaction.Transaction(
        network.jobs(network.after, wrong_key=True),
        network.settings(
            network.after,
            "20260106T000000-alive",
            verify_timeout=WAIT,
            verify_interval=5.0,
            verify_settle=12.0,
        ),
        connect=lambda host: Session(dataclasses.replace(network.target(host), timeout=60)),
        progress=Progress(show, clock=clock.monotonic),
        stop=Pauses(lab.scaled_time, clock),
    ).run()
    lab.wait_for_sessions()
    assert {outcome.state for outcome in result.outcomes} == {"rolled_back"}, result
    times = [0.0, *(at for at, _moment in shown), clock.now - began]
    assert clock.now - began > WAIT
    assert max(after - before for before, after in itertools.pairwise(times)) <= SILENT, times
    waits = [moment for _at, moment in shown if moment.stage == "verify" and moment.state == "waiting"]
    assert len(waits) >= WAIT / SILENT
    assert all(moment.missing and moment.unit == "tunnels" and moment.done < moment.total for moment in waits)
    remaining = [t.cast(float, moment.remaining) for moment in waits]
    assert remaining == sorted(remaining, reverse=True)
    assert 0 <= remaining[-1] < remaining[0] <= WAIT
    for moment in waits:
        assert " s remaining" in stage_line(moment).text
    assert [stage.name for stage in result.stages] == [
        "reach", "check", "note", "commit", "clear", "settle", "verify", "roll_back", "clear", "leave",
    ]  # fmt: skip
