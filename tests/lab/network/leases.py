# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The provider's side of a WAN: a DHCP server with an address and a default route, and a router with NAT."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from tests.lab.network.junos_view import ConfigNode
from tests.lab.network.view import DeviceView, Nat, StaticRoute

# Of routes that Junos learns by DHCP.
_PREFERENCE = 12


def with_lease(view: DeviceView, node: ConfigNode, lease: str) -> DeviceView:
    """Return the view with ``lease`` (an address with its prefix length) on each interface with ``dhcp`` or by PPPoE.

    The gateway of DHCP is the first other address of its network; PPPoE gives an address alone.
    """
    asking = [name for name in view.interfaces if node.has(*_unit(name), "family", "inet", "dhcp")]
    dialling = [name for name in view.interfaces if _has_ppp(node, name)]
    if not lease or not (asking or dialling):
        return view
    address = IPv4Interface(lease)
    if not asking:
        interfaces = {
            name: replace(interface, addresses=(address,)) if name in dialling else interface
            for name, interface in view.interfaces.items()
        }
        return replace(view, interfaces=interfaces)
    gateway = next(host for host in address.network.hosts() if host != address.ip)
    interfaces = {
        name: replace(interface, addresses=(address,)) if name in asking else interface
        for name, interface in view.interfaces.items()
    }
    default = StaticRoute(IPv4Network("0.0.0.0/0"), (str(gateway),), _PREFERENCE)
    return replace(view, interfaces=interfaces, routes=(*view.routes, default))


def _unit(interface: str) -> tuple[str, ...]:
    name, _dot, number = interface.partition(".")
    return "interfaces", name, "unit", number


def _has_ppp(node: ConfigNode, name: str) -> bool:
    """Return whether an interface dials the provider: with user and password, over an Ethernet unit for it."""
    unit = _unit(name)
    below = node.value(*unit, "pppoe-options", "underlying-interface")
    return (
        below is not None
        and node.has(*unit, "family", "inet", "negotiate-address")
        and (node.has(*unit, "ppp-options", "chap") or node.has(*unit, "ppp-options", "pap"))
        and node.value(*_unit(below), "encapsulation") == "ppp-over-ether"
    )


def with_nat(view: DeviceView, public: str, *, forwards: bool) -> DeviceView:
    """Return the view with a router in front of the interface of its default route, which shows ``public``."""
    if not public:
        return view
    hops = [hop for route in view.routes if route.prefix.prefixlen == 0 for hop in route.next_hops]
    names = [
        name
        for name, interface in view.interfaces.items()
        for address in interface.addresses
        if any(hop == name or (_is_address(hop) and IPv4Address(hop) in address.network) for hop in hops)
    ]
    return replace(view, nat=Nat(names[0], public, forwards)) if names else view


def _is_address(hop: str) -> bool:
    return hop.replace(".", "").isdigit()
