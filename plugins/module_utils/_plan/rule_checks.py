# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The checks of rules and of pairs of spokes against the whole fleet, and of the policies that they become."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Role
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import SecurityPolicy
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.inside import book_names
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import nearest
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rule_policies import ROLES
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rules import ANY, RuleDraft

_CALLED: dict[Role, str] = {"hub": "the hub", "spoke": "a spoke"}
_NETWORKS: dict[Role, str] = {"hub": "the hub's", "spoke": "a spoke's"}


class _Fleet:
    """The names of sites and networks of a fleet, with the host that each belongs to and its zones."""

    def __init__(self, drafts: t.Sequence[Draft]) -> None:
        self.roles: dict[str, Role] = {}
        self.zones: dict[str, tuple[str, set[str]]] = {}
        self.sites: dict[str, Role] = {}
        for draft in drafts:
            if draft.name is None:
                continue
            self.sites[draft.name] = draft.role
            # A network behind a router is in the zone of its LAN.
            owners = [*draft.lans, *(lan for lan in draft.lans for _one in lan.networks)]
            named = zip(book_names(draft), owners, strict=True)
            lans = [(name, lan) for (_variable, name, _given), lan in named if lan.vpn]
            names = [(draft.name, {lan.zone or "" for _name, lan in lans})]
            names += [(name, {lan.zone or ""}) for name, lan in lans]
            for name, zones in names:
                self.roles[name] = draft.role
                self.zones[name] = (draft.host, zones)


def names_of(drafts: t.Sequence[Draft]) -> set[str]:
    """Return the names that rules and pairs may use for hosts: of their sites and of their networks in the VPN."""
    return set(_Fleet(drafts).roles)


def hosts_of_names(drafts: t.Sequence[Draft]) -> dict[str, str]:
    """Return the host of each name that rules may use: of its site and of its networks in the VPN."""
    return {name: host for name, (host, _zones) in _Fleet(drafts).zones.items()}


def check_rules(hubs: t.Sequence[Draft], spokes: t.Sequence[Draft], problems: Problems) -> None:
    """Check the names in rules and pairs, and that the fleet has one value of ``nhtb_spoke_to_spoke``."""
    drafts = [*hubs, *spokes]
    fleet = _Fleet(drafts)
    for hub in hubs[:1]:
        _check_pairs(hub, fleet, problems)
        for spoke in spokes:
            ours, theirs = spoke.policies.spoke_to_spoke, hub.policies.spoke_to_spoke
            if ours is not None and ours != theirs:
                facts = {"hub": hub.host, "other": _format(theirs)}
                problems.add("fleet_differs", spoke.host, "nhtb_spoke_to_spoke", _format(ours), **facts)
    for draft in drafts:
        for rule in draft.policies.rules:
            _check_rule(rule, draft, fleet, problems)
        zones = dict.fromkeys([*(lan.zone for lan in draft.lans), draft.tunnel.zone, draft.wan.zone])
        for zone, name in draft.policies.book_names:
            if zone != "*" and zone not in zones:
                problems.add("book_zone", draft.host, "nhtb_address_book_name", f"{zone}: {name}", zone=zone)


def _format(value: object) -> str:
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else "other pairs"


def _check_pairs(hub: Draft, fleet: _Fleet, problems: Problems) -> None:
    stated = hub.policies.spoke_to_spoke
    for name in dict.fromkeys(name for pair in stated for name in pair) if isinstance(stated, tuple) else ():
        if name not in fleet.sites:
            hint = nearest(name, fleet.sites, "Write the nhtb_site of a spoke")
            problems.add("unknown_site", hub.host, "nhtb_spoke_to_spoke", name, hint=hint)
        elif fleet.sites[name] == "hub":
            problems.add("not_a_spoke", hub.host, "nhtb_spoke_to_spoke", name)


def _check_rule(rule: RuleDraft, draft: Draft, fleet: _Fleet, problems: Problems) -> None:
    for key, names in (("sources", rule.sources), ("destinations", rule.destinations)):
        for name in (name for name in names if names != ANY and name not in fleet.roles):
            hint = nearest(name, fleet.roles, "Write a site's name, or a network's as in westford-net, or any")
            problems.add("unknown_place", draft.host, f"{rule.variable}.{key}", name, hint=hint)
    if rule.from_zone and rule.to_zone:
        _check_zones(rule, draft, fleet, problems)
    elif rule.direction:
        sides = zip(("sources", "destinations"), (rule.sources, rule.destinations), ROLES[rule.direction], strict=True)
        for key, names, role in sides:
            for name in names:
                actual = fleet.roles.get(name, role)
                if actual != role:
                    facts = {"name": name, "direction": rule.direction, "needed": _CALLED[role]}
                    facts["actual"] = _CALLED[actual] if name in fleet.sites else f"{_NETWORKS[actual]} network"
                    problems.add("rule_side", draft.host, f"{rule.variable}.{key}", name, **facts)


def _check_zones(rule: RuleDraft, draft: Draft, fleet: _Fleet, problems: Problems) -> None:
    lan_zones, tunnel_zone = [lan.zone for lan in draft.lans], draft.tunnel.zone
    known = [zone for zone in dict.fromkeys((*lan_zones, tunnel_zone)) if zone]
    sides = (
        ("sources", "from_zone", rule.from_zone, rule.sources),
        ("destinations", "to_zone", rule.to_zone, rule.destinations),
    )
    for key, zone_key, zone, names in sides:
        # Where tunnels are in the zone of the WAN, it has the networks of other sites.
        is_wan = zone_key == "to_zone" and zone == draft.wan.zone != tunnel_zone
        if not is_wan and zone not in known:
            problems.add("rule_zone", draft.host, f"{rule.variable}.{zone_key}", zone, zones=", ".join(known))
            continue
        if is_wan and "internet_policy" in draft.unmanaged:
            problems.add("rule_to_wan", draft.host, f"{rule.variable}.{zone_key}", zone)
        for name in (name for name in names if name in fleet.roles):
            host, zones = fleet.zones[name]
            here = zone in zones if host == draft.host else zone == tunnel_zone
            if is_wan or not here:
                problems.add("rule_outside_zone", draft.host, f"{rule.variable}.{key}", name, name=name, zone=zone)


def check_order(plan: FleetPlan, problems: Problems) -> None:
    """Check that the policies of a rule can match on some device, and that no two between two zones have one name."""
    covered: dict[tuple[str, str], list[tuple[str, SecurityPolicy, SecurityPolicy]]] = {}
    matching: set[tuple[str, str]] = set()
    for device in plan.devices:
        rules = [policy for policy in device.policies if policy.rule]
        taken = {(one.from_zone, one.to_zone, one.name) for one in device.policies if not one.rule} if rules else set()
        for index, rule in enumerate(rules):
            zones = {"from_zone": rule.from_zone, "to_zone": rule.to_zone}
            if (*zones.values(), rule.name) in taken:
                problems.add("rule_name_taken", device.host, f"{rule.rule}.name", rule.name, **zones)
            earlier = next((one for one in rules[:index] if _covers(one, rule)), None)
            if earlier is None:
                matching.add((rule.rule, rule.name))
            else:
                covered.setdefault((rule.rule, rule.name), []).append((device.host, rule, earlier))
    for place in (place for place in covered if place not in matching):
        for host, rule, earlier in covered[place]:
            zones = {"from_zone": rule.from_zone, "to_zone": rule.to_zone}
            problems.add("rule_covered", host, rule.rule, rule.name, other=earlier.name, **zones)


def _covers(earlier: SecurityPolicy, later: SecurityPolicy) -> bool:
    """Return whether an earlier policy matches every packet of a later one."""
    return (earlier.from_zone, earlier.to_zone) == (later.from_zone, later.to_zone) and all(
        "any" in wide or set(narrow) <= set(wide)
        for wide, narrow in (
            (earlier.sources, later.sources),
            (earlier.destinations, later.destinations),
            (earlier.applications, later.applications),
        )
    )
