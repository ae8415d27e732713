# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices' time: seconds UTC that may run faster than the wall clock, and timers that follow it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
import typing as t
from datetime import datetime, timezone


class Timer:
    """One scheduled call. After ``cancel`` it never fires."""

    __slots__ = ("callback", "cancelled", "when")

    def __init__(self, when: float, callback: t.Callable[[], object]) -> None:
        self.when = when
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        """Cancel the call."""
        self.cancelled = True


class Clock:
    """Device time in seconds since 1970 UTC.

    Only the control channel and tests set speed and jumps: nothing that a client sends to a device changes them.
    Timers fire in an event loop after ``attach``; without it, as in unit tests, ``advance`` and ``fire_due`` fire them.
    """

    def __init__(
        self, start: float | None = None, speed: float = 1.0, ticks: t.Callable[[], float] = time.monotonic
    ) -> None:
        self._ticks = ticks
        self._speed = speed
        self._base = time.time() if start is None else start
        self._base_tick = ticks()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._armed: asyncio.TimerHandle | None = None

    @property
    def speed(self) -> float:
        """Return the device seconds per wall-clock second; 0 is a stopped clock."""
        return self._speed

    def now(self) -> float:
        """Return the devices' time in seconds since 1970 UTC."""
        return self._base + (self._ticks() - self._base_tick) * self._speed

    def set_speed(self, speed: float) -> None:
        """Run the devices' time ``speed`` times as fast as the wall clock, from now on."""
        if speed < 0:
            raise ValueError(f"speed {speed}: time does not run backwards")
        self._rebase(self.now())
        self._speed = speed
        self._arm()

    def advance(self, seconds: float) -> None:
        """Jump forward by ``seconds`` of device time and fire every timer that this makes due, in order."""
        if seconds < 0:
            raise ValueError(f"advance {seconds}: time does not run backwards")
        target = self.now() + seconds
        # In steps: a timer must see the time it was set for, and may set timers that fall due within this jump.
        while (timer := self._next()) is not None and timer.when <= target:
            self._rebase(max(timer.when, self.now()))
            self.fire_due()
        self._rebase(max(target, self.now()))
        self._arm()

    def call_at(self, when: float, callback: t.Callable[[], object]) -> Timer:
        """Call ``callback`` once device time is ``when`` or later."""
        timer = Timer(when, callback)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        self._arm()
        return timer

    def call_later(self, seconds: float, callback: t.Callable[[], object]) -> Timer:
        """Call ``callback`` after ``seconds`` of device time."""
        return self.call_at(self.now() + seconds, callback)

    def fire_due(self) -> None:
        """Fire the timers that are due now."""
        while (timer := self._next()) is not None and timer.when <= self.now():
            heapq.heappop(self._timers)
            timer.callback()

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Fire due timers in ``loop`` from now on."""
        self._loop = loop
        self._arm()

    def detach(self) -> None:
        """Stop firing timers in the event loop."""
        if self._armed is not None:
            self._armed.cancel()
        self._armed = None
        self._loop = None

    def _rebase(self, now: float) -> None:
        self._base, self._base_tick = now, self._ticks()

    def _next(self) -> Timer | None:
        while self._timers and self._timers[0][2].cancelled:
            heapq.heappop(self._timers)
        return self._timers[0][2] if self._timers else None

    def _arm(self) -> None:
        """Schedule one wake-up, for the earliest timer: a thousand idle devices cost nothing."""
        if self._armed is not None:
            self._armed.cancel()
            self._armed = None
        timer = self._next()
        if self._loop is None or timer is None or self._speed == 0:
            return
        self._armed = self._loop.call_later(max(0.0, timer.when - self.now()) / self._speed, self._wake)

    def _wake(self) -> None:
        self._armed = None
        self.fire_due()
        self._arm()


def stamp(seconds: float) -> str:
    """Return a time as Junos prints it, such as ``2026-01-31 10:20:30 UTC``."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
