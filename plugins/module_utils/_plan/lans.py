# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read the LANs of a host."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import LanDraft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.inbound import KEYS as INBOUND
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.inbound import read_inbound
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.inside import network_name, read_inside
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.names import (
    LAN,
    interface_of,
    vlan_of,
    zone_key,
    zone_of,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table


def read_lans(table: Table, profile: DeviceProfile, unmanaged: frozenset[str]) -> tuple[LanDraft, ...]:
    """Return the entries of ``nhtb_lans``, and note each problem."""
    lans = []
    zones: dict[str, str] = {}
    # The same zone may be spelt in two ways.
    spellings: dict[str, str] = {}
    needed = "List each LAN with its interface and address"
    keys = ("interface", "address", "zone", *INBOUND, "internet", "vpn", "name", "networks", "vlan_id")
    for index, row in enumerate(table.tables("nhtb_lans", keys, needed)):
        interface = interface_of(row, profile, "lan_interfaces", unmanaged)
        address = row.interface_address("address", "192.168.10.1/24", "Give the interface's address on the LAN")
        lan = LanDraft(
            variable=f"nhtb_lans[{index}]",
            interface=interface,
            address=address,
            zone=zone_of(row, profile, LAN),
            inbound=read_inbound(row, profile),
            internet=row.flag("internet") is not False,
            vpn=row.flag("vpn") is not False,
            name=network_name(row),
            networks=read_inside(row, address, f"nhtb_lans[{index}]"),
            vlan_id=vlan_of(row, profile, interface),
        )
        if lan.zone:
            spelt = spellings.setdefault(zone_key(profile, lan.zone) or "", lan.zone)
            lan = replace(lan, zone=spelt)
            if lan.interface and zones.setdefault(lan.interface, spelt) != spelt:
                row.note("interface_in_two_zones", "zone", spelt, interface=lan.interface, other=zones[lan.interface])
        lans.append(lan)
    if lans and not any(lan.vpn for lan in lans):
        table.note("no_vpn_lan", "nhtb_lans", "vpn: false")
    return tuple(lans)
