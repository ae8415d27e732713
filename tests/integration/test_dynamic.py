# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory with branches on DHCP lines, one of them behind NAT: deployed, verified, broken and removed."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT, Network
from tests.lab.client import Lab

DYNAMIC = ROOT / "inventories" / "dynamic"


@pytest.fixture
def dynamic(tmp_path: Path) -> t.Iterator[Network]:
    state = tmp_path / "lab"
    network = Network([DYNAMIC], tmp_path, Lab(state), {"nhtb_ssh_config": str(state / "ssh_config")})
    with Lab.start(DYNAMIC, state_dir=state, arguments=["--free-ports"]) as network.lab:
        network.inventories.append(Path(network.lab.inventory))
        yield network


def test_branches_without_fixed_addresses_are_deployed_verified_and_removed(dynamic: Network) -> None:
    before = dynamic.configurations()
    run = dynamic.playbook("deploy")
    assert run.status == 0, run.output
    assert dynamic.lab.reachable("10.3.0.50", "10.4.0.50")["ok"]
    assert dynamic.lab.reachable("10.1.0.50", "10.4.0.50")["ok"]
    for playbook in ("verify", "drift", "troubleshoot"):
        done = dynamic.playbook(playbook)
        assert done.status == 0, done.output
    removed = dynamic.playbook("remove", nhtb_remove_all=True)
    assert removed.status == 0, removed.output
    assert dynamic.configurations() == before
