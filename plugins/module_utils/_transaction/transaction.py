# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The fleet's confirmed commit: stages with a barrier after each, over sessions known by their steps only."""

from __future__ import annotations

import functools
import threading
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Progress, Size, Stage
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome, Job, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run_comment import RunComment
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.device_run import DeviceRun
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.digest import digest
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.outcomes import (
    Culprit,
    culprits,
    excluded_outcome,
    outcome,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.settling import Settling
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.steps import Facts, Step, Steps, described
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.verification import Verification, reasons

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# What is kept of the confirm window for the last commit: twice the slowest commit seen, and at least this, in seconds.
_RESERVE = 15.0
# How often a last step is begun anew that an exception of the calling thread has ended: a user may press Ctrl-C twice.
_TRIES = 3
# As much of the digest as a commit comment carries.
_DIGEST_IN_COMMENT = 12

HubWithout = t.Callable[[frozenset[str]], "Job | None"]


@dataclass(frozen=True, kw_only=True)
class TransactionResult:
    """One outcome per device in the order of the jobs, and why the fleet was not confirmed, empty if it was.

    ``culprits`` are the devices with which that lies. ``digest`` is the plan digest, empty where the run ended before
    it. ``excluded`` are the excluded spokes that no run contacts. ``ended_by`` is the exception, none of this
    collection's, that ended the run in the calling thread; everything pending was rolled back all the same. ``stages``
    are those of the run so far, with their times.
    """

    outcomes: tuple[DeployOutcome, ...]
    abort_reason: str = ""
    culprits: tuple[Culprit, ...] = ()
    digest: str = ""
    excluded: tuple[DeployOutcome, ...] = ()
    ended_by: BaseException | None = None
    stages: tuple[Stage, ...] = ()


class Transaction:
    """Lock, load, compare and check everywhere; commit confirmed everywhere; verify; confirm or roll back everywhere.

    ``connect`` returns an unopened session for a host, ``progress`` hears of each stage and wait, and ``stop`` is
    set by an interrupt: pending commits are then rolled back before ``run`` returns. ``hub_without`` returns the hub's
    job without some spokes, by host; where it is missing no spoke can be excluded. ``excluded`` are those that are
    not part of this transaction from the start.
    """

    def __init__(
        self,
        jobs: t.Sequence[Job],
        settings: Settings,
        *,
        connect: t.Callable[[str], Session],
        progress: Progress,
        stop: threading.Event,
        hub_without: HubWithout | None = None,
        excluded: t.Collection[str] = (),
    ) -> None:
        self._devices = [DeviceRun(job, settings, connect, stop.wait) for job in jobs]
        self._hub = next((device for device in self._devices if device.job.is_hub), None)
        self._settings = settings
        self._progress = progress
        self._stop = stop
        self._hub_without = hub_without
        self._excluded = self._never_in = frozenset(excluded)
        self._fitted: frozenset[str] = frozenset()
        self._not_contacted: list[DeployOutcome] = []
        self._failures = 0
        self._abort_reason = ""
        self._digest = ""
        # No step outlives the confirm window: after it the devices have rolled back automatically.
        self._fan_out = FanOut(
            settings.sessions_at_once,
            progress,
            abandon=DeviceRun.abandon,
            limit=settings.confirm_minutes * 60 + _RESERVE,
        )
        self._steps = Steps(self._fan_out)
        self._settling = Settling(self._devices, settings, self._fan_out, self._steps)

    def run(self) -> TransactionResult:
        """Walk all stages. Raise nothing: whatever ends the run ends in a decision and an outcome per device."""
        ended_by: BaseException | None = None
        with self._fan_out:
            try:
                self._walk()
            except BaseException as error:
                ended_by = error
                self._abort_reason = self._settling.after(error, self._end_of_window())
            finally:
                self._leave()
        culpable = culprits(self._devices, self._abort_reason)
        return TransactionResult(
            outcomes=tuple(outcome(device, self._abort_reason, culpable) for device in self._devices),
            abort_reason=self._abort_reason,
            culprits=tuple(culpable),
            digest=self._digest,
            excluded=tuple(self._not_contacted),
            ended_by=ended_by,
            stages=tuple(self._progress.stages),
        )

    def _leave(self) -> None:
        """Release every lock and session, whatever the calling thread raises meanwhile."""
        for _turn in range(_TRIES):
            try:
                self._fan_out.stage("leave", self._devices, DeviceRun.leave, quiet=True)
                return
            except BaseException as error:
                self._abort_reason = self._abort_reason or f"the run ended early: {described(error)}"

    # --- the stages, in their order ---

    def _walk(self) -> None:
        if self._settings.mode == "recover":
            self._recover()
        elif self._settings.mode == "verify":
            # Nothing is decided for the fleet: a device that cannot be reached fails alone.
            self._steps.on("reach", self._devices, self._fan_out.log_in(DeviceRun.reach))
            self._verify(self._end_of_window())
        elif self._reach() and self._prepare():
            self._change()

    def _reach(self) -> bool:
        """Log in to all devices, and run the pre-checks on each as soon as it is logged in to."""
        return self._stage("reach", self._devices, self._fan_out.log_in(DeviceRun.reach, DeviceRun.precheck))

    def _prepare(self) -> bool:
        """Load, compare, check and note; and the hub once more without the spokes that failed in this."""
        devices = self._taking_part
        while True:
            self._fit_hub()
            excluded = self._excluded
            facts = functools.partial(self._sizes, devices)
            if not self._stage("check", devices, DeviceRun.prepare, facts=facts) or not self._note():
                return False
            if self._excluded == excluded or self._hub is None:
                break
            devices = [self._hub]
        return self._may_commit()

    def _note(self) -> bool:
        """Note the associations of the tunnels whose negotiation the run changes, at both ends."""
        if self._is_without_commit:
            return True
        devices = self._taking_part
        changed = frozenset(ends for device in devices for ends in device.changed)
        for device in devices:
            device.choose_renewed(changed)
        renewed = [device for device in devices if device.renewal]
        return self._stage("note", renewed, DeviceRun.note_sas, quiet=True)

    def _sizes(self, devices: t.Sequence[DeviceRun]) -> dict[str, t.Any]:
        """Return how much the run would change, or changes, on each of these devices."""
        sizes = tuple(Size(device.host, *_counted(device.diff)) for device in devices if device.diff)
        return {"sizes": sizes, "names": ("would change",) if self._is_without_commit else ()}

    @property
    def _is_without_commit(self) -> bool:
        return self._settings.mode == "check" or self._settings.stop_after_check

    def _may_commit(self) -> bool:
        """Whether the checked plan is the approved one, and the confirm window is long enough to commit it."""
        settings, devices = self._settings, self._taking_part
        self._digest = digest([(device.host, device.job.text, device.diff) for device in devices], settings.keys)
        if settings.approved_digest and settings.approved_digest != self._digest:
            self._abort_reason = (
                f"plan digest: expected the approved {settings.approved_digest}, actual {self._digest}: the plan or a"
                " device has changed since. Have the new differences approved."
            )
            return False
        # A commit takes about as long as its check; there are two, and a rollback in the worst case.
        needed = 3 * max((device.preparation.check_seconds for device in devices), default=0.0) + settings.verify_settle
        if needed > settings.confirm_minutes * 60 - _RESERVE:
            self._abort_reason = (
                f"confirm window: expected at least {needed + _RESERVE:.0f} s, by the slowest commit check,"
                f" actual {settings.confirm_minutes * 60} s. Raise nhtb_confirm_minutes."
            )
        return not self._abort_reason

    def _change(self) -> None:
        """Commit, verify, and confirm or roll back; in check mode only say what would change."""
        changed = [device for device in self._taking_part if device.diff]
        if self._is_without_commit:
            self._progress.say("digest", names=(self._digest,))
            return
        deadline = self._end_of_window()
        if changed:
            committed = self._commit(changed)
            deadline -= max(_RESERVE, 2 * max(device.pending.seconds for device in changed))
            if not committed:
                self._roll_back(deadline)
                return
            self._fit_hub()
            self._settle()
        self._verify(deadline)
        pending = [device for device in self._taking_part if device.state == "pending"]
        if (
            self._abort_reason
            or not self._stage("ask", pending, lambda device: device.pending.check_still_pending(), quiet=True)
            or not self._settle_excluded(deadline)
        ):
            self._roll_back(deadline)
            return
        self._confirm(self._taking_part, deadline)

    def _commit(self, changed: list[DeviceRun]) -> bool:
        settings = self._settings
        comment = RunComment(
            run=settings.run,
            ticket=settings.ticket,
            digest=self._digest[:_DIGEST_IN_COMMENT],
            minutes=settings.confirm_minutes,
        )
        # By the clock of the controller: no device begins its confirm window earlier.
        rolls_back_at = time.time() + settings.confirm_minutes * 60
        committed = self._stage(
            "commit",
            changed,
            lambda device: device.commit(comment),
            commits=True,
            facts=lambda: {"rolls_back_at": rolls_back_at},
        )
        renewed = [device for device in self._taking_part if device.renewal]
        if not committed or not renewed:
            return committed
        # Only now: an association that one end makes before the commit of the other is made of the old statements.
        out = self._excluded
        return self._stage("clear", renewed, lambda device: device.clear_older_sas(out), quiet=True)

    def _settle(self) -> None:
        """Give the routing and the daemons of the devices time after their commits."""
        if self._settings.verify_settle:
            self._progress.begin("settle", quiet=True)
            self._progress.pause(self._settings.verify_settle, self._stop.wait)
            self._progress.end(0)

    def _end_of_window(self) -> float:
        return time.monotonic() + self._settings.confirm_minutes * 60

    def _verify(self, deadline: float) -> None:
        """Ask each device until it is verified, or until its timeout ends; set the reason if one is not."""
        unverified = Verification(self._taking_part, self._hub, self._settings, self._steps, self._stop).run(deadline)
        if self._stop.is_set():
            self._abort_reason = _INTERRUPTED
        elif unverified and not self._exclude(reasons(unverified)):
            self._abort_reason = "; ".join(device.reason for device in unverified)

    def _settle_excluded(self, deadline: float) -> bool:
        """Roll back the excluded devices and remove their part from the hub; only then can the others be confirmed."""
        out = [device for device in self._devices if device.excluded and device.state in ("pending", "unknown")]
        if out:
            self._steps.on("roll_back", out, lambda device: device.roll_back(deadline))
        self._fit_hub()
        if self._excluded == self._never_in or self._hub is None or self._hub.state != "pending":
            return True
        done = self._last("confirm", [self._hub], lambda hub: hub.confirm(deadline))
        if done and out:
            self._settling.clear_attempts([self._hub, *out], frozenset(device.host for device in out))
        return done

    def _confirm(self, devices: list[DeviceRun], deadline: float) -> None:
        self._settling.confirms = True
        pending = [device for device in devices if device.state == "pending"]
        self._last("confirm", pending, lambda device: device.confirm(deadline))

    def _roll_back(self, deadline: float) -> None:
        reason = self._abort_reason
        pending = [device for device in self._devices if device.state == "pending"]
        self._last("roll_back", pending, lambda device: device.roll_back(deadline))
        self._settling.clear_attempts(self._devices)
        self._abort_reason = reason

    def _recover(self) -> None:
        """Settle the pending commits of a killed run: confirm if it had begun to confirm, else roll back.

        A run begins to confirm only once all devices are verified. A device that cannot be asked or locked does not
        prevent settling the others.
        """
        self._last("reach", self._devices, self._fan_out.log_in(DeviceRun.reach))
        self._last("find", self._without_error, DeviceRun.find, facts=self._found)
        found = [(device, device.found) for device in self._without_error if device.found is not None]
        decided = frozenset(commit.comment.label for _device, commit in found if commit.comment.act == "confirm")
        self._settling.decided = decided
        deadline = self._end_of_window()
        self._last("lock", [device for device, commit in found if commit.pending], DeviceRun.lock, quiet=True)
        pending = [(device, commit) for device, commit in found if commit.pending and device.error is None]
        self._confirm([device for device, commit in pending if commit.comment.label in decided], deadline)
        rest = [device for device, commit in pending if commit.comment.label not in decided]
        self._last("roll_back", rest, lambda device: device.roll_back(deadline))
        self._settling.clear_attempts(self._devices)
        self._abort_reason = ""

    def _found(self) -> dict[str, t.Any]:
        """Return the devices with a pending commit of an earlier run."""
        return {"names": tuple(device.host for device in self._devices if device.found and device.found.pending)}

    # --- the devices that take part ---

    @property
    def _taking_part(self) -> list[DeviceRun]:
        return [device for device in self._devices if not device.excluded]

    @property
    def _without_error(self) -> list[DeviceRun]:
        return [device for device in self._devices if device.error is None]

    def _exclude(self, reasons: t.Mapping[str, str]) -> bool:
        """Go on without some spokes, where the settings allow it; return false where the fleet must not."""
        settings = self._settings
        spokes = {device.host: device for device in self._devices if not device.job.is_hub}
        away = {host for host in reasons if host in spokes and spokes[host].is_silent}
        tolerated = away if len(away) <= settings.tolerate_unreachable else set()
        failed = set(reasons) - tolerated
        if self._hub_without is None or (self._hub is not None and self._hub.host in reasons):
            return False
        if failed and (settings.on_failure != "site" or self._failures + len(failed) > settings.max_failures):
            return False
        if all(device is self._hub or device.host in reasons for device in self._taking_part):
            return False
        if self._hub_without(self._excluded | reasons.keys()) is None:
            return False
        self._failures += len(failed)
        for host in spokes.keys() & reasons.keys():
            spokes[host].excluded, spokes[host].tolerated = reasons[host], host in tolerated
        hub = self._hub.host if self._hub else ""
        self._not_contacted += [
            excluded_outcome(host, reasons[host], hub) for host in sorted(reasons.keys() - spokes.keys())
        ]
        self._excluded |= set(reasons)
        # A third-party spoke is excluded too, and no device of the run.
        concerned = spokes.keys() | self._excluded
        self._progress.say("exclude", len(self._excluded), len(concerned), names=sorted(reasons))
        return True

    def _fit_hub(self) -> None:
        """Give the hub a job without the excluded spokes."""
        if self._hub is None or self._hub_without is None or self._fitted == self._excluded:
            return
        job = self._hub_without(self._excluded)
        if job is not None:
            self._hub.replace_job(job)
        self._fitted = self._excluded

    # --- one step on many devices ---

    def _stage(
        self,
        name: str,
        devices: list[DeviceRun],
        step: Step,
        *,
        commits: bool = False,
        quiet: bool = False,
        facts: Facts = dict,
    ) -> bool:
        """Take one step on all devices, then the barrier. Return false with the reason why the run must not go on.

        An interrupt ends a step that is under way, unless it ``commits``: then the device must say what became of it.
        """
        until = None if commits else self._stop
        failed = self._steps.on(name, devices, step, until=until, quiet=quiet, facts=facts)
        if self._stop.is_set():
            self._abort_reason = _INTERRUPTED
        elif failed and not self._exclude(failed):
            self._abort_reason = "; ".join(failed.values())
        return not self._abort_reason

    def _last(
        self, name: str, devices: list[DeviceRun], step: Step, *, quiet: bool = False, facts: Facts = dict
    ) -> bool:
        """Take a step of the decision: no device is excluded any more, and an interrupt comes too late."""
        failed = self._steps.on(name, devices, step, quiet=quiet, facts=facts)
        self._abort_reason = "; ".join(failed.values())
        return not failed


_INTERRUPTED = "the run was interrupted"


def _counted(diff: str) -> tuple[int, int]:
    """Return how many lines a comparison adds and removes."""
    lines = diff.splitlines()
    return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)
