# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The log of the RPCs of a task: sessions note them in any thread, and the main thread shows them.

A thread must not show anything itself: on ansible-core before 2.19 it waits for Ansible's display for ever. Nothing is
noted while no log is open.
"""

from __future__ import annotations

import threading
import time
import typing as t
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import hider
from ansible_collections.hubspoke.srx.plugins.module_utils._device import reply_times


@dataclass(frozen=True, kw_only=True)
class Record:
    """One RPC, or one login or logout, of a host. ``attempt`` counts from 1; ``error`` is empty where there is none.

    ``sent`` and ``received`` are the bytes of request and reply, ``None`` for a login and a logout.
    """

    host: str
    name: str
    milliseconds: float
    sent: int | None = None
    received: int | None = None
    attempt: int = 1
    error: str = ""

    def __str__(self) -> str:
        parts = [f"{self.milliseconds:.0f} ms"]
        parts += [] if self.sent is None else [f"sent {self.sent} bytes, received {self.received or 0} bytes"]
        parts += [f"try {self.attempt}"]
        parts += [f"error: {self.error}"] if self.error else []
        return f"{self.name}: {', '.join(parts)}"


class Exchange:
    """An RPC, a login or a logout that is under way."""

    def __init__(self) -> None:
        self.attempt = 1
        self.milliseconds = 0.0
        self.received: int | None = None
        self._began = time.monotonic()

    def end(self, reply: str | None = None) -> None:
        """Note the time, and the size of the reply."""
        self.milliseconds = (time.monotonic() - self._began) * 1000
        self.received = None if reply is None else _bytes(reply)


class RpcLog:
    """A log that is open as a context manager. ``show`` takes a record, and returns false where it must come later."""

    def __init__(self, show: t.Callable[[Record], bool]) -> None:
        self._show = show
        self._records: deque[Record] = deque()
        # How often in a row the device has not answered a request, by host and request.
        self._failures: dict[tuple[str, int], int] = {}

    def __enter__(self) -> RpcLog:
        global _open
        _open = self
        return self

    def __exit__(self, *_details: object) -> None:
        global _open
        show_records()
        _open = None

    def rest(self) -> list[Record]:
        """Return the records that are not shown yet, and discard them."""
        # One by one: a thread may note another record meanwhile.
        return [self._records.popleft() for _record in range(len(self._records))]

    def show(self) -> None:
        """Show records until one must come later. Do nothing in another thread than the main thread."""
        if threading.current_thread() is threading.main_thread():
            while self._records and self._show(self._records[0]):
                self._records.popleft()

    def note(self, host: str, name: str, request: str | None, exchange: Exchange, error: str) -> None:
        """Note what has ended. The same request after an error is another try of it."""
        key = (host, hash(request or name))
        failures = self._failures.pop(key, 0)
        if error:
            self._failures[key] = failures + 1
        record = Record(
            host=host,
            name=name,
            milliseconds=exchange.milliseconds,
            sent=None if request is None else _bytes(request),
            received=exchange.received,
            attempt=exchange.attempt + failures,
            error=error,
        )
        self._records.append(record)
        self.show()


_open: RpcLog | None = None


def show_records() -> None:
    """Show what the open log has noted, in the main thread."""
    if _open is not None:
        _open.show()


@contextmanager
def noted(
    host: str, name: str, request: str | None = None, secrets: t.Iterable[str | None] = ()
) -> t.Iterator[Exchange]:
    """Note an RPC, a login or a logout, with the error that it raises, in the open log. ``secrets`` are masked.

    Without an error its seconds go into the open times of replies too.
    """
    exchange = Exchange()
    error = ""
    try:
        yield exchange
    except BaseException as raised:
        error = " ".join(str(raised).split()) or type(raised).__name__
        raise
    finally:
        if not exchange.milliseconds:
            exchange.end()
        if not error:
            reply_times.note(host, name, exchange.milliseconds / 1000, exchange.received or 0)
        log = _open
        if log is not None:
            log.note(host, name, request, exchange, error and hider(filter(None, secrets))(error))


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))
