# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preflight: a device from the factory, one in service, one out of reach, one with an unknown host key, and more."""

from __future__ import annotations

import json
import subprocess
import typing as t
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.conftest import Network, Run, document_network
from tests.integration.test_connection_variables import counts
from tests.integration.test_document import KEY, commit_by_hand
from tests.integration.test_factory import BRANCH, factory, first_steps
from tests.ssh.conftest import TRANSPORTS

__all__ = ["factory"]
WIDTH = 120


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    with document_network(tmp_path_factory.mktemp("preflight")) as network:
        assert network.playbook("deploy").status == 0
        yield network


def touched(network: Network) -> dict[str, t.Any]:
    """Return what a change or a lock would leave on the devices."""
    return {
        host: (device["commits"], device["lock"], network.lab.show(host), network.lab.show(host, candidate=True))
        for host, device in network.lab.status()["devices"].items()
    }


def preflight(
    network: Network, status: int, *arguments: str, **variables: t.Any
) -> tuple[Run, dict[str, t.Any], dict[str, dict[str, t.Any]]]:
    """Run the playbook, expect its exit status and unchanged devices; return the run, its report and its hosts."""
    before = touched(network)
    run = network.playbook("preflight", *arguments, **variables)
    assert run.status == status, run.output
    assert touched(network) == before
    report = json.loads((network.artifacts / "preflight.json").read_text(encoding="utf-8"))
    for secret in (KEY, "$9$"):
        assert secret not in run.output + json.dumps(report)
    said = run.output.partition("Host  ")[2].partition("PLAY RECAP")[0]
    assert [line for line in said.splitlines() if len(line) > WIDTH and "/" not in line] == []
    return run, report, {host["host"]: host for host in report["hosts"]}


def advice(host: dict[str, t.Any]) -> dict[str, tuple[str, bool]]:
    """Return the advice about each part of a host, and whether it would stop a deployment."""
    return {part["name"]: (part["advice"], part["stops"]) for part in host["facts"]["parts"]}


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_device_from_the_factory(factory: Network, transport: str) -> None:
    commit_by_hand(factory, BRANCH, first_steps()[0])
    managed = {f"nhtb_manage_{part}": True for part in ("lan_interfaces", "wan_interface", "internet_policy", "zones")}
    run, _report, hosts = preflight(factory, 0, nhtb_transport=transport, **managed)
    assert hosts["hq"]["state"] == "ready"
    assert hosts[BRANCH]["state"] == "not_ready"
    assert advice(hosts[BRANCH]) == {
        "LAN irb.0": ("delete it there, or correct nhtb_lans", True),
        "WAN ge-0/0/0.0": ("nhtb_manage_wan_interface: false", True),
        "default route": ("nhtb_manage_default_route: false, as set", False),
        "zone of irb.0": ("nhtb_manage_zones: false", False),
        "zone of ge-0/0/0.0": ("nhtb_manage_zones: false", False),
        "source NAT": ("nhtb_manage_internet_policy: false", True),
        "policies from trust": ("nhtb_manage_internet_policy: false", True),
    }
    assert "Add ike there" in run.output
    # What a part has told is not told again.
    assert run.output.count("nhtb_manage_internet_policy: false") == 2
    assert not any(numbers["failed"] for numbers in counts(run.output).values())


def test_the_switches_that_fit_make_a_deployment_possible(factory: Network) -> None:
    commit_by_hand(factory, BRANCH, *first_steps())
    _run, report, hosts = preflight(factory, 0)
    assert report["decision"] == "2 of 2 devices reached, 2 ready for a deployment."
    assert {told for told, _stops in advice(hosts[BRANCH]).values()} == {
        f"nhtb_manage_{part}: false, as set"
        for part in ("lan_interfaces", "wan_interface", "default_route", "zones", "internet_policy")
    }
    assert factory.playbook("deploy").status == 0


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_device_in_service(deployed: Network, transport: str) -> None:
    run, report, hosts = preflight(deployed, 0, nhtb_transport=transport)
    assert {name: host["state"] for name, host in hosts.items()} == {
        "corporate": "ready", "westford": "ready", "sunnyvale": "skipped",
    }  # fmt: skip
    facts = hosts["corporate"]["facts"]
    assert (facts["model"], facts["pending"], facts["lock"], facts["has_group"]) == ("vsrx", None, None, True)
    assert facts["release"].startswith("24.4R1")
    assert abs(facts["clock_seconds"]) <= 60
    assert facts["free_bytes"] > 0
    assert facts["uptime_seconds"] >= 0
    assert report["counts"]["ready"] == 2
    assert "sunnyvale  skipped  not asked: it runs ScreenOS" in run.output


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_one_out_of_reach_fails_alone(deployed: Network, transport: str) -> None:
    deployed.lab.fault("westford", "refuse-login")
    try:
        run, report, hosts = preflight(deployed, 4, nhtb_transport=transport)
    finally:
        deployed.lab.fault("westford", "clear")
    assert (hosts["corporate"]["state"], hosts["westford"]["state"]) == ("ready", "unreachable")
    assert hosts["westford"]["short"].startswith("login as hubspoke: refused; tried key")
    assert "westford:\n    Check ansible_user with ansible_password or ansible_ssh_private_key_file." in run.output
    assert "Not reached: westford." in report["decision"]
    recap = counts(run.output)
    assert (recap["westford"]["unreachable"], recap["corporate"]["failed"]) == (1, 0)


@contextmanager
def other_known_hosts(network: Network, host: str, file: Path) -> t.Iterator[None]:
    """Let one host, or ``all``, have another file of known hosts."""
    own = network.folder / "own_config"
    text = Path(network.lab.ssh_config).read_text(encoding="utf-8")
    own.write_text(text.replace(f"{network.lab.state.path}/known_hosts", str(file)), encoding="utf-8")
    variables = {"nhtb_ssh_config": str(own)}
    overlay = network.overlay("own", {"all": {"hosts": {} if host == "all" else {host: variables}}})
    before, network.extra = network.extra, variables if host == "all" else {}
    network.inventories.append(overlay)
    try:
        yield
    finally:
        network.inventories.remove(overlay)
        network.extra = before


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_an_unknown_host_key_is_written_for_comparison_and_not_trusted(
    deployed: Network, tmp_path: Path, transport: str
) -> None:
    known = tmp_path / "known_hosts"
    with other_known_hosts(deployed, "westford", known):
        run, report, hosts = preflight(deployed, 2, nhtb_transport=transport)
        file = Path(report["known_hosts"]["path"])
        preflight(deployed, 2, nhtb_transport=transport)
        assert not known.exists()
        # With the lines appended, as the text says, the device is reached.
        known.write_bytes(file.read_bytes())
        preflight(deployed, 0, nhtb_transport=transport)
    assert (hosts["corporate"]["state"], hosts["westford"]["state"]) == ("ready", "failed")
    shown = subprocess.run(["ssh-keygen", "-lf", str(file)], check=True, capture_output=True, text=True).stdout
    assert hosts["westford"]["short"] == f"SSH host key: unknown ED25519 key {shown.split()[1]}"
    device = deployed.lab.status()["devices"]["westford"]
    assert file.read_text(encoding="utf-8").startswith(f"[{device['address']}]:{device['port']} ssh-ed25519 ")
    assert file.stat().st_mode & 0o777 == 0o600
    assert f"    $ ssh-keygen -lf {file}\n" in run.output
    assert f"    $ cat {file} >> {known}\n" in run.output


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_one_locked_by_another_user(deployed: Network, transport: str) -> None:
    deployed.lab.fault("westford", "hold-lock", user="mallory")
    try:
        run, _report, hosts = preflight(deployed, 0, nhtb_transport=transport)
    finally:
        deployed.lab.fault("westford", "clear")
    assert hosts["westford"]["state"] == "not_ready"
    assert hosts["westford"]["facts"]["lock"]["user"] == "mallory"
    assert "lock of the configuration: expected free, actual held by mallory" in " ".join(run.output.split())
    assert "request system logout pid" in run.output


def test_one_with_uncommitted_changes_and_full_storage(deployed: Network) -> None:
    deployed.lab.fault("westford", "dirty")
    deployed.lab.fault("westford", "fill-storage", percent=99)
    try:
        _run, _report, hosts = preflight(deployed, 0)
    finally:
        deployed.lab.fault("westford", "clear")
    assert {one["object"] for one in hosts["westford"]["obstacles"]} == {"shared candidate", "storage"}


def test_one_with_a_pending_commit(document: Network) -> None:
    pend(document, "westford")
    run, _report, hosts = preflight(document, 0)
    assert hosts["westford"]["state"] == "not_ready"
    pending = hosts["westford"]["facts"]["pending"]
    assert pending["user"] == "hubspoke"
    assert pending["until"].endswith(" UTC")
    assert f"hubspoke until {pending['until']}" in run.output
    assert "Confirm it, or let it roll back." in run.output


def pend(network: Network, host: str) -> None:
    """Let another session leave a commit confirmed on a device."""
    from jnpr.junos import Device
    from jnpr.junos.utils.config import Config

    status = network.lab.status()["devices"][host]
    with Device(
        host=status["address"], port=status["port"], user="hubspoke", gather_facts=False,
        ssh_config=network.lab.ssh_config, hostkey_verify=True,
    ) as device:  # fmt: skip
        config = Config(device)
        config.load("set system domain-name pending.example", format="set")
        config.commit(confirm=30)


def test_an_inventory_without_a_plan_is_no_obstacle(factory: Network) -> None:
    commit_by_hand(factory, BRANCH, first_steps()[0])
    run, report, hosts = preflight(factory, 0, nhtb_pre_shared_key="", nhtb_wan={"interface": "ge-0/0/0.0"})
    assert {host["state"] for host in hosts.values()} == {"not_ready"}
    assert {problem["variable"] for problem in report["problems"]} >= {"nhtb_wan.address", "nhtb_pre_shared_key"}
    assert "The plan lacks:" in run.output
    assert dict(hosts[BRANCH]["facts"]["present"])["zone trust"] == "irb.0"
    assert "interface irb.0       192.168.1.1/24" in run.output
    assert report["decision"].startswith("2 of 2 devices reached, 0 ready for a deployment. The plan is not complete")


def test_a_limit_takes_exactly_the_named_hosts(deployed: Network) -> None:
    run, _report, hosts = preflight(deployed, 0, "--limit", "westford", "--check")
    assert set(hosts) == {"westford"}
    assert "corporate" not in run.output
