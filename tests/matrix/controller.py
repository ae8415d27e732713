# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A controlling process that can be killed: it runs the transaction in a process group of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import typing as t
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.matrix.network import Network
from tests.matrix.run import SHORT, quicken, transact
from tests.matrix.world import World

# The server imports all of this once; each controller is a fork of it and starts at once.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])
_READY, _DONE = 30.0, 30.0


def _control(ready: Connection, ports: t.Sequence[int], ssh_config: Path, run: str, verified: bool) -> None:
    os.setsid()
    world, network = World(), Network(ports, ssh_config)
    with pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        world.rule(patch)
        settings = network.settings(network.after, run, **({} if verified else {"verify_timeout": SHORT}))
        ready.send(None)
        transact(network, world, network.jobs(network.after, spoiled=not verified), settings, lambda sentence: None)


def controlled(network: Network, run: str, verified: bool, kill_after: float | None) -> float:
    """Start a controller and kill its whole group after so many seconds; answers how long it ran.

    Without ``kill_after`` it may end by itself.
    """
    ready, its_end = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_control, args=(its_end, network.ports, network.ssh_config, run, verified))
    process.start()
    try:
        assert ready.poll(_READY), "the controller did not start"
        started = time.monotonic()
        process.join(_DONE if kill_after is None else kill_after)
        return time.monotonic() - started
    finally:
        if process.is_alive() and process.pid is not None:
            os.killpg(process.pid, signal.SIGKILL)
        process.join(_DONE)
        process.close()
        ready.close()
        its_end.close()
