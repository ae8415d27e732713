# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The outcome of each device when a transaction has ended: its own failure, or that of others."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import Sentence, full_stop, in_minutes, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome, DeployState
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.device_run import DeviceRun

# A host, and the object that failed there.
Culprit = tuple[str, str]

_PAST = {"confirm": "confirmed", "roll_back": "rolled back", "keep": "kept", "remove": "removed"}
# A device that is neither pending nor unknown has nothing of the run.
_WORDS: t.Mapping[str, str] = {"rolled_back": "rolled back", "pending": "pending", "unknown": "unknown"}


def outcome(device: DeviceRun, abort_reason: str, culprits: t.Sequence[Culprit]) -> DeployOutcome:
    """Return the result of a device.

    ``abort_reason`` is why the fleet was not confirmed, empty if it was; ``culprits`` are the devices with which that
    lies, none where it lies with the whole run.
    """
    state, reason = device.state, abort_reason or device.excluded
    if device.tolerated:
        return DeployOutcome(host=device.host, state="skipped", message=f"tolerated: {reason}")
    failed = _has_failed(device, state, reason)
    if failed and state == "would_change":
        # A run that is refused would change nothing.
        state = "unchanged"
    is_own = not failed or device.error is not None or device.settings.mode == "verify" or bool(device.excluded)
    others = [] if is_own or device.host in {host for host, _name in culprits} else culprits
    return DeployOutcome(
        host=device.host,
        state=state,
        failed=failed,
        unreachable=device.is_away,
        message=_message(device, state, with_the_fleet(state, others) if others else _described(device, state, reason)),
        brief=_brief(device, state) if failed and not others else "",
        note=_unsettled(device, state),
        reason=device.error.reason if device.error else "",
        stage=device.error_stage,
        because_of=tuple(host for host, _name in others),
        stopped_by="" if is_own or culprits else abort_reason,
        diff=device.diff,
        warnings=tuple(device.warnings),
        findings=device.findings,
    )


def excluded_outcome(host: str, reason: str, hub: str) -> DeployOutcome:
    """Return the result of a spoke that is excluded and that no run contacts: the hub's end of its tunnel failed."""
    return DeployOutcome(
        host=host, state="skipped", failed=True, message=f"excluded: {reason}", because_of=(hub,) if hub else ()
    )


def culprits(devices: t.Iterable[DeviceRun], abort_reason: str) -> list[Culprit]:
    """Return the devices whose own reason is that of the run, none where it has another one."""
    failed = [device for device in devices if abort_reason and (device.error is not None or device.wrong)]
    return [_culprit(device) for device in failed if device.reason in abort_reason]


def with_the_fleet(state: DeployState, others: t.Sequence[Culprit]) -> str:
    """Return what became of a device that failed with others: the first of them, and how many more there are."""
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    host, name = others[0]
    return f"{_WORDS.get(state, 'unchanged')} with the fleet ({host}: {shortened(name)}{more})"


def _culprit(device: DeviceRun) -> Culprit:
    """Return the host with a tunnel that failed, or with the object of its error."""
    if device.error is not None:
        return device.host, Sentence.of(device.reason, device.host).object or "error"
    return device.host, device.wrong[0].tunnel or device.wrong[0].object


def _has_failed(device: DeviceRun, state: DeployState, reason: str) -> bool:
    # A commit that can be neither confirmed nor rolled back from here is rolled back by the device automatically.
    if device.error is not None or state in ("pending", "unknown"):
        return True
    if device.settings.mode == "verify":
        # Another host's findings are another host's failure.
        return not device.verified
    return bool(reason) and state != "confirmed"


def _brief(device: DeviceRun, state: DeployState) -> str:
    """Return the first finding that failed in a few words; empty where the device has an error, or no finding."""
    if device.error is not None or not device.wrong:
        return ""
    first = device.wrong[0]
    start = "not verified" if device.settings.mode == "verify" else _WORDS.get(state, "unchanged")
    return f"{start}: {device.host}: {first.check} {first.object} {first.brief or first.actual}"


def _message(device: DeviceRun, state: DeployState, described: str) -> str:
    message = str(device.error) if device.error else described
    note = _unsettled(device, state)
    return f"{full_stop(message)} {note}" if note else message


def _unsettled(device: DeviceRun, state: DeployState) -> str:
    """Return what becomes of a commit that the run has not settled; empty where there is none."""
    minutes = in_minutes(device.settings.confirm_minutes)
    if state == "pending":
        return f"The device rolls back automatically {minutes} after its commit."
    if state == "unknown":
        return (
            "If its commit is still pending, as 'show system commit' there tells, the device rolls back"
            f" automatically {minutes} after it; or hubspoke.srx.recover settles it at once."
        )
    return ""


def _described(device: DeviceRun, state: DeployState, reason: str) -> str:
    if state == "confirmed":
        if device.found:
            return f"{_found_words(device)}: confirmed"
        return "removed and confirmed" if device.job.remove else "verified and confirmed"
    if state == "rolled_back":
        return f"rolled back: {reason or _found_words(device)}"
    if device.settings.mode == "recover" and not reason:
        return _found_words(device)
    if device.settings.mode == "verify":
        return "verified" if device.verified else f"not verified: {device.reason}"
    if reason:
        return f"{_WORDS.get(state, 'unchanged')}: {reason}"
    return {"unchanged": "nothing to change", "would_change": "would change"}.get(state, state)


def _found_words(device: DeviceRun) -> str:
    """Say what a recovery found on a device."""
    if device.found is None:
        return "the newest commit here is none of this collection's"
    comment = device.found.comment
    if device.found.pending:
        return f"the commit of {comment.label} was pending"
    if comment.act == "commit":
        return f"{comment.label} was committed and is not pending any more: nothing remains to be decided"
    return f"{comment.label} was {_PAST[comment.act]}"
