# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The longest time that a test waits for something that always comes."""

from __future__ import annotations

import time
import typing as t

# Wall-clock seconds. A machine with many times its usual work needs less, and a test that passes does not wait for it.
PATIENCE = 300.0


def wait_until(holds: t.Callable[[], object], said: t.Callable[[], object] = lambda: "") -> None:
    """Wait until a condition holds. Raise AssertionError with what ``said`` returns if it does not within PATIENCE."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, said()
        time.sleep(0.02)
