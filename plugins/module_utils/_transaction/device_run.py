# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One device on its way through the transaction: the steps, and what is known about it after each of them."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask, without_resalted
from ansible_collections.hubspoke.srx.plugins.module_utils._device.candidate import group_statements, load
from ansible_collections.hubspoke.srx.plugins.module_utils._device.commit_history import (
    left_by_a_run,
    pending_confirmation,
    position,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.locked_device import LockedDevice
from ansible_collections.hubspoke.srx.plugins.module_utils._device.observe import examine, observe, wake
from ansible_collections.hubspoke.srx.plugins.module_utils._device.prechecks import check_conflicts, run_prechecks
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import BASIC_CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding, verdict
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, Outcome, Settings, State
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.key_change import (
    clear_old_sas,
    of_rotated,
    only_keys_differ,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import findings

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# How often a device whose session broke is called again while its confirmed commit is pending, in seconds.
_RECONNECT_PAUSE = 3.0


class DeviceRun(LockedDevice):
    """The steps of one device. Each raises HubspokeError; what was reached before stays recorded here."""

    def __init__(
        self,
        job: Job,
        settings: Settings,
        connect: t.Callable[[DevicePlan], Session],
        pause: t.Callable[[float], bool],
    ) -> None:
        """``pause`` sleeps for so many seconds, and answers early and with true once the run is interrupted."""
        super().__init__(job.plan.host, lambda: connect(self.plan), pause, settings.lock_wait)
        self.job = job
        self.state: State = "unchanged"
        self.error: HubspokeError | None = None
        # Why the run goes on without this device, and whether that was allowed for by the inventory.
        self.excluded = ""
        self.tolerated = False
        self.diff = ""
        self.findings: tuple[Finding, ...] = ()
        self.check_seconds = 0.0
        self.commit_seconds = 0.0
        # What the run is called in the commit comments; the digest and the ticket come in before the first commit.
        self.label = f"hubspoke {settings.run}"
        self._settings = settings
        self._private = False
        self._before: tuple[str, ...] = ()
        self._trim = False
        self._found = ""
        self._comment = ""

    @property
    def plan(self) -> DevicePlan:
        return self.job.plan

    @property
    def verified(self) -> bool:
        """A device whose part is taken away has nothing left to verify."""
        if self.error is not None or self.job.remove:
            return self.error is None
        return bool(self.findings) and verdict(self.findings) == "ok"

    @property
    def is_away(self) -> bool:
        """Whether nothing was ever sent, because the device could not be reached."""
        return isinstance(self.error, SessionError) and self.error.reason == "unreachable" and self.state == "unchanged"

    def replace_job(self, job: Job) -> None:
        """Have another aim, because spokes were left out; what is committed already is trimmed when it is confirmed."""
        self.job = job
        self._trim = self.state == "pending"

    # --- the steps, in their order ---

    def reach(self) -> None:
        """Log in, and look around where the device is to be changed."""
        self.log_in()
        if self._settings.mode in ("apply", "check"):
            self.warnings += run_prechecks(self.session, self.plan)

    def _lock_first(self) -> None:
        """Take the lock before anything is sent. Between the look around and the lock somebody may have committed."""
        self.lock()
        pending = pending_confirmation(self.session)
        if pending is not None:
            raise SessionError(
                f"{self.host}: commit confirmed: expected none pending, actual {pending}."
                " Confirm it or let it roll back, then run again; anything sent now would confirm it.",
                "pending",
            )

    def prepare(self) -> None:
        """Put the configuration into the candidate, compare it with the committed one, and commit check it.

        May be done again with another job; then the candidate is ours already.
        """
        session, settings = self.session, self._settings
        if settings.mode == "check":
            if not self._private:
                session.open_private()
                self._private = True
        elif not self._locked:
            self._lock_first()
        if self.job.is_hub or self.job.remove or settings.rotated:
            self._before = group_statements(session, self.plan.group)
        self.diff = self._load()
        if settings.rotated:
            only_keys_differ(session, self.plan, self._before)
        self.state = "unchanged"
        if not self.job.remove:
            found = check_conflicts(session, self.job, settings.keys, settings.codec)
            self.warnings += [warning for warning in found if warning not in self.warnings]
        if self.diff:
            started = time.monotonic()
            session.check()
            self.check_seconds = time.monotonic() - started
            if settings.mode == "check" or settings.stop_after_check:
                self.state = "would_change"

    def commit(self) -> None:
        """Commit confirmed. After a lost reply the device is asked whether it has committed."""
        self._comment = f"{self.label}: confirm within {self._settings.confirm_minutes} minutes"
        started = time.monotonic()
        try:
            self.session.commit_confirmed(self._settings.confirm_minutes, self._comment)
        except SessionError as error:
            if error.reason != "lost":
                raise
            self.state = "unknown"
            # The other devices wait for this one with their own windows running: half of one is what it may take.
            self._reopen(started + self._settings.confirm_minutes * 30)
            self.state = self._fate()
            if self.state == "unknown":
                self._compare_with_before()
            if self.state != "pending":
                raise
        self.state = "pending"
        self.commit_seconds = time.monotonic() - started

    def clear_old_sas(self) -> None:
        """End what was negotiated with keys that are not the planned ones any more."""
        clear_old_sas(self.session, self.plan, self._settings.rotated, self._pause)

    def verify(self) -> None:
        """Ask the device about its tunnels once; where an on-traffic tunnel is still down, give it traffic."""
        if self.job.remove:
            return
        basic = [check for check in BASIC_CHECKS if check in self._settings.checks] or BASIC_CHECKS
        why_down = any(finding.state == "failed" for finding in self.findings)
        self.findings = self._judged(observe(self.session, self.plan, why_down=why_down), basic)
        if not self.verified:
            wake(self.session, self.plan, self.findings)

    def examine(self) -> None:
        """Judge by all checks that were asked for, once the tunnels are up or their time is over."""
        if self.job.remove:
            return
        settings = self._settings
        seen = examine(
            self.session, self.plan, settings.checks, self.job.probes, settings.sample_interval, self._difference
        )
        self.findings = self._judged(seen, settings.checks)

    def still_pending(self) -> None:
        """Stop where the device has undone the commit already: its clock decides, and its list of commits tells."""
        if position(self.session, self._comment) != 0:
            raise SessionError(
                f"{self.host}: commit confirmed: expected still pending, actual undone or followed by another commit."
                " Raise nhtb_confirm_minutes, or see 'show system commit' for who else commits there."
            )

    def confirm(self, deadline: float) -> None:
        """Confirm the pending commit before the deadline (monotonic seconds).

        A plain commit with nothing to change does it; or with the parts of spokes that were left out as they were.
        """
        comment = f"{self.label}: verified, confirmed"

        def confirm(session: Session) -> None:
            self.still_pending()
            if self._trim:
                self._load()
            session.commit(comment)

        try:
            self._finish(comment, deadline, "confirmed", confirm)
        except SessionError:
            # After a lost reply the device may have gone its own way meanwhile.
            if self.state != "unknown" or self._session is None:
                raise
            self.state = self._fate()
            raise

    def roll_back(self, deadline: float) -> None:
        """Commit what was there before, unless the device has done so by itself; then compare: it must be as it was."""
        comment = f"{self.label}: not verified, rolled back"

        def restore(session: Session) -> None:
            # Once the device has undone our commit by itself, what lies one commit back is ours.
            ours_is_newest = position(session, self._comment) == 0
            session.load_rollback(1 if ours_is_newest else 0)
            if ours_is_newest:
                session.commit(comment)

        self._finish(comment, deadline, "unknown", restore)
        # A commit of another user on top of our rollback is no remainder of ours.
        if not position(self.session, comment):
            self._compare_with_before()
        self.state = "rolled_back"

    def _fate(self) -> State:
        """What has become of our commit, by the device's list of commits and its configurations."""
        ours = position(self.session, self._comment)
        if not ours:
            return "unchanged" if ours is None else "pending"
        left = without_resalted(self.session.compare(rollback=ours + 1), self._settings.codec)
        # With a commit of another user on top, which has confirmed ours, only people can tell whose is what.
        return "unknown" if left else "rolled_back"

    def _compare_with_before(self) -> None:
        ours = position(self.session, self._comment)
        if ours is None:
            raise SessionError(
                f"{self.host}: show system commit: expected our commit '{self._comment}', actual not listed."
                " Compare the configuration with the one before by hand."
            )
        left = without_resalted(self.session.compare(rollback=ours + 1), self._settings.codec)
        if left:
            raise SessionError(
                f"{self.host}: configuration after the rollback: expected as before, actual different:\n{mask(left)}\n"
                f"Compare 'show system rollback {ours + 1}' with the configuration by hand."
            )

    def leave(self) -> None:
        """Give back the lock and close, whatever happened before."""
        self._private = False
        super().leave()

    # --- what a killed run has left ---

    def find(self) -> None:
        """Look for what a run of this collection has left here: the newest commit, if it is one of ours.

        A commit that the killed run had sent may be under way: its session has the lock until it is done.
        """
        try:
            self.lock()
        except SessionError as error:
            if error.reason != "locked":
                raise
            self.warnings.append(str(error))
        self._found = "no commit of a run of this collection is the newest here"
        left = left_by_a_run(self.session)
        if left is None:
            return
        self.label, self._comment = left.label, left.comment
        self._found = f"{left.label} was {left.decision}"
        if left.decision == "committed":
            self._found = f"{left.label} was committed and is not pending any more: nothing is left to decide"
            if left.pending:
                self.state = "pending"
                self._found = f"{left.label} had left its commit pending"

    @property
    def is_decided(self) -> bool:
        """Whether the run that was found had begun to confirm."""
        return self._found.endswith(" was confirmed")

    # --- what is known ---

    def outcome(self, because: str) -> Outcome:
        """The result of this device; ``because`` is why the fleet was not confirmed, empty if it was."""
        # A commit that can be neither confirmed nor rolled back from here is undone by the device, at its own time.
        state: State = "unknown" if self.state == "pending" else self.state
        why = because or self.excluded
        if self.tolerated:
            return Outcome(self.host, "skipped", False, False, f"tolerated: {why}", "", (), ())
        failed = self.error is not None or state == "unknown" or (bool(why) and state != "confirmed")
        message = str(self.error) if self.error else self._message(state, why)
        if self.state == "pending":
            message += f" The device undoes its commit {self._settings.confirm_minutes} minutes after it."
        elif state == "unknown":
            message += (
                " If its commit is still pending, as 'show system commit' there tells, the device undoes it"
                f" {self._settings.confirm_minutes} minutes after it; or hubspoke.srx.recover settles it at once."
            )
        return Outcome(self.host, state, failed, self.is_away, message, self.diff, tuple(self.warnings), self.findings)

    def _message(self, state: State, because: str) -> str:
        if state == "confirmed":
            return f"{self._found}: confirmed" if self._found else "verified and confirmed"
        if state == "rolled_back":
            return f"rolled back, as before: {because or self._found}"
        if self._settings.mode == "recover" and not because:
            return self._found
        if self._settings.mode == "verify":
            return "verified" if self.verified else "not verified"
        if because:
            return f"left as it was: {because}"
        return {"unchanged": "nothing to change", "would_change": "would change"}.get(state, state)

    def _judged(self, seen: Observation, checks: t.Collection[str]) -> tuple[Finding, ...]:
        return of_rotated(self.plan, self._settings.rotated, findings(self.plan, seen, checks))

    # --- the candidate ---

    def _load(self) -> str:
        settings = self._settings
        return load(self.session, self.job, settings.keys, settings.codec, self._before, settings.take_over)

    def _difference(self) -> str:
        """The same on a private candidate, which nobody else sees and which is gone afterwards."""
        self.session.open_private()
        try:
            return self._load()
        finally:
            self.session.close_private()

    # --- after a lost reply ---

    def _finish(self, comment: str, deadline: float, state: State, act: t.Callable[[Session], None]) -> None:
        """Carry out the last commit of the run. After a lost reply ask the device, and try again if it did not."""
        while True:
            try:
                act(self.session)
                break
            except SessionError as error:
                if error.reason != "lost" or time.monotonic() >= deadline:
                    raise
                self.state = "unknown"
                self._reopen(deadline, comment)
                if self._has(comment):
                    break
        self.state = state

    def _has(self, comment: str) -> bool:
        """Whether the commit with this comment was made after our confirmed one, be it with others on top."""
        done, ours = position(self.session, comment), position(self.session, self._comment)
        return done is not None and (ours is None or done < ours)

    def _reopen(self, deadline: float, done: str = "") -> None:
        """Open a new session with the lock, trying until the deadline; after it the device rolls back by itself.

        Without the lock where the commit with the comment ``done`` is listed: then there is nothing left to do there.
        """
        while True:
            self.leave()
            try:
                self.log_in()
                if done and self._has(done):
                    return
                self.lock()
                return
            except SessionError as error:
                if time.monotonic() + _RECONNECT_PAUSE >= deadline:
                    raise SessionError(
                        f"{self.host}: state after a lost reply: expected to be read, actual unknown ({error})",
                        "lost",
                    ) from None
            # An interrupt does not end this: what is pending must be settled.
            time.sleep(_RECONNECT_PAUSE)
