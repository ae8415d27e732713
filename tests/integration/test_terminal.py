# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run whose reader goes away, and a run that a signal or a task timeout ends: it decides, says so, leaves nothing.

The oldest ansible-core runs these too: its workers share terminal and signals with the main process, newer ones do not.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import subprocess
import termios
import time
import typing as t
from functools import partial
from pathlib import Path

import pytest

from tests.integration.conftest import Network, document_network, environment
from tests.utils.kill import kill_tree

# Longer than any of these runs takes on a busy machine, and shorter than for ever.
PATIENCE = 240
HOSTS = ("corporate", "westford")
# Runs that a test has started, to be killed after a test that fails.
RUNNING: list[subprocess.Popen[bytes]] = []
# Asked for while tunnels are verified: several times, so that a run waits in it for as long as it likes.
IN_WINDOW = "get-ike-security-associations-information"
READING: dict[str, dict[str, t.Any]] = {
    "verify": {},
    "drift": {},
    "collect": {},
    "troubleshoot": {},
    "adopt": {"nhtb_adopt_dir": "adopted"},
}  # fmt: skip


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    with document_network(tmp_path_factory.mktemp("terminal")) as network:
        assert network.playbook("deploy").status == 0
        yield network


@pytest.fixture
def network(deployed: Network) -> t.Iterator[Network]:
    """Provide the deployed network, every device without a fault, and hold that no device has anything open after."""
    yield deployed
    for process in RUNNING:
        kill_tree(process.pid)
        process.wait()
    RUNNING.clear()
    for host in HOSTS:
        deployed.lab.fault(host, "clear")
    wait_until(lambda: not still_open(deployed), lambda: still_open(deployed))


def still_open(network: Network) -> dict[str, t.Any]:
    """Return the devices with a pending commit, a lock or a session."""
    devices = network.lab.status()["devices"].items()
    return {host: one for host, one in devices if one["pending"] or one["lock"] or one["sessions"]}


def wait_until(is_so: t.Callable[[], t.Any], otherwise: t.Callable[[], t.Any]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until, otherwise()
        time.sleep(0.05)


class Started:
    """A playbook that runs, its standard error in a file; ``closed``: without a standard output."""

    def __init__(self, network: Network, playbook: str, *, settings: t.Mapping[str, str] | None = None,
                 stdout: int | t.IO[bytes] | None = None, stderr: int | None = None, terminal: bool = False,
                 closed: bool = False, **variables: t.Any) -> None:  # fmt: skip
        self.network = network
        self.files = [network.folder / f"{name}.txt" for name in ("output", "errors")]
        self.master = -1
        with self.files[0].open("wb") as output, self.files[1].open("wb") as errors:
            streams: dict[str, t.Any] = {"stdin": subprocess.DEVNULL, "stdout": stdout or output,
                                         "stderr": stderr or errors}  # fmt: skip
            if closed:
                streams["preexec_fn"] = partial(os.close, 1)
            if terminal:
                self.master, slave = pty.openpty()
                streams = {**dict.fromkeys(("stdin", "stdout", "stderr"), slave), "preexec_fn": _take_terminal}
            self.process = subprocess.Popen(
                network.command(playbook, **variables),
                cwd=network.folder, env={**environment(network.folder), **(settings or {})}, start_new_session=True,
                **streams,
            )  # fmt: skip
            if terminal:
                os.close(slave)
        RUNNING.append(self.process)

    def wait_for(self, is_so: t.Callable[[dict[str, t.Any]], bool]) -> None:
        """Wait until the devices, by name, are so."""

        def holds() -> bool:
            assert self.process.poll() is None, self.said
            return is_so(self.network.lab.status()["devices"])

        wait_until(holds, lambda: self.said)

    def wait_until_pending(self) -> None:
        self.wait_for(lambda devices: all(devices[host]["pending"] for host in HOSTS))

    def end(self) -> int:
        """Wait until the run has ended, its worker too. Return the exit status."""
        status = self.process.wait(PATIENCE)
        wait_until(lambda: not _of_folder(self.network.folder), lambda: _of_folder(self.network.folder))
        return status

    @property
    def said(self) -> str:
        """Return the output and the errors, each sentence on one line."""
        if self.master >= 0:
            return _read(self.master)
        return " ".join(" ".join(file.read_text(encoding="utf-8", errors="replace") for file in self.files).split())


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _read(master: int) -> str:
    said = b""
    while True:
        try:
            more = os.read(master, 65536)
        except OSError:
            # The last process has closed it.
            return " ".join(said.decode(errors="replace").split())
        said += more


def _of_folder(folder: Path) -> list[str]:
    """Return the playbooks that are running with files in a folder."""
    listing = subprocess.run(["ps", "-ww", "-eo", "stat,args"], check=True, capture_output=True, text=True).stdout
    lines = [line for line in listing.splitlines() if not line.startswith("Z")]
    return [line for line in lines if str(folder) in line and "ansible-playbook" in line]


def states(network: Network, report: str = "report.json") -> dict[str, str]:
    content = json.loads((network.artifacts / report).read_text(encoding="utf-8"))
    return {host["host"]: host["state"] for host in content["hosts"]}


def mss(network: Network) -> set[str]:
    """Return the MSS that the devices have committed."""
    words = [line.split() for host in HOSTS for line in network.lab.show(host).splitlines() if " mss " in f" {line}"]
    return {one[-1].rstrip(";") for one in words}


# --- the reader goes away ---


@pytest.mark.parametrize("both", [False, True], ids=["stdout", "both"])
def test_a_run_whose_reader_goes_away_ends_as_decided(network: Network, both: bool) -> None:
    reader, writer = os.pipe()
    network.lab.fault("westford", "delay", rpc=IN_WINDOW, seconds=2, count=2)
    run = Started(network, "deploy", stdout=writer, stderr=writer if both else None, nhtb_mss=1321 + both,
                  nhtb_verify_timeout=60)  # fmt: skip
    os.close(writer)
    run.wait_until_pending()
    os.close(reader)
    run.end()
    assert states(network) == {"corporate": "confirmed", "westford": "confirmed", "sunnyvale": "skipped"}
    assert mss(network) == {str(1321 + both)}


def test_a_run_without_a_standard_output_ends_as_decided(network: Network) -> None:
    status = Started(network, "deploy", closed=True, nhtb_mss=1329).end()
    assert states(network) == {"corporate": "confirmed", "westford": "confirmed", "sunnyvale": "skipped"}
    assert (status, mss(network)) == (0, {"1329"})


def test_a_run_whose_output_finds_the_disk_full_ends_as_decided(network: Network) -> None:
    before = mss(network)
    with open("/dev/full", "wb") as full:
        Started(network, "deploy", stdout=full, nhtb_mss=1323).end()
    assert states(network) == {"corporate": "confirmed", "westford": "confirmed", "sunnyvale": "skipped"}
    # Ansible itself may end at the first line that it cannot write, before any device is contacted.
    assert mss(network) in ({"1323"}, before)


# --- signals while devices have pending commits ---


@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
@pytest.mark.parametrize("numbers", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT] * 2], ids=["int", "term", "2"])
def test_an_interrupted_deploy_says_its_decision_once(
    network: Network, numbers: list[signal.Signals], terminal: bool
) -> None:
    before = mss(network)
    network.lab.fault("westford", "delay", rpc=IN_WINDOW, seconds=4)
    run = Started(network, "deploy", terminal=terminal, nhtb_mss=1324, nhtb_verify_timeout=120)
    run.wait_until_pending()
    _send(run, numbers)
    assert run.end() != 0
    assert mss(network) == before
    assert states(network) == {"corporate": "rolled_back", "westford": "rolled_back", "sunnyvale": "skipped"}
    said = run.said
    assert said.count("Interrupted.") == 1, said
    decision = said.partition("Interrupted.")[2]
    assert "Not confirmed and rolled back." in decision
    assert "corporate: rolled back" in decision
    assert "westford: rolled back" in decision
    assert remaining_in_local_temp(network) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["int", "term"])
def test_an_interrupted_capture_reports_and_says_that_traces_are_off(network: Network, number: signal.Signals) -> None:
    before = network.configurations()
    run = Started(network, "trace", nhtb_trace_seconds=600)
    run.wait_until_pending()
    _send(run, [number])
    assert run.end() != 0
    assert network.configurations() == before
    assert states(network, "trace.json") == {"corporate": "failed", "westford": "failed", "sunnyvale": "skipped"}
    said = run.said
    assert said.count("Interrupted.") == 1, said
    for host in HOSTS:
        assert f"{host}: not traced any more: the run was interrupted" in said.partition("Interrupted.")[2]
    assert remaining_in_local_temp(network) == []


def _send(run: Started, numbers: t.Sequence[signal.Signals]) -> None:
    for number in numbers:
        if number == signal.SIGINT:
            # As a terminal does: to the whole group.
            os.killpg(run.process.pid, number)
        else:
            run.process.send_signal(number)
        time.sleep(0.2)


def remaining_in_local_temp(network: Network) -> list[str]:
    return [str(path) for path in (network.folder / "ansible" / "tmp").glob("*")]


# --- runs that only read ---


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["int", "term"])
@pytest.mark.parametrize("playbook", READING)
def test_a_run_that_reads_ends_at_a_signal_and_leaves_nothing(
    network: Network, playbook: str, number: signal.Signals
) -> None:
    before = leavings(network)
    network.lab.fault("westford", "swallow")
    network.lab.fault("corporate", "delay", rpc="*", seconds=5)
    run = Started(network, playbook, nhtb_rpc_timeout=600, **READING[playbook])
    run.wait_for(lambda devices: bool(devices["corporate"]["sessions"]))
    _send(run, [number])
    started = time.monotonic()
    assert run.end() != 0
    assert time.monotonic() - started < PATIENCE / 2
    assert run.said.count("Interrupted.") == 1, run.said
    assert leavings(network) == before
    assert remaining_in_local_temp(network) == []


@pytest.mark.parametrize("playbook", READING)
def test_a_run_that_reads_ends_at_its_task_timeout(network: Network, playbook: str) -> None:
    before = leavings(network)
    network.lab.fault("westford", "swallow")
    run = Started(network, playbook, settings={"ANSIBLE_TASK_TIMEOUT": "8"}, nhtb_rpc_timeout=600, **READING[playbook])
    assert run.end() != 0
    assert any(words in run.said for words in ("run ended early", "time frame", "Timed out after")), run.said
    assert leavings(network) == before


def leavings(network: Network) -> set[str]:
    """Return the files of runs, without those in the folders of the runs."""
    found = {path for root in (network.runs, network.folder / "adopted") for path in root.rglob("*")}
    folders = {path for path in network.runs.iterdir() if re.match(r"\d{8}T|latest$", path.name)}
    return {str(path) for path in found - folders if not folders & {*path.parents}}
