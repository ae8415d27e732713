# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Associations that outlive a commit verify nothing about it, and tunnels without a change keep theirs."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import placeholder
from ansible_collections.hubspoke.srx.plugins.module_utils._device.candidate import group_statements, load
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome, Job
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run_comment import RunComment

from tests.matrix.hosts import FAR, HOSTS, HUB, NEAR
from tests.matrix.run import SHORT, Bench

RUN = "20260107T000000-older1"
COMMENT = RunComment(run=RUN, digest="d1", minutes=10)
# A part of a text, and its replacement.
Edit = tuple[str, str]
NEAR_VPN, FAR_VPN = "s0001-vpn", "s0002-vpn"
KEY: Edit = (placeholder(NEAR), placeholder(FAR))
PHASE_1: Edit = ("dh-group group20;", "dh-group group19;")
CIPHER = "\n                    encryption-algorithm aes-256-gcm;"
PHASE_2: Edit = ("esp;" + CIPHER, "esp;" + CIPHER.replace("256", "128"))
PFS: Edit = ("keys group20;", "keys group19;")
LIFETIME: Edit = ("lifetime-seconds 3600;", "lifetime-seconds 7200;")
MSS: Edit = ("mss 1350;", "mss 1300;")
LAN: Edit = ("static {", "static {\n route 10.77.0.0/24 next-hop 10.200.0.1;")

# Each statement that the negotiation depends on, changed at one end only: that end, and the change.
ONE_END: t.Mapping[str, tuple[str, Edit]] = {
    "key": (NEAR, KEY),
    "key at the hub": (HUB, KEY),
    "phase 1 group": (NEAR, PHASE_1),
    "phase 1 cipher": (
        NEAR,
        (PHASE_1[0] + CIPHER, PHASE_1[0] + CIPHER.replace("256", "128")),
    ),
    "phase 2 cipher": (NEAR, PHASE_2),
    "version": (NEAR, ("version v2-only;", "version v1-only;")),
    "peer address": (NEAR, ("address 198.51.100.2;", "address 198.51.100.9;")),
    "peer address at the hub": (HUB, ("address 172.16.0.6;", "address 172.16.0.99;")),
    "identity": (NEAR, ("version v2-only;", "version v2-only;\n local-identity hostname other.example;")),
    "expected identity": (
        HUB,
        ("address 172.16.0.6;", "address 172.16.0.6;\n remote-identity hostname other.example;"),
    ),
    "proxy identity": (
        NEAR,
        ("gateway hub-gate;\n", "gateway hub-gate;\n proxy-identity { local 10.9.0.0/16; remote 10.8.0.0/16; }\n"),
    ),
    "external interface": (NEAR, ("external-interface ge-0/0/0.0;", "external-interface ge-0/0/1.0;")),
    "WAN address": (NEAR, ("address 172.16.0.6/30;", "address 172.16.0.7/29;")),
    "WAN interface": (NEAR, ("ge-0/0/0 {\n", "ge-0/0/0 {\n disable;\n")),
    "host-inbound ike": (NEAR, (" ike;", " ping;")),
    "route to the peer": (NEAR, ("route 0.0.0.0/0 next-hop 172.16.0.5;", "route 0.0.0.0/0 discard;")),
    "tunnel address": (NEAR, ("address 10.200.0.2/16;", "address 10.200.0.77/16;")),
}
# Changed everywhere, so that both ends match again.
EVERYWHERE: t.Mapping[str, Edit] = {
    "phase 1 group": PHASE_1,
    "phase 2 cipher": PHASE_2,
    "PFS": PFS,
    "lifetime": LIFETIME,
    "renamed policy": ("vpn-policy-group20", "vpn-policy"),
}
# What no negotiation depends on.
UNRELATED: t.Mapping[str, tuple[Edit, ...]] = {
    "nothing": (),
    "MSS": (MSS,),
    "a route to a LAN": (LAN,),
    "dead peer detection": (("interval 10;", "interval 20;"),),
}


def edited(bench: Bench, edits: t.Mapping[str, t.Sequence[Edit]]) -> list[Job]:
    """Return the jobs of the configuration before, with changes by host."""
    jobs = []
    for job in bench.network.jobs(bench.network.before):
        text = job.text
        for old, new in edits.get(job.host, ()):
            assert old in text or old == new, (job.host, old)
            text = text.replace(old, new)
        jobs.append(replace(job, text=text))
    return jobs


def transact(bench: Bench, jobs: t.Sequence[Job], **details: t.Any) -> dict[str, DeployOutcome]:
    settings = bench.network.settings(bench.network.before, RUN, **details)
    outcomes = bench.transact(jobs, settings, lambda sentence: None)
    bench.lab.wait_for_sessions()
    return {outcome.host: outcome for outcome in outcomes}


def start(bench: Bench) -> dict[tuple[str, str], tuple[str, ...]]:
    """Bring the tunnels of the configuration before up. Return their SPIs."""
    bench.lab.reset(bench.before)
    spis = bench.lab.spis()
    assert all(spis.values()), spis
    return spis


def ends_of(vpn: str, spoke: str) -> list[tuple[str, str]]:
    return [(HUB, vpn), (spoke, "hub-vpn")]


@pytest.mark.parametrize("change", ONE_END)
def test_a_change_at_one_end_is_not_verified_by_older_associations(bench: Bench, change: str) -> None:
    before = start(bench)
    host, edit = ONE_END[change]
    outcomes = transact(bench, edited(bench, {host: [edit]}), verify_timeout=SHORT)
    states = bench.lab.states()
    assert {name: state.configuration for name, state in states.items()} == bench.configuration_before
    assert outcomes[host].state == "rolled_back", outcomes[host].message
    failed = [one for outcome in outcomes.values() for one in outcome.findings if one.state == "failed"]
    assert {one.tunnel for one in failed if one.check in ("ike", "ipsec", "next_hop_tunnels")} <= {NEAR_VPN, "hub-vpn"}
    assert failed
    # What the failed attempt made is gone, and the other tunnel was never touched where its hub's part is the same.
    after = bench.lab.spis()
    assert bench.lab.outdated() == []
    assert all(after.values()), "the previous configuration holds"
    assert [after[end] for end in ends_of(FAR_VPN, FAR)] == [before[end] for end in ends_of(FAR_VPN, FAR)]
    assert bench.lab.clears()[FAR] == set()


@pytest.mark.parametrize("change", EVERYWHERE)
def test_a_change_at_both_ends_is_verified_by_new_associations(bench: Bench, change: str) -> None:
    before = start(bench)
    outcomes = transact(bench, edited(bench, {host: [EVERYWHERE[change]] for host in HOSTS}))
    assert {outcome.state for outcome in outcomes.values()} == {"confirmed"}, outcomes
    after = bench.lab.spis()
    assert all(after[end] and after[end] != before[end] for end in before)
    assert bench.lab.outdated() == []


def test_one_changed_key_clears_one_tunnel(bench: Bench) -> None:
    before = start(bench)
    outcomes = transact(bench, edited(bench, {host: [KEY] for host in (HUB, NEAR)}))
    states = {host: outcome.state for host, outcome in outcomes.items()}
    assert states == {HUB: "confirmed", NEAR: "confirmed", FAR: "unchanged"}
    after, clears = bench.lab.spis(), bench.lab.clears()
    assert {end for end in before if after[end] != before[end]} == set(ends_of(NEAR_VPN, NEAR))
    assert clears[FAR] == set()
    assert clears[HUB] | clears[NEAR] <= {"ike s0001-gate", "ipsec s0001-vpn", "ike hub-gate", "ipsec hub-vpn"}
    assert clears[HUB] | clears[NEAR]


@pytest.mark.parametrize("change", UNRELATED)
def test_a_change_of_anything_else_clears_nothing(bench: Bench, change: str) -> None:
    before = start(bench)
    outcomes = transact(bench, edited(bench, dict.fromkeys(HOSTS, UNRELATED[change])))
    assert {outcome.state for outcome in outcomes.values()} <= {"confirmed", "unchanged"}, outcomes
    assert bench.lab.spis() == before
    assert bench.lab.clears() == {host: set() for host in HOSTS}


def test_a_new_spoke_clears_no_other(bench: Bench) -> None:
    fleet = bench.network.before
    hub = fleet.hub_job_without([FAR], ())
    assert hub is not None
    others = [job for job in bench.network.jobs(fleet) if job.host == NEAR]
    bench.lab.reset(bench.factory)
    outcomes = transact(bench, [hub, *others])
    assert {outcome.state for outcome in outcomes.values()} == {"confirmed"}, outcomes
    before = bench.lab.spis()
    outcomes = transact(bench, bench.network.jobs(fleet))
    states = {host: outcome.state for host, outcome in outcomes.items()}
    assert states == {HUB: "confirmed", NEAR: "unchanged", FAR: "confirmed"}, outcomes
    after = bench.lab.spis()
    assert all(before.values())
    assert {end: after[end] for end in before} == before
    assert bench.lab.clears() == {host: set() for host in HOSTS}


def test_a_removed_spoke_clears_no_other(bench: Bench) -> None:
    before = start(bench)
    fleet = bench.network.before
    hub = fleet.hub_job_without([FAR], ())
    assert hub is not None
    jobs = [replace(job, remove=job.host == FAR) for job in bench.network.jobs(fleet)]
    outcomes = transact(bench, [replace(hub, kept=()), *jobs[1:]])
    assert outcomes[FAR].state == "confirmed", outcomes
    after = bench.lab.spis()
    assert [after[end] for end in ends_of(NEAR_VPN, NEAR)] == [before[end] for end in ends_of(NEAR_VPN, NEAR)]
    assert bench.lab.clears() == {host: set() for host in HOSTS}
    assert (FAR, "hub-vpn") not in after


def test_an_excluded_spoke_has_associations_of_its_old_key_again(bench: Bench) -> None:
    before = start(bench)
    fleet = bench.network.before
    settings = bench.network.settings(fleet, RUN, on_failure="site", max_failures=1, verify_timeout=SHORT)
    jobs = edited(bench, {HUB: [(placeholder(FAR), placeholder(NEAR)), MSS], NEAR: [MSS], FAR: [MSS]})
    found = bench.transact(
        jobs, settings, lambda sentence: None, hub_without=lambda hosts: fleet.hub_job_without(hosts, ())
    )
    bench.lab.wait_for_sessions()
    outcomes = {one.host: one for one in found}
    states = {host: one.state for host, one in outcomes.items()}
    assert states == {HUB: "confirmed", NEAR: "confirmed", FAR: "rolled_back"}, outcomes
    after, clears = bench.lab.spis(), bench.lab.clears()
    assert all(after.values())
    assert bench.lab.outdated() == []
    assert {end for end in before if after[end] != before[end]} == set(ends_of(FAR_VPN, FAR))
    assert clears[NEAR] == set()


MOMENTS = ("before the clear", "after the clear", "during the rollback", "after the rollback")


@pytest.mark.parametrize("moment", MOMENTS)
def test_recover_leaves_no_association_of_the_attempt(bench: Bench, moment: str) -> None:
    before = start(bench)
    commit_and_die(bench, edited(bench, {host: [KEY] for host in (HUB, NEAR)}))
    network = bench.lab._lab.network
    if moment != "before the clear":
        bench.lab.call(lambda: network.clear_ike(NEAR, lambda row: True))
    rolled_back = {"during the rollback": (HUB,), "after the rollback": (HUB, NEAR)}.get(moment, ())
    for host in rolled_back:
        roll_back_and_die(bench, host)
    outcomes = transact(bench, bench.network.jobs(bench.network.before), mode="recover")
    states = {host: outcome.state for host, outcome in outcomes.items()}
    by_recover = {host for host, state in states.items() if state == "rolled_back"}
    assert by_recover == {HUB, NEAR} - set(rolled_back), outcomes
    assert {host: state.configuration for host, state in bench.lab.states().items()} == bench.configuration_before
    after, clears = bench.lab.spis(), bench.lab.clears()
    assert all(after.values())
    assert bench.lab.outdated() == []
    # What the killed run had noted is lost: the associations of before are cleared too.
    assert {end for end in before if after[end] != before[end]} == set(ends_of(NEAR_VPN, NEAR))
    assert clears[FAR] == set()


def commit_and_die(bench: Bench, jobs: t.Sequence[Job]) -> None:
    """Commit as a run does that is killed afterwards: the commits stay pending."""
    settings = bench.network.settings(bench.network.before, RUN)
    for job in jobs:
        session = Session(bench.network.target(job.host))
        session.open()
        session.lock()
        if load(session, job, settings, group_statements(session, job.plan.group)):
            session.commit_confirmed(COMMENT.minutes, str(COMMENT))
        session.close()
    bench.lab.wait_for_sessions()


def roll_back_and_die(bench: Bench, host: str) -> None:
    """Roll one device back as a run does that is killed before it clears anything."""
    session = Session(bench.network.target(host))
    session.open()
    session.lock()
    session.load_rollback(1)
    session.commit(str(COMMENT.of("roll_back")))
    session.close()
    bench.lab.wait_for_sessions()
