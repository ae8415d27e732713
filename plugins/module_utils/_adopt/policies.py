# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read hand-made policies of a device as rules, where the general policies do not say the same, and its named books."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from itertools import permutations

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.device import Device, Remark
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.closed import POLICY as CLOSING
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rules import ACTIONS, MOMENTS

Variables = dict[str, t.Any]

_POLICIES = "security policies from-zone"
_SIDES = ("source-address", "destination-address")
_CONDITIONS = {*_SIDES, "application"}
_APPLICATION = re.compile(r"any|junos-[a-z0-9]+(?:-[a-z0-9]+)*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")


@dataclass(frozen=True)
class _Policy:
    """A policy of a device. ``rule`` is it as a rule, ``None`` where no rule can say it.

    ``is_general``: it has all applications and permit alone, as the general policies. ``is_outward``: it has any
    destination.
    """

    name: str
    rule: Variables | None
    is_general: bool
    is_outward: bool


def policy_variables(
    device: Device, role: t.Literal["hub", "spoke"], places: t.Mapping[str, str], spokes: t.Mapping[str, str]
) -> tuple[Variables, list[Remark]]:
    """Return the variables of policies between the LANs and the tunnels, and remarks about those that no rule can say.

    ``places`` are the names of the networks of the VPN by prefix, ``spokes`` the sites of those of spokes by name.
    """
    config, zone = device.config, device.tunnel_zone
    lan_zones = dict.fromkeys(lan.zone for lan in device.lans if lan.vpn)
    pairs = [pair for lan in lan_zones for pair in ((lan, zone), (zone, lan))]
    across = [(zone, zone)] if role == "hub" else []
    found = {pair: list(_policies(config, pair, places)) for pair in (*pairs, *across)}
    if zone == device.wan_zone:
        # Policies to any destination there are those to the Internet; the plan itself closes the tunnels to others.
        for pair in ((lan, zone) for lan in lan_zones):
            found[pair] = [one for one in found[pair] if not one.is_outward and one.name != CLOSING]
    # Behind the last rule, the general policies decide.
    general = all(found[pair] and found[pair][-1].is_general for pair in pairs)
    variables: Variables = {}
    rules: list[Variables] = []
    remarks: list[Remark] = []
    for pair, policies in found.items():
        last = _last_rule(policies) if general else len(policies)
        for policy in policies[:last]:
            if policy.rule is None:
                thing = f"policy {policy.name} from {pair[0]} to {pair[1]}"
                message = (
                    "expected addresses of the VPN's networks, predefined applications, and an action, actual others"
                )
                remarks.append(
                    Remark(device.host, "note", thing, message, "It stays as it is, and Junos asks it first")
                )
            else:
                rules.append(policy.rule)
        if pair in across and general:
            reached = _reached(policies[last:], spokes)
            variables |= {"nhtb_spoke_to_spoke": reached or False} if reached is not True else {}
            if reached is None:
                # In the zone of a LAN, the general policies of that LAN say the others.
                rules += [one.rule for one in policies[last:] if one.rule and _is_between(one.rule, spokes)]
    if rules:
        variables["nhtb_policies"] = rules
    if not general and rules:
        variables["nhtb_general_policies"] = False
    return variables, remarks


def _last_rule(policies: t.Sequence[_Policy]) -> int:
    """Return how many policies come up to the last that is none of the general kind."""
    return max((index + 1 for index, policy in enumerate(policies) if not policy.is_general), default=0)


def _reached(policies: t.Sequence[_Policy], spokes: t.Mapping[str, str]) -> list[list[str]] | t.Literal[True] | None:
    """Return the pairs of spokes that general policies within the zone of the tunnels permit, true for all.

    Return ``None`` where they permit less than whole pairs, which only rules can say.
    """
    permitted: set[tuple[str, str]] = set()
    for policy in policies:
        if policy.rule is None:
            # General policies stand for addresses that are not of the VPN.
            return True
        sources, destinations = (policy.rule.get(side) or list(spokes) for side in ("sources", "destinations"))
        permitted |= {(one, other) for one in sources for other in destinations}
    by_pair: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for one, other in permutations(spokes, 2):
        if spokes[one] != spokes[other]:
            first, second = sorted((spokes[one], spokes[other]))
            by_pair.setdefault((first, second), set()).add((one, other))
    whole = [pair for pair, networks in by_pair.items() if networks <= permitted]
    if len(whole) == len(by_pair) and policies:
        return True
    between = {(one, other) for one, other in permitted if {one, other} <= set(spokes) and spokes[one] != spokes[other]}
    return [list(pair) for pair in whole] if between == set().union(*(by_pair[pair] for pair in whole)) else None


def _is_between(rule: Variables, spokes: t.Collection[str]) -> bool:
    return all(set(rule.get(side, ())) <= set(spokes) for side in ("sources", "destinations"))


def _policies(config: Config, pair: tuple[str, str], places: t.Mapping[str, str]) -> t.Iterator[_Policy]:
    for name in config.names(_POLICIES, pair[0], "to-zone", pair[1], "policy"):
        place = (pair[0], "to-zone", pair[1], "policy", name)
        plain = config.below((*_POLICIES.split(), *place, "then")) == [("permit",)]
        match = config.names(_POLICIES, *place, "match")
        everything = config.names(_POLICIES, *place, "match", "application") == ["any"]
        is_general = plain and everything and set(match) == _CONDITIONS
        is_outward = config.names(_POLICIES, *place, "match", "destination-address") == ["any"]
        yield _Policy(name, _rule(config, pair, name, places), is_general, is_outward)


def _rule(config: Config, pair: tuple[str, str], name: str, places: t.Mapping[str, str]) -> Variables | None:
    place = (pair[0], "to-zone", pair[1], "policy", name)
    match = config.names(_POLICIES, *place, "match")
    then = config.names(_POLICIES, *place, "then")
    action = next((one for one in ACTIONS if one in then), "")
    applications = config.names(_POLICIES, *place, "match", "application")
    known = set(config.names(_POLICIES, *place)) == {"match", "then"} and set(match) == _CONDITIONS
    plain = set(then) <= {action, "log", "count"} and not config.names(_POLICIES, *place, "then", action)
    if not (action and known and plain and _NAME.fullmatch(name) and all(map(_APPLICATION.fullmatch, applications))):
        return None
    sides = []
    for zone, side in zip(pair, _SIDES, strict=True):
        named = config.names(_POLICIES, *place, "match", side)
        prefixes = config.prefixes(zone, named)
        if len(prefixes) != len(named) or any(one != "any" and one not in places for one in prefixes):
            return None
        sides.append(["any"] if "any" in prefixes else [places[one] for one in prefixes])
    rule: Variables = {"name": name, "from_zone": pair[0], "to_zone": pair[1]}
    rule |= {key: names for key, names in zip(("sources", "destinations"), sides, strict=True) if names != ["any"]}
    rule |= {} if "any" in applications else {"applications": applications}
    rule |= {} if action == "permit" else {"action": action}
    log = [one for one in MOMENTS if one in config.names(_POLICIES, *place, "then", "log")]
    rule |= {"log": log} if log else {}
    return {**rule, "count": True} if "count" in then else rule


def book_variables(device: Device, default: str) -> Variables:
    """Return the kind of address books of a device, and the names of attached ones where they are not their zones'."""
    config = device.config
    kind = config.book_kind
    if kind != "attached":
        return {"nhtb_address_book": kind} if kind not in ("", default) else {}
    names = {
        zone: book
        for book in config.names("security address-book")
        for zone in config.names("security address-book", book, "attach", "zone")
    }
    zones = dict.fromkeys([*(lan.zone for lan in device.lans), device.wan_zone, device.tunnel_zone])
    named = {zone: names[zone] for zone in zones if names.get(zone, zone) != zone}
    return {"nhtb_address_book": kind} | ({"nhtb_address_book_name": named} if named else {})
