# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One step on many devices at once: threads, logins a few dozen at a time, a barrier, one sentence per stage."""

from __future__ import annotations

import threading
import typing as t
from concurrent.futures import Future, ThreadPoolExecutor, wait

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, UnexpectedError

Device = t.TypeVar("Device")
Result = t.TypeVar("Result")


def silent(_sentence: str) -> None:
    """Discard the sentence: a progress function for runs that show none."""


class FanOut:
    """The threads of one run. Use as a context manager: its end waits for every running step.

    ``devices`` is the number of devices that take a step at once, ``sessions_at_once`` the number that log in at once:
    a key exchange is processor time here and on the device, so more logins only time out (measured). ``progress``
    receives one sentence per stage, in the calling thread.
    """

    def __init__(self, devices: int, sessions_at_once: int, progress: t.Callable[[str], None] = silent) -> None:
        self.progress = progress
        self._pool = ThreadPoolExecutor(max_workers=max(1, devices))
        self._logins = threading.Semaphore(max(1, sessions_at_once))
        self._under_way: set[Future[t.Any]] = set()

    def __enter__(self) -> FanOut:
        return self

    def __exit__(self, *_details: object) -> None:
        self._pool.shutdown()

    def log_in(self, step: t.Callable[[Device], Result]) -> t.Callable[[Device], Result]:
        """Return the step, limited to as many devices at once as may log in."""

        def bounded(device: Device) -> Result:
            with self._logins:
                return step(device)

        return bounded

    def each(self, devices: t.Sequence[Device], step: t.Callable[[Device], Result]) -> list[Result | HubspokeError]:
        """Take one step on all devices and wait for all. Return each result, or the error of the step.

        An exception that is none of this collection's becomes UnexpectedError: a failure of one device ends no other.
        An interrupt or a task timeout in the calling thread does not end the running steps; the next call waits for
        them first.
        """

        def guarded(device: Device) -> Result | HubspokeError:
            try:
                return step(device)
            except HubspokeError as error:
                return error
            except Exception as error:
                return UnexpectedError(getattr(device, "host", str(device)), error)

        self._wait()
        futures = [self._pool.submit(guarded, device) for device in devices]
        self._under_way = set(futures)
        self._wait()
        return [future.result() for future in futures]

    def _wait(self) -> None:
        wait(self._under_way)
        self._under_way = set()

    def stage(
        self, done: str, devices: t.Sequence[Device], step: t.Callable[[Device], object]
    ) -> list[tuple[Device, HubspokeError]]:
        """Take one step on all devices, show how many succeeded, return the others with their errors."""
        if not devices:
            return []
        answers = self.each(devices, step)
        failed = [
            (device, answer)
            for device, answer in zip(devices, answers, strict=True)
            if isinstance(answer, HubspokeError)
        ]
        self.progress(f"{len(devices) - len(failed)} of {len(devices)} devices {done}")
        return failed
