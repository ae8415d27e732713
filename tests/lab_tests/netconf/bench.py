# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A device with sessions without SSH, and a clock that only the test moves."""

from __future__ import annotations

import asyncio
import itertools
import typing as t

from lxml import etree

from tests.lab.clock import Clock
from tests.lab.device import Device
from tests.lab.inventory import DeviceOptions, LabHost
from tests.lab.netconf.session import Session
from tests.lab.network import Network

# 2026-01-31 10:00:00 UTC
START = 1769853600.0


class Bench:
    """One device, and sessions to it without SSH."""

    def __init__(self, options: DeviceOptions | None = None, initial: str | None = None) -> None:
        self.clock = Clock(start=START, speed=0)
        pids = itertools.count(20001)
        host = LabHost("hub", "junos", "127.0.0.1", 0, "admin", options=options or DeviceOptions(), initial=initial)
        self.device = Device(host, self.clock, lambda: next(pids))
        self.device.network = Network({"hub": self.device}, self.clock)
        self.loop = asyncio.new_event_loop()

    def session(self, user: str = "admin") -> Client:
        """Return a new session."""
        return Client(self, user)

    def close(self) -> None:
        """Close the event loop."""
        self.loop.close()


class Client:
    """The client of one NETCONF session."""

    def __init__(self, bench: Bench, user: str) -> None:
        self.bench = bench
        self.sent: list[str] = []
        self.closed: list[bool] = []
        self._numbers = itertools.count(1)
        self.session = Session(bench.device, user, "127.0.0.1", self._take, self.closed.append)
        self.session.start()
        self.greeting = self.sent.pop()

    def _take(self, data: bytes) -> None:
        self.sent.append(data.decode())

    def send(self, message: str) -> str:
        """Send one message unchanged. Return the device's answer, end mark included; "" if there is none."""

        async def ask() -> None:
            self.session.received(message.encode())
            await self.session.idle()

        self.sent.clear()
        self.bench.loop.run_until_complete(ask())
        return "".join(self.sent)

    def rpc(self, request: str, attributes: str = "") -> str:
        """Send one RPC. Return the whole reply without the end mark."""
        number = next(self._numbers)
        sent = self.send(
            f'<rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="{number}"{attributes}>{request}</rpc>'
        )
        return sent.partition("]]>]]>")[0]

    def end(self) -> None:
        """Close the channel without a message."""
        self.session.ended()


Plain = tuple[str, dict[str, str], str, list[t.Any]]


def plain(xml: str) -> Plain:
    """Return XML without namespaces, prefixes and blanks, for comparison."""
    return _plain(etree.fromstring(xml.encode()))


def _plain(element: etree._Element) -> Plain:
    attributes = {str(etree.QName(name).localname): str(value) for name, value in element.attrib.items()}
    children = [_plain(child) for child in element.iterchildren(etree.Element)]
    return str(etree.QName(element).localname), attributes, (element.text or "").strip(), children


def differences(expected: Plain, got: Plain, path: str = "") -> list[str]:
    """Return the differences from ``expected``, where ``…`` matches any text; ``got`` may have more attributes."""
    place = f"{path}/{expected[0]}"
    if expected[0] != got[0]:
        return [f"{path}: expected {expected[0]}, got {got[0]}"]
    found = [
        f"{place}@{name}: {got[1].get(name)}"
        for name, value in expected[1].items()
        if not _like(value, got[1].get(name))
    ]
    if not _like(expected[2], got[2]):
        found.append(f"{place}: expected {expected[2]!r}, got {got[2]!r}")
    if len(expected[3]) != len(got[3]):
        found.append(f"{place}: expected {[one[0] for one in expected[3]]}, got {[one[0] for one in got[3]]}")
    else:
        for one, other in zip(expected[3], got[3], strict=True):
            found += differences(one, other, place)
    return found


def _like(expected: str, got: str | None) -> bool:
    if got is None:
        return False
    parts = [" ".join(part.split()) for part in expected.split("…")]
    rest = " ".join(got.split())
    if len(parts) == 1:
        return parts[0] == rest
    if not rest.startswith(parts[0]) or not rest.endswith(parts[-1]):
        return False
    for part in parts:
        at = rest.find(part)
        if at < 0:
            return False
        rest = rest[at + len(part) :]
    return True
