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

# A tunnel has those of its spoke.
_OF_SPOKES = ("nhtb_ike", "nhtb_ipsec", "nhtb_dh_group")


def name_without_effect(
    plan: FleetPlan, hosts: t.Mapping[str, t.Mapping[str, t.Any]], drafts: t.Sequence[Draft]
) -> FleetPlan:
    """Return the plan whose hub has the sentences about what has no effect in the whole fleet."""
    sentences: list[str] = []
    if unused := _unused(plan, hosts):
        sentences.append(f"{plan.hub.host}: no tunnel has its {', '.join(unused)}: set that on the spokes.")
    if idle := _idle_rules(plan, drafts):
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


def _idle_rules(plan: FleetPlan, drafts: t.Sequence[Draft]) -> list[str]:
    """Return the names of the rules that make no policy anywhere, as a spoke's for the networks of another."""
    made = {(one.rule, one.name) for device in plan.devices for one in device.policies}
    stated = {(rule.variable, rule.name) for draft in drafts for rule in draft.policies.rules}
    return sorted({name for _variable, name in stated - made})
