# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""How long devices take to answer, by device and request, and which of them are much slower than the others.

Sessions note each reply in any thread, while ``ReplyTimes`` are open. These are sums and no records: some numbers for
each device and kind of request.
"""

from __future__ import annotations

import statistics
import typing as t

# A device is slow from so many times the time of the others on, and so many seconds more.
_TIMES = 10
_SECONDS = 2.0
# With fewer others there is no usual time.
_OTHERS = 2
# A ping takes as long as its answers. A login may have waited before another try, and is computing on this side too.
_NOT_THE_DEVICE = ("ping", "login", "logout")


class Slow(t.NamedTuple):
    """A slow device: the seconds of all its replies, and those that the same replies take elsewhere."""

    host: str
    seconds: float
    usual: float

    def __str__(self) -> str:
        return (
            f"replies: expected about {self.usual:.1f} s in all, as of other devices, actual {self.seconds:.1f} s."
            " See the load of the device, and the path to it."
        )


class _Sum:
    """The replies of one device to one kind of request."""

    __slots__ = ("count", "received", "seconds")

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0
        self.received = 0


class ReplyTimes:
    """The times of a run, open as a context manager."""

    def __init__(self) -> None:
        # By request and host. One thread at a time speaks with a host, so no two change the same sum.
        self._sums: dict[str, dict[str, _Sum]] = {}

    def __enter__(self) -> ReplyTimes:
        global _open
        _open = self
        return self

    def __exit__(self, *_details: object) -> None:
        global _open
        _open = None

    def note(self, host: str, name: str, seconds: float, received: int) -> None:
        """Add a reply of so many bytes."""
        if name in _NOT_THE_DEVICE:
            return
        found = self._sums.setdefault(name, {}).setdefault(host, _Sum())
        found.count += 1
        found.seconds += seconds
        found.received += received

    def slow(self) -> list[Slow]:
        """Return the slow devices, the slowest first.

        What is usual is the median of the other devices for the same request. A longer reply may take longer.
        """
        seconds: dict[str, float] = {}
        usual: dict[str, float] = {}
        for sums in self._sums.values():
            if len(sums) <= _OTHERS:
                continue
            middle = statistics.median(one.seconds / one.count for one in sums.values())
            size = statistics.median(one.received / one.count for one in sums.values())
            for host, one in sums.items():
                longer = max(1.0, one.received / one.count / size) if size else 1.0
                seconds[host] = seconds.get(host, 0.0) + one.seconds
                usual[host] = usual.get(host, 0.0) + one.count * middle * longer
        found = [Slow(host, seconds[host], usual[host]) for host in seconds]
        slow = [one for one in found if one.seconds >= _TIMES * one.usual and one.seconds - one.usual >= _SECONDS]
        return sorted(slow, key=lambda one: (-one.seconds, one.host))


_open: ReplyTimes | None = None


def note(host: str, name: str, seconds: float, received: int) -> None:
    """Add a reply to the open times, if there are any."""
    if _open is not None:
        _open.note(host, name, seconds, received)


def slow_devices() -> list[Slow]:
    """Return the slow devices by the open times, none where there are no such times."""
    return [] if _open is None else _open.slow()
