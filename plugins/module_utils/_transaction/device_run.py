# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One device on its way through the transaction: the steps, and what is known about it after each of them."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.commit_history import (
    RunCommit,
    newest_run_commit,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.locked_device import LockedDevice
from ansible_collections.hubspoke.srx.plugins.module_utils._device.prechecks import run_prechecks
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployState, Job, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run_comment import RunComment
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.device_verification import DeviceVerification
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.key_change import verified_tunnels
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.pending_commit import PendingCommit
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.preparation import Preparation
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.renewal import Ends, Renewal, ends_of

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session


class DeviceRun(LockedDevice):
    """The steps of one device. Each raises HubspokeError; everything reached before stays recorded here."""

    def __init__(
        self,
        job: Job,
        settings: Settings,
        connect: t.Callable[[str], Session],
        pause: t.Callable[[float], bool],
    ) -> None:
        """``pause`` sleeps for so many seconds, and returns early and true once the run is interrupted."""
        host = job.plan.host
        settings = settings.of(host)
        super().__init__(host, lambda: connect(host), pause, settings.lock_wait)
        self.job = job
        self.preparation = Preparation(self, job.plan.group, settings)
        self.pending = PendingCommit(self, settings.codec)
        self.renewal = Renewal()
        self.verification = DeviceVerification(self, settings, self.renewal)
        self.error: HubspokeError | None = None
        # The stage of the run that is under way, and the one in which the error came.
        self.stage = ""
        self.error_stage = ""
        # Why the run goes on without this device, and whether the inventory tolerates that.
        self.excluded = ""
        self.tolerated = False
        self._attempted: tuple[str, ...] = ()
        self._settings = settings
        self._trim = False
        self._found: RunCommit | None = None
        # Whether a recovery knows what commit is the newest here.
        self._is_asked = False

    @property
    def plan(self) -> DevicePlan:
        """The plan of the device."""
        return self.job.plan

    @property
    def settings(self) -> Settings:
        """The settings of the run for this device."""
        return self._settings

    @property
    def state(self) -> DeployState:
        """The outcome as far as it is known."""
        if self.pending.state != "none":
            return self.pending.state
        if self._settings.mode == "recover" and not self._is_asked:
            return "unknown"
        return "would_change" if self.preparation.would_change else "unchanged"

    @property
    def verified(self) -> bool:
        """Whether all findings are ok. A device that loses its part of the VPN has nothing to verify."""
        if self.error is not None or self.job.remove:
            return self.error is None
        return self.verification.is_ok

    @property
    def tunnels(self) -> tuple[Tunnel, ...]:
        """The tunnels that the run verifies here."""
        return () if self.job.remove else verified_tunnels(self.plan, self._settings.rotated)

    @property
    def diff(self) -> str:
        """The masked comparison of the candidate with the committed configuration."""
        return self.preparation.diff

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of the newest sample."""
        return self.verification.findings

    @property
    def wrong(self) -> list[Finding]:
        """The findings that keep the device from being verified."""
        return self.verification.wrong

    @property
    def reason(self) -> str:
        """Why the device is not verified: its error, or the first of its findings."""
        return str(self.error or self.verification.reason)

    def note_error(self, error: HubspokeError) -> None:
        """Keep the first error, with the stage in which it came."""
        if self.error is None:
            self.error, self.error_stage = error, self.stage

    @property
    def is_away(self) -> bool:
        """Whether nothing was ever sent, because the device could not be reached or refused the login."""
        nothing_sent = self.pending.state == "none" and not self.preparation.would_change
        return isinstance(self.error, SessionError) and self.error.is_away and nothing_sent

    @property
    def is_silent(self) -> bool:
        """Whether the device is away without an answer, not even one that refuses the login."""
        return self.is_away and self.error is not None and self.error.reason == "unreachable"

    @property
    def verify_timeout(self) -> float:
        """For how many seconds the device is asked about its tunnels."""
        return self._settings.verify_timeout

    @property
    def changed(self) -> set[Ends]:
        """The ends of the tunnels whose negotiated statements change here."""
        return ends_of(self.plan, self.preparation.changes)

    @property
    def found(self) -> RunCommit | None:
        """The commit of an earlier run that a recovery found here."""
        return self._found

    def replace_job(self, job: Job) -> None:
        """Take another job, because spokes are excluded; a pending commit is trimmed to it by the confirming one."""
        self.job = job
        self._trim = self.state == "pending"

    # --- the steps, in their order ---

    def reach(self) -> None:
        """Log in."""
        self.stage = "reach"
        self.log_in()

    def precheck(self) -> None:
        """Run the pre-checks where the device is to be changed."""
        if self._settings.mode in ("apply", "check"):
            self.warnings += run_prechecks(self.session, self.plan)

    def prepare(self) -> None:
        """Prepare the candidate, up to the commit check. May be done again with another job."""
        self.stage = "check"
        self.preparation.prepare(self.job)

    def commit(self, comment: RunComment) -> None:
        """Commit confirmed. After a lost reply the device is asked whether it has committed."""
        self.stage = "commit"
        self.pending.commit(comment)

    def choose_renewed(self, changed: t.Collection[Ends]) -> None:
        """Take the tunnels between these ends as those that are negotiated anew."""
        self.renewal.choose(self.plan, changed, self.preparation.changes)

    def note_sas(self) -> None:
        """Note the SAs from before the commit of the tunnels that are negotiated anew."""
        self.renewal.note(self.session)

    def clear_older_sas(self, without: t.Collection[str]) -> None:
        """Clear the SAs of the tunnels that are negotiated anew, except those with some peers."""
        self.warnings += self.renewal.clear(self.session, self.pause, without)

    def clear_attempt(self, peers: t.Collection[str] | None) -> None:
        """After a rollback, clear the SAs that were made since the commit with these peers, or with all."""
        try:
            self.warnings += self.renewal.clear_attempt(self.session, self.pause, peers)
        except SessionError as error:
            # The previous configuration is in force; only the SAs may be those of the attempt.
            self.warnings.append(str(error))

    def verify(self) -> None:
        """Ask the device about its tunnels once; where an on-traffic tunnel is still down, give it traffic."""
        self.stage = "verify"
        if not self.job.remove:
            self.verification.verify(self.plan)

    def examine(self) -> None:
        """Run all checks that were asked for, once the tunnels are up or their time has run out."""
        self.stage = "verify"
        if not self.job.remove:
            self.verification.examine(self.job, self.preparation.comparison(self.job))

    def confirm(self, deadline: float) -> None:
        """Confirm the pending commit before the deadline (monotonic seconds).

        Excluded spokes' parts of the hub are set back to what they were by the same commit.
        """
        self.stage = "confirm"
        self.pending.confirm(deadline, change=self._load_trimmed if self._trim else None)

    def roll_back(self, deadline: float) -> None:
        """Put back the configuration before our commit, and compare: it must be as it was."""
        self.stage = "roll_back"
        self.pending.roll_back(deadline)
        if self._attempted:
            self._compare_with_attempt()

    def leave(self) -> None:
        """Release the lock and close the session, whatever happened before."""
        self.preparation.leave()
        super().leave()

    def _load_trimmed(self) -> str:
        return self.preparation.load_again(self.job)

    # --- the pending commit of a killed run ---

    def find(self) -> None:
        """Look for the commit of an earlier run of this collection: the newest one, if it is ours.

        A commit that the killed run had sent may be under way: its session has the lock until it is done.
        """
        self.stage = "reach"
        try:
            self.lock()
        except SessionError as error:
            if error.reason != "locked":
                raise
            self.warnings.append(str(error))
        self._found = newest_run_commit(self.session)
        if self._found is not None and self._found.pending:
            self.pending.find(self._found.comment)
            self._attempted = self.preparation.statements()
        elif self._found is not None and self._found.comment.act == "roll_back" and self.is_locked:
            self._read_attempt()
            self._compare_with_attempt()
        self._is_asked = True

    def _read_attempt(self) -> None:
        """Read the configuration of a killed run one commit back: it may not have cleared the SAs of its attempt."""
        try:
            self.session.load_rollback(1)
            self._attempted = self.preparation.statements("candidate")
            self.session.load_rollback(0)
        except SessionError as error:
            if error.reason == "lost":
                raise
            self.warnings.append(str(error))

    def _compare_with_attempt(self) -> None:
        """Find the tunnels that the commit of a killed run had changed."""
        try:
            self.preparation.note_changes(self._attempted, self.preparation.statements())
        except SessionError as error:
            self.warnings.append(str(error))
