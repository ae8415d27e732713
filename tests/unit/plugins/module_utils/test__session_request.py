# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that no device can read are errors of this side; a reply that is not understood is told by its object."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.commit_history import commits
from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import PING, request
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood, Sentence, SessionError

PENDING = Path(__file__).parents[2] / "fixtures" / "rpc" / "commit-list" / "pending.xml"


class _Channel:
    notes: t.ClassVar[list[str]] = []

    def __init__(self) -> None:
        self.sent: list[str] = []

    def execute(self, rpc: str, _timeout: float) -> str:
        self.sent.append(rpc)
        return '<rpc-reply message-id="1"><ok/></rpc-reply>'


@pytest.mark.parametrize("char", ["\x00", "\x01", "\x1b", "\x7f", "é", "\ufffe", "\ud800", "\n"])
def test_a_control_character_is_not_blamed_on_the_device(char: str) -> None:
    session = Session(Target("west", "192.0.2.1"))
    channel = _Channel()
    session._channel, session._is_open = channel, True  # type: ignore[assignment]
    asked = request(PING, {"host": f"a{char}b"})
    if char in ("\x7f", "é", "\n"):
        session.rpc(asked)
        assert channel.sent == [asked]
        return
    with pytest.raises(SessionError, match="west: ping: expected a request without control characters") as caught:
        session.rpc(asked)
    assert caught.value.reason == "bad_argument"
    assert channel.sent == []


def test_a_list_of_commits_that_is_not_understood_names_object_and_remedy() -> None:
    reply = PENDING.read_text(encoding="utf-8").replace("</commit-information>", "warning: late</commit-information>")
    session = Session(Target("west", "192.0.2.1"))
    session.rpc = lambda *_, **__: reply  # type: ignore[method-assign]
    with pytest.raises(ReplyNotUnderstood) as caught:
        commits(session)
    told = Sentence.of(str(caught.value), "west")
    assert told.object == "show system commit"
    assert told.short.endswith("the text 'warning: late' in <commit-information> is not known")
    assert told.remedy == "Save the reply and report it: this layout is not known."
