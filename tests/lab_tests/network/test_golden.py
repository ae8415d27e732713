# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks that the collection renders come up in the lab, and every LAN reaches every other.

The configurations are the golden files of the rendering tests: text with one configuration group, and ScreenOS text.
"""

from __future__ import annotations

import re
import typing as t
from ipaddress import IPv4Network
from itertools import permutations
from pathlib import Path

import pytest
import yaml

from tests.lab import peers
from tests.lab.clock import Clock
from tests.lab.config.database import Database
from tests.lab.config.tree import Node
from tests.lab.network import Network
from tests.lab_tests.network.support import START, Options

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
# Devices that need statements which are not in their golden file.
PARTIAL = {"own_routes", "parts_unmanaged"}
# Networks whose policies do not let every LAN reach every other.
RESTRICTED = {"rules"}
# The file that tells the kind of a device.
KINDS = {"conf": "junos", "screenos": "screenos", "swanctl.conf": "strongswan", "json": "generic"}


class _Device:
    def __init__(self, file: Path, number: int, wan: t.Mapping[str, t.Any]) -> None:
        self.host, ending = file.name.split(".", 1)
        self.kind = KINDS[ending]
        public = wan.get("public_address", "")
        hidden = f"203.0.113.{4 * number + 1}" if wan.get("behind_nat") else ""
        # The lease of a WAN with DHCP, and the address that a WAN behind NAT has for others.
        self.options = Options(dhcp=f"203.0.113.{4 * number + 2}/30", nat=public or hidden, nat_forwards=bool(public))
        endings = ("conf",) if self.kind == "junos" else peers.endings(self.kind)
        # User and password of a provider stay outside the group.
        credentials = "interfaces { pp0 { unit 0 { ppp-options { chap { passive; } } } } }\n"
        text = credentials if wan.get("addressing") == "pppoe" else ""
        text += "".join(file.with_name(f"{self.host}.{one}").read_text(encoding="utf-8") for one in endings)
        # The name of a key stands for it, and has no hexadecimal digits.
        self._text = re.sub(r'(?<=hexadecimal ")[^"]*', lambda found: found[0].encode().hex(), text)
        self._database = None
        if self.kind == "junos":
            self._database = Database(self.host, Clock(start=START, speed=0), self.options.release, self._text)

    def effective(self) -> Node | None:
        return self._database.effective() if self._database else None

    def operator_text(self) -> str:
        return self._text


def _networks() -> list[Path]:
    found = {file.parent for file in GOLDEN.glob("*/*/*.conf") if file.parent.name not in ("existing", "expected")}
    return sorted(folder for folder in found if folder.parent.name not in PARTIAL)


@pytest.mark.parametrize("folder", _networks(), ids=lambda folder: "-".join(folder.parts[-2:]))
def test_every_tunnel_is_up_and_every_lan_reaches_every_other(folder: Path) -> None:
    files = sorted(file for file in folder.iterdir() if file.name.split(".", 1)[1] in KINDS)
    inventory = _inventory(folder.parent)
    wans = {host: variables.get("nhtb_wan", {}) for host, variables in inventory.items()}
    read = [_Device(file, number, wans.get(file.name.split(".")[0], {})) for number, file in enumerate(files)]
    devices = {device.host: device for device in read}
    network = Network(devices, Clock(start=START, speed=0), busy=True)
    for host in devices:
        assert network.problem(host) is None
        down = [(row.vpn.name, row.reason) for row in network.tunnel_rows(host) if not row.up]
        assert not down, (host, down)
    if folder.parent.name in RESTRICTED:
        return
    # A device without general policies lets only the packets of its rules through.
    open_hosts = [host for host in devices if inventory.get(host, {}).get("nhtb_general_policies", True)]
    lans = {host: _lan_hosts(network, host, inventory) for host in open_hosts}
    for one, other in permutations(lans, 2):
        for source in lans[one]:
            for destination in lans[other]:
                verdict = network.reachable(source, destination)
                assert verdict.ok, f"{one} {source} to {other} {destination}: {verdict.failure}"


def _inventory(network: Path) -> dict[str, dict[str, t.Any]]:
    """Return the variables of the hosts of a network; none for the document's, whose inventory is elsewhere."""
    file = network / "hosts.yml"
    todo = list(yaml.safe_load(file.read_text(encoding="utf-8")).values()) if file.exists() else []
    found: dict[str, dict[str, t.Any]] = {}
    for group in todo:
        todo += group.get("children", {}).values()
        found |= group.get("hosts", {})
    return found


def _lan_hosts(network: Network, host: str, inventory: t.Mapping[str, dict[str, t.Any]]) -> list[str]:
    """Return a host in each network of the device that is in the VPN, those behind routers included."""
    view, variables = network.view(host), inventory.get(host, {})
    lans = variables.get("nhtb_lans", ())
    elsewhere = {lan["address"] for lan in lans if lan.get("vpn", True) is False}
    elsewhere.add(variables.get("nhtb_wan", {}).get("address"))
    outside = {gateway.external_interface for gateway in view.gateways.values()}
    attached = [
        str(address.ip + 1 if address.ip + 1 != address.network.broadcast_address else address.ip - 1)
        for interface in view.interfaces.values()
        if not interface.tunnel and interface.name not in outside
        for address in interface.addresses
        if str(address) not in elsewhere
    ]
    behind = [one["network"] for lan in lans if lan.get("vpn", True) for one in lan.get("networks", ())]
    return [*attached, *(str(IPv4Network(one)[1]) for one in behind)]
