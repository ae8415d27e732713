# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The variables of one host, read and checked for themselves. An invalid value is ``None`` and noted as a problem."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import AddressBook, Platform, Role, Syntax
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.keys import read_key
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import HIDDEN, Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table, nearest, reserved_addresses
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.run_options import (
    Documented,
    check_numbers,
    check_others,
)

# The longest names in characters: address book entries and gateways, zones, configuration groups.
NAME_LIMIT = 32
ZONE_LIMIT = {"junos": 63, "screenos": 31}
GROUP_LIMIT = 63
# The zones of the document in the spelling of each platform's predefined zones: LAN, WAN, tunnel.
ZONES = {"junos": ("trust", "untrust", "vpn"), "screenos": ("Trust", "Untrust", "VPN")}
_LAN, _WAN, _TUNNEL = range(3)
# The predefined zones of ScreenOS that interfaces can be put into, as it spells them, and those that they cannot.
SCREENOS_ZONES = ("Trust", "Untrust", "DMZ", "VPN")
_RESERVED_ZONES = {
    "junos": re.compile(r"junos-.*|(?i:global|null|self|any)"),
    "screenos": re.compile(r"(?i:global|null|self|any|mgt|ha|vlan|v1-.*|untrust-tun|junos-.*)"),
}
# Junos reserves st0 units from 16000 on.
TUNNEL_UNITS = {"junos": (0, 15999), "screenos": (1, 65535)}
DH_GROUPS = ("group14", "group15", "group16", "group19", "group20", "group21")
ESTABLISH = ("immediately", "on-traffic", "responder-only", "responder-only-no-rekey")
# The host-inbound services that every release since 17.4 has.
# fmt: off
SERVICES = (
    "all", "any-service", "bootp", "dhcp", "dhcpv6", "dns", "finger", "ftp", "http", "https", "ident-reset", "ike",
    "lsping", "netconf", "ntp", "ping", "r2cp", "reverse-ssh", "reverse-telnet", "rlogin", "rpm", "rsh", "sip",
    "snmp", "snmp-trap", "ssh", "tcp-encap", "telnet", "tftp", "traceroute", "webapi-clear-text", "webapi-ssl",
    "xnm-clear-text", "xnm-ssl",
)
# fmt: on
PARTS = ("lan_interfaces", "wan_interface", "default_route", "internet_policy", "zones")
# Groups that Junos defines, or applies to a routing engine or a cluster node.
RESERVED_GROUPS = ("global", "junos-defaults", "member0", "member1", "node0", "node1", "re0", "re1")

# The last number of a unit on any interface of Junos.
_LAST_UNIT = 16385
# Private and shared address space (RFC 1918, RFC 6598): no route of the Internet leads there.
NOT_PUBLIC = tuple(map(IPv4Network, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")))
_NUMBER = re.compile(r"[0-9]+")
_INTERFACES = {
    "junos": re.compile(
        r"(?P<physical>(?P<port>(?:fe|ge|xe|et|mge)-N/N/N|rethN|aeN)|(?:at|cl|e1|e3|gr|ip|lt|pt|se|t1|t3|wl)-N/N/N"
        r"|irb|vlan|lo0|pp0|dl0|umd0)(\.(?P<unit>[0-9]{1,5}))?".replace("N", "[0-9]{1,4}")
    ),
    "screenos": re.compile(
        r"(?P<physical>(?P<port>(?:ethernet|bgroup|redundant|wireless)N(?:/N){0,2}|trust|untrust|dmz)|adslN/N"
        r"|loopback)(\.(?P<unit>[0-9]{1,5}))?".replace("N", "[0-9]{1,4}")
    ),
}
_TUNNELS = re.compile(r"(?:st[0-9]+|tunnel)(?:\.[0-9]+)?")
_INTERFACE_EXAMPLES = {"junos": "ge-0/0/0.0", "screenos": "ethernet0/0"}
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,199}")
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]{1,255}")
_RELEASE = re.compile(r"(?P<major>[0-9]{1,2})\.(?P<minor>[0-9]{1,2})[A-Z][A-Za-z0-9.-]*")


@dataclass(frozen=True)
class LanDraft:
    """One entry of ``nhtb_lans``. ``variable`` is its name in messages: ``nhtb_lans[0]``.

    ``services`` are the host-inbound services that it adds to its zone, ``None`` for those of the syntax. ``internet``
    and ``vpn`` say whether policies permit it there.
    """

    variable: str
    interface: str | None
    address: IPv4Interface | None
    zone: str | None
    services: tuple[str, ...] | None = None
    internet: bool = True
    vpn: bool = True


@dataclass(frozen=True)
class WanDraft:
    """The variable ``nhtb_wan``."""

    interface: str | None = None
    address: IPv4Interface | None = None
    gateway: IPv4Address | None = None
    zone: str | None = None
    reachable: bool = False
    local_address: bool | None = None


@dataclass(frozen=True)
class TunnelDraft:
    """The variable ``nhtb_tunnel``."""

    unit: int | None = None
    address: IPv4Interface | None = None
    zone: str | None = None


@dataclass(frozen=True)
class Draft:
    """The variables of one host. ``key`` is neither in the representation nor in any plan.

    ``unmanaged`` has the names of ``PARTS`` that the device has already and that are not configured.
    """

    host: str
    role: Role
    name: str | None
    host_name: str | None
    platform: Platform
    release: str | None
    lans: tuple[LanDraft, ...]
    wan: WanDraft
    tunnel: TunnelDraft
    key: str | None = field(repr=False)
    syntax: Syntax
    dh_group: str | None
    establish: str | None
    static_binding: bool | None
    address_book: AddressBook
    group: str | None
    mss: int | None
    policy_addresses: int | None
    operator_ready: bool
    confirm_minutes: int | None
    unmanaged: frozenset[str]
    fail_closed: bool

    @property
    def release_number(self) -> tuple[int, int] | None:
        """Return the numbers of the Junos release, ``(18, 4)`` for 18.4R1; ``None`` where none is stated."""
        match = _RELEASE.fullmatch(self.release or "") if self.platform == "junos" else None
        return (int(match["major"]), int(match["minor"])) if match else None


def read_host(host: str, role: Role, variables: object, documented: Documented, problems: Problems) -> Draft:
    """Read the ``nhtb_`` variables of one host over the documented defaults, and note each problem."""
    table = Table(host, _own(host, variables, documented, problems), problems)
    check_host_name(host, problems)
    platform: Platform = "screenos" if table.choice("nhtb_platform", ("junos", "screenos")) == "screenos" else "junos"
    syntax: Syntax = "classic" if table.choice("nhtb_syntax", ("modern", "classic")) == "classic" else "modern"
    book = table.choice("nhtb_address_book", ("global", "zone"))
    unmanaged = frozenset(part for part in PARTS if table.flag(f"nhtb_manage_{part}") is False)
    lans = _lans(table, platform, unmanaged)
    check_numbers(table, documented)
    read_key(table, platform, needed=False, variable="nhtb_new_pre_shared_key")
    draft = Draft(
        host=host,
        role=role,
        name=_site(table, len(lans)),
        host_name=_host_name(table),
        platform=platform,
        release=_release(table, platform),
        lans=lans,
        wan=_wan(table, platform, unmanaged, lans),
        tunnel=_tunnel(table, platform),
        key=read_key(table, platform, needed=role == "spoke"),
        syntax=syntax,
        dh_group=table.choice("nhtb_dh_group", DH_GROUPS),
        establish=table.choice("nhtb_establish_tunnels", ESTABLISH),
        static_binding=table.flag("nhtb_static_binding"),
        address_book="zone" if book == "zone" or (book is None and syntax == "classic") else "global",
        group=_group(table),
        mss=table.integer("nhtb_mss", 64, 65535, "1350 suits most networks"),
        operator_ready=True in (table.flag("nhtb_operator_ready"), table.flag("nhtb_operator_sets_key")),
        policy_addresses=table.integer("nhtb_policy_addresses", 1, 65535, "1024 is the smallest documented limit"),
        confirm_minutes=table.integer("nhtb_confirm_minutes", 1, 65535, "10 minutes suit most fleets"),
        unmanaged=unmanaged,
        fail_closed=table.flag("nhtb_fail_closed") is not False,
    )
    check_others(table, documented)
    return draft


def check_host_name(host: str, problems: Problems) -> None:
    """Note an inventory name that cannot become the name of a file. Every entry point checks its hosts with this."""
    if not _HOST.fullmatch(host):
        problems.add("unusable_host", host, "inventory_hostname", host)


def _own(host: str, variables: object, documented: Documented, problems: Problems) -> dict[str, t.Any]:
    values = {name: option.get("default") for name, option in documented.items()}
    for name, value in (variables if isinstance(variables, t.Mapping) else {}).items():
        if not str(name).startswith("nhtb_"):
            continue
        if name not in documented:
            # The value is not shown: what a misspelt name holds may be the key.
            hint = nearest(str(name), documented, "ansible-doc -t role hubspoke.srx.nhtb lists all variables")
            problems.add("unknown_variable", host, str(name), HIDDEN, hint=hint)
        elif value is not None:
            values[name] = value
    return values


def _site(table: Table, lan_count: int) -> str | None:
    name = table.name("nhtb_site", "a site name", NAME_LIMIT, "Give the site a short name, as in westford")
    if name is None:
        return None
    if name == "local":
        table.note("reserved_name", "nhtb_site", name, meaning="local-net is what each device calls its own network")
    # Names on the device begin with the site's: westford-gate, westford-net-2 (its second LAN).
    longest = f"{name}-gate" if lan_count <= 1 else f"{name}-net-{lan_count}"
    if len(longest) > NAME_LIMIT:
        excess = len(longest) - NAME_LIMIT
        table.note(
            "name_too_long", "nhtb_site", name, made=longest, length=len(longest), limit=NAME_LIMIT, excess=excess
        )
    return name


def _host_name(table: Table) -> str | None:
    name = table.text("nhtb_host_name")
    if name is not None and not _HOST_NAME.fullmatch(name):
        table.note("bad_host_name", "nhtb_host_name", name)
        return None
    return name


def _group(table: Table) -> str | None:
    name = table.name("nhtb_group", "a configuration group", GROUP_LIMIT)
    if name in RESERVED_GROUPS:
        table.note("reserved_name", "nhtb_group", name, meaning="Junos applies this group by itself")
    return name


def _release(table: Table, platform: Platform) -> str | None:
    release = table.text("nhtb_release")
    if release is not None and platform == "junos" and not _RELEASE.fullmatch(release):
        table.note("bad_release", "nhtb_release", release)
        return None
    return release


def _lans(table: Table, platform: Platform, unmanaged: frozenset[str]) -> tuple[LanDraft, ...]:
    lans = []
    zones: dict[str, str] = {}
    # The same zone may be spelt in two ways.
    spellings: dict[str, str] = {}
    needed = "List each LAN with its interface and address"
    keys = ("interface", "address", "zone", "services", "internet", "vpn")
    for index, row in enumerate(table.tables("nhtb_lans", keys, needed)):
        lan = LanDraft(
            variable=f"nhtb_lans[{index}]",
            interface=_interface(row, platform, "lan_interfaces", unmanaged),
            address=row.interface_address("address", "192.168.10.1/24", "Give the interface's address on the LAN"),
            zone=_zone(row, platform, _LAN),
            services=_services(row),
            internet=row.flag("internet") is not False,
            vpn=row.flag("vpn") is not False,
        )
        if lan.zone:
            spelt = spellings.setdefault(zone_key(platform, lan.zone) or "", lan.zone)
            lan = replace(lan, zone=spelt)
            if lan.interface and zones.setdefault(lan.interface, spelt) != spelt:
                row.note("interface_in_two_zones", "zone", spelt, interface=lan.interface, other=zones[lan.interface])
        lans.append(lan)
    if lans and not any(lan.vpn for lan in lans):
        table.note("no_vpn_lan", "nhtb_lans", "vpn: false")
    return tuple(lans)


def _services(row: Table) -> tuple[str, ...] | None:
    """Return the host-inbound services of a LAN, none for an empty list; ``None`` where it does not set them."""
    value = row.value("services")
    if value is None or value in ([], ()):
        return None if value is None else ()
    row.choose("services", SERVICES)
    return tuple(dict.fromkeys(map(str, value if isinstance(value, (list, tuple)) else [value])))


def _wan(table: Table, platform: Platform, unmanaged: frozenset[str], lans: tuple[LanDraft, ...]) -> WanDraft:
    keys = ("interface", "address", "gateway", "zone", "reachable", "local_address")
    row = table.table("nhtb_wan", keys, "Give the WAN's interface, address and gateway")
    if row is None:
        return WanDraft()
    interface = _interface(row, platform, "wan_interface", unmanaged)
    if interface is not None and interface in [lan.interface for lan in lans]:
        row.note("interface_in_two_roles", "interface", interface, interface=interface)
    address = row.interface_address("address", "192.0.2.2/30", "Give the WAN interface's address")
    zone = _zone(row, platform, _WAN)
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


def _tunnel(table: Table, platform: Platform) -> TunnelDraft:
    row = table.table("nhtb_tunnel", ("unit", "address", "zone"), "Give the tunnel interface's unit and address")
    if row is None:
        return TunnelDraft()
    low, high = TUNNEL_UNITS[platform]
    unit = row.integer(
        "unit", low, high, "Choose a free unit", "Give the unit: 0 for st0.0 (Junos), 1 for tunnel.1 (ScreenOS)"
    )
    address = row.interface_address("address", "10.11.11.12/24", "Give the address on the hub's tunnel network")
    return TunnelDraft(unit, address, _zone(row, platform, _TUNNEL))


def _zone(row: Table, platform: Platform, role: int) -> str | None:
    if row.values.get("zone") is None:
        return ZONES[platform][role]
    zone = row.name("zone", "a zone name", ZONE_LIMIT[platform])
    if zone is None:
        return None
    if _RESERVED_ZONES[platform].fullmatch(zone):
        row.note("reserved_name", "zone", zone, meaning="it is not a zone that interfaces can be put into")
    # ScreenOS does not tell capitals from small letters: trust is its zone Trust.
    known = {one.lower(): one for one in SCREENOS_ZONES} if platform == "screenos" else {}
    return known.get(zone.lower(), zone)


def zone_key(platform: Platform, zone: str | None) -> str | None:
    """Return what the platform compares of the name of a zone."""
    return zone.lower() if zone and platform == "screenos" else zone


def _interface(row: Table, platform: Platform, part: str, unmanaged: frozenset[str]) -> str | None:
    name = row.text("interface", f"Name the interface, as in {_INTERFACE_EXAMPLES[platform]}")
    if name is None:
        return None
    if _TUNNELS.fullmatch(name):
        row.note("tunnel_interface", "interface", name)
        return None
    match = _INTERFACES[platform].fullmatch(name)
    if match is None:
        words = {"junos": "Junos", "screenos": "ScreenOS"}
        row.note("bad_interface", "interface", name, platform=words[platform], example=_INTERFACE_EXAMPLES[platform])
        return None
    unit = int(match["unit"] or 0)
    if platform == "junos" and unit > _LAST_UNIT:
        row.note("no_such_unit", "interface", name, last=_LAST_UNIT)
    elif part not in unmanaged and match["port"] and unit:
        row.note("unit_needs_vlan", "interface", name, switch=f"nhtb_manage_{part}")
    # Devices print numbers without leading zeros: ge-0/0/00 is ge-0/0/0.
    if platform == "screenos":
        return _shortest(name)
    return f"{_shortest(match['physical'])}.{unit}"


def _shortest(name: str) -> str:
    """Return the name of an interface with its numbers as devices print them."""
    return _NUMBER.sub(lambda found: str(int(found[0])), name)
