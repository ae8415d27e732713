# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Signals while devices have pending commits: they ask the run to roll back."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
import typing as t

# Seconds between two looks at the parent process, whose end sends no signal.
_POLL = 0.5


class _Stop(threading.Event):
    """An event that is also set once the ansible-playbook process has ended: no result can reach it any more."""

    def __init__(self) -> None:
        super().__init__()
        self._parent = os.getppid()

    def is_set(self) -> bool:
        """Return whether a signal has arrived or the parent process has ended."""
        return super().is_set() or os.getppid() != self._parent

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until either has happened, for at most ``timeout`` seconds; return whether it has."""
        over = math.inf if timeout is None else time.monotonic() + timeout
        while not self.is_set() and (remaining := over - time.monotonic()) > 0:
            super().wait(min(remaining, _POLL))
        return self.is_set()


class Interrupts:
    """A context in which SIGINT and SIGTERM ask the run to roll back instead of killing it."""

    def __enter__(self) -> threading.Event:
        self._stop = _Stop()
        self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self._stop

    def __exit__(self, *_details: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, _number: int, _frame: t.Any) -> None:
        self._stop.set()
