# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Beyond one controller: a VPN is one job. Two of them run side by side; half of one is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import typing as t
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from tests.costs.measure import network as fleet_of
from tests.integration.conftest import QUICK, Network, environment
from tests.integration.test_runner import RUNNER
from tests.utils.patience import PATIENCE

SPOKES = 4
SLICES = 2


def job(network: Network) -> subprocess.Popen[str]:
    """Start a deployment as a job: transmitted, worked on and processed by ansible-runner."""
    folder = network.folder
    private = folder / "private"
    for name in ("inventory", "project", "env"):
        (private / name).mkdir(parents=True)
    shutil.copy(network.inventories[0], private / "inventory")
    play = [{"ansible.builtin.import_playbook": "hubspoke.srx.deploy"}]
    (private / "project" / "deploy.yml").write_text(yaml.safe_dump(play))
    values = QUICK | network.extra | {"nhtb_artifacts_dir": str(network.runs)}
    (private / "env" / "extravars").write_text(json.dumps(values))
    own = environment(folder)
    settings = {name: value for name, value in own.items() if name.startswith("ANSIBLE_")}
    (private / "env" / "envvars").write_text(json.dumps(settings))
    own["PATH"] = f"{RUNNER.parent}{os.pathsep}{os.environ['PATH']}"
    command = (
        f"set -o pipefail; '{RUNNER}' transmit '{private}' -p deploy.yml"
        f" | '{RUNNER}' worker --private-data-dir '{folder / 'worker'}' --delete"
        f" | '{RUNNER}' process '{folder / 'done'}'"
    )
    return subprocess.Popen(
        ["bash", "-c", command], cwd=folder, env=own, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def vpns(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[list[Network]]:
    """Provide two VPNs, each deployed by a worker of its own at the same time."""
    with ExitStack() as stack:
        found = [stack.enter_context(fleet_of(tmp_path_factory.mktemp(f"vpn{number}"), SPOKES)) for number in (1, 2)]
        jobs = [job(network) for network in found]
        for network, one in zip(found, jobs, strict=True):
            output, _error = one.communicate(timeout=PATIENCE)
            (status,) = (network.folder / "done").glob("artifacts/**/rc")
            assert (one.returncode, status.read_text()) == (0, "0"), output
        yield found


def test_two_vpns_are_deployed_by_two_workers_at_the_same_time(vpns: list[Network]) -> None:
    for network in vpns:
        report = network.report()
        assert report["verdict"] == "ok", report["decision"]
        assert {host["state"] for host in report["hosts"]} == {"confirmed"}
        assert report["counts"]["tunnels"]["up"] == SPOKES
        devices = network.lab.status()["devices"].values()
        assert {(one["lock"], one["pending"], one["logins"]) for one in devices} == {(None, None, 1)}
    first, second = (network.report() for network in vpns)
    assert first["run"] != second["run"]
    # In the time that both took, as far as the clock tells.
    assert max(first["started"], second["started"]) <= min(first["ended"], second["ended"])


def slices(network: Network) -> list[Path]:
    """Return the inventories of the slices of a job: of the hosts in the order of their names, every second one."""
    whole = yaml.safe_load(network.inventories[0].read_text(encoding="utf-8"))
    groups = whole["nhtb"]["children"]
    names = sorted(host for group in groups.values() for host in group["hosts"])
    found = []
    for number in range(SLICES):
        own = names[number::SLICES]
        parts = {
            name: {"hosts": {host: values for host, values in group["hosts"].items() if host in own}}
            for name, group in groups.items()
        }
        content = {"nhtb": {**whole["nhtb"], "children": parts}}
        found.append(network.folder / f"slice{number}.yml")
        found[-1].write_text(yaml.safe_dump(content), encoding="utf-8")
    return found


def test_half_of_a_vpn_is_refused_before_anything_is_changed(vpns: list[Network]) -> None:
    network = vpns[0]
    before = network.configurations()
    whole = list(network.inventories)
    with_hub, without_hub = slices(network)
    try:
        network.inventories[:] = [with_hub]
        refused = network.playbook("deploy")
        # With consent, the same: whoever has lost these sites may go on.
        agreed = network.playbook("deploy", "--check", nhtb_drop_sites=True)
        network.inventories[:] = [without_hub]
        lost = network.playbook("deploy")
    finally:
        network.inventories[:] = whole
    assert refused.status == 2, refused.output
    words = " ".join(refused.words.split())
    assert "hub: tunnels: expected the 2 of the inventory, actual also 2 of sites that it lacks: s0001, s0003." in words
    assert "A slice of a job has a part of the VPN: deploy all of it in one job." in words
    assert agreed.status == 0, agreed.output
    assert lost.status == 2, lost.output
    assert "the fleet has no hub" in lost.words
    assert "a slice of a job may lack the hub" in " ".join(lost.words.split())
    assert network.configurations() == before
    assert {one["lock"] for one in network.lab.status()["devices"].values()} == {None}
