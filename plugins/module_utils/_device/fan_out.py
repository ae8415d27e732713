# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One step on many devices at once: threads, logins a few dozen at a time, a barrier, one sentence per stage."""

from __future__ import annotations

import threading
import time
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError, UnexpectedError

Device = t.TypeVar("Device")
Result = t.TypeVar("Result")

# Seconds between two looks at what the calling thread has to heed meanwhile: the interrupt, the time limit.
_HEED = 0.2
# Seconds that a step has to end in once its session was closed under it.
_GRACE = 10.0


def silent(_sentence: str) -> None:
    """Take the place of a progress function where nobody watches."""


class FanOut:
    """The threads of one run. Use as a context manager; leaving it waits for every step that is under way.

    ``sessions_at_once`` is how many devices may be logging in: key exchange is processor time here and on the device,
    so more logins at once only time out (measured). ``progress`` receives one sentence per stage, in the thread that
    called for the stage. ``abandon`` closes the session of a device under a step that does not end; ``limit`` is how
    many seconds a step may take before that. Threads are daemons: not even one that is lost keeps the process alive.
    """

    def __init__(
        self,
        sessions_at_once: int,
        progress: t.Callable[[str], None] = silent,
        *,
        abandon: t.Callable[[t.Any], object] | None = None,
        limit: float | None = None,
    ) -> None:
        self.progress = progress
        self._logins = threading.Semaphore(max(1, sessions_at_once))
        self._abandon = abandon
        self._limit = limit
        self._under_way: list[threading.Thread] = []

    def __enter__(self) -> FanOut:
        return self

    def __exit__(self, *_details: object) -> None:
        _join(self._under_way, time.monotonic() + _GRACE)

    def log_in(self, step: t.Callable[[Device], Result]) -> t.Callable[[Device], Result]:
        """Return the step, bounded to as many devices at once as may log in."""

        def bounded(device: Device) -> Result:
            with self._logins:
                return step(device)

        return bounded

    def each(
        self,
        devices: t.Sequence[Device],
        step: t.Callable[[Device], Result],
        *,
        until: threading.Event | None = None,
    ) -> list[Result | HubspokeError]:
        """Take one step on all devices and wait for all. Return each result, or the error that ended it.

        An exception that is none of this collection's becomes UnexpectedError: one device's trouble is that device's.
        Once ``until`` is set, or the time limit is over, steps that are still under way lose their sessions, which
        ends them as a lost reply does. An exception in the calling thread (an interrupt, a task timeout) leaves the
        steps under way; the next call waits for them first.
        """
        answers: dict[int, Result | HubspokeError] = {}

        def take(number: int, device: Device) -> None:
            try:
                answers[number] = step(device)
            except HubspokeError as error:
                answers[number] = error
            except BaseException as error:
                answers[number] = UnexpectedError(host_of(device), error)

        self._wait()
        self._under_way = [
            threading.Thread(target=take, args=(number, device), name=f"hubspoke {host_of(device)}", daemon=True)
            for number, device in enumerate(devices)
        ]
        for thread in self._under_way:
            thread.start()
        self._wait(devices, until)
        return [answers[number] if number in answers else _lost(device) for number, device in enumerate(devices)]

    def stage(
        self,
        done: str,
        devices: t.Sequence[Device],
        step: t.Callable[[Device], object],
        *,
        until: threading.Event | None = None,
    ) -> list[tuple[Device, HubspokeError]]:
        """Take one step on all devices, say how many did, and return those that failed with their errors."""
        if not devices:
            return []
        answers = self.each(devices, step, until=until)
        failed = [
            (device, answer)
            for device, answer in zip(devices, answers, strict=True)
            if isinstance(answer, HubspokeError)
        ]
        self.progress(f"{len(devices) - len(failed)} of {len(devices)} devices {done}")
        return failed

    # --- waiting ---

    def _wait(self, devices: t.Sequence[t.Any] = (), until: threading.Event | None = None) -> None:
        """Wait for the steps under way; close the sessions of those that do not end in time, or once ``until`` is set."""
        over = None if self._limit is None else time.monotonic() + self._limit
        while running := _running(self._under_way):
            if (until is not None and until.is_set()) or (over is not None and time.monotonic() >= over):
                break
            running[0].join(_HEED)
        if running and self._abandon is not None:
            for device, thread in zip(devices, self._under_way, strict=False):
                if thread.is_alive():
                    self._abandon(device)
            _join(self._under_way, time.monotonic() + _GRACE)
        self._under_way = []


def host_of(device: object) -> str:
    """Return the host that a step works on: the device's, or the device itself where it is a name."""
    return str(getattr(device, "host", device))


def _lost(device: object) -> SessionError:
    return SessionError(
        f"{host_of(device)}: step of the run: expected to end, actual still under way when its session was closed."
        " See whether the device answers, then run hubspoke.srx.recover.",
        "lost",
    )


def _running(threads: t.Iterable[threading.Thread]) -> list[threading.Thread]:
    return [thread for thread in threads if thread.is_alive()]


def _join(threads: t.Iterable[threading.Thread], over: float) -> None:
    for thread in threads:
        thread.join(max(0.0, over - time.monotonic()))
