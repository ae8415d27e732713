# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One device with its session and its lock; both are released whatever happens."""

from __future__ import annotations

import time
import typing as t
from contextlib import contextmanager

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import LockHolder
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.commit import lock_holder

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

_PAUSE = 2.0


class LockedDevice:
    """The session and the lock of one device, which every change needs. Steps raise HubspokeError.

    ``connect`` returns an unopened session. ``pause`` sleeps for a number of seconds, and returns early and true once
    the run is interrupted. ``lock_wait`` is the longest wait for the lock, in seconds.
    """

    def __init__(
        self, host: str, connect: t.Callable[[], Session], pause: t.Callable[[float], bool], lock_wait: float
    ) -> None:
        self.host = host
        self.warnings: list[str] = []
        self.pause = pause
        self.is_locked = False
        # What a step waits for, while it does.
        self.doing = ""
        self._connect = connect
        self._lock_wait = lock_wait
        self._session: Session | None = None
        self._until: float | None = None

    @property
    def session(self) -> Session:
        """Return the open session. Raise SessionError where there is none."""
        if self._session is None:
            raise SessionError(f"{self.host}: session: expected open, actual closed.", "lost")
        return self._session

    @property
    def until(self) -> float | None:
        """When the wait that is under way ends (monotonic seconds), ``None`` where that is not known."""
        session = self._session
        return self._until if self._until is not None or session is None else session.until

    @contextmanager
    def waiting(self, until: float) -> t.Iterator[None]:
        """Note that the device is waited for until then at the longest; an outer wait goes beyond."""
        before = self._until
        self._until = until if before is None else before
        try:
            yield
        finally:
            self._until = before

    @property
    def is_open(self) -> bool:
        """Return whether a session was opened; it may be broken meanwhile."""
        return self._session is not None

    def log_in(self) -> None:
        """Open a session."""
        self._session = self._connect()
        self._session.open()

    def lock(self) -> None:
        """Lock the shared candidate, once. Raise SessionError with its holder where it stays locked."""
        if not self.is_locked:
            try:
                with self.waiting(time.monotonic() + self._lock_wait):
                    take_lock(self.session, self._lock_wait, self._wait_for_lock)
            finally:
                self.doing = ""
            self.is_locked = True

    def _wait_for_lock(self, seconds: float) -> bool:
        self.doing = "locked by another user"
        return self.pause(seconds)

    def unlock(self) -> None:
        """Release the lock, if it is held."""
        try:
            if self.is_locked and self._session is not None:
                self._session.unlock()
        except SessionError as error:
            # The device drops the lock with the session, and no commit depends on it.
            if error.reason != "lost":
                self.warnings.append(str(error))
        finally:
            self.is_locked = False

    def abandon(self) -> None:
        """Close the session of a step that does not end, from another thread, without a request to the device."""
        session = self._session
        if session is not None:
            session.abandon()

    def leave(self) -> None:
        """Release the lock and close the session, whatever happened before."""
        if self._session is None:
            return
        session = self._session
        try:
            self.unlock()
        finally:
            self._session = None
            self.warnings += [warning for warning in session.warnings if warning not in self.warnings]
            session.close()


def take_lock(session: Session, wait: float, pause: t.Callable[[float], bool]) -> None:
    """Lock the shared candidate within ``wait`` seconds; ``pause`` sleeps and returns whether to give up.

    Raise SessionError; where another user holds the lock, with user, process and idle time.
    """
    until = time.monotonic() + wait
    while True:
        try:
            session.lock()
            return
        except SessionError as error:
            if error.reason != "locked":
                raise
            remaining = until - time.monotonic()
            if remaining > 0 and not pause(min(_PAUSE, remaining)):
                continue
            holder = lock_holder(error.reply)
            if holder is None:
                raise
            raise SessionError(
                f"{session.target.host}: lock of the configuration: expected within {wait:g} s, actual"
                f" {describe_holder(holder)}. Ask them to leave configuration mode, or run"
                f" 'request system logout pid {holder.pid or '<pid>'}' if the session is dead.",
                "locked",
            ) from None


def describe_holder(holder: LockHolder) -> str:
    """Return who holds the lock, in words."""
    parts = [f"held by {holder.user}"]
    if holder.terminal:
        parts.append(f"on terminal {holder.terminal}")
    if holder.pid:
        parts.append(f"process {holder.pid}")
    if holder.since:
        parts.append(f"since {holder.since}")
    if holder.idle:
        parts.append(f"idle {holder.idle}")
    return ", ".join(parts)
