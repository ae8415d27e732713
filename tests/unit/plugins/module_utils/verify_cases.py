# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cases for checks of the hub of ``sample_fleet``: what is answered instead, and the finding that follows."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Ping, PolicyMatch
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import (
    Answer,
    ClearPath,
    InternetPath,
    PolicyLookup,
    Probe,
    ProbeResult,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.policy_questions import PolicyQuestion, questions
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import IpsecStatistics
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import findings, probes
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.sample_fleet import (
    FLEET,
    HUB_ANSWERS,
    TO_LIMA,
    TO_OSLO,
    ike_sa,
    ipsec_tunnel,
)

Answers = dict[str, t.Sequence[t.Any]]


class Case(t.NamedTuple):
    """The answers that differ from those of a healthy hub, and the finding about one object."""

    check: str
    answers: Answers
    object: str
    state: str
    actual: str
    # A part of it; empty for none.
    remedy: str


# The traffic of Oslo to the Internet leaves at the hub.
HUB = replace(FLEET.hub, exit_networks=("10.1.2.0/24",))
OSLO_SA, LIMA_SA = ike_sa(TO_OSLO), ike_sa(TO_LIMA, 2)
OSLO_PAIR, LIMA_PAIR = ipsec_tunnel(TO_OSLO), ipsec_tunnel(TO_LIMA, 131074)
QUIET = IpsecStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, tunnel_index=131073)
PROBES = probes(FLEET, HUB)
TO_OSLO_NET, TO_LIMA_NET = PROBES


def associations(pair: t.Any, **changes: t.Any) -> t.Any:
    return replace(pair, security_associations=tuple(replace(one, **changes) for one in pair.security_associations))


def pinged(probe: Probe, *runs: Ping) -> ProbeResult:
    return ProbeResult(probe, Answer("ok", runs, "xml"))


def looked_up(question: PolicyQuestion, policy: str = "all", action: str = "permit") -> PolicyLookup:
    return PolicyLookup(question, Answer("ok", (PolicyMatch(policy, action),), "xml"))


def findings_of(check: str, **answers: t.Sequence[t.Any]) -> list[Finding]:
    changed = {name: Answer("ok", tuple(items), "xml") for name, items in answers.items()}
    return findings(HUB, replace(HUB_ANSWERS, **changed), checks=[check])  # type: ignore[arg-type]


ALL_WELL = Answer("ok", (replace(QUIET), replace(QUIET, tunnel_index=131074)), "xml")
HEALTHY = replace(
    HUB_ANSWERS,
    statistics_before=ALL_WELL,
    statistics=ALL_WELL,
    configuration=Answer("ok"),
    inactive=Answer("ok"),
    clear_paths=Answer("ok", (ClearPath("trust", "10.1.2.0/24", "closed", "policy never-in-clear denies them"),)),
    policy_lookups=Answer("ok", tuple(looked_up(one) for one in questions(HUB))),
    internet_paths=Answer("ok", (InternetPath("10.1.2.0/24", "open", "policy spokes and source NAT lan"),)),
    pings=Answer("ok", tuple(pinged(one, Ping(one.target, one.target, 5, 5, 5, 0)) for one in PROBES)),
)


def each(cases: t.Sequence[tuple[str, Answers, str, str, str, str]]) -> pytest.MarkDecorator:
    """Return the mark that runs a test with each of these cases."""
    return pytest.mark.parametrize("case", [Case(*one) for one in cases], ids=[f"{one[0]}: {one[4]}" for one in cases])


def assert_finding(case: Case) -> None:
    finding = next(one for one in findings_of(case.check, **case.answers) if one.object == case.object)
    assert (finding.check, finding.state, finding.actual) == (case.check, case.state, case.actual)
    assert case.remedy in finding.remedy
    assert bool(finding.remedy) == (case.state in ("failed", "unknown"))
