# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployed network whose tunnel goes down: what its devices do with packets for the VPN, and what verify says."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.conftest import Network
from tests.integration.test_document import commit_by_hand

CORPORATE_HOST, WESTFORD_HOST = "10.10.10.20", "192.168.178.20"
OWN = "set security policies from-zone trust to-zone untrust policy own"
OWN_INTERNET = (
    f"{OWN} match source-address any destination-address any application any",
    f"{OWN} then permit",
    "set security zones security-zone trust",
    "set security zones security-zone untrust",
)


def leaks(network: Network) -> dict[str, str]:
    """Return the findings of the check in the last report, by host and object."""
    return {
        f"{finding['host']} {finding['object']}": finding["state"]
        for host in network.report()["hosts"]
        for finding in host["findings"]
        if finding["check"] == "leak"
    }


CLOSED = {"corporate zone trust": "ok", "corporate zone vpn": "ok", "westford zone trust": "ok"}


@pytest.mark.parametrize(
    ("managed", "fate"), [(True, "it denies"), (False, "the route says reject")], ids=["policies", "routes"]
)
def test_a_tunnel_that_is_down_leaks_nothing(document: Network, managed: bool, fate: str) -> None:
    network = document
    variables: dict[str, t.Any] = {"nhtb_manage_internet_policy": managed}
    # An own discard of worse preference stays in effect.
    own = [f"set routing-options static route 192.168.178.0/24 {words}" for words in ("discard", "preference 200")]
    commit_by_hand(network, "corporate", *own, *(() if managed else OWN_INTERNET))
    if not managed:
        commit_by_hand(network, "westford", *OWN_INTERNET)
    deployed = network.playbook("deploy", **variables)
    assert deployed.status == 0, deployed.output
    assert network.playbook("deploy", **variables).status == 0
    assert network.outcome("corporate")["state"] == "unchanged"
    drift = network.playbook("drift", **variables)
    assert drift.status == 0, drift.output
    up = network.playbook("verify", nhtb_verify_checks=["leak"], **variables)
    assert up.status == 0, up.output
    assert leaks(network) == CLOSED

    network.lab.fault("corporate", "flap", vpn="westford-vpn", seconds=10000)
    network.playbook("verify", nhtb_verify_checks=["leak"], nhtb_verify_timeout=1, **variables)
    assert leaks(network) == CLOSED
    there = network.lab.reachable(CORPORATE_HOST, WESTFORD_HOST)
    # A passive route rejects with its own preference, which is better than that of the discard.
    kind = "discard" if managed else "reject"
    assert there["failure"] == f"corporate: route 192.168.178.0/24: the route says {kind}"
    assert fate in network.lab.reachable(WESTFORD_HOST, CORPORATE_HOST)["failure"]


def test_a_policy_that_comes_too_early_is_a_conflict(document: Network) -> None:
    commit_by_hand(document, "corporate", *OWN_INTERNET)
    run = document.playbook("deploy")
    assert run.status == 2
    assert "before policy never-in-clear, permitting traffic for 192.168.178.0/24 in clear" in run.output
    assert "nhtb_manage_internet_policy: false" in run.output
