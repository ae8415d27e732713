# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The lock on the shared candidate: a bounded wait for it, and the holder's name where it stays taken."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import LockHolder
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.commit import lock_holder

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._session import Session

_PAUSE = 2.0


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
