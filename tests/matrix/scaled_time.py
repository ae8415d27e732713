# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One time for the controller and the devices, faster than the wall clock."""

from __future__ import annotations

import sys
import threading
import time
import typing as t

import pytest

# Seconds of the devices per second of the wall clock: a confirm window of minutes passes during a test.
SPEED = 10.0
# The speed while the run only tries to reach a device that does not answer.
FAST = 300.0

_MODULES = "ansible_collections.hubspoke.srx.plugins.module_utils."


class ScaledTime:
    """Replaces the module ``time`` in the modules of the transaction."""

    def __init__(self) -> None:
        self.speed = SPEED
        self._base = self._base_tick = time.monotonic()

    def monotonic(self) -> float:
        """Return the devices' time in seconds."""
        return self._base + (time.monotonic() - self._base_tick) * self.speed

    def sleep(self, seconds: float) -> None:
        """Sleep for seconds of the devices' time."""
        time.sleep(seconds / self.speed)

    def __getattr__(self, name: str) -> t.Any:
        return getattr(time, name)

    def set_speed(self, speed: float) -> None:
        """Run the time at this speed from now on."""
        self._base, self._base_tick = self.monotonic(), time.monotonic()
        self.speed = speed

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Replace ``time`` in every loaded module of the collection that imports it."""
        for name, module in list(sys.modules.items()):
            if name.startswith(_MODULES) and getattr(module, "time", None) is time:
                patch.setattr(module, "time", self)


class Stop(threading.Event):
    """The interrupt of a run, which waits in the devices' time."""

    def __init__(self, scaled_time: ScaledTime) -> None:
        super().__init__()
        self._scaled_time = scaled_time

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(None if timeout is None else timeout / self._scaled_time.speed)
