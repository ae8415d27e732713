# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module traceoptions in plays: on until the rollback, on until turned off, off."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.integration.conftest import Network, document_network
from tests.integration.test_document import commit_by_hand
from tests.integration.test_modules import Deployed, Task
from tests.integration.test_trace import GROUP, remaining

PAIR = {"source": "westford", "destination": "corporate"}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Deployed]:
    folder: Path = tmp_path_factory.mktemp("traceoptions")
    with document_network(folder) as network:
        assert network.playbook("deploy").status == 0
        yield Deployed(network)


@pytest.fixture
def network(deployed: Deployed) -> t.Iterator[Network]:
    before = deployed.network.configurations()
    yield deployed.network
    deployed.network.lab.fault("all", "clear")
    deployed.network.lab.time(advance=1200)
    assert remaining(deployed.network) == {}
    assert deployed.network.configurations() == before


def switch(**options: t.Any) -> Task:
    return {"hubspoke.srx.traceoptions": {**PAIR, **options}, "run_once": True}


def states(deployed: Deployed, **tasks: Task) -> dict[str, dict[str, str]]:
    """Return the state of each Junos host after each task."""
    answers = deployed.ask(tasks, host="nhtb_hubs:nhtb_spokes")
    return {
        name: {one["host"]: one["state"] for one in answer["devices"] if one["state"] != "skipped"}
        for name, answer in answers.items()
    }


def both(state: str) -> dict[str, str]:
    return {"corporate": state, "westford": state}


def test_traces_end_with_their_window_or_on_request(deployed: Deployed, network: Network) -> None:
    assert states(deployed, on=switch(minutes=2)) == {"on": both("on")}
    assert "packet-filter westford-to-corp" in network.lab.show("corporate")
    assert all(device["pending"] for device in network.lab.status()["devices"].values())
    # On again by a later run, and off before the end of their window.
    assert states(deployed, again=switch(minutes=9), off=switch(state="absent")) == {
        "again": both("on"),
        "off": both("off"),
    }
    assert remaining(network) == {}
    assert states(deployed, on=switch(minutes=1)) == {"on": both("on")}
    network.lab.time(advance=60 + 45)
    assert remaining(network) == {}


def test_kept_traces_stay_until_they_are_turned_off(deployed: Deployed, network: Network) -> None:
    tasks = {"would": {**switch(keep=True), "check_mode": True}, "on": switch(keep=True), "same": switch(keep=True)}
    assert states(deployed, **tasks) == {
        "would": both("would_change"),
        "on": both("kept"),
        "same": both("unchanged"),
    }
    network.lab.time(advance=1200)
    assert GROUP in network.lab.show("westford")
    # The group of the VPN is independent of that of the traces.
    deploy = network.playbook("deploy")
    assert deploy.status == 0
    assert GROUP in network.lab.show("westford")
    # A capture of the same traces replaces them and turns them off, although its connection breaks meanwhile.
    network.lab.fault("westford", "cut-before", rpc="confirm", count=1)
    pair = {f"nhtb_trace_{end}": site for end, site in PAIR.items()}
    trace = network.playbook("trace", nhtb_trace_seconds=0, **pair)
    assert trace.status == 0, trace.output
    assert "the traces of an earlier run, kept, were on: this capture switches them off" in trace.output
    assert remaining(network) == {}
    tasks = {
        "on": switch(keep=True),
        "would": {**switch(state="absent"), "check_mode": True},
        "off": switch(state="absent"),
        "same": switch(state="absent"),
    }
    assert states(deployed, **tasks) == {
        "on": both("kept"),
        "would": both("would_change"),
        "off": both("off"),
        "same": both("unchanged"),
    }


def test_another_users_pending_commit_is_neither_confirmed_nor_rolled_back(
    deployed: Deployed, network: Network
) -> None:
    assert states(deployed, on=switch(keep=True)) == {"on": both("kept")}
    commit_by_hand(network, "westford", "set system domain-name pending.example", confirm_minutes=5)
    assert states(deployed, off=switch(state="absent"), on=switch()) == {
        "off": {"corporate": "off", "westford": "failed"},
        "on": {"corporate": "on", "westford": "failed"},
    }
    assert network.lab.status()["devices"]["westford"]["pending"]
    network.lab.time(advance=700)
    assert "pending.example" not in network.lab.show("westford")
    assert states(deployed, off=switch(state="absent")) == {"off": {"corporate": "unchanged", "westford": "off"}}


def test_options_that_junos_would_refuse_are_refused_first(deployed: Deployed, network: Network) -> None:
    commits = [device["commits"] for device in network.lab.status()["devices"].values()]
    answers = deployed.ask(
        {
            "minutes": switch(minutes=0),
            "pair": {"hubspoke.srx.traceoptions": {"source": "westford", "destination": "westford"}},
            "size": switch(file_size="1t"),
            # There are no traces to turn off, whatever the other options.
            "absent": switch(state="absent", ike=False, flow=False),
        },
        host="nhtb_hubs",
    )
    assert [(answers[name]["failed"], answers[name]["reason"]) for name in ("minutes", "pair", "size")] == [
        (True, "bad_argument"),
        (True, "bad_pair"),
        (True, "bad_argument"),
    ]
    assert answers["absent"]["summary"]["unchanged"] == 1
    assert [device["commits"] for device in network.lab.status()["devices"].values()] == commits


def test_each_host_has_its_own_result(deployed: Deployed, network: Network) -> None:
    network.lab.fault("westford", "refuse-login")
    answers = deployed.ask(
        {
            "on": switch(minutes=1),
            "mine": {"hubspoke.srx.outcome": {"run": "{{ on.run }}"}},
        },
        host="nhtb_hubs",
    )
    assert [(one["host"], one["state"]) for one in answers["on"]["devices"]] == [
        ("corporate", "on"),
        ("westford", "skipped"),
        ("sunnyvale", "skipped"),
    ]
    assert (answers["mine"]["changed"], answers["mine"]["state"]) == (True, "on")
    assert "packet-filter" in answers["on"]["devices"][0]["diff"]
    # A result has its differences with --diff alone.
    assert "diff" not in answers["mine"]
    network.lab.time(advance=200)
