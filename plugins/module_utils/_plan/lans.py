# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read the LANs of a host."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import LanDraft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.names import LAN, interface_of, zone_key, zone_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table

# The host-inbound services that every release since 17.4 has.
# fmt: off
SERVICES = (
    "all", "any-service", "bootp", "dhcp", "dhcpv6", "dns", "finger", "ftp", "http", "https", "ident-reset", "ike",
    "lsping", "netconf", "ntp", "ping", "r2cp", "reverse-ssh", "reverse-telnet", "rlogin", "rpm", "rsh", "sip",
    "snmp", "snmp-trap", "ssh", "tcp-encap", "telnet", "tftp", "traceroute", "webapi-clear-text", "webapi-ssl",
    "xnm-clear-text", "xnm-ssl",
)
# fmt: on


def read_lans(table: Table, profile: DeviceProfile, unmanaged: frozenset[str]) -> tuple[LanDraft, ...]:
    """Return the entries of ``nhtb_lans``, and note each problem."""
    lans = []
    zones: dict[str, str] = {}
    # The same zone may be spelt in two ways.
    spellings: dict[str, str] = {}
    needed = "List each LAN with its interface and address"
    keys = ("interface", "address", "zone", "services", "internet", "vpn")
    for index, row in enumerate(table.tables("nhtb_lans", keys, needed)):
        lan = LanDraft(
            variable=f"nhtb_lans[{index}]",
            interface=interface_of(row, profile, "lan_interfaces", unmanaged),
            address=row.interface_address("address", "192.168.10.1/24", "Give the interface's address on the LAN"),
            zone=zone_of(row, profile, LAN),
            services=_services(row),
            internet=row.flag("internet") is not False,
            vpn=row.flag("vpn") is not False,
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


def _services(row: Table) -> tuple[str, ...] | None:
    """Return the host-inbound services of a LAN, none for an empty list; ``None`` where it does not set them."""
    value = row.value("services")
    if value is None or value in ([], ()):
        return None if value is None else ()
    row.choose("services", SERVICES)
    return tuple(dict.fromkeys(map(str, value if isinstance(value, (list, tuple)) else [value])))
