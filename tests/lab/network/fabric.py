# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Indices over all devices: owners of addresses, peers of gateways. With them a lookup costs the same at any size."""

from __future__ import annotations

import typing as t
from ipaddress import IPv4Address

from tests.lab.network.routing import Route, RoutingTable
from tests.lab.network.view import DeviceView, Gateway, Interface, Vpn

# A VPN on a device.
End = tuple[str, str]


class Fabric:
    """Indices over the views of all devices, built once for a set of committed configurations."""

    def __init__(self, views: t.Mapping[str, DeviceView]) -> None:
        self.views = views
        self.bound: dict[tuple[str, str], tuple[str, ...]] = {}
        self.vpns_of: dict[tuple[str, str], tuple[str, ...]] = {}
        self.gateways_to: dict[tuple[str, str], tuple[str, ...]] = {}
        self.dynamic: dict[str, tuple[str, ...]] = {}
        self.owner: dict[str, tuple[str, str]] = {}
        self.tables: dict[str, RoutingTable] = {}
        self._networks: dict[int, dict[int, tuple[str, str]]] = {}
        for host, view in views.items():
            self._index_tunnels(host, view)
            self._index_addresses(host, view)
        for host in views:
            self._index_inside(host)
        self._lengths = sorted(self._networks, reverse=True)

    def _index_tunnels(self, host: str, view: DeviceView) -> None:
        per_interface: dict[str, list[str]] = {}
        per_gateway: dict[str, list[str]] = {}
        for vpn in view.vpns.values():
            per_gateway.setdefault(vpn.gateway, []).append(vpn.name)
            if vpn.bind_interface in view.interfaces:
                per_interface.setdefault(vpn.bind_interface or "", []).append(vpn.name)
        self.bound.update(((host, name), tuple(vpns)) for name, vpns in per_interface.items())
        self.vpns_of.update(((host, name), tuple(vpns)) for name, vpns in per_gateway.items())
        self.tables[host] = RoutingTable(view, {name: tuple(vpns) for name, vpns in per_interface.items()})
        for gateway in view.gateways.values():
            for address in gateway.addresses:
                key = (host, address)
                self.gateways_to[key] = (*self.gateways_to.get(key, ()), gateway.name)
        self.dynamic[host] = tuple(gateway.name for gateway in view.gateways.values() if gateway.dynamic)

    def _index_addresses(self, host: str, view: DeviceView) -> None:
        for interface in view.interfaces.values():
            if interface.tunnel or not interface.enabled:
                continue
            if view.nat is not None and view.nat.interface == interface.name:
                # Nobody outside reaches its own addresses.
                if view.nat.forwards:
                    self.owner.setdefault(view.nat.public, (host, interface.name))
                continue
            for address in interface.addresses:
                self.owner.setdefault(str(address.ip), (host, interface.name))
                table = self._networks.setdefault(address.network.prefixlen, {})
                table.setdefault(int(address.network.network_address), (host, interface.name))

    def _index_inside(self, host: str) -> None:
        """Index the networks behind a router on a LAN: static routes to no device of the network, not the Internet."""
        routes = [route for route in self.tables[host].routes if route.protocol == "Static"]
        outside = {route.via for route in routes if not route.prefix.prefixlen}
        for route in routes:
            interface = self.interface(host, route.via)
            if interface is None or interface.tunnel or route.via in outside or route.next_hop in self.owner:
                continue
            if not any(IPv4Address(address) in route.prefix for address in self.owner):
                table = self._networks.setdefault(route.prefix.prefixlen, {})
                table.setdefault(int(route.prefix.network_address), (host, interface.name))

    def gateway(self, host: str, name: str) -> Gateway | None:
        return self.views[host].gateways.get(name)

    def vpn(self, end: End) -> Vpn:
        return self.views[end[0]].vpns[end[1]]

    def interface(self, host: str, name: str | None) -> Interface | None:
        return self.views[host].interfaces.get(name or "")

    def holds(self, host: str, address: str | None) -> bool:
        """Return whether an enabled interface of a device has an address."""
        interface = self.views[host].interface_of(address) if address and host in self.views else None
        return interface is not None and interface.enabled

    def attached(self, address: str) -> tuple[str, str] | None:
        """Return the device and interface whose network contains an address, tunnel networks excepted."""
        number = int(IPv4Address(address))
        for length in self._lengths:
            found = self._networks[length].get(number & ((0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF))
            if found is not None:
                return found
        return None

    def underlay(self, host: str, address: str) -> Route | None:
        """Return the underlay route to an address: any next hop on a connected network leads to the Internet.

        A route that discards or rejects is no way there, and one into a tunnel is none for the packets of the tunnel.
        """

        def decides(route: Route) -> bool:
            return route.kind != "next-hop" or (route.via is not None and route.protocol != "Local")

        found = self.tables[host].lookup(address, decides)
        interface = None if found is None else self.interface(host, found.via)
        return None if interface is None or interface.tunnel else found
