# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The fleet's confirmed commit: stages with a barrier after each, over sessions known by their steps only."""

from __future__ import annotations

import threading
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import BASIC_CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, Outcome, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.device_run import DeviceRun
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.digest import digest

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# What is kept of the confirm window for the last commit: twice the slowest commit seen, and at least this, in seconds.
_RESERVE = 15.0


class Transaction:
    """Lock, load, compare and check everywhere; commit confirmed everywhere; verify; confirm or roll back everywhere.

    ``connect`` answers an unopened session for a plan, ``progress`` receives one sentence per stage, and ``stop`` is
    set by an interrupt: what is pending is then rolled back before C(run) returns. ``hub_without`` answers the hub's
    job without some spokes, by host; where it is missing no spoke can be left out. ``excluded`` are those that are
    not part of this transaction from the start.
    """

    def __init__(
        self,
        jobs: t.Sequence[Job],
        settings: Settings,
        connect: t.Callable[[DevicePlan], Session],
        progress: t.Callable[[str], None],
        stop: threading.Event,
        hub_without: t.Callable[[frozenset[str]], Job | None] | None = None,
        excluded: t.Collection[str] = (),
    ) -> None:
        self._devices = [DeviceRun(job, settings, connect, stop.wait) for job in jobs]
        self._hub = next((device for device in self._devices if device.job.is_hub), None)
        self._settings = settings
        self._progress = progress
        self._stop = stop
        self._hub_without = hub_without
        self._excluded = frozenset(excluded)
        self._fitted: frozenset[str] = frozenset()
        self._failures = 0
        self.because = ""
        """Why the run did not confirm, empty if it did."""
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(jobs)))
        # Key exchange is processor time here and on the device: more logins at once only time out (measured).
        self._logins = threading.Semaphore(settings.sessions_at_once)
        self.digest = ""

    def run(self) -> tuple[Outcome, ...]:
        """Walk all stages; one outcome per device, in the order of the jobs. Raises nothing of the devices' doing."""
        try:
            if self._settings.mode == "recover":
                self._recover()
            elif self._stage("reached", self._devices, self._reach):
                self._walk()
        finally:
            self._each(self._devices, DeviceRun.leave)
            self._pool.shutdown()
        return tuple(device.outcome(self.because) for device in self._devices)

    # --- the stages, in their order ---

    def _walk(self) -> None:
        mode = self._settings.mode
        if mode != "verify" and not self._prepare():
            return
        changed = [device for device in self._taking_part if device.diff]
        if mode == "check" or self._settings.stop_after_check:
            self._progress(f"{len(changed)} of {len(self._taking_part)} devices would change; digest {self.digest}")
            return
        deadline = time.monotonic() + self._settings.confirm_minutes * 60
        if changed:
            committed = self._stage("committed, to be confirmed", changed, DeviceRun.commit)
            if committed and self._settings.rotated:
                with_new = [device for device in changed if not device.excluded]
                committed = self._stage("cleared of what the old keys had made", with_new, DeviceRun.clear_old_sas)
            deadline -= max(_RESERVE, 2 * max(device.commit_seconds for device in changed))
            if not committed:
                self._roll_back(deadline)
                return
            self._fit_hub()
            self._stop.wait(self._settings.verify_settle)
        self._verify(deadline)
        pending = [device for device in self._taking_part if device.state == "pending"]
        if (
            self.because
            or not self._stage("still waiting for the confirmation", pending, DeviceRun.still_pending)
            or not self._settle_excluded(deadline)
        ):
            self._roll_back(deadline)
            return
        self._confirm(self._taking_part, deadline)

    def _reach(self, device: DeviceRun) -> None:
        with self._logins:
            device.reach()

    def _prepare(self) -> bool:
        """Load, compare and check; and the hub once more without the spokes that failed in this."""
        devices = self._taking_part
        while True:
            self._fit_hub()
            excluded = self._excluded
            if not self._stage("loaded, compared and checked", devices, DeviceRun.prepare):
                return False
            if self._excluded == excluded or self._hub is None:
                break
            devices = [self._hub]
        return self._may_commit()

    def _may_commit(self) -> bool:
        """Whether what was checked is what was approved, and the window is long enough to commit it."""
        settings, devices = self._settings, self._taking_part
        self.digest = digest([(device.host, device.job.text, device.diff) for device in devices], settings.keys)
        if settings.approved_digest and settings.approved_digest != self.digest:
            self.because = (
                f"plan digest: expected the approved {settings.approved_digest}, actual {self.digest}: the plan or a"
                " device has changed since. Have the new differences approved."
            )
            return False
        for device in devices:
            device.label = " ".join(filter(None, (device.label, settings.ticket, f"digest {self.digest[:12]}")))
        # A commit takes about as long as its check; there are two, and a rollback in the worst case.
        needed = 3 * max((device.check_seconds for device in devices), default=0.0) + settings.verify_settle
        if needed > settings.confirm_minutes * 60 - _RESERVE:
            self.because = (
                f"confirm window: expected at least {needed + _RESERVE:.0f} seconds, by the slowest commit check,"
                f" actual {settings.confirm_minutes * 60}. Raise nhtb_confirm_minutes."
            )
        return not self.because

    def _verify(self, deadline: float) -> None:
        """Ask until every device is verified, or until the time is up; leaves the reason if it is not."""
        until = min(deadline, time.monotonic() + self._settings.verify_timeout)
        # Without any of these checks nothing is waited for, and no tunnel is woken.
        waiting = self._taking_part if set(self._settings.checks) & set(BASIC_CHECKS) else []
        while waiting:
            self._each([device for device in waiting if device.error is None], DeviceRun.verify)
            waiting = [device for device in waiting if not device.verified]
            # What has failed altogether does not come to be verified; whether the others do matters without it only.
            hopeless = any(device.error for device in waiting) and self._settings.on_failure == "all"
            if not waiting or hopeless or self._stop.is_set():
                break
            if time.monotonic() + self._settings.verify_interval >= until:
                break
            self._stop.wait(self._settings.verify_interval)
        if self._settings.checks_more and not self._stop.is_set():
            self._each(self._taking_part, DeviceRun.examine)
            waiting = [device for device in self._taking_part if not device.verified]
        verified = len(self._taking_part) - len(waiting)
        self._progress(f"{verified} of {len(self._taking_part)} devices verified")
        if self._stop.is_set():
            self.because = "the run was interrupted"
        elif waiting and not self._exclude(_at_fault(waiting)):
            self.because = "; ".join(_first_reason(device) for device in waiting)

    def _settle_excluded(self, deadline: float) -> bool:
        """Roll back who is left out, and take their part off the hub; only then is it known that the rest can stay."""
        out = [device for device in self._devices if device.excluded and device.state in ("pending", "unknown")]
        if out:
            self._each(out, lambda device: device.roll_back(deadline))
            done = sum(device.state == "rolled_back" for device in out)
            self._progress(f"{done} of {len(out)} devices left out and rolled back")
        self._fit_hub()
        if not self._excluded or self._hub is None or self._hub.state != "pending":
            return True
        return self._last("confirmed without them", [self._hub], lambda hub: hub.confirm(deadline))

    def _confirm(self, devices: list[DeviceRun], deadline: float) -> None:
        pending = [device for device in devices if device.state == "pending"]
        self._last("confirmed", pending, lambda device: device.confirm(deadline))

    def _roll_back(self, deadline: float) -> None:
        because = self.because
        pending = [device for device in self._devices if device.state == "pending"]
        self._last("rolled back", pending, lambda device: device.roll_back(deadline))
        self.because = because

    def _recover(self) -> None:
        """Settle what a killed run has left: confirm where it had begun to, for then all was verified; else roll back.

        A device that cannot be asked or locked does not keep the others from being settled.
        """
        self._last("reached", self._devices, self._reach)
        self._last("asked what was left there", self._sound, DeviceRun.find)
        decided = {device.label for device in self._sound if device.is_decided}
        deadline = time.monotonic() + self._settings.confirm_minutes * 60
        self._last("locked", [device for device in self._sound if device.state == "pending"], DeviceRun.lock)
        pending = [device for device in self._sound if device.state == "pending"]
        self._confirm([device for device in pending if device.label in decided], deadline)
        rest = [device for device in pending if device.label not in decided]
        self._last("rolled back", rest, lambda device: device.roll_back(deadline))
        self.because = ""

    # --- who takes part ---

    @property
    def _taking_part(self) -> list[DeviceRun]:
        return [device for device in self._devices if not device.excluded]

    @property
    def _sound(self) -> list[DeviceRun]:
        return [device for device in self._devices if device.error is None]

    def _exclude(self, reasons: t.Mapping[str, str]) -> bool:
        """Go on without some spokes, where the settings allow it; false where the fleet must not."""
        settings = self._settings
        spokes = {device.host: device for device in self._devices if not device.job.is_hub}
        away = {host for host in reasons if host in spokes and spokes[host].is_away}
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
        self._excluded |= set(reasons)
        self._progress(f"left out: {', '.join(sorted(reasons))}")
        return True

    def _fit_hub(self) -> None:
        """Make the hub's aim one without those who were left out."""
        if self._hub is None or self._hub_without is None or self._fitted == self._excluded:
            return
        job = self._hub_without(self._excluded)
        if job is not None:
            self._hub.replace_job(job)
        self._fitted = self._excluded

    # --- one step on many devices ---

    def _stage(self, done: str, devices: list[DeviceRun], step: t.Callable[[DeviceRun], None]) -> bool:
        """One step on all devices, then the barrier. False leaves the reason why the run must not go on."""
        failed = self._on(done, devices, step)
        if self._stop.is_set():
            self.because = "the run was interrupted"
        elif failed and not self._exclude(failed):
            self.because = "; ".join(failed.values())
        return not self.because

    def _last(self, done: str, devices: list[DeviceRun], step: t.Callable[[DeviceRun], None]) -> bool:
        """The same where a decision is carried out: nobody is left out any more, and an interrupt comes too late."""
        failed = self._on(done, devices, step)
        self.because = "; ".join(failed.values())
        return not failed

    def _on(self, done: str, devices: list[DeviceRun], step: t.Callable[[DeviceRun], None]) -> dict[str, str]:
        if not devices:
            return {}
        self._each(devices, step)
        failed = {device.host: str(device.error) for device in devices if device.error is not None}
        self._progress(f"{len(devices) - len(failed)} of {len(devices)} devices {done}")
        return failed

    def _each(self, devices: t.Sequence[DeviceRun], step: t.Callable[[DeviceRun], None]) -> None:
        def guarded(device: DeviceRun) -> None:
            try:
                step(device)
            except HubspokeError as error:
                device.error = device.error or error

        list(self._pool.map(guarded, devices))


def _at_fault(waiting: t.Iterable[DeviceRun]) -> dict[str, str]:
    """Return why each host is not verified; a failure at the hub in a tunnel counts for the spoke at its other end."""
    reasons: dict[str, str] = {}
    for device in waiting:
        wrong = _wrong(device)
        if device.job.is_hub and device.error is None and wrong and all(finding.peer for finding in wrong):
            reasons |= {finding.peer: str(finding) for finding in reversed(wrong) if finding.peer not in reasons}
        else:
            reasons[device.host] = _first_reason(device)
    return reasons


def _wrong(device: DeviceRun) -> list[Finding]:
    return [finding for finding in device.findings if finding.state in ("failed", "unknown")]


def _first_reason(device: DeviceRun) -> str:
    wrong = _wrong(device)
    return str(device.error or (wrong[0] if wrong else f"{device.host}: verification: expected findings, actual none."))
