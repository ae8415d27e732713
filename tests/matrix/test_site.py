# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A spoke that fails is left out where the settings allow it: the rest is confirmed, and the hub keeps its old part."""

from __future__ import annotations

import typing as t

import pytest

from tests.lab.config.tree import Node
from tests.matrix.faults import FAULTS
from tests.matrix.judge import left_open
from tests.matrix.lab import Truth, spoken
from tests.matrix.network import FAR, HUB, NEAR
from tests.matrix.run import SHORT, Bench
from tests.matrix.stages import Stage


def run(bench: Bench, fault: str, stage: Stage, start: t.Mapping[str, Node], **details: t.Any) -> t.Mapping[str, Truth]:
    """Let the far spoke fail; answers what the devices hold then, and asserts that the outcomes say the same."""
    lab, wanted = bench.lab, bench.network.after
    lab.put_back(start)
    strike, device, watch = FAULTS[fault].strike, lab.device(FAR), lab.watch(FAR)
    if fault == "refuse-login":
        lab.do(lambda: strike(lab, device))
    else:
        watch.await_stage(stage, lambda: strike(lab, device))
    settings = bench.network.settings(wanted, "20260106T000000-site", on_failure="site", **details)
    outcomes = {
        outcome.host: outcome
        for outcome in bench.transact(
            bench.network.jobs(wanted, spoiled=fault == "none"),
            settings,
            lambda sentence: None,
            hub_without=lambda hosts: wanted.hub_job_without(hosts, settings.checks),
        )
    }
    lab.let_go()
    truths = lab.truth()
    assert not left_open(truths, outcomes)
    assert outcomes[FAR].failed
    assert outcomes[FAR].state in ("unchanged", "rolled_back"), outcomes[FAR].message
    assert truths[FAR].configuration == bench.shown(start)[FAR]
    expected = "confirmed" if details["max_failures"] else outcomes[FAR].state
    for host in (HUB, NEAR):
        assert outcomes[host].state == expected, outcomes[host].message
        assert outcomes[host].failed is not bool(details["max_failures"])
    return truths


CASES: tuple[tuple[str, Stage], ...] = (
    ("refuse-login", "login"),
    ("hold-lock", "lock"),
    ("cut-after", "load"),
    ("fail-check", "check"),
    ("fail-check", "commit"),
    ("cut-before", "commit"),
    ("none", "verify"),
    ("cut-after", "verify"),
)


@pytest.mark.parametrize(("fault", "stage"), CASES)
def test_the_rest_is_confirmed(bench: Bench, fault: str, stage: Stage) -> None:
    truths = run(bench, fault, stage, bench.factory, verify_timeout=SHORT, max_failures=1)
    assert spoken(truths[NEAR].configuration) == bench.configuration_after[NEAR]
    assert "s0001-vpn" in truths[HUB].configuration
    assert "s0002" not in truths[HUB].configuration


# At the commit the spoke is unchanged and the others rolled back, as the table of all faults has it.
@pytest.mark.parametrize(("fault", "stage"), [case for case in CASES if case[1] != "commit"])
def test_one_more_than_may_fail_leaves_everything_as_before(bench: Bench, fault: str, stage: Stage) -> None:
    truths = run(bench, fault, stage, bench.before, verify_timeout=SHORT, max_failures=0)
    assert {host: truth.configuration for host, truth in truths.items()} == bench.configuration_before
