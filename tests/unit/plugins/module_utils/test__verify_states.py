# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of a finding where an answer is missing, the order of findings, and the verdict."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding, FindingState, verdict
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import findings
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.sample_fleet import (
    HUB,
    HUB_ANSWERS,
    OSLO,
    OSLO_ANSWERS,
    TO_HUB,
)


def test_every_planned_object_has_its_finding_in_the_same_order() -> None:
    for answers in (HUB_ANSWERS, Observation("hub1")):
        assert [(finding.check, finding.object) for finding in findings(HUB, answers)] == [
            ("ike", "oslo-vpn"),
            ("ike", "lima-vpn"),
            ("ipsec", "oslo-vpn"),
            ("ipsec", "lima-vpn"),
            ("next_hop_tunnels", "oslo-vpn"),
            ("next_hop_tunnels", "lima-vpn"),
            ("routes", "10.1.2.0/24"),
            ("routes", "10.1.3.0/24"),
        ]


@pytest.mark.parametrize(
    ("answer", "actual"),
    [
        (Answer("refused", reason="syntax error"), "refused: syntax error"),
        (Answer("not_understood", reason="a new layout"), "not understood: a new layout"),
        (Answer("not_asked"), "not asked"),
    ],
)
@pytest.mark.parametrize(
    ("field", "check"),
    [("ike", "ike"), ("ipsec", "ipsec"), ("next_hop_tunnels", "next_hop_tunnels"), ("routes", "routes")],
)
@pytest.mark.parametrize(("plan", "healthy"), [(HUB, HUB_ANSWERS), (OSLO, OSLO_ANSWERS)])
def test_an_unanswered_question_is_unknown(
    answer: Answer[t.Any], actual: str, field: str, check: str, plan: DevicePlan, healthy: Observation
) -> None:
    found = findings(plan, replace(healthy, **{field: answer}))  # type: ignore[arg-type]
    assert {finding.state for finding in found if finding.check == check} == {"unknown"}
    assert {finding.actual for finding in found if finding.check == check} == {actual}
    assert {finding.state for finding in found if finding.check != check} == {"ok"}
    assert all(finding.remedy for finding in found if finding.check == check)
    assert verdict(found) == "unknown"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "unknown"),
        (["skipped"], "unknown"),
        (["ok", "skipped"], "ok"),
        (["ok", "unknown"], "unknown"),
        (["ok", "unknown", "failed"], "failed"),
    ],
)
def test_verdict(states: list[FindingState], expected: str) -> None:
    assert verdict(Finding("hub1", "ike", "oslo-vpn", state, "", "") for state in states) == expected


def test_spoke_objects() -> None:
    assert [finding.object for finding in findings(OSLO, OSLO_ANSWERS)] == [
        TO_HUB.vpn,
        TO_HUB.vpn,
        TO_HUB.vpn,
        "10.1.1.0/24",
        "10.1.3.0/24",
    ]
