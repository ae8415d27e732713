# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Traces against a lab: what they show, and that none stays on whatever happens."""

from __future__ import annotations

import json
import signal
import subprocess
import time
import typing as t
from pathlib import Path

import pytest

from tests.integration.conftest import Network, Run, document_network, environment
from tests.integration.test_document import KEY, commit_by_hand
from tests.utils.kill import kill_tree

GROUP = "hubspoke-trace"
PAIR = {"nhtb_trace_source": "westford", "nhtb_trace_destination": "corporate"}
# Captures that a test has begun; one that fails leaves them behind.
RUNNING: list[subprocess.Popen[str]] = []
CAPTURED = {"corporate": "captured", "westford": "captured", "sunnyvale": "skipped"}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    folder: Path = tmp_path_factory.mktemp("trace")
    with document_network(folder) as network:
        assert network.playbook("deploy").status == 0
        yield network


@pytest.fixture
def sound(deployed: Network) -> t.Iterator[Network]:
    """The network, whose faults are lifted and whose rollbacks are over when the test is done."""
    yield deployed
    for process in RUNNING:
        kill_tree(process.pid)
        process.wait()
    RUNNING.clear()
    deployed.lab.fault("all", "clear")
    deployed.lab.time(advance=1200)
    assert left(deployed) == {}


def left(network: Network) -> dict[str, str]:
    """What is left of a capture on any device: traces, a pending commit, a lock."""
    found = {}
    for host, device in network.lab.status()["devices"].items():
        traces = [line for line in network.lab.show(host, "set").splitlines() if GROUP in line]
        if traces or device["pending"] or device["lock"]:
            found[host] = f"{traces} {device['pending']} {device['lock']}"
    return found


def trace(network: Network, status: int, *arguments: str, **variables: t.Any) -> Run:
    """Run the playbook, expect its exit status, and that every device is as before, waits for nothing, has no lock."""
    before = network.configurations()
    run = network.playbook("trace", *arguments, **{"nhtb_trace_seconds": 0, **variables})
    assert run.status == status, run.output
    assert network.configurations() == before
    assert left(network) == {}
    told = run.output + json.dumps(report(network)) + "".join(path.read_text() for path in files(network))
    for secret in (KEY, "$9$", "Traceback"):
        assert secret not in told
    return run


def report(network: Network) -> dict[str, t.Any]:
    path = network.artifacts / "trace.json"
    content: dict[str, t.Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return content


def files(network: Network) -> list[Path]:
    """What the last run has fetched."""
    return [Path(one["path"]) for host in report(network).get("hosts", ()) for one in host["files"]]


def states(network: Network) -> dict[str, str]:
    return {host["host"]: host["state"] for host in report(network)["hosts"]}


def message(network: Network, host: str) -> str:
    return str(next(one["message"] for one in report(network)["hosts"] if one["host"] == host))


def begun(network: Network, **variables: t.Any) -> subprocess.Popen[str]:
    """A capture that waits long, once both devices have their traces on."""
    process = subprocess.Popen(
        network.command("trace", **{"nhtb_trace_seconds": 600, **PAIR, **variables}),
        cwd=network.folder, env=environment(network.folder), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    RUNNING.append(process)
    until = time.monotonic() + 60
    while not all(device["pending"] for device in network.lab.status()["devices"].values()):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.05)
    return process


def settled(network: Network, seconds: float = 30) -> dict[str, str]:
    """What is left, once nothing is or the time is over."""
    until = time.monotonic() + seconds
    while (found := left(network)) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def test_a_negotiation_and_a_ping_are_seen_at_both_ends(sound: Network) -> None:
    trace(sound, 0, **PAIR, nhtb_trace_negotiate=True)
    assert states(sound) == CAPTURED
    seen = {(path.parent.name, path.name): path.read_text(encoding="utf-8") for path in files(sound)}
    assert sorted(seen) == [
        (host, name) for host in ("corporate", "westford") for name in ("hubspoke-flow", "hubspoke-ike")
    ]
    assert "IKE negotiation done for local:1.1.1.2, remote:3.3.3.2 IKEv2" in seen["corporate", "hubspoke-ike"]
    assert "matched filter westford-to-corp" in seen["corporate", "hubspoke-flow"]
    assert "matched filter corp-to-westford" in seen["westford", "hubspoke-flow"]
    assert [one["received"] for host in report(sound)["hosts"] for one in host["pings"]] == [3, 3]
    # They are deleted on the devices.
    with pytest.raises(Exception, match="no log file hubspoke-ike"):
        sound.lab.log("corporate", "hubspoke-ike")


def test_a_classic_negotiation_is_seen_with_its_cause(tmp_path: Path) -> None:
    with document_network(tmp_path, nhtb_syntax="classic") as network:
        assert network.playbook("deploy").status == 0
        commit_by_hand(
            network, "westford", "set groups hubspoke security ike policy ike-policy1 pre-shared-key ascii-text other"
        )
        run = trace(network, 0, **PAIR, nhtb_trace_negotiate=True, nhtb_trace_flow=False)
        [path] = [path for path in files(network) if path.parent.name == "corporate"]
        assert "Phase-1 [responder] failed with error(Invalid payload type)" in path.read_text(encoding="utf-8")
        failures = report(network)["hosts"][0]["failures"]
        assert {one["cause"] for one in failures} == {"invalid_payload"}
        assert "Set the same pre-shared key on both peers" in run.output


def test_pairs_of_spokes_are_traced_at_the_hub_too(sound: Network) -> None:
    run = trace(sound, 0, nhtb_trace_source="sunnyvale", nhtb_trace_destination="westford", nhtb_trace_ike=False)
    assert "it runs ScreenOS" in run.output
    assert states(sound) == CAPTURED
    flow = next(path for path in files(sound) if path.parent.name == "westford").read_text(encoding="utf-8")
    assert "matched filter westford-to-sunnyvale" in flow


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"nhtb_trace_source": "westfort", "nhtb_trace_destination": "corporate"}, "actual 'westfort'. Known are"),
        ({**PAIR, "nhtb_trace_source_prefix": "10.9.9.9/32"}, "expected a host or a network within 192.168.178.0/24"),
        ({"nhtb_trace_ike": False, "nhtb_trace_flow": False}, "expected ike or flow to be traced, actual neither"),
        ({"nhtb_trace_files": 1}, "nhtb_trace_files = 1: the range is 2 to 1000"),
    ],
)
def test_what_cannot_be_traced_gets_a_sentence(sound: Network, variables: dict[str, t.Any], words: str) -> None:
    commits = [device["commits"] for device in sound.lab.status()["devices"].values()]
    run = trace(sound, 2, **variables)
    assert words in " ".join(run.output.split())
    assert [device["commits"] for device in sound.lab.status()["devices"].values()] == commits


def test_a_full_storage_is_no_place_for_a_trace(sound: Network) -> None:
    # 14 GiB, of which 0.1% is less than the margin and the files.
    sound.lab.fault("westford", "fill-storage", percent=97)
    run = trace(sound, 2, **PAIR, nhtb_trace_storage_margin=500)
    assert "storage of /var: expected 506 MiB free, 6.0 MiB for the trace files" in " ".join(run.output.split())
    assert states(sound) == CAPTURED | {"westford": "failed"}


@pytest.mark.parametrize(
    ("fault", "details", "ends"),
    [
        # In the middle: the connection breaks at a ping, and while what the device has written is read.
        ("cut-before", {"rpc": "ping"}, "failed"),
        ("cut-after", {"rpc": "clear-ike-security-association"}, "failed"),
        ("cut-before", {"rpc": "get-log"}, "failed"),
        # While they are switched on, and off.
        ("cut-after", {"rpc": "confirmed"}, "captured"),
        ("cut-before", {"rpc": "confirmed"}, "failed"),
        ("fail-check", {}, "failed"),
        ("cut-before", {"rpc": "confirm"}, "captured"),
        ("cut-after", {"rpc": "confirm"}, "captured"),
    ],
)
def test_nothing_stays_on_whatever_breaks(sound: Network, fault: str, details: dict[str, t.Any], ends: str) -> None:
    sound.lab.fault("westford", fault, count=1, **details)
    trace(sound, 0 if ends == "captured" else 2, **PAIR, nhtb_trace_negotiate=True)
    assert states(sound) == CAPTURED | {"westford": ends}
    if ends == "failed" and fault != "fail-check" and details["rpc"] != "confirmed":
        assert message(sound, "westford").endswith("Traces are off.")
    # The other end is there all the same.
    assert len([path for path in files(sound) if path.parent.name == "corporate"]) == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_switches_off(sound: Network, number: signal.Signals) -> None:
    process = begun(sound)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert settled(sound) == {}


def test_a_killed_controller_leaves_it_to_the_devices_or_to_recover(sound: Network) -> None:
    process = begun(sound)
    kill_tree(process.pid)
    process.wait()
    assert set(left(sound)) == {"corporate", "westford"}
    # Another run does not confirm what is pending.
    deploy = sound.playbook("deploy", nhtb_mss=1300)
    assert deploy.status != 0
    assert "commit confirmed: expected none pending" in " ".join(deploy.output.split())
    assert sound.playbook("recover", "--limit", "westford").status == 0
    assert set(left(sound)) == {"corporate"}
    # Ten minutes are waited for, and three more for the rest.
    sound.lab.time(advance=13 * 60 + 60)
    assert settled(sound) == {}


def test_a_refused_removal_waits_until_the_device_has_undone_it(sound: Network) -> None:
    process = begun(sound, nhtb_trace_seconds=2)
    sound.lab.fault("westford", "fail-check")
    time.sleep(4)
    assert set(left(sound)) == {"westford"}
    sound.lab.time(advance=4 * 60 + 60)
    output, _error = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert left(sound) == {}


def test_a_commit_of_somebody_else_meanwhile_keeps_nothing(sound: Network) -> None:
    process = begun(sound, nhtb_trace_seconds=2)
    # The lock is lost with the session; before there is a new one, somebody commits, which confirms what is pending.
    sound.lab.fault("westford", "refuse-login")
    sound.lab.fault("westford", "cut-before", rpc="ping", count=1)
    until = time.monotonic() + 30
    while sound.lab.status()["devices"]["westford"]["lock"]:
        assert time.monotonic() < until
        time.sleep(0.05)
    sound.lab.fault("westford", "commit", statement="set system domain-name meanwhile.example")
    sound.lab.fault("westford", "clear")
    output, _error = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "actual none (ConnectClosedError). Traces are off." in output
    assert left(sound) == {}
    assert "meanwhile.example" in sound.lab.show("westford")
    commit_by_hand(sound, "westford", "delete system domain-name")


@pytest.mark.parametrize("kind", ["hold-lock", "dirty"])
def test_who_works_on_a_device_is_left_in_peace(sound: Network, kind: str) -> None:
    sound.lab.fault("westford", kind, user="somebody")
    before = sound.lab.status()["devices"]["westford"]
    run = sound.playbook("trace", nhtb_trace_seconds=0, nhtb_lock_wait=0, **PAIR)
    assert run.status == 2
    assert states(sound) == CAPTURED | {"westford": "failed"}
    after = sound.lab.status()["devices"]["westford"]
    assert {name: after[name] for name in ("lock", "modified", "commits")} == {
        name: before[name] for name in ("lock", "modified", "commits")
    }


def test_files_go_to_a_server_and_may_stay(sound: Network) -> None:
    run = trace(
        sound, 0, **PAIR, nhtb_trace_copy_to="ftp://reader:s3cret-word@192.0.2.9/in", nhtb_trace_delete_files=False
    )
    url = "ftp://reader:s3cret-word@192.0.2.9/in/westford-hubspoke-flow"
    assert sound.lab.log("westford", url) == sound.lab.log("westford", "hubspoke-flow")
    assert "s3cret-word" not in run.output + json.dumps(report(sound))


def test_check_mode_shows_what_would_be_switched_on(sound: Network) -> None:
    run = trace(sound, 0, "--check", "--diff", **PAIR, nhtb_trace_source_prefix="192.168.178.20/32")
    assert "hubspoke-trace {" in run.output
    assert "source-prefix 192.168.178.20/32;" in run.output
    assert "protocol 50;" in run.output


def test_a_limit_holds(sound: Network) -> None:
    trace(sound, 0, "--limit", "westford")
    assert states(sound) == {"corporate": "skipped", "westford": "captured", "sunnyvale": "skipped"}
