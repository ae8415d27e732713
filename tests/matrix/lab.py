# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab in a thread of this process, where a test resets the devices and reads the state that clients cannot."""

from __future__ import annotations

import asyncio
import re
import threading
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tests.lab.config import text
from tests.lab.config.candidate import Desk
from tests.lab.config.database import CommitEntry
from tests.lab.config.secrets import decode9
from tests.lab.config.tree import Node
from tests.lab.device import Device
from tests.lab.inventory import Inventory
from tests.lab.running import RunningLab
from tests.lab.state import StateDir
from tests.matrix.scaled_time import SPEED, ScaledTime
from tests.matrix.stages import Watch
from tests.utils.patience import PATIENCE

T = t.TypeVar("T")
_ENCODED = re.compile(r'\$9\$[^\s";]+')


@dataclass(frozen=True)
class DeviceState:
    """The actual state of a device. ``logs`` are the comments of its commits, the newest first."""

    configuration: str
    logs: tuple[str, ...]
    locked: bool
    modified: bool
    pending: bool
    down: bool
    sessions: int
    stages: tuple[str, ...]


class LabThread:
    """A running lab. As a context manager it stops at the end of the block."""

    def __init__(self, inventory: Inventory, folder: Path) -> None:
        self.scaled_time = ScaledTime()
        # Wall-clock seconds that a client waits for a reply of a device with a fault.
        self.impatience = 0
        self._state = StateDir(folder)
        self._lab = RunningLab(inventory, self._state)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="lab", daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._lab.run(self._ready.set, signals=False))
        self._loop.close()

    def __enter__(self) -> LabThread:
        self._state.claim()
        self._thread.start()
        if not self._ready.wait(PATIENCE):
            raise RuntimeError("the lab did not come up")
        self.call(lambda: self.set_speed(SPEED))
        return self

    def __exit__(self, *_details: object) -> None:
        self._loop.call_soon_threadsafe(self._lab.stopping.set)
        self._thread.join(PATIENCE)
        self._state.clean()

    def call(self, work: t.Callable[[], T]) -> T:
        """Call ``work`` in the lab's own thread, between two requests, and return its result."""

        async def step() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(step(), self._loop).result(PATIENCE)

    def call_soon(self, work: t.Callable[[], object]) -> None:
        """Call ``work`` after the current request; to be called in the lab's thread."""
        self._loop.call_soon(work)

    def device(self, host: str) -> Device:
        return self._lab.device(host)

    def watch(self, host: str) -> Watch:
        board = self.device(host).faults
        assert isinstance(board, Watch)
        return board

    def set_speed(self, speed: float) -> None:
        """Set the speed of the devices' and the controller's time; to be called in the lab's thread."""
        self._lab.clock.set_speed(speed)
        self.scaled_time.set_speed(speed)

    def advance(self, seconds: float) -> None:
        """Jump forward, and fire the timers that fall due."""
        self.call(lambda: self._lab.clock.advance(seconds))

    def trees(self) -> dict[str, Node]:
        """Return the committed configuration of each device."""
        return self.call(lambda: {host: device.database.committed for host, device in self._lab.devices.items()})

    def reset(self, trees: t.Mapping[str, Node]) -> None:
        """Reset every device to a configuration, with one commit in its list and without faults."""

        def work() -> None:
            self.set_speed(SPEED)
            for host, device in self._lab.devices.items():
                device.clear_faults()
                device.cut_all()
                database = device.database
                database.pending = None
                device.pending_changed()
                database.history[:] = [CommitEntry("root", "other", self._lab.clock.now(), trees[host])]
                database.desk = Desk(self._lab.clock, trees[host])
                device.is_down = False
                device.faults = Watch()
            tunnels = self._lab.network.tunnels
            tunnels.held.clear()
            tunnels.held_vpns.clear()
            # They would outlive the change to this configuration.
            now = self._lab.clock.now()
            tunnels.end_all(now)
            self._lab.network.changed()
            for host, counted in self._lab.network.clears.items():
                self._lab.network.view(host)
                counted.clear()
            tunnels.start(now)

        self.call(work)

    def wait_for_sessions(self, seconds: float = PATIENCE) -> None:
        """Wait until every device has closed its sessions, at most so many seconds."""
        until = time.monotonic() + seconds
        while self.call(lambda: any(device.sessions for device in self._lab.devices.values())):
            if time.monotonic() > until:
                return
            time.sleep(0.005)

    def clears(self) -> dict[str, set[str]]:
        """Return what was cleared since the reset: ``ike GATEWAY`` and ``ipsec VPN`` by host."""
        return self.call(lambda: {host: set(counted) for host, counted in self._lab.network.clears.items()})

    def spis(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Return the SPIs of each tunnel by host and VPN."""

        def work() -> dict[tuple[str, str], tuple[str, ...]]:
            network = self._lab.network
            return {
                (host, row.vpn.name): tuple(spi for pair in row.pairs for spi in (pair.inbound, pair.outbound))
                for host in self._lab.devices
                for row in network.tunnel_rows(host)
            }

        return self.call(work)

    def outdated(self) -> list[str]:
        """Return the VPNs that use associations of another configuration than the committed one."""
        tunnels = self._lab.network.tunnels
        return self.call(lambda: [key[1] for key, pair in tunnels.pairs.items() if pair.outdated is not None])

    def states(self) -> dict[str, DeviceState]:
        """Return the state of each device."""
        return self.call(lambda: {host: self._state_of(device) for host, device in self._lab.devices.items()})

    def _state_of(self, device: Device) -> DeviceState:
        database = device.database
        return DeviceState(
            configuration=text.render(database.committed),
            logs=tuple(entry.log for entry in database.history),
            locked=database.desk.holder is not None and database.desk.holder not in device._foreign_sessions,
            modified=database.desk.shared.modified,
            pending=database.pending is not None,
            down=device.is_down,
            sessions=len(device.sessions),
            stages=tuple(device.faults.stages) if isinstance(device.faults, Watch) else (),
        )


def decode_keys(configuration: str) -> str:
    """Return a configuration with plain keys: each encoding of a key has a new salt."""
    return _ENCODED.sub(lambda found: decode9(found[0]), configuration)
