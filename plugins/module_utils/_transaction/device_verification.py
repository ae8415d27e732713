# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The verification of one device: samples of its tunnels, the findings in the newest one, and those that last."""

from __future__ import annotations

import time
import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._device.locked_device import LockedDevice
from ansible_collections.hubspoke.srx.plugins.module_utils._device.observe import (
    Comparison,
    examine,
    observe,
    read_configured,
    wake,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import BASIC_CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding, verdict
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import NOT_ASKED, Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.key_change import of_rotated
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.renewal import Renewal
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.lasting import in_both, lasting
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.older import set_aside
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import findings

# Seconds for which a sample of a verified device counts: those that were verified first wait for the others.
_FRESH = 60.0


class DeviceVerification:
    """The findings about one device, after each sample. Steps raise HubspokeError.

    ``findings`` are those of the newest sample. ``lasting`` are the findings that waiting does not change: they are
    the same in two samples. ``renewal`` has the SAs from before the commit, which verify nothing.
    """

    def __init__(self, device: LockedDevice, settings: Settings, renewal: Renewal) -> None:
        self.findings: tuple[Finding, ...] = ()
        self.lasting: list[Finding] = []
        self._may_last: list[Finding] = []
        self._configured: Answer[str] = NOT_ASKED
        # The sample of a verified device, and when it was made.
        self._verified_as: tuple[Observation, float] | None = None
        self._device = device
        self._settings = settings
        self._renewal = renewal

    @property
    def is_ok(self) -> bool:
        """Whether there are findings, and all are ok."""
        return bool(self.findings) and verdict(self.findings) == "ok"

    @property
    def wrong(self) -> list[Finding]:
        """The findings that keep the device from being verified."""
        return [finding for finding in self.findings if finding.state in ("failed", "unknown")]

    @property
    def reason(self) -> str:
        """Why the device is not verified: the first of its findings."""
        missing = f"{self._device.host}: verification: expected findings, actual none."
        return str(next(iter(self.lasting or self.wrong), missing))

    def waits_in_vain(self, unusable: t.Collection[tuple[str, str]]) -> bool:
        """Whether all that keeps the device from being verified stays as it is.

        ``unusable`` are the ``unusable_ends`` of all devices.
        """
        lasting_findings = set(self.lasting)
        return bool(self.wrong) and all(
            finding in lasting_findings or (finding.peer, self._device.host) in unusable for finding in self.wrong
        )

    def unusable_ends(self, plan: DevicePlan) -> set[tuple[str, str]]:
        """Return this host with each peer to which no tunnel can be negotiated here: the peer waits in vain too."""
        down = {one.tunnel for one in self.lasting if one.state == "failed" and one.check in ("ike", "ipsec")}
        usable = {tunnel.peer_host for tunnel in plan.tunnels if tunnel.vpn not in down}
        return {(self._device.host, one.peer) for one in self.lasting if one.tunnel in down and one.peer not in usable}

    def verify(self, plan: DevicePlan) -> None:
        """Ask the device about its tunnels once; where an on-traffic tunnel is still down, give it traffic."""
        basic = [check for check in BASIC_CHECKS if check in self._checks] or BASIC_CHECKS
        why_down = any(finding.state == "failed" for finding in self.findings)
        if why_down and self._configured is NOT_ASKED:
            # Once: a device that the run changes is locked, and a later change by hand is none to wait for.
            self._configured = read_configured(self._device.session)
        seen = self._with_configured(observe(self._device.session, plan, why_down=why_down))
        self.findings = self._compared(plan, seen, basic)
        self._verified_as = (seen, time.monotonic()) if self.is_ok else None
        before, self._may_last = self._may_last, lasting(plan, seen, self.findings)
        self.lasting = in_both(before, self._may_last)
        if not self.is_ok:
            wake(self._device.session, plan, self.findings)

    def examine(self, job: Job, comparison: Comparison) -> None:
        """Run all checks that were asked for, once the tunnels are up or their time has run out."""
        seen = examine(
            self._device.session,
            job.plan,
            self._checks,
            job.probes,
            self._settings.sample_interval,
            comparison,
            basic=self._fresh_sample(),
        )
        self.findings = self._compared(job.plan, self._with_configured(seen), self._checks)

    @property
    def _checks(self) -> t.Collection[str]:
        """The checks of the run, with those that see the SAs of a tunnel which is negotiated anew."""
        return {*self._settings.checks, "ike", "ipsec"} if self._renewal else self._settings.checks

    def _fresh_sample(self) -> Observation | None:
        """Return the sample by which the device was verified a moment ago, ``None`` without one."""
        if self._verified_as is None or time.monotonic() - self._verified_as[1] > _FRESH:
            return None
        return self._verified_as[0]

    def _compared(self, plan: DevicePlan, seen: Observation, checks: t.Collection[str]) -> tuple[Finding, ...]:
        made = set_aside(seen, self._renewal.older)
        return of_rotated(plan, self._settings.rotated, findings(plan, made, checks))

    def _with_configured(self, seen: Observation) -> Observation:
        return seen if self._configured is NOT_ASKED else replace(seen, configured=self._configured)
