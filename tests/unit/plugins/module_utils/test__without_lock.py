# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A device is not locked where its committed configuration is the planned one; it is locked for any difference."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import quoted, to_set, words_of
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, Mode, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction import preparation
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.device_run import DeviceRun
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from .sample_fleet import HUB, OSLO

KEYS = {"hub1": "of-the-plan", "oslo": "of-the-spoke"}
JOBS = {plan.host: Job(plan, render(plan)) for plan in (HUB, OSLO)}
JOB = JOBS[OSLO.host]


class Codec:
    """``$9$`` and the plain words after it."""

    def encode(self, plain: str) -> str:
        return f"$9${plain}"

    def decode(self, encoded: str) -> str:
        return encoded.removeprefix("$9$")


class Locked(Exception):
    """The run asks for the lock."""


class Session:
    """A session that answers the committed configuration, and can do nothing that needs a lock."""

    until = None

    def __init__(self, host: str, commands: t.Sequence[str]) -> None:
        self.target = SimpleNamespace(host=host)
        self.warnings: list[str] = []
        self._commands = list(commands)

    def open(self) -> None:
        pass

    def statements(self, _filter: str, database: str = "committed") -> list[str]:
        assert database == "committed"
        return self._commands

    def lock(self) -> None:
        raise Locked


def held(job: Job) -> list[str]:
    """Return the statements of a device that has the plan, its keys encoded."""
    text = to_set(job.text)
    for host, key in KEYS.items():
        text = text.replace(f'"<pre-shared-key of {host}>"', f'"$9${key}"')
    assert "<pre-shared-key" not in text
    return [f"set {quoted(words[1:])}" for line in text.splitlines() for words in words_of(line)]


HELD = {host: held(job) for host, job in JOBS.items()}
KEY = next(line for line in HELD[OSLO.host] if "$9$" in line)


@pytest.fixture(autouse=True)
def pending(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the pending commits of the device, none at first."""
    found: list[str] = []
    monkeypatch.setattr(preparation, "pending_confirmation", lambda session: next(iter(found), None))
    return found


def prepared(job: Job, commands: t.Sequence[str], mode: Mode = "apply", **more: t.Any) -> DeviceRun:
    """Return the device after its preparation. Raise Locked where it asks for the lock."""
    settings = Settings("run1", KEYS, Codec(), mode, **more)
    device = DeviceRun(job, settings, lambda host: t.cast(t.Any, Session(host, commands)), lambda seconds: True)
    device.reach()
    device.prepare()
    return device


def takes_lock(job: Job, commands: t.Sequence[str], **more: t.Any) -> bool:
    try:
        prepared(job, commands, **more)
    except Locked:
        return True
    return False


def prefixes(commands: t.Iterable[str]) -> list[tuple[str, ...]]:
    """Return the words of each place in the group that a user may name, the group itself first."""
    lines = [words for command in commands for words in words_of(command) if words[1] == "groups"]
    return list(dict.fromkeys(words[1:size] for words in lines for size in range(3, len(words) + 1)))


@pytest.mark.parametrize("host", JOBS)
def test_a_device_that_has_the_plan_is_unchanged(host: str) -> None:
    device = prepared(JOBS[host], HELD[host])
    assert (device.state, device.diff, device.is_locked, device.warnings) == ("unchanged", "", False, [])


@pytest.mark.parametrize("host", JOBS)
def test_each_deleted_statement_takes_the_lock(host: str) -> None:
    commands = HELD[host]
    assert [
        line
        for place, line in enumerate(commands)
        if not takes_lock(JOBS[host], commands[:place] + commands[place + 1 :])
    ] == []


@pytest.mark.parametrize("host", JOBS)
def test_each_changed_statement_takes_the_lock(host: str) -> None:
    commands = HELD[host]

    def changed(line: str) -> str:
        (words,) = words_of(line)
        return f"set {quoted((*words[1:-1], f'{words[-1]}9'))}"

    assert [
        line
        for place, line in enumerate(commands)
        if not takes_lock(JOBS[host], [*commands[:place], changed(line), *commands[place + 1 :]])
    ] == []


@pytest.mark.parametrize("host", JOBS)
def test_each_added_and_each_deactivated_statement_takes_the_lock(host: str) -> None:
    commands = HELD[host]
    places = prefixes(commands)
    more = [f"set {quoted((*place, 'unknown'))}" for place in places]
    more += [f"{verb} {quoted(place)}" for verb in ("deactivate", "protect") for place in places]
    more.append(f"deactivate apply-groups {JOBS[host].plan.group}")
    assert [line for line in more if not takes_lock(JOBS[host], [*commands, line])] == []


@pytest.mark.parametrize("stored", ["$9$of-another-user", "$8$aes256-gcm$x", "of-another-user"])
def test_another_key_and_one_that_cannot_be_decoded_take_the_lock(stored: str) -> None:
    commands = [line if line != KEY else line.rpartition(" ")[0] + f' "{stored}"' for line in HELD[OSLO.host]]
    assert takes_lock(JOB, commands)


def test_a_missing_key_takes_the_lock() -> None:
    device = DeviceRun(
        JOB,
        Settings("run1", {}, Codec()),
        lambda host: t.cast(t.Any, Session(host, HELD[OSLO.host])),
        lambda seconds: True,
    )
    device.reach()
    with pytest.raises(Locked):
        device.prepare()


def test_another_order_takes_the_lock_where_it_has_an_effect() -> None:
    """The first policy that matches counts, the first proposals are preferred, the first address is asked first."""
    lines = [
        "policies from-zone a to-zone b policy one then permit",
        "policies from-zone a to-zone b policy two then permit",
    ]
    lines += ["ike policy p proposals strong", "ike policy p proposals weak"]
    lines += ["ike gateway g address 192.0.2.1", "ike gateway g address 192.0.2.2"]
    start = f"set groups {OSLO.group} security"
    text = """groups { hubspoke { security {
        policies { from-zone a to-zone b { policy one { then { permit; } } policy two { then { permit; } } } }
        ike { policy p { proposals [ strong weak ]; } gateway g { address [ 192.0.2.1 192.0.2.2 ]; } }
    } } }
    apply-groups hubspoke;
    """
    job = Job(replace(OSLO, group="hubspoke"), text)
    commands = [*(f"{start} {line}" for line in lines), "set apply-groups hubspoke"]
    assert not takes_lock(job, commands)
    for place in (0, 2, 4):
        swapped = list(commands)
        swapped[place : place + 2] = swapped[place : place + 2][::-1]
        assert takes_lock(job, swapped), swapped
    # The order of the hierarchies has none.
    assert not takes_lock(job, [*commands[4:], *commands[:4]])


def test_a_conflict_outside_the_group_takes_the_lock_and_a_doubtful_one_is_a_warning() -> None:
    assert takes_lock(JOB, [*HELD[OSLO.host], "set security flow tcp-mss ipsec-vpn mss 1200"])
    policy = words_of(KEY)[0][6]
    doubtful = f'set security ike policy {policy} pre-shared-key ascii-text "$8$x"'
    (warning,) = prepared(JOB, [*HELD[OSLO.host], doubtful]).warnings
    assert "only the device can decode" in warning


def test_a_pending_commit_takes_the_lock(pending: list[str]) -> None:
    """It came after the pre-checks. The lock refuses then, with the remedy."""
    pending.append("one by another user")
    assert takes_lock(JOB, HELD[OSLO.host])


def test_a_run_that_may_change_more_than_the_group_takes_the_lock() -> None:
    commands = HELD[OSLO.host]
    others: tuple[dict[str, t.Any], ...] = (
        {"rotated": frozenset({OSLO.host})},
        {"move_group": "old"},
        {"deletions": lambda plan, text, statements: []},
    )
    for more in others:
        assert takes_lock(JOB, commands, **more), more
    for job in (replace(JOB, kept=OSLO.tunnels), replace(JOB, gone=())):
        assert takes_lock(job, commands)


def test_a_removal_takes_the_lock_where_something_remains() -> None:
    job = replace(JOB, remove=True)
    assert not takes_lock(job, ["set system host-name oslo"])
    for line in ("set apply-groups hubspoke", HELD[OSLO.host][0]):
        assert takes_lock(job, [line])


def test_a_device_without_the_group_takes_the_lock() -> None:
    assert takes_lock(JOB, ["set system host-name oslo"])
    assert takes_lock(JOB, [f"set apply-groups {OSLO.group}"])
