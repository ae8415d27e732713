# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts as the fields of a result: short, with what to do apart, and nothing lost."""

from __future__ import annotations

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import (
    HubspokeError,
    Parts,
    PlanError,
    Problem,
    Sentence,
    SessionError,
    with_host,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils import _results
from ansible_collections.hubspoke.srx.plugins.plugin_utils._results import failed, of_parts, reasons_outside, worded

LONG = f"oslo: route: expected none, actual {'10.0.0.0/8, ' * 20}and more. Delete them."


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    monkeypatch.setattr(_results, "show", texts.append)
    return texts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("oslo: lock: expected free, actual held. Log in. Then wait.",
         ("oslo: lock: expected free, actual held.", "Log in. Then wait.", "")),
        ("oslo: st0.0: expected 10.0.0.1/24, actual none", ("oslo: st0.0: expected 10.0.0.1/24, actual none", "", "")),
        ("oslo: lock: expected free. 'show system' tells.", ("oslo: lock: expected free.", "'show system' tells.", "")),
        ("oslo: diff: expected none, actual:\n+ a. B\n", ("oslo: diff: expected none, actual:", "",
         "oslo: diff: expected none, actual:\n+ a. B")),
        ("", ("", "", "")),
    ],
)  # fmt: skip
def test_the_parts_of_a_text(text: str, parts: tuple[str, str, str]) -> None:
    assert Parts.of(text) == parts
    assert Parts.of(text).whole == text.strip()


def test_a_long_text_is_cut_and_kept_as_a_whole() -> None:
    parts = Parts.of(LONG)
    assert len(parts.message) == 120
    assert (parts.remedy, parts.detail, parts.whole) == ("Delete them.", LONG, LONG)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("oslo: commit check: expected to succeed, actual: mtu: bad. Correct it.",
         ("commit check", "to succeed", "mtu: bad", "Correct it.")),
        ("oslo (192.0.2.2 port 830): login: expected an answer, actual none.",
         ("login (192.0.2.2 port 830)", "an answer", "none", "")),
        ("oslo: no form at all. Look.", ("", "", "oslo: no form at all.", "Look.")),
    ],
)  # fmt: skip
def test_the_sentence_of_a_host(text: str, sentence: tuple[str, ...]) -> None:
    assert Sentence.of(text, "oslo") == sentence


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("oslo: lock: expected free, actual held by ops. Wait.", "lock: held by ops"),
        ("oslo: library: expected an answer, actual none. Install it.", "library: no answer"),
        ("oslo (192.0.2.1 port 830): login as ops: expected to be accepted, actual refused.",
         "login as ops (192.0.2.1 port 830): refused"),
        ("the run ended early.", "the run ended early"),
    ],
)  # fmt: skip
def test_a_sentence_in_short_is_what_was_met_or_is_missing(text: str, short: str) -> None:
    assert Sentence.of(text, "oslo").short == short


@pytest.mark.parametrize("text", ["oslo: lock: held.", "oslo (192.0.2.1 port 830): login: refused."])
def test_a_host_is_named_once(text: str) -> None:
    assert with_host("oslo", text) == text
    assert with_host("os", text) == f"os: {text}"
    assert with_host("oslo", "oslo.example is unknown") == "oslo: oslo.example is unknown"


def test_an_error_of_one_line_is_not_shown_apart(shown: list[str]) -> None:
    error = SessionError("oslo: lock: expected free, actual held. Log in.", "locked")
    assert failed(error) == {
        "failed": True,
        "msg": "oslo: lock: expected free, actual held.",
        "remedy": "Log in.",
        "reason": "locked",
    }
    assert not shown


def test_every_problem_of_a_plan_is_shown_once_and_the_first_is_in_the_result(shown: list[str]) -> None:
    problems = [Problem(f"s{number}", "nhtb_mss", "many", "expected a number", "Give one") for number in range(40)]
    result = failed(PlanError(problems))
    assert shown == ["\n".join(str(problem) for problem in problems)]
    assert result["msg"] == "40 problems, the first: s0: nhtb_mss = many: expected a number."
    assert (result["reason"], len(result["causes"]), result["causes"][-1]) == ("bad_inventory", 6, "and 35 more")
    assert all(len(row) <= 120 for row in result["causes"])


def test_the_last_line_of_another_error_says_what_to_do(shown: list[str]) -> None:
    result = failed(HubspokeError(f"{LONG}\nNothing was written."))
    assert len(shown) == 1
    assert len(result["msg"]) == 120
    assert result["remedy"] == "Nothing was written."


def test_a_secret_is_hidden_before_a_text_is_cut(shown: list[str]) -> None:
    def hide(text: str) -> str:
        return text.replace("secret", "(masked)")

    assert "secret" not in str(failed(HubspokeError("oslo: key: expected one, actual secret. Give it."), hide))
    assert not shown


def test_a_result_stays_small() -> None:
    result = worded(f"oslo: diff: expected none, actual {'x' * 100000}. Look at it.")
    assert len(str(result)) < 4000


def test_hosts_outside_the_play_have_one_short_reason_per_cause() -> None:
    same = dict.fromkeys([f"branch{number}" for number in range(39)], "branch33: check refused")
    alone = {"oslo": f"oslo: lock: expected free, actual {'held, ' * 40}"}
    away = {host: f"{host}: login: expected an answer, actual none." for host in ("lima", "riga")}
    shared, own, answer = reasons_outside({**same, **alone, **away})
    assert shared == "branch33: check refused, with 39 hosts outside this play."
    assert (own[:10], len(own)) == ("oslo: lock", 119)
    assert answer == "lima: login: expected an answer, actual none, with 2 hosts outside this play."
    assert worded("\n".join((shared, own)))["msg"] == shared


def test_a_message_ends_before_its_remedy() -> None:
    assert Parts("not verified with the fleet (hub1: oslo-vpn)", "See hub1.", "").whole.endswith("oslo-vpn). See hub1.")
    assert (Parts("as planned", "", "").whole, Parts("", "See hub1.", "").whole) == ("as planned", "See hub1.")


HOSTILE = "edit\x9b31m \u202ename\x07 \udce9\tgrün\n[edit]"


def test_a_result_commands_no_terminal() -> None:
    result = of_parts(Parts(HOSTILE, HOSTILE, HOSTILE))
    assert set(result.values()) == {"edit?31m ?name? ?\tgrün\n[edit]"}
