# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replies with a part that no parser reads: the findings are unknown and say which part, and nothing is confirmed."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.conftest import Network

LINE = "a line of tomorrow"
# Check: the RPC whose reply decides it.
RPCS = {
    "ike": "get-ike-security-associations-information",
    "ipsec": "get-security-associations-information",
    "next_hop_tunnels": "get-ipsec-next-hop-tunnel-information",
    "routes": "get-route-information",
}


def findings(network: Network, host: str) -> list[dict[str, t.Any]]:
    return [one for one in network.outcome(host)["findings"] if one["state"] != "skipped"]


def states(network: Network, host: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in findings(network, host):
        found.setdefault(one["check"], set()).add(one["state"])
    return found


def test_verify_finds_a_reply_in_doubt_unknown_and_names_the_part(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    for rpc in RPCS.values():
        document.lab.fault("corporate", "decorate", rpc=rpc, message=LINE)
    run = document.playbook("verify")
    assert run.status != 0, run.output
    found = states(document, "corporate")
    assert {name: found[name] for name in RPCS} == {name: {"unknown"} for name in RPCS}
    assert "failed" not in set().union(*found.values())
    assert all(LINE in one["actual"] for one in findings(document, "corporate") if one["check"] in RPCS)
    assert set().union(*states(document, "westford").values()) == {"ok"}


@pytest.mark.parametrize("rpc", [RPCS["ike"], RPCS["next_hop_tunnels"]])
def test_deploy_confirms_nothing_on_a_reply_in_doubt(document: Network, rpc: str) -> None:
    before = document.configurations()
    document.lab.fault("corporate", "decorate", rpc=rpc, message=LINE)
    run = document.playbook("deploy")
    assert run.status != 0, run.output
    assert document.configurations() == before
    assert any(one["state"] == "unknown" and LINE in one["actual"] for one in findings(document, "corporate"))
    assert not any(one["state"] == "failed" for one in findings(document, "corporate"))


def test_a_value_of_a_newer_release_is_not_in_doubt(document: Network) -> None:
    for rpc in (RPCS["ike"], RPCS["ipsec"], RPCS["routes"]):
        for host in ("corporate", "westford"):
            document.lab.fault(host, "decorate", rpc=rpc, element="novelty", message="1")
    run = document.playbook("deploy")
    assert run.status == 0, run.output
