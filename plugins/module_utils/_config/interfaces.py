# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Statements outside our group about the planned LAN and WAN units: addresses, and uses that exclude them."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import Conflict
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import quoted
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Statement, Words, fits
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Unit
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Attachment

# A physical interface and the number of a unit.
Place = tuple[str, str]
_ADDRESS = ("family", "inet", "address")
# Behind the name of a physical interface: it is in no use of its own, or its untagged unit 0 is not.
_PHYSICAL = (
    ("disable",),
    ("vlan-tagging",),
    ("flexible-vlan-tagging",),
    ("stacked-vlan-tagging",),
    *(
        (options, use)
        for options in ("ether-options", "fastether-options", "gigether-options")
        for use in ("redundant-parent", "802.3ad")
    ),
)
# Behind the number of a unit: the unit gets its address from elsewhere.
_DYNAMIC = tuple(("family", "inet", word) for word in ("dhcp", "dhcp-client", "negotiate-address"))
# Junos refuses a static address next to these, or the unit carries nothing.
_SOURCES = {"dhcp": ("family", "inet", "dhcp"), "pppoe": ("family", "inet", "negotiate-address")}
_LOGICAL = (
    ("disable",),
    ("vlan-id",),
    ("vlan-tags",),
    ("family", "ethernet-switching"),
    ("family", "bridge"),
    ("family", "inet", "unnumbered-address"),
    *_DYNAMIC,
)
# interfaces interface-range NAME member PORT | member-range PORT to PORT
_RANGE_SIZE = 5


def interface_conflicts(plan: DevicePlan, others: t.Sequence[Statement]) -> t.Iterator[Conflict]:
    """Yield what keeps LAN and WAN units from having exactly their addresses, whether we write these or not."""
    found = [*others, *_of_ranges(others)]
    managed = {(one.name, unit.number): unit for one in plan.interfaces for unit in one.units}
    dynamic = {_unit_of(wan.interface): wan.addressing for wan in plan.site.wans if wan.addressing != "static"}
    for place, unit in managed.items():
        if place not in dynamic:
            yield from _other_uses(plan, place, unit, found)
    for place, addressing in dynamic.items():
        yield from _of_dynamic_unit(place, addressing, found, is_managed=place in managed)
    wans = {_unit_of(wan.ike_interface): wan.ip or "" for wan in plan.site.wans if wan.ip}
    source_is_named = all(tunnel.local_address for tunnel in plan.tunnels)
    for place, planned in _planned_addresses(plan).items():
        there = list(_addresses(place, found))
        if place not in managed:
            yield from _missing_addresses(plan, place, planned, there, found)
        if place in managed or place in wans:
            yield from _other_addresses(place, planned, there, wans.get(place, ""), source_is_named)


class UnitOutside(t.NamedTuple):
    """The statements outside our group about a unit.

    ``addresses`` are static, ``dynamic`` are the sources of others, ``uses`` exclude a static address.
    """

    addresses: list[str]
    dynamic: list[str]
    uses: list[str]


def unit_outside(interface: str, others: t.Sequence[Statement], vlan_id: int | None = None) -> UnitOutside:
    """Return what the statements outside our group say about a logical interface, its planned VLAN excepted."""
    place, found = _unit_of(interface), [*others, *_of_ranges(others)]
    dynamic, uses = [], []
    for rest, is_unit in (_about(one.words, *place) for one in found):
        if is_unit and any(rest[: len(use)] == use for use in _DYNAMIC):
            dynamic.append(rest[2])
        elif _is_use(rest, vlan_id, is_unit=is_unit):
            uses.append(quoted(rest))
    return UnitOutside(
        [address for address, _one in _addresses(place, found)], list(dict.fromkeys(dynamic)), list(dict.fromkeys(uses))
    )


def _unit_of(interface: str) -> Place:
    name, _dot, unit = interface.partition(".")
    return name, unit


def _switch(plan: DevicePlan, place: Place) -> str:
    """Return the variable that says whether a unit is managed."""
    lans = {_unit_of(lan.interface) for lan in plan.site.all_lans}
    return "nhtb_manage_lan_interfaces" if place in lans else "nhtb_manage_wan_interface"


def _planned_addresses(plan: DevicePlan) -> dict[Place, list[str]]:
    """Return the planned addresses of the LAN and WAN units, managed or not."""
    found: dict[Place, list[str]] = {}
    attachments: tuple[Attachment, ...] = (*plan.site.all_lans, *plan.site.wans, *plan.site.loopbacks)
    for one in attachments:
        if one.address is not None:
            found.setdefault(_unit_of(one.interface), []).append(one.address)
    return found


def _addresses(place: Place, found: t.Sequence[Statement]) -> t.Iterator[tuple[str, Statement]]:
    """Yield each address of a unit outside our group once."""
    seen = set()
    for one in found:
        rest, is_unit = _about(one.words, *place)
        if is_unit and rest[:3] == _ADDRESS and len(rest) > len(_ADDRESS) and rest[3] not in seen:
            seen.add(rest[3])
            yield rest[3], one


def _is_use(rest: Words, vlan_id: int | None, *, is_unit: bool) -> bool:
    """Return whether words behind an interface or a unit are a use of it; the planned VLAN is none."""
    if vlan_id is not None and rest == (("vlan-id", str(vlan_id)) if is_unit else ("vlan-tagging",)):
        return False
    return any(rest[: len(use)] == use for use in (_LOGICAL if is_unit else _PHYSICAL))


def _other_uses(plan: DevicePlan, place: Place, unit: Unit, found: t.Sequence[Statement]) -> t.Iterator[Conflict]:
    """Yield statements next to which a unit cannot have a static address, or carries nothing."""
    for one in found:
        rest, is_unit = _about(one.words, *place)
        if _is_use(rest, unit.vlan_id, is_unit=is_unit):
            yield Conflict(
                f"interfaces {place[0]} unit {place[1]}" if is_unit else f"interfaces {place[0]}",
                f"family inet address {', '.join(unit.addresses)}, and no other use",
                f"{quoted(rest)} {one.where}",
                f"Delete it, or configure the interface yourself and set {_switch(plan, place)}: false.",
            )


def _of_dynamic_unit(
    place: Place, addressing: str, found: t.Sequence[Statement], *, is_managed: bool
) -> t.Iterator[Conflict]:
    """Yield what keeps a unit from getting its address from the provider, and only from there."""
    wanted = _SOURCES[addressing]
    expected = f"{quoted(wanted)}, and no other use"
    sources = [rest for rest, is_unit in (_about(one.words, *place) for one in found) if is_unit]
    for one in found:
        rest, is_unit = _about(one.words, *place)
        if rest[: len(wanted)] == wanted and is_unit:
            continue
        excludes = any(rest[: len(use)] == use for use in (_LOGICAL if is_unit else _PHYSICAL))
        if excludes or (is_unit and rest[:3] == _ADDRESS):
            yield Conflict(
                f"interfaces {place[0]} unit {place[1]}" if is_unit else f"interfaces {place[0]}",
                expected,
                f"{quoted(rest)} {one.where}",
                "Delete it, or correct nhtb_wan.addressing.",
            )
    if addressing == "pppoe" and not any(rest[:1] == ("ppp-options",) for rest in sources):
        yield Conflict(
            f"interfaces {place[0]} unit {place[1]}",
            "ppp-options with user and password of the provider",
            "no ppp-options",
            "Enter them once outside the group, as in 'set interfaces pp0 unit 0 ppp-options chap ...'.",
        )
    if not is_managed and not any(rest[: len(wanted)] == wanted for rest in sources):
        yield Conflict(
            f"interfaces {place[0]} unit {place[1]}",
            f"{quoted(wanted)}, as it is unmanaged",
            "no such statement",
            "Configure it there, or let it be written: nhtb_manage_wan_interface: true.",
        )


def _missing_addresses(
    plan: DevicePlan,
    place: Place,
    planned: t.Sequence[str],
    there: t.Sequence[tuple[str, Statement]],
    found: t.Sequence[Statement],
) -> t.Iterator[Conflict]:
    """Yield the planned addresses that an unmanaged unit lacks. A unit with DHCP or PPP gets its address from there."""
    uses = [rest for rest, is_unit in (_about(one.words, *place) for one in found) if is_unit]
    if any(rest[: len(use)] == use for rest in uses for use in _DYNAMIC):
        return
    for address in planned:
        if address not in dict(there):
            yield Conflict(
                f"interfaces {place[0]} unit {place[1]}",
                f"family inet address {address}, as it is unmanaged",
                ", ".join(f"{other} {one.where}" for other, one in there) or "no address",
                "Configure the address there, correct it in the inventory, or let it be written:"
                f" {_switch(plan, place)}: true.",
            )


def _other_addresses(
    place: Place,
    planned: t.Sequence[str],
    there: t.Sequence[tuple[str, Statement]],
    wan_ip: str,
    source_is_named: bool,  # noqa: FBT001  the plan's, not a switch of this function
) -> t.Iterator[Conflict]:
    """Yield other addresses of a unit, on the WAN (``wan_ip``) only those between which IKE would have to choose."""
    for address, one in there:
        if address in planned or (wan_ip and source_is_named and address.partition("/")[0] != wan_ip):
            continue
        remedy = "Delete it, or list it in nhtb_lans, with vpn: false where it stays outside the VPN."
        if wan_ip:
            remedy = "Delete it, or set nhtb_wan.local_address: true, so that IKE does not choose another address."
        yield Conflict(
            f"interfaces {place[0]} unit {place[1]}",
            f"family inet address {', '.join(planned)} alone",
            f"address {address} {one.where}",
            remedy,
        )


def routing_instance_conflicts(plan: DevicePlan, others: t.Sequence[Statement]) -> t.Iterator[Conflict]:
    """Yield planned interfaces in a routing instance: the planned routes are in inet.0."""
    site = plan.site
    has_default = any(route.interface is None for route in plan.routes)
    wans = () if has_default else site.wans
    planned = {one.interface for one in site.attachments if one not in wans}
    for one in others:
        words = one.words
        if words[:1] == ("routing-instances",) and words[2:3] == ("interface",) and _with_unit(words[3]) in planned:
            yield Conflict(
                f"interface {_with_unit(words[3])}",
                "in no routing instance: the planned routes are in inet.0",
                f"in routing instance {words[1]} {one.where}",
                "Take it out of the instance, or plan another interface.",
            )


def _with_unit(interface: str) -> str:
    return interface if "." in interface else f"{interface}.0"


def _about(words: Words, name: str, number: str) -> tuple[Words, bool]:
    """Return the words behind the interface or its unit, and whether they are the unit's; nothing of another one."""
    if words[:1] != ("interfaces",) or not fits(words[1:2], (name,)):
        return (), False
    if words[2:3] != ("unit",):
        return words[2:], False
    return (words[4:], True) if fits(words[3:4], (number,)) else ((), False)


def _of_ranges(others: t.Sequence[Statement]) -> t.Iterator[Statement]:
    """Yield what interface ranges say, as statements about each member or pattern of members."""
    ranges: dict[str, list[str]] = {}
    for words in (one.words for one in others if one.words[:2] == ("interfaces", "interface-range")):
        if words[3:4] == ("member",):
            member = words[4]
            ranges.setdefault(words[2], []).append(f"<{member}>" if set(member) & set("*?[") else member)
        elif words[3:4] == ("member-range",) and len(words) > _RANGE_SIZE + 1:
            ranges.setdefault(words[2], []).extend(_ports(words[4], words[6]))
    for one in others:
        words = one.words
        if words[:2] == ("interfaces", "interface-range") and words[3:4] not in (("member",), ("member-range",)):
            for member in ranges.get(words[2], ()):
                yield Statement(("interfaces", member, *words[3:]), one.group, one.wins)


def _ports(first: str, last: str) -> list[str]:
    """Return the names from ge-0/0/1 to ge-0/0/6; both ends alone where they differ in more than the port."""
    stem, _slash, low = first.rpartition("/")
    other, _slash, high = last.rpartition("/")
    if stem != other or not (low.isdecimal() and high.isdecimal()):
        return [first, last]
    return [f"{stem}/{number}" for number in range(int(low), int(high) + 1)]
