# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Policies outside our group that Junos evaluates before ours: they deny planned traffic, or permit what ours deny."""

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
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import SecurityPolicy

_CONDITIONS = {"source-address", "destination-address", "application"}
# The words of a condition behind a policy's name: match FIELD VALUE.
_CONDITION_SIZE = 3


def policy_order_conflicts(
    plan: DevicePlan, others: t.Sequence[Statement], planned: PlannedObjects
) -> t.Iterator[Conflict]:
    """Yield policies that come before a planned one and deny all of its traffic, or permit some that it denies."""
    policies: dict[Words, list[Statement]] = {}
    for one in others:
        if one.words[:3] == POLICIES and one.words[6:7] == ("policy",) and one.wins:
            policies.setdefault(one.words[:POLICY_SIZE], []).append(one)
    pairs = {place[:6] for place in policies if not any(map(is_wildcard, place))}
    prefixes = _prefixes(plan, others)
    for place, statements in policies.items():
        tails = [one.words[POLICY_SIZE:] for one in statements]
        for ours in plan.policies:
            pair = (*POLICIES, ours.from_zone, "to-zone", ours.to_zone)
            between = place[:6] == pair or (fits(place[:6], pair) and pair in pairs)
            if not between or (*pair, "policy", place[7]) in planned.by_place:
                continue
            found = _conflict(plan, ours, tails, prefixes)
            if found is not None:
                expected, actual, remedy = found
                thing = " ".join(("security policies", *place[2:]))
                yield Conflict(thing, expected, f"{actual}, {statements[0].where}", remedy)
                if plan.owns_zone_pairs or ours.rule:
                    break


def _conflict(
    plan: DevicePlan, ours: SecurityPolicy, tails: t.Sequence[Words], prefixes: t.Mapping[str, str]
) -> tuple[str, str, str] | None:
    """Return what is expected, what is there and the remedy, where a policy of the device changes what ours decides."""
    if plan.owns_zone_pairs:
        return (
            f"only policies of group {plan.group} between these zones (nhtb_own_zone_pairs)",
            "set",
            "Delete it, or plan the same in nhtb_policies; a take-over deletes it (consent zone_pair).",
        )
    stops = ("then", "deny") in tails or ("then", "reject") in tails
    # A permit into a policy-based tunnel is not in clear.
    allows = any(tail[:2] == ("then", "permit") for tail in tails) and not any("tunnel" in tail for tail in tails)
    if allows and ours.purpose == "closed" and (network := _permitted(tails, ours, prefixes)):
        return (
            f"after policy {ours.name}",
            f"before policy {ours.name}, permitting traffic for {network} in clear",
            "Delete it, or let it not match networks behind the VPN; or set nhtb_manage_internet_policy: false"
            " for this host, and its routes reject such traffic while a tunnel is down.",
        )
    if stops and ours.action == "permit" and _covers(tails, ours, prefixes):
        return (
            f"after policy {ours.name}",
            f"before policy {ours.name}, denying its traffic",
            "Delete it, or narrow its match: the first matching policy decides, and policies outside group"
            f" {plan.group} come first.",
        )
    if allows and ours.rule and ours.action != "permit" and _meets(tails, ours, prefixes):
        return (
            f"after policy {ours.name}",
            f"before policy {ours.name}, permitting its traffic",
            f"Delete it, or narrow its match: policies outside group {plan.group} come first.",
        )
    return None


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


def _meets(tails: t.Sequence[Words], ours: SecurityPolicy, prefixes: t.Mapping[str, str]) -> bool:
    """Return whether a policy matches some traffic of ours."""
    match: dict[str, list[str]] = {}
    for tail in (tail for tail in tails if tail[0] == "match" and len(tail) >= _CONDITION_SIZE):
        match.setdefault(tail[1], []).append(tail[2])
    applications = {*match.get("application", ()), *ours.applications}
    return all(
        "any" in names or any(_overlaps(name, match.get(field, ()), prefixes) for name in names)
        for field, names in (("source-address", ours.sources), ("destination-address", ours.destinations))
    ) and ("any" in applications or len(applications) < len(match.get("application", ())) + len(ours.applications))


def _permitted(tails: t.Sequence[Words], ours: SecurityPolicy, prefixes: t.Mapping[str, str]) -> str:
    """Return a network of our policy that a policy allows traffic to, whatever its other conditions are."""
    theirs = [tail[-1] for tail in tails if tail[:2] == ("match", "destination-address")]
    return next((prefixes[name] for name in ours.destinations if _overlaps(name, theirs, prefixes)), "")


def _overlaps(name: str, others: t.Sequence[str], prefixes: t.Mapping[str, str]) -> bool:
    if name in others or not set(ANY_ADDRESS).isdisjoint(others):
        return True
    try:
        ours = ipaddress.IPv4Network(prefixes[name])
        return any(ours.overlaps(ipaddress.IPv4Network(prefixes[other])) for other in others if other in prefixes)
    except (KeyError, ValueError):
        return False


def _is_within(name: str, others: t.Sequence[str], prefixes: t.Mapping[str, str]) -> bool:
    if name in others or not set(ANY_ADDRESS).isdisjoint(others):
        return True
    try:
        inner = ipaddress.IPv4Network(prefixes[name])
        return any(inner.subnet_of(ipaddress.IPv4Network(prefixes[other])) for other in others if other in prefixes)
    except (KeyError, ValueError):
        return False
