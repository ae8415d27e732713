# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The document's network, deployed with the playbooks of a user, on a lab that computes its tunnels."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
import typing as t
from pathlib import Path

import pytest
from jnpr.junos import Device
from jnpr.junos.utils.config import Config

from tests.integration.conftest import Network, environment

KEY = "secretkey"
SYNTAXES = ["document", "classic"]


@pytest.fixture(params=SYNTAXES)
def network(request: pytest.FixtureRequest) -> Network:
    """Return the network in the default syntax, and in that of the document."""
    found: Network = request.getfixturevalue(request.param)
    return found


def recap(output: str) -> dict[str, dict[str, int]]:
    """Return Ansible's counts per host."""
    lines = output.partition("PLAY RECAP")[2].splitlines()
    rows = [re.match(r"(\S+)\s+: (.*)", line) for line in lines]
    return {
        row.group(1): {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", row.group(2))}
        for row in rows
        if row
    }


def failed_checks(network: Network) -> list[tuple[str, str, str]]:
    """Return host, check and VPN of every failed finding of the last report."""
    return [
        (finding["host"], finding["check"], finding["tunnel"])
        for host in network.report()["hosts"]
        for finding in host["findings"]
        if finding["state"] == "failed"
    ]


def commit_by_hand(network: Network, host: str, *statements: str, confirm_minutes: int | None = None) -> None:
    """Commit set commands as another user, or commit them confirmed with a window of so many minutes."""
    device = network.lab.status()["devices"][host]
    with (
        Device(
            host=device["address"], port=device["port"], user="hubspoke", ssh_config=network.lab.ssh_config,
            hostkey_verify=True, gather_facts=False,
        ) as connection,
        Config(connection, mode="exclusive") as config,
    ):  # fmt: skip
        config.load("\n".join(statements), format="set")
        config.commit(confirm=confirm_minutes)


def test_deploy_verifies_and_confirms_and_then_changes_nothing(network: Network) -> None:
    before = network.configurations()
    first = network.playbook("deploy")
    assert first.status == 0, first.output
    assert [network.outcome(host)["state"] for host in ("corporate", "westford", "sunnyvale")] == [
        "confirmed",
        "confirmed",
        "skipped",
    ]
    assert {host: row["changed"] for host, row in recap(first.output).items()}["westford"] == 1
    assert not failed_checks(network)
    deployed = network.configurations()
    assert all("hubspoke" in text and "hubspoke" not in before[host] for host, text in deployed.items())

    second = network.playbook("deploy")
    assert second.status == 0, second.output
    assert {row["changed"] for row in recap(second.output).values()} == {0}
    assert network.configurations() == deployed
    assert network.outcome("corporate")["state"] == "unchanged"


def test_removing_the_group_restores_the_device(network: Network) -> None:
    before = network.configurations()
    assert network.playbook("deploy").status == 0
    for host in before:
        commit_by_hand(network, host, "delete groups hubspoke", "delete apply-groups hubspoke")
    assert network.configurations() == before


def test_verify_only_reads_and_has_the_same_findings(network: Network) -> None:
    assert network.playbook("deploy").status == 0
    deployed = network.configurations()
    verified = network.playbook("verify")
    assert verified.status == 0, verified.output
    assert network.configurations() == deployed
    assert network.report()["decision"].startswith("Verified.")


def test_check_mode_shows_each_diff_and_changes_nothing(network: Network) -> None:
    before = network.configurations()
    commits = {host: device["commits"] for host, device in network.lab.status()["devices"].items()}
    checked = network.playbook("deploy", "--check", "--diff")
    assert checked.status == 0, checked.output
    assert re.search(r"^\+ +hubspoke \{$", checked.output, re.MULTILINE)
    assert "westford-vpn" in checked.output
    assert network.configurations() == before
    assert {host: device["commits"] for host, device in network.lab.status()["devices"].items()} == commits
    assert network.report()["mode"] == "check"
    assert "westford-vpn" in (network.artifacts / "corporate.diff").read_text(encoding="utf-8")


def wrong_key_here(network: Network, host: str) -> None:
    overlay = {"nhtb_spokes": {"hosts": {host: {"nhtb_pre_shared_key": "another-key", "nhtb_operator_ready": True}}}}
    network.inventories.append(network.overlay("wrong_key", overlay))


def westford_without_a_way_to_the_hub(network: Network) -> str:
    """Discard packets for the hub as another user, which does not contradict the group."""
    commit_by_hand(network, "westford", "set routing-options static route 1.1.1.2/32 discard")
    return "westford-vpn"


def wrong_key_for_sunnyvale(network: Network) -> str:
    wrong_key_here(network, "sunnyvale")
    return "sunnyvale-vpn"


def wrong_proposal_at_sunnyvale(network: Network) -> str:
    text = (network.artifacts / "sunnyvale.screenos").read_text(encoding="utf-8")
    network.lab.screenos("sunnyvale", text.replace("sec-level standard", "sec-level basic"))
    return "sunnyvale-vpn"


Change = t.Callable[[Network], str]


@pytest.mark.parametrize(
    "change", [westford_without_a_way_to_the_hub, wrong_key_for_sunnyvale, wrong_proposal_at_sunnyvale]
)
def test_an_unverified_deployment_is_rolled_back_on_every_device(network: Network, change: Change) -> None:
    vpn = change(network)
    before = network.configurations()
    run = network.playbook("deploy")
    assert run.status == 2, run.output
    assert network.configurations() == before
    assert ("corporate", vpn) in {(host, tunnel) for host, _check, tunnel in failed_checks(network)}
    assert {network.outcome(host)["state"] for host in before} <= {"rolled_back", "unchanged"}
    assert re.search(rf"^FAILED .*{vpn.removesuffix('-vpn')}", run.output, re.MULTILINE), run.output
    assert "another-key" not in run.output + "".join(p.read_text() for p in network.artifacts.iterdir())
    states = network.lab.status()["devices"].values()
    assert not any(device["pending"] or device["lock"] for device in states)


def test_a_limited_run_names_the_hosts_outside_the_limit(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    before = document.configurations()
    run = document.playbook("deploy", "--limit", "westford", nhtb_mss=1300)
    assert run.status == 0, run.output
    after = document.configurations()
    # The hub is the other end of the tunnel; its part for the other spoke stays.
    assert "mss 1300" in after["corporate"]
    assert "mss 1300" in after["westford"]
    assert len(after["corporate"].splitlines()) == len(before["corporate"].splitlines())
    assert document.outcome("sunnyvale")["message"] == "not touched: outside --limit"


def test_an_unreachable_device_stops_the_run_before_any_load(document: Network) -> None:
    before = document.configurations()
    document.lab.fault("westford", "refuse-login")
    run = document.playbook("deploy")
    assert run.status != 0
    assert document.configurations() == before
    assert "westford" in document.outcome("corporate")["message"]
    assert "login as hubspoke: expected to be accepted, actual refused" in run.output


def test_all_errors_of_the_inventory_are_reported_before_any_login(document: Network) -> None:
    overlay = {
        "nhtb_spokes": {
            "hosts": {
                "westford": {"nhtb_mss": "many", "nhtb_syntaks": "modern"},
                "sunnyvale": {"nhtb_pre_shared_key": ""},
            }
        }
    }
    document.inventories.append(document.overlay("errors", overlay))
    logins = {host: device["logins"] for host, device in document.lab.status()["devices"].items()}
    run = document.playbook("deploy")
    assert run.status == 2, run.output
    for part in ("westford: nhtb_mss", "westford: nhtb_syntaks", "sunnyvale: nhtb_pre_shared_key"):
        assert part in run.output
    assert {host: device["logins"] for host, device in document.lab.status()["devices"].items()} == logins


def test_keys_are_on_the_devices_only(network: Network) -> None:
    verbose = network.playbook("deploy", "-vvv", "--diff")
    assert verbose.status == 0, verbose.output
    again = network.playbook("deploy", "-vvv")
    said = verbose.output + again.output
    files = [path for path in network.folder.rglob("*") if path.is_file()]
    holding = [path for path in files if KEY.encode() in path.read_bytes()]
    assert KEY not in said
    assert not holding
    assert not re.search(r"\$9\$\S", said + "".join(p.read_text() for p in network.artifacts.iterdir()))


def test_one_login_per_device(document: Network) -> None:
    before = {host: device["logins"] for host, device in document.lab.status()["devices"].items()}
    assert document.playbook("deploy").status == 0
    after = {host: device["logins"] for host, device in document.lab.status()["devices"].items()}
    assert {host: after[host] - before[host] for host in after} == {"corporate": 1, "westford": 1}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupt_rolls_back_before_the_end(document: Network, number: signal.Signals) -> None:
    before = document.configurations()
    document.lab.fault("westford", "delay", rpc="get-ike-security-associations-information", seconds=3)
    process = subprocess.Popen(
        document.command("deploy"), cwd=document.folder, env=environment(document.folder), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 300
    while not all(device["pending"] for device in document.lab.status()["devices"].values()):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    if number == signal.SIGINT:
        # Ctrl-C sends SIGINT to every process of the terminal.
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    output, _error = process.communicate(timeout=300)
    assert process.returncode != 0
    deadline = time.monotonic() + 300
    # After the other two the parent ends at once, and the worker with the sessions finishes alone.
    while any(device["pending"] or device["lock"] for device in document.lab.status()["devices"].values()):
        assert time.monotonic() < deadline, output
        time.sleep(0.1)
    assert document.configurations() == before


@pytest.mark.parametrize("verified", [True, False])
def test_the_end_of_the_window_during_verification_is_reported(document: Network, verified: bool) -> None:
    """The devices roll back automatically, and rollback 1 is then the configuration of the run."""
    assert document.playbook("deploy").status == 0
    before = document.configurations()
    document.extra["nhtb_mss"] = 1300
    if not verified:
        wrong_proposal_at_sunnyvale(document)
    document.lab.fault("westford", "delay", rpc="get-route-information", seconds=4, count=1)
    process = subprocess.Popen(
        document.command("deploy"), cwd=document.folder, env=environment(document.folder), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    deadline = time.monotonic() + 300
    while not all(device["pending"] for device in document.lab.status()["devices"].values()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    document.lab.time(advance=700)
    output = process.communicate(timeout=300)[0]
    assert process.returncode == 2, output
    assert document.configurations() == before
    assert {document.outcome(host)["state"] for host in before} == {"rolled_back"}
    assert not any(device["pending"] or device["lock"] for device in document.lab.status()["devices"].values())


def test_modules_read_one_device(document: Network, tmp_path: Path) -> None:
    assert document.playbook("deploy").status == 0
    play = tmp_path / "ask.yml"
    play.write_text(
        """
- hosts: corporate
  gather_facts: false
  tasks:
    - hubspoke.srx.next_hop_tunnels_info:
      register: bindings
    - hubspoke.srx.ike_security_associations_info:
      register: ike
    - hubspoke.srx.ike_security_associations_info:
        level: brief
        raw: true
      register: brief
    - hubspoke.srx.ipsec_security_associations_info:
      register: ipsec
    - hubspoke.srx.ping:
        destination: 192.168.178.1
        source: 10.10.10.1
        count: 2
      register: probe
    - ansible.builtin.assert:
        that:
          - bindings.next_hop_tunnels | map(attribute='flag') | sort == ['Auto', 'Static']
          - bindings.source == 'text'
          - ike.security_associations | map(attribute='gateway') | sort == ['sunnyvale-gate', 'westford-gate']
          - brief.security_associations | map(attribute='state') | unique == ['UP']
          - "'rpc-reply' in brief.raw"
          - ipsec.tunnels | map(attribute='vpn') | sort == ['sunnyvale-vpn', 'westford-vpn']
          - ipsec.tunnels | map(attribute='bind_interface') | unique == ['st0.0']
          - probe.received == 2
""",
        encoding="utf-8",
    )
    command = document.command("deploy")
    command[1] = str(play)
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(tmp_path), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
