# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Archives for support, from devices in a lab: complete, without secrets, also where a device is unreachable."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import typing as t
from pathlib import Path

import pytest
from jnpr.junos import Device
from lxml import etree

from tests.integration.conftest import ROOT, Network, Run, document_network, environment
from tests.integration.test_document import KEY, commit_by_hand

# A new key in a comment on the device: only the inventory marks it as a secret.
NEXT = "next<key>&more"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    with document_network(tmp_path_factory.mktemp("collect")) as network:
        assert network.playbook("deploy").status == 0
        yield network


def collect(network: Network, status: int, *arguments: str, **variables: t.Any) -> tuple[Run, Path, dict[str, t.Any]]:
    """Run the playbook, expect its exit status and unchanged devices; return the run, its folder and its index."""
    before, configurations = network.lab.status()["devices"], network.configurations()
    known = set(network.runs.glob("collect/*"))
    run = network.playbook("collect", *arguments, **{"nhtb_new_pre_shared_key": NEXT} | variables)
    assert run.status == status, run.output
    assert network.configurations() == configurations
    for host, device in network.lab.status()["devices"].items():
        assert (device["commits"], device["lock"]) == (before[host]["commits"], before[host]["lock"])
    (folder,) = set(network.runs.glob("collect/*")) - known
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    for path in [folder, folder.parent, *folder.iterdir()]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)
    told = run.output + "".join((folder / name).read_text(encoding="utf-8") for name in ("index.json", "index.md"))
    for host in index["hosts"]:
        if host["archive"]:
            packed = (folder / host["archive"]).read_bytes()
            assert (host["bytes"], host["sha256"]) == (len(packed), hashlib.sha256(packed).hexdigest())
            told += "".join(files(folder, host["host"]).values())
    for secret in (KEY, NEXT, "next&lt;key", "$9$", "$8$", "$6$", "$5$", "$1$"):
        assert secret not in told
    return run, folder, {host["host"]: host for host in index["hosts"]} | {"": index}


def files(folder: Path, host: str) -> dict[str, str]:
    """Return the files in an archive, all of them in a folder of the host's name, readable by the owner only."""
    found: dict[str, str] = {}
    with tarfile.open(folder / f"{host}.tar.gz") as archive:
        for member in archive.getmembers():
            assert member.name == host or member.name.startswith(f"{host}/")
            assert member.mode == (0o700 if member.isdir() else 0o600)
            if member.isfile():
                content = archive.extractfile(member)
                assert content is not None
                found[member.name.removeprefix(f"{host}/")] = content.read().decode()
    return found


def states(index: dict[str, t.Any]) -> dict[str, str]:
    return {name: host["state"] for name, host in index.items() if name}


def test_everything_of_every_device_is_in_its_archive(deployed: Network) -> None:
    run, folder, index = collect(deployed, 0)
    assert states(index) == {"corporate": "collected", "westford": "collected", "sunnyvale": "skipped"}
    assert "it runs ScreenOS" in index["sunnyvale"]["message"]
    assert {path.name for path in folder.iterdir()} == {
        "corporate.tar.gz", "westford.tar.gz", "index.json", "index.md",
    }  # fmt: skip
    assert "Collected. Hosts: 2 collected, 1 skipped." in run.output
    found = files(folder, "corporate")
    inner = json.loads(found.pop("index.json"))
    assert inner["files"] == index["corporate"]["files"]
    assert set(found) == {file["file"] for file in inner["files"] if file["state"] == "ok"}
    assert {"logs/messages", "logs/kmd", "configuration/group.txt", "configuration/group.set"} <= set(found)
    assert "set apply-groups hubspoke" in found["configuration/group.set"].splitlines()
    assert 'pre-shared-key ascii-text "(masked)"' in found["configuration/group.set"]
    assert 'pre-shared-key ascii-text "(masked)"; ## SECRET-DATA' in found["configuration/group.txt"]
    detail = "show/show-security-ipsec-security-associations-detail"
    assert "VPN Name: westford-vpn" in found[f"{detail}.txt"]
    assert "westford-vpn" in str(etree.fromstring(found[f"{detail}.xml"]).xpath("string()"))
    assert "10.11.11.12" in found["show/show-security-ipsec-next-hop-tunnels.txt"]
    assert index["corporate"]["device_time"].endswith("UTC")
    assert index["corporate"]["device_time"] in (folder / "index.md").read_text(encoding="utf-8")


def test_a_refusal_is_in_the_index_with_the_words_of_the_device(deployed: Network) -> None:
    _run, folder, index = collect(deployed, 0, "--limit", "westford", "--check")
    assert states(index) == {"corporate": "skipped", "westford": "collected", "sunnyvale": "skipped"}
    cluster = [file for file in index["westford"]["files"] if file["command"] == "show chassis cluster status"]
    assert [file["state"] for file in cluster] == ["refused", "refused"]
    assert all("Chassis cluster is not enabled" in file["reason"] for file in cluster)
    assert not any("cluster" in name for name in files(folder, "westford"))


def test_comments_logs_and_rotated_files_are_without_secrets(deployed: Network) -> None:
    lab = deployed.lab
    for comment in (f"the key is {KEY}", f"and then {NEXT}"):
        status = lab.status()["devices"]["westford"]
        with Device(
            host=status["address"], port=status["port"], user="hubspoke", gather_facts=False,
            ssh_config=lab.ssh_config, hostkey_verify=True,
        ) as device:  # fmt: skip
            log = etree.Element("log")
            log.text = comment
            commit = etree.Element("commit-configuration")
            commit.append(log)
            device.execute(commit)
            device.rpc.file_copy(source="/var/log/messages", destination="/var/log/messages.0.gz")
    _run, folder, _index = collect(deployed, 0)
    found = files(folder, "westford")
    assert "the key is (masked)" in found["show/show-system-commit.txt"]
    assert "and then (masked)" in found["show/show-system-commit.xml"]
    assert found["logs/messages.0"]


def test_the_newest_lines_of_a_long_log_are_kept(deployed: Network) -> None:
    _run, folder, index = collect(deployed, 0, nhtb_max_log_bytes=1000)
    (kept,) = [file for file in index["corporate"]["files"] if file["file"] == "logs/messages"]
    content = files(folder, "corporate")["logs/messages"]
    assert kept["cut_bytes"] > 0
    assert 0 < kept["bytes"] == len(content) <= 1000
    _run, folder, _index = collect(deployed, 0)
    assert files(folder, "corporate")["logs/messages"].endswith(content)


def test_a_trace_is_a_log_too(deployed: Network) -> None:
    commit_by_hand(
        deployed, "westford",
        "set groups a-trace security flow traceoptions flag basic-datapath",
        "set apply-groups a-trace",
    )  # fmt: skip
    assert deployed.playbook("verify", nhtb_verify_checks=["pings"]).status == 0
    _run, folder, _index = collect(deployed, 0)
    assert "flow_first" in files(folder, "westford")["logs/security-trace"]
    assert "logs/security-trace" not in files(folder, "corporate")


def test_an_unreachable_device_does_not_stop_the_others(deployed: Network) -> None:
    deployed.lab.fault("westford", "refuse-login")
    try:
        run, folder, index = collect(deployed, 4)
    finally:
        deployed.lab.fault("westford", "clear")
    assert states(index) == {"corporate": "collected", "westford": "unreachable", "sunnyvale": "skipped"}
    assert "login as hubspoke: expected to be accepted, actual refused" in index["westford"]["message"]
    assert "login as hubspoke: expected to be accepted" in " ".join(run.output.split())
    assert index["westford"]["archive"] is None
    assert len(files(folder, "corporate")) > 40
    assert "westford" in (folder / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("times", [1, 2])
def test_a_session_that_breaks_keeps_the_replies_so_far(deployed: Network, times: int) -> None:
    deployed.lab.fault("westford", "cut-after", rpc="get-route-information", count=times)
    try:
        _run, folder, index = collect(deployed, 2)
    finally:
        deployed.lab.fault("westford", "clear")
    assert index["westford"]["state"] == "incomplete"
    files_by_state = [file["state"] for file in index["westford"]["files"]]
    assert files_by_state.count("lost") == times
    # After one lost reply a new session continues, after two the device is not asked any more.
    assert ("not_asked" in files_by_state) == (times == 2)
    assert ("logs/messages" in files(folder, "westford")) == (times == 1)
    assert "expected a reply, actual none" in index["westford"]["message"]
    assert index["corporate"]["state"] == "collected"


def test_a_folder_that_cannot_be_created_is_named(deployed: Network) -> None:
    (deployed.folder / "file").write_text("", encoding="utf-8")
    run = deployed.playbook("collect", "-e", f"nhtb_artifacts_dir={deployed.folder}/file")
    assert run.status == 2
    assert "expected a folder to write to, actual" in " ".join(run.output.split())
    assert "Traceback" not in run.output


def test_the_playbook_runs_as_a_file_too(deployed: Network) -> None:
    known = set(deployed.runs.glob("collect/*"))
    program, _name, *rest = deployed.command("collect", "--limit", "corporate")
    run = subprocess.run(
        [program, str(ROOT / "playbooks" / "collect.yml"), *rest],
        cwd=deployed.folder, env=environment(deployed.folder), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    (folder,) = set(deployed.runs.glob("collect/*")) - known
    assert files(folder, "corporate")
