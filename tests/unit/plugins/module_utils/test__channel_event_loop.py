# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The loop of all sessions: an exception in it is one session's, and a loop that does not go on is replaced."""

from __future__ import annotations

import asyncio
import threading
import typing as t
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import event_loop


@pytest.fixture(autouse=True)
def own_loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin with a loop of this test, and leave that of the others alone."""
    monkeypatch.setattr(event_loop, "_running", event_loop._Running())
    monkeypatch.setattr(event_loop, "_BLOCKED_SECONDS", 0.2)
    yield
    if event_loop._running.loop is not None:
        event_loop._running.loop.call_soon_threadsafe(event_loop._running.loop.stop)


async def number() -> int:
    return 7


async def waiting(begun: threading.Event, over: asyncio.Event) -> int:
    begun.set()
    await over.wait()
    return 8


def raise_(error: BaseException) -> t.Any:
    raise error


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), MemoryError(), RuntimeError("a fault")])
def test_an_exception_in_the_loop_ends_no_work_of_others(error: BaseException) -> None:
    loop, begun, over = event_loop.loop(), threading.Event(), asyncio.Event()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(event_loop.run, waiting(begun, over), 30)
        assert begun.wait(300)
        loop.call_soon_threadsafe(raise_, error)

        async def fails() -> None:
            raise error

        with pytest.raises(type(error)):
            event_loop.run(fails(), 30)
        loop.call_soon_threadsafe(over.set)
        assert other.result(30) == 8
    assert event_loop.loop() is loop


def test_a_loop_that_ends_ends_the_waiting_and_is_replaced() -> None:
    loop, begun, over = event_loop.loop(), threading.Event(), asyncio.Event()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(event_loop.run, waiting(begun, over), 3600)
        assert begun.wait(300)
        loop.call_soon_threadsafe(loop.stop)
        with pytest.raises(event_loop.LoopEnded):
            other.result(30)
    assert event_loop.is_given_up(loop)
    assert event_loop.run(number(), 30) == 7


def test_a_loop_that_fails_again_and_again_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = event_loop.loop()
    begun, over = threading.Event(), asyncio.Event()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(event_loop.run, waiting(begun, over), 3600)
        assert begun.wait(300)
        # As where its file descriptors are closed under it.
        monkeypatch.setattr(loop, "_run_once", lambda: raise_(OSError(9, "Bad file descriptor")))
        loop.call_soon_threadsafe(lambda: None)
        with pytest.raises(event_loop.LoopEnded):
            other.result(30)
    assert event_loop.run(number(), 30) == 7


def test_a_loop_that_is_blocked_is_replaced() -> None:
    loop, goes_on = event_loop.loop(), threading.Event()
    begun, over = threading.Event(), asyncio.Event()
    try:
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(event_loop.run, waiting(begun, over), 3600)
            assert begun.wait(300)
            loop.call_soon_threadsafe(goes_on.wait)
            with pytest.raises(TimeoutError):
                event_loop.run(number(), 0.2)
            with pytest.raises(event_loop.LoopEnded):
                other.result(30)
        assert event_loop.loop() is not loop
        assert event_loop.run(number(), 30) == 7
    finally:
        goes_on.set()


def test_a_slow_answer_is_no_blocked_loop() -> None:
    loop, begun, over = event_loop.loop(), threading.Event(), asyncio.Event()
    with pytest.raises(TimeoutError):
        event_loop.run(waiting(begun, over), 0.1)
    assert event_loop.loop() is loop
