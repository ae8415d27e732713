# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The document's network as devices that tests can change: corporate, westford and (ScreenOS) sunnyvale.

``networks/classic`` is the document's own configuration, ``networks/modern`` the changes to it for IKEv2 with GCM and
``establish-tunnels immediately``. Changes are ``set`` and ``delete`` lines, or text to replace for ScreenOS.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.lab.clock import Clock
from tests.lab.config import setform
from tests.lab.config.tree import Node
from tests.lab.network import Network
from tests.lab.switches import HOSTILE, Switches

FOLDER = Path(__file__).parent / "networks"
START = 1790000000.0
HUB, WESTFORD, SUNNYVALE = "corporate", "westford", "sunnyvale"
# A host in each LAN.
CORPORATE_HOST, WESTFORD_HOST, SUNNYVALE_HOST = "10.10.10.10", "192.168.178.10", "192.168.168.10"
LAN_INTERFACE = {HUB: "ge-0/0/0.0", WESTFORD: "ge-0/0/3.0"}

Changes = t.Mapping[str, t.Sequence[str]]


@dataclass(frozen=True)
class Options:
    """The kind of a device."""

    flavour: str = "kmd"
    cluster: bool = False
    release: str = "24.4R1.9"
    padded: bool = True
    dhcp: str = ""
    nat: str = ""
    nat_forwards: bool = False
    model: str = "vSRX"
    switches: Switches = HOSTILE


class FakeDevice:
    """A device that has only a configuration."""

    def __init__(self, host: str, base: str, options: Options, changes: t.Sequence[str] = ()) -> None:
        self.host = host
        self.kind: t.Literal["junos", "screenos"] = "screenos" if host == SUNNYVALE else "junos"
        self.options = options
        self._base = base
        self._node: Node | None = None
        self._text: str | None = None
        self.change(changes)

    def change(self, changes: t.Sequence[str]) -> None:
        """Apply set lines to the base, or "old -> new" replacements to a ScreenOS text."""
        if self.kind == "screenos":
            text = self._base
            for one in changes:
                old, _arrow, new = one.partition(" -> ")
                assert old in text, old
                text = text.replace(old, new)
            self._text = text
            return
        node, problems = setform.parse("\n".join((self._base, *changes)))
        assert not problems, problems
        self._node = node

    def effective(self) -> Node | None:
        return self._node

    def operator_text(self) -> str | None:
        return self._text


@cache
def base(variant: str, host: str) -> str:
    """Return the configuration of a device in a variant, as ``set`` lines or ScreenOS text."""
    name = f"{host}.screenos" if host == SUNNYVALE else f"{host}.set"
    text = (FOLDER / "classic" / name).read_text(encoding="utf-8")
    if variant == "modern" and host != SUNNYVALE:
        text += (FOLDER / "modern" / name).read_text(encoding="utf-8")
    return text


@dataclass
class Lab:
    """A network of the three devices, with methods that change it."""

    network: Network
    clock: Clock
    devices: dict[str, FakeDevice]

    def change(self, host: str, *lines: str) -> None:
        """Commit a change to the base."""
        self.devices[host].change(lines)
        self.network.changed(host)

    def lines(self, host: str, file: str | None = None) -> str:
        """Return a log file of a device as one text, by default that of its IKE daemon."""
        log = self.network.log(host)
        return "\n".join(log.lines(file or log.daemon) or ())

    def talk(self) -> None:
        """Send traffic from both Junos LANs to all others, that of the spoke first."""
        for host, targets in ((WESTFORD, (CORPORATE_HOST, SUNNYVALE_HOST)), (HUB, (SUNNYVALE_HOST, WESTFORD_HOST))):
            for target in targets:
                self.network.ping(host, target, interface=LAN_INTERFACE[host], count=1)

    def is_up(self, host: str, vpn: str) -> bool:
        return any(row.up for row in self.network.tunnel_rows(host) if row.vpn.name == vpn)


def build(
    variant: str = "classic", changes: Changes | None = None, options: Options | None = None, **each: Options
) -> Lab:
    """Return the network in a variant, with changes per host; ``each`` gives a host options of its own."""
    devices = {
        host: FakeDevice(host, base(variant, host), each.get(host, options or Options()), (changes or {}).get(host, ()))
        for host in (HUB, WESTFORD, SUNNYVALE)
    }
    clock = Clock(start=START, speed=0)
    return Lab(Network(devices, clock), clock, devices)
