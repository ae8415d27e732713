# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Signals while devices have pending commits: they ask the run to roll back."""

from __future__ import annotations

import os
import signal
import threading
import typing as t


class _Stop(threading.Event):
    """An event that is also set once the ansible-playbook process has ended: no result can reach it any more."""

    def __init__(self) -> None:
        super().__init__()
        self._parent = os.getppid()

    def is_set(self) -> bool:
        """Return whether a signal has arrived or the parent process has ended."""
        return super().is_set() or os.getppid() != self._parent


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
