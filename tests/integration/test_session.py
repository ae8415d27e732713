# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session and replies that only some devices send."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood, SessionError

HIDDEN_ERROR = """
<rpc-reply><commit-results><error>
  <source-daemon>kmd</source-daemon><edit-path>[edit security ike]</edit-path>
  <statement>gateway oslo-gate</statement><message>Referenced IKE policy must be defined</message>
</error></commit-results></rpc-reply>"""
WARNING = """
<rpc-reply><commit-results><rpc-error><error-severity>warning</error-severity>
  <error-message>this takes effect at the next boot</error-message></rpc-error>
  <routing-engine><name>re0</name><commit-success/></routing-engine></commit-results></rpc-reply>"""


def answering(monkeypatch: pytest.MonkeyPatch, reply: str) -> Session:
    session = Session(Target("oslo", "192.0.2.1"))
    monkeypatch.setattr(session, "_execute", lambda request, timeout=None: reply)
    return session


def test_an_error_within_a_reply_that_looks_like_success_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SessionError) as refused:
        answering(monkeypatch, HIDDEN_ERROR).check()
    assert str(refused.value) == (
        "oslo: commit check: expected to succeed, actual: [edit security ike] gateway oslo-gate"
        " Referenced IKE policy must be defined."
    )


def broken(monkeypatch: pytest.MonkeyPatch) -> Session:
    """Return a session with a device that answers no XML: a log with bytes of any kind, or an element not closed."""

    def execute(_request: str, _timeout: float) -> str:
        return "<rpc-reply>Local IKE-ID: \x02\x0c</rpc-reply>"

    session = Session(Target("oslo", "192.0.2.1"))
    monkeypatch.setattr(session, "_channel", SimpleNamespace(open=lambda: None, execute=execute, notes=[], tries=1))
    session.open()
    return session


def test_an_answer_that_is_no_xml_is_not_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReplyNotUnderstood, match="oslo: get-log: expected well-formed XML, actual not well-formed"):
        broken(monkeypatch).rpc("<get-log/>")


def test_whether_a_commit_was_done_must_then_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SessionError, match="oslo: commit: expected a reply, actual none") as lost:
        broken(monkeypatch).commit("a comment")
    assert lost.value.reason == "lost"


def test_a_warning_is_kept_and_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    session = answering(monkeypatch, WARNING)
    session.commit("a comment")
    assert session.warnings == ["this takes effect at the next boot"]
