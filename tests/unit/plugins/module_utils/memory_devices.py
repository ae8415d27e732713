# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Devices in memory that fail at a chosen step, in a chosen way, and a run of the transaction with them."""

from __future__ import annotations

import threading
import typing as t
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import NOT_ASKED
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome, Job, Mode, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run_comment import RunComment
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction import (
    device_run,
    device_verification,
    pending_commit,
    preparation,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.transaction import Transaction

WANTED = "wanted"


BEFORE = "before"


@dataclass
class Device:
    """A device with its commits, newest first. ``fail`` has a fault by step.

    ``refuse``; ``lose``: the step is done and its reply lost; ``drop``: the step is not done and has no reply.
    """

    history: list[tuple[str, str]] = field(default_factory=lambda: [(BEFORE, "")])
    fail: dict[str, str] = field(default_factory=dict)
    locked: bool = False
    private: int = 0
    pending: bool = False
    verified: bool = True
    commits: int = 0
    calls: list[str] = field(default_factory=list)

    def roll_back(self) -> None:
        """Roll back automatically: the confirm window has ended."""
        self.history.insert(0, (self.history[1][0], "by the device"))
        self.pending = False

    @property
    def committed(self) -> str:
        return self.history[0][0]


class Session:
    """The steps of a session with a Device."""

    until = None

    def __init__(self, host: str, device: Device) -> None:
        self.target = SimpleNamespace(host=host)
        self.warnings: list[str] = []
        self._device = device
        self._candidate = device.committed
        self._holds = False

    def _step(self, name: str, act: t.Callable[[], None]) -> None:
        self._device.calls.append(name)
        fault = self._device.fail.pop(name, None)
        if fault in ("unreachable", "authentication", "refuse"):
            raise SessionError(
                f"spoke: {name}: expected to succeed, actual {fault}.", "rejected" if fault == "refuse" else fault
            )
        if fault != "drop":
            act()
        if fault in ("lose", "drop"):
            raise SessionError(f"spoke: {name}: expected a reply, actual none.", "lost")

    def open(self) -> None:
        self._step("open", lambda: None)

    def close(self) -> None:
        if self._holds:
            self._device.locked, self._holds = False, False

    def lock(self) -> None:
        def act() -> None:
            assert not self._device.locked, "locked twice"
            self._device.locked, self._holds = True, True

        self._step("lock", act)

    def unlock(self) -> None:
        def act() -> None:
            self._device.locked, self._holds = False, False

        self._step("unlock", act)

    def open_private(self) -> None:
        def act() -> None:
            self._device.private += 1

        self._step("open_private", act)

    def statements(self, _filter: str, _database: str = "committed") -> list[str]:
        return []

    def load_replace(self, text: str) -> None:
        self._step("load_replace", lambda: setattr(self, "_candidate", text.strip()))

    def load_rollback(self, number: int) -> None:
        self._step("load_rollback", lambda: setattr(self, "_candidate", self._device.history[number][0]))

    def compare(self, rollback: int = 0) -> str:
        other = self._device.history[rollback][0]
        return "" if other == self._candidate else f"[edit]\n-  {other}\n+  {self._candidate}"

    def check(self) -> None:
        assert not self._device.pending, "a commit check confirms a pending commit"
        self._step("check", lambda: None)

    def commit_confirmed(self, _minutes: int, comment: str) -> None:
        def act() -> None:
            self._commit(comment)
            self._device.pending = True

        self._step("commit_confirmed", act)

    def commit(self, comment: str) -> None:
        self._step("restore" if "rolled back" in comment else "confirm", lambda: self._commit(comment))

    def _commit(self, comment: str) -> None:
        self._device.commits += 1
        self._device.pending = False
        self._device.history.insert(0, (self._candidate, comment))


def replace_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the questions about tunnels and commits: other tests have them."""

    def position(session: t.Any, comment: RunComment) -> int | None:
        comments = [entry for _configuration, entry in session._device.history]
        return comments.index(str(comment)) if str(comment) in comments else None

    def findings(plan: DevicePlan, seen: Device, checks: t.Collection[str]) -> list[Finding]:
        state: t.Literal["ok", "failed"] = "ok" if seen.verified else "failed"
        return [Finding(plan.host, "ike", "gate", state, "UP", "DOWN", "Compare the keys.")]

    monkeypatch.setattr(pending_commit, "position", position)
    monkeypatch.setattr(device_run, "run_prechecks", lambda session, plan: [])
    monkeypatch.setattr(preparation, "require_none_pending", lambda session: None)
    monkeypatch.setattr(preparation, "group_statements", lambda session, group, database="committed": ())
    monkeypatch.setattr(preparation, "check_conflicts", lambda job, statements, before, keys, codec: [])
    monkeypatch.setattr(device_verification, "observe", lambda session, plan, why_down: session._device)
    monkeypatch.setattr(device_verification, "read_configured", lambda session: NOT_ASKED)
    monkeypatch.setattr(device_verification, "findings", findings)
    monkeypatch.setattr(device_verification, "wake", lambda session, plan, found: None)
    monkeypatch.setattr(pending_commit, "RECONNECT_PAUSE", 0.01)


def role(host: str) -> str:
    return "hub" if host == "hub" else "spoke"


def run(
    devices: dict[str, Device],
    mode: Mode = "apply",
    stop: threading.Event | None = None,
    per_host: t.Mapping[str, t.Mapping[str, t.Any]] | None = None,
    **more: t.Any,
) -> dict[str, DeployOutcome]:
    """Return the outcomes, those of excluded hosts that are not ``devices`` too; ``more`` are settings."""
    jobs = [
        Job(
            t.cast(
                DevicePlan, SimpleNamespace(host=host, group="g", tunnels=(), site=SimpleNamespace(role=role(host)))
            ),
            WANTED,
        )
        for host in devices
    ]
    settings = Settings(
        "run1",
        {},
        t.cast(t.Any, None),
        mode,
        confirm_minutes=1,
        verify_timeout=0.05,
        verify_interval=0.01,
        verify_settle=0,
        per_host=per_host or {},
        **more,
    )

    def connect(host: str) -> t.Any:
        return Session(host, devices[host])

    result = Transaction(
        jobs,
        settings,
        connect=connect,
        progress=Progress(),
        stop=stop or threading.Event(),
        hub_without=lambda hosts: next(job for job in jobs if job.plan.host == "hub"),
    ).run()
    return {outcome.host: outcome for outcome in (*result.outcomes, *result.excluded)}


def is_untouched(device: Device) -> bool:
    return device.committed == BEFORE and device.commits == 0 and not device.locked and not device.pending


def is_as_before(device: Device) -> bool:
    return device.committed == BEFORE and not device.locked and not device.pending
