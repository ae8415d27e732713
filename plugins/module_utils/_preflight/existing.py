# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The parts of a plan that a device has already outside our group, each with the switch that fits."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._config.claims import zone_member
from ansible_collections.hubspoke.srx.plugins.module_utils._config.interfaces import unit_outside
from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import ROUTE
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import quoted
from ansible_collections.hubspoke.srx.plugins.module_utils._config.source_nat import rule_sets, zones_of
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Statement
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Attachment, Lan, Loopback, Wan
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.facts import AGREES, Part

_DEFAULT = "0.0.0.0/0"
_NONE = "none"
# The plan says nothing about a part that is unmanaged.
_NOT_PLANNED = "-"
# security policies from-zone A to-zone B policy NAME ...
_POLICY_SIZE = 8


@dataclass(frozen=True)
class _Item:
    """One object of a part. ``state``: the device has it as planned, has none, or has something else."""

    name: str
    planned: str
    actual: str
    state: t.Literal["same", "absent", "other"]
    remedy: str = ""
    settles: tuple[tuple[str, str], ...] = ()


def existing_parts(plan: DevicePlan, others: t.Sequence[Statement]) -> tuple[Part, ...]:
    """Return the parts that statements outside our group have, and the unmanaged parts that they lack."""
    site = plan.site
    units = {(one.name, unit.number) for one in plan.interfaces for unit in one.units}
    outer: tuple[Wan | Loopback, ...] = (*site.wans, *site.loopbacks)
    wans, lans = (list(dict.fromkeys(one.interface for one in some)) for some in (outer, site.all_lans))
    zones = {lan.interface: lan.zone for lan in site.all_lans} | {one.interface: one.zone for one in outer}
    groups = (
        (
            "lan_interfaces",
            any(_place(lan) in units for lan in lans),
            [_unit(plan, lan, "LAN", others) for lan in lans],
        ),
        (
            "wan_interface",
            any(_place(wan) in units for wan in wans),
            [_unit(plan, wan, "WAN", others) for wan in wans],
        ),
        (
            "default_route",
            any(route.interface is None for route in plan.routes),
            [_default_route(plan, wan, others) for wan in site.wans],
        ),
        (
            "zones",
            any(wan in zone.interfaces for zone in plan.zones for wan in wans),
            [_zone(interface, zone, others) for interface, zone in zones.items()],
        ),
        (
            "internet_policy",
            any(one.purpose == "internet" for one in plan.policies),
            [item for wan in site.wan_zones for item in _to_internet(plan, wan, others)],
        ),
    )
    parts = [*_host_name(plan, others)]
    for switch, managed, items in groups:
        parts += _of_switch(f"nhtb_manage_{switch}", items, managed=managed)
    return tuple(parts)


def _of_switch(switch: str, items: t.Sequence[_Item], *, managed: bool) -> t.Iterator[Part]:
    """Yield the items of one switch, unless the device has none of them and they are written."""
    states = {item.state for item in items}
    if states == {"absent"} and managed:
        return
    complete = "absent" not in states
    for item in items:
        yield Part(item.name, item.planned, item.actual, _advice(switch, item, managed, complete), item.settles)


def _advice(switch: str, item: _Item, managed: bool, complete: bool) -> str:  # noqa: FBT001  the state of one switch
    if item.state == "other":
        return item.remedy.format(switch=switch)
    if item.state == "absent":
        return "is written" if managed else f"configure it, or {switch}: true"
    if not managed:
        return f"{switch}: false, as set"
    return f"{switch}: false" if complete else AGREES


def _place(interface: str) -> tuple[str, str]:
    name, _dot, unit = interface.partition(".")
    return name, unit


def _host_name(plan: DevicePlan, others: t.Sequence[Statement]) -> t.Iterator[Part]:
    wanted = plan.site.host_name
    for one in others:
        if wanted and one.wins and one.words[:2] == ("system", "host-name"):
            name = one.words[2]
            advice = AGREES if name == wanted else f"nhtb_host_name: {name}, or leave it out"
            yield Part("host name", wanted, name, advice, (("system host-name", ""),))
            return


def _unit(plan: DevicePlan, interface: str, kind: str, others: t.Sequence[Statement]) -> _Item:
    """Return a LAN or WAN unit: its planned addresses, and what the device has there."""
    site, (name, unit) = plan.site, _place(interface)
    attached: tuple[Attachment, ...] = site.attachments
    wanted = [one.address or getattr(one, "addressing", "") for one in attached if one.interface == interface]
    tagged: tuple[Lan | Wan, ...] = (*site.all_lans, *site.wans)
    vlan_id = next((one.vlan_id for one in tagged if one.interface == interface), None)
    found = unit_outside(interface, others, vlan_id)
    actual = ", ".join([*found.addresses, *found.dynamic, *found.uses]) or _NONE
    settles = ((f"interfaces {name}", "family inet"), (f"interfaces {name} unit {unit}", "family inet"))

    def item(state: t.Literal["same", "absent", "other"], remedy: str = "") -> _Item:
        return _Item(f"{kind} {interface}", ", ".join(wanted), actual, state, remedy, settles)

    given_by = ["negotiate-address" if one == "pppoe" else one for one in wanted]
    if found.dynamic and found.dynamic == given_by and not (found.addresses or found.uses):
        return item("same")
    if found.dynamic and kind == "WAN" and not found.addresses:
        managed = _place(interface) in {(one.name, unit.number) for one in plan.interfaces for unit in one.units}
        return item("other", "{switch}: false" if managed else "{switch}: false, as set")
    if found.uses or found.dynamic:
        return item("other", "delete it there, or {switch}: false")
    if not found.addresses:
        return item("absent")
    if set(found.addresses) == set(wanted):
        return item("same")
    variable = "nhtb_wan" if kind == "WAN" else "nhtb_lans"
    return item("other", f"delete it there, or correct {variable}")


def _default_route(plan: DevicePlan, wan: Wan, others: t.Sequence[Statement]) -> _Item:
    """Return the default route: a static one, or that of a WAN whose address is dynamic."""
    into_tunnel = next((route for route in plan.routes if route.interface and route.prefix == _DEFAULT), None)
    provider = (wan.interface if wan.addressing == "pppoe" else wan.gateway) or _NOT_PLANNED
    gateway = into_tunnel.next_hop if into_tunnel else provider
    tails = [one.words[4:] for one in others if one.words[:3] == ROUTE and one.words[3:4] == (_DEFAULT,)]
    managed = any(route.interface is None for route in plan.routes)
    settles = ((" ".join((*ROUTE, _DEFAULT)), ""),)
    hops = [tail[1] for tail in tails if tail[:1] in (("next-hop",), ("qualified-next-hop",))]
    if not tails:
        dynamic = unit_outside(wan.interface, others).dynamic
        if not dynamic:
            return _Item("default route", gateway, _NONE, "absent")
        if dynamic == [wan.addressing]:
            return _Item("default route", f"by {dynamic[0]}", f"by {dynamic[0]}", "same", settles=settles)
        remedy = "{switch}: false" if managed else "{switch}: false, as set"
        return _Item("default route", gateway, f"by {dynamic[0]}", "other", remedy)
    actual = ", ".join(hops) or ", ".join(quoted(tail) for tail in tails)
    if into_tunnel and hops != [gateway]:
        remedy = "delete it there, or nhtb_internet_exit: local"
        return _Item("default route", gateway, actual, "other", remedy, settles)
    if not managed or hops == [gateway]:
        return _Item("default route", gateway, actual, "same", settles=settles)
    return _Item("default route", gateway, actual, "other", "{switch}: false, or correct the gateway", settles)


def _zone(interface: str, planned: str, others: t.Sequence[Statement]) -> _Item:
    members = [zone_member(one.words) for one in others]
    zones = list(dict.fromkeys(zone for zone, member in members if member == interface))
    name, settles = f"zone of {interface}", ((f"interface {interface}", "in zone"),)
    if not zones:
        return _Item(name, planned, _NONE, "absent")
    if zones == [planned]:
        return _Item(name, planned, planned, "same")
    return _Item(name, planned, ", ".join(zones), "other", f"zone: {zones[0]} in the inventory", settles)


def _to_internet(plan: DevicePlan, wan: str, others: t.Sequence[Statement]) -> list[_Item]:
    """Return source NAT and policies from the LAN zones to the zone of a WAN."""
    lans = dict.fromkeys(lan.zone for lan in plan.site.all_lans)
    found = {name: zones_of(statements) for name, statements in rule_sets(others).items()}
    names = [name for name, (sources, targets) in found.items() if wan in targets and not sources.isdisjoint(lans)]
    planned = {nat.rule_set for nat in plan.source_nat}
    settles = tuple((f"security nat source rule-set {name}", "no rule set") for name in names)
    state: t.Literal["same", "absent", "other"] = "absent"
    if names:
        state = "other" if planned and set(names) - planned else "same"
    items = [
        _Item(
            "source NAT",
            ", ".join(planned) or _NOT_PLANNED,
            ", ".join(names) or _NONE,
            state,
            "{switch}: false",
            settles,
        )
    ]
    for lan in lans:
        start = ("security", "policies", "from-zone", lan, "to-zone", wan)
        theirs = dict.fromkeys(
            words[7] for words in (one.words for one in others) if words[:6] == start and len(words) > _POLICY_SIZE - 1
        )
        ours = [
            one.name for one in plan.policies if (one.from_zone, one.to_zone, one.purpose) == (lan, wan, "internet")
        ]
        items.append(
            _Item(
                f"policies from {lan}",
                ", ".join(ours) or _NOT_PLANNED,
                ", ".join(theirs) or _NONE,
                "same" if theirs else "absent",
                settles=tuple((f"{' '.join(start)} policy {name}", "after policy") for name in theirs),
            )
        )
    return items


def present_parts(others: t.Sequence[Statement]) -> tuple[tuple[str, str], ...]:
    """Return the same parts of a device without a plan, by name, so that an inventory can be written from them."""
    found: dict[str, list[str]] = {}

    def add(name: str, value: str) -> None:
        values = found.setdefault(name, [])
        if value not in values:
            values.append(value)

    for one in others:
        words = one.words
        if words[:2] == ("system", "host-name"):
            add("host name", words[2])
        elif words[:1] == ("interfaces",) and words[2:3] == ("unit",) and words[4:6] == ("family", "inet"):
            add(f"interface {words[1]}.{words[3]}", words[7] if words[6:7] == ("address",) else quoted(words[6:7]))
        elif words[:3] == ROUTE and words[3:4] == (_DEFAULT,):
            add("default route", quoted(words[4:]))
        elif zone_member(words) != ("", ""):
            zone, member = zone_member(words)
            add(f"zone {zone}", member)
    for name, statements in rule_sets(others).items():
        sources, targets = zones_of(statements)
        add("source NAT", f"{name} from {', '.join(sorted(sources))} to {', '.join(sorted(targets))}")
    order = ("host name", "interface", "default route", "zone", "source NAT")
    rank = {name: next(place for place, start in enumerate(order) if name.startswith(start)) for name in found}
    return tuple((name, ", ".join(found[name])) for name in sorted(found, key=lambda name: (rank[name], name)))
