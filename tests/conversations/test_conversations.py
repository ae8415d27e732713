# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection names the causes that daemons name; the kept conversations are current, and daemons repeat them."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.table import cause_of

from tests.conversations import emulated, page
from tests.conversations.facts import NOTIFIES
from tests.conversations.record import failures, kept
from tests.twin.outside import said_again

# The causes of what a peer notifies, in phase 1 and in phase 2.
_CAUSES = {
    "AUTHENTICATION_FAILED": ("authentication_failed", "authentication_failed"),
    "INVALID_HASH_INFORMATION": ("authentication_failed", "authentication_failed"),
    "INVALID_ID_INFORMATION": ("peer_not_recognized", "proxy_id"),
    "INVALID_KE_PAYLOAD": ("no_proposal", "no_proposal"),
    "NO_PROPOSAL_CHOSEN": ("no_proposal", "no_proposal"),
    "PAYLOAD_MALFORMED": ("invalid_payload", "invalid_payload"),
    "TS_UNACCEPTABLE": ("proxy_id", "proxy_id"),
}


def test_the_conversations_are_of_these_cases() -> None:
    expected = {case.name: case.digest for case in failures()}
    assert {name: one.digest for name, one in kept().items()} == expected, (
        "the conversations are older than the cases: python -m tests.conversations --record"
    )


def test_the_lines_of_the_lab_are_current() -> None:
    conversations = kept()
    for case in failures():
        assert conversations[case.name].lab == emulated.lines(case), f"{case.name}: python -m tests.conversations"


def test_each_disagreement_is_explained_and_each_explanation_needed() -> None:
    unused, unexplained = set(page.disagreements()), []
    for one in page.differing():
        found = [entry for entry in page.disagreements() if entry.covers(one)]
        unused -= set(found)
        if not found:
            unexplained.append(f"{one.case}: {one.end}: daemon {one.daemon} ({one.said}); collection {one.collection}")
    assert unexplained == []
    assert unused == set()


def test_the_page_has_the_conversations() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.made(text) == text, "python -m tests.conversations"


def test_each_notify_has_a_cause_in_both_spellings() -> None:
    assert set(NOTIFIES.values()) == set(_CAUSES)
    for name, causes in _CAUSES.items():
        for text in (name, name.replace("_", " ").capitalize()):
            assert tuple(cause_of(text, phase) for phase in (1, 2)) == causes, text


def test_daemons_say_again_what_is_kept(tmp_path: Path) -> None:
    said = said_again("tests.conversations", tmp_path)
    # A busy machine sends packets again, and may see them in another order.
    assert {name: set(facts) for name, facts in said.items()} == {
        name: set(map(str, one.daemons)) for name, one in kept().items()
    }
