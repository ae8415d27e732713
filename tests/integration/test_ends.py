# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No run hangs, and none ends without a decision: what a peer, a library or ansible-core does in the middle of a run.

The oldest ansible-core runs these too: there a thread that writes to stderr blocks for ever.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
import typing as t

import pytest

from tests.integration.conftest import Network, document_network, environment

# Longer than any of these runs takes on a busy machine, and shorter than for ever.
PATIENCE = 240
HOSTS = ("corporate", "westford")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    with document_network(tmp_path_factory.mktemp("ends")) as network:
        assert network.playbook("deploy").status == 0
        yield network


@pytest.fixture
def network(deployed: Network) -> t.Iterator[Network]:
    """Provide the deployed network, every device without a fault, and hold that no device has anything open after."""
    yield deployed
    for host in HOSTS:
        deployed.lab.fault(host, "clear")
    until = time.monotonic() + 300
    while any(one["pending"] or one["lock"] for one in deployed.lab.status()["devices"].values()):
        assert time.monotonic() < until, deployed.lab.status()["devices"]
        time.sleep(0.1)


def run(
    network: Network, playbook: str, more: t.Mapping[str, str] | None = None, **variables: t.Any
) -> tuple[int, str]:
    process = subprocess.run(
        network.command(playbook, **variables),
        cwd=network.folder, env={**environment(network.folder), **(more or {})}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert "Traceback" not in process.stdout
    return process.returncode, process.stdout


def mss(network: Network) -> set[str]:
    """Return the MSS that the devices have committed."""
    words = [line.split() for host in HOSTS for line in network.lab.show(host).splitlines() if " mss " in f" {line}"]
    return {one[-1].rstrip(";") for one in words}


def test_a_malformed_reply_to_a_commit_is_asked_after(network: Network) -> None:
    network.lab.fault("westford", "malformed-commit", rpc="confirmed", count=1)
    status, output = run(network, "deploy", nhtb_mss=1301)
    assert status == 0, output
    assert mss(network) == {"1301"}


def test_a_device_that_restarts_in_the_window_rolls_back_the_run(network: Network) -> None:
    before = mss(network)
    # Tunnels that are not asked about in time hold the window open.
    network.lab.fault("corporate", "delay", rpc="get-ike-security-associations-information", seconds=3, count=1)
    process = subprocess.Popen(
        network.command("deploy", nhtb_mss=1302),
        cwd=network.folder, env=environment(network.folder), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    until = time.monotonic() + 300
    while not all(network.lab.status()["devices"][host]["pending"] for host in HOSTS):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.05)
    network.lab.fault("westford", "reboot", seconds=2)
    output, _error = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0, output
    assert mss(network) == before


def test_a_device_that_swallows_everything_fails_alone(network: Network) -> None:
    network.lab.fault("westford", "swallow")
    status, output = run(
        network, "verify", nhtb_rpc_timeout=2, nhtb_verify_timeout=1, nhtb_verify_checks=["ike", "ipsec"]
    )
    assert status != 0
    assert network.outcome("corporate")["message"] == "verified", output
    assert network.outcome("westford")["failed"]


@pytest.mark.parametrize("transport", ["asyncssh", "pyez"])
def test_a_server_that_accepts_and_closes_is_told_of(network: Network, transport: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closing = threading.Thread(target=_close_each, args=(server,), daemon=True)
        closing.start()
        inventory = network.overlay(
            "closing", {"nhtb_spokes": {"hosts": {"westford": {"ansible_port": server.getsockname()[1]}}}}
        )
        network.inventories.append(inventory)
        try:
            status, output = run(
                network,
                "verify",
                nhtb_transport=transport,
                nhtb_rpc_timeout=5,
                nhtb_verify_timeout=1,
                nhtb_ssh_config=os.devnull,
            )
        finally:
            network.inventories.remove(inventory)
    assert status != 0, output
    assert network.outcome("westford")["failed"]


def _close_each(server: socket.socket) -> None:
    while True:
        try:
            connection, _address = server.accept()
        except OSError:
            return
        connection.close()


@pytest.mark.parametrize(
    "text",
    ["ProxyCommand /does/not/exist\n", "Host *\n  Nonsense yes\n", "Match exec\n"],
    ids=["proxy", "word", "match"],
)
def test_an_ssh_configuration_that_cannot_be_used_changes_nothing(network: Network, text: str) -> None:
    before = network.configurations()
    path = network.folder / "broken_ssh_config"
    path.write_text(text, encoding="utf-8")
    status, output = run(network, "deploy", nhtb_mss=1303, nhtb_ssh_config=str(path))
    assert status != 0, output
    assert {host["host"] for host in network.report()["hosts"] if host["failed"]} == set(HOSTS)
    assert network.configurations() == before


def test_a_task_timeout_after_the_commit_rolls_back_and_tells_every_host(network: Network) -> None:
    before = mss(network)
    network.lab.fault("westford", "delay", rpc="get-ike-security-associations-information", seconds=60)
    status, output = run(network, "deploy", {"ANSIBLE_TASK_TIMEOUT": "20"}, nhtb_mss=1304)
    assert status != 0
    assert mss(network) == before
    hosts = {host["host"]: host for host in network.report()["hosts"]}
    assert {host for host in HOSTS if hosts[host]["failed"]} == set(HOSTS), output
    assert "the run ended early" in " ".join(output.split())


def test_a_report_that_cannot_be_written_is_found_before_the_first_lock(network: Network) -> None:
    before = network.configurations()
    network.artifacts.unlink(missing_ok=True)
    network.artifacts.mkdir()
    try:
        status, output = run(network, "deploy", nhtb_mss=1305)
    finally:
        network.artifacts.rmdir()
    assert status != 0
    assert "latest: expected a symbolic link or nothing, actual another file" in " ".join(output.split())
    assert network.configurations() == before


@pytest.mark.parametrize("value", ["0", "-1", "1e400", ".nan"])
def test_numbers_that_no_run_can_use_are_refused(network: Network, value: str) -> None:
    for variable in ("nhtb_sessions", "nhtb_sample_interval"):
        if (variable, value) == ("nhtb_sample_interval", "0"):
            continue
        inventory = network.overlay(
            "numbers", {"all": {"vars": {variable: json.loads(value) if value != ".nan" else value}}}
        )
        network.inventories.append(inventory)
        try:
            status, output = run(network, "verify")
        finally:
            network.inventories.remove(inventory)
        assert status != 0
        assert f"{variable}" in output


def test_the_machine_has_as_many_processes_as_before(network: Network) -> None:
    """Hold that no worker of an earlier run is still there."""
    listing = subprocess.run(["ps", "-eo", "pid,args"], check=True, capture_output=True, text=True).stdout
    assert [line for line in listing.splitlines() if str(network.folder) in line and "ansible-playbook" in line] == []
