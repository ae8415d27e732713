# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A verification ends where waiting changes nothing, and goes on where it may: counted in samples, not in seconds."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.conftest import Network, document_network

# Nothing else in these runs sends it: a sample of a verification does, once.
SAMPLE = "get-ipsec-next-hop-tunnel-information"
# Longer than a test may take.
ENDLESS = {"nhtb_verify_timeout": 86400, "nhtb_confirm_minutes": 60}
BASIC = ["ike", "ipsec", "next_hop_tunnels", "routes"]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    with document_network(tmp_path_factory.mktemp("rounds")) as network:
        assert network.playbook("deploy").status == 0
        yield network


@pytest.fixture
def network(deployed: Network) -> t.Iterator[Network]:
    yield deployed
    for host in ("corporate", "westford"):
        deployed.lab.fault(host, "clear")


def samples(network: Network, host: str) -> int:
    return int(network.lab.status()["devices"][host]["rpcs"].get(SAMPLE, 0))


def mss(network: Network) -> str:
    return next(line.split()[1] for line in network.lab.show("corporate").splitlines() if line.split()[:1] == ["mss"])


@pytest.mark.parametrize(
    ("kind", "message", "count"),
    [
        ("refuse", "the next-hop-tunnel subsystem is not running", 3),
        ("refuse", "permission denied", 1),
        ("decorate", "10.11.11.99 half a line", 1),
    ],
    ids=["daemon-starts", "refused-once", "garbled-once"],
)
def test_what_may_pass_is_waited_for(network: Network, kind: str, message: str, count: int) -> None:
    before, committed = samples(network, "corporate"), mss(network)
    network.lab.fault("corporate", kind, rpc=SAMPLE, message=message, count=count)
    wanted = int(committed.rstrip(";")) + 1
    run = network.playbook("deploy", nhtb_mss=wanted, nhtb_verify_checks=BASIC, **ENDLESS)
    assert run.status == 0, run.output
    assert samples(network, "corporate") - before == count + 1
    assert mss(network) == f"{wanted};"


@pytest.mark.parametrize(
    ("kind", "message"),
    [("refuse", "permission denied"), ("decorate", "10.11.11.99 half a line")],
    ids=["refused", "not-understood"],
)
def test_a_deploy_decides_at_once_where_waiting_changes_nothing(network: Network, kind: str, message: str) -> None:
    before, committed = samples(network, "corporate"), mss(network)
    network.lab.fault("corporate", kind, rpc=SAMPLE, message=message)
    run = network.playbook("deploy", nhtb_mss=1280, nhtb_verify_checks=BASIC, **ENDLESS)
    assert run.status != 0, run.output
    assert samples(network, "corporate") - before == 2
    assert mss(network) == committed
    assert network.outcome("corporate")["state"] == network.outcome("westford")["state"] == "rolled_back"


@pytest.mark.parametrize(
    ("host", "statement", "actual"),
    [
        ("westford", "routing-options static route 10.10.10.0/24", "no route, and none is configured"),
        ("corporate", "interfaces st0 unit 0 family inet next-hop-tunnel 10.11.11.11", "none is configured"),
        ("westford", "security ipsec vpn corp-vpn", "which is not configured"),
    ],
    ids=["route", "binding", "vpn"],
)
def test_a_verification_ends_where_a_statement_is_missing(
    network: Network, host: str, statement: str, actual: str
) -> None:
    """Hold it for the device that misses the statement; the run verifies this device alone."""
    network.lab.fault(host, "commit", statement=f"delete groups hubspoke {statement}")
    try:
        before = samples(network, host)
        run = network.playbook("verify", "--limit", host, nhtb_verify_checks=BASIC, **ENDLESS)
        assert run.status != 0, run.output
        # One that finds the tunnel down, and two with the configuration.
        assert samples(network, host) - before == 3
        findings = network.outcome(host)["findings"]
        assert any(actual in one["actual"] for one in findings), findings
    finally:
        assert network.playbook("deploy").status == 0
