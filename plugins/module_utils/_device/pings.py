# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The pings of a device: one after another, or on a hub with many spokes over a few sessions at once.

Junos answers the RPCs of a session one after another, and the RPC of a ping blocks until the ping ends. So the pings of
1,000 spokes take minutes over one session.
"""

from __future__ import annotations

import math
import threading
import typing as t
from collections import deque
from contextlib import suppress

from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import PING, ask
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import NOT_ASKED, Answer, Probe, ProbeResult

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# Junos admits 75 sessions at once and 150 logins a minute by default; most stay free for others.
SESSIONS = 8
# With fewer pings for each session the login costs more than it saves.
EACH = 32
# Seconds to wait for a requested packet. The first packet may be lost while a tunnel comes up.
_FIRST = {"count": 1, "wait": 1}
_MORE = {"count": 3, "wait": 1}
# Seconds for the additional sessions to close: a device that does not answer takes longer.
_GOODBYE = 10.0


def send(session: Session, probe: Probe) -> ProbeResult:
    """Send a ping of three packets, unless nothing can answer; return its result. Raise SessionError."""
    return _send(session, probe, _MORE)


def send_all(session: Session, probes: t.Sequence[Probe], *, at_once: int = 1) -> Answer[ProbeResult]:
    """Send the pings that verify paths, over up to ``at_once`` sessions; return their results in the same order.

    Raise SessionError where the session breaks. One packet is enough where it is answered; the device sends more only
    where it is not, because Junos sends one each second.
    """
    return Answer("ok", tuple(_Pings(session, probes, at_once).results()))


def _verify(session: Session, probe: Probe) -> ProbeResult:
    first = _send(session, probe, _FIRST)
    # Another run changes no refusal, and no reason such as an address that the device does not have: nothing was sent.
    is_lost = any(run.sent and not (run.replies or run.received) for run in first.answer.items)
    return _send(session, probe, _MORE) if is_lost else first


def _send(session: Session, probe: Probe, packets: t.Mapping[str, int]) -> ProbeResult:
    if probe.not_sent:
        return ProbeResult(probe, NOT_ASKED)
    # The interface makes the device look up the policy of the LAN's zone, not of its own.
    arguments = {"host": probe.target, "source": probe.source, "interface": probe.interface, **packets}
    return ProbeResult(probe, ask(session, PING, arguments))


class _Pings:
    """Pings that several sessions with one device share.

    The additional sessions log in one after another: a device that refuses one is not asked for more, and the pings go
    over the sessions that there are. A ping whose session breaks is sent again over the device's own session.
    """

    def __init__(self, session: Session, probes: t.Sequence[Probe], at_once: int) -> None:
        self._session = session
        self._probes = probes
        self._waiting = deque(range(len(probes)))
        self._results: dict[int, ProbeResult] = {}
        self._more = min(at_once, math.ceil(len(probes) / EACH)) - 1
        self._open = 0
        # Held for each change of the above.
        self._changed = threading.Condition()

    def results(self) -> list[ProbeResult]:
        self._log_in_another()
        try:
            while (number := self._next(wait=True)) is not None:
                self._send(self._session, number)
        finally:
            with self._changed:
                self._waiting.clear()
                self._more = 0
                self._changed.wait_for(lambda: not self._open, _GOODBYE)
        return [self._results[number] for number in range(len(self._probes))]

    def _next(self, *, wait: bool) -> int | None:
        """Return a ping to send, ``None`` where there is none; ``wait`` for those that other sessions may give back."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._waiting or len(self._results) == len(self._probes))
            return self._waiting.popleft() if self._waiting else None

    def _send(self, session: Session, number: int) -> None:
        result = None
        try:
            result = _verify(session, self._probes[number])
        finally:
            with self._changed:
                if result is None:
                    self._waiting.append(number)
                else:
                    self._results[number] = result
                self._changed.notify_all()

    def _log_in_another(self) -> None:
        with self._changed:
            if self._more <= 0 or not self._waiting:
                return
            self._more -= 1
        # Without another thread the pings go over the sessions that there are.
        with suppress(RuntimeError):
            threading.Thread(target=self._help, name=f"hubspoke {self._session.target.host} pings", daemon=True).start()

    def _help(self) -> None:
        """Log in once more, and send pings until none remains. Nobody waits for a login that takes longer than that."""
        # A thread must not show an error, and one that concerns the device comes again over its own session.
        with suppress(Exception):
            session = self._session.another()
            session.open()
            with self._changed:
                self._open += 1
            try:
                self._log_in_another()
                while (number := self._next(wait=False)) is not None:
                    self._send(session, number)
            finally:
                session.close()
                with self._changed:
                    self._open -= 1
                    self._changed.notify_all()
