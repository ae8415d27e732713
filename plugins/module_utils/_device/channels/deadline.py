# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The end of a login: its steps and its tries share one."""

from __future__ import annotations

import time

CONNECT_SECONDS = 30.0
# A login that is cut before authentication is tried again: bastions and devices refuse some of many at once.
TRIES = 6
_FIRST_PAUSE = 0.2
# The pauses between six tries take some six seconds, ten at most, which a short ConnectTimeout must leave room for.
_SHORTEST_LOGIN = 10.0


class Deadline:
    """A time that ends ``seconds`` from now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """The seconds that remain, 0 where it is over."""
        return max(0.0, self._end - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether nothing remains."""
        return self.remaining == 0

    def part(self, seconds: float) -> float:
        """Return how long a step may take that would have so many seconds."""
        return min(seconds, round(self.remaining, 1))


def login_seconds(connect_seconds: float) -> float:
    """Return how long all tries of a login to one host may take together, each as long as ``ConnectTimeout``."""
    return max(connect_seconds, _SHORTEST_LOGIN)


def pause_after(tries: int, chance: float) -> float:
    """Return the seconds before the next try. ``chance`` between 0 and 1 keeps sessions from trying in step."""
    return _FIRST_PAUSE * 2.0 ** (tries - 1) * (0.5 + chance)
