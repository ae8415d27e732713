# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preflight: the questions to a device, why one is not reached, and the table for people."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_offered_keys import OfferedKey
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import login_error
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import (
    HubspokeError,
    ReplyNotUnderstood,
    ReplyRefused,
    SessionError,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import LockHolder
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.database_status import exclusive_user
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.ask import Question, check_devices, not_reached
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.facts import Checked, Facts, Pending
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.report import (
    known_hosts_lines,
    outcome_of,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.table import (
    format_bytes,
    format_clock,
    format_span,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from .readable_codec import Codec
from .sample_conflicts import KEYS
from .sample_fleet import OSLO

HOLDER = (
    "<database-status><user>{}</user><terminal>p0</terminal><pid>4711</pid>"
    '<start-time seconds="1">2026-03-02 10:00:00 UTC</start-time><idle-time seconds="5">00:00:05</idle-time>{}'
    "<edit-path>[edit]</edit-path></database-status>"
)


STATUS = (
    "<rpc-reply><data><configuration/><database-status-information>{}</database-status-information></data></rpc-reply>"
)


LOCKED = STATUS.format(HOLDER.format("amy", "") + HOLDER.format("mallory", "<exclusive/>"))


FREE = STATUS.format("")


UPTIME = (
    '<rpc-reply><system-uptime-information><current-time><date-time seconds="{}">2026-03-02 10:11:12 UTC</date-time>'
    "</current-time><system-booted-time><date-time>2026-03-01 08:11:12 UTC</date-time></system-booted-time>"
    "</system-uptime-information></rpc-reply>"
)


VERSION = (
    "<rpc-reply><software-information><host-name>oslo</host-name><product-model>srx320</product-model>"
    "<junos-version>21.4R3</junos-version></software-information></rpc-reply>"
)


STORAGE = (
    "<rpc-reply><system-storage-information><filesystem><filesystem-name>/dev/gpt/var</filesystem-name>"
    '<total-blocks format="1.0G">2097152</total-blocks><used-blocks format="1K">2</used-blocks>'
    '<available-blocks format="1.0G">2097150</available-blocks><used-percent>{}</used-percent>'
    "<mounted-on>/var</mounted-on></filesystem></system-storage-information></rpc-reply>"
)


COMMITS = (
    "<rpc-reply><commit-information><commit-history><sequence-number>0</sequence-number><user>ops</user>"
    "<client>cli</client><date-time>2026-03-02 10:05:00 UTC</date-time>{}</commit-history></commit-information>"
    "</rpc-reply>"
)


PENDING = "<comment>commit confirmed, rollback in 10mins</comment>{}"


class Device:
    """Answers each request by the name of its RPC."""

    def __init__(self, **replies: t.Any) -> None:
        self.target = SimpleNamespace(host="oslo")
        self.replies: dict[str, t.Any] = {
            "get-software-information": VERSION,
            "get-system-uptime-information": UPTIME.format(0),
            "get-system-storage": STORAGE.format(1),
            "get-commit-information": COMMITS.format(""),
            "get-config": FREE,
            "statements": [],
            "compare": "",
            "open": None,
        } | {name.replace("_", "-"): reply for name, reply in replies.items()}
        self.closed = 0
        self.warnings: list[str] = []

    def __call__(self, _host: str) -> Device:
        return self

    def answer(self, name: str) -> t.Any:
        reply = self.replies[name]
        if isinstance(reply, Exception):
            raise reply
        return reply

    def open(self) -> None:
        self.answer("open")

    def close(self) -> None:
        self.closed += 1

    def rpc(self, request: str) -> str:
        return str(self.answer(request.lstrip("<").replace("/", " ").replace(">", " ").split()[0]))

    def statements(self, _filter: str) -> list[str]:
        return list(self.answer("statements"))

    def compare(self) -> str:
        return str(self.answer("compare"))


def check(device: Device, *, is_planned: bool = True, keys: t.Sequence[OfferedKey] = ()) -> Checked:
    question = Question("oslo", "hubspoke", Job(OSLO, render(OSLO)) if is_planned else None, is_planned=is_planned)
    (found,) = check_devices([question], KEYS, Codec(), t.cast(t.Any, device), lambda _target: keys, 1)
    assert device.closed == 1
    return found


def test_a_device_without_obstacles_is_ready() -> None:
    found = check(Device())
    assert (found.state, found.obstacles, found.unanswered) == ("ready", (), ())
    assert found.facts is not None
    facts = found.facts
    assert (facts.release, facts.model, facts.uptime_seconds) == ("21.4R3", "srx320", 93600)
    assert (facts.pending, facts.lock, facts.has_group, facts.free_bytes) == (None, None, False, 2097150 * 512)
    assert facts.clock_seconds is not None
    # It says that the time is that of 1970.
    assert facts.clock_seconds < -1_000_000_000


OBSTACLES: dict[str, tuple[dict[str, t.Any], str, str]] = {
    "a pending commit": (
        {"get_commit_information": COMMITS.format(PENDING.format(""))},
        "commit confirmed",
        "Confirm it",
    ),
    "one of a killed run": (
        {
            "get_commit_information": COMMITS.format(
                PENDING.format("<log>hubspoke 20260302T100000-abcdef: confirm within 10 minutes</log>")
            )
        },
        "commit confirmed",
        "Run the playbook recover",
    ),
    "a lock": ({"get_config": LOCKED}, "lock of the configuration", "pid 4711"),
    "another user's changes": ({"compare": "[edit system]\n+  x;"}, "shared candidate", "another user's"),
    "full storage": ({"get_system_storage": STORAGE.format(98)}, "storage", "system storage cleanup"),
    "no permission": (
        {"statements": SessionError("oslo: read: expected x, actual: permission denied.")},
        "configuration",
        "login class",
    ),
    "a conflict": (
        {"statements": ["set security zones security-zone office interfaces ge-0/0/0.0"]},
        "interface ge-0/0/0.0",
        "zone office",
    ),
}


@pytest.mark.parametrize(("replies", "place", "remedy"), OBSTACLES.values(), ids=OBSTACLES)
def test_what_would_stop_a_deployment_is_named(replies: dict[str, t.Any], place: str, remedy: str) -> None:
    found = check(Device(**replies))
    assert found.state == "not_ready"
    (obstacle,) = found.obstacles
    assert obstacle.object == place
    assert remedy in obstacle.remedy


def test_the_end_of_a_confirm_window_is_told_in_the_time_of_the_device() -> None:
    found = check(Device(get_commit_information=COMMITS.format(PENDING.format(""))))
    assert found.facts is not None
    assert found.facts.pending == Pending("ops", "10:15:00 UTC")


def test_a_commit_whose_confirm_window_has_ended_is_not_pending() -> None:
    over = COMMITS.format(PENDING.format("")).replace("10:05:00", "09:05:00")
    assert check(Device(get_commit_information=over)).state == "ready"


@pytest.mark.parametrize("error", [ReplyRefused("refused"), ReplyNotUnderstood("a layout that is not known")])
def test_a_question_without_an_answer_is_no_obstacle(error: Exception) -> None:
    names = (
        "get_software_information",
        "get_system_uptime_information",
        "get_system_storage",
        "get_commit_information",
    )
    found = check(Device(**dict.fromkeys((*names, "get_config"), error)))
    assert found.state == "ready"
    assert len(found.unanswered) == 5
    assert found.facts is not None
    assert replace(found.facts, parts=()) == Facts(pending="unknown", lock="unknown")


def test_a_session_that_breaks_fails_the_device() -> None:
    found = check(Device(get_config=SessionError("oslo: get-config: expected a reply, actual none (x).", "lost")))
    assert (found.state, found.short, found.facts) == ("failed", "get-config: expected a reply, actual none (x)", None)


def test_without_a_plan_the_parts_of_the_device_are_listed() -> None:
    found = check(Device(statements=["set system host-name oslo"]), is_planned=False)
    assert [one.object for one in found.obstacles] == ["plan"]
    assert found.facts is not None
    assert found.facts.present == (("host name", "oslo"),)


def test_an_unknown_host_key_comes_with_the_keys_that_are_offered() -> None:
    error = login_error("oslo (192.0.2.2 port 830)", "host_key_unknown", algorithm="", fingerprint="MD5:1", add="x")
    key = OfferedKey("192.0.2.2", "ssh-ed25519 AAAA", "/home/me/.ssh/known_hosts")
    found = check(Device(open=error), keys=[key])
    assert (found.state, found.reason) == ("failed", "host_key")
    assert found.unknown_keys == ("192.0.2.2 ssh-ed25519 AAAA",)
    assert found.short.startswith("SSH host key: unknown ED25519 key SHA256:")
    assert known_hosts_lines([found, found]) == ["192.0.2.2 ssh-ed25519 AAAA"]
    assert outcome_of(found, "run/known_hosts")["remedy"] == (
        "Compare 'ssh-keygen -lf run/known_hosts' with the device's console, then"
        " 'cat run/known_hosts >> /home/me/.ssh/known_hosts'."
    )


WHERE = "oslo (192.0.2.2 port 830)"


REASONS: tuple[tuple[HubspokeError, str, str, str], ...] = (
    (login_error(WHERE, "refused"), "unreachable", "NETCONF over SSH: connection refused", "Check ansible_host"),
    (login_error(WHERE, "timed_out", seconds=5), "unreachable", "NETCONF over SSH: no connection within 5 s", "Check"),
    (
        login_error(WHERE, "host_key_changed", algorithm="ED25519 ", fingerprint="SHA256:a", known="SHA256:b",
                    file="f:1", name="n", add="x"),
        "failed",
        "SSH host key: CHANGED to ED25519 key SHA256:a",
        "Find out why before anything else",
    ),
    (
        login_error(WHERE, "bastion", bastion="jump", words="SSH: expected an answer, actual connection refused",
                    by_hand="ssh jump", remedy=""),
        "unreachable",
        "bastion jump: SSH: expected an answer, actual connection refused",
        "Try it by hand: ssh jump",
    ),
    (
        SessionError("oslo: ansible_port: expected a whole number, actual 'netconf'. Correct it.", "bad_inventory"),
        "failed",
        "ansible_port: expected a whole number, actual 'netconf'",
        "Correct it.",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("error", "state", "short", "remedy"), REASONS, ids=lambda one: str(one)[:30])
def test_why_a_device_was_not_reached_fits_a_line(error: HubspokeError, state: str, short: str, remedy: str) -> None:
    found = not_reached("oslo", error)
    assert (found.state, found.short) == (state, short)
    assert found.remedy.startswith(remedy)
    assert found.error == str(error)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (FREE, None),
        (STATUS.format(HOLDER.format("amy", "")), None),
        (LOCKED, LockHolder("mallory", "p0", 4711, "2026-03-02 10:00:00 UTC", "00:00:05")),
        (
            STATUS.format("<database-status><exclusive/></database-status>"),
            LockHolder("another user", None, None, None, None),
        ),
    ],
)
def test_the_holder_of_the_lock_is_the_user_with_the_mark(reply: str, expected: LockHolder | None) -> None:
    assert exclusive_user(reply) == expected


def test_a_reply_without_users_does_not_tell() -> None:
    with pytest.raises(ReplyNotUnderstood, match="database-status-information"):
        exclusive_user("<rpc-reply><data><configuration/></data></rpc-reply>")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h 0 min"), (90061, "1 d 1 h")],
)
def test_a_time_span_has_two_units(seconds: int, expected: str) -> None:
    assert format_span(seconds) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(0, "right"), (-2, "right"), (3, "+3 s"), (-400, "-6 min")])
def test_a_clock_is_right_or_off(seconds: int, expected: str) -> None:
    assert format_clock(seconds) == expected


@pytest.mark.parametrize(("size", "expected"), [(512, "512 B"), (1536, "1.5 KiB"), (13 * 1024**3, "13.0 GiB")])
def test_a_size_has_a_unit(size: int, expected: str) -> None:
    assert format_bytes(size) == expected
