# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read the WAN and the tunnel interface of a host."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Platform
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import LanDraft, TunnelDraft, WanDraft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.limits import LAST_TUNNEL_UNIT
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.names import (
    TUNNEL,
    WAN,
    interface_of,
    zone_key,
    zone_of,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table, reserved_addresses

TUNNEL_UNITS = {"junos": (0, LAST_TUNNEL_UNIT), "screenos": (1, 65535)}
# Private and shared address space (RFC 1918, RFC 6598): no route of the Internet leads there.
NOT_PUBLIC = tuple(map(IPv4Network, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")))


def read_wan(table: Table, platform: Platform, unmanaged: frozenset[str], lans: tuple[LanDraft, ...]) -> WanDraft:
    """Return the variable ``nhtb_wan``, and note each problem."""
    keys = ("interface", "address", "gateway", "zone", "reachable", "local_address")
    row = table.table("nhtb_wan", keys, "Give the WAN's interface, address and gateway")
    if row is None:
        return WanDraft()
    interface = interface_of(row, platform, "wan_interface", unmanaged)
    if interface is not None and interface in [lan.interface for lan in lans]:
        row.note("interface_in_two_roles", "interface", interface, interface=interface)
    address = row.interface_address("address", "192.0.2.2/30", "Give the WAN interface's address")
    zone = zone_of(row, platform, WAN)
    if zone is not None and zone_key(platform, zone) in [zone_key(platform, lan.zone) for lan in lans]:
        row.note("zone_in_two_roles", "zone", zone, other="the zone of a LAN")
    reachable = row.flag("reachable") is True
    if address is not None and not reachable and any(address.ip in network for network in NOT_PUBLIC):
        row.note("private_wan", "address", address)
    gateway = _gateway(row, address, needed="default_route" not in unmanaged)
    return WanDraft(interface, address, gateway, zone, reachable, row.flag("local_address"))


def _gateway(row: Table, address: IPv4Interface | None, *, needed: bool) -> IPv4Address | None:
    """Return the next hop of the default route. One that the device has already may be anywhere, as a PPP peer is."""
    gateway = row.ip("gateway", "192.0.2.1", "Give the provider's address on the WAN network" if needed else "")
    if gateway is None or address is None or not needed:
        return gateway
    network = address.network
    if gateway not in network:
        # No route resolves over such a gateway. The document has this error: Westford, 1.1.1.1 with 3.3.3.2/30.
        row.note("gateway_off_network", "gateway", gateway, network=network)
    elif gateway == address.ip:
        row.note("gateway_is_self", "gateway", gateway, network=network)
    elif gateway in reserved_addresses(network):
        row.note("gateway_not_host", "gateway", gateway, network=network)
    return gateway


def read_tunnel(table: Table, platform: Platform) -> TunnelDraft:
    """Return the variable ``nhtb_tunnel``, and note each problem."""
    row = table.table(
        "nhtb_tunnel", ("unit", "address", "zone", "unnumbered"), "Give the tunnel interface's unit and address"
    )
    if row is None:
        return TunnelDraft()
    low, high = TUNNEL_UNITS[platform]
    unit = row.integer(
        "unit", low, high, "Choose a free unit", "Give the unit: 0 for st0.0 (Junos), 1 for tunnel.1 (ScreenOS)"
    )
    address = row.interface_address("address", "10.11.11.12/24", "Give the address on the hub's tunnel network")
    return TunnelDraft(unit, address, zone_of(row, platform, TUNNEL), row.flag("unnumbered") is True)
