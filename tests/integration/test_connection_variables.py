# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bad connection variable of one host is that host's failure, in every playbook that contacts devices."""

from __future__ import annotations

import json
import re
import typing as t

import pytest

from tests.integration.conftest import Network, document_network

BAD = "westford: ansible_port: expected a whole number, actual 'netconf'"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    """Provide the deployed network of the document, whose inventory then has a bad port for Westford."""
    with document_network(tmp_path_factory.mktemp("bad-port")) as found:
        assert found.playbook("deploy").status == 0
        found.inventories.append(
            found.overlay("bad", {"nhtb_spokes": {"hosts": {"westford": {"ansible_port": "netconf"}}}})
        )
        yield found


def counts(output: str) -> dict[str, dict[str, int]]:
    """Return the counts of the recap, by host."""
    recap = output.split("PLAY RECAP", 1)[1]
    return {
        host: {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", rest)}
        for host, rest in re.findall(r"^(\S+)\s+: (.*)$", recap, re.MULTILINE)
    }


@pytest.mark.parametrize("playbook", ["verify", "drift", "troubleshoot", "trace", "collect", "preflight"])
def test_that_host_fails_and_the_others_are_served(network: Network, playbook: str) -> None:
    run = network.playbook(playbook, nhtb_trace_seconds=0, nhtb_trouble_wait=0)
    assert run.status != 0 or playbook == "troubleshoot"
    # In a table the name is in another column.
    assert BAD.removeprefix("westford: ") in " ".join(run.output.split())
    assert "Traceback" not in run.output
    if playbook == "verify":
        hosts = {host["host"]: host for host in network.report()["hosts"]}
        assert (hosts["corporate"]["failed"], hosts["westford"]["failed"]) == (False, True)
        assert hosts["corporate"]["message"] == "verified"
        assert counts(run.output)["corporate"]["failed"] == 0
    if playbook == "drift":
        content = json.loads((network.artifacts / "report.json").read_text(encoding="utf-8"))
        assert {host["host"]: host["state"] for host in content["hosts"]}["corporate"] == "in_sync"
    if playbook == "trace":
        content = json.loads((network.artifacts / "trace.json").read_text(encoding="utf-8"))
        assert {host["host"]: host["state"] for host in content["hosts"]}["corporate"] == "captured"


def test_a_deployment_changes_nothing(network: Network) -> None:
    before = network.configurations()
    run = network.playbook("deploy", nhtb_mss=1300)
    assert run.status != 0
    assert BAD.removeprefix("westford: ") in " ".join(run.output.split())
    assert network.configurations() == before


def test_the_hub_verifies_the_tunnel_of_a_device_of_an_operator(network: Network) -> None:
    run = network.playbook("verify", "--limit", "sunnyvale")
    assert run.status == 0, run.output
    assert "the hub's tunnel to it is verified" in run.output
    assert network.report()["verdict"] == "ok"
