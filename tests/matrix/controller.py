# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A controlling process for a test to kill: it runs the transaction in a process group of its own."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
import typing as t
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.matrix.network import Network
from tests.matrix.run import SHORT, speed_up_ncclient, transact
from tests.matrix.scaled_time import ScaledTime
from tests.utils.patience import PATIENCE

# The fork server imports all of this once, so that each controller starts at once.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


def _control(ready: Connection, where: tuple[t.Sequence[int], Path, str], run: str, verified: bool) -> None:
    os.setsid()
    scaled_time, network = ScaledTime(), Network(*where)
    with pytest.MonkeyPatch.context() as patch:
        speed_up_ncclient(patch)
        scaled_time.install(patch)
        settings = network.settings(network.after, run, **({} if verified else {"verify_timeout": SHORT}))
        ready.send(None)
        transact(
            network, scaled_time, network.jobs(network.after, wrong_key=not verified), settings, lambda sentence: None
        )


def controlled(network: Network, run: str, verified: bool, kill_after: float | None) -> float:
    """Start a controller, kill its process group after ``kill_after`` seconds, and return the seconds that it ran.

    Without ``kill_after`` wait for its end.
    """
    ready, far_end = _CONTEXT.Pipe(duplex=False)
    where = (network.ports, network.ssh_config, network.transport)
    process = _CONTEXT.Process(target=_control, args=(far_end, where, run, verified))
    process.start()
    try:
        assert ready.poll(PATIENCE), "the controller did not start"
        started = time.monotonic()
        process.join(PATIENCE if kill_after is None else kill_after)
        return time.monotonic() - started
    finally:
        if process.is_alive() and process.pid is not None:
            # The controller may end, and its group with it, between the question and the signal.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.join(PATIENCE)
        process.close()
        ready.close()
        far_end.close()
