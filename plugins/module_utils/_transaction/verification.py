# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The verification of a run: each device is asked again and again, as long as waiting can help."""

from __future__ import annotations

import threading
import time
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import BASIC_CHECKS, CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.device_run import DeviceRun
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.steps import Steps
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.tunnel_count import count_tunnels


class Verification:
    """The verification of the ``devices`` that take part. ``stop`` is the interrupt of the run, and ends it."""

    def __init__(
        self,
        devices: t.Sequence[DeviceRun],
        hub: DeviceRun | None,
        settings: Settings,
        steps: Steps,
        stop: threading.Event,
    ) -> None:
        self._devices = devices
        self._hub = hub
        self._settings = settings
        self._steps = steps
        self._progress = steps.progress
        self._stop = stop

    def run(self, deadline: float) -> list[DeviceRun]:
        """Ask each device until it is verified, or until its timeout ends; return those that are not verified."""
        # Without any of these checks nothing is waited for, and no tunnel is woken.
        waiting = list(self._devices) if set(self._settings.checks) & set(BASIC_CHECKS) else []
        more = self._settings.checks_more
        nothing = all(device.job.remove for device in self._devices) or not (waiting or more)
        self._progress.begin("verify", len(self._devices), quiet=nothing)
        waiting = self._wait(waiting, deadline)
        if more and not self._stop.is_set():
            asked = [device for device in self._devices if device.error is None]
            # Those that take longest first.
            self._expect(None, [name for name in reversed(CHECKS) if name in self._settings.checks])
            self._steps.each(asked, DeviceRun.examine, until=self._stop)
            waiting = [device for device in self._devices if not device.verified]
        self._end(waiting)
        return waiting

    def _wait(self, waiting: list[DeviceRun], deadline: float) -> list[DeviceRun]:
        until = self._until(deadline)
        asked = waiting
        self._expect(max(until.values(), default=0.0) - time.monotonic())
        while waiting:
            self._steps.each([device for device in asked if device.error is None], DeviceRun.verify, until=self._stop)
            waiting = [device for device in waiting if not device.verified]
            again = time.monotonic() + self._settings.verify_interval
            unusable = {ends for device in waiting for ends in device.verification.unusable_ends(device.plan)}
            asked = [one for one in waiting if again < until[one.host] and not one.verification.waits_in_vain(unusable)]
            if self._is_over(waiting, asked):
                break
            self._expect(max(until[device.host] for device in asked) - time.monotonic())
            self._progress.pause(self._settings.verify_interval, self._stop.wait)
        return waiting

    def _until(self, deadline: float) -> dict[str, float]:
        """Return when each device is asked for the last time. The hub sees the tunnels of all: it has their longest."""
        now, longest = time.monotonic(), max((device.verify_timeout for device in self._devices), default=0.0)
        return {
            device.host: min(deadline, now + (longest if device is self._hub else device.verify_timeout))
            for device in self._devices
        }

    def _is_over(self, waiting: t.Collection[DeviceRun], asked: t.Collection[DeviceRun]) -> bool:
        """Whether the decision is made, although some of those that are not verified could be asked again."""
        failed = sum(device.error is not None or device not in asked for device in waiting)
        # A device with an error, past its timeout, or with a finding that lasts, stays unverified; whether the others
        # come up matters only if it can be excluded, or where nothing is decided for all.
        certain = failed or any(device.verification.lasting for device in waiting)
        decided = bool(certain) and self._settings.on_failure == "all" and self._settings.mode != "verify"
        return failed == len(waiting) or decided or self._stop.is_set()

    def _expect(self, remaining: float | None, checks: t.Sequence[str] = ()) -> None:
        """Say which tunnels are not verified yet, and for how many seconds they are waited for, where that is known.

        ``checks`` are those that are made now.
        """
        count = count_tunnels(self._devices)
        if count.total:
            self._progress.expect(count.done, count.total, "tunnels", count.missing, remaining, names=checks)

    def _end(self, waiting: t.Collection[DeviceRun]) -> None:
        count = count_tunnels(self._devices)
        failed = tuple(device.host for device in waiting)
        tunnels = {"done": count.done, "total": count.total, "unit": "tunnels"} if count.total else {}
        self._progress.end(len(self._devices) - len(failed), **tunnels, missing=count.missing, failed=failed)


def reasons(waiting: t.Iterable[DeviceRun]) -> dict[str, str]:
    """Return why each host is not verified; a failure at the hub in a tunnel counts for the spoke at its other end."""
    found: dict[str, str] = {}
    for device in waiting:
        wrong = device.wrong
        if device.job.is_hub and device.error is None and wrong and all(finding.peer for finding in wrong):
            found |= {finding.peer: str(finding) for finding in reversed(wrong) if finding.peer not in found}
        else:
            found[device.host] = device.reason
    return found
