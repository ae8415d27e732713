# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Host-inbound services outside our group: those that replace planned ones, and those that the device needs."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.claims import zone_member
from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import Conflict
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Statement, Words
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan

_INBOUND = ("host-inbound-traffic", "system-services")
_ALL = ("all", "any-service")
# system services dhcp-local-server group NAME interface UNIT
_DHCP_SERVER = ("system", "services", "dhcp-local-server")
_DHCP_SIZE = 7


def service_conflicts(plan: DevicePlan, others: t.Sequence[Statement]) -> t.Iterator[Conflict]:
    """Yield the interfaces on which a planned service, or one that the device needs there, is not in effect.

    The services of an interface replace those of its zone. The WAN needs IKE, a LAN with a DHCP server needs DHCP.
    """
    site = plan.site
    planned = {zone.name: list(zone.system_services) for zone in plan.zones}
    serving = _dhcp_interfaces(others)
    wans = {wan.interface: wan.zone for wan in site.wans}
    interfaces = {**wans, **{lan.interface: lan.zone for lan in site.all_lans}}
    for interface, zone in interfaces.items():
        own = _of_interface(others, zone, interface)
        of_zone = _of_zone(others, zone)
        wanted = list(planned.get(zone, ()))
        in_effect = [one.words[8:] for one in own] or [*((name,) for name in wanted), *of_zone]
        if interface in wans:
            wanted = ["ike"]
        elif interface in serving and wanted and "dhcp" not in wanted:
            # Zones that are unmanaged are the operator's.
            wanted.append("dhcp")
        missing = [name for name in wanted if not _allows(in_effect, name)]
        if missing:
            shown = ", ".join(dict.fromkeys(" ".join(words) for words in in_effect)) or "none"
            yield Conflict(
                f"zone {zone} interface {interface}",
                f"host-inbound-traffic system-services {', '.join(missing)}",
                f"{shown} {own[0].where}" if own else f"{shown} in the zone",
                _remedy(plan, zone, missing, bool(own)),
            )


def _remedy(plan: DevicePlan, zone: str, missing: t.Sequence[str], of_interface: bool) -> str:  # noqa: FBT001
    names = ", ".join(missing)
    if of_interface:
        return f"Add {names} there: host-inbound services of an interface replace those of its zone."
    if missing == ["dhcp"] and zone not in plan.site.wan_zones:
        return "Add dhcp to the services of this LAN in nhtb_lans: the device is its DHCP server."
    return f"Add {names} to the zone or to the interface, and delete an exception of it."


def _allows(services: t.Collection[Words], name: str) -> bool:
    """Return whether host-inbound services with their exceptions contain one."""
    if (name, "except") in services:
        return False
    return (name,) in services or any((word,) in services for word in _ALL)


def _of_interface(others: t.Sequence[Statement], zone: str, interface: str) -> list[Statement]:
    return [one for one in others if zone_member(one.words) == (zone, interface) and one.words[6:8] == _INBOUND]


def _of_zone(others: t.Sequence[Statement], zone: str) -> list[Words]:
    start = ("security", "zones", "security-zone", zone, *_INBOUND)
    return [one.words[len(start) :] for one in others if one.words[: len(start)] == start]


def _dhcp_interfaces(others: t.Sequence[Statement]) -> set[str]:
    found = {one.words[6] for one in others if one.words[:3] == _DHCP_SERVER and one.words[5:6] == ("interface",)}
    return {name if "." in name else f"{name}.0" for name in found}
