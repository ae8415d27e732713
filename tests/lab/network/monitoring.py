# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VPN monitors: probes into a tunnel that its peer, or a host behind it, answers or not.

A monitor without an answer counts as down at once, without the wait of interval and threshold.
"""

from __future__ import annotations

import typing as t

from tests.lab.network.fabric import End, Fabric
from tests.lab.network.failure import Failure
from tests.lab.network.routing import Route
from tests.lab.network.traffic import Walk
from tests.lab.network.view import sure


class Tunnels(t.Protocol):
    """The part of the tunnels that a probe depends on."""

    fabric: Fabric

    def is_up(self, end: End) -> bool:
        """Return whether a tunnel has its associations."""

    def is_silent(self, end: End) -> bool:
        """Return whether no packet arrives any more."""

    def peer_of(self, end: End) -> End | None:
        """Return the VPN at the other end."""


class Rows(t.Protocol):
    """The tables that a probe is routed by."""

    def binding(self, host: str, interface: str, next_hop: str, up: t.Callable[[End], bool]) -> str | None:
        """Return the VPN of a next hop."""

    def usable(self, host: str, route: Route, up: t.Callable[[End], bool] | None = None) -> bool:
        """Return whether a route is active."""


class Monitors:
    """The monitors of all VPNs."""

    def __init__(self, tunnels: Tunnels, rows: Rows) -> None:
        self._tunnels = tunnels
        self._rows = rows

    def is_down(self, end: End) -> bool:
        """Return whether a VPN is up and its monitor gets no answer."""
        monitor = self._tunnels.fabric.vpn(end).monitor
        return monitor is not None and self._tunnels.is_up(end) and not self._answered(end)

    def carries(self, end: End) -> bool:
        """Return whether a VPN is up, for its monitor too: then its routes and a point-to-point unit are."""
        return self._tunnels.is_up(end) and not self.is_down(end)

    def _answered(self, end: End) -> bool:
        fabric, host = self._tunnels.fabric, end[0]
        vpn, peer = fabric.vpn(end), self._tunnels.peer_of(end)
        monitor = sure(vpn.monitor)
        if peer is None or self._tunnels.is_silent(end):
            return False
        if monitor.destination is None:
            # A device of Juniper answers at its IKE address.
            return True
        gateway = fabric.gateway(host, vpn.gateway)
        source = fabric.interface(host, monitor.source_interface or (gateway.external_interface if gateway else None))
        if source is None or source.ip is None:
            return False
        return Walk(_Probed(self._tunnels, self._rows), source.ip, monitor.destination).answered_from(peer)


class _Probed:
    """The tunnels as a probe finds them, whatever other monitors say. A probe brings no tunnel up."""

    def __init__(self, tunnels: Tunnels, rows: Rows) -> None:
        self.fabric = tunnels.fabric
        self.is_up = tunnels.is_up
        self.is_silent = tunnels.is_silent
        self.peer_of = tunnels.peer_of
        self._rows = rows

    def negotiate(self, end: End) -> Failure | None:
        return Failure(end[0], "phase2", end[1], "down", "held")

    def binding(self, host: str, interface: str, next_hop: str) -> str | None:
        return self._rows.binding(host, interface, next_hop, self.is_up)

    def usable(self, host: str, route: Route) -> bool:
        return self._rows.usable(host, route, self.is_up)
