# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One event loop in one daemon thread of the process, for the channels of all devices."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
import typing as t
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress

_T = t.TypeVar("_T")
# Names are looked up in threads: a name server that does not answer must not hold up the other devices.
_RESOLVERS = 64
# A loop with work for a thousand devices answers within a second.
_BLOCKED_SECONDS = 20.0
# Exceptions that end the loop one after the other, each within a second: it cannot go on.
_LAST_FAILURE = 10


class LoopEnded(Exception):
    """The loop that carried the session is given up."""


class _Running:
    """The loop of this process, and who waits for it. A fork takes no thread along, so a child begins anew."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.waiting: set[Future[t.Any]] = set()

    def wait(self, future: Future[t.Any], loop: asyncio.AbstractEventLoop) -> None:
        """Note who waits for a loop, which may have ended since it was asked."""
        with self.lock:
            if self.loop is loop:
                self.waiting.add(future)
                return
        _fail(future)

    def give_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let the next session begin a loop of its own, and end the waiting for this one."""
        with self.lock:
            if self.loop is not loop:
                return
            self.loop, waiting, self.waiting = None, self.waiting, set()
        for future in waiting:
            _fail(future)


def _fail(future: Future[t.Any]) -> None:
    with suppress(InvalidStateError):
        future.set_exception(LoopEnded("the event loop does not go on"))


_running = _Running()


def _start_anew() -> None:
    # The lock may have been held by a thread that the child does not have.
    global _running
    _running = _Running()


os.register_at_fork(after_in_child=_start_anew)


def loop() -> asyncio.AbstractEventLoop:
    """Return the running loop of this process, made at the first call."""
    running = _running
    with running.lock:
        if running.loop is None:
            made = asyncio.new_event_loop()
            made.set_default_executor(ThreadPoolExecutor(_RESOLVERS, "hubspoke-resolver"))
            made.set_exception_handler(_note)
            threading.Thread(target=_serve, args=(running, made), name="hubspoke-channels", daemon=True).start()
            running.loop = made
        return running.loop


def _note(_loop: asyncio.AbstractEventLoop, context: dict[str, t.Any]) -> None:
    """Log an exception that no session waits for, instead of asyncio's traceback on stderr."""
    logging.getLogger("asyncio").warning("%s: %r", context.get("message"), context.get("exception"))


def _serve(running: _Running, made: asyncio.AbstractEventLoop) -> None:
    """Run a loop. An exception that asyncio lets through, as SystemExit, ends the work of one session only."""
    failures = 0
    while failures < _LAST_FAILURE:
        began = time.monotonic()
        try:
            made.run_forever()
        except BaseException:
            failures = failures + 1 if time.monotonic() - began < 1 else 1
        else:
            break
    running.give_up(made)


def is_given_up(one: asyncio.AbstractEventLoop) -> bool:
    """Whether a loop does not go on, so that nothing can be asked of it."""
    return _running.loop is not one


def run(work: t.Coroutine[t.Any, t.Any, _T], timeout: float) -> _T:
    """Run a coroutine in the loop and return its result. Raise TimeoutError after ``timeout`` seconds.

    A loop that then does not answer at all is given up: whatever blocks it must not keep the decision from the devices.
    """
    running, carrying = _running, loop()
    future: Future[_T] = asyncio.run_coroutine_threadsafe(work, carrying)
    running.wait(future, carrying)
    try:
        return future.result(timeout)
    except FutureTimeout:
        if not future.done() and not _answers(carrying):
            running.give_up(carrying)
        raise TimeoutError from None
    finally:
        running.waiting.discard(future)
        # Does nothing to what is done. An interrupt of the caller ends the work too.
        future.cancel()
        if is_given_up(carrying):
            # What the loop has not begun would warn about it, in whichever thread: nothing there may reach stderr.
            with suppress(RuntimeError, ValueError):
                work.close()


def _answers(one: asyncio.AbstractEventLoop) -> bool:
    answered = threading.Event()
    one.call_soon_threadsafe(answered.set)
    return answered.wait(_BLOCKED_SECONDS)
