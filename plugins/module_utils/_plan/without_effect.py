# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Variables and rules of an inventory that have no effect, each kind in one sentence for the reader of a plan."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rule_checks import hosts_of_names

# A tunnel has those of its spoke.
_OF_SPOKES = ("nhtb_ike", "nhtb_ipsec", "nhtb_dh_group")


def name_without_effect(
    plan: FleetPlan, hosts: t.Mapping[str, t.Mapping[str, t.Any]], drafts: t.Sequence[Draft]
) -> FleetPlan:
    """Return the plan whose hub has the sentences about what has no effect in the whole fleet."""
    sentences: list[str] = []
    if unused := _unused(plan, hosts):
        sentences.append(f"{plan.hub.host}: no tunnel has its {', '.join(unused)}: set that on the spokes.")
    to_itself = _rules_to_itself(drafts)
    if to_itself:
        sentences.append(
            f"Rules of nhtb_policies from one site to itself, whose packets enter no tunnel: {', '.join(to_itself)}."
            " Name another site as source or destination."
        )
    if idle := [name for name in _idle_rules(plan, drafts) if name not in to_itself]:
        sentences.append(
            f"Rules of nhtb_policies that make no policy on any device: {', '.join(idle)}. Compare their sources,"
            " destinations and zones."
        )
    if not sentences:
        return plan
    return replace(plan, devices=(replace(plan.hub, without_effect=tuple(sentences)), *plan.devices[1:]))


def _unused(plan: FleetPlan, hosts: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[str]:
    """Return the hub's variables that no tunnel has, because each has those of its spoke."""
    hub, *spokes = plan.devices
    own, theirs = hosts[hub.host], [hosts[spoke.host] for spoke in spokes]
    return [
        name for name in _OF_SPOKES if own.get(name) is not None and all(one.get(name) != own[name] for one in theirs)
    ]


def _rules_to_itself(drafts: t.Sequence[Draft]) -> list[str]:
    """Return the names of the rules between tunnels whose sources and destinations are all of one other site."""
    hosts = hosts_of_names(drafts) if any(draft.policies.rules for draft in drafts) else {}
    found = set()
    for draft in drafts:
        for rule in draft.policies.rules:
            ends = {hosts.get(name) for name in (*rule.sources, *rule.destinations)}
            # Between two zones of its own LANs, a device has packets of its own site.
            if len(ends) == 1 and None not in ends and (rule.direction or draft.host not in ends):
                found.add(rule.name)
    return sorted(found)


def _idle_rules(plan: FleetPlan, drafts: t.Sequence[Draft]) -> list[str]:
    """Return the names of the rules that make no policy anywhere, as a spoke's for the networks of another."""
    made = {(one.rule, one.name) for device in plan.devices for one in device.policies}
    stated = {(rule.variable, rule.name) for draft in drafts for rule in draft.policies.rules}
    return sorted({name for _variable, name in stated - made})
