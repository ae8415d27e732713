# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One device on its way through the transaction: the steps, and what is known about it after each of them."""

from __future__ import annotations

import time
import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._config.earlier_groups import under_new_name
from ansible_collections.hubspoke.srx.plugins.module_utils._config.group_difference import is_as_planned
from ansible_collections.hubspoke.srx.plugins.module_utils._config.negotiated import ChangedTunnel, changed_tunnels
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import key_reader
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import FILTER
from ansible_collections.hubspoke.srx.plugins.module_utils._device.candidate import check_whole, group_statements, load
from ansible_collections.hubspoke.srx.plugins.module_utils._device.commit_history import (
    RunCommit,
    newest_run_commit,
    pending_confirmation,
    require_none_pending,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.locked_device import LockedDevice
from ansible_collections.hubspoke.srx.plugins.module_utils._device.observe import (
    Comparison,
    examine,
    observe,
    read_configured,
    wake,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.prechecks import (
    check_conflicts,
    check_earlier_group,
    find_overrides,
    run_prechecks,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import (
    ConflictError,
    HubspokeError,
    SessionError,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import BASIC_CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding, verdict
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import NOT_ASKED, Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployState, Job, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run_comment import RunComment
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.key_change import (
    of_rotated,
    only_keys_differ,
    verified_tunnels,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.pending_commit import PendingCommit
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.renewal import Ends, Renewal, ends_of
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.lasting import in_both, lasting
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.older import set_aside
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import findings

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# Seconds for which a sample of a verified device counts: those that were verified first wait for the others.
_FRESH = 60.0


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
        self.pending = PendingCommit(self, settings.codec)
        self.error: HubspokeError | None = None
        # The stage of the run that is under way, and the one in which the error came.
        self.stage = ""
        self.error_stage = ""
        # Why the run goes on without this device, and whether the inventory tolerates that.
        self.excluded = ""
        self.tolerated = False
        self.diff = ""
        self.findings: tuple[Finding, ...] = ()
        # The findings that waiting does not change: they are the same in two samples.
        self.lasting: list[Finding] = []
        self._may_last: list[Finding] = []
        self._configured: Answer[str] = NOT_ASKED
        # The sample of a verified device, and when it was made.
        self._verified_as: tuple[Observation, float] | None = None
        self.check_seconds = 0.0
        self.renewal = Renewal()
        self._changes: tuple[ChangedTunnel, ...] = ()
        self._attempted: tuple[str, ...] = ()
        self._settings = settings
        self._would_change = False
        self._is_private = False
        self._before: tuple[str, ...] = ()
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
        return "would_change" if self._would_change else "unchanged"

    @property
    def verified(self) -> bool:
        """Whether all findings are ok. A device that loses its part of the VPN has nothing to verify."""
        if self.error is not None or self.job.remove:
            return self.error is None
        return bool(self.findings) and verdict(self.findings) == "ok"

    @property
    def tunnels(self) -> tuple[Tunnel, ...]:
        """The tunnels that the run verifies here."""
        return () if self.job.remove else verified_tunnels(self.plan, self._settings.rotated)

    @property
    def wrong(self) -> list[Finding]:
        """The findings that keep the device from being verified."""
        return [finding for finding in self.findings if finding.state in ("failed", "unknown")]

    @property
    def reason(self) -> str:
        """Why the device is not verified: its error, or the first of its findings."""
        missing = f"{self.host}: verification: expected findings, actual none."
        return str(self.error or next(iter(self.lasting or self.wrong), missing))

    def waits_in_vain(self, unusable: t.Collection[tuple[str, str]]) -> bool:
        """Whether all that keeps the device from being verified stays as it is.

        ``unusable`` are the ``unusable_ends`` of all devices.
        """
        lasting = set(self.lasting)
        return bool(self.wrong) and all(
            finding in lasting or (finding.peer, self.host) in unusable for finding in self.wrong
        )

    @property
    def unusable_ends(self) -> set[tuple[str, str]]:
        """This host with each peer to which no tunnel can be negotiated here: the peer waits for it in vain too."""
        down = {one.tunnel for one in self.lasting if one.state == "failed" and one.check in ("ike", "ipsec")}
        usable = {tunnel.peer_host for tunnel in self.plan.tunnels if tunnel.vpn not in down}
        return {(self.host, one.peer) for one in self.lasting if one.tunnel in down and one.peer not in usable}

    def note_error(self, error: HubspokeError) -> None:
        """Keep the first error, with the stage in which it came."""
        if self.error is None:
            self.error, self.error_stage = error, self.stage

    @property
    def is_away(self) -> bool:
        """Whether nothing was ever sent, because the device could not be reached or refused the login."""
        nothing_sent = self.pending.state == "none" and not self._would_change
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
        return ends_of(self.plan, self._changes)

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

    def _lock_first(self) -> None:
        """Take the lock before anything is sent. Another user may have committed since the pre-checks."""
        self.lock()
        require_none_pending(self.session)

    def _is_as_planned(self) -> bool:
        """Return whether the committed configuration certainly is all that the job asks for, and note its warnings.

        Then nothing is to be locked or loaded. Wherever there is a doubt the device compares, under the lock: in a run
        that changes more than the group, where parts of the group stay, where a key cannot be decoded, where a
        statement is in conflict, where a commit is pending.
        """
        job, settings = self.job, self._settings
        if job.keeps_parts or settings.rotated or settings.move_group or settings.deletions is not None:
            return False
        committed = self.session.statements(FILTER)
        if not is_as_planned(job, committed, settings.keys, settings.codec):
            return False
        try:
            found = check_conflicts(job, committed, committed, settings.keys, settings.codec)
        except ConflictError:
            return False
        # Asked after the configuration: a commit that came since the pre-checks may roll back.
        if pending_confirmation(self.session) is not None:
            return False
        self._note_warnings(found)
        return True

    def prepare(self) -> None:
        """Put the configuration into the candidate, compare it with the committed one, and commit check it.

        A device that has the configuration already is not locked. May be done again with another job; then the
        candidate is ours already.
        """
        self.stage = "check"
        session, settings = self.session, self._settings
        self.diff, self._changes, self._would_change = "", (), False
        if settings.mode == "check":
            if not self._is_private:
                session.open_private()
                self._is_private = True
        elif not self.is_locked:
            if self._is_as_planned():
                return
            self._lock_first()
        if settings.move_group:
            check_earlier_group(session, self.job, settings.move_group)
        self._before = self._group()
        if self.job.is_hub and not settings.drop_sites:
            check_whole(self.job, settings.leaving, self._before)
        self.diff = self._load()
        if settings.rotated:
            only_keys_differ(session, self.plan, settings.rotated, self._before)
        candidate = session.statements(FILTER, "candidate")
        self._note_warnings(check_conflicts(self.job, candidate, self._before, settings.keys, settings.codec))
        if self.diff:
            if not self.job.remove and settings.mode == "apply" and not settings.stop_after_check:
                before = self._renamed(self._before) if settings.deletions is None else self._statements()
                self._changes = self._compare_tunnels(before, self._statements("candidate"))
            started = time.monotonic()
            session.check()
            self.check_seconds = time.monotonic() - started
            self._would_change = settings.mode == "check" or settings.stop_after_check

    def commit(self, comment: RunComment) -> None:
        """Commit confirmed. After a lost reply the device is asked whether it has committed."""
        self.stage = "commit"
        self.pending.commit(comment)

    def choose_renewed(self, changed: t.Collection[Ends]) -> None:
        """Take the tunnels between these ends as those that are negotiated anew."""
        self.renewal.choose(self.plan, changed, self._changes)

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
        if self.job.remove:
            return
        basic = [check for check in BASIC_CHECKS if check in self._checks] or BASIC_CHECKS
        why_down = any(finding.state == "failed" for finding in self.findings)
        if why_down and self._configured is NOT_ASKED:
            # Once: a device that the run changes is locked, and a later change by hand is none to wait for.
            self._configured = read_configured(self.session)
        seen = self._with_configured(observe(self.session, self.plan, why_down=why_down))
        self.findings = self._compared(seen, basic)
        self._verified_as = (seen, time.monotonic()) if self.verified else None
        before, self._may_last = self._may_last, lasting(self.plan, seen, self.findings)
        self.lasting = in_both(before, self._may_last)
        if not self.verified:
            wake(self.session, self.plan, self.findings)

    def examine(self) -> None:
        """Run all checks that were asked for, once the tunnels are up or their time has run out."""
        self.stage = "verify"
        if self.job.remove:
            return
        settings = self._settings
        seen = examine(
            self.session,
            self.plan,
            self._checks,
            self.job.probes,
            settings.sample_interval,
            # A run that changes devices has refused to go on with any override.
            Comparison(self._difference, self._overrides if settings.mode == "verify" else None),
            basic=self._fresh_sample(),
        )
        self.findings = self._compared(self._with_configured(seen), self._checks)

    def _fresh_sample(self) -> Observation | None:
        """Return the sample by which the device was verified a moment ago, ``None`` without one."""
        if self._verified_as is None or time.monotonic() - self._verified_as[1] > _FRESH:
            return None
        return self._verified_as[0]

    def confirm(self, deadline: float) -> None:
        """Confirm the pending commit before the deadline (monotonic seconds).

        Excluded spokes' parts of the hub are set back to what they were by the same commit.
        """
        self.stage = "confirm"
        self.pending.confirm(deadline, change=self._load_again if self._trim else None)

    def roll_back(self, deadline: float) -> None:
        """Put back the configuration before our commit, and compare: it must be as it was."""
        self.stage = "roll_back"
        self.pending.roll_back(deadline)
        if self._attempted:
            self._compare_with_attempt()

    def leave(self) -> None:
        """Release the lock and close the session, whatever happened before."""
        self._is_private = False
        super().leave()

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
            self._attempted = self._statements()
        elif self._found is not None and self._found.comment.act == "roll_back" and self.is_locked:
            self._read_attempt()
            self._compare_with_attempt()
        self._is_asked = True

    # --- the candidate ---

    @property
    def _checks(self) -> t.Collection[str]:
        """The checks of the run, with those that see the SAs of a tunnel which is negotiated anew."""
        return {*self._settings.checks, "ike", "ipsec"} if self.renewal else self._settings.checks

    def _compared(self, seen: Observation, checks: t.Collection[str]) -> tuple[Finding, ...]:
        made = set_aside(seen, self.renewal.older)
        return of_rotated(self.plan, self._settings.rotated, findings(self.plan, made, checks))

    def _with_configured(self, seen: Observation) -> Observation:
        return seen if self._configured is NOT_ASKED else replace(seen, configured=self._configured)

    def _statements(self, database: t.Literal["committed", "candidate"] = "committed") -> tuple[str, ...]:
        """Return the statements that the run may change: a take-over deletes some outside the group too.

        Those of an earlier group that is moved have the name of the new one: a name alone is no change.
        """
        if self._settings.deletions is not None:
            return self._renamed(tuple(self.session.statements(FILTER, database)))
        return self._renamed(self._group(database))

    def _group(self, database: t.Literal["committed", "candidate"] = "committed") -> tuple[str, ...]:
        """Return the statements of the group, after those of an earlier group that is moved."""
        groups = filter(None, (self._settings.move_group, self.plan.group))
        return tuple(line for group in groups for line in group_statements(self.session, group, database))

    def _renamed(self, statements: tuple[str, ...]) -> tuple[str, ...]:
        earlier = self._settings.move_group
        return tuple(under_new_name(statements, earlier, self.plan.group)) if earlier else statements

    def _compare_tunnels(self, before: t.Sequence[str], after: t.Sequence[str]) -> tuple[ChangedTunnel, ...]:
        return changed_tunnels(before, after, self.plan.group, key_reader({}, self._settings.codec))

    def _read_attempt(self) -> None:
        """Read the configuration of a killed run one commit back: it may not have cleared the SAs of its attempt."""
        try:
            self.session.load_rollback(1)
            self._attempted = self._statements("candidate")
            self.session.load_rollback(0)
        except SessionError as error:
            if error.reason == "lost":
                raise
            self.warnings.append(str(error))

    def _compare_with_attempt(self) -> None:
        """Find the tunnels that the commit of a killed run had changed."""
        try:
            self._changes = self._compare_tunnels(self._attempted, self._statements())
        except SessionError as error:
            self.warnings.append(str(error))

    def _note_warnings(self, found: t.Iterable[str]) -> None:
        self.warnings += [warning for warning in found if warning not in self.warnings]

    def _load(self, held: t.Sequence[str] | None = None) -> str:
        return load(self.session, self.job, self._settings, self._before, held)

    def _overrides(self) -> list[Finding]:
        return find_overrides(self.session, self.job, self._settings.keys, self._settings.codec)

    def _difference(self) -> str:
        """Load and compare in a private candidate: no other user sees it, and the device then discards it."""
        held = self._group()
        self._before = self._before or held
        self.session.open_private()
        try:
            return self._load(held)
        finally:
            self.session.close_private()

    def _load_again(self) -> str:
        return self._load(self._group())
