# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices' time: jumps, speed, and timers in the order of their times."""

from __future__ import annotations

import asyncio

import pytest

from tests.lab.clock import Clock, stamp


class Ticks:
    """A wall clock that a test moves."""

    def __init__(self) -> None:
        self.value = 0.0

    def __call__(self) -> float:
        return self.value


def test_time_follows_the_wall_clock_times_speed() -> None:
    ticks = Ticks()
    clock = Clock(start=1000.0, ticks=ticks)
    ticks.value = 2.0
    assert clock.now() == 1002.0
    clock.set_speed(60)
    ticks.value = 3.0
    assert clock.now() == 1062.0


def test_a_jump_fires_timers_in_order_and_at_their_own_time() -> None:
    clock = Clock(start=0.0, speed=0)
    seen: list[tuple[str, float]] = []
    clock.call_at(30, lambda: seen.append(("later", clock.now())))
    clock.call_at(10, lambda: clock.call_later(5, lambda: seen.append(("chained", clock.now()))))
    clock.call_at(20, lambda: seen.append(("cancelled", clock.now()))).cancel()
    clock.advance(40)
    assert seen == [("chained", 15.0), ("later", 30.0)]
    assert clock.now() == 40.0


def test_time_never_goes_back() -> None:
    clock = Clock(start=0.0)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="backwards"):
        clock.set_speed(-1)


def test_an_attached_clock_fires_timers_and_a_new_speed_moves_the_wake_up() -> None:
    async def run() -> bool:
        clock = Clock(start=0.0)
        fired = asyncio.Event()
        clock.attach(asyncio.get_running_loop())
        clock.call_later(3600, fired.set)
        clock.set_speed(1_000_000)
        await asyncio.wait_for(fired.wait(), 300)
        clock.detach()
        return True

    assert asyncio.run(run())


def test_stamp_is_junos_form() -> None:
    assert stamp(0) == "1970-01-01 00:00:00 UTC"
