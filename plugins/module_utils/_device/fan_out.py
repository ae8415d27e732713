# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One step on many devices at once: threads, logins a few dozen at a time, a barrier, a stage of the progress."""

from __future__ import annotations

import functools
import math
import threading
import time
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.rpc_log import show_records
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError, UnexpectedError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Progress


class _OfHost(t.Protocol):
    @property
    def host(self) -> str:
        """Return the name of the device in the inventory."""


# Messages name a device by its host.
Device = t.TypeVar("Device", bound="str | _OfHost")
Result = t.TypeVar("Result")

# Seconds between two checks of the interrupt and the time limit.
_POLL = 0.2
# Seconds for a step to end after an interrupt: most do, and a closed session must be opened again for the decision.
_PATIENCE = 5.0
# Seconds for a step to end after its session was closed.
_GRACE = 10.0
# The reasons of errors without an answer of the device to a request.
_NO_ANSWER = ("unreachable", "authentication", "host_key", "controller", "lost")


class _Step:
    """One step on one device, in a thread.

    It says itself when it is done: Python before 3.13 takes a thread for ended once an exception, of a task timeout for
    instance, has interrupted a ``join`` of it.
    """

    def __init__(self, device: t.Any, take: t.Callable[[], None]) -> None:
        self.device = device
        self.seconds = 0.0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._run, name=f"hubspoke {host_of(device)}", daemon=True)
        self._take = take

    @property
    def is_running(self) -> bool:
        """Whether the thread was started and is not done."""
        return self.thread.ident is not None and not self.done.is_set()

    def _run(self) -> None:
        began = time.monotonic()
        try:
            self._take()
        finally:
            self.seconds = time.monotonic() - began
            self.done.set()


class FanOut:
    """The threads of one run. Use as a context manager: its end waits for every running step.

    ``sessions_at_once`` is the number of devices that log in at once: a key exchange is processor time here and on the
    device, so more logins only time out (measured). ``progress`` hears of each stage and of each wait, in the calling
    thread. ``abandon`` closes the session of a device whose step does not end within ``limit`` seconds. The threads
    are daemons: one that never ends does not keep the process alive.
    """

    def __init__(
        self,
        sessions_at_once: int,
        progress: Progress | None = None,
        *,
        abandon: t.Callable[[t.Any], object] | None = None,
        limit: float | None = None,
    ) -> None:
        self.progress = progress or Progress()
        self._logins = threading.Semaphore(max(1, sessions_at_once))
        self._abandon = abandon
        self._limit = limit
        self._under_way: list[_Step] = []
        # Set for steps that an interrupt may end; the steps that a call leaves behind then get no longer either.
        self._hurry: threading.Event | None = None

    def __enter__(self) -> FanOut:
        return self

    def __exit__(self, error: type[BaseException] | None, *_details: object) -> None:
        self._wait(_set() if error else self._hurry)

    def join(self) -> None:
        """Wait for the steps still running after an exception in the calling thread."""
        self._wait(self._hurry)

    def log_in(
        self, step: t.Callable[[Device], Result], then: t.Callable[[Device], object] | None = None
    ) -> t.Callable[[Device], Result]:
        """Return the step, limited to as many devices at once as may log in.

        What comes ``then`` is not limited: a device that is slow to answer keeps no other from its login.
        """

        def bounded(device: Device) -> Result:
            with self._logins:
                result = step(device)
            if then is not None:
                then(device)
            return result

        return bounded

    def each(
        self,
        devices: t.Sequence[Device],
        step: t.Callable[[Device], Result],
        *,
        until: threading.Event | None = None,
    ) -> list[Result | HubspokeError]:
        """Take one step on all devices and wait for all. Return each result, or the error of the step.

        An exception that is none of this collection's becomes UnexpectedError: a failure of one device ends no other.
        Once ``until`` is set or the time limit is over, running steps lose their sessions and end as after a lost
        reply. After an exception in the calling thread, a task timeout for instance, they go on; the next call waits
        for them first, and ends them soon if ``until`` was given.
        """
        answers: dict[int, Result | HubspokeError] = {}

        def take(number: int, device: Device) -> None:
            try:
                answers[number] = step(device)
            except HubspokeError as error:
                answers[number] = error
            except BaseException as error:
                answers[number] = UnexpectedError(host_of(device), error)

        self.join()
        self._under_way = [
            _Step(device, functools.partial(take, number, device)) for number, device in enumerate(devices)
        ]
        self._hurry = until and _set()
        for one in self._under_way:
            one.thread.start()
        self._wait(until)
        return [answers[number] if number in answers else _lost(device) for number, device in enumerate(devices)]

    def stage(
        self,
        name: str,
        devices: t.Sequence[Device],
        step: t.Callable[[Device], object],
        *,
        until: threading.Event | None = None,
        quiet: bool = False,
        facts: t.Callable[[], dict[str, t.Any]] = dict,
    ) -> list[tuple[Device, HubspokeError]]:
        """Take one step on all devices as a stage of the progress, return those that failed with their errors.

        ``facts`` returns what is known at its end; a ``quiet`` stage shows its waits alone.
        """
        answers = self.answers(name, devices, step, until=until, quiet=quiet, facts=facts)
        return _failed(devices, answers)

    def answers(
        self,
        name: str,
        devices: t.Sequence[Device],
        step: t.Callable[[Device], Result],
        *,
        until: threading.Event | None = None,
        quiet: bool = False,
        facts: t.Callable[[], dict[str, t.Any]] = dict,
    ) -> list[Result | HubspokeError]:
        """Take one step on all devices as a stage of the progress; return each result, or the error of the step."""
        if not devices:
            return []
        self.progress.begin(name, len(devices), quiet=quiet)
        answers = self.each(devices, step, until=until)
        errors = _failed(devices, answers)
        failed = tuple(host_of(device) for device, _error in errors)
        refused = tuple(host_of(device) for device, error in errors if error.reason not in _NO_ANSWER)
        self.progress.end(len(devices) - len(failed), failed=failed, refused=refused, **facts())
        return answers

    # --- waiting ---

    def _wait(self, until: threading.Event | None) -> None:
        """Wait for the running steps; close their sessions soon after ``until`` is set, or after the time limit."""
        over = math.inf if self._limit is None else time.monotonic() + self._limit
        is_stopped = is_abandoned = False
        while running := _running(self._under_way):
            done, devices = len(self._under_way) - len(running), [step.device for step in running]
            self.progress.tick(done, functools.partial(_busy, devices), functools.partial(_until, devices))
            if until is not None and until.is_set() and not is_stopped:
                is_stopped, over = True, min(over, time.monotonic() + _PATIENCE)
            if time.monotonic() >= over:
                if is_abandoned or self._abandon is None:
                    break
                is_abandoned, over = True, time.monotonic() + _GRACE
                for device in devices:
                    self._abandon(device)
            _pause(running)
            show_records()
        for step in self._under_way:
            self.progress.took(host_of(step.device), step.seconds)
        self._under_way, self._hurry = [], None


def host_of(device: str | _OfHost) -> str:
    """Return the host of a device, or the device itself where it is a name."""
    return device if isinstance(device, str) else device.host


def _busy(devices: t.Iterable[str | _OfHost]) -> list[str]:
    """Return the hosts of devices, each with what it waits for where it says that."""
    waits = ((host_of(device), getattr(device, "doing", "")) for device in devices)
    return [f"{host}: {doing}" if doing else host for host, doing in waits]


def _until(devices: t.Iterable[object]) -> float | None:
    """Return when the wait for the last of the devices ends, ``None`` where that is not known of one."""
    ends = [getattr(device, "until", None) for device in devices]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def _failed(
    devices: t.Iterable[Device], answers: t.Iterable[object | HubspokeError]
) -> list[tuple[Device, HubspokeError]]:
    pairs = zip(devices, answers, strict=True)
    return [(device, answer) for device, answer in pairs if isinstance(answer, HubspokeError)]


def _lost(device: str | _OfHost) -> SessionError:
    return SessionError(
        f"{host_of(device)}: step of the run: expected to end, actual still running when its session was closed."
        " See whether the device answers, then run hubspoke.srx.recover.",
        "lost",
    )


def _pause(running: t.Iterable[_Step]) -> None:
    """Wait until all of these steps are done, at most until the next check.

    A check looks at every step: one after each step that ends would cost the square of their number.
    """
    until = time.monotonic() + _POLL
    for step in running:
        if not step.done.wait(max(0.0, until - time.monotonic())):
            return


def _running(steps: t.Iterable[_Step]) -> list[_Step]:
    return [step for step in steps if step.is_running]


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event
