# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of words finds a replaced word wherever it stands, and nothing that only contains one."""

from __future__ import annotations

import pytest

from tests.utils.words import EXEMPT, Hit, find


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The device is left alone.", ["left"]),
        ("def test_nothing_is_left_out() -> None:", ["left_out"]),
        ("# Both ends are at\n    # fault here.", ["at\n    # fault"]),
        ("It does not\nagree with the plan.", ["does not\nagree"]),
        ("Shadowed by somebody", ["Shadowed", "somebody"]),
        ("PROVEN", ["PROVEN"]),
        ("background, leftmost, improve, sanity, determines, timeout, besides, permit", []),
        ("its timeout is over", []),
    ],
)
def test_whole_words_are_found(text: str, words: list[str]) -> None:
    assert [hit.word for hit in find(text)] == words


def test_a_hit_has_its_line_and_the_term_to_use() -> None:
    assert find("first\nthen climb\n") == [Hit(2, "climb", "diagnose, step")]


def test_an_exemption_covers_its_own_text_only() -> None:
    text = "logfile turned over due to size>1024K\nthe log was turned over\n"
    assert [(hit.line, hit.word) for hit in find(text, [EXEMPT[0].text])] == [(2, "turned over")]
