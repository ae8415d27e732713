# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of a hub and 40 spokes: each cause once on the screen, small results, each host's own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import QUICK, Network, environment
from tests.integration.test_document import commit_by_hand
from tests.lab.client import Lab
from tests.performance import fleet

RUNNER = Path(sys.executable).parent / "ansible-runner"
SPOKES = 40
WIDTH = 120
# Bytes of an event of a job.
EVENT = 8192
CHECKS = ["ike", "ipsec", "next_hop_tunnels", "routes", "pings"]
HOSTS = {"hub", *(f"spoke{number:04}" for number in range(1, SPOKES + 1))}
# The ends of the tunnel with a wrong key, and the spoke whose next one is the spoke there.
TOUCHED = {"hub", "spoke0006", "spoke0007"}
# What Ansible prints by itself: plays, tasks, the result of each host with the place of its task, the recap.
OF_ANSIBLE = re.compile(
    r"PLAY|TASK|ok:|changed:|fatal:|skipping:|\[(WARNING|ERROR)\]|Origin:|\d+ | +\^ column|\S+ +: ok=|$"
)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    folder = tmp_path_factory.mktemp("forty")
    state = folder / "lab"
    inventory = fleet.write(folder / "inventory.yml", SPOKES, range(20000, 20001 + SPOKES), state / "ssh_config")
    # The devices are many for one machine. Without a summary every spoke asks every other one: nothing is told oftener.
    extra = {"nhtb_verify_timeout": 60, "nhtb_summary": False, "nhtb_ssh_config": str(state / "ssh_config")}
    with Lab.start(inventory, state_dir=state, arguments=["--free-ports"]) as lab:
        found = Network([inventory, Path(lab.inventory)], folder, lab, extra)
        run = found.playbook("deploy")
        assert run.status == 0, run.output
        yield found


@pytest.fixture(scope="module")
def wrong_key(network: Network) -> Network:
    """Provide the network after another user gave one spoke another key."""
    policy = re.search(r"ike policy (\S+) pre-shared-key", network.lab.show("spoke0007", "set"))
    assert policy is not None
    place = f"groups hubspoke security ike policy {policy[1]} pre-shared-key"
    commit_by_hand(network, "spoke0007", f"set {place} ascii-text another")
    network.lab.fault("hub", "flap", vpn="s0007-vpn")
    return network


def own_lines(output: str) -> list[str]:
    """Return the lines on the screen that are none of Ansible's; the path of a report is as long as it is."""
    return [line for line in output.splitlines() if not OF_ANSIBLE.match(line) and not line.startswith("Report: ")]


def test_a_run_that_changes_nothing_says_little(network: Network) -> None:
    run = network.playbook("deploy")
    assert run.status == 0, run.output
    assert len(own_lines(run.output)) < 10, run.output


def test_a_commit_check_that_fails_on_one_of_40_is_told_once(network: Network) -> None:
    network.lab.fault("spoke0012", "fail-check", message="no such thing is configured")
    run = network.playbook("deploy", nhtb_mss=1301)
    network.lab.fault("spoke0012", "clear")
    assert run.status == 2, run.output
    said = own_lines(run.output)
    assert sum("no such thing is configured" in line for line in said) == 1, run.output
    assert len(said) < SPOKES, run.output
    assert max(map(len, said)) <= WIDTH
    assert set(run.results) == HOSTS
    others = [result for host, result in run.results.items() if host != "spoke0012"]
    assert {result["msg"] for result in others} == {"unchanged with the fleet (spoke0012: commit check)"}
    assert "no such thing is configured" in run.results["spoke0012"]["msg"]
    [cause] = network.report()["causes"]
    assert (cause["host"], cause["check"], set(cause["hosts"])) == ("spoke0012", "check", HOSTS)


def test_one_wrong_key_of_40_is_one_cause(wrong_key: Network) -> None:
    run = wrong_key.playbook("verify", nhtb_verify_checks=CHECKS, nhtb_verify_timeout=5)
    assert run.status == 2, run.output
    said = own_lines(run.output)
    assert len(said) < SPOKES, run.output
    assert max(map(len, said)) <= WIDTH
    assert sum(line.startswith("FAILED ") for line in said) == 1
    assert "FAILED   s0007-vpn  hub -> spoke0007 172.16.0.30" in said
    assert set(run.results) == TOUCHED
    assert run.results["hub"]["msg"] == "not verified: hub: ike s0007-vpn DOWN"
    others = [result for host, result in run.results.items() if host != "hub"]
    assert {result["msg"] for result in others} == {"not verified with the fleet (hub: s0007-vpn)"}
    for result in run.results.values():
        assert not {"findings", "diff"} & result.keys()
        assert all(len(row) <= WIDTH for row in result.get("causes", ()))
    [cause] = wrong_key.report()["causes"]
    assert (cause["tunnel"], cause["check"], set(cause["hosts"])) == ("s0007-vpn", "ike", TOUCHED)
    # Both ends ping each other, spoke0006 pings spoke0007, and that one spoke0008.
    assert cause["follows"]["pings"] == 4


def test_no_event_of_a_failed_job_is_big(wrong_key: Network, tmp_path: Path) -> None:
    private = tmp_path / "private"
    (private / "project").mkdir(parents=True)
    (private / "inventory").mkdir()
    (private / "env").mkdir()
    for number, inventory in enumerate(wrong_key.inventories):
        (private / "inventory" / f"{number}.yml").write_text(inventory.read_text(encoding="utf-8"), encoding="utf-8")
    play = [{"ansible.builtin.import_playbook": "hubspoke.srx.verify"}]
    (private / "project" / "verify.yml").write_text(yaml.safe_dump(play))
    own = {"nhtb_verify_checks": CHECKS, "nhtb_verify_timeout": 5, "nhtb_artifacts_dir": str(tmp_path / "artifacts")}
    (private / "env" / "extravars").write_text(json.dumps(QUICK | wrong_key.extra | own))
    settings = {name: value for name, value in environment(tmp_path).items() if name.startswith("ANSIBLE_")}
    (private / "env" / "envvars").write_text(json.dumps(settings))
    own_path = {"PATH": f"{RUNNER.parent}{os.pathsep}{os.environ['PATH']}"}
    ended = subprocess.run(
        [RUNNER, "run", private, "-p", "verify.yml"], cwd=tmp_path, env=environment(tmp_path) | own_path,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert ended.returncode == 2, ended.stdout
    paths = list(private.glob("artifacts/*/job_events/*.json"))
    events = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    # The statistics of the whole play have every host.
    sizes = [(path.stat().st_size, one["event"]) for path, one in zip(paths, events, strict=True)]
    assert max(size for size, event in sizes if event != "playbook_on_stats") <= EVENT, sorted(sizes)[-3:]
    failed = [one["event_data"] for one in events if one["event"] == "runner_on_failed"]
    told = {data["host"]: data["res"] for data in failed if "state" in data["res"]}
    assert set(told) == TOUCHED
    assert not any(result["changed"] for result in told.values())
    assert told["spoke0006"]["msg"] == "not verified with the fleet (hub: s0007-vpn)"
