# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many branches over IKEv1 with proposals of their own, and a key each that a lookup makes."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT, Network
from tests.lab.client import Lab

BRANCHES = ROOT / "inventories" / "branches"


@pytest.fixture
def branches(tmp_path: Path) -> t.Iterator[Network]:
    state = tmp_path / "lab"
    settings = {"nhtb_ssh_config": str(state / "ssh_config"), "branch_keys": str(tmp_path / "keys")}
    network = Network([BRANCHES], tmp_path, Lab(state), settings)
    with Lab.start(BRANCHES, state_dir=state, arguments=["--free-ports"]) as network.lab:
        network.inventories.append(Path(network.lab.inventory))
        yield network


def test_branches_negotiate_what_the_inventory_chooses(branches: Network) -> None:
    run = branches.playbook("deploy", nhtb_deploy_checks=["ike", "ike_algorithms", "ipsec", "ipsec_algorithms", "lifetimes"])
    assert run.status == 0, run.output
    keys = [path.read_text(encoding="utf-8") for path in (branches.folder / "keys").iterdir()]
    assert len(set(keys)) == 4
    again = branches.playbook("deploy")
    assert again.status == 0, again.output
    print(run.output, again.output)
