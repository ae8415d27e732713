# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that changes nothing on a device sends it no lock, no load and no commit."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome

from tests.matrix.faults import FAULTS
from tests.matrix.hosts import FAR, HOSTS, HUB, NEAR
from tests.matrix.run import Bench

# What changes a candidate, locks it or commits it.
CHANGING = frozenset(
    {
        "lock-configuration",
        "open-configuration",
        "load-configuration",
        "commit-configuration",
        "unlock-configuration",
    }
)
GROUP = ("groups", "hubspoke")


def run(bench: Bench, **details: t.Any) -> tuple[dict[str, DeployOutcome], dict[str, Counter[str]]]:
    """Return the outcomes of a run with the plan that the devices had, and the changing requests to each."""
    sent: dict[str, Counter[str]] = {host: Counter() for host in HOSTS}
    with pytest.MonkeyPatch.context() as patch:
        for host in HOSTS:
            patch.setattr(bench.lab.watch(host), "on_rpc", counting(bench.lab.watch(host).on_rpc, sent[host]))
        wanted = bench.network.after
        outcomes = bench.transact(
            bench.network.jobs(wanted),
            bench.network.settings(wanted, "20260107T000000-again0", **details),
            lambda sentence: None,
        )
        bench.lab.wait_for_sessions()
    return {outcome.host: outcome for outcome in outcomes}, sent


def counting(on_rpc: t.Callable[..., t.Any], sent: Counter[str]) -> t.Callable[..., t.Any]:
    def counted(name: str, arguments: t.Collection[str]) -> t.Any:
        sent.update({name} & CHANGING)
        return on_rpc(name, arguments)

    return counted


def edit(bench: Bench, host: str, change: str) -> None:
    """Commit a change of another user."""

    def commit() -> None:
        database = bench.lab.device(host).database
        assert not database.load(0, change, "set", "set").errors
        assert not database.commit("engineer", "cli")

    bench.lab.call(commit)


def test_a_run_without_a_change_locks_and_commits_nothing(bench: Bench) -> None:
    bench.lab.reset(bench.after)
    before = {host: replace(state, stages=("login",)) for host, state in bench.lab.states().items()}
    outcomes, sent = run(bench)
    assert {outcome.state for outcome in outcomes.values()} == {"unchanged"}, outcomes
    assert all(outcome.findings and not outcome.failed for outcome in outcomes.values())
    assert sent == {host: Counter() for host in HOSTS}
    assert bench.lab.states() == before


def test_the_lock_of_another_user_matters_only_where_something_changes(bench: Bench) -> None:
    bench.lab.reset(bench.after)
    lab = bench.lab
    lab.call(lambda: FAULTS["hold-lock"].inject(lab, lab.device(NEAR)))
    outcomes, sent = run(bench)
    assert {outcome.state for outcome in outcomes.values()} == {"unchanged"}, outcomes
    assert sent == {host: Counter() for host in HOSTS}
    lab.reset(bench.after)
    edit(bench, NEAR, "delete groups hubspoke security flow")
    lab.call(lambda: FAULTS["hold-lock"].inject(lab, lab.device(NEAR)))
    outcomes, sent = run(bench, lock_wait=0.1)
    assert "held by" in outcomes[NEAR].message
    assert set(sent[NEAR]) == {"lock-configuration"}
    assert not sent[HUB] + sent[FAR]


def test_only_a_device_that_changes_is_locked(bench: Bench) -> None:
    bench.lab.reset(bench.after)
    edit(bench, FAR, "delete groups hubspoke security flow")
    outcomes, sent = run(bench)
    assert {host: outcome.state for host, outcome in outcomes.items()} == {
        HUB: "unchanged",
        NEAR: "unchanged",
        FAR: "confirmed",
    }
    assert not sent[HUB] + sent[NEAR]
    assert sent[FAR]["lock-configuration"] == sent[FAR]["unlock-configuration"] == 1
    assert bench.lab.states()[FAR].configuration == bench.shown(bench.after)[FAR]
