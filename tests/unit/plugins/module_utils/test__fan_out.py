# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One step on many devices: every device has an answer, and one device's trouble is that device's."""

from __future__ import annotations

import signal
import threading
import time
import typing as t
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device import fan_out as module
from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError, UnexpectedError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Moment, Progress


@dataclass
class Device:
    host: str
    error: Exception | None = None

    def step(self) -> str:
        if self.error:
            raise self.error
        return f"{self.host} done"


FINE, REFUSED = Device("oslo"), Device("riga", SessionError("riga: lock: expected free, actual held.", "locked"))
BROKEN = Device("kiel", UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "invalid"))


def test_each_device_has_its_result_or_its_error() -> None:
    with FanOut(1) as fan_out:
        fine, refused, broken = fan_out.each([FINE, REFUSED, BROKEN], Device.step)
    assert fine == "oslo done"
    assert refused is REFUSED.error
    assert isinstance(broken, UnexpectedError)
    assert "kiel: run: expected to go on, actual UnicodeDecodeError" in str(broken)


def test_a_stage_says_how_many_did_and_returns_the_others() -> None:
    said: list[Moment] = []
    with FanOut(2, Progress(said.append)) as fan_out:
        failed = fan_out.stage("reach", [FINE, REFUSED], Device.step, facts=lambda: {"names": ("a fact",)})
        assert fan_out.stage("reach", [], Device.step) == []
        away = Device("bern", SessionError("bern: port 830: expected open, actual closed.", "unreachable"))
        fan_out.stage("reach", [away], Device.step)
    assert said == [
        Moment(stage="reach", state="begun", total=2),
        Moment(stage="reach", state="ended", done=1, total=2, failed=("riga",), refused=("riga",), names=("a fact",)),
        Moment(stage="reach", state="begun", total=1),
        Moment(stage="reach", state="ended", done=0, total=1, failed=("bern",)),
    ]
    assert failed == [(REFUSED, REFUSED.error)]


def test_logins_are_bounded() -> None:
    at_once, most = [0], [0]
    guard = threading.Lock()

    def log_in(_device: Device) -> None:
        with guard:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        threading.Event().wait(0.01)
        with guard:
            at_once[0] -= 1

    devices = [Device(str(number)) for number in range(12)]
    with FanOut(3) as fan_out:
        fan_out.each(devices, fan_out.log_in(log_in))
    assert 1 <= most[0] <= 3


def test_a_device_that_is_slow_after_its_login_keeps_no_other_from_logging_in() -> None:
    """Hold it with one login at a time: the first device waits until the last has logged in."""
    last = threading.Event()
    devices = [Device(str(number)) for number in range(4)]

    def log_in(device: Device) -> str:
        if device is devices[-1]:
            last.set()
        return f"{device.host} in"

    with FanOut(1) as fan_out:
        answers = fan_out.each(devices, fan_out.log_in(log_in, lambda _device: last.wait(300)))
    assert last.is_set()
    assert answers == ["0 in", "1 in", "2 in", "3 in"]


def test_what_interrupts_the_caller_leaves_no_step_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), threading.Event()

    def slow(_device: Device) -> None:
        begun.set()
        threading.Event().wait(0.05)
        ended.set()

    class Interrupting(threading.Event):
        def is_set(self) -> bool:
            begun.wait()
            raise KeyboardInterrupt

    with FanOut(1) as fan_out:
        with pytest.raises(KeyboardInterrupt):
            fan_out.each([FINE], slow, until=Interrupting())
        assert not ended.is_set()
        # The next stage begins after the step that was under way.
        assert fan_out.each([FINE], lambda _device: ended.is_set()) == [True]


@pytest.mark.parametrize("how", ["limit", "until"])
def test_a_step_that_does_not_end_loses_its_session(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    closed = threading.Event()

    def waits(_device: Device) -> None:
        closed.wait()
        raise SessionError("oslo: reply: expected, actual none.", "lost")

    until = threading.Event()
    if how == "until":
        until.set()
    with FanOut(1, abandon=lambda device: closed.set(), limit=0.05 if how == "limit" else None) as fan_out:
        fine, lost = fan_out.each(
            [FINE, FINE], lambda device: device.step() if closed.is_set() else waits(device), until=until
        )
    assert {type(fine), type(lost)} <= {SessionError, str}
    assert isinstance(lost, SessionError)
    assert lost.reason == "lost"


def test_a_step_that_nothing_ends_is_lost_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GRACE", 0.05)
    never = threading.Event()
    with FanOut(1, abandon=lambda device: None, limit=0.05) as fan_out:
        (lost,) = fan_out.each([FINE], lambda device: never.wait())
        assert isinstance(lost, SessionError)
        assert "oslo: step of the run: expected to end" in str(lost)
        assert fan_out.each([FINE], Device.step) == ["oslo done"]
    never.set()


def test_no_error_of_ours_is_changed() -> None:
    with FanOut(1) as fan_out:
        (answer,) = fan_out.each([REFUSED], Device.step)
    assert isinstance(answer, HubspokeError)
    assert answer.reason == "locked"


def test_a_signal_whose_handler_raises_ends_no_wait_for_the_step() -> None:
    # So does ansible-core's task timeout. Thread.join would take the thread for ended.
    done: list[str] = []

    class Late(Exception):
        pass

    def raise_late(_number: int, _frame: t.Any) -> None:
        raise Late

    def slow(device: Device) -> None:
        time.sleep(1)
        done.append(device.host)

    before = signal.signal(signal.SIGALRM, raise_late)
    try:
        with FanOut(2) as fan_out:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(Late):
                fan_out.each([FINE], slow)
            assert done == []
            fan_out.join()
            assert done == ["oslo"]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_wait_has_an_end_where_that_of_each_device_is_known() -> None:
    def until(*ends: float | None) -> float | None:
        return module._until([SimpleNamespace(until=end) for end in ends])

    assert (until(3, 5), until(3, None), until()) == (5, None, None)
    assert module._until(["a host"]) is None
