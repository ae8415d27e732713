# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""New keys under ``ansible-runner transmit``, ``worker`` and ``process``, as AWX: none is lost with the job."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import DOCUMENT, QUICK, Network, document_network, environment
from tests.integration.test_key_store import FAKE, TOKEN, read_the_secret, rotate, versions
from tests.integration.test_no_key_leaks import forms
from tests.integration.test_rotate_keys import GIVEN, OLD, PASSWORD, is_idle, keys_on

RUNNER = Path(sys.executable).parent / "ansible-runner"
IN_JOB = "{{ inventory_dir }}/host_vars/{{ inventory_hostname }}/key.yml"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    """Provide the deployed network of the document, and a server for keys."""
    folder = tmp_path_factory.mktemp("runner")
    (folder / "server").mkdir()
    with document_network(folder) as found:
        server = {"ansible_hashi_vault_url": f"file://{folder}/server/secrets.json", "ansible_hashi_vault_token": TOKEN}
        found.inventories.append(found.overlay("server", {"nhtb": {"vars": server}}))
        yield found


@pytest.fixture
def deployed(network: Network) -> Network:
    run = network.playbook("deploy")
    assert run.status == 0, run.output
    return network


def job(network: Network, folder: Path, **variables: t.Any) -> tuple[int, str]:
    """Run a rotation of Westford's key as a job. Return its exit status, and all that the job wrote and told."""
    private = folder / "private"
    shutil.copytree(DOCUMENT, private / "inventory")
    for number, inventory in enumerate(path for path in network.inventories if path.is_file()):
        shutil.copy(inventory, private / "inventory" / f"z{number}.yml")
    # Under version control, which does not help: the folder is deleted.
    (private / "inventory" / ".git").mkdir()
    (private / "project").mkdir()
    play = [{"ansible.builtin.import_playbook": "hubspoke.srx.rotate_keys"}]
    (private / "project" / "rotate.yml").write_text(yaml.safe_dump(play))
    values = QUICK | network.extra | variables | {"nhtb_artifacts_dir": str(folder / "artifacts")}
    own = environment(folder)
    own["ANSIBLE_COLLECTIONS_PATH"] += f":{FAKE}"
    (private / "env").mkdir()
    (private / "env" / "extravars").write_text(json.dumps(values))
    (private / "env" / "envvars").write_text(
        json.dumps({name: value for name, value in own.items() if name.startswith("ANSIBLE_")})
    )
    (folder / "vault-password").write_text(PASSWORD)
    (private / "env" / "cmdline").write_text(f"-l westford --vault-password-file {folder / 'vault-password'}")
    worker, done = folder / "worker", folder / "done"
    command = (
        f"set -o pipefail; '{RUNNER}' transmit '{private}' -p rotate.yml"
        f" | '{RUNNER}' worker --private-data-dir '{worker}' --delete | '{RUNNER}' process '{done}'"
    )
    own["PATH"] = f"{RUNNER.parent}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert not worker.exists(), "the folder of the job is deleted with it"
    (status,) = done.glob("artifacts/**/rc")
    written = [path.read_text(encoding="utf-8", errors="replace") for path in done.rglob("*") if path.is_file()]
    written += [path.read_text(encoding="utf-8") for path in (folder / "artifacts").rglob("*") if path.is_file()]
    return int(status.read_text()), "\n".join([ended.stdout, *written])


def state(network: Network) -> tuple[dict[str, str], dict[str, int]]:
    commits = {host: one["commits"] for host, one in network.lab.status()["devices"].items()}
    return network.configurations(), commits


def test_a_file_in_the_folder_of_the_job_is_refused_and_the_ways_are_named(deployed: Network, tmp_path: Path) -> None:
    before = state(deployed)
    status, told = job(deployed, tmp_path, nhtb_key_file=IN_JOB)
    assert status == 2, told
    words = " ".join(told.split())
    assert "the folder of this job, which is deleted with the job" in words
    assert "set nhtb_key_store to hashi_vault, or give the key as nhtb_new_pre_shared_key" in words
    assert state(deployed) == before


def test_without_any_place_a_generated_key_is_refused(deployed: Network, tmp_path: Path) -> None:
    before = state(deployed)
    status, told = job(deployed, tmp_path)
    assert status == 2, told
    assert "a generated key needs a place that outlives the run" in " ".join(told.split())
    assert state(deployed) == before


def test_a_file_elsewhere_is_kept_unless_a_container_ends_with_the_job(deployed: Network, tmp_path: Path) -> None:
    kept = tmp_path / "kept" / "key.yml"
    before = state(deployed)
    status, told = job(deployed, tmp_path, nhtb_key_file=str(kept))
    in_container = any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv"))
    if in_container and tmp_path.stat().st_dev == Path("/").stat().st_dev:
        assert status == 2, told
        assert "is not on a mount of this container" in " ".join(told.split())
        assert state(deployed) == before
    else:
        assert status == 0, told
        assert "$ANSIBLE_VAULT" in kept.read_text()


def test_the_key_of_a_survey_is_the_key(deployed: Network, tmp_path: Path) -> None:
    status, told = job(deployed, tmp_path, nhtb_new_pre_shared_key=GIVEN)
    assert status == 0, told
    assert keys_on(deployed, "westford") == {"westford-ike": GIVEN}
    assert keys_on(deployed, "corporate")["westford-ike"] == GIVEN
    assert "set nhtb_pre_shared_key to the new key before the next deployment" in " ".join(told.split())
    # Each text is an event: no line is rewritten, although ansible-runner gives a terminal.
    assert "Reach    2/2" in told
    assert not [form for form in ("\rReach", "\\rReach") if form in told]
    assert not [form for form in forms(GIVEN) if form in told.encode()]


def test_a_key_in_the_vault_outlives_the_job(deployed: Network, tmp_path: Path) -> None:
    status, told = job(deployed, tmp_path, nhtb_key_store="hashi_vault")
    assert status == 0, told
    (new,) = keys_on(deployed, "westford").values()
    assert versions(deployed) == [
        {"nhtb_pre_shared_key": OLD, "nhtb_new_pre_shared_key": new},
        {"nhtb_pre_shared_key": new},
    ]
    assert is_idle(deployed)
    assert not [form for secret in (new, TOKEN) for form in forms(secret) if form in told.encode()]
    inventories = list(deployed.inventories)
    read_the_secret(deployed)
    try:
        run = rotate(deployed, "deploy")
    finally:
        deployed.inventories[:] = inventories
    assert run.status == 0, run.output
    assert deployed.outcome("westford")["state"] == "unchanged"
