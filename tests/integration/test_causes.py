# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A failed run of a hub and 40 spokes: each cause once on the screen, small results, each host's own."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest

from tests.integration.conftest import Network
from tests.integration.test_document import commit_by_hand
from tests.lab.client import Lab
from tests.performance import fleet

SPOKES = 40
WIDTH = 120
# What Ansible prints by itself: plays, tasks, the result of each host, the recap.
OF_ANSIBLE = re.compile(r"^(PLAY|TASK|ok:|changed:|fatal:|skipping:|\[WARNING\]|\S+ +: ok=|$)")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    folder = tmp_path_factory.mktemp("forty")
    state = folder / "lab"
    inventory = fleet.write(folder / "inventory.yml", SPOKES, range(20000, 20001 + SPOKES), state / "ssh_config")
    # The devices are many for one machine.
    extra = {"nhtb_verify_timeout": 60, "nhtb_ssh_config": str(state / "ssh_config")}
    with Lab.start(inventory, state_dir=state, arguments=["--free-ports"]) as lab:
        found = Network([inventory, Path(lab.inventory)], folder, lab, extra)
        run = found.playbook("deploy")
        assert run.status == 0, run.output
        Path("/tmp/good.txt").write_text(run.output)
        yield found


def own_lines(output: str) -> list[str]:
    return [line for line in output.splitlines() if not OF_ANSIBLE.match(line)]


def results(output: str) -> dict[str, dict[str, t.Any]]:
    """Return the result of each host that failed."""
    found = re.findall(r"^fatal: \[(\S+)\]: \S+ => (\{.*\})$", output, re.MULTILINE)
    return {host: json.loads(result) for host, result in found}


def test_one_wrong_key_of_40_is_one_cause(network: Network) -> None:
    policy = re.search(r"ike policy (\S+) pre-shared-key", network.lab.show("spoke0007", "set"))
    assert policy is not None
    commit_by_hand(
        network, "spoke0007", f"set groups hubspoke security ike policy {policy[1]} pre-shared-key ascii-text wrong"
    )
    network.lab.fault("hub", "flap", vpn="s0007-vpn")
    run = network.playbook(
        "verify", nhtb_verify_checks=["ike", "ipsec", "next_hop_tunnels", "routes", "pings"], nhtb_verify_timeout=5
    )
    Path("/tmp/bad.txt").write_text(run.output)
    assert run.status == 2, run.output
    said = own_lines(run.output)
    Path("/tmp/said.txt").write_text("\n".join(said))
