# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Statements outside our group that claim the plan's tunnel unit, next hops, peers, or the zone of an interface."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import Conflict, PlannedObjects
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import quoted
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import (
    Statement,
    Words,
    fits,
    is_wildcard,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import TunnelUnit

# Statements about how a unit works as a whole.
_UNIT = (("point-to-point",), ("multipoint",), ("disable",))
# interfaces st0 unit N family inet next-hop-tunnel HOP ipsec-vpn VPN
_ENTRY_SIZE = 10
# security zones security-zone ZONE interfaces NAME
_MEMBER_SIZE = 6


def tunnel_interface_conflicts(
    plan: DevicePlan, others: t.Sequence[Statement], planned: PlannedObjects
) -> t.Iterator[Conflict]:
    """Yield addresses, modes and VPNs on the planned st0 unit that are not in our group."""
    for unit in plan.site.units:
        yield from _unit_conflicts(unit, plan, others, planned)


def _unit_conflicts(
    unit: TunnelUnit, plan: DevicePlan, others: t.Sequence[Statement], planned: PlannedObjects
) -> t.Iterator[Conflict]:
    group, place = plan.group, ("interfaces", "st0", "unit", unit.number)
    own = {tunnel.vpn for tunnel in plan.tunnels if tunnel.local.unit == unit}
    for one in others:
        words, rest = one.words, one.words[4:]
        is_vpn = words[:3] == ("security", "ipsec", "vpn") and rest == ("bind-interface", unit.interface)
        is_of_unit = rest[:1] in _UNIT or rest[:3] == ("family", "inet", "address")
        is_of_unit = is_of_unit or (unit.mtu is not None and rest[:3] == ("family", "inet", "mtu"))
        if is_vpn and words[3] not in own:
            yield Conflict(
                f"security ipsec vpn {words[3]}",
                f"bound to a unit other than {unit.interface} of group {group}",
                f"{quoted(rest)} {one.where}",
                "Bind it to a unit of its own, or plan another unit with nhtb_tunnel.",
            )
        elif words[:3] == ("interfaces", "st0", "disable"):
            yield Conflict("interfaces st0", "enabled", f"disable {one.where}", "Delete it: it disables every tunnel.")
        elif is_of_unit and fits(words[:4], place) and place + rest not in planned.statements:
            yield Conflict(
                f"interfaces {unit.interface}",
                f"no statement outside group {group}",
                f"{quoted(rest)} {one.where}",
                "Delete it, or plan another unit with nhtb_tunnel.",
            )


def binding_conflicts(plan: DevicePlan, others: t.Sequence[Statement], planned: PlannedObjects) -> t.Iterator[Conflict]:
    """Yield next-hop tunnel entries for a planned VPN or next hop: each VPN and each next hop has one entry only."""
    by_vpn = {tunnel.vpn: tunnel for tunnel in plan.tunnels}
    by_place = {(tunnel.local.unit.number, tunnel.next_hop): tunnel for tunnel in plan.tunnels}
    for one in others:
        words = one.words
        is_entry = words[:3] == ("interfaces", "st0", "unit") and words[6:7] == ("next-hop-tunnel",)
        if not is_entry or len(words) < _ENTRY_SIZE:
            continue
        place, vpn = (words[3], words[7]), words[9]
        actual = f"st0 unit {words[3]} {quoted(words[6:])} {one.where}"
        of_vpn, of_hop = by_vpn.get(vpn), by_place.get(place)
        if of_vpn is not None and place != (unit := of_vpn.local.unit.number, of_vpn.next_hop):
            yield Conflict(
                f"security ipsec vpn {vpn}",
                f"bound to st0 unit {unit} next-hop-tunnel {of_vpn.next_hop} only",
                actual,
                "Delete that entry: a VPN can be in one next-hop tunnel entry only.",
                vpn=vpn,
            )
        if of_hop is not None and vpn != of_hop.vpn and words[:8] not in planned.by_place:
            yield Conflict(
                f"interfaces st0 unit {words[3]} family inet next-hop-tunnel {words[7]}",
                f"ipsec-vpn {of_hop.vpn}",
                actual,
                "Delete that entry: traffic for this next hop would enter another VPN.",
                vpn=of_hop.vpn,
            )


def peer_conflicts(plan: DevicePlan, others: t.Sequence[Statement]) -> t.Iterator[Conflict]:
    """Yield other gateways with an address of a planned peer, or with the identity of one without a fixed address."""
    ours = {tunnel.gateway for tunnel in plan.tunnels}
    known = {("address", address): tunnel for tunnel in plan.tunnels for address in tunnel.peer_addresses}
    for tunnel in plan.tunnels:
        if tunnel.is_dynamic and tunnel.remote_identity is not None:
            known["dynamic", tunnel.remote_identity.value] = tunnel
    for one in others:
        words = one.words
        if words[:3] != ("security", "ike", "gateway") or words[3] in ours:
            continue
        found = known.get((words[4], words[-1])) if words[4:] else None
        if found is not None:
            yield Conflict(
                f"security ike gateway {words[3]}",
                f"{found.gateway} as the only gateway for {found.peer_name}",
                f"{quoted(words[4:])} {one.where}",
                "Delete that gateway and its VPN: Junos uses the first gateway with the peer's"
                f" {'identity' if found.is_dynamic else 'address'}.",
                vpn=found.vpn,
            )


def zone_conflicts(plan: DevicePlan, others: t.Sequence[Statement]) -> t.Iterator[Conflict]:
    """Yield other zones with an interface of the plan."""
    zones = {one.interface: one.zone for one in plan.site.attachments}
    seen: set[tuple[str, str]] = set()
    for one in others:
        zone, interface = zone_member(one.words)
        expected = zones.get(interface)
        if expected is None or zone == expected or is_wildcard(zone) or (zone, interface) in seen:
            continue
        seen.add((zone, interface))
        yield Conflict(
            f"interface {interface}",
            f"in zone {expected}",
            f"in zone {zone} {one.where}",
            f"Remove it from zone {zone}, or set that zone in the inventory.",
        )


def zone_member(words: Words) -> tuple[str, str]:
    """Return zone and logical interface of a statement about an interface in a zone, else two empty words."""
    if words[:2] != ("security", "zones") or words[4:5] != ("interfaces",) or len(words) < _MEMBER_SIZE:
        return "", ""
    return words[3], words[5] if "." in words[5] else f"{words[5]}.0"
