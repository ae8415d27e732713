# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hand-made VPNs on a device from the factory and on a cluster: adopt, deploy, drift, remove."""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT, Network
from tests.integration.test_document import commit_by_hand
from tests.integration.test_factory import first_steps
from tests.lab.client import Lab
from tests.utils.by_hand import by_hand

HOSTS = ("hq", "branch7")


@pytest.fixture(params=["factory", "cluster"])
def hand_made(tmp_path: Path, request: pytest.FixtureRequest) -> t.Iterator[Network]:
    """Provide a network whose VPN is configured by hand; of its inventory only the connections are known."""
    inventory, state = ROOT / "inventories" / request.param, tmp_path / "lab"
    network = Network([inventory], tmp_path, Lab(state), {"nhtb_ssh_config": str(state / "ssh_config")})
    with Lab.start(inventory, state_dir=state, arguments=["--free-ports"]) as network.lab:
        network.inventories.append(Path(network.lab.inventory))
        if request.param == "factory":
            commit_by_hand(network, "branch7", *first_steps())
        rendered = network.playbook("render")
        assert rendered.status == 0, rendered.output
        for host in HOSTS:
            commit_by_hand(network, host, *by_hand(network.artifacts, host, {}))
        where = {
            host: {"ansible_host": device["address"], "ansible_port": device["port"], "ansible_user": "hubspoke"}
            for host, device in network.lab.status()["devices"].items()
        }
        # The provider's DHCP server gives the address of this WAN: no configuration has it.
        where["branch7"]["nhtb_wan"] = {"address": "198.51.100.6/30"}
        groups = {"nhtb_hubs": {"hosts": {"hq": where["hq"]}}, "nhtb_spokes": {"hosts": {"branch7": where["branch7"]}}}
        yield replace(network, inventories=[network.overlay("known", {"nhtb": {"children": groups}})])


def test_a_hand_made_vpn_moves_into_the_group_and_out_again(hand_made: Network) -> None:
    folder, password = hand_made.folder / "adopted", hand_made.folder / "vault-password"
    password.write_text("of-the-vault", encoding="utf-8")
    vault = f"--vault-password-file={password}"
    run = hand_made.playbook("adopt", vault, nhtb_adopt_dir=str(folder))
    assert run.status == 0, run.output
    told = json.loads((hand_made.artifacts / "adopt.json").read_text(encoding="utf-8"))
    assert told["incomplete"] == []
    assert {host: found["changes"] for host, found in told["devices"].items()} == {"hq": [], "branch7": []}
    adopted = replace(hand_made, inventories=[folder])
    for playbook, settings in (("deploy", {"nhtb_take_over": True}), ("verify", {}), ("drift", {})):
        run = adopted.playbook(playbook, vault, **settings)
        assert run.status == 0, run.output
    assert hand_made.lab.reachable("10.7.0.50", "10.1.0.50")["ok"]
    run = adopted.playbook("remove", vault, nhtb_remove_all=True)
    assert run.status == 0, run.output
    assert not [line for host in HOSTS for line in hand_made.lab.show(host, "set").splitlines() if " ipsec " in line]
