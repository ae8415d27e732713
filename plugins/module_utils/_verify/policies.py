# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that the policies that decide about packets into and out of the tunnels are the planned ones."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation, PolicyLookup
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import SecurityPolicy
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "policies"
# Packets that a finding names.
_SHOWN = 3


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per pair of zones."""
    if observation.policy_lookups.state != "ok":
        return [Subject(plan.host, CHECK, "all zones", "the planned policies").unanswered(observation.policy_lookups)]
    pairs: dict[tuple[str, str], list[PolicyLookup]] = {}
    for one in observation.policy_lookups.items:
        pairs.setdefault((one.question.from_zone, one.question.to_zone), []).append(one)
    return [_finding(plan, *zones, lookups) for zones, lookups in pairs.items()]


def _finding(plan: DevicePlan, from_zone: str, to_zone: str, lookups: list[PolicyLookup]) -> Finding:
    wrong: list[tuple[str, str]] = []
    unknown: list[str] = []
    for one in lookups:
        if one.answer.state != "ok" or not one.answer.items:
            unknown.append(f"{one.question}: {one.answer.reason or 'no answer'}")
            continue
        question, match = one.question, one.answer.items[0]
        planned = plan.decisions.first(
            (from_zone, to_zone), question.source, question.destination, question.applications
        )
        if not _is_planned(planned, match.policy, match.action):
            wrong.append((f"{question}: {_format(planned)}", f"{question}: policy {match.policy}, {match.action}"))
    expected = "; ".join(one for one, _other in wrong[:_SHOWN]) or "the planned policies"
    subject = Subject(plan.host, CHECK, f"{from_zone} to {to_zone}", expected)
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        actual = f"{'; '.join(other for _one, other in wrong[:_SHOWN])}{more}"
        remedy = (
            f"Deploy again where group {plan.group} has changed. A policy outside the group comes first: delete it, or"
            " plan the same in nhtb_policies."
        )
        return subject.failed(actual, remedy, "other policy")
    if unknown:
        remedy = f"Ask the device by hand: 'show security match-policies' from {from_zone} to {to_zone}."
        return subject.unknown("; ".join(unknown[:_SHOWN]), remedy)
    return subject.ok(f"{len(lookups)} of {len(lookups)} lookups as planned", "as planned")


def _is_planned(planned: SecurityPolicy | None, name: str, action: str) -> bool:
    """Return whether a decision is the planned one: the rule itself; else any policy with the action."""
    if planned is None:
        return not action.startswith("permit")
    if planned.rule:
        return (name, action) == (planned.name, planned.action)
    return action.startswith("permit") == (planned.action == "permit")


def _format(planned: SecurityPolicy | None) -> str:
    return f"policy {planned.name}, {planned.action}" if planned else "no policy allows it"
