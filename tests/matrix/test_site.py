# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exclusion of a spoke that fails, if the settings allow it: the other devices are confirmed."""

from __future__ import annotations

import typing as t

import pytest

from tests.lab.config.tree import Node
from tests.matrix.expectations import find_unreleased
from tests.matrix.faults import FAULTS
from tests.matrix.hosts import FAR, HUB, NEAR
from tests.matrix.lab import DeviceState, decode_keys
from tests.matrix.run import SHORT, Bench
from tests.matrix.stages import Stage


def run(
    bench: Bench, fault: str, stage: Stage, start: t.Mapping[str, Node], **details: t.Any
) -> t.Mapping[str, DeviceState]:
    """Let the far spoke fail. Return the state of the devices, after comparing it with the outcomes."""
    lab, wanted = bench.lab, bench.network.after
    lab.reset(start)
    inject, device, watch = FAULTS[fault].inject, lab.device(FAR), lab.watch(FAR)
    if fault == "refuse-login":
        lab.call(lambda: inject(lab, device))
    else:
        watch.await_stage(stage, lambda: inject(lab, device))
    settings = bench.network.settings(wanted, "20260106T000000-site", on_failure="site", **details)
    outcomes = {
        outcome.host: outcome
        for outcome in bench.transact(
            bench.network.jobs(wanted, wrong_key=fault == "none"),
            settings,
            lambda sentence: None,
            hub_without=lambda hosts: wanted.hub_job_without(hosts, settings.checks),
        )
    }
    lab.wait_for_sessions()
    states = lab.states()
    assert not find_unreleased(states, outcomes)
    assert outcomes[FAR].failed
    assert outcomes[FAR].state in ("unchanged", "rolled_back"), outcomes[FAR].message
    assert states[FAR].configuration == bench.shown(start)[FAR]
    expected = "confirmed" if details["max_failures"] else outcomes[FAR].state
    for host in (HUB, NEAR):
        assert outcomes[host].state == expected, outcomes[host].message
        assert outcomes[host].failed is not bool(details["max_failures"])
    return states


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
    states = run(bench, fault, stage, bench.factory, verify_timeout=SHORT, max_failures=1)
    assert decode_keys(states[NEAR].configuration) == bench.configuration_after[NEAR]
    assert "s0001-vpn" in states[HUB].configuration
    assert "s0002" not in states[HUB].configuration


# At the commit the spoke is unchanged and the others are rolled back, as in the table of all faults.
@pytest.mark.parametrize(("fault", "stage"), [case for case in CASES if case[1] != "commit"])
def test_more_failures_than_allowed_change_nothing(bench: Bench, fault: str, stage: Stage) -> None:
    states = run(bench, fault, stage, bench.before, verify_timeout=SHORT, max_failures=0)
    assert {host: state.configuration for host, state in states.items()} == bench.configuration_before
