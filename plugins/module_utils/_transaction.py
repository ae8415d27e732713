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

from ansible_collections.hubspoke.srx.plugins.module_utils._device_run import DeviceRun, Job, Outcome, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._session import Session

# What is kept of the confirm window for the last commit: twice the slowest commit seen, and at least this, in seconds.
_RESERVE = 15.0


class Transaction:
    """Lock, load, compare and check everywhere; commit confirmed everywhere; verify; confirm or roll back everywhere.

    ``connect`` answers an unopened session for a plan, ``progress`` receives one sentence per stage, and ``stop`` is
    set by an interrupt: what is pending is then rolled back before C(run) returns.
    """

    def __init__(
        self,
        jobs: t.Sequence[Job],
        settings: Settings,
        connect: t.Callable[[DevicePlan], Session],
        progress: t.Callable[[str], None],
        stop: threading.Event,
    ) -> None:
        self._devices = [DeviceRun(job, settings, connect) for job in jobs]
        self._settings = settings
        self._progress = progress
        self._stop = stop
        self._because = ""
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(jobs)))
        # Key exchange is processor time here and on the device: more logins at once only time out (measured).
        self._logins = threading.Semaphore(settings.sessions_at_once)

    def run(self) -> tuple[Outcome, ...]:
        """Walk all stages; one outcome per device, in the order of the jobs. Raises nothing of the devices' doing."""
        try:
            self._walk()
        finally:
            self._each(self._devices, DeviceRun.leave)
            self._pool.shutdown()
        return tuple(device.outcome(self._because) for device in self._devices)

    def _walk(self) -> None:
        everywhere = self._devices
        if not self._stage("reached", everywhere, self._reach):
            return
        mode = self._settings.mode
        if mode != "verify" and not self._stage("loaded, compared and checked", everywhere, DeviceRun.prepare):
            return
        changed = [device for device in everywhere if device.diff]
        if mode == "check":
            self._progress(f"{len(changed)} of {len(everywhere)} devices would change")
            return
        deadline = time.monotonic() + self._settings.confirm_minutes * 60
        if changed:
            committed = self._stage("committed, to be confirmed", changed, DeviceRun.commit)
            deadline -= max(_RESERVE, 2 * max(device.commit_seconds for device in changed))
            if not committed:
                self._roll_back(deadline)
                return
            self._stop.wait(self._settings.verify_settle)
        self._verify(deadline)
        if self._because:
            self._roll_back(deadline)
        elif self._stage("still waiting for the confirmation", changed, DeviceRun.still_pending):
            self._stage("confirmed", changed, lambda device: device.confirm(deadline))
        else:
            self._roll_back(deadline)

    def _reach(self, device: DeviceRun) -> None:
        with self._logins:
            device.reach()

    def _verify(self, deadline: float) -> None:
        """Ask until every device is proven, or until the time is up; leaves the reason if it is not."""
        until = min(deadline, time.monotonic() + self._settings.verify_timeout)
        waiting = self._devices
        while True:
            self._each(waiting, DeviceRun.verify)
            waiting = [device for device in waiting if not device.proven]
            if not waiting or self._stop.is_set() or time.monotonic() + self._settings.verify_interval >= until:
                break
            self._stop.wait(self._settings.verify_interval)
        if self._settings.checks_more and not self._stop.is_set():
            self._each(self._devices, DeviceRun.examine)
            waiting = [device for device in self._devices if not device.proven]
        proven = len(self._devices) - len(waiting)
        self._progress(f"{proven} of {len(self._devices)} devices proven")
        if self._stop.is_set():
            self._because = "the run was interrupted"
        elif waiting:
            self._because = "; ".join(_first_reason(device) for device in waiting)

    def _roll_back(self, deadline: float) -> None:
        pending = [device for device in self._devices if device.state == "pending"]
        because = self._because
        if pending:
            self._stage("rolled back", pending, lambda device: device.roll_back(deadline))
        self._because = because

    def _stage(self, done: str, devices: list[DeviceRun], step: t.Callable[[DeviceRun], None]) -> bool:
        """One step on all devices, then the barrier. False leaves the reason why the run must not go on."""
        if devices:
            self._each(devices, step)
        failed = [device for device in devices if device.error is not None]
        if devices:
            self._progress(f"{len(devices) - len(failed)} of {len(devices)} devices {done}")
        if failed:
            self._because = "; ".join(str(device.error) for device in failed)
        elif self._stop.is_set():
            self._because = "the run was interrupted"
        return not self._because

    def _each(self, devices: t.Sequence[DeviceRun], step: t.Callable[[DeviceRun], None]) -> None:
        def guarded(device: DeviceRun) -> None:
            try:
                step(device)
            except HubspokeError as error:
                device.error = device.error or error

        list(self._pool.map(guarded, devices))


def _first_reason(device: DeviceRun) -> str:
    wrong = [finding for finding in device.findings if finding.state in ("failed", "unknown")]
    return str(device.error or (wrong[0] if wrong else f"{device.host}: verification: expected findings, actual none."))
