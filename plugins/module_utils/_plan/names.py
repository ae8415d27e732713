# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The names of objects that devices accept: lengths, zones, interfaces."""

from __future__ import annotations

import re

from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import JUNOS, DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.limits import LAST_UNIT
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table

# The longest names in characters: address book entries and gateways, zones, configuration groups.
NAME_LIMIT = 32
GROUP_LIMIT = 63
LAN, WAN, TUNNEL = range(3)
LAST_VLAN = 4094
_NUMBER = re.compile(r"[0-9]+")
_LOOPBACK = re.compile(r"lo0(\.(?P<unit>[0-9]{1,4}))?")
_TUNNELS = re.compile(r"(?:st[0-9]+|tunnel)(?:\.[0-9]+)?")


def loopback_of(row: Table, profile: DeviceProfile) -> str | None:
    """Return the loopback interface from which IKE speaks, where the row names one."""
    name = row.text("ike_interface")
    if name is None:
        return None
    match = _LOOPBACK.fullmatch(name)
    if profile.by_operator:
        row.note("junos_only", "ike_interface", name, platform=profile.title)
    elif match is None:
        row.note("not_loopback", "ike_interface", name)
    else:
        return f"lo0.{int(match['unit'] or 0)}"
    return None


def zone_of(row: Table, profile: DeviceProfile, role: int) -> str | None:
    """Return the zone of a mapping, by default that of the document for the role."""
    rules = profile.zones
    if row.values.get("zone") is None:
        return rules.defaults[role]
    if not rules.given:
        row.note("no_zones", "zone", row.values["zone"], platform=profile.title)
        return rules.defaults[role]
    zone = row.name("zone", "a zone name", rules.longest)
    if zone is None:
        return None
    if rules.reserved and re.fullmatch(rules.reserved, zone):
        row.note("reserved_name", "zone", zone, meaning="it is not a zone that interfaces can be put into")
    # ScreenOS does not tell capitals from small letters: trust is its zone Trust.
    known = {one.lower(): one for one in rules.known} if rules.ignore_case else {}
    return known.get(zone.lower(), zone)


def zone_key(profile: DeviceProfile, zone: str | None) -> str | None:
    """Return what the device compares of the name of a zone."""
    return zone.lower() if zone and profile.zones.ignore_case else zone


def interface_of(row: Table, profile: DeviceProfile, part: str, unmanaged: frozenset[str]) -> str | None:
    """Return the logical interface of a mapping, as devices print it."""
    rules = profile.names
    name = row.text("interface", f"Name the interface, as in {rules.example}")
    if name is None:
        return None
    if _TUNNELS.fullmatch(name):
        row.note("tunnel_interface", "interface", name)
        return None
    match = re.fullmatch(rules.pattern, name)
    if match is None:
        row.note("bad_interface", "interface", name, platform=profile.title, example=rules.example)
        return None
    parts = match.groupdict()
    unit = int(parts.get("unit") or 0)
    if not profile.by_operator and unit > LAST_UNIT:
        row.note("no_such_unit", "interface", name, last=LAST_UNIT)
    elif part not in unmanaged and parts.get("port") and unit and row.values.get("vlan_id") is None:
        kind = "unit_needs_tag" if profile.by_operator else "unit_needs_vlan"
        row.note(kind, "interface", name, switch=f"nhtb_manage_{part}")
    if "physical" not in parts:
        return name
    # Devices print numbers without leading zeros: ge-0/0/00 is ge-0/0/0.
    return _shortest(name) if profile.by_operator else f"{_shortest(parts['physical'])}.{unit}"


def port_of(row: Table, name: str, needed: str) -> str | None:
    """Return the logical unit 0 of an Ethernet interface of Junos."""
    text = row.text(name, needed)
    if text is None:
        return None
    match = re.fullmatch(JUNOS.names.pattern, text)
    if match is None or not match["port"] or int(match["unit"] or 0):
        row.note("no_ethernet", name, text)
        return None
    return f"{_shortest(match['physical'])}.0"


def source_of(row: Table, name: str, profile: DeviceProfile) -> str | None:
    """Return a logical interface with an address of the device, a tunnel interface too."""
    text = row.text(name)
    if text is None:
        return None
    stem = profile.names.tunnel.partition("{unit}")[0]
    # A tunnel interface of Junos without a unit is its unit 0, as any other interface is.
    tunnel = rf"{re.escape(stem)}(?P<unit>[0-9]{{1,5}})" + ("" if profile.by_operator else f"|{re.escape(stem[:-1])}")
    match = re.fullmatch(profile.names.pattern, text) or re.fullmatch(tunnel, text)
    if match is None:
        row.note("bad_interface", name, text, platform=profile.title, example=profile.names.example)
        return None
    if not profile.by_operator and int(match["unit"] or 0) > LAST_UNIT:
        row.note("no_such_unit", name, text, last=LAST_UNIT)
        return None
    return _shortest(text) if "." in text or profile.by_operator else f"{_shortest(text)}.0"


def vlan_of(row: Table, profile: DeviceProfile, interface: str | None) -> int | None:
    """Return the VLAN of a unit, whose interface then has VLAN tagging."""
    vlan = row.integer("vlan_id", 1, LAST_VLAN, "Choose the VLAN's number")
    if vlan is None:
        return None
    if profile.by_operator:
        row.note("junos_only", "vlan_id", vlan, platform=profile.title)
    elif interface is not None:
        match = re.fullmatch(profile.names.pattern, interface)
        if match is None or not match["port"]:
            row.note("vlan_not_port", "vlan_id", vlan, interface=interface)
    return vlan


def _shortest(name: str) -> str:
    """Return the name of an interface with its numbers as devices print them."""
    return _NUMBER.sub(lambda found: str(int(found[0])), name)
