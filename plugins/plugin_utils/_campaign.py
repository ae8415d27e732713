# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.
"""All transactions of one run: one, or with canaries and batches one after the other."""

from __future__ import annotations

import threading
import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, Outcome, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.rounds import joined, not_begun, rounds
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.transaction import Transaction
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet


class Campaign:
    """``jobs`` in one or more transactions; afterwards ``digest`` is the plan digest, where it was computed."""

    def __init__(
        self,
        fleet: Fleet,
        jobs: t.Sequence[Job],
        settings: Settings,
        connect: t.Callable[[DevicePlan], Session],
        progress: t.Callable[[str], None],
        stop: threading.Event,
    ) -> None:
        self.digest = ""
        self._fleet = fleet
        self._jobs = jobs
        self._settings = settings
        self._connect = connect
        self._progress = progress
        self._stop = stop

    def run(self, batch_size: int) -> tuple[Outcome, ...]:
        """One outcome per job, in their order."""
        planned = self._rounds(batch_size)
        if len(planned) == 1 or self._settings.mode != "apply" or self._settings.stop_after_check:
            return self._transact(self._settings, self._jobs, ())[0]
        if self._settings.approved_digest:
            # What was approved is the whole; a round has differences of its own.
            outcomes, because = self._transact(replace(self._settings, stop_after_check=True), self._jobs, ())
            if because:
                return outcomes
        return self._one_after_the_other(planned)

    def _one_after_the_other(self, planned: list[tuple[str, ...]]) -> tuple[Outcome, ...]:
        settings = replace(self._settings, approved_digest="")
        known: dict[str, Outcome] = {}
        because = ""
        for number, spokes in enumerate(planned, start=1):
            if because:
                known |= {job.plan.host: not_begun(job.plan.host, because) for job in self._of(spokes, number)}
                continue
            self._progress(f"round {number} of {len(planned)}")
            jobs = [job for job in self._jobs if job.is_hub and not job.remove] + self._of(spokes, number)
            later = [host for others in planned[number:] for host in others]
            outcomes, because = self._transact(settings, jobs, later)
            known |= {outcome.host: joined(known.get(outcome.host), outcome) for outcome in outcomes}
        return tuple(known[job.plan.host] for job in self._jobs)

    def _of(self, spokes: t.Collection[str], number: int) -> list[Job]:
        """The jobs of a round besides the hub's. Whoever leaves the VPN does so in the first."""
        return [job for job in self._jobs if job.plan.host in spokes or (job.remove and number == 1)]

    def _rounds(self, batch_size: int) -> list[tuple[str, ...]]:
        spokes = [device.host for device in self._fleet.devices if device.site.role == "spoke"]
        canaries = [host for host in spokes if self._fleet.variables[host].get("nhtb_canary") in (True, "true")]
        return rounds(spokes, canaries, batch_size)

    def _transact(
        self, settings: Settings, jobs: t.Sequence[Job], later: t.Collection[str]
    ) -> tuple[tuple[Outcome, ...], str]:
        def hub_without(hosts: frozenset[str]) -> Job | None:
            return self._fleet.hub_job_without(hosts, settings.checks)

        changes = settings.mode in ("apply", "check")
        without = hub_without if changes and not any(job.is_hub and job.remove for job in jobs) else None
        transaction = Transaction(jobs, settings, self._connect, self._progress, self._stop, without, later)
        outcomes = transaction.run()
        self.digest = transaction.digest or self.digest
        return outcomes, transaction.because
