# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One device on its way through the transaction: the steps, and what is known about it after each of them."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._commit_log import pending_confirmation, position
from ansible_collections.hubspoke.srx.plugins.module_utils._compare.compare import BASIC_CHECKS, findings, verdict
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.found import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Probe
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._observe import examine, observe, wake
from ansible_collections.hubspoke.srx.plugins.module_utils._secrets import (
    KeyCodec,
    fill_for_device,
    mask,
    without_resalted,
)

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._session import Session

Mode = t.Literal["apply", "check", "verify"]
State = t.Literal["unchanged", "would_change", "pending", "confirmed", "rolled_back", "unknown"]

# How often a device whose session broke is called again while its confirmed commit is pending, in seconds.
_RECONNECT_PAUSE = 3.0


@dataclass(frozen=True)
class Job:
    """What one device is to become. ``text`` is its rendered configuration, keys still named, not given.

    ``probes`` are the pings that prove its paths, where the checks ask for them.
    """

    plan: DevicePlan
    text: str
    probes: tuple[Probe, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What holds for the whole run. Times are in seconds, except ``confirm_minutes``."""

    run: str
    keys: t.Mapping[str, str] = field(repr=False)
    codec: KeyCodec = field(repr=False)
    mode: Mode = "apply"
    confirm_minutes: int = 10
    verify_timeout: float = 120.0
    verify_interval: float = 5.0
    verify_settle: float = 3.0
    sessions_at_once: int = 30
    checks: tuple[str, ...] = BASIC_CHECKS
    sample_interval: float = 5.0

    @property
    def checks_more(self) -> bool:
        """Whether more is to be judged than what tells that the tunnels are up."""
        return not set(self.checks) <= set(BASIC_CHECKS)


@dataclass(frozen=True)
class Outcome:
    """What is known about a device when the run has ended. ``diff`` is masked."""

    host: str
    state: State
    failed: bool
    unreachable: bool
    message: str
    diff: str
    warnings: tuple[str, ...]
    findings: tuple[Finding, ...]

    def as_data(self) -> dict[str, t.Any]:
        """The same as plain data. Not by C(dataclasses.asdict), whose deep copies cost more than a login (measured)."""
        return {**vars(self), "warnings": list(self.warnings), "findings": [dict(vars(one)) for one in self.findings]}


class DeviceRun:
    """The steps of one device. Each raises HubspokeError; what was reached before stays recorded here."""

    def __init__(self, job: Job, settings: Settings, connect: t.Callable[[DevicePlan], Session]) -> None:
        self.plan = job.plan
        self.host = job.plan.host
        self.state: State = "unchanged"
        self.error: HubspokeError | None = None
        self.diff = ""
        self.findings: tuple[Finding, ...] = ()
        self.commit_seconds = 0.0
        self._job = job
        self._settings = settings
        self._connect = connect
        self._session: Session | None = None
        self._warnings: list[str] = []
        self._locked = False
        self._comment = f"hubspoke {settings.run}: confirm within {settings.confirm_minutes} minutes"

    @property
    def session(self) -> Session:
        if self._session is None:
            raise SessionError(f"{self.host}: session: expected open, actual closed.", "lost")
        return self._session

    @property
    def proven(self) -> bool:
        return self.error is None and bool(self.findings) and verdict(self.findings) == "ok"

    # --- the steps, in their order ---

    def reach(self) -> None:
        """Log in, and stop at a device on which somebody's confirmed commit is pending: any check would confirm it."""
        self._session = self._connect(self.plan)
        self._session.open()
        if self._settings.mode == "verify":
            return
        pending = pending_confirmation(self._session)
        if pending is not None:
            raise SessionError(
                f"{self.host}: commit confirmed: expected none pending, actual {pending}."
                " Confirm it or let it roll back, then run again; anything sent now would confirm it."
            )

    def prepare(self) -> None:
        """Put the configuration into the candidate, compare it with the committed one, and commit check it."""
        session, settings = self.session, self._settings
        if settings.mode == "check":
            session.open_private()
        else:
            session.lock()
            self._locked = True
        self.diff = self._load()
        if self.diff:
            session.check()
            if settings.mode == "check":
                self.state = "would_change"

    def commit(self) -> None:
        """Commit confirmed. After a lost reply the device is asked whether it has committed."""
        started = time.monotonic()
        try:
            self.session.commit_confirmed(self._settings.confirm_minutes, self._comment)
        except SessionError as error:
            if error.reason != "lost":
                raise
            self.state = "unknown"
            # The other devices wait for this one with their own windows running: half of one is what it may take.
            self._reopen(started + self._settings.confirm_minutes * 30)
            if position(self.session, self._comment) != 0:
                self.state = "unchanged"
                raise
        self.state = "pending"
        self.commit_seconds = time.monotonic() - started

    def verify(self) -> None:
        """Ask the device about its tunnels once; where an on-traffic tunnel is still down, give it traffic."""
        basic = [check for check in BASIC_CHECKS if check in self._settings.checks] or BASIC_CHECKS
        why_down = any(finding.state == "failed" for finding in self.findings)
        self.findings = tuple(findings(self.plan, observe(self.session, self.plan, why_down=why_down), basic))
        if not self.proven:
            wake(self.session, self.plan, self.findings)

    def examine(self) -> None:
        """Judge by all checks that were asked for, once the tunnels are up or their time is over."""
        settings = self._settings
        seen = examine(
            self.session, self.plan, settings.checks, self._job.probes, settings.sample_interval, self._difference
        )
        self.findings = tuple(findings(self.plan, seen, settings.checks))

    def still_pending(self) -> None:
        """Stop where the device has undone the commit already: its clock decides, and its list of commits tells."""
        if position(self.session, self._comment) != 0:
            raise SessionError(
                f"{self.host}: commit confirmed: expected still pending, actual undone or followed by another commit."
                " Raise nhtb_confirm_minutes, or see 'show system commit' for who else commits there."
            )

    def confirm(self, deadline: float) -> None:
        """Confirm the pending commit before the deadline (monotonic seconds); a plain commit with nothing to change."""
        comment = f"hubspoke {self._settings.run}: proven, confirmed"

        def confirm(session: Session) -> None:
            self.still_pending()
            session.commit(comment)

        self._finish(comment, deadline, "confirmed", confirm)

    def roll_back(self, deadline: float) -> None:
        """Commit what was there before, unless the device has done so by itself; then compare: it must be as it was."""
        comment = f"hubspoke {self._settings.run}: not proven, rolled back"

        def restore(session: Session) -> None:
            # Once the device has undone our commit by itself, what lies one commit back is ours.
            ours_is_newest = position(session, self._comment) == 0
            session.load_rollback(1 if ours_is_newest else 0)
            if ours_is_newest:
                session.commit(comment)

        self._finish(comment, deadline, "unknown", restore)
        self._compare_with_before()
        self.state = "rolled_back"

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
        session, self._session = self._session, None
        if session is None:
            return
        try:
            if self._locked:
                session.unlock()
        except SessionError:
            # The device drops the lock with the session; whether the commit holds does not hang on it.
            pass
        finally:
            self._locked = False
            self._warnings += [warning for warning in session.warnings if warning not in self._warnings]
            session.close()

    # --- what is known ---

    def outcome(self, because: str) -> Outcome:
        """The result of this device; ``because`` is why the fleet was not confirmed, empty if it was."""
        # A commit that can be neither confirmed nor rolled back from here is undone by the device, at its own time.
        state: State = "unknown" if self.state == "pending" else self.state
        failed = self.error is not None or state == "unknown" or (bool(because) and state != "confirmed")
        message = str(self.error) if self.error else self._message(state, because)
        if self.state == "pending":
            message += f" The device undoes its commit {self._settings.confirm_minutes} minutes after it."
        unreachable = (
            isinstance(self.error, SessionError) and self.error.reason == "unreachable" and self.state == "unchanged"
        )
        return Outcome(self.host, state, failed, unreachable, message, self.diff, tuple(self._warnings), self.findings)

    def _message(self, state: State, because: str) -> str:
        if state == "confirmed":
            return "proven and confirmed"
        if state == "rolled_back":
            return f"rolled back, as before: {because}"
        if self._settings.mode == "verify":
            return "proven" if self.proven else "not proven"
        if because:
            return f"left as it was: {because}"
        return {"unchanged": "nothing to change", "would_change": "would change"}.get(state, state)

    # --- the candidate ---

    def _load(self) -> str:
        """Put the plan into the candidate; answers the masked comparison with what is committed."""
        session, settings = self.session, self._settings
        keys_on_device = session.encoded_keys(self.plan.group)
        session.load_replace(fill_for_device(self._job.text, settings.keys, keys_on_device, settings.codec))
        return mask(without_resalted(session.compare(), settings.codec))

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
                self._reopen(deadline)
                if position(self.session, comment) == 0:
                    break
        self.state = state

    def _reopen(self, deadline: float) -> None:
        """Open a new session with the lock, trying until the deadline; after it the device rolls back by itself."""
        while True:
            self.leave()
            try:
                self._session = self._connect(self.plan)
                self._session.open()
                self._session.lock()
                self._locked = True
                return
            except SessionError as error:
                if time.monotonic() + _RECONNECT_PAUSE >= deadline:
                    raise SessionError(
                        f"{self.host}: state after a lost reply: expected to be read, actual unknown ({error})"
                        f" If its commit was applied, the device undoes it {self._settings.confirm_minutes} minutes"
                        " later; run 'show system commit' there.",
                        "lost",
                    ) from None
            time.sleep(_RECONNECT_PAUSE)
