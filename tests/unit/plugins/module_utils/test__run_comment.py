# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comments of commits: each is read back as it was written, and another user's is none of ours."""

from __future__ import annotations

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run_comment import RunComment
from hypothesis import given, settings
from hypothesis import strategies as st

RUN = "20260301T101500-a1b2c3"
COMMENTS = [
    (RunComment(run=RUN, minutes=10), f"hubspoke {RUN}: confirm within 10 minutes"),
    (
        RunComment(run=RUN, act="confirm", ticket="CHG-7/a", digest="0123abcd"),
        f"hubspoke {RUN} CHG-7/a digest 0123abcd: verified, confirmed",
    ),
    (
        RunComment(run=RUN, act="roll_back", digest="0123abcd"),
        f"hubspoke {RUN} digest 0123abcd: not verified, rolled back",
    ),
    (RunComment(run=RUN, is_trace=True, act="keep"), f"hubspoke {RUN} trace: kept"),
    (RunComment(run=RUN, is_trace=True, act="remove"), f"hubspoke {RUN} trace: removed"),
]


@pytest.mark.parametrize(("comment", "text"), COMMENTS, ids=[comment.act for comment, _text in COMMENTS])
def test_a_comment_is_read_as_it_was_written(comment: RunComment, text: str) -> None:
    assert str(comment) == text
    assert RunComment.read(f"  0   2026-03-01 10:15:09 UTC by netconf via netconf\n    {text}\n") == comment


@settings(deadline=None)
@given(
    st.builds(
        RunComment,
        run=st.from_regex(r"\A\d{8}T\d{6}-[0-9a-f]{6}\Z"),
        act=st.sampled_from(["commit", "confirm", "roll_back", "keep", "remove"]),
        is_trace=st.booleans(),
        ticket=st.from_regex(r"\A(?:(?!trace\Z|digest\Z)[0-9A-Za-z._/#-]{1,40})?\Z"),
        digest=st.from_regex(r"\A(?:[0-9a-f]{12})?\Z"),
    )
)
def test_any_comment_is_read_back(comment: RunComment) -> None:
    assert RunComment.read(str(comment)) == comment


@pytest.mark.parametrize(
    "text", ["", "maintenance", f"hubspoke {RUN}: undone by eve", f"spoke {RUN}: verified, confirmed", "hubspoke: kept"]
)
def test_other_comments_are_none(text: str) -> None:
    assert RunComment.read(text) is None


def test_commits_of_one_transaction_share_a_label() -> None:
    comment = RunComment(run=RUN, ticket="CHG-7", digest="0123abcd", minutes=5)
    assert comment.of("confirm").label == comment.label
    assert comment.of("confirm").act == "confirm"
