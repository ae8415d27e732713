# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every parser, by data: a case is two files in tests/unit/fixtures/rpc, a reply and its expectation.

The expectation has the command and either ``items``, ``source``, ``notes`` and the ``doubts`` among them, or the
``error`` and a part of its message; for replies to lock, load, commit check and commit it has the ``outcome``. Null
values are omitted.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import asdict, is_dataclass
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, ReplyNotUnderstood
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.commit import commit_outcome, lock_holder
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import COMMANDS, parse

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rpc"
CASES = sorted(path for suffix in ("xml", "txt") for path in FIXTURES.glob(f"*/*.{suffix}"))


def plain(value: t.Any) -> t.Any:
    """Return observations as data, without empty values."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if one not in (None, (), "") or one is False}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_case(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    reply = path.read_bytes()
    if "outcome" in expected:
        check_outcome(reply, expected)
    elif "error" in expected:
        check_error(reply, expected)
    else:
        parsed = parse(expected["command"], reply)
        assert plain(parsed.items) == expected["items"]
        assert parsed.source == expected["source"]
        assert parsed.remarks == expected.get("notes", [])
        assert list(parsed.doubts) == expected.get("doubts", [])


def check_outcome(reply: bytes, expected: dict[str, t.Any]) -> None:
    outcome = plain(commit_outcome(reply))
    reason = expected["outcome"].pop("reason", "")
    assert reason in outcome.pop("reason", "")
    assert outcome == expected["outcome"]
    if "lock_holder" in expected:
        assert plain(lock_holder(outcome["errors"][0]["message"])) == expected["lock_holder"]


def check_error(reply: bytes, expected: dict[str, t.Any]) -> None:
    with pytest.raises(HubspokeError) as caught:
        parse(expected["command"], reply)
    assert caught.value.reason == expected["error"]
    assert expected["message"] in str(caught.value)
    assert str(caught.value).startswith(next(name for name in COMMANDS if expected["command"].startswith(name)))
    assert expected.get("never", "\0") not in str(caught.value)


def test_every_reply_has_its_expectation_and_every_command_its_replies() -> None:
    assert sorted(path.with_suffix(".json") for path in CASES) == sorted(FIXTURES.glob("*/*.json"))
    commands = {json.loads(path.read_text(encoding="utf-8")).get("command", "") for path in FIXTURES.glob("*/*.json")}
    for name in COMMANDS:
        assert any(command.startswith(name) for command in commands), name


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_rpc_error_is_never_an_empty_table(command: str) -> None:
    with pytest.raises(HubspokeError, match="permission denied") as caught:
        parse(
            command,
            "<rpc-reply><rpc-error><error-severity>error</error-severity>"
            "<error-message>permission denied</error-message></rpc-error></rpc-reply>",
        )
    assert caught.value.reason == "refused"


def test_a_warning_with_a_table_is_no_refusal() -> None:
    parsed = parse(
        "show route",
        "<rpc-reply><rpc-error><error-severity>warning</error-severity><error-message>old</error-message></rpc-error>"
        "<route-information/></rpc-reply>",
    )
    assert parsed.items == ()


def test_text_without_a_last_line_end_is_marked() -> None:
    text = (FIXTURES / "next-hop-tunnels" / "static-and-auto.txt").read_text(encoding="utf-8")
    parsed = parse("show security ipsec next-hop-tunnels", text.rstrip("\n"))
    assert len(parsed.items) == 2
    assert parsed.notes == ("the text does not end with a line end: its last row may be cut",)


def test_byte_order_mark_and_line_ends_of_windows_do_no_harm() -> None:
    reply = (FIXTURES / "ike" / "brief-padded.xml").read_text(encoding="utf-8")
    clean = parse("show security ike security-associations", reply)
    assert parse("show security ike security-associations", b"\xef\xbb\xbf" + reply.encode()) == clean
    assert parse("show security ike security-associations", reply.replace("\n", "\r\n")) == clean


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("show security ipsec sa", "show security ipsec security-associations"),
        ("show security ike sa detail", "show security ike security-associations"),
        ("show sec ipsec next", "show security ipsec next-hop-tunnels"),
        ("sh int terse", "show interfaces"),
        ("sh ro 10.1.2.0/24", "show route"),
        ("show ver", "show version"),
    ],
)
def test_a_command_may_be_abbreviated(typed: str, name: str) -> None:
    with pytest.raises(HubspokeError, match=f"^{name}: "):
        parse(typed, "error: refused\n")


def test_an_ambiguous_command_names_its_candidates() -> None:
    candidates = "expected one of show security ipsec security-associations, show security ipsec statistics"
    with pytest.raises(ReplyNotUnderstood, match=candidates):
        parse("show security ipsec s", "")


def test_an_unknown_command_is_named() -> None:
    with pytest.raises(ReplyNotUnderstood, match="'show chassis hardware': expected one of show security ipsec"):
        parse("show chassis hardware", "")
