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
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import ZoneInterface

_INBOUND = "host-inbound-traffic"
_KINDS = ("system-services", "protocols")
_ALL = ("all", "any-service")
# system services dhcp-local-server group NAME interface UNIT
_DHCP_SERVER = ("system", "services", "dhcp-local-server")
_DHCP_SIZE = 7


def service_conflicts(plan: DevicePlan, others: t.Sequence[Statement]) -> t.Iterator[Conflict]:
    """Yield the interfaces on which a planned service or protocol, or one that the device needs, is not in effect.

    Those of an interface replace those of its zone. The WAN needs IKE, a LAN with a DHCP server needs DHCP.
    """
    serving, wans = _dhcp_interfaces(others), {wan.ike_interface for wan in plan.site.wans}
    for interface, zone in {one.interface: one.zone for one in (*plan.site.wans, *plan.site.attachments)}.items():
        inbound = _Inbound(plan, others, zone, interface)
        wanted = list(inbound.planned("system-services"))
        if interface in wans:
            wanted = list(dict.fromkeys(("ike", *wanted)))
        elif interface in serving and wanted and "dhcp" not in wanted:
            # Zones that are unmanaged are the operator's.
            wanted.append("dhcp")
        yield from inbound.missing("system-services", wanted)
        yield from inbound.missing("protocols", inbound.planned("protocols"))
        yield from inbound.replaced()


class _Inbound:
    """What a device accepts on an interface: planned, of the interface and of its zone outside our group."""

    def __init__(self, plan: DevicePlan, others: t.Sequence[Statement], zone: str, interface: str) -> None:
        self._plan, self._zone, self._interface = plan, zone, interface
        # Unmanaged zones are the operator's, with all that they accept.
        managed = next((one for one in plan.zones if one.name == zone and interface in one.interfaces), None)
        self._place = managed.inbound(interface) if managed else None
        self._on_interface = isinstance(self._place, ZoneInterface)
        self._own = [
            one for one in others if zone_member(one.words) == (zone, interface) and one.words[6:7] == (_INBOUND,)
        ]
        start = ("security", "zones", "security-zone", zone, _INBOUND)
        self._of_zone = [one for one in others if one.words[: len(start)] == start and len(one.words) > len(start) + 1]

    def planned(self, kind: str) -> tuple[str, ...]:
        """Return the planned words of a kind."""
        if self._place is None:
            return ()
        return self._place.protocols if kind == "protocols" else self._place.system_services

    def missing(self, kind: str, wanted: t.Sequence[str]) -> t.Iterator[Conflict]:
        """Yield a conflict where some of the wanted words are not in effect."""
        in_effect = self._in_effect(kind)
        missing = [name for name in wanted if not _allows(in_effect, name)]
        if missing:
            shown = ", ".join(dict.fromkeys(" ".join(words) for words in in_effect)) or "none"
            yield Conflict(
                f"zone {self._zone} interface {self._interface}",
                f"host-inbound-traffic {kind} {', '.join(missing)}",
                f"{shown} {self._own[0].where}" if self._own else f"{shown} in the zone",
                self._remedy(missing),
            )

    def replaced(self) -> t.Iterator[Conflict]:
        """Yield the words of the zone, outside our group, that planned ones of the interface would replace."""
        for kind in _KINDS if self._on_interface and not self._own else ():
            in_effect = self._in_effect(kind)
            lost = [
                one for one in self._of_zone if one.words[5] == kind and "except" not in one.words
                and not _allows(in_effect, one.words[6])
            ]  # fmt: skip
            if lost:
                yield Conflict(
                    f"zone {self._zone} interface {self._interface}",
                    f"host-inbound-traffic {kind} {', '.join(name for (name,) in in_effect) or 'none'} alone",
                    f"{', '.join(one.words[6] for one in lost)} of the zone {lost[0].where}",
                    "Add what the interface needs to its services in the inventory, or set services_on: zone; services"
                    " of an interface replace those of its zone.",
                )

    def _in_effect(self, kind: str) -> list[Words]:
        planned: list[Words] = [(name,) for name in self.planned(kind)]
        own = [one.words[8:] for one in self._own if one.words[7] == kind]
        if self._own or self._on_interface:
            return [*own, *(planned if self._on_interface else ())]
        return [*planned, *(one.words[6:] for one in self._of_zone if one.words[5] == kind)]

    def _remedy(self, missing: t.Sequence[str]) -> str:
        names = ", ".join(missing)
        if self._own:
            return f"Add {names} there: host-inbound services of an interface replace those of its zone."
        if missing == ["dhcp"] and self._zone not in self._plan.site.wan_zones:
            return "Add dhcp to the services of this LAN in nhtb_lans: the device is its DHCP server."
        return f"Add {names} to the zone or to the interface, and delete an exception of it."


def _allows(services: t.Collection[Words], name: str) -> bool:
    """Return whether host-inbound services with their exceptions contain one."""
    if (name, "except") in services:
        return False
    return (name,) in services or any((word,) in services for word in _ALL)


def _dhcp_interfaces(others: t.Sequence[Statement]) -> set[str]:
    found = {one.words[6] for one in others if one.words[:3] == _DHCP_SERVER and one.words[5:6] == ("interface",)}
    return {name if "." in name else f"{name}.0" for name in found}
