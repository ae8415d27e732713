# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A device that is spoken to and may be locked: its session and its lock are given back whatever happens."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import LockHolder
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.commit import lock_holder

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

_PAUSE = 2.0


class LockedDevice:
    """What every change of a device begins and ends with. Steps raise HubspokeError.

    ``connect`` answers an unopened session. ``pause`` sleeps for so many seconds, and answers early and with true once
    the run is interrupted; it bounds the wait for the lock, ``lock_wait`` seconds.
    """

    def __init__(
        self, host: str, connect: t.Callable[[], Session], pause: t.Callable[[float], bool], lock_wait: float
    ) -> None:
        self.host = host
        self.warnings: list[str] = []
        self._connect = connect
        self._pause = pause
        self._lock_wait = lock_wait
        self._session: Session | None = None
        self._locked = False

    @property
    def session(self) -> Session:
        if self._session is None:
            raise SessionError(f"{self.host}: session: expected open, actual closed.", "lost")
        return self._session

    def log_in(self) -> None:
        self._session = self._connect()
        self._session.open()

    def lock(self) -> None:
        """Take the shared candidate, once. Raises SessionError with its holder where it stays taken."""
        if not self._locked:
            take_lock(self.session, self._lock_wait, self._pause)
            self._locked = True

    def unlock(self) -> None:
        """Give back the lock, where it is held."""
        try:
            if self._locked and self._session is not None:
                self._session.unlock()
        except SessionError as error:
            # The device drops the lock with the session; whether a commit holds does not hang on it.
            if error.reason != "lost":
                self.warnings.append(str(error))
        finally:
            self._locked = False

    def leave(self) -> None:
        """Give back the lock and close, whatever happened before."""
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
    """Lock the shared candidate, trying for ``wait`` seconds; ``pause`` sleeps and answers whether to give up.

    Raises SessionError; where somebody has the lock it names the user, the process and how long it was idle.
    """
    until = time.monotonic() + wait
    while True:
        try:
            session.lock()
            return
        except SessionError as error:
            if error.reason != "locked":
                raise
            left = until - time.monotonic()
            if left > 0 and not pause(min(_PAUSE, left)):
                continue
            holder = lock_holder(str(error))
            if holder is None:
                raise
            raise SessionError(
                f"{session.target.host}: lock of the configuration: expected to get it within {wait:g} seconds,"
                f" actual {_words(holder)}. Ask them to leave configuration mode, or run"
                f" 'request system logout pid {holder.pid or '<pid>'}' if the session is dead.",
                "locked",
            ) from None


def _words(holder: LockHolder) -> str:
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
