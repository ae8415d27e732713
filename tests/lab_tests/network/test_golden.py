# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks that the collection renders come up in the lab, and every LAN reaches every other.

The configurations are the golden files of the rendering tests: text with one configuration group, and ScreenOS text.
"""

from __future__ import annotations

import typing as t
from itertools import permutations
from pathlib import Path

import pytest
import yaml

from tests.lab.clock import Clock
from tests.lab.config.database import Database
from tests.lab.config.tree import Node
from tests.lab.network import Network
from tests.lab_tests.network.support import START, Options

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
# Devices that need statements which are not in their golden file.
PARTIAL = {"own_routes", "parts_unmanaged"}


class _Device:
    def __init__(self, file: Path) -> None:
        self.host = file.stem
        self.kind: t.Literal["junos", "screenos"] = "screenos" if file.suffix == ".screenos" else "junos"
        self.options = Options()
        self._text = file.read_text(encoding="utf-8")
        self._database = None
        if self.kind == "junos":
            self._database = Database(self.host, Clock(start=START, speed=0), self.options.release, self._text)

    def effective(self) -> Node | None:
        return self._database.effective() if self._database else None

    def screenos_text(self) -> str:
        return self._text


def _networks() -> list[Path]:
    found = {file.parent for file in GOLDEN.glob("*/*/*.conf") if file.parent.name not in ("existing", "expected")}
    return sorted(folder for folder in found if folder.parent.name not in PARTIAL)


@pytest.mark.parametrize("folder", _networks(), ids=lambda folder: "-".join(folder.parts[-2:]))
def test_every_tunnel_is_up_and_every_lan_reaches_every_other(folder: Path) -> None:
    files = sorted(file for file in folder.iterdir() if file.suffix in (".conf", ".screenos"))
    devices = {file.stem: _Device(file) for file in files}
    network = Network(devices, Clock(start=START, speed=0), busy=True)
    for host in devices:
        assert network.problem(host) is None
        down = [(row.vpn.name, row.reason) for row in network.tunnel_rows(host) if not row.up]
        assert not down, (host, down)
    guests = _guests(folder.parent)
    lans = {host: _lan_hosts(network, host, guests) for host in devices}
    for one, other in permutations(lans, 2):
        for source in lans[one]:
            for destination in lans[other]:
                verdict = network.reachable(source, destination)
                assert verdict.ok, f"{one} {source} to {other} {destination}: {verdict.failure}"


def _guests(network: Path) -> set[str]:
    """Return the interface addresses of the LANs outside the VPN, each with its prefix length."""
    file = network / "hosts.yml"
    # The document's network has its inventory elsewhere, and no guests.
    inventory = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
    hosts = [variables for group in inventory.values() for variables in group.get("hosts", {}).values()]
    return {
        lan["address"] for variables in hosts for lan in variables.get("nhtb_lans", ()) if lan.get("vpn", True) is False
    }


def _lan_hosts(network: Network, host: str, guests: t.Collection[str]) -> list[str]:
    """Return a host in each LAN of the device that is in the VPN."""
    view = network.view(host)
    outside = {gateway.external_interface for gateway in view.gateways.values()}
    return [
        str(address.ip + 1 if address.ip + 1 != address.network.broadcast_address else address.ip - 1)
        for interface in view.interfaces.values()
        if not interface.tunnel and interface.name not in outside
        for address in interface.addresses
        if str(address) not in guests
    ]
