# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new key in a secret of HashiCorp Vault, which has the key of the devices whenever the run ends."""

from __future__ import annotations

import json
import subprocess
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import LENGTH

from tests.integration.conftest import Network, Run, document_network, environment
from tests.integration.test_no_key_leaks import TOLD, forms
from tests.integration.test_options import PROGRAMS
from tests.integration.test_rotate_keys import GIVEN, OLD, is_idle, keys_on
from tests.utils.kill import kill_tree

FAKE = Path(__file__).parent / "fake_collections"
TOKEN = "of-the-lookups"
READ = "{{ lookup('community.hashi_vault.vault_kv2_get', 'nhtb/' ~ inventory_hostname).secret.nhtb_pre_shared_key }}"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    """Provide the deployed network of the document."""
    folder = tmp_path_factory.mktemp("store")
    values = {
        "nhtb_key_store": "hashi_vault",
        "ansible_hashi_vault_url": f"file://{folder}/server/secrets.json",
        "ansible_hashi_vault_token": TOKEN,
    }
    (folder / "server").mkdir()
    with document_network(folder) as network:
        # Not on the command line, which Ansible shows.
        network.inventories.append(network.overlay("server", {"nhtb": {"vars": values}}))
        yield network


@pytest.fixture
def network(deployed: Network) -> t.Iterator[Network]:
    """Provide it with the old key on every device, and an empty server."""
    inventories = list(deployed.inventories)
    for path in (deployed.folder / "server").iterdir():
        path.unlink()
    recovered = rotate(deployed, "recover")
    assert recovered.status == 0, recovered.output
    run = rotate(deployed, "deploy")
    assert run.status == 0, run.output
    yield deployed
    deployed.inventories[:] = inventories


def rotate(
    network: Network,
    playbook: str = "rotate_keys",
    program: str = "newest",
    more: t.Mapping[str, str] | None = None,
    **variables: t.Any,
) -> Run:
    limit = ["-l", "westford"] if playbook == "rotate_keys" else []
    command = network.command(playbook, *limit, "-vvvvv", **variables)
    command[0] = str(PROGRAMS[program] / "ansible-playbook")
    own = environment(network.folder)
    own |= {"ANSIBLE_COLLECTIONS_PATH": f"{own['ANSIBLE_COLLECTIONS_PATH']}:{FAKE}", **(more or {})}
    process = subprocess.run(
        command, cwd=network.folder, env=own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert "Traceback (most recent" not in process.stdout
    return Run(process.returncode, process.stdout)


def versions(network: Network, path: str = "nhtb/westford") -> list[dict[str, t.Any]]:
    """Return every version of a secret, the newest last."""
    file = network.folder / "server" / "secrets.json"
    found: list[dict[str, t.Any]] = json.loads(file.read_text()).get(path, []) if file.exists() else []
    return found


def store(network: Network, **fields: str) -> None:
    (network.folder / "server" / "secrets.json").write_text(json.dumps({"nhtb/westford": [fields]}))


def read_the_secret(network: Network) -> None:
    """Let the inventory read Westford's key from the secret."""
    own = {"nhtb_spokes": {"hosts": {"westford": {"nhtb_pre_shared_key": READ}}}}
    network.inventories.append(network.overlay("reads-secret", own))


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_generated_key_is_kept_next_to_the_old_one_until_it_is_confirmed(network: Network, program: str) -> None:
    if not (PROGRAMS[program] / "ansible-playbook").exists():
        pytest.skip(f"{program} is not there: make test installs it")
    log = network.folder / "ansible.log"
    run = rotate(network, program=program, more={**TOLD, "ANSIBLE_LOG_PATH": str(log)})
    assert run.status == 0, run.output
    (new,) = keys_on(network, "westford").values()
    assert len(new) == LENGTH
    assert keys_on(network, "corporate")["westford-ike"] == new
    assert versions(network) == [
        {"nhtb_pre_shared_key": OLD, "nhtb_new_pre_shared_key": new},
        {"nhtb_pre_shared_key": new},
    ]
    assert "the new key is in secret/nhtb/westford of HashiCorp Vault" in " ".join(run.output.split())
    told = run.output.encode() + log.read_bytes()
    told += b"".join(path.read_bytes() for path in network.runs.rglob("*") if path.is_file())
    found = [
        told[max(0, told.index(form) - 200) :][:400] for one in (new, TOKEN) for form in forms(one) if form in told
    ]
    assert not found
    # From then on the inventory reads the secret, and the next rotation replaces it.
    read_the_secret(network)
    again = rotate(network, "deploy", program)
    assert again.status == 0, again.output
    assert network.outcome("westford")["state"] == "unchanged"
    assert rotate(network, program=program).status == 0
    assert [len(one) for one in versions(network)] == [2, 1, 2, 1]
    assert versions(network)[-1] == {"nhtb_pre_shared_key": keys_on(network, "westford")["westford-ike"]}


def test_other_fields_of_the_secret_stay_and_a_given_key_is_kept_too(network: Network) -> None:
    store(network, owner="us", nhtb_pre_shared_key=OLD)
    own = {"nhtb_spokes": {"hosts": {"westford": {"nhtb_new_pre_shared_key": GIVEN}}}}
    network.inventories.append(network.overlay("given", own))
    run = rotate(network)
    assert run.status == 0, run.output
    assert versions(network)[-1] == {"owner": "us", "nhtb_pre_shared_key": GIVEN}
    assert GIVEN not in run.output


def test_a_rotation_that_fails_restores_the_old_key_and_tells_it(network: Network) -> None:
    network.lab.fault("westford", "fail-check")
    try:
        run = rotate(network)
    finally:
        network.lab.fault("westford", "clear")
    assert run.status == 2, run.output
    assert [set(one) for one in versions(network)] == [
        {"nhtb_pre_shared_key", "nhtb_new_pre_shared_key"},
        {"nhtb_pre_shared_key"},
    ]
    assert versions(network)[-1] == {"nhtb_pre_shared_key": OLD}
    assert set(keys_on(network, "corporate").values()) == {OLD}


@pytest.mark.parametrize(
    ("fields", "variables", "words"),
    [
        ({}, {"ansible_hashi_vault_token": "wrong"}, "westford: HashiCorp Vault secret/nhtb/westford: expected to be"),
        ({}, {"nhtb_key_store_mount": "none"}, "expected to be written after version 0, actual AnsibleError: Invalid"),
        ({"nhtb_pre_shared_key": "other"}, {}, "has another nhtb_pre_shared_key than the inventory"),
        (
            {"nhtb_pre_shared_key": OLD, "nhtb_new_pre_shared_key": GIVEN},
            {},
            "nhtb_new_pre_shared_key remains there from a run whose end is not known",
        ),
    ],
)
def test_a_store_that_cannot_keep_the_key_is_refused_before_any_device_is_contacted(
    network: Network, fields: dict[str, str], variables: dict[str, t.Any], words: str
) -> None:
    if fields:
        store(network, **fields)
    before = (network.configurations(), versions(network))
    commits = {host: one["commits"] for host, one in network.lab.status()["devices"].items()}
    run = rotate(network, **variables)
    assert run.status == 2, run.output
    assert words in " ".join(run.output.split())
    assert (network.configurations(), versions(network)) == before
    assert {host: one["commits"] for host, one in network.lab.status()["devices"].items()} == commits
    assert GIVEN not in run.output


@pytest.mark.parametrize("program", PROGRAMS)
def test_without_the_collection_the_message_names_the_ways(network: Network, program: str) -> None:
    if not (PROGRAMS[program] / "ansible-playbook").exists():
        pytest.skip(f"{program} is not there: make test installs it")
    path = environment(network.folder)["ANSIBLE_COLLECTIONS_PATH"]
    run = rotate(network, program=program, more={"ANSIBLE_COLLECTIONS_PATH": path})
    assert run.status == 2, run.output
    words = "expected the collection community.hashi_vault for hashi_vault, actual not installed."
    assert words in " ".join(run.output.split())
    assert "set nhtb_key_file instead, or give the key as nhtb_new_pre_shared_key" in " ".join(run.output.split())


@pytest.mark.parametrize("kill", ["1 before", "1 after", "2 before", "2 after"])
def test_a_run_that_is_killed_while_it_writes_leaves_the_key_of_the_devices(network: Network, kill: str) -> None:
    (network.folder / "server" / "kill").write_text(kill)
    run = rotate(network)
    assert run.status != 0
    check_the_devices_keys(network)
    # The first write comes before any device is contacted, the second after all have confirmed.
    assert (set(keys_on(network, "westford").values()) == {OLD}) == kill.startswith("1")


@pytest.mark.parametrize("at", ["pending", "confirming"])
def test_a_run_that_is_killed_while_the_devices_change_leaves_the_keys_of_both(network: Network, at: str) -> None:
    if at == "confirming":
        network.lab.fault("westford", "delay", rpc="confirm", seconds=30)
    command = network.command("rotate_keys", "-l", "westford", nhtb_verify_settle=0 if at == "confirming" else 30)
    own = environment(network.folder)
    own["ANSIBLE_COLLECTIONS_PATH"] += f":{FAKE}"
    with subprocess.Popen(
        command, cwd=network.folder, env=own, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        commits = {host: one["commits"] for host, one in network.lab.status()["devices"].items()}
        until = time.monotonic() + 300
        wanted = {"corporate": 1, "westford": 1} if at == "pending" else {"corporate": 2, "westford": 1}
        while any(
            one["commits"] - commits[host] < wanted[host] for host, one in network.lab.status()["devices"].items()
        ):
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(0.05)
        kill_tree(process.pid)
    network.lab.fault("westford", "clear")
    check_the_devices_keys(network)
    assert set(versions(network)[-1]) == {"nhtb_pre_shared_key", "nhtb_new_pre_shared_key"}
    assert rotate(network, "recover").status == 0
    assert is_idle(network)
    check_the_devices_keys(network)


def check_the_devices_keys(network: Network) -> None:
    """Assert that every key of Westford's tunnel is in the secret; the old one is in the inventory too."""
    kept = set(versions(network)[-1].values()) if versions(network) else {OLD}
    hub = keys_on(network, "corporate")
    assert {hub.get("westford-ike", OLD), *keys_on(network, "westford").values()} <= kept
