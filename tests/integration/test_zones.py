# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tunnels in the zone of a LAN and in that of the WAN; services and protocols of zones and interfaces."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import ROOT, Network
from tests.integration.test_document import commit_by_hand
from tests.lab.client import Lab

GOLDEN = ROOT / "tests" / "golden"
FIRST_PORT = 20860


@contextmanager
def lab(name: str, tmp_path: Path) -> t.Iterator[Network]:
    """Start the lab for a network of the golden files, its Junos devices alone."""
    state, folder = tmp_path / "lab", tmp_path / "inventory"
    folder.mkdir()
    inventory = yaml.safe_load((GOLDEN / name / "hosts.yml").read_text(encoding="utf-8"))
    groups = inventory["nhtb"]["children"]
    spokes = groups["nhtb_spokes"]["hosts"]
    groups["nhtb_spokes"]["hosts"] = {
        host: own for host, own in spokes.items() if own.get("nhtb_platform") != "screenos"
    }
    hosts = [one for group in ("nhtb_hubs", "nhtb_spokes") for one in groups[group]["hosts"].values()]
    for port, variables in enumerate(hosts, FIRST_PORT):
        variables |= {"ansible_host": "127.0.0.1", "ansible_port": port}
    (folder / "hosts.yml").write_text(yaml.safe_dump(inventory, sort_keys=False), encoding="utf-8")
    network = Network([folder], tmp_path, Lab(state), {"nhtb_ssh_config": str(state / "ssh_config")})
    with Lab.start(folder, state_dir=state, arguments=["--free-ports"]) as network.lab:
        network.inventories.append(Path(network.lab.inventory))
        yield network


@pytest.fixture
def shared(tmp_path: Path) -> t.Iterator[Network]:
    with lab("shared_zones", tmp_path) as network:
        yield network


@pytest.fixture
def inside(tmp_path: Path) -> t.Iterator[Network]:
    with lab("inside_and_units", tmp_path) as network:
        yield network


# Device, and a statement that another user deletes from the group; what troubleshoot names adds the last words.
BREAKS = [
    ("hub", "security policies from-zone trust to-zone trust policy spokes-to-local", ""),
    (
        "lyon",
        "security zones security-zone untrust interfaces ge-0/0/0.0 host-inbound-traffic",
        " system-services ike",
    ),
]
PASSIVE = "delete groups hubspoke routing-options static route 10.20.0.0/24 passive"


def test_tunnels_share_the_zones_of_lans_and_wans(shared: Network) -> None:
    run = shared.playbook("deploy")
    assert run.status == 0, run.output
    reached = [("10.20.0.50", "10.21.0.20"), ("10.21.0.150", "10.22.0.50"), ("10.22.0.50", "10.20.1.50")]
    for source, destination in reached:
        found = shared.lab.reachable(source, destination)
        assert found["ok"], found
    # Guests are outside the VPN, in the zone of the tunnels too.
    assert not shared.lab.reachable("172.16.0.50", "10.22.0.50")["ok"]
    drift = shared.playbook("drift")
    assert drift.status == 0, drift.output
    for host, statement, _rest in BREAKS:
        commit_by_hand(shared, host, f"delete groups hubspoke {statement}", *([PASSIVE] if host == "lyon" else ()))
        shared.lab.fault(host, "flap", vpn="lyon-vpn" if host == "hub" else "hq-vpn")
    told = " ".join(shared.playbook("troubleshoot").output.split())
    for host, statement, rest in BREAKS:
        assert f"{host}: {statement}{rest}: expected set, actual not set" in told
    # Packets leave in clear while the tunnel is down: no policy tells the tunnel from the Internet.
    leak = " ".join(shared.playbook("verify", nhtb_verify_checks=["leak"]).output.split())
    assert "10.20.0.0/24: their route is not passive; policy to-hq allows them" in leak


def test_networks_behind_routers_vlan_units_and_a_loopback_interface(inside: Network) -> None:
    run = inside.playbook("deploy")
    assert run.status == 0, run.output
    for source, destination in (("10.50.7.7", "10.21.0.50"), ("10.21.0.50", "10.51.0.9"), ("10.20.1.50", "10.21.0.50")):
        found = inside.lab.reachable(source, destination)
        assert found["ok"], found
    assert not inside.lab.reachable("172.17.0.9", "10.50.7.7")["ok"]
    states = {one["object"]: one["state"] for host in inside.report()["hosts"] for one in host["findings"]}
    assert {"10.50.0.0/16", "172.17.0.0/24"} <= {name for name, state in states.items() if state == "ok"}
    drift = inside.playbook("drift")
    assert drift.status == 0, drift.output
