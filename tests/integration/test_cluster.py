# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A chassis cluster with a group for each node: deploy, verify, drift, remove, and what a node's group contradicts."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT, Network
from tests.lab.client import Lab

CLUSTER = ROOT / "inventories" / "cluster"


@pytest.fixture
def cluster(tmp_path: Path) -> t.Iterator[Network]:
    state = tmp_path / "lab"
    network = Network([CLUSTER], tmp_path, Lab(state), {"nhtb_ssh_config": str(state / "ssh_config")})
    with Lab.start(CLUSTER, state_dir=state, arguments=["--free-ports"]) as network.lab:
        network.inventories.append(Path(network.lab.inventory))
        yield network


def test_a_cluster_is_deployed_verified_watched_and_released(cluster: Network) -> None:
    before = cluster.configurations()
    assert 'apply-groups "${node}";' in before["hq"]
    run = cluster.playbook("deploy")
    assert run.status == 0, run.output
    shown = cluster.lab.show("hq")
    assert 'apply-groups [ "${node}" hubspoke ];' in shown
    assert "host-name hq-a;" in cluster.lab.show("hq", effective=True)
    assert cluster.lab.reachable("10.7.0.50", "10.1.0.50")["ok"]
    for playbook in ("verify", "drift"):
        done = cluster.playbook(playbook)
        assert done.status == 0, done.output
    removed = cluster.playbook("remove", nhtb_remove_all=True)
    assert removed.status == 0, removed.output
    assert cluster.configurations() == before


def test_what_the_group_of_a_node_contradicts_is_named(cluster: Network) -> None:
    run = cluster.playbook("deploy", nhtb_host_name="HQ", nhtb_mss=1300)
    assert run.status == 2, run.output
    assert "hq: conflicts system host-name: expected HQ, actual hq-a in group node0." in run.output
    assert "hq: conflicts system host-name: expected HQ, actual hq-b in group node1." in run.output
