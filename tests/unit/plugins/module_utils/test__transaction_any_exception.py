# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any exception, at any call of a session, in any thread: every device ends as before or with the plan, and says so."""

from __future__ import annotations

import random
import threading
import typing as t
from dataclasses import replace
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device import fan_out
from ansible_collections.hubspoke.srx.plugins.module_utils._device.commit_history import RunCommit
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Moment, Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run_comment import RunComment
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction import (
    device_run,
    device_verification,
    pending_commit,
    preparation,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.transaction import (
    Transaction,
    TransactionResult,
)

SEED = 20260301
CASES = 300
BEFORE, PLANNED = "before", "planned"
HOSTS = ("hub", "spoke")


class TaskTimeout(BaseException):
    """The exception that ansible-core raises in the main thread of a task that takes too long."""


def refusal() -> BaseException:
    """Return what a device says that has not done what it was asked for."""
    return SessionError("commit: expected to succeed, actual refused.")


EXCEPTIONS: tuple[t.Callable[[], BaseException], ...] = (
    lambda: UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "invalid continuation byte"),
    MemoryError,
    lambda: RuntimeError("a fault of ours"),
    lambda: KeyError("message-id"),
    lambda: OSError(24, "Too many open files"),
    RecursionError,
    lambda: SystemExit(1),
    lambda: SessionError("reply: expected, actual none.", "lost"),
    refusal,
    lambda: ReplyNotUnderstood("reply: expected a known layout, actual none."),
)
IN_THE_MAIN_THREAD: tuple[t.Callable[[], BaseException], ...] = (
    KeyboardInterrupt,
    lambda: TaskTimeout("The action failed to execute in the expected time frame (60)"),
    MemoryError,
    lambda: RuntimeError("a fault of ours"),
)


class Device:
    """A configuration with its history, a lock, and a commit confirmed that is pending or not."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.history: list[tuple[str, str]] = [(BEFORE, "")]
        self.locked_by: object = None
        self.pending = False

    @property
    def committed(self) -> str:
        return self.history[0][0]

    def commit(self, configuration: str, comment: str, *, confirmed: bool) -> None:
        self.history.insert(0, (configuration, comment))
        self.pending = confirmed

    def roll_back_automatically(self) -> None:
        """Let the confirm window end."""
        if self.pending:
            self.history.insert(0, (self.history[1][0], "automatic"))
            self.pending = False


class Calls:
    """Counts the calls of all sessions; the chosen one raises, before or after the device has done it."""

    def __init__(self, at: int, error: t.Callable[[], BaseException], *, done: bool) -> None:
        self.number = 0
        self._at = at
        self._error = error
        self._done = done
        self._guard = threading.Lock()

    def make(self, act: t.Callable[[], t.Any]) -> t.Any:
        with self._guard:
            self.number += 1
            chosen = self.number == self._at
            if chosen and not self._done:
                raise self._error()
            answer = act()
            if chosen:
                raise self._error()
            return answer


class Session:
    """A session on a Device, every method a call that may raise anything."""

    def __init__(self, device: Device, calls: Calls) -> None:
        self.target = SimpleNamespace(host=device.host)
        self.warnings: list[str] = []
        self.device = device
        self._calls = calls
        self._candidate = device.committed

    def open(self) -> None:
        self._calls.make(lambda: None)

    def close(self) -> None:
        if self.device.locked_by is self:
            self.device.locked_by = None

    abandon = close

    def lock(self) -> None:
        def act() -> None:
            if self.device.locked_by not in (None, self):
                raise SessionError(f"{self.device.host}: lock: expected free, actual held.", "locked")
            self.device.locked_by = self

        self._calls.make(act)

    def unlock(self) -> None:
        self._calls.make(self.close)

    def statements(self, _filter: str, _database: str = "committed") -> list[str]:
        return t.cast("list[str]", self._calls.make(list))

    def load_replace(self, text: str) -> None:
        self._calls.make(lambda: setattr(self, "_candidate", text.strip()))

    def load_rollback(self, number: int) -> None:
        self._calls.make(lambda: setattr(self, "_candidate", self.device.history[number][0]))

    def compare(self, rollback: int = 0) -> str:
        other = self._calls.make(lambda: self.device.history[rollback][0])
        return "" if other == self._candidate else f"[edit]\n-  {other}\n+  {self._candidate}"

    def check(self) -> None:
        self._calls.make(lambda: None)

    def commit_confirmed(self, _minutes: int, comment: str) -> None:
        self._calls.make(lambda: self.device.commit(self._candidate, comment, confirmed=True))

    def commit(self, comment: str) -> None:
        self._calls.make(lambda: self.device.commit(self._candidate, comment, confirmed=False))


@pytest.fixture(autouse=True)
def parsers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer what parsers would, each time through a call that may raise."""

    def position(session: Session, comment: RunComment) -> int | None:
        comments = session._calls.make(lambda: [entry for _configuration, entry in session.device.history])
        return comments.index(str(comment)) if str(comment) in comments else None

    def answer(value: t.Any) -> t.Callable[..., t.Any]:
        return lambda session, *_more, **_named: session._calls.make(lambda: value)

    def findings(plan: DevicePlan, _seen: object, _checks: object) -> list[Finding]:
        return [Finding(plan.host, "ike", "gate", "ok", "UP", "UP")]

    monkeypatch.setattr(pending_commit, "position", position)
    monkeypatch.setattr(pending_commit, "RECONNECT_PAUSE", 0.001)
    monkeypatch.setattr(device_run, "run_prechecks", answer([]))
    monkeypatch.setattr(preparation, "require_none_pending", answer(None))
    monkeypatch.setattr(preparation, "group_statements", answer(()))
    monkeypatch.setattr(preparation, "check_conflicts", lambda *_arguments: [])
    monkeypatch.setattr(device_verification, "observe", answer(None))
    monkeypatch.setattr(device_verification, "wake", answer(None))
    monkeypatch.setattr(device_verification, "findings", findings)


def job(host: str) -> Job:
    site = SimpleNamespace(role="hub" if host == "hub" else "spoke")
    return Job(t.cast(DevicePlan, SimpleNamespace(host=host, group="g", tunnels=(), site=site)), PLANNED)


def settings() -> Settings:
    return Settings(
        "20260301T101500-a1b2c3", {}, t.cast(t.Any, None), verify_timeout=0.05, verify_interval=0.01, verify_settle=0
    )


def transact(
    calls: Calls,
    show: t.Callable[[Moment], None] = lambda moment: None,
    devices: dict[str, Device] | None = None,
    **details: t.Any,
) -> tuple[TransactionResult, dict[str, Device]]:
    devices = devices or {host: Device(host) for host in HOSTS}
    transaction = Transaction(
        [job(host) for host in HOSTS],
        replace(settings(), **details),
        connect=lambda host: t.cast(t.Any, Session(devices[host], calls)),
        progress=Progress(show),
        stop=threading.Event(),
    )
    return transaction.run(), devices


def wrong_with(result: TransactionResult, devices: t.Mapping[str, Device]) -> list[str]:
    """Say what no run may end in."""
    wrong = []
    outcomes = {outcome.host: outcome for outcome in result.outcomes}
    if set(outcomes) != set(HOSTS):
        wrong.append(f"outcomes of {sorted(outcomes)} only")
    for host, device in devices.items():
        outcome = outcomes[host]
        if device.locked_by is not None:
            wrong.append(f"{host}: still locked")
        if device.pending and outcome.state not in ("pending", "unknown"):
            wrong.append(f"{host}: pending, and its outcome says {outcome.state}")
        if outcome.state != "confirmed" and not outcome.failed:
            wrong.append(f"{host}: {outcome.state}, and not failed")
        device.roll_back_automatically()
        expected = {"confirmed": [PLANNED], "rolled_back": [BEFORE], "unchanged": [BEFORE]}
        if device.committed not in expected.get(outcome.state, [BEFORE, PLANNED]):
            wrong.append(f"{host}: {outcome.state}, and holds {device.committed}")
    confirmed = [host for host, device in devices.items() if device.committed == PLANNED]
    unknown = [outcome.host for outcome in result.outcomes if outcome.state in ("pending", "unknown")]
    if 0 < len(confirmed) < len(HOSTS) and not unknown:
        wrong.append(f"the plan is on {confirmed} alone, and nobody is told")
    return wrong


def calls_of_a_run() -> int:
    calls = Calls(0, RuntimeError, done=False)
    result, devices = transact(calls)
    assert [outcome.state for outcome in result.outcomes] == ["confirmed", "confirmed"]
    assert wrong_with(result, devices) == []
    return calls.number


def test_any_exception_at_any_call_of_a_session_ends_in_a_decision() -> None:
    whole, chance = calls_of_a_run(), random.Random(SEED)
    every = [
        (at, error, done)
        for at in range(1, whole + 1)
        for error in EXCEPTIONS
        for done in (False, True)
        if not (done and error is refusal)
    ]
    wrong = {}
    for at, error, done in chance.sample(every, min(CASES, len(every))):
        result, devices = transact(Calls(at, error, done=done))
        found = wrong_with(result, devices)
        if found:
            wrong[f"call {at}, {error()!r}, {'after' if done else 'before'} it"] = found
    assert wrong == {}


class Watcher:
    """Takes the moments of a run in its main thread, and raises at some of them."""

    def __init__(self, at: set[int], error: t.Callable[[], BaseException]) -> None:
        self.said: list[Moment] = []
        self._at = at
        self._error = error

    def hear(self, moment: Moment) -> None:
        self.said.append(moment)
        if len(self.said) in self._at:
            raise self._error()


@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
@pytest.mark.parametrize("error", IN_THE_MAIN_THREAD, ids=lambda error: type(error()).__name__)
def test_any_exception_in_the_main_thread_ends_in_a_decision(error: t.Callable[[], BaseException], twice: bool) -> None:
    moments: list[Moment] = []
    transact(Calls(0, RuntimeError, done=False), moments.append)
    # The decision is carried out when the devices take their leave.
    walked = sum(moment.stage != "leave" for moment in moments)
    assert walked > 8
    for number in range(1, len(moments) + 1):
        watcher = Watcher({number, number + 1} if twice else {number}, error)
        result, devices = transact(Calls(0, RuntimeError, done=False), watcher.hear)
        assert wrong_with(result, devices) == [], (number, watcher.said)
        assert isinstance(result.ended_by, BaseException) is (number <= walked)
        if number < walked:
            assert type(error()).__name__ in result.abort_reason


class Slow(Calls):
    """Calls of which one is slow: meanwhile the main thread, which waits for it, raises."""

    def __init__(self, at: int) -> None:
        super().__init__(0, RuntimeError, done=False)
        self.raised = False
        self._slow = at
        self._under_way = threading.Event()
        self._goes_on = threading.Event()

    def make(self, act: t.Callable[[], t.Any]) -> t.Any:
        with self._guard:
            self.number += 1
            slow = self.number == self._slow
        if slow:
            self._under_way.set()
            assert self._goes_on.wait(300)
        with self._guard:
            return act()

    def interrupt(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Raise in the main thread once the slow call is under way, and let it go on a little later."""
        running = fan_out._running

        def watched(steps: t.Any) -> t.Any:
            if self._under_way.is_set() and not self.raised:
                self.raised = True
                threading.Timer(0.02, self._goes_on.set).start()
                raise TaskTimeout
            return running(steps)

        monkeypatch.setattr(fan_out, "_POLL", 0.01)
        monkeypatch.setattr(fan_out, "_running", watched)


def test_an_exception_while_steps_are_under_way_ends_in_a_decision_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, calls_of_a_run() + 1):
        calls = Slow(number)
        with monkeypatch.context() as patch:
            calls.interrupt(patch)
            result, devices = transact(calls)
        assert calls.raised
        # No device has to wait for its automatic rollback, and none is blamed for the end of another.
        assert len({device.committed for device in devices.values()}) == 1, number
        assert not any(device.pending for device in devices.values()), (number, result.outcomes)
        assert {outcome.state for outcome in result.outcomes} <= {"unchanged", "confirmed", "rolled_back"}, number
        assert all("the run ended early" in outcome.message for outcome in result.outcomes if outcome.failed), number
        assert wrong_with(result, devices) == [], number


@pytest.mark.parametrize("began_to_confirm", [False, True])
def test_a_recovery_that_ends_early_decides_as_a_whole_one(
    monkeypatch: pytest.MonkeyPatch, began_to_confirm: bool
) -> None:
    comment = RunComment(run="20260301T101500-a1b2c3", digest="d1", minutes=10)
    confirm = comment.of("confirm")

    def newest(session: Session) -> RunCommit:
        entry = session._calls.make(lambda: session.device.history[0][1])
        return RunCommit(comment if entry == str(comment) else confirm, pending=session.device.pending)

    monkeypatch.setattr(device_run, "newest_run_commit", newest)

    def killed() -> dict[str, Device]:
        devices = {host: Device(host) for host in HOSTS}
        for device in devices.values():
            device.commit(PLANNED, str(comment), confirmed=True)
        if began_to_confirm:
            devices["hub"].commit(PLANNED, str(confirm), confirmed=False)
        return devices

    whole = Slow(0)
    transact(whole, devices=killed(), mode="recover")
    expected = PLANNED if began_to_confirm else BEFORE
    for number in range(1, whole.number + 1):
        calls = Slow(number)
        with monkeypatch.context() as patch:
            calls.interrupt(patch)
            result, devices = transact(calls, devices=killed(), mode="recover")
        assert calls.raised
        for host, device in devices.items():
            outcome = next(outcome for outcome in result.outcomes if outcome.host == host)
            if device.pending:
                # It ended before all had been asked, so nothing was decided.
                assert outcome.state in ("pending", "unknown"), (number, outcome)
            else:
                assert device.committed == expected, (number, outcome)
            assert device.locked_by is None
