# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Signals: they ask a run that changes devices to roll back, and end a run that only reads."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
import typing as t

# Ctrl-C, an end that is asked for, and the end of the terminal: each reaches the worker, or only its parent process.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
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
    """A context in which a signal sets an event instead of killing the run: the run decides, then ends."""

    def __enter__(self) -> threading.Event:
        self._stop = _Stop()
        self._before = {
            number: signal.signal(number, self._note)
            for number in _SIGNALS
            # nohup ignores the end of the terminal.
            if signal.getsignal(number) is not signal.SIG_IGN
        }
        return self._stop

    def __exit__(self, *_details: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, _number: int, _frame: t.Any) -> None:
        self._stop.set()


class Interrupted(BaseException):
    """The run was interrupted."""


class RaisingInterrupts(Interrupts):
    """A context in which the first signal, or the end of the parent process, raises Interrupted in the main thread."""

    def __enter__(self) -> threading.Event:
        stop = super().__enter__()
        self._ended = threading.Event()
        self._raised = False
        threading.Thread(target=self._watch, name="hubspoke parent process", daemon=True).start()
        return stop

    def __exit__(self, *details: object) -> None:
        self._ended.set()
        super().__exit__(*details)

    def _note(self, number: int, frame: t.Any) -> None:
        super()._note(number, frame)
        if not self._raised:
            # The run is ending: a second signal must not end what closes its sessions and removes its files.
            self._raised = True
            raise Interrupted

    def _watch(self) -> None:
        parent = os.getppid()
        while not self._ended.wait(_POLL):
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)
                return
