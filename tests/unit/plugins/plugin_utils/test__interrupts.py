# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stop of a run: by a signal, or by the end of the ansible-playbook process."""

from __future__ import annotations

import os
import signal
import time

import pytest
from ansible_collections.hubspoke.srx.plugins.plugin_utils import _interrupts
from ansible_collections.hubspoke.srx.plugins.plugin_utils._interrupts import Interrupts


def test_a_wait_ends_soon_after_the_parent_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_interrupts, "_POLL", 0.01)
    with Interrupts() as stop:
        started = time.monotonic()
        assert not stop.wait(0.05)
        assert time.monotonic() - started >= 0.05
        monkeypatch.setattr(os, "getppid", lambda: 1)
        assert stop.wait(60)
        assert time.monotonic() - started < 30


def test_a_wait_ends_with_a_signal() -> None:
    with Interrupts() as stop:
        assert not stop.wait(0)
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait()
