# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift of devices in the lab, read while other users work there."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.integration.conftest import Network
from tests.integration.test_document import KEY, commit_by_hand


def drift(network: Network, status: int, *arguments: str, **variables: t.Any) -> dict[str, dict[str, t.Any]]:
    """Run the playbook, expect its exit status and unchanged devices; return each host of the JSON report."""
    before, configurations = network.lab.status()["devices"], network.configurations()
    run = network.playbook("drift", *arguments, **variables)
    assert run.status == status, run.output
    assert network.configurations() == configurations
    after = network.lab.status()["devices"]
    for host, device in after.items():
        assert {name: device[name] for name in ("commits", "pending", "lock")} == {
            name: before[host][name] for name in ("commits", "pending", "lock")
        }
    report = json.loads((network.artifacts / "report.json").read_text(encoding="utf-8"))
    text = json.dumps(report) + run.output
    assert KEY not in text
    assert "$9$" not in text
    assert "$8$" not in text
    return {host["host"]: host for host in report["hosts"]}


def states(hosts: dict[str, dict[str, t.Any]]) -> dict[str, str]:
    return {host: entry["state"] for host, entry in hosts.items()}


IN_SYNC = {"corporate": "in_sync", "westford": "in_sync", "sunnyvale": "skipped"}


@pytest.mark.parametrize("name", ["document", "classic"])
def test_a_deployed_network_is_in_sync(name: str, request: pytest.FixtureRequest) -> None:
    network: Network = request.getfixturevalue(name)
    assert states(drift(network, 2)) == IN_SYNC | {"corporate": "drifted", "westford": "drifted"}
    assert network.playbook("deploy").status == 0
    hosts = drift(network, 0)
    assert states(hosts) == IN_SYNC
    assert not any(host["diff"] or host["findings"] for host in hosts.values())


def test_a_change_in_the_group_is_drift_of_that_host_only(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    commit_by_hand(
        document, "westford",
        "set groups hubspoke security flow tcp-mss ipsec-vpn mss 1300",
        "set groups hubspoke security ike policy ike-policy-group19 pre-shared-key ascii-text changed-by-hand",
    )  # fmt: skip
    hosts = drift(document, 2)
    assert states(hosts) == IN_SYNC | {"westford": "drifted"}
    key = "set groups hubspoke security ike policy ike-policy-group19 pre-shared-key ascii-text"
    assert hosts["westford"]["diff"].splitlines() == [
        "- set groups hubspoke security flow tcp-mss ipsec-vpn mss 1300",
        "+ set groups hubspoke security flow tcp-mss ipsec-vpn mss 1350",
        f"- {key} (masked)",
        f'+ {key} "<pre-shared-key of corporate>"',
    ]
    assert "changed-by-hand" not in json.dumps(hosts)
    lines = document.playbook("drift").output.splitlines()
    first = lines.index("westford: drifted: 4 different in the group")
    assert lines[first + 1 : first + 5] == [f"  {line}" for line in hosts["westford"]["diff"].splitlines()]
    assert lines.count(f"  - {key} (masked)") == 1
    assert lines.count(f"- {key} (masked)") == 0
    assert states(drift(document, 0, nhtb_drift_fails=False)) == IN_SYNC | {"westford": "drifted"}
    assert states(drift(document, 0, "--limit", "corporate")) == IN_SYNC | {"westford": "skipped"}


def test_a_newer_inventory_and_a_group_not_applied_are_drift(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    commit_by_hand(document, "westford", "delete apply-groups hubspoke")
    hosts = drift(document, 2, nhtb_mss=1320)
    assert "+ set apply-groups hubspoke" in hosts["westford"]["diff"].splitlines()
    assert "+ set groups hubspoke security flow tcp-mss ipsec-vpn mss 1320" in hosts["corporate"]["diff"].splitlines()


def test_a_conflict_is_drift_with_the_group_as_planned(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    commit_by_hand(document, "westford", "set security flow tcp-mss ipsec-vpn mss 1200")
    hosts = drift(document, 2)
    assert states(hosts) == IN_SYNC | {"westford": "drifted"}
    assert hosts["westford"]["diff"] == ""
    assert [finding["actual"] for finding in hosts["westford"]["findings"]] == ["mss 1200 at the top level"]


def test_an_override_that_disturbs_no_tunnel_is_a_finding_of_verify(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    commit_by_hand(document, "westford", "set security ipsec vpn corp-vpn df-bit copy")
    run = document.playbook("verify")
    assert run.status == 2, run.output
    report = json.loads((document.artifacts / "report.json").read_text(encoding="utf-8"))
    found = {host["host"]: [one for one in host["findings"] if one["state"] != "ok"] for host in report["hosts"]}
    [override] = found.pop("westford")
    assert not any(found.values())
    assert (override["check"], override["object"], override["state"]) == (
        "configuration", "outside group hubspoke", "failed"
    )  # fmt: skip
    assert override["actual"] == "df-bit copy at the top level"


@pytest.mark.parametrize("fault", [{"kind": "hold-lock"}, {"kind": "dirty"}])
def test_it_reads_while_another_user_edits_or_holds_the_lock(document: Network, fault: dict[str, t.Any]) -> None:
    assert document.playbook("deploy").status == 0
    document.lab.fault("westford", **fault)
    candidate = document.lab.show("westford", candidate=True)
    assert states(drift(document, 0)) == IN_SYNC
    assert document.lab.show("westford", candidate=True) == candidate


def test_a_pending_confirmed_commit_stays_pending(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    commit_by_hand(document, "westford", "set system services ssh", confirm_minutes=10)
    assert document.lab.status()["devices"]["westford"]["pending"]
    hosts = drift(document, 0)
    assert states(hosts) == IN_SYNC
    assert "a confirmed commit is pending" in hosts["westford"]["warnings"][0]
    assert document.lab.status()["devices"]["westford"]["pending"]


def test_a_key_under_a_master_password_is_unknown_and_no_drift(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    encoded = "$8$aes256-gcm$hmac-sha2-256$100$u8pWmEg3jDM$x0eT2nqZrcS0mVzL1w7h4A"
    place = "groups hubspoke security ike policy ike-policy-group19 pre-shared-key ascii-text"
    commit_by_hand(document, "westford", f'set {place} "{encoded}"')
    hosts = drift(document, 0)
    assert states(hosts) == IN_SYNC | {"westford": "unknown"}
    assert hosts["westford"]["diff"] == ""
    assert [finding["state"] for finding in hosts["westford"]["findings"]] == ["unknown"]


def test_the_exit_status_tells_drift_from_an_unreachable_device(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    document.lab.fault("westford", "refuse-login")
    assert states(drift(document, 4)) == IN_SYNC | {"westford": "unreachable"}
    commit_by_hand(document, "corporate", "set groups hubspoke security flow tcp-mss ipsec-vpn mss 1300")
    assert states(drift(document, 2)) == {"corporate": "drifted", "westford": "unreachable", "sunnyvale": "skipped"}
    assert set(states(drift(document, 0, nhtb_drift_fails=False)).values()) == {"drifted", "unreachable", "skipped"}


def test_a_reply_that_never_comes_is_unknown(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    document.lab.fault("westford", "cut-after", rpc="get-configuration")
    hosts = drift(document, 2)
    assert states(hosts) == IN_SYNC | {"westford": "unknown"}
    assert "expected a reply, actual none" in hosts["westford"]["message"]


def test_a_group_that_should_be_removed_is_drift(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    overlay = {"nhtb_spokes": {"hosts": {"westford": {"nhtb_state": "absent"}}}}
    document.inventories.append(document.overlay("absent", overlay))
    hosts = drift(document, 2)
    assert "- set apply-groups hubspoke" in hosts["westford"]["diff"].splitlines()
    assert not any(line.startswith("+") for line in hosts["westford"]["diff"].splitlines())
    assert document.playbook("deploy").status == 0
    assert set(states(drift(document, 0)).values()) == {"in_sync", "skipped"}
