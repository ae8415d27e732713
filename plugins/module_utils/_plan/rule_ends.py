# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The check that other devices let packets pass for which a rule of one device has permit."""

from __future__ import annotations

import typing as t
from itertools import chain, islice

from ansible_collections.hubspoke.srx.plugins.module_utils._model.paths import End, denial
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Role
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rule_policies import ROLES
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rules import ANY, RuleDraft

# Pairs of networks that are examined for each rule of a host.
_PAIRS = 16


def check_ends(plan: FleetPlan, drafts: t.Sequence[Draft], problems: Problems) -> None:
    """Note each rule with permit of whose packets another device lets none pass."""
    ends = _Ends(plan) if any(draft.policies.rules for draft in drafts) else None
    for draft in drafts if ends else ():
        for rule in draft.policies.rules:
            if ends and rule.direction and rule.action == "permit":
                reasons = [_reason(plan, rule, *pair) for pair in islice(ends.pairs(draft, rule), _PAIRS)]
                if reasons and all(reasons):
                    problems.add("rule_blocked", draft.host, rule.variable, rule.name, reason=reasons[0])


def _reason(plan: FleetPlan, rule: RuleDraft, source: End, destination: End) -> str:
    """Return why no packet of a rule passes between two networks; empty where some do."""
    found = (denial(plan, source, destination, None if one == "any" else {one, "any"}) for one in rule.applications)
    reason = next(found)
    return reason if all(found) else ""


class _Ends:
    """The networks of a plan, by role, by host, and by the names that rules use."""

    def __init__(self, plan: FleetPlan) -> None:
        self._by_role: dict[Role, list[End]] = {"hub": [], "spoke": []}
        self._by_host: dict[str, list[End]] = {}
        self._by_name: dict[str, list[End]] = {}
        for device in plan.devices:
            for lan in device.site.lans:
                end = (device, lan)
                self._by_role[device.site.role].append(end)
                self._by_host.setdefault(device.host, []).append(end)
                for name in (device.site.name, lan.book_name):
                    self._by_name.setdefault(name, []).append(end)

    def pairs(self, draft: Draft, rule: RuleDraft) -> t.Iterator[tuple[End, End]]:
        """Yield the sources and destinations of a rule whose packets a host sees."""
        roles = ROLES[rule.direction or ""]
        sources, destinations = self._named(rule.sources, roles[0]), self._named(rule.destinations, roles[1])
        if draft.role == "hub":
            found: t.Iterable[tuple[End, End]] = _pairs(sources, destinations)
        else:
            own = [
                [end for end in self._by_host[draft.host] if role == draft.role and _is_named(end, names)]
                for role, names in zip(roles, (rule.sources, rule.destinations), strict=True)
            ]
            found = chain(_pairs(own[0], destinations), _pairs(sources, own[1]))
        yield from ((one, other) for one, other in found if one[0] is not other[0])

    def _named(self, names: tuple[str, ...], role: Role) -> list[End]:
        if names == ANY:
            return self._by_role[role]
        return [end for name in names for end in self._by_name[name] if end[0].site.role == role]


def _is_named(end: End, names: tuple[str, ...]) -> bool:
    return names == ANY or not {end[0].site.name, end[1].book_name}.isdisjoint(names)


def _pairs(sources: t.Iterable[End], destinations: t.Sequence[End]) -> t.Iterator[tuple[End, End]]:
    """Yield all pairs; in contrast to those of ``itertools.product``, no list is copied: a fleet has thousands."""
    return ((source, destination) for source in sources for destination in destinations)
