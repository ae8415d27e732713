# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The pre-checks of a device before anything is loaded: conditions that end the run, and warnings."""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta, timezone

from ansible_collections.hubspoke.srx.plugins.module_utils._config.conflicts import find_conflicts, to_finding
from ansible_collections.hubspoke.srx.plugins.module_utils._config.earlier_groups import (
    applied,
    earlier_groups,
    why_not_ours,
    without_groups,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._config.operator_changes import operator_conflicts
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import FILTER
from ansible_collections.hubspoke.srx.plugins.module_utils._device.candidate import group_statements
from ansible_collections.hubspoke.srx.plugins.module_utils._device.commit_history import moment, require_none_pending
from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import STORAGE, UPTIME, VERSION, ask
from ansible_collections.hubspoke.srx.plugins.module_utils._device.storage import FULL_FOR_COMMITS, full_for_commits
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ConflictError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, KeyCodec

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# The part of the addresses of a policy from which on a warning is due.
_NEARLY_ALL = 0.8
# Commit comments and log lines of all devices are compared by their times.
_SKEW = timedelta(minutes=5)


def run_prechecks(session: Session, plan: DevicePlan) -> list[str]:
    """Return warnings about the device. Raise SessionError where a run must not begin.

    It must not while another user's commit is pending, which any commit check of ours would confirm; while the shared
    candidate has another user's edits; and where the file systems that commits write to are full.
    """
    host = plan.host
    require_none_pending(session)
    places = [line for line in session.compare().splitlines() if line.startswith("[edit")]
    if places:
        raise SessionError(
            f"{host}: shared candidate: expected no uncommitted changes, actual changes at {'; '.join(places[:5])}."
            " They are another user's work and are neither committed nor discarded here:"
            " 'show | compare' on the device shows them; commit them or 'rollback 0' there.",
            "dirty",
        )
    _check_storage(session, host)
    return [*_release_warnings(session, plan), *_clock_warnings(session)]


def plan_warnings(plan: DevicePlan) -> list[str]:
    """Return warnings about the plan of a device that no device is asked for."""
    return [*policy_warnings(plan), *mss_warnings(plan), *tunnel_warnings(plan)]


def find_overrides(session: Session, job: Job, keys: t.Mapping[str, str], codec: KeyCodec) -> list[Finding]:
    """Return the conflicts of committed statements outside the group with its objects. Raise SessionError.

    A key that cannot be decoded is none: nothing is certain about it. A group of an earlier name is told by ``drift``.
    """
    statements = session.statements(FILTER)
    others = without_groups(statements, earlier_groups(job.plan, statements))
    return [one for one in find_conflicts(job.plan, job.text, others, keys, codec) if one.state == "failed"]


def check_conflicts(
    job: Job, statements: t.Sequence[str], before: t.Sequence[str], keys: t.Mapping[str, str], codec: KeyCodec
) -> list[str]:
    """Return warnings about conflicts of ``statements`` with the group. Raise ConflictError for a certain one.

    Statements of a group of an earlier name are one conflict, whose remedy is to move that group. ``before`` has the
    committed statements of the group.
    """
    plan = job.plan
    earlier = earlier_groups(plan, statements)
    if job.remove:
        in_force = [_earlier(plan, group, "It keeps the VPN in force.") for group in applied(statements, earlier)]
        if in_force:
            raise ConflictError("\n".join(in_force))
        return [_earlier(plan, group) for group in earlier]

    def without(groups: t.Iterable[str]) -> tuple[Finding, ...]:
        return find_conflicts(plan, job.text, without_groups(statements, groups), keys, codec)

    found = without(earlier)
    certain = [str(finding) for finding in found if finding.state == "failed"]
    others = [group for group in earlier if without([one for one in earlier if one != group]) != found]
    certain += [_earlier(plan, group, "The two have different statements.") for group in others]
    if any(tunnel.peer_by_operator for tunnel in plan.tunnels):
        changed = operator_conflicts(plan, job.text, before, keys, codec)
        certain += [str(to_finding(plan, one)) for one in changed]
    if certain:
        raise ConflictError("\n".join(certain))
    return [*(str(finding) for finding in found), *(_earlier(plan, group) for group in earlier)]


def check_earlier_group(session: Session, job: Job, earlier: str) -> None:
    """Raise ConflictError where a group that is to be deleted as an earlier one of this VPN is another user's."""
    plan = job.plan
    tunnels = (*plan.tunnels, *job.kept)
    reason = why_not_ours(earlier, tunnels, job.text, plan.group, group_statements(session, earlier))
    if reason:
        raise ConflictError(
            f"{plan.host}: nhtb_move_group: expected an earlier group of this VPN, actual {earlier} {reason}."
            " Correct the name, or move what is not of the VPN out of that group."
        )


def _earlier(plan: DevicePlan, group: str, why: str = "") -> str:
    words = [
        f"{plan.host}: configuration groups: expected this VPN in {plan.group} alone, actual in {group} too, as after a"
        " change of nhtb_group.",
        why,
        f"Set nhtb_move_group={group} to delete that group in the same commit.",
    ]
    return " ".join(filter(None, words))


def _check_storage(session: Session, host: str) -> None:
    full = full_for_commits(ask(session, STORAGE).items)
    if full:
        raise SessionError(
            f"{host}: storage: expected less than {FULL_FOR_COMMITS}% used where commits are written, actual"
            f" {', '.join(full)}."
            " Make room with 'request system storage cleanup'.",
            "storage",
        )


def _release_warnings(session: Session, plan: DevicePlan) -> list[str]:
    planned, running = plan.site.release, ask(session, VERSION).items
    if planned and running and running[0].release != planned:
        return [
            f"nhtb_release: expected {running[0].release}, as the device runs, actual {planned}: the plan was checked"
            " for the wrong release"
        ]
    return []


def policy_warnings(plan: DevicePlan) -> list[str]:
    """Return a warning about each policy that has nearly as many addresses as the device takes."""
    return [
        f"policy {policy.name} from {policy.from_zone} to {policy.to_zone} of {plan.host}: expected at most"
        f" {plan.policy_addresses} {side} addresses (nhtb_policy_addresses), actual {len(names)}: few more fit"
        for policy in plan.policies
        for side, names in (("source", policy.sources), ("destination", policy.destinations))
        if len(names) >= _NEARLY_ALL * plan.policy_addresses
    ]


def mss_warnings(plan: DevicePlan) -> list[str]:
    """Return a warning about a TCP MSS with which the packets of a tunnel become fragments."""
    if plan.mss <= plan.largest_mss:
        return []
    return [
        f"nhtb_mss of {plan.host}: expected at most {plan.largest_mss}, which fits the encapsulation of its tunnels,"
        f" the MTU of st0 and the path, actual {plan.mss}: TCP packets become fragments or are dropped"
    ]


def _clock_warnings(session: Session) -> list[str]:
    """Return a warning about a wrong clock, of a device in UTC: abbreviations of other time zones are ambiguous."""
    times = ask(session, UPTIME).items
    if not times or not times[0].current_time.endswith(" UTC"):
        return []
    skew = moment(times[0].current_time) - datetime.now(timezone.utc).replace(tzinfo=None)
    if abs(skew) <= _SKEW:
        return []
    way = "ahead of" if skew > timedelta(0) else "behind"
    return [
        f"clock: expected that of the controller, actual {abs(skew.total_seconds()):.0f} s {way} it: the times of log"
        " lines are wrong"
    ]


def tunnel_warnings(plan: DevicePlan) -> list[str]:
    """Return a warning where the device has nearly as many tunnels as its platform takes."""
    limit, count = plan.max_tunnels, len(plan.tunnels)
    if limit is None or count < _NEARLY_ALL * limit:
        return []
    return [f"tunnels of {plan.host}: expected at most {limit} (nhtb_max_tunnels), actual {count}: few more fit"]
