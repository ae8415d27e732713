# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The variables of a spoke that was not read: those it has, completed from the hub's configuration."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.device import Device, Peer, Remark

Variables = dict[str, t.Any]

# Interfaces with which the plan of such a spoke is made, to show what else changes, until the operator names its own.
_ASSUMED = {"junos": ("ge-0/0/0.0", "ge-0/0/1.0"), "screenos": ("ethernet3", "ethernet6"), "": ("wan", "lan")}


@dataclass(frozen=True)
class UnreadSpoke:
    """A spoke as its hub sees it. ``assumed`` are variables that a plan needs and its operator has to add."""

    variables: Variables
    assumed: Variables
    remarks: list[Remark]


def unread_spoke(host: str, hub: Device, peer: Peer, site: str, given: Variables) -> UnreadSpoke:
    """Return a spoke that was not read. ``given`` are the ``nhtb_`` variables it has already."""
    remarks: list[Remark] = []

    def missing(thing: str, message: str, remedy: str) -> None:
        remarks.append(Remark(host, "missing", thing, message, remedy))

    assumed: Variables = {}
    platform = given.get("nhtb_profile") or given.get("nhtb_platform")
    if not platform:
        # The platform is in nothing that the hub has: Junos peers may have a static binding too.
        platform = "generic" if peer.next_hop and peer.addresses else "junos"
        assumed["nhtb_platform" if platform == "junos" else "nhtb_profile"] = platform
        missing(
            f"vpn {peer.vpn}",
            f"expected a device of the inventory at its other end ({peer.address or 'no address'}), actual none",
            "Add it to nhtb_spokes, with its ansible_host where it runs Junos, else with its nhtb_profile (screenos,"
            " strongswan, generic or your own), and adopt again",
        )
    known: Variables = {"nhtb_site": site, "nhtb_tunnel": {}}
    interfaces = _ASSUMED.get(str(platform), _ASSUMED[""])
    routes = _routes(hub, peer)
    if peer.next_hop:
        length = hub.tunnel_address.partition("/")[2]
        known["nhtb_tunnel"] = {"address": f"{peer.next_hop}/{length}"}
        lans = [str((lan or {}).get("address") or "") for lan in given.get("nhtb_lans") or []]
        for network in (one for one in routes if one not in map(_network, lans)):
            message = f"expected an interface in {network}, which {hub.host} routes to it, actual none"
            missing("nhtb_lans", message, "Set the interface and its address")
    if not given.get("nhtb_lans"):
        assumed["nhtb_lans"] = [
            {"interface": interfaces[1], "address": address} for address in map(_first_address, routes) if address
        ]
    if not given.get("nhtb_wan") and not peer.addresses:
        message = f"expected the WAN interface of {_known_as(peer)}, actual none"
        missing("nhtb_wan", message, "Set the interface, and addressing: dhcp or behind_nat: true")
        assumed["nhtb_wan"] = {"interface": interfaces[0], "addressing": "dhcp"}
    elif not given.get("nhtb_wan"):
        message = f"expected the WAN interface with address {peer.address}, actual none"
        missing("nhtb_wan", message, "Set the interface, the address with its prefix length, and the gateway")
        assumed["nhtb_wan"] = _wan(interfaces[0], peer.address)
    tunnel = {**known.pop("nhtb_tunnel"), **(given.get("nhtb_tunnel") or {})}
    if "unit" not in tunnel:
        # The plan itself says that it is missing.
        assumed["nhtb_tunnel"] = {"unit": 1, **tunnel}
    if not peer.addresses and peer.remote_identity is not None:
        kind, value = peer.remote_identity
        known["nhtb_identity"] = {"type": "address" if kind == "inet" else kind, "value": value}
    rest = {name: value for name, value in given.items() if name != "nhtb_pre_shared_key"}
    return UnreadSpoke({**known, **rest, "nhtb_tunnel": tunnel}, assumed, remarks)


def _known_as(peer: Peer) -> str:
    return " ".join(peer.remote_identity or ("a peer without a fixed address",))


def _routes(hub: Device, peer: Peer) -> list[str]:
    path = "routing-options static route"
    hops = {hop for hop in (peer.next_hop,) if hop}
    return [one for one in hub.config.names(path) if hops & set(hub.config.names(path, one, "next-hop"))]


def _network(address: str) -> str:
    try:
        return str(ipaddress.IPv4Interface(address).network)
    except ValueError:
        return ""


def _first_address(network: str) -> str:
    try:
        found = ipaddress.IPv4Network(network)
    except ValueError:
        return ""
    return f"{found[1]}/{found.prefixlen}" if found.num_addresses > 1 else ""


def _wan(interface: str, address: str) -> Variables:
    """Return a WAN with this address, and with a neighbour of it as gateway."""
    try:
        network = ipaddress.IPv4Interface(f"{address}/29").network
    except ValueError:
        return {}
    gateway = next(str(one) for one in network.hosts() if str(one) != address)
    return {"interface": interface, "address": f"{address}/29", "gateway": gateway}
