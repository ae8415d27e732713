# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A fleet in rounds: the canaries first, then batches, each a transaction of its own with the hub in it."""

from __future__ import annotations

import threading
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome, DeployState, Job, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.outcomes import with_the_fleet
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.transaction import (
    HubWithout,
    Transaction,
    TransactionResult,
)

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """All transactions of one run: one, or with canaries and batches one after the other.

    ``spokes`` are all hosts of the run but the hub, those without a job too: the hub gets their part in their round.
    ``canaries`` are some of them; ``batch_size`` 0 takes all others at once. ``connect``, ``progress``, ``stop`` and
    ``hub_without`` are those of a Transaction. ``excluded`` are the spokes of the plan that the run does not concern.
    """

    jobs: t.Sequence[Job]
    spokes: t.Sequence[str]
    settings: Settings
    connect: t.Callable[[str], Session] = field(repr=False)
    progress: Progress = field(repr=False)
    stop: threading.Event
    hub_without: HubWithout = field(repr=False)
    canaries: t.Collection[str] = ()
    batch_size: int = 0
    excluded: t.Collection[str] = ()

    def run(self) -> TransactionResult:
        """Return one outcome per job, in their order, with the reason and the digest of the last transaction."""
        planned = rounds(self.spokes, self.canaries, self.batch_size)
        if len(planned) == 1 or self.settings.mode != "apply" or self.settings.stop_after_check:
            return self._transact(self.settings, self.jobs)
        if self.settings.approved_digest:
            # The approved digest is that of the whole; a round has differences of its own.
            whole = self._transact(replace(self.settings, stop_after_check=True), self.jobs)
            if whole.abort_reason or whole.ended_by:
                return whole
        return self._one_after_the_other(planned)

    def _one_after_the_other(self, planned: list[tuple[str, ...]]) -> TransactionResult:
        settings = replace(self.settings, approved_digest="")
        known: dict[str, DeployOutcome] = {}
        excluded: tuple[DeployOutcome, ...] = ()
        last = TransactionResult(outcomes=())
        for number, spokes in enumerate(planned, start=1):
            own = self._jobs_of(spokes, number)
            if last.abort_reason:
                known |= {job.plan.host: not_begun(job.plan.host, last) for job in own}
                continue
            self.progress.round = number
            self.progress.say("round", number, len(planned), names=spokes)
            hub = [job for job in self.jobs if job.is_hub and not job.remove]
            later = [host for others in planned[number:] for host in others]
            last = self._transact(settings, hub + own, later)
            excluded += last.excluded
            known |= {outcome.host: joined(known.get(outcome.host), outcome) for outcome in last.outcomes}
        return replace(last, outcomes=tuple(known[job.plan.host] for job in self.jobs), excluded=excluded)

    def _jobs_of(self, spokes: t.Collection[str], number: int) -> list[Job]:
        """Return the jobs of a round without the hub's. Devices that leave the VPN are in the first round."""
        return [job for job in self.jobs if job.plan.host in spokes or (job.remove and number == 1)]

    def _transact(self, settings: Settings, jobs: t.Sequence[Job], later: t.Collection[str] = ()) -> TransactionResult:
        changes = settings.mode in ("apply", "check")
        can_exclude = changes and not any(job.is_hub and job.remove for job in jobs)
        return Transaction(
            jobs,
            settings,
            connect=self.connect,
            progress=self.progress,
            stop=self.stop,
            hub_without=self.hub_without if can_exclude else None,
            excluded=(*self.excluded, *later),
        ).run()


def rounds(spokes: t.Sequence[str], canaries: t.Collection[str], batch_size: int) -> list[tuple[str, ...]]:
    """Return the spokes of each round, in their order; ``batch_size`` 0 takes all but the canaries at once."""
    first = tuple(host for host in spokes if host in canaries)
    rest = [host for host in spokes if host not in canaries]
    size = batch_size or max(1, len(rest))
    batches = [tuple(rest[start : start + size]) for start in range(0, len(rest), size)]
    return [*([first] if first else []), *batches] or [()]


def joined(earlier: DeployOutcome | None, later: DeployOutcome) -> DeployOutcome:
    """Return the hub's outcome of two rounds."""
    if earlier is None:
        return later
    diff = earlier.diff + later.diff
    warnings = (*earlier.warnings, *(warning for warning in later.warnings if warning not in earlier.warnings))
    if earlier.state == "confirmed" and later.state == "unchanged" and not later.failed:
        later = replace(later, state="confirmed", message=earlier.message)
    elif earlier.state == "confirmed" and later.failed:
        stays = "The rounds before this one stay confirmed."
        later = replace(later, message=f"{later.message} {stays}", note=f"{later.note} {stays}".strip())
    return replace(later, diff=diff, warnings=warnings)


def not_begun(host: str, last: TransactionResult) -> DeployOutcome:
    """Return the outcome of a spoke whose round was not begun, because of the ``last`` one that was."""
    state: DeployState = "unchanged"
    words = with_the_fleet(state, last.culprits) if last.culprits else f"unchanged: {last.abort_reason}"
    return DeployOutcome(
        host=host,
        state=state,
        failed=True,
        message=f"{words}: its round was not begun",
        because_of=tuple(culprit for culprit, _name in last.culprits),
        stopped_by="" if last.culprits else last.abort_reason,
    )
