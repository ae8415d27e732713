# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every host has its outcome, and a run one clear error, whatever happens to the folders of the run meanwhile.

A file in the place of a folder stands for a folder that cannot be written to: nothing else stops root.
"""

from __future__ import annotations

import shutil
import subprocess
import time
import typing as t
from pathlib import Path

import pytest

from tests.integration.conftest import Network, document_network, environment

PATIENCE = 240
HOSTS = ("corporate", "westford")
# The words for each host where only the artifacts folder is lost.
PLAYBOOKS = {
    "deploy": "verified and confirmed",
    "verify": "verified",
    "drift": "drifted: 2 different in the group",
    "preflight": "ok: [westford]",
    "collect": "expected a folder to write to",
    "troubleshoot": "ok",
    "trace": "expected a folder to write to",
}
MSS = iter(range(1330, 1400))


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    with document_network(tmp_path_factory.mktemp("folders")) as network:
        assert network.playbook("deploy").status == 0
        yield network


@pytest.fixture
def network(deployed: Network) -> t.Iterator[Network]:
    """Provide the deployed network, whose first device answers slowly, and hold that nothing stays open after."""
    deployed.lab.fault("corporate", "delay", rpc="*", seconds=0.5, count=6)
    yield deployed
    for host in HOSTS:
        deployed.lab.fault(host, "clear")
    if deployed.runs.is_file():
        deployed.runs.unlink()
    devices = deployed.lab.status()["devices"].values()
    assert [one for one in devices if one["pending"] or one["lock"]] == []


def run(network: Network, playbook: str, lose: t.Callable[[Path], bool]) -> tuple[int, str]:
    """Run a playbook; once a device has a session, call ``lose`` until it has put its file in place."""
    results = network.folder / "ansible" / "tmp"
    process = subprocess.Popen(
        network.command(playbook, nhtb_mss=next(MSS), nhtb_trace_seconds=1),
        cwd=network.folder, env=environment(network.folder), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    until = time.monotonic() + PATIENCE
    while not network.lab.status()["devices"]["corporate"]["sessions"] or not lose(results):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.02)
    output, _error = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in output
    return process.returncode, " ".join(output.split())


def block(path: Path) -> bool:
    """Put a file in the place of a folder; return whether the folder was there."""
    if not path.is_dir():
        return False
    aside = path.with_name(f"{path.name}.aside")
    path.rename(aside)
    path.touch()
    shutil.rmtree(aside)
    return True


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_host_has_its_outcome_without_the_artifacts_folder(network: Network, playbook: str) -> None:
    status, output = run(network, playbook, lambda _results: block(network.runs))
    assert status != 0
    assert "controller: nhtb_artifacts_dir" in output
    outcomes, _task, report = output.partition("Give each host its outcome")[2].partition(
        "TASK [hubspoke.srx.nhtb : Report"
    )
    for host in HOSTS:
        assert f": [{host}]" in outcomes, output
        assert f"{host}: {PLAYBOOKS[playbook]}" in output or PLAYBOOKS[playbook] in outcomes, output
    # The last task fails for the run.
    assert "fatal: [" in report or "skipping" not in report, output


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_outcomes_are_on_the_screen_where_results_cannot_be_stored(network: Network, playbook: str) -> None:
    status, output = run(
        network, playbook, lambda results: any(block(path) for path in results.glob("ansible-local-*/hubspoke-*"))
    )
    assert status != 0
    assert "corporate" in output.partition("[ERROR]")[0].partition("fatal: [")[0], output
    # One error, of the task itself; the tasks after it have nothing to say.
    assert output.count("fatal: [") == 1, output
    assert "controller: ANSIBLE_LOCAL_TEMP" in output
    assert "expected a result of hubspoke.srx" not in output
