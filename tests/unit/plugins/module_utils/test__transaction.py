# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stages of the fleet, with devices in memory that fail at a chosen step, in a chosen way."""

from __future__ import annotations

import threading
import time
import typing as t
from dataclasses import replace
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction import device_verification, pending_commit

from .memory_devices import BEFORE, WANTED, Device, Session, is_as_before, is_untouched, replace_questions, run


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    replace_questions(monkeypatch)


def test_a_verified_fleet_is_confirmed_everywhere() -> None:
    devices = {"hub": Device(), "spoke": Device()}
    outcomes = run(devices)
    assert {outcome.state for outcome in outcomes.values()} == {"confirmed"}, outcomes
    assert not any(outcome.failed for outcome in outcomes.values())
    assert all(device.committed == WANTED and not device.pending and not device.locked for device in devices.values())


def test_a_fleet_without_changes_is_not_committed() -> None:
    devices = {"hub": Device([(WANTED, "")]), "spoke": Device([(WANTED, "")])}
    outcomes = run(devices)
    assert {outcome.state for outcome in outcomes.values()} == {"unchanged"}
    assert all(device.commits == 0 and "check" not in device.calls for device in devices.values())


@pytest.mark.parametrize("step", ["open", "lock", "load_replace", "check"])
@pytest.mark.parametrize("fault", ["refuse", "lose", "drop", "unreachable"])
def test_a_failure_before_the_commit_changes_no_device(step: str, fault: str) -> None:
    devices = {"hub": Device(), "spoke": Device(fail={step: fault})}
    outcomes = run(devices)
    assert all(is_untouched(device) for device in devices.values())
    assert outcomes["spoke"].failed
    assert step in outcomes["spoke"].message
    assert outcomes["hub"].failed
    assert outcomes["hub"].message.startswith("unchanged with the fleet (spoke: ")
    assert (outcomes["hub"].because_of, outcomes["spoke"].because_of) == (("spoke",), ())
    assert outcomes["spoke"].unreachable == (fault == "unreachable")


@pytest.mark.parametrize(("fault", "tolerated"), [("unreachable", True), ("authentication", False)])
def test_only_a_silent_spoke_is_tolerated_though_either_is_unreachable(fault: str, tolerated: bool) -> None:
    devices = {"hub": Device(), "spoke": Device(fail={"open": fault}), "other": Device()}
    outcomes = run(devices, tolerate_unreachable=1)
    assert outcomes["hub"].state == ("confirmed" if tolerated else "unchanged")
    assert (outcomes["spoke"].state, outcomes["spoke"].failed) == (
        ("skipped", False) if tolerated else ("unchanged", True)
    )
    devices["spoke"] = Device(fail={"open": fault})
    assert run(devices)["spoke"].unreachable


def test_a_recovery_does_not_know_the_state_of_a_device_that_it_cannot_ask() -> None:
    outcome = run({"hub": Device(), "spoke": Device(fail={"open": "unreachable"})}, "recover")["spoke"]
    assert (outcome.state, outcome.failed, outcome.unreachable) == ("unknown", True, True)


@pytest.mark.parametrize("fault", ["refuse", "drop"])
def test_a_commit_that_did_not_happen_rolls_back_the_others(fault: str) -> None:
    devices = {"hub": Device(), "spoke": Device(fail={"commit_confirmed": fault})}
    outcomes = run(devices)
    assert is_untouched(devices["spoke"])
    assert outcomes["spoke"].state == "unchanged"
    assert is_as_before(devices["hub"])
    assert outcomes["hub"].state == "rolled_back"
    assert all(outcome.failed for outcome in outcomes.values())


@pytest.mark.parametrize(("step", "fault"), [("commit_confirmed", "lose"), ("confirm", "lose"), ("confirm", "drop")])
def test_a_lost_reply_is_followed_by_a_question(step: str, fault: str) -> None:
    devices = {"hub": Device(), "spoke": Device(fail={step: fault})}
    outcomes = run(devices)
    assert {outcome.state for outcome in outcomes.values()} == {"confirmed"}
    assert devices["spoke"].committed == WANTED
    assert not devices["spoke"].pending
    assert not devices["spoke"].locked


def test_a_device_that_rolls_back_before_its_late_confirmation_is_not_confirmed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The commit that comes too late succeeds: only the list of commits shows that it has confirmed nothing."""
    devices = {"hub": Device(), "spoke": Device()}
    on_time, passed = Session.commit, [0.0]

    def commit(session: Session, comment: str) -> None:
        passed[0] = 60.0
        if session.target.host == "spoke":
            devices["spoke"].roll_back()
            session._candidate = BEFORE
        on_time(session, comment)

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + passed[0], sleep=time.sleep)
    monkeypatch.setattr(Session, "commit", commit)
    monkeypatch.setattr(pending_commit, "time", clock)
    outcomes = run(devices)
    assert outcomes["hub"].state == "confirmed"
    assert (outcomes["spoke"].state, outcomes["spoke"].failed) == ("rolled_back", True)
    assert "spoke: commit confirmed: expected confirmed by the last commit" in outcomes["spoke"].message
    assert is_as_before(devices["spoke"])


@pytest.mark.parametrize("fault", [None, "lose", "drop"])
def test_one_unverified_device_rolls_back_all(fault: str | None) -> None:
    devices = {"hub": Device(verified=False, fail={"restore": fault} if fault else {}), "spoke": Device()}
    outcomes = run(devices)
    assert {outcome.state for outcome in outcomes.values()} == {"rolled_back"}
    assert all(outcome.failed for outcome in outcomes.values())
    assert all(is_as_before(device) for device in devices.values())
    assert outcomes["spoke"].message == "rolled back with the fleet (hub: gate)"
    assert outcomes["hub"].as_data()["message"] == "rolled back: hub: ike gate DOWN"
    assert "hub: ike gate: expected UP, actual DOWN" in outcomes["hub"].message


def test_a_refused_rollback_is_named_and_the_others_roll_back() -> None:
    devices = {"hub": Device(verified=False), "spoke": Device(fail={"load_rollback": "refuse"})}
    outcomes = run(devices)
    assert outcomes["spoke"].failed
    assert outcomes["spoke"].state == "pending"
    assert "load_rollback" in outcomes["spoke"].message
    assert "rolls back automatically 1 minute after its commit" in outcomes["spoke"].message
    assert is_as_before(devices["hub"])


def test_a_refused_unlock_does_not_fail_a_confirmed_device() -> None:
    devices = {"hub": Device(), "spoke": Device(fail={"unlock": "refuse"})}
    outcomes = run(devices)
    assert not outcomes["spoke"].failed
    assert outcomes["spoke"].state == "confirmed"
    assert not devices["spoke"].locked


@pytest.mark.parametrize("late", [["spoke"], ["hub", "spoke"]])
@pytest.mark.parametrize("verified", [True, False])
def test_a_commit_that_the_device_rolled_back_is_neither_confirmed_nor_rolled_back_again(
    late: list[str], verified: bool
) -> None:
    devices = {"hub": Device(verified=verified), "spoke": Device()}

    def observe(session: t.Any, plan: DevicePlan, why_down: bool) -> Device:
        device: Device = session._device
        if plan.host in late and device.pending:
            device.roll_back()
        return device

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device_verification, "observe", observe)
        outcomes = run(devices)
    assert all(is_as_before(device) for device in devices.values())
    assert {outcome.state for outcome in outcomes.values()} == {"rolled_back"}
    assert all(outcome.failed for outcome in outcomes.values())
    if verified:
        assert "commit confirmed: expected still pending" in outcomes["spoke"].message


def test_another_users_commit_on_top_of_ours_is_not_touched() -> None:
    devices = {"hub": Device(), "spoke": Device()}

    def observe(session: t.Any, plan: DevicePlan, why_down: bool) -> Device:
        device: Device = session._device
        if plan.host == "spoke" and device.pending:
            device.history.insert(0, ("another user's", "another user's"))
            device.pending = False
        return device

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device_verification, "observe", observe)
        outcomes = run(devices)
    assert devices["spoke"].committed == "another user's"
    assert (outcomes["spoke"].state, outcomes["hub"].state) == ("unknown", "rolled_back")
    assert is_as_before(devices["hub"])


def test_check_mode_works_on_private_candidates_only() -> None:
    devices = {"hub": Device(), "spoke": Device([(WANTED, "")])}
    outcomes = run(devices, "check")
    assert (outcomes["hub"].state, outcomes["spoke"].state) == ("would_change", "unchanged")
    assert "+  wanted" in outcomes["hub"].diff
    assert all("lock" not in device.calls and device.commits == 0 for device in devices.values())


def test_a_refused_check_would_change_nothing() -> None:
    devices = {"hub": Device(), "spoke": Device(fail={"check": "refuse"})}
    outcomes = run(devices, "check")
    assert [(one.state, one.failed) for one in outcomes.values()] == [("unchanged", True)] * 2
    assert outcomes["hub"].message.startswith("unchanged with the fleet (spoke: ")
    assert "+  wanted" in outcomes["hub"].diff


def test_a_verification_alone_neither_locks_nor_loads() -> None:
    devices = {"hub": Device(), "spoke": Device(verified=False)}
    outcomes = run(devices, "verify")
    assert all(device.calls == ["open"] for device in devices.values())
    assert outcomes["spoke"].failed
    assert outcomes["spoke"].state == "unchanged"


def test_an_interrupt_rolls_back_pending_commits() -> None:
    stop = threading.Event()
    devices = {"hub": Device(), "spoke": Device()}
    commit = Session.commit_confirmed

    def interrupted(self: Session, minutes: int, comment: str) -> None:
        commit(self, minutes, comment)
        stop.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "commit_confirmed", interrupted)
        outcomes = run(devices, stop=stop)
    assert all(is_as_before(device) for device in devices.values())
    assert {outcome.state for outcome in outcomes.values()} == {"rolled_back"}
    assert "interrupted" in outcomes["hub"].message


@pytest.mark.parametrize(("patient", "state"), [("spoke", "confirmed"), ("other", "rolled_back"), ("", "rolled_back")])
def test_each_device_has_a_timeout_of_its_own(patient: str, state: str) -> None:
    """The hub sees the tunnel of the spoke: it is asked as long as that."""
    devices = {host: Device() for host in ("hub", "spoke", "other")}
    asked = dict.fromkeys(devices, 0)
    slow = ("hub", "spoke")

    def observe(session: t.Any, plan: DevicePlan, why_down: bool) -> Device:
        asked[plan.host] += 1
        device: Device = session._device
        return replace(device, verified=plan.host not in slow or asked[plan.host] > 3)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device_verification, "observe", observe)
        per_host = {host: {"verify_timeout": 60.0 if host == patient else 0.0} for host in devices}
        outcomes = run(devices, per_host=per_host)
    assert {outcome.state for outcome in outcomes.values()} == {state}
    assert asked["spoke"] == (4 if state == "confirmed" else 1)


def test_a_verification_asks_each_device_until_its_timeout() -> None:
    devices = {"hub": Device(), "spoke": Device(verified=False), "other": Device(verified=False)}
    asked = dict.fromkeys(devices, 0)

    def observe(session: t.Any, plan: DevicePlan, why_down: bool) -> Device:
        asked[plan.host] += 1
        device: Device = session._device
        return replace(device, verified=device.verified or (plan.host == "other" and asked[plan.host] > 3))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device_verification, "observe", observe)
        outcomes = run(
            devices, "verify", per_host={"spoke": {"verify_timeout": 0.0}, "other": {"verify_timeout": 60.0}}
        )
    assert asked == {"hub": 1, "spoke": 1, "other": 4}
    assert [outcomes[host].failed for host in devices] == [False, True, False]


def test_each_device_waits_for_its_lock_as_long_as_it_may() -> None:
    settings = Settings("run1", {}, t.cast(t.Any, None), lock_wait=1.0, per_host={"spoke": {"lock_wait": 9.0}})
    assert (settings.of("hub").lock_wait, settings.of("spoke").lock_wait) == (1.0, 9.0)


def test_an_excluded_spoke_that_no_run_contacts_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def findings(plan: DevicePlan, _seen: Device, _checks: t.Collection[str]) -> list[Finding]:
        up = Finding(plan.host, "ike", "gate", "ok", "UP", "UP", peer="spoke")
        down = Finding(plan.host, "ike", "far-vpn", "failed", "UP", "DOWN", tunnel="far-vpn", peer="far")
        return [up, down] if plan.host == "hub" else [up]

    monkeypatch.setattr(device_verification, "findings", findings)
    outcomes = run({"hub": Device(), "spoke": Device()}, on_failure="site", max_failures=1)
    assert {host: (one.state, one.failed) for host, one in outcomes.items()} == {
        "hub": ("confirmed", False),
        "spoke": ("confirmed", False),
        "far": ("skipped", True),
    }
    assert outcomes["far"].message.startswith("excluded: hub: ")
    assert outcomes["far"].because_of == ("hub",)
