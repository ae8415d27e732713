# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pings over several sessions: as many as the device admits, all closed, and no ping lost with a session."""

from __future__ import annotations

import re
import threading
import typing as t
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.pings import EACH, SESSIONS, send, send_all
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Probe

from tests.utils.patience import PATIENCE

MANY = 20 * EACH


@dataclass
class Device:
    """A device that admits ``admitted`` sessions. The pings over the session ``breaks`` break it.

    It answers no ping before ``waits`` other sessions have logged in or were refused. To the packets of ``silent``
    targets there are no answers, or none to the first packet alone (``lossy``).
    """

    admitted: int = SESSIONS
    breaks: t.Collection[int] = ()
    waits: int = 0
    silent: t.Collection[str] = ()
    lossy: t.Collection[str] = ()
    login: threading.Event | None = None
    sessions: list[Session] = field(default_factory=list)
    pings: list[tuple[int, str, int]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def own_session(self) -> t.Any:
        session = Session(self, 0)
        session.state = "open"
        self.sessions.append(session)
        return session

    def is_ready(self) -> bool:
        return len(self.others("open", "refused", "closed")) >= self.waits

    def others(self, *states: str) -> list[Session]:
        return [one for one in self.sessions[1:] if not states or one.state in states]


class Session:
    """A session with a Device."""

    def __init__(self, device: Device, number: int) -> None:
        self.target = SimpleNamespace(host="hub")
        self.state = "new"
        self._device = device
        self._number = number

    def another(self) -> Session:
        session = Session(self._device, len(self._device.sessions))
        self._device.sessions.append(session)
        return session

    def open(self) -> None:
        device = self._device
        if device.login is not None:
            assert device.login.wait(PATIENCE)
        with device.changed:
            self.state = "open" if self._number < device.admitted else "refused"
            device.changed.notify_all()
        if self.state == "refused":
            raise SessionError("hub: login: expected to succeed, actual cut.", "unreachable")

    def close(self) -> None:
        with self._device.changed:
            self.state = "closed"
            self._device.changed.notify_all()

    def rpc(self, request: str) -> str:
        device = self._device
        assert self.state == "open"
        with device.changed:
            assert device.changed.wait_for(device.is_ready, PATIENCE)
        target, count = (re.search(f"<{name}>(.*)</{name}>", request)[1] for name in ("host", "count"))  # type: ignore[index]
        device.pings.append((self._number, target, int(count)))
        if self._number in device.breaks:
            raise SessionError("hub: ping: expected a reply, actual none.", "lost")
        is_lost = target in device.silent or (target in device.lossy and count == "1")
        return (
            f"<rpc-reply><ping-results><target-host>{target}</target-host><probe-results-summary><probes-sent>{count}"
            f"</probes-sent><responses-received>{0 if is_lost else count}</responses-received><packet-loss>"
            f"{100 if is_lost else 0}</packet-loss></probe-results-summary>"
            f"{'<ping-failure>no response</ping-failure>' if is_lost else '<ping-success/>'}</ping-results></rpc-reply>"
        )


def probes(count: int) -> list[Probe]:
    return [
        Probe(f"10.{number}.0.0/16", f"vpn{number}", "ge-0/0/1.0", "192.168.1.1", f"10.{number}.0.1")
        for number in range(count)
    ]


def answers(device: Device, sent: t.Sequence[Probe], at_once: int = SESSIONS) -> list[tuple[int | None, int | None]]:
    """Send the pings, and return the packets of each that were sent and answered. All other sessions end."""
    found = send_all(device.own_session(), sent, at_once=at_once).items
    assert [result.probe for result in found] == list(sent)
    with device.changed:
        assert device.changed.wait_for(lambda: not device.others("new", "open"), PATIENCE)
    return [(run.sent, run.received) for result in found for run in result.answer.items]


def test_many_pings_go_over_several_sessions_that_are_all_closed() -> None:
    device = Device(waits=SESSIONS - 1)
    assert answers(device, probes(MANY)) == [(1, 1)] * MANY
    assert len(device.sessions) == SESSIONS
    assert sorted(target for _number, target, _count in device.pings) == sorted(one.target for one in probes(MANY))


@pytest.mark.parametrize(("count", "at_once"), [(0, SESSIONS), (EACH, SESSIONS), (MANY, 1)])
def test_few_pings_and_those_of_a_spoke_go_over_its_own_session(count: int, at_once: int) -> None:
    device = Device()
    assert len(answers(device, probes(count), at_once)) == count
    assert not device.others()


@pytest.mark.parametrize("admitted", [1, 3])
def test_a_device_that_refuses_a_session_is_not_asked_for_more(admitted: int) -> None:
    device = Device(admitted=admitted, waits=admitted)
    assert answers(device, probes(MANY)) == [(1, 1)] * MANY
    assert [one.state for one in device.others()] == [*["closed"] * (admitted - 1), "refused"]


def test_the_pings_of_a_session_that_breaks_are_sent_again() -> None:
    device = Device(breaks=range(1, SESSIONS), waits=SESSIONS - 1)
    assert answers(device, probes(MANY)) == [(1, 1)] * MANY
    assert len([number for number, _target, _count in device.pings if number == 0]) == MANY


def test_a_broken_session_of_the_device_is_an_error_and_the_others_are_closed() -> None:
    device = Device(breaks=[0], waits=SESSIONS - 1)
    with pytest.raises(SessionError, match="expected a reply"):
        send_all(device.own_session(), probes(MANY), at_once=SESSIONS)
    with device.changed:
        assert device.changed.wait_for(lambda: len(device.others("closed")) == SESSIONS - 1, PATIENCE)


def test_nobody_waits_for_a_login_that_takes_longer_than_the_pings() -> None:
    device = Device(login=threading.Event())
    found = send_all(device.own_session(), probes(MANY), at_once=SESSIONS).items
    assert len(found) == MANY
    assert device.login is not None
    device.login.set()
    with device.changed:
        assert device.changed.wait_for(lambda: len(device.others("closed")) == len(device.others()) == 1, PATIENCE)


def test_more_packets_are_sent_only_where_the_first_has_no_answer() -> None:
    device = Device(silent=["10.1.0.1"], lossy=["10.2.0.1"])
    assert answers(device, probes(4)) == [(1, 1), (3, 0), (3, 3), (1, 1)]
    assert len(device.pings) == 6


def test_a_trace_sends_three_packets_and_none_where_nothing_can_answer() -> None:
    device, (one, *_others) = Device(), probes(1)
    assert send(device.own_session(), one).answer.items[0].sent == 3
    unsent = Probe(one.network, one.tunnel, one.interface, one.source, one.target, "denied")
    assert send(device.own_session(), unsent).answer.state == "not_asked"
    assert len(device.pings) == 1
