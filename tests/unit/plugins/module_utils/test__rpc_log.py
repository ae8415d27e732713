# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log of RPCs: what a session notes, in which thread it is shown, and what is masked."""

from __future__ import annotations

import threading
import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.channel import ChannelLost
from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._device.rpc_log import Record, RpcLog, noted
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError

PASSWORD = "pass-word-4711"
REFUSED = (
    "<rpc-reply><rpc-error><error-message>permission denied for pass-word-4711</error-message></rpc-error></rpc-reply>"
)


class Channel:
    """A channel that answers from a list; an exception in it is raised."""

    tries = 3
    notes: t.ClassVar[list[str]] = []

    def __init__(self, *answers: str | Exception) -> None:
        self._answers = list(answers)

    def open(self) -> None:
        pass

    close = open

    def execute(self, _rpc: str, _timeout: float) -> str:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def session(monkeypatch: pytest.MonkeyPatch, *answers: str | Exception) -> Session:
    made = Session(Target("oslo", "192.0.2.1", password=PASSWORD))
    monkeypatch.setattr(made, "_channel", Channel(*answers))
    return made


def kept_in(found: list[Record]) -> t.Callable[[Record], bool]:
    def keep(record: Record) -> bool:
        found.append(record)
        return True

    return keep


def shown(records: t.Iterable[Record]) -> list[str]:
    """Return records as they are shown, without their times."""
    return [f"{record.host} {record}".replace(f"{record.milliseconds:.0f} ms", "T ms") for record in records]


def test_each_rpc_and_its_tries_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Record] = []
    made = session(
        monkeypatch, "<rpc-reply/>", REFUSED, "<cut", ChannelLost("none within 9 s"), "<rpc-reply>é</rpc-reply>"
    )
    with RpcLog(kept_in(found)):
        made.open()
        for request in ("<a/>", "<b/>", "<b/>", "<b/>", "<b/>"):
            try:
                made.rpc(request)
            except HubspokeError:
                continue
        made.close()
    assert shown(found) == [
        "oslo login: T ms, try 3",
        "oslo a: T ms, sent 4 bytes, received 12 bytes, try 1",
        "oslo b: T ms, sent 4 bytes, received 113 bytes, try 1, error: permission denied for (masked)",
        "oslo b: T ms, sent 4 bytes, received 4 bytes, try 2, error: unclosed token: line 1, column 0",
        "oslo b: T ms, sent 4 bytes, received 0 bytes, try 3, error: none within 9 s",
        "oslo b: T ms, sent 4 bytes, received 25 bytes, try 4",
        "oslo logout: T ms, try 1",
    ]


def test_nothing_is_noted_while_no_log_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Record] = []
    log = RpcLog(kept_in(found))
    session(monkeypatch).open()
    with log:
        pass
    session(monkeypatch).open()
    assert (found, log.rest()) == ([], [])


def test_a_thread_notes_and_the_main_thread_shows() -> None:
    """Hold it while the threads still run: a run that waits shows what its devices do."""
    threads: list[threading.Thread] = []
    seen = threading.Event()

    def show(record: Record) -> bool:
        threads.append(threading.current_thread())
        if record.name == "second":
            seen.set()
        return True

    def step(host: str) -> bool:
        for name in ("first", "second"):
            with noted(host, name, "<x/>"):
                pass
        return seen.wait(60)

    with RpcLog(show), FanOut(1) as fan_out:
        assert fan_out.each(["oslo"], step) == [True]
    assert threads == [threading.main_thread()] * 2


def test_a_busy_reader_gets_the_records_later_and_in_their_order() -> None:
    found: list[str] = []
    is_busy = True

    def show(record: Record) -> bool:
        if not is_busy:
            found.append(record.name)
        return not is_busy

    with RpcLog(show) as log:
        for name in ("a", "b"):
            with noted("oslo", name):
                pass
        assert found == []
        is_busy = False
        with noted("oslo", "c"):
            pass
        assert found == ["a", "b", "c"]
        is_busy = True
        with noted("oslo", "d"):
            pass
    assert [record.name for record in log.rest()] == ["d"]
    assert log.rest() == []


def test_an_interrupt_is_noted_and_goes_on() -> None:
    found: list[Record] = []
    with (
        RpcLog(kept_in(found)),
        pytest.raises(KeyboardInterrupt),
        noted("oslo", "a", "<a/>"),
    ):
        raise KeyboardInterrupt
    assert [record.error for record in found] == ["KeyboardInterrupt"]
