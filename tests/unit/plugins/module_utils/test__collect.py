# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive for support: which logs, how much of them, and the index of refused and lost replies."""

from __future__ import annotations

import io
import json
import tarfile
import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._collect.archive import (
    entry,
    markdown,
    pack,
    skipped,
    summary,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._collect.commands import configured, logs, shown
from ansible_collections.hubspoke.srx.plugins.module_utils._collect.gather import (
    Collected,
    Item,
    ask_all,
    collect,
    newest,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import hider
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyRefused, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import COMMANDS

SITE = SimpleNamespace(units=(SimpleNamespace(interface="st0.0"),))
PLAN = t.cast(t.Any, SimpleNamespace(host="hub", group="hubspoke", site=SITE))
UPTIME = (
    "<rpc-reply><system-uptime-information><current-time><date-time>2026-03-02 10:11:12 CET</date-time></current-time>"
    "<system-booted-time><date-time>2026-03-01 10:11:12 CET</date-time></system-booted-time>"
    "</system-uptime-information></rpc-reply>"
)
LISTING = (
    "<rpc-reply><directory-list><directory><file-information><file-name>/var/log/kmd</file-name></file-information>"
    "<file-information><file-name>kmd.0.gz</file-name></file-information></directory></directory-list></rpc-reply>"
)


class Device:
    """Answers every request alike, except those that a test names by their beginning."""

    target = SimpleNamespace(host="hub")

    def __init__(self, **replies: str | Exception) -> None:
        self.replies = {name.replace("_", "-"): reply for name, reply in replies.items()}
        self.sent: list[str] = []
        self.opened = 0

    def open(self) -> None:
        self.opened += 1

    def close(self) -> None:
        """Do nothing."""

    def rpc(self, request: str) -> str:
        self.sent.append(request)
        for name, reply in self.replies.items():
            if request.startswith(f"<{name}"):
                if isinstance(reply, Exception):
                    raise reply
                return reply
        return "<rpc-reply><output>\nall well\n</output></rpc-reply>"


def ask(device: Device, *secrets: str) -> Collected:
    return ask_all(t.cast(t.Any, device), PLAN, hider(secrets), 10_000)


def by_file(found: Collected) -> dict[str, Item]:
    return {item.file: item for item in found.items}


def test_each_command_is_sent_for_xml_and_text_by_the_rpc_that_the_parsers_know() -> None:
    questions = [*shown("st0.0")]
    assert len({question.file for question in questions}) == len(questions)
    assert {question.form for question in questions} == {"xml", "text"}
    for question in questions:
        known = next((COMMANDS[name] for name in COMMANDS if question.command.startswith(name)), None)
        assert known is None or known.rpc == question.rpc
        assert (' format="text"' in question.request) == (question.form == "text")
    assert questions[-1].request == (
        '<get-flow-session-information format="text"><interface>st0.0</interface></get-flow-session-information>'
    )
    assert [question.file for question in configured("hubspoke")] == [
        "configuration/group.txt",
        "configuration/group.set",
    ]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (
            [
                "messages.10.gz",
                "messages.2.gz",
                "dcd",
                "messages",
                "messages.old",
                "kmd",
                "kmd.0",
                "own-trace",
                "own.0",
            ],
            ["kmd", "kmd.0", "messages", "messages.2.gz", "messages.10.gz", "own-trace"],
        ),
        ([], []),
        (None, ["messages", "kmd", "iked", "security-trace", "own-trace"]),
    ],
)
def test_logs_of_the_vpn_are_read_with_their_rotated_ones(listed: list[str] | None, expected: list[str]) -> None:
    statements = "set groups any security ike traceoptions file own-trace\nset system syslog file own any any"
    assert [question.command for question in logs(listed, statements)] == [f"show log {name}" for name in expected]
    assert all(not question.file.endswith(".gz") for question in logs(listed, statements))


@pytest.mark.parametrize(
    ("limit", "kept", "cut"),
    [(None, "one\ntwo\nthree\n", 0), (14, "one\ntwo\nthree\n", 0), (13, "two\nthree\n", 4), (10, "two\nthree\n", 4),
     (9, "three\n", 8), (3, "", 14)],
)  # fmt: skip
def test_the_newest_whole_lines_are_kept(limit: int | None, kept: str, cut: int) -> None:
    assert newest("one\ntwo\nthree\n", limit) == (kept, cut)
    assert newest("\u00fc" * 10, 5) == ("", 20)


def test_a_refusal_of_any_form_is_noted() -> None:
    xnm = '<rpc-reply><xnm:error xmlns:xnm="x"><message>\nerror: not enabled\n</message></xnm:error></rpc-reply>'
    found = by_file(
        ask(
            Device(
                get_chassis_cluster_status=xnm,
                get_system_storage="<rpc-reply><output>\nerror: no such command\n</output></rpc-reply>",
                get_zones_information=ReplyRefused("hub: get-zones-information: actual error: denied, s3cret."),
            ),
            "s3cret",
        )
    )
    refused = {file: item.reason for file, item in found.items() if item.state == "refused"}
    assert refused["show/show-chassis-cluster-status.xml"] == "hub: error: not enabled"
    assert refused["show/show-system-storage.txt"] == "hub: error: no such command"
    assert refused["show/show-security-zones.xml"] == "hub: get-zones-information: actual error: denied, (masked)."
    assert len(refused) == 6
    assert {item.state for item in found.values()} == {"ok", "refused"}


def test_the_time_of_the_device_is_read_and_the_logs_that_it_lists() -> None:
    found = ask(Device(get_system_uptime_information=UPTIME, file_list=LISTING))
    assert (found.device_time, found.release, found.error) == ("2026-03-02 10:11:12 CET", None, "")
    assert [file for file in by_file(found) if file.startswith("logs/")] == ["logs/kmd", "logs/kmd.0"]


def test_without_a_listing_the_usual_logs_are_tried_and_missing_ones_omitted() -> None:
    device = Device(file_list=ReplyRefused("no"))
    assert len([file for file in by_file(ask(device)) if file.startswith("logs/")]) == 4
    device = Device(file_list=ReplyRefused("no"), get_log=ReplyRefused("no"))
    assert [item.state for file, item in by_file(ask(device)).items() if file.startswith("logs/")] == ["refused"] * 4


def test_after_two_lost_replies_a_device_is_not_asked_any_more() -> None:
    device = Device(get_route_information=SessionError("hub: expected a reply, actual none", "lost"))
    found = ask(device)
    assert device.opened == 2
    assert found.error == "hub: expected a reply, actual none"
    states = [item.state for item in found.items]
    assert states.count("lost") == 2
    assert states[-1] == "not_asked"
    assert entry(found, "hub.tar.gz", b"")["state"] == "incomplete"


def test_a_device_that_cannot_be_reached_does_not_stop_the_others() -> None:
    def connect(host: str) -> t.Any:
        if host == "away":
            raise SessionError("away: expected an answer, actual s3cret", "unreachable")
        return Device()

    away = t.cast(t.Any, SimpleNamespace(**{**vars(PLAN), "host": "away"}))
    found = collect([away, PLAN], connect, hider(["s3cret"]), 10, 2, lambda one: entry(one, "", None))
    assert [(one["host"], one["state"]) for one in found] == [("away", "unreachable"), ("hub", "collected")]
    assert found[0]["message"] == "away: expected an answer, actual (masked)"


def test_the_same_content_gives_the_same_archive_readable_by_its_owner_only() -> None:
    items = (Item("show/b.txt", "b", "ok", "b\n"), Item("logs/a", "a", "ok", "a\n", cut=3), Item("x", "x", "refused"))
    found = Collected("hub", items, "noon", "24.4R1.9")
    packed = pack(found, {"host": "hub"}, 1_700_000_000)
    assert packed == pack(found, {"host": "hub"}, 1_700_000_000)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        members = archive.getmembers()
        assert [member.name for member in members if member.isfile()] == [
            "hub/index.json", "hub/logs/a", "hub/show/b.txt",
        ]  # fmt: skip
        assert {(member.isdir(), member.mode, member.mtime) for member in members} == {
            (True, 0o700, 1_700_000_000),
            (False, 0o600, 1_700_000_000),
        }
        index = archive.extractfile("hub/index.json")
        assert index is not None
        assert json.loads(index.read())["files"][1] == {
            "file": "logs/a", "command": "a", "state": "ok", "reason": "", "bytes": 2, "cut_bytes": 3,
        }  # fmt: skip


def test_the_markdown_index_has_the_words_of_a_device_on_one_line_and_escaped() -> None:
    refused = Item("show/x.xml", "show x | count", "refused", reason="hub: <b>no\n| not here")
    hosts = [entry(Collected("hub", (refused,)), "hub.tar.gz", b"packed"), skipped("old", "not asked: ScreenOS")]
    content = summary("run-1", "2026-03-02 09:11:10 UTC", hosts)
    assert content["decision"] == "Collected. Hosts: 1 collected, 1 skipped."
    text = markdown(content)
    assert "| show/x.xml | show x \\| count | refused: hub: &lt;b>no \\| not here | 0 |" in text
    assert "| old | skipped | - | - | - | - |" in text
    assert "by the controller's clock" in text


def test_an_index_without_a_device_says_so() -> None:
    content = summary("run-1", "2026-03-02 09:11:10 UTC", [skipped("old", "not asked: ScreenOS")])
    assert content["decision"] == "Nothing collected: no device took part. Hosts: 1 skipped."
