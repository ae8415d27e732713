# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of the configuration: the group as planned, and committed statements outside it that override it."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import findings

from .verify_cases import HEALTHY, HUB, Answers, Case, assert_finding, each

CONFLICT = Finding(
    "hub1", "conflicts", "security flow", "failed", "mss 1350", "mss 1200 at the top level", "Delete it."
)
CASES: list[tuple[str, Answers, str, str, str, str]] = [
    # check, what is answered instead, object, state, actual, part of the remedy
    ("configuration", {"configuration": []}, "group hubspoke", "ok", "as planned", ""),
    (
        "configuration",
        {"configuration": ["[edit groups hubspoke]", "-  mss 1350;", "+  mss 1400;"]},
        "group hubspoke",
        "failed",
        "2 lines differ, the first: [edit groups hubspoke] -  mss 1350;",
        "deploy again with --check --diff",
    ),
    (
        "configuration",
        {"overrides": [CONFLICT]},
        "outside group hubspoke",
        "failed",
        "mss 1200 at the top level",
        "Delete it.",
    ),
    (
        "configuration",
        {"overrides": [CONFLICT, replace(CONFLICT, object="security zones"), CONFLICT]},
        "outside group hubspoke",
        "failed",
        "mss 1200 at the top level, and 2 more that 'drift' lists",
        "Delete it.",
    ),
]


@each(CASES)
def test_case(case: Case) -> None:
    assert_finding(case)


def test_an_override_is_expected_to_be_what_the_group_has() -> None:
    answers = replace(HEALTHY, overrides=Answer("ok", (CONFLICT,)))
    [_group, outside] = findings(HUB, answers, checks=["configuration"])
    assert (outside.expected, outside.brief) == ("security flow: mss 1350", "overridden")


def test_a_refused_configuration_leaves_overrides_unknown() -> None:
    answers = replace(HEALTHY, overrides=Answer("refused", reason="hub1: permission denied"))
    [group, outside] = findings(HUB, answers, checks=["configuration"])
    assert (group.state, outside.state, outside.expected) == ("ok", "unknown", "none")
    assert outside.actual == "hub1: permission denied"


def test_nobody_asks_for_overrides_in_a_run_that_changes_devices() -> None:
    assert [one.object for one in findings(HUB, HEALTHY, checks=["configuration"])] == ["group hubspoke"]
