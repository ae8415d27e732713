# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The view of a device without zones: it forwards between all its interfaces."""

from __future__ import annotations

import typing as t
from ipaddress import IPv4Interface

from tests.lab.network.view import DeviceView, Gateway, Interface, StaticRoute, Vpn

_ZONE = "inside"
_SERVICES = frozenset({"ike", "ping"})


def interface(name: str, addresses: t.Iterable[str], *, tunnel: bool) -> Interface:
    """Return an interface, which answers IKE and pings."""
    return Interface(name, tuple(map(IPv4Interface, addresses)), _ZONE, tunnel=tunnel, services=_SERVICES)


def view(
    kind: str,
    host: str,
    interfaces: t.Mapping[str, Interface],
    routes: t.Iterable[StaticRoute],
    tunnels: t.Iterable[tuple[Gateway, Vpn]],
) -> DeviceView:
    """Return the view of a device from its parts."""
    pairs = list(tunnels)
    return DeviceView(
        host=host,
        kind=kind,
        host_name=host,
        interfaces=dict(interfaces),
        zones={_ZONE: tuple(interfaces)},
        routes=tuple(routes),
        gateways={gateway.name: gateway for gateway, _vpn in pairs},
        vpns={vpn.name: vpn for _gateway, vpn in pairs},
        policies={},
        books={},
        default_permit=True,
        intrazone_permit=True,
    )
