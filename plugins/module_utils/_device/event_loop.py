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
import typing as t
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout

_T = t.TypeVar("_T")
# Names are looked up in threads: a name server that does not answer must not hold up the other devices.
_RESOLVERS = 64


class _Running:
    """The loop of this process. A fork takes no thread along, so a child begins anew."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loop: asyncio.AbstractEventLoop | None = None


_running = _Running()


def _start_anew() -> None:
    # The lock may have been held by a thread that the child does not have.
    global _running
    _running = _Running()


os.register_at_fork(after_in_child=_start_anew)


def loop() -> asyncio.AbstractEventLoop:
    """Return the running loop of this process, made at the first call."""
    with _running.lock:
        if _running.loop is None:
            made = asyncio.new_event_loop()
            made.set_default_executor(ThreadPoolExecutor(_RESOLVERS, "hubspoke-resolver"))
            # Nothing in a thread may reach stderr: on ansible-core before 2.19 it waits there for ever.
            made.set_exception_handler(lambda _loop, _context: None)
            threading.Thread(target=made.run_forever, name="hubspoke-channels", daemon=True).start()
            _running.loop = made
        return _running.loop


def run(work: t.Coroutine[t.Any, t.Any, _T], timeout: float) -> _T:
    """Run a coroutine in the loop and return its result. Raise TimeoutError after ``timeout`` seconds."""
    future: Future[_T] = asyncio.run_coroutine_threadsafe(work, loop())
    try:
        return future.result(timeout)
    except FutureTimeout:
        raise TimeoutError from None
    finally:
        # Does nothing to what is done. An interrupt of the caller ends the work too.
        future.cancel()


def quiet(*names: str) -> None:
    """Keep what libraries log to themselves: requests hold keys, and a logger without a handler writes to stderr."""
    for name in names:
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
