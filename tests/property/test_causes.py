# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The root causes of any report: each finding that is not ok is in one of them, in whatever order it was found."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._report.content import report
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.test__report_causes import (
    NETWORKS,
    PLAN,
    finding,
    outcomes_of,
)
from hypothesis import given
from hypothesis import strategies as st

HOSTS = tuple(NETWORKS)[:5]
STATES = ("ok", "failed", "unknown", "skipped")
ERRORS = ("{0}: NETCONF: expected a login, actual refused. Log in.", "unreachable {0}: NETCONF: expected a login", "no")

findings = st.builds(
    "{} {} {} {} = {}".format,
    st.sampled_from(HOSTS),
    st.sampled_from([*CHECKS, "conflicts"]),
    st.sampled_from(HOSTS),
    st.sampled_from(STATES),
    st.sampled_from(("down", "refused", "")),
)
errors = st.dictionaries(st.sampled_from(HOSTS), st.sampled_from(ERRORS), max_size=2)
because_of = st.dictionaries(st.sampled_from(HOSTS), st.lists(st.sampled_from(HOSTS), min_size=1, max_size=2))


@given(st.lists(findings, max_size=40), errors, because_of, st.randoms())
def test_no_finding_is_lost_and_no_order_matters(
    found: list[str], errors: dict[str, str], because_of: dict[str, list[str]], mixer: t.Any
) -> None:
    case = {
        "found": found,
        "errors": {host: error.format(host) for host, error in errors.items()},
        "because_of": {host: others for host, others in because_of.items() if host not in errors},
    }
    content = report(PLAN, "run-1", "verify", outcomes_of(case), {})
    causes = content["causes"]
    told = [one for host in content["hosts"] for one in host["findings"]]
    wrong = [one for one in told if one["state"] in ("failed", "unknown")]
    assert [one["cause"] for one in told if one not in wrong] == [None] * (len(told) - len(wrong))
    for number, cause in enumerate(causes):
        members = [one for one in wrong if one["cause"] == number]
        # Each cause is one of its findings, or the error of a device.
        equal = [
            one for one in members if all(one[name] == cause[name] for name in ("host", "check", "object", "actual"))
        ]
        assert equal or cause["check"] in ("reach", "run")
        # An unknown finding and a failed one never share a cause.
        assert {one["state"] for one in members} <= {cause["state"]}
        assert sum(cause["follows"].values()) >= len(members) - len(equal)
    assert all(0 <= one["cause"] < len(causes) for one in wrong)
    outcomes = outcomes_of(case)
    mixer.shuffle(outcomes)
    for outcome in outcomes:
        mixer.shuffle(outcome["findings"])
    assert report(PLAN, "run-1", "verify", outcomes, {})["causes"] == causes


@given(st.lists(st.sampled_from(HOSTS[1:]), unique=True, min_size=1))
def test_independent_causes_stay_apart(down: list[str]) -> None:
    found = [f"{host} {check} {other} failed" for spoke in down for check in ("ike", "ipsec")
             for host, other in (("hub1", spoke), (spoke, "hub1"))]  # fmt: skip
    causes = report(PLAN, "run-1", "verify", outcomes_of({"found": found}), {})["causes"]
    assert sorted(cause["peer"] for cause in causes) == sorted(down)
    assert finding(found[0])["tunnel"]
