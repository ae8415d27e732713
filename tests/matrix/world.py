# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One time for the controller and the devices, faster than the clock on the wall."""

from __future__ import annotations

import sys
import threading
import time
import typing as t

import pytest

# A second of the wall is so many of the world's: a window of minutes passes while a test runs.
SPEED = 10.0
# While the run can do nothing but call a device that does not answer.
HURRY = 300.0

_MODULES = "ansible_collections.hubspoke.srx.plugins.module_utils."


class World:
    """Stands in for the module ``time`` where the engine reads it."""

    def __init__(self) -> None:
        self.speed = SPEED
        self._base = self._base_tick = time.monotonic()

    def monotonic(self) -> float:
        """Seconds of the world."""
        return self._base + (time.monotonic() - self._base_tick) * self.speed

    def sleep(self, seconds: float) -> None:
        """Sleep for seconds of the world."""
        time.sleep(seconds / self.speed)

    def __getattr__(self, name: str) -> t.Any:
        return getattr(time, name)

    def set_speed(self, speed: float) -> None:
        """Let the time run so fast from now on."""
        self._base, self._base_tick = self.monotonic(), time.monotonic()
        self.speed = speed

    def rule(self, patch: pytest.MonkeyPatch) -> None:
        """Take the place of the clock in every module of the engine that has one."""
        for name, module in list(sys.modules.items()):
            if name.startswith(_MODULES) and getattr(module, "time", None) is time:
                patch.setattr(module, "time", self)


class Stop(threading.Event):
    """The interrupt of a run, whose waiting is done in the time of the world."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(None if timeout is None else timeout / self._world.speed)
