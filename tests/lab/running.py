# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A running lab: every device listens; one clock, one network between them, one control channel."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
import typing as t
from pathlib import Path

import asyncssh

from tests.lab import commands, peers
from tests.lab.clock import Clock
from tests.lab.control import ControlServer
from tests.lab.device import Device, ThirdPartyPeer
from tests.lab.errors import LabError
from tests.lab.inventory import Inventory
from tests.lab.netconf import ssh
from tests.lab.network import Network
from tests.lab.state import StateDir


class RunningLab:
    """All devices of an inventory. ``run`` returns when the lab stops."""

    def __init__(
        self, inventory: Inventory, state: StateDir, screenos_dir: Path | None = None, busy: bool = False
    ) -> None:
        self.inventory = inventory
        self.state = state
        self.clock = Clock()
        self.stopping = asyncio.Event()
        self.abandoned = False
        pids = itertools.count(20001)
        self.devices = {
            host.name: Device(host, self.clock, lambda: next(pids)) for host in inventory.hosts if host.kind == "junos"
        }
        self.peers = {
            host.name: ThirdPartyPeer(host.name, host.kind, inventory.key_of, host.options)
            for host in inventory.hosts
            if host.kind != "junos"
        }
        self.network = Network({**self.devices, **self.peers}, self.clock, busy)
        for device in self.devices.values():
            device.network = self.network
        if screenos_dir is not None:
            self._read_screenos(screenos_dir)
        self._acceptors: list[asyncssh.SSHAcceptor] = []

    def device(self, name: str) -> Device:
        """Return the Junos device of that name. Raise ``LabError`` if there is none."""
        if name not in self.devices:
            raise LabError(f"{name}: not a Junos device of this lab; there are {', '.join(self.devices) or 'none'}")
        return self.devices[name]

    async def run(self, ready: t.Callable[[], None], tied: bool = False, signals: bool = True) -> None:
        """Listen on every port, call ``ready``, and serve until the control channel or a signal stops the lab.

        With ``tied`` the end of standard input, that is of the process that started the lab, stops it too. Without
        ``signals`` no signal handler is installed: only the main thread may install one.
        """
        loop = asyncio.get_running_loop()
        if tied:
            loop.add_reader(sys.stdin.fileno(), self._abandon)
        for number in (signal.SIGINT, signal.SIGTERM) if signals else ():
            loop.add_signal_handler(number, self.stopping.set)
        self.clock.attach(loop)
        control = ControlServer(self.state, self._handle)
        try:
            await self._listen()
            self.network.changed()
            await control.start()
            ready()
            await self.stopping.wait()
        finally:
            self.clock.detach()
            await control.stop()
            for acceptor in self._acceptors:
                acceptor.close()
            for device in self.devices.values():
                device.cut_all()
            # One turn of the loop lets the aborted connections report their end before the loop closes.
            await asyncio.sleep(0)

    def _abandon(self) -> None:
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        self.abandoned = True
        self.stopping.set()

    async def _listen(self) -> None:
        host_key = asyncssh.generate_private_key("ssh-ed25519", comment="lab devices")
        client_key = asyncssh.generate_private_key("ssh-ed25519", comment="lab client")
        options = ssh.server_options(host_key)
        problems = []
        for device in self.devices.values():
            try:
                acceptor = await ssh.listen(device, options, client_key)
            except OSError as error:
                place = f"{device.address}:{device.port}"
                problems.append(
                    f"{device.host}: cannot listen on {place}: {os.strerror(error.errno or 0)}; "
                    "set a free ansible_port, or start the lab with --free-ports"
                )
            else:
                self._acceptors.append(acceptor)
                device.port = acceptor.sockets[0].getsockname()[1]
        if problems:
            raise LabError("\n".join(problems))
        places = {device.host: (device.address, device.port) for device in self.devices.values()}
        self.state.write_inventory(places)
        self.state.write_ssh(
            host_key.export_public_key().decode(),
            client_key.export_private_key().decode(),
            client_key.export_public_key().decode(),
            places.values(),
        )

    async def _handle(self, request: dict[str, t.Any]) -> t.Any:
        return commands.run(self, request)

    def _read_screenos(self, directory: Path) -> None:
        for name, peer in self.peers.items():
            files = [directory / f"{name}.{ending}" for ending in peers.endings(peer.kind)]
            if all(path.is_file() for path in files):
                peer.enter("".join(path.read_text(encoding="utf-8") for path in files))
