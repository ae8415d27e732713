# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Compare the committed configuration of devices with the plan.

Only the committed configuration is read. A private candidate would fail while the shared one is locked or changed, and
a commit check would confirm a pending commit.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._config.conflicts import CHECK as CONFLICTS
from ansible_collections.hubspoke.srx.plugins.module_utils._config.conflicts import find_conflicts
from ansible_collections.hubspoke.srx.plugins.module_utils._config.earlier_groups import earlier_groups, without_groups
from ansible_collections.hubspoke.srx.plugins.module_utils._config.group_difference import group_difference
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import FILTER, Words
from ansible_collections.hubspoke.srx.plugins.module_utils._device.commit_history import pending_confirmation
from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, KeyCodec, Outcome

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

CHECK = "configuration"
# Hosts that a sentence names.
_SHOWN = 3
DriftState = t.Literal["in_sync", "drifted", "unknown", "unreachable", "skipped"]
STATES: tuple[DriftState, ...] = t.get_args(DriftState)
DriftOutcome = Outcome[DriftState]

# A deployment would refuse.
_SETTLE = (
    "Confirm the pending commit or let it roll back, then compare again. hubspoke.srx.recover settles one of a killed"
    " run of this collection."
)


def compare_devices(
    jobs: t.Sequence[Job],
    keys: t.Mapping[str, str],
    codec: KeyCodec,
    connect: t.Callable[[str], Session],
    sessions_at_once: int,
    progress: Progress | None = None,
) -> tuple[DriftOutcome, ...]:
    """Return one outcome per device, in the order of the jobs: in_sync, drifted, unknown or unreachable."""

    def compare_device(job: Job) -> DriftOutcome:
        return _compare_device(connect(job.host), job, keys, codec)

    with FanOut(sessions_at_once, progress) as fan_out:
        answers = fan_out.answers("compare", jobs, fan_out.log_in(compare_device))
    return tuple(
        _not_read(job.host, answer) if isinstance(answer, HubspokeError) else answer
        for job, answer in zip(jobs, answers, strict=True)
    )


def _not_read(host: str, error: HubspokeError) -> DriftOutcome:
    away = isinstance(error, SessionError) and error.is_away
    state: DriftState = "unreachable" if away else "unknown"
    return DriftOutcome(
        host=host, state=state, failed=True, unreachable=away, message=str(error), reason=error.reason, stage="reach"
    )


def compare(job: Job, commands: t.Sequence[str], keys: t.Mapping[str, str], codec: KeyCodec) -> DriftOutcome:
    """Return the outcome of comparing a device's set ``commands`` with its job. Compare keys decoded, and mask them."""
    plan = job.plan
    lines, unread = group_difference(job, commands, keys, codec)
    found = [_differs(plan, lines)] if lines else []
    found += [_unread(plan.host, words) for words in unread]
    earlier = earlier_groups(plan, commands)
    found += [_in_two_groups(plan, group) for group in earlier]
    found += [] if job.remove else find_conflicts(plan, job.text, without_groups(commands, earlier), keys, codec)
    states = {finding.state for finding in found}
    state: DriftState = "drifted" if "failed" in states else "unknown" if states else "in_sync"
    return DriftOutcome(
        host=plan.host,
        state=state,
        failed=state == "drifted",
        message=_message(state, len(lines), found),
        diff="".join(f"{line}\n" for line in lines),
        findings=tuple(found),
    )


def _message(state: DriftState, differing: int, found: t.Sequence[Finding]) -> str:
    conflicts = sum(finding.check == CONFLICTS and finding.state == "failed" for finding in found)
    unknown = sum(finding.state == "unknown" for finding in found)
    parts = ((differing, "different in the group"), (conflicts, "in conflict"), (unknown, "not comparable"))
    counts = ", ".join(f"{count} {words}" for count, words in parts if count)
    return {"drifted": f"drifted: {counts}", "unknown": f"not known: {counts}"}.get(state, "as planned")


def settled(outcomes: t.Sequence[DriftOutcome], *, fail: bool) -> tuple[DriftOutcome, ...]:
    """Return the outcomes as they count for the exit status: 2 where a host has failed, 4 where hosts are unreachable.

    Ansible exits with 4 as soon as one host is unreachable. So where another host has failed, unreachable hosts count
    as failed. Without ``fail`` no host counts.
    """
    certain = any(outcome.failed and not outcome.unreachable for outcome in outcomes)

    def counts(outcome: DriftOutcome) -> DriftOutcome:
        away = outcome.unreachable and fail and not certain
        return replace(outcome, failed=outcome.failed and fail and not away, unreachable=away)

    return tuple(map(counts, outcomes))


def _compare_device(session: Session, job: Job, keys: t.Mapping[str, str], codec: KeyCodec) -> DriftOutcome:
    try:
        session.open()
        commands = session.statements(FILTER)
        pending = pending_confirmation(session)
    finally:
        session.close()
    outcome = compare(job, commands, keys, codec)
    if pending is None:
        return outcome
    return replace(
        outcome,
        findings=tuple(replace(one, remedy=_SETTLE) if one.state == "failed" else one for one in outcome.findings),
        warnings=(f"a confirmed commit is pending, {pending}: the device may roll back what was read",),
    )


def _differs(plan: DevicePlan, lines: t.Sequence[str]) -> Finding:
    count = "1 statement differs" if len(lines) == 1 else f"{len(lines)} statements differ"
    return Finding(
        host=plan.host,
        check=CHECK,
        object=f"group {plan.group}",
        state="failed",
        expected="as planned",
        actual=f"{count}, the first: {lines[0]}",
        remedy=f"Another user changed group {plan.group}, or the inventory is newer: deploy to restore the plan.",
        brief="differs",
    )


def _in_two_groups(plan: DevicePlan, group: str) -> Finding:
    return Finding(
        host=plan.host,
        check=CHECK,
        object="groups",
        state="failed",
        expected=f"this VPN in {plan.group} alone",
        actual=f"in {group} too, as after a change of nhtb_group",
        remedy=f"Deploy with nhtb_move_group={group} to delete that group in the same commit.",
        brief="in an earlier group too",
    )


def _unread(host: str, words: Words) -> Finding:
    return Finding(
        host=host,
        check=CHECK,
        object=f"pre-shared key of {' '.join(words[4:-3])}",
        state="unknown",
        expected="the planned key",
        actual="an encoding that only the device can decode",
        remedy="Compare it by hand: the device encodes keys with a master password.",
    )
