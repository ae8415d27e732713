# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The names of objects that Junos and ScreenOS accept: lengths, zones, interfaces."""

from __future__ import annotations

import re

from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Platform
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table

# The longest names in characters: address book entries and gateways, zones, configuration groups.
NAME_LIMIT = 32
ZONE_LIMIT = {"junos": 63, "screenos": 31}
GROUP_LIMIT = 63
# The zones of the document in the spelling of each platform's predefined zones: LAN, WAN, tunnel.
ZONES = {"junos": ("trust", "untrust", "vpn"), "screenos": ("Trust", "Untrust", "VPN")}
LAN, WAN, TUNNEL = range(3)
# The predefined zones of ScreenOS that interfaces can be put into, as it spells them, and those that they cannot.
SCREENOS_ZONES = ("Trust", "Untrust", "DMZ", "VPN")
_RESERVED_ZONES = {
    "junos": re.compile(r"junos-.*|(?i:global|null|self|any)"),
    "screenos": re.compile(r"(?i:global|null|self|any|mgt|ha|vlan|v1-.*|untrust-tun|junos-.*)"),
}
LAST_VLAN = 4094
# The last number of a unit on any interface of Junos.
_LAST_UNIT = 16385
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
_LOOPBACK = re.compile(r"lo0(\.(?P<unit>[0-9]{1,4}))?")
_TUNNELS = re.compile(r"(?:st[0-9]+|tunnel)(?:\.[0-9]+)?")
_INTERFACE_EXAMPLES = {"junos": "ge-0/0/0.0", "screenos": "ethernet0/0"}


def loopback_of(row: Table, platform: Platform) -> str | None:
    """Return the loopback interface from which IKE speaks, where the row names one."""
    name = row.text("ike_interface")
    if name is None:
        return None
    match = _LOOPBACK.fullmatch(name)
    if platform == "screenos":
        row.note("not_on_screenos", "ike_interface", name)
    elif match is None:
        row.note("not_loopback", "ike_interface", name)
    else:
        return f"lo0.{int(match['unit'] or 0)}"
    return None


def zone_of(row: Table, platform: Platform, role: int) -> str | None:
    """Return the zone of a mapping, by default that of the document for the role."""
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


def interface_of(row: Table, platform: Platform, part: str, unmanaged: frozenset[str]) -> str | None:
    """Return the logical interface of a mapping, as devices print it."""
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
    elif part not in unmanaged and match["port"] and unit and row.values.get("vlan_id") is None:
        kind = "unit_needs_vlan" if platform == "junos" else "unit_needs_tag"
        row.note(kind, "interface", name, switch=f"nhtb_manage_{part}")
    # Devices print numbers without leading zeros: ge-0/0/00 is ge-0/0/0.
    if platform == "screenos":
        return _shortest(name)
    return f"{_shortest(match['physical'])}.{unit}"


def source_of(row: Table, name: str, platform: Platform) -> str | None:
    """Return a logical interface with an address of the device, a tunnel interface too."""
    text = row.text(name)
    if text is None:
        return None
    if _INTERFACES[platform].fullmatch(text) is None and _TUNNELS.fullmatch(text) is None:
        words = {"junos": "Junos", "screenos": "ScreenOS"}
        row.note("bad_interface", name, text, platform=words[platform], example=_INTERFACE_EXAMPLES[platform])
        return None
    return _shortest(text) if "." in text or platform == "screenos" else f"{_shortest(text)}.0"


def vlan_of(row: Table, platform: Platform, interface: str | None) -> int | None:
    """Return the VLAN of a unit, whose interface then has VLAN tagging."""
    vlan = row.integer("vlan_id", 1, LAST_VLAN, "Choose the VLAN's number")
    if vlan is None:
        return None
    if platform == "screenos":
        row.note("not_on_screenos", "vlan_id", vlan)
    elif interface is not None:
        match = _INTERFACES["junos"].fullmatch(interface)
        if match is None or not match["port"]:
            row.note("vlan_not_port", "vlan_id", vlan, interface=interface)
    return vlan


def _shortest(name: str) -> str:
    """Return the name of an interface with its numbers as devices print them."""
    return _NUMBER.sub(lambda found: str(int(found[0])), name)
