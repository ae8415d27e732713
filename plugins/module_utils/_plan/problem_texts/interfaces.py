# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The problems of ``names``, ``vlans``, ``lans`` and ``inbound``: interfaces and zones."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problem_texts.kind import Kind

KINDS: dict[str, Kind] = {
    # Noted by ``names``.
    "reserved_name": Kind("this name has a meaning of its own: {meaning}", "Choose another name"),
    "bad_interface": Kind("{platform} has no interface of this name", "Write it as in {example}"),
    "tunnel_interface": Kind(
        "tunnel interfaces are neither LAN nor WAN",
        "Name the interface that faces the network; nhtb_tunnel is for tunnels",
    ),
    "unit_needs_vlan": Kind(
        "an untagged interface has unit 0 only",
        "Set vlan_id, use unit 0, or configure the interface yourself and set {switch}: false",
    ),
    "unit_needs_tag": Kind(
        "an untagged interface has unit 0 only, and VLAN tagging is not written for ScreenOS",
        "Use unit 0, or configure the interface yourself and set {switch}: false",
    ),
    "vlan_not_port": Kind("{interface} has no VLAN tagging", "Leave it out: only ports, reth and ae interfaces have"),
    "not_loopback": Kind("IKE speaks from the WAN's interface or from a loopback interface", "Write it as in lo0.0"),
    "no_such_unit": Kind("units of Junos end at {last}", "Choose a unit that exists"),
    "no_zones": Kind("{platform} has no zones", "Leave the zone out"),
    "junos_only": Kind("this collection writes no such thing for {platform}", "Leave it out for this host"),
    "no_ethernet": Kind("unit 0 of an Ethernet interface of Junos is needed", "Write it as in ge-0/0/0.0"),
    # Noted by ``vlans``.
    "vlan_missing": Kind(
        "{other} is on the same interface, and one of the two has no VLAN",
        "Give each unit of an interface its vlan_id, or none",
    ),
    "vlan_clash": Kind(
        "{other} has another unit for this VLAN, or another VLAN for this unit",
        "Give each unit of an interface a VLAN of its own",
    ),
    # Noted by ``lans``.
    "no_vpn_lan": Kind("a site needs at least one LAN in the VPN", "Set vpn: true for one, or take the site out"),
    "interface_in_two_zones": Kind(
        "{interface} is in zone {other} already; an interface has one zone", "Give both entries the same zone"
    ),
    # Noted by ``inbound``.
    "services_on_both": Kind(
        "{interface} would have services of its own and those of its zone, which {other} sets",
        "Give both entries the same services_on",
    ),
    "no_own_services": Kind(
        "an interface without services and protocols of its own has those of zone {zone}",
        "List its services, or leave services_on out",
    ),
}
