# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Captures on a lab: their content, and that no trace stays on after a fault."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
import typing as t
from pathlib import Path

import pytest

from tests.integration.conftest import Network, Run, document_network, environment, in_words
from tests.integration.test_document import KEY, commit_by_hand
from tests.utils.kill import kill_tree
from tests.utils.patience import wait_until

GROUP = "hubspoke-trace"
PAIR = {"nhtb_trace_source": "westford", "nhtb_trace_destination": "corporate"}
# Captures that a test has started, to be killed after a test that fails.
RUNNING: list[subprocess.Popen[str]] = []
CAPTURED = {"corporate": "captured", "westford": "captured", "sunnyvale": "skipped"}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    folder: Path = tmp_path_factory.mktemp("trace")
    with document_network(folder) as network:
        assert network.playbook("deploy").status == 0
        yield network


@pytest.fixture
def restored(deployed: Network) -> t.Iterator[Network]:
    """Return the network. After the test clear its faults and wait for its rollbacks."""
    yield deployed
    for process in RUNNING:
        kill_tree(process.pid)
        process.wait()
    RUNNING.clear()
    deployed.lab.fault("all", "clear")
    deployed.lab.time(advance=1200)
    assert remaining(deployed) == {}


def remaining(network: Network) -> dict[str, str]:
    """Return the parts of a capture that a device still has: traces, a pending commit, a lock."""
    found = {}
    for host, device in network.lab.status()["devices"].items():
        traces = [line for line in network.lab.show(host, "set").splitlines() if GROUP in line]
        if traces or device["pending"] or device["lock"]:
            found[host] = f"{traces} {device['pending']} {device['lock']}"
    return found


def trace(network: Network, status: int, *arguments: str, **variables: t.Any) -> Run:
    """Run the playbook. Expect its exit status, and every device unchanged, without pending commit and lock."""
    before = network.configurations()
    run = network.playbook("trace", *arguments, **{"nhtb_trace_seconds": 0, **variables})
    assert run.status == status, run.output
    assert network.configurations() == before
    assert remaining(network) == {}
    told = run.output + json.dumps(report(network)) + "".join(path.read_text() for path in files(network))
    for secret in (KEY, "$9$", "Traceback"):
        assert secret not in told
    return run


def report(network: Network) -> dict[str, t.Any]:
    path = network.artifacts / "trace.json"
    content: dict[str, t.Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return content


def files(network: Network) -> list[Path]:
    """Return the files that the last run has fetched."""
    return [Path(one["path"]) for host in report(network).get("hosts", ()) for one in host["files"]]


def states(network: Network) -> dict[str, str]:
    return {host["host"]: host["state"] for host in report(network)["hosts"]}


def message(network: Network, host: str) -> str:
    return in_words(next(one for one in report(network)["hosts"] if one["host"] == host))


def start_capture(network: Network, **variables: t.Any) -> subprocess.Popen[str]:
    """Start a long capture. Return it once both devices have their traces on."""
    process = subprocess.Popen(
        network.command("trace", **{"nhtb_trace_seconds": 600, **PAIR, **variables}),
        cwd=network.folder, env=environment(network.folder), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    RUNNING.append(process)
    until = time.monotonic() + 300
    while not all(device["pending"] for device in network.lab.status()["devices"].values()):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.05)
    return process


def wait_until_off(network: Network, seconds: float = 300) -> dict[str, str]:
    """Wait until no device has a part of a capture, at most so many seconds. Return the parts that remain."""
    until = time.monotonic() + seconds
    while (found := remaining(network)) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def test_a_negotiation_and_a_ping_are_traced_at_both_ends(restored: Network) -> None:
    trace(restored, 0, **PAIR, nhtb_trace_negotiate=True)
    assert states(restored) == CAPTURED
    seen = {(path.parent.name, path.name): path.read_text(encoding="utf-8") for path in files(restored)}
    assert sorted(seen) == [
        (host, name) for host in ("corporate", "westford") for name in ("hubspoke-flow", "hubspoke-ike")
    ]
    assert "IKE negotiation done for local:1.1.1.2, remote:3.3.3.2 IKEv2" in seen["corporate", "hubspoke-ike"]
    assert "matched filter westford-to-corp" in seen["corporate", "hubspoke-flow"]
    assert "matched filter corp-to-westford" in seen["westford", "hubspoke-flow"]
    assert [one["received"] for host in report(restored)["hosts"] for one in host["pings"]] == [3, 3]
    # The run deletes the files on the devices.
    with pytest.raises(Exception, match="no log file hubspoke-ike"):
        restored.lab.log("corporate", "hubspoke-ike")


def test_a_classic_negotiation_is_traced_with_its_cause(tmp_path: Path) -> None:
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


def test_pairs_of_spokes_are_traced_at_the_hub_too(restored: Network) -> None:
    run = trace(restored, 0, nhtb_trace_source="sunnyvale", nhtb_trace_destination="westford", nhtb_trace_ike=False)
    assert "it runs ScreenOS" in run.output
    assert states(restored) == CAPTURED
    flow = next(path for path in files(restored) if path.parent.name == "westford").read_text(encoding="utf-8")
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
def test_an_impossible_trace_is_explained(restored: Network, variables: dict[str, t.Any], words: str) -> None:
    commits = [device["commits"] for device in restored.lab.status()["devices"].values()]
    run = trace(restored, 2, **variables)
    assert words in " ".join(run.words.split())
    assert [device["commits"] for device in restored.lab.status()["devices"].values()] == commits


def test_a_full_storage_stops_a_capture(restored: Network) -> None:
    # 0.1% of 14 GiB is less than the margin and the files.
    restored.lab.fault("westford", "fill-storage", percent=97)
    run = trace(restored, 2, **PAIR, nhtb_trace_storage_margin=500)
    assert "storage of /var: expected 506 MiB free, 6.0 MiB for the trace files" in " ".join(run.output.split())
    assert states(restored) == CAPTURED | {"westford": "failed"}


@pytest.mark.parametrize(
    ("fault", "details", "ends"),
    [
        # During the capture: the connection breaks at a ping, and while the run reads the files.
        ("cut-before", {"rpc": "ping"}, "failed"),
        ("cut-after", {"rpc": "clear-ike-security-association"}, "failed"),
        ("cut-before", {"rpc": "get-log"}, "failed"),
        # While the run turns traces on, and off.
        ("cut-after", {"rpc": "confirmed"}, "captured"),
        ("cut-before", {"rpc": "confirmed"}, "failed"),
        ("fail-check", {}, "failed"),
        ("cut-before", {"rpc": "confirm"}, "captured"),
        ("cut-after", {"rpc": "confirm"}, "captured"),
    ],
)
def test_traces_are_off_after_every_fault(restored: Network, fault: str, details: dict[str, t.Any], ends: str) -> None:
    restored.lab.fault("westford", fault, count=1, **details)
    trace(restored, 0 if ends == "captured" else 2, **PAIR, nhtb_trace_negotiate=True)
    assert states(restored) == CAPTURED | {"westford": ends}
    if ends == "failed" and fault != "fail-check" and details["rpc"] != "confirmed":
        assert message(restored, "westford").endswith("Traces are off.")
    # The capture of the other end is complete.
    assert len([path for path in files(restored) if path.parent.name == "corporate"]) == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_turns_traces_off(restored: Network, number: signal.Signals) -> None:
    process = start_capture(restored)
    process.send_signal(number)
    process.communicate(timeout=300)
    assert process.returncode != 0
    assert wait_until_off(restored) == {}


def test_after_a_kill_recover_or_the_rollback_turns_traces_off(restored: Network) -> None:
    process = start_capture(restored)
    kill_tree(process.pid)
    process.wait()
    assert set(remaining(restored)) == {"corporate", "westford"}
    # Another run does not confirm the pending commit.
    deploy = restored.playbook("deploy", nhtb_mss=1300)
    assert deploy.status != 0
    assert "commit confirmed: expected none pending" in " ".join(deploy.output.split())
    assert restored.playbook("recover", "--limit", "westford").status == 0
    assert set(remaining(restored)) == {"corporate"}
    # The window is ten minutes for the capture, and three more for the rest.
    restored.lab.time(advance=13 * 60 + 60)
    assert wait_until_off(restored) == {}


def test_a_refused_removal_waits_for_the_automatic_rollback(restored: Network) -> None:
    process = start_capture(restored, nhtb_trace_seconds=2)
    restored.lab.fault("westford", "fail-check")
    wait_until(lambda: set(remaining(restored)) == {"westford"}, lambda: remaining(restored))
    # The removal on Westford is tried at the same time, and refused.
    time.sleep(2)
    assert set(remaining(restored)) == {"westford"}
    restored.lab.time(advance=4 * 60 + 60)
    output, _error = process.communicate(timeout=300)
    assert process.returncode == 0, output
    assert remaining(restored) == {}


def test_a_commit_of_another_user_does_not_keep_traces(restored: Network) -> None:
    # The first ping comes after the commit: it ends the session, later than the next login is refused.
    restored.lab.fault("westford", "delay", rpc="ping", seconds=5, count=1)
    restored.lab.fault("westford", "cut-after", rpc="ping", count=1)
    process = start_capture(restored, nhtb_trace_seconds=2)
    # The lock ends with the session; before the next login another user commits, which confirms the pending commit.
    restored.lab.fault("westford", "refuse-login")
    until = time.monotonic() + 300
    while restored.lab.status()["devices"]["westford"]["lock"]:
        assert time.monotonic() < until
        time.sleep(0.05)
    restored.lab.fault("westford", "commit", statement="set system domain-name meanwhile.example")
    restored.lab.fault("westford", "clear")
    output, _error = process.communicate(timeout=300)
    assert process.returncode == 2
    assert re.search(r"expected a reply, actual none \([^)]+\)\. Traces are off\.", output), output
    assert remaining(restored) == {}
    assert "meanwhile.example" in restored.lab.show("westford")
    commit_by_hand(restored, "westford", "delete system domain-name")


@pytest.mark.parametrize("kind", ["hold-lock", "dirty"])
def test_a_capture_does_not_disturb_another_user(restored: Network, kind: str) -> None:
    restored.lab.fault("westford", kind, user="another")
    before = restored.lab.status()["devices"]["westford"]
    run = restored.playbook("trace", nhtb_trace_seconds=0, nhtb_lock_wait=0, **PAIR)
    assert run.status == 2
    assert states(restored) == CAPTURED | {"westford": "failed"}
    after = restored.lab.status()["devices"]["westford"]
    assert {name: after[name] for name in ("lock", "modified", "commits")} == {
        name: before[name] for name in ("lock", "modified", "commits")
    }


def test_files_are_copied_to_a_server_and_kept_on_request(restored: Network) -> None:
    run = trace(
        restored, 0, **PAIR, nhtb_trace_copy_to="ftp://reader:s3cret-word@192.0.2.9/in", nhtb_trace_delete_files=False
    )
    url = "ftp://reader:s3cret-word@192.0.2.9/in/westford-hubspoke-flow"
    assert restored.lab.log("westford", url) == restored.lab.log("westford", "hubspoke-flow")
    assert "s3cret-word" not in run.output + json.dumps(report(restored))


def test_check_mode_shows_the_traces(restored: Network) -> None:
    run = trace(restored, 0, "--check", "--diff", **PAIR, nhtb_trace_source_prefix="192.168.178.20/32")
    assert "hubspoke-trace {" in run.output
    assert "source-prefix 192.168.178.20/32;" in run.output
    assert "protocol 50;" in run.output


def test_a_limit_excludes_hosts(restored: Network) -> None:
    trace(restored, 0, "--limit", "westford")
    assert states(restored) == CAPTURED
    assert message(restored, "sunnyvale") == "not touched: outside --limit"
    trace(restored, 0, "--limit", "corporate")
    assert states(restored) == {"corporate": "captured", "westford": "skipped", "sunnyvale": "skipped"}
