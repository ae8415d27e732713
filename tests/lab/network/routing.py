# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The routes of one device: direct, local and static, with their next hops resolved."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from tests.lab.network.view import DeviceView, Interface


@dataclass(frozen=True)
class Route:
    """A route. ``via`` is ``None`` if the next hop is on no connected network: such a route is hidden, never active.

    ``last_resort`` is the form of a passive route while none of its next hops is reachable: it rejects.
    """

    prefix: IPv4Network
    protocol: t.Literal["Direct", "Local", "Static"]
    preference: int
    next_hop: str | None
    via: str | None
    kind: str = "next-hop"
    last_resort: bool = False


Usable = t.Callable[[Route], bool]


class RoutingTable:
    """inet.0 of one device. The caller says which routes are active: that changes with next-hop tunnel entries."""

    def __init__(self, view: DeviceView, bound: t.Mapping[str, tuple[str, ...]]) -> None:
        self.routes: list[Route] = []
        self._by_length: dict[int, dict[int, list[Route]]] = {}
        # A secure tunnel unit without a VPN is down, and so are all routes through it.
        self._up = {name: interface for name, interface in view.interfaces.items()
                    if interface.enabled and (not interface.tunnel or bound.get(name))}  # fmt: skip
        for interface in self._up.values():
            self._connect(interface)
        for static in view.routes:
            if static.kind != "next-hop":
                self._add(Route(static.prefix, "Static", static.preference, None, None, static.kind))
            for hop in static.next_hops:
                next_hop, via = self._resolve(hop)
                self._add(Route(static.prefix, "Static", static.preference, next_hop, via))
            if static.passive:
                self._add(Route(static.prefix, "Static", static.preference, None, None, "reject", last_resort=True))
        for table in self._by_length.values():
            for routes in table.values():
                routes.sort(key=lambda route: (route.preference, route.last_resort))
        self._lengths = sorted(self._by_length, reverse=True)

    def _connect(self, interface: Interface) -> None:
        for address in interface.addresses:
            if address.network.prefixlen < 32:
                self._add(Route(address.network, "Direct", 0, None, interface.name))
            self._add(Route(IPv4Network(address.ip), "Local", 0, None, interface.name))

    def _add(self, route: Route) -> None:
        self.routes.append(route)
        table = self._by_length.setdefault(route.prefix.prefixlen, {})
        table.setdefault(int(route.prefix.network_address), []).append(route)

    def _resolve(self, hop: str) -> tuple[str | None, str | None]:
        if not hop[:1].isdigit():
            return (None, hop) if hop in self._up else (None, None)
        for route in self.covering(hop):
            if route.protocol == "Direct":
                return hop, route.via
        return hop, None

    def covering(self, address: str) -> t.Iterator[Route]:
        """Return every route that covers the address, the best first: longest prefix, then lowest preference."""
        number = int(IPv4Address(address))
        for length in sorted(self._by_length, reverse=True):
            mask = (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF
            yield from self._by_length[length].get(number & mask, ())

    def lookup(self, address: str, usable: Usable) -> Route | None:
        """Return the active route for an address."""
        return next((route for route in self.covering(address) if usable(route)), None)
