# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Policies outside our group that deny planned traffic because Junos evaluates them before ours."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import (
    ANY_ADDRESS,
    POLICIES,
    POLICY_SIZE,
    Conflict,
    PlannedObjects,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import (
    Statement,
    Words,
    fits,
    is_wildcard,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, SecurityPolicy

_CONDITIONS = {"source-address", "destination-address", "application"}
# The words of a condition behind a policy's name: match FIELD VALUE.
_CONDITION_SIZE = 3


def policy_order_conflicts(
    plan: DevicePlan, others: t.Sequence[Statement], planned: PlannedObjects
) -> t.Iterator[Conflict]:
    """Yield policies that deny all traffic of a planned one and come before it."""
    policies: dict[Words, list[Statement]] = {}
    for one in others:
        if one.words[:3] == POLICIES and one.words[6:7] == ("policy",) and one.wins:
            policies.setdefault(one.words[:POLICY_SIZE], []).append(one)
    pairs = {place[:6] for place in policies if not any(map(is_wildcard, place))}
    prefixes = _prefixes(plan, others)
    for place, statements in policies.items():
        tails = [one.words[POLICY_SIZE:] for one in statements]
        if ("then", "deny") not in tails and ("then", "reject") not in tails:
            continue
        for ours in plan.policies:
            pair = (*POLICIES, ours.from_zone, "to-zone", ours.to_zone)
            between = place[:6] == pair or (fits(place[:6], pair) and pair in pairs)
            is_other = (*pair, "policy", place[7]) not in planned.by_place
            if between and is_other and _covers(tails, ours, prefixes):
                yield Conflict(
                    " ".join(("security policies", *place[2:])),
                    f"after policy {ours.name}",
                    f"before policy {ours.name}, denying its traffic, {statements[0].where}",
                    "Delete it, or narrow its match: the first matching policy decides, and policies outside group"
                    f" {plan.group} come first.",
                )


def _prefixes(plan: DevicePlan, others: t.Sequence[Statement]) -> dict[str, str]:
    """Return the prefix of each name in all address books; a planned name has the planned prefix."""
    found = {
        words[-2]: words[-1]
        for words in (one.words for one in others)
        if words[-3:-2] == ("address",) and "address-book" in words
    }
    return found | {entry.name: entry.prefix for entry in plan.address_book}


def _covers(tails: t.Sequence[Words], ours: SecurityPolicy, prefixes: t.Mapping[str, str]) -> bool:
    """Return whether a policy matches all traffic from one of our sources to one of our destinations."""
    match: dict[str, list[str]] = {}
    for tail in (tail for tail in tails if tail[0] == "match" and len(tail) >= _CONDITION_SIZE):
        match.setdefault(tail[1], []).append(tail[2])
    # Any further condition narrows the match, so the policy would not deny all of the traffic.
    if set(match) != _CONDITIONS or "any" not in match["application"]:
        return False
    return all(
        any(_is_within(name, match[field], prefixes) for name in names)
        for field, names in (("source-address", ours.sources), ("destination-address", ours.destinations))
    )


def _is_within(name: str, others: t.Sequence[str], prefixes: t.Mapping[str, str]) -> bool:
    if name in others or not set(ANY_ADDRESS).isdisjoint(others):
        return True
    try:
        inner = ipaddress.IPv4Network(prefixes[name])
        return any(inner.subnet_of(ipaddress.IPv4Network(prefixes[other])) for other in others if other in prefixes)
    except (KeyError, ValueError):
        return False
