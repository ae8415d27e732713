# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read the WAN and the tunnel interface of a host."""

from __future__ import annotations

import typing as t
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Addressing
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import LanDraft, TunnelDraft, WanDraft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.inbound import KEYS as INBOUND
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.inbound import read_inbound
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.names import (
    TUNNEL,
    WAN,
    interface_of,
    loopback_of,
    port_of,
    vlan_of,
    zone_key,
    zone_of,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table, reserved_addresses

# Of family inet in the schema of Junos.
TUNNEL_MTU = (256, 9192)
# Private and shared address space (RFC 1918, RFC 6598): no route of the Internet leads there.
NOT_PUBLIC = tuple(map(IPv4Network, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")))

KEYS = (
    "interface",
    "address",
    "gateway",
    "zone",
    "reachable",
    "local_address",
    "addressing",
    "behind_nat",
    "public_address",
    "backup_addresses",
    "nat_keepalive",
    "underlying_interface",
    *INBOUND,
    "ike_interface",
    "ike_address",
    "vlan_id",
)
ADDRESSINGS = ("static", "dhcp", "pppoe")
# A gateway of Junos names four addresses.
BACKUP_ADDRESSES = 3


def read_wan(table: Table, profile: DeviceProfile, unmanaged: frozenset[str], lans: tuple[LanDraft, ...]) -> WanDraft:
    """Return the variable ``nhtb_wan``, and note each problem."""
    row = table.table("nhtb_wan", KEYS, "Give the WAN's interface, address and gateway")
    if row is None:
        return WanDraft()
    addressing = t.cast(Addressing, row.choice("addressing", ADDRESSINGS) or "static")
    interface = interface_of(row, profile, "wan_interface", unmanaged)
    if interface is not None and interface in [lan.interface for lan in lans]:
        row.note("interface_in_two_roles", "interface", interface, interface=interface)
    zone = zone_of(row, profile, WAN)
    if zone is not None and zone_key(profile, zone) in [zone_key(profile, lan.zone) for lan in lans]:
        row.note("zone_in_two_roles", "zone", zone, other="the zone of a LAN")
    reachable = row.flag("reachable") is True
    loopback, ike_address = _loopback(row, profile)
    address = gateway = None
    if addressing == "static":
        address = row.interface_address("address", "192.0.2.2/30", "Give the WAN interface's address")
        gateway = _gateway(row, address, needed="default_route" not in unmanaged)
        if gateway is not None and "default_route" not in unmanaged and (interface or "").startswith("lo0."):
            row.note("loopback_wan", "interface", interface, interface=interface)
    else:
        _check_given_by_provider(row, addressing)
    underlying = _underlying(row, profile, addressing, interface, lans)
    behind_nat = row.flag("behind_nat") is True
    public_address = row.ip("public_address", "192.0.2.2", "")
    if not profile.identities:
        _check_fixed(row, profile, addressing, behind_nat=behind_nat)
    backup_addresses = _backups(row, None if behind_nat else address, address, public_address)
    if not reachable:
        own = None if behind_nat else ike_address or address
        _check_private(row, "ike_address" if ike_address else "address", own, public_address, backup_addresses)
    return WanDraft(
        interface=interface,
        address=address,
        gateway=gateway,
        zone=zone,
        reachable=reachable,
        local_address=row.flag("local_address"),
        addressing=addressing,
        behind_nat=behind_nat or (address is not None and public_address not in (None, address.ip)),
        public_address=public_address,
        backup_addresses=backup_addresses,
        nat_keepalive=row.integer("nat_keepalive", 1, 300),
        inbound=read_inbound(row, profile),
        ike_interface=loopback,
        ike_address=ike_address,
        vlan_id=vlan_of(row, profile, interface),
        underlying=underlying,
    )


def _backups(
    row: Table, reached_at: IPv4Interface | None, address: IPv4Interface | None, public_address: IPv4Address | None
) -> tuple[IPv4Address, ...]:
    """Return the backup addresses, and note each problem; peers reach the WAN at one of the others, if at any."""
    addresses = row.addresses("backup_addresses", "192.0.2.6", BACKUP_ADDRESSES)
    if addresses and public_address is None and reached_at is None:
        row.note("backup_of_dynamic", "backup_addresses", ", ".join(map(str, addresses)))
    for index, backup in enumerate(addresses):
        if backup in (address and address.ip, public_address, *addresses[:index]):
            row.note("backup_twice", f"backup_addresses[{index}]", backup)
    return addresses


def _underlying(
    row: Table, profile: DeviceProfile, addressing: Addressing, interface: str | None, lans: tuple[LanDraft, ...]
) -> str | None:
    """Return the Ethernet interface under a PPPoE interface, and note each problem of the two.

    The operator of a third-party device knows how its PPPoE interface is made.
    """
    if addressing != "pppoe" or profile.by_operator:
        if row.value("underlying_interface") is not None:
            kind = "underlying_of_operator" if profile.by_operator else "underlying_without_pppoe"
            row.note(kind, "underlying_interface", row.values["underlying_interface"])
        return None
    if interface is not None and not interface.startswith("pp0."):
        row.note("not_pppoe", "interface", interface)
    port = port_of(row, "underlying_interface", "Name the Ethernet interface to the modem, as in ge-0/0/0.0")
    if port is not None and port in [lan.interface for lan in lans]:
        row.note("interface_in_two_roles", "underlying_interface", port, interface=port)
    return port


def _loopback(row: Table, profile: DeviceProfile) -> tuple[str | None, IPv4Interface | None]:
    """Return the loopback interface from which IKE speaks, with its address: both or none."""
    given = [name for name in ("ike_interface", "ike_address") if row.value(name) is not None]
    if not given:
        return None, None
    interface = loopback_of(row, profile)
    address = row.interface_address("ike_address", "203.0.113.1/32", "Give the loopback interface's address")
    if len(given) == 1 and given[0] == "ike_address":
        row.note("missing", "ike_interface", None, hint="Name the loopback interface, as in lo0.0")
    if address is not None and address.network.prefixlen < address.max_prefixlen:
        row.note("loopback_length", "ike_address", address, address=address.ip)
    return interface, address


def _check_given_by_provider(row: Table, addressing: Addressing) -> None:
    """Note what only a WAN with an address of its own has: the provider gives address and default route."""
    for key in ("address", "gateway"):
        if row.value(key) is not None:
            row.note("given_by_provider", key, row.values[key], addressing=addressing)
    if row.flag("local_address"):
        row.note("no_local_address", "local_address", "true", addressing=addressing)


def _check_fixed(row: Table, profile: DeviceProfile, addressing: Addressing, *, behind_nat: bool) -> None:
    for key, value, wrong in (("addressing", addressing, addressing != "static"), ("behind_nat", "true", behind_nat)):
        if wrong:
            row.note("no_fixed_address", key, value, platform=profile.title)
    if row.values.get("public_address") is not None:
        row.note("no_fixed_address", "public_address", row.values["public_address"], platform=profile.title)


def _check_private(
    row: Table,
    key: str,
    own: IPv4Interface | None,
    public_address: IPv4Address | None,
    backup_addresses: t.Iterable[IPv4Address],
) -> None:
    """Note each address at which no peer reaches the WAN through the Internet; ``own`` is that of ``key``."""
    first = (key, own) if public_address is None else ("public_address", public_address)
    others = [(f"backup_addresses[{index}]", address) for index, address in enumerate(backup_addresses)]
    for variable, address in (first, *others):
        one = address.ip if isinstance(address, IPv4Interface) else address
        if one is not None and any(one in network for network in NOT_PUBLIC):
            row.note("private_wan", variable, address)


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


def read_tunnel(table: Table, profile: DeviceProfile) -> TunnelDraft:
    """Return the variable ``nhtb_tunnel``, and note each problem."""
    keys = ("unit", "address", "zone", "mtu", *INBOUND, "unnumbered")
    row = table.table("nhtb_tunnel", keys, "Give the tunnel interface's unit and address")
    if row is None:
        return TunnelDraft()
    low, high = profile.names.first_unit, profile.names.last_unit
    unit = row.integer(
        "unit", low, high, "Choose a free unit", "Give the unit: 0 for st0.0 (Junos), 1 for tunnel.1 (ScreenOS)"
    )
    address = row.interface_address("address", "10.11.11.12/24", "Give the address on the hub's tunnel network")
    mtu = row.integer("mtu", *TUNNEL_MTU, "1400 leaves room for any encapsulation on a path of 1500 bytes")
    unnumbered = row.flag("unnumbered") is True
    return TunnelDraft(unit, address, zone_of(row, profile, TUNNEL), mtu, read_inbound(row, profile), unnumbered)
