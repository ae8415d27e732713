# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A commit confirmed on one device: made, confirmed or rolled back, and asked after whenever a reply is lost."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask, without_resalted
from ansible_collections.hubspoke.srx.plugins.module_utils._device.commit_history import position
from ansible_collections.hubspoke.srx.plugins.module_utils._device.locked_device import LockedDevice
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import KeyCodec
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run_comment import Act, RunComment

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

PendingState = t.Literal["none", "pending", "confirmed", "rolled_back", "unknown"]

# Seconds between two tries to reach a device whose session broke while its commit is pending.
RECONNECT_PAUSE = 3.0


class PendingCommit:
    """The life of one commit confirmed. Each step raises HubspokeError; ``state`` is what is known after it.

    ``comment`` names the commit on the device: after a lost reply the device is asked for it. ``seconds`` is how long
    the commit took. Deadlines are monotonic seconds.
    """

    def __init__(self, device: LockedDevice, codec: KeyCodec) -> None:
        self.state: PendingState = "none"
        self.comment: RunComment | None = None
        self.seconds = 0.0
        # Monotonic seconds until which the device certainly does not roll back; a commit that was found may at once.
        self._safe_until = 0.0
        self._device = device
        self._codec = codec

    def commit(self, comment: RunComment) -> None:
        """Commit confirmed, for ``comment.minutes``. After a lost reply ask the device whether it has committed."""
        self.comment = comment
        started = time.monotonic()
        self._safe_until = started + comment.minutes * 60
        # From the first byte on, until the device says otherwise.
        self.state = "unknown"
        try:
            self._device.session.commit_confirmed(comment.minutes, str(comment))
        except Exception as error:
            if isinstance(error, SessionError) and error.reason != "lost":
                self.state = "none"
                raise
            # The other devices wait for this one with their own windows running: half of one is what it may take.
            self._reopen(started + comment.minutes * 30)
            self.state = self._state_on_device()
            if self.state == "unknown":
                self._compare_with_before()
            if self.state != "pending":
                raise
        self.state = "pending"
        self.seconds = time.monotonic() - started

    def find(self, comment: RunComment) -> None:
        """Take over a pending commit that an earlier run made."""
        self.comment, self.state = comment, "pending"

    def check_still_pending(self) -> None:
        """Raise SessionError where the device has rolled back already: its clock decides, its list of commits tells."""
        if position(self._device.session, self._known_comment) != 0:
            raise SessionError(
                f"{self._device.host}: commit confirmed: expected still pending, actual rolled back or followed by"
                " another commit. Raise nhtb_confirm_minutes, or see 'show system commit' for the other user there."
            )

    def confirm(self, deadline: float, act: Act = "confirm", change: t.Callable[[], object] | None = None) -> None:
        """Confirm before the deadline by a plain commit, with nothing to change or with what ``change`` loads first."""
        comment = self._known_comment.of(act)

        def confirm(session: Session) -> None:
            self.check_still_pending()
            if change is not None:
                change()
            session.commit(str(comment))

        try:
            self._finish(comment, deadline, "confirmed", confirm)
        except HubspokeError:
            # After a lost reply the device may have rolled back meanwhile.
            if self.state != "unknown" or not self._device.is_open:
                raise
            self.state = self._state_on_device()
            raise
        self._check_confirmed(comment)

    def roll_back(self, deadline: float) -> None:
        """Commit the configuration before ours, unless the device has rolled back; then compare with it."""
        ours = self._known_comment
        comment = ours.of("roll_back")

        def restore(session: Session) -> None:
            session.load_rollback(1)
            # Asked after the load: once the device has rolled back by itself, the configuration one commit back is
            # ours. A rollback from now on leaves the one before ours to be committed again.
            if position(session, ours) == 0:
                session.commit(str(comment))
            else:
                session.load_rollback(0)

        self._finish(comment, deadline, "unknown", restore)
        # A commit of another user on top of our rollback is none of our differences.
        if not position(self._device.session, comment):
            self._compare_with_before()
        self.state = "rolled_back"

    # --- what the device says of it ---

    def _check_confirmed(self, comment: RunComment) -> None:
        """Raise SessionError where the device rolled back before the confirming commit: that has confirmed nothing."""
        if time.monotonic() < self._safe_until:
            return
        self.state = "unknown"
        session = self._device.session
        done, ours = position(session, comment), position(session, self._known_comment)
        if done is None or ours != done + 1:
            self.state = self._state_on_device()
            raise SessionError(
                f"{self._device.host}: commit confirmed: expected confirmed by the last commit, actual rolled back"
                " before it. Raise nhtb_confirm_minutes, then run again."
            )
        self.state = "confirmed"

    @property
    def _known_comment(self) -> RunComment:
        if self.comment is None:
            raise SessionError(f"{self._device.host}: commit confirmed: expected one of this run, actual none.")
        return self.comment

    def _state_on_device(self) -> PendingState:
        """Read the state from the device's list of commits and from its configurations."""
        session = self._device.session
        ours = position(session, self._known_comment)
        if not ours:
            return "none" if ours is None else "pending"
        # With a commit of another user on top, which has confirmed ours, only people can tell whose is what.
        return "unknown" if self._difference_to_before(session, ours) else "rolled_back"

    def _compare_with_before(self) -> None:
        host, session = self._device.host, self._device.session
        ours = position(session, self._known_comment)
        if ours is None:
            raise SessionError(
                f"{host}: show system commit: expected our commit '{self._known_comment}', actual not listed."
                " Compare the configuration with the one before by hand."
            )
        difference = self._difference_to_before(session, ours)
        if difference:
            raise SessionError(
                f"{host}: configuration after the rollback: expected as before, actual different:\n{mask(difference)}\n"
                f"Compare 'show system rollback {ours + 1}' with the configuration by hand."
            )

    def _difference_to_before(self, session: Session, ours: int) -> str:
        return without_resalted(session.compare(rollback=ours + 1), self._codec)

    # --- after a lost reply ---

    def _finish(
        self, comment: RunComment, deadline: float, state: PendingState, act: t.Callable[[Session], None]
    ) -> None:
        """Make the last commit of the run. After a lost reply ask the device, and try again if it did not commit."""
        tried = False
        while True:
            try:
                act(self._device.session)
                break
            except Exception as error:
                is_lost = isinstance(error, SessionError) and error.reason == "lost"
                # What is none of our errors says nothing about the commit either, and may well come again.
                is_final = isinstance(error, HubspokeError) or tried
                if (is_final and not is_lost) or time.monotonic() >= deadline:
                    raise
                tried = True
                self.state = "unknown"
                self._reopen(deadline, comment)
                if self._has(comment):
                    break
        self.state = state

    def _has(self, comment: RunComment) -> bool:
        """Whether the commit with this comment was made after our confirmed one, be it with others on top."""
        session = self._device.session
        done, ours = position(session, comment), position(session, self._known_comment)
        return done is not None and (ours is None or done < ours)

    def _reopen(self, deadline: float, done: RunComment | None = None) -> None:
        """Open a new session with the lock, trying until the deadline; after it the device rolls back automatically.

        Without the lock where the device lists the commit with the comment ``done``: then there is no step to repeat.
        """
        device = self._device
        with device.waiting(deadline):
            while True:
                device.leave()
                try:
                    device.log_in()
                    if done is not None and self._has(done):
                        return
                    device.lock()
                    return
                except SessionError as error:
                    if time.monotonic() + RECONNECT_PAUSE >= deadline:
                        raise SessionError(
                            f"{device.host}: state after a lost reply: expected to be read, actual unknown ({error})",
                            "lost",
                        ) from None
                # An interrupt does not end this: a pending commit must be settled.
                time.sleep(RECONNECT_PAUSE)
