# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""New keys for tunnels that are up: on both ends and in the file only, or else the old ones everywhere."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import ALPHABET, LENGTH
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9

from tests.integration.conftest import Network, Run, document_network, environment
from tests.integration.test_document import commit_by_hand

OLD = "secretkey"
PASSWORD = "of-the-vault"
GIVEN = "Given-Key-Of-Westford-4711"


@pytest.fixture
def deployed(tmp_path: Path) -> t.Iterator[Network]:
    """Return the deployed network of the document, with a file for Westford's next key."""
    (tmp_path / "vault-password").write_text(PASSWORD, encoding="utf-8")
    with document_network(tmp_path) as network:
        assert network.playbook("deploy").status == 0
        keep_keys(network, "westford")
        yield network


def keep_keys(network: Network, *hosts: str, **variables: t.Any) -> None:
    """Set the key file of hosts, and other variables."""
    own = {host: {"nhtb_key_file": str(key_file(network, host)), **variables} for host in hosts}
    network.inventories.append(network.overlay(f"keys-{len(network.inventories)}", {"nhtb_spokes": {"hosts": own}}))


def key_file(network: Network, host: str) -> Path:
    return network.folder / "host_vars" / host / "key.yml"


def unfinished_key_file(network: Network, host: str) -> Path:
    return key_file(network, host).with_name("key.yml.new")


def rotate(network: Network, *arguments: str, limit: str = "westford", **variables: t.Any) -> Run:
    password = ["--vault-password-file", str(network.folder / "vault-password")]
    return network.playbook("rotate_keys", "-l", limit, *password, *arguments, **variables)


def keys_on(network: Network, host: str) -> dict[str, str]:
    """Return the plain keys of a device by IKE policy."""
    found = re.findall(r'policy (\S+) pre-shared-key ascii-text "?(\$9\$[^"\s]+)', network.lab.show(host, "set"))
    return {policy: KeyCodec9().decode(encoded) for policy, encoded in found}


def key_in(network: Network, path: Path) -> str:
    """Return the key in a file, read as Ansible reads it."""
    content = yaml.load(path.read_text(encoding="utf-8"), VaultYaml)  # noqa: S506 (a SafeLoader with one more tag)
    assert list(content) == ["nhtb_pre_shared_key"]
    envelope: str = content["nhtb_pre_shared_key"]
    assert envelope.startswith("$ANSIBLE_VAULT;1.1;AES256")
    program = Path(sys.executable).parent / "ansible-vault"
    found = subprocess.run(
        [program, "decrypt", "--vault-password-file", network.folder / "vault-password", "--output", "-"],
        input=envelope, env=environment(network.folder), text=True, capture_output=True, timeout=600, check=True,
    )  # fmt: skip
    return str(found.stdout)


class VaultYaml(yaml.SafeLoader):
    """A loader of YAML with vaulted values, which stay encrypted."""


VaultYaml.add_constructor("!vault", lambda loader, node: str(node.value))


def states(network: Network) -> dict[str, str]:
    return {host["host"]: host["state"] for host in network.report()["hosts"]}


def is_idle(network: Network) -> bool:
    return not any(device["pending"] or device["lock"] for device in network.lab.status()["devices"].values())


def files_with(folder: Path, words: str) -> list[Path]:
    """Return the files that contain ``words``, except those of the lab."""
    found = [path for path in folder.rglob("*") if path.is_file() and "lab" not in path.relative_to(folder).parts]
    return [path for path in found if words.encode() in path.read_bytes()]


def test_a_spoke_with_the_shared_key_gets_a_secret_one_of_its_own(deployed: Network) -> None:
    run = rotate(deployed, "-vvvv", "--diff")
    assert run.status == 0, run.output
    new = key_in(deployed, key_file(deployed, "westford"))
    assert len(new) == LENGTH
    assert set(new) <= set(ALPHABET)
    assert keys_on(deployed, "westford") == {"westford-ike": new}
    assert keys_on(deployed, "corporate") == {"ike-policy1": OLD, "westford-ike": new}
    assert states(deployed) == {"corporate": "confirmed", "westford": "confirmed", "sunnyvale": "skipped"}
    assert is_idle(deployed)
    assert key_file(deployed, "westford").stat().st_mode & 0o777 == 0o600
    assert not unfinished_key_file(deployed, "westford").exists()
    assert str(key_file(deployed, "westford")) in deployed.told("westford")
    assert new not in run.output
    assert OLD not in run.output
    assert PASSWORD not in run.output
    assert files_with(deployed.folder, new) == []
    assert [path.name for path in files_with(deployed.folder, PASSWORD)] == ["vault-password"]
    # A deployment changes nothing: the plan has the new key.
    password = ["--vault-password-file", str(deployed.folder / "vault-password")]
    again = deployed.playbook("deploy", *password)
    assert again.status == 0, again.output
    assert set(states(deployed).values()) == {"unchanged", "skipped"}


def test_only_the_associations_of_the_old_key_are_cleared(deployed: Network) -> None:
    rotate(deployed)
    (cleared,) = [stage for stage in deployed.report()["stages"] if stage["name"] == "clear"]
    assert cleared["done"] == cleared["devices"] == 2
    log = deployed.lab.log("corporate", "kmd")
    assert "IKE SA cleared by user" in log
    tunnels = {line for line in log.splitlines() if "cleared by user" in line}
    assert tunnels
    assert all("westford" in line for line in tunnels), tunnels


def test_the_next_rotation_replaces_the_key_in_the_file(deployed: Network) -> None:
    assert rotate(deployed).status == 0
    first = key_in(deployed, key_file(deployed, "westford"))
    before = deployed.lab.show("corporate")
    run = rotate(deployed)
    assert run.status == 0, run.output
    second = key_in(deployed, key_file(deployed, "westford"))
    assert second != first
    assert keys_on(deployed, "westford") == {"westford-ike": second}
    after = deployed.lab.show("corporate")
    # One line differs: the key.
    assert len(set(before.splitlines()) ^ set(after.splitlines())) == 2


def test_many_spokes_and_one_with_an_operator(deployed: Network) -> None:
    run = rotate(deployed, limit="nhtb_spokes")
    assert run.status == 2
    assert "nhtb_operator_sets_key" in run.output
    assert states(deployed)["corporate"] == "confirmed", "the report is that of the deployment"
    given = "Given-Key-Of-Sunnyvale-4712"
    text = (deployed.artifacts / "sunnyvale.screenos").read_text(encoding="utf-8")
    keep_keys(deployed, "sunnyvale", nhtb_new_pre_shared_key=given, nhtb_operator_sets_key=True)
    deployed.lab.screenos("sunnyvale", re.sub("<pre-shared-key of [a-z]+>", given, text))
    run = rotate(deployed, limit="nhtb_spokes")
    assert run.status == 0, run.output
    new = key_in(deployed, key_file(deployed, "westford"))
    assert keys_on(deployed, "corporate") == {"westford-ike": new, "sunnyvale-ike": given}
    assert key_in(deployed, key_file(deployed, "sunnyvale")) == given
    assert "sunnyvale: the new key is in" in deployed.told("corporate")
    assert given not in run.output


def test_a_given_key_needs_neither_file_nor_vault(deployed: Network) -> None:
    deployed.inventories.pop()
    run = deployed.playbook("rotate_keys", "-l", "westford", nhtb_new_pre_shared_key=GIVEN)
    assert run.status == 0, run.output
    assert keys_on(deployed, "westford") == {"westford-ike": GIVEN}
    assert keys_on(deployed, "corporate")["westford-ike"] == GIVEN
    assert "set nhtb_pre_shared_key to the new key" in deployed.told("westford")
    # Only the command line contains the key.
    assert all(GIVEN not in line for line in run.output.splitlines())


def test_a_tunnel_that_does_not_come_up_gets_its_old_key_back(deployed: Network) -> None:
    before = deployed.configurations()
    # Its operator has not entered the new key.
    keep_keys(deployed, "sunnyvale", nhtb_new_pre_shared_key=GIVEN, nhtb_operator_sets_key=True)
    run = rotate(deployed, limit="nhtb_spokes")
    assert run.status == 2
    assert states(deployed) == {"corporate": "rolled_back", "westford": "rolled_back", "sunnyvale": "skipped"}
    assert deployed.configurations() == before
    assert set(keys_on(deployed, "corporate").values()) == {OLD}
    assert is_idle(deployed)
    assert not (deployed.folder / "host_vars").exists() or not files_with(deployed.folder / "host_vars", "VAULT")
    assert GIVEN not in run.output


def test_a_site_that_fails_keeps_its_old_key_and_the_others_have_new_ones(deployed: Network) -> None:
    keep_keys(deployed, "sunnyvale", nhtb_new_pre_shared_key=GIVEN, nhtb_operator_sets_key=True)
    run = rotate(deployed, limit="nhtb_spokes", nhtb_on_failure="site")
    new = key_in(deployed, key_file(deployed, "westford"))
    assert keys_on(deployed, "westford") == {"westford-ike": new}, run.output
    assert keys_on(deployed, "corporate")["westford-ike"] == new
    assert GIVEN not in keys_on(deployed, "corporate").values()
    assert not unfinished_key_file(deployed, "sunnyvale").exists()
    assert is_idle(deployed)


def test_an_interrupted_rotation_is_rolled_back_with_its_file(deployed: Network) -> None:
    before = deployed.configurations()
    process = begin(deployed)
    os.killpg(process.pid, signal.SIGINT)
    output = process.communicate(timeout=300)[0].decode()
    assert deployed.configurations() == before, output
    assert is_idle(deployed)
    assert not unfinished_key_file(deployed, "westford").exists()
    assert not key_file(deployed, "westford").exists()


def test_after_a_killed_rotation_both_keys_remain_and_the_next_one_names_them(deployed: Network) -> None:
    before = deployed.configurations()
    process = begin(deployed)
    # The worker first: it would notice the end of its parent and roll back.
    for pid in [*descendants(process.pid), process.pid]:
        os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=300)
    assert unfinished_key_file(deployed, "westford").stat().st_mode & 0o777 == 0o600
    pending = keys_on(deployed, "westford")["westford-ike"]
    assert key_in(deployed, unfinished_key_file(deployed, "westford")) == pending
    assert not key_file(deployed, "westford").exists()
    run = rotate(deployed)
    assert run.status == 2
    assert "key.yml.new remains from a run whose end is not known" in run.output
    assert "hubspoke.srx.recover" in run.output
    assert deployed.playbook("recover").status == 0
    assert deployed.configurations() == before
    assert deployed.playbook("drift").status == 0
    unfinished_key_file(deployed, "westford").unlink()
    assert rotate(deployed).status == 0


def descendants(pid: int) -> list[int]:
    """Return the descendants of a process."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in parentheses may contain blanks.
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
    children = [child for child, parent in parents.items() if parent == pid]
    return children + [one for child in children for one in descendants(child)]


def begin(network: Network) -> subprocess.Popen[bytes]:
    """Start a rotation. Return it once its commits are pending."""
    password = ["--vault-password-file", str(network.folder / "vault-password")]
    process = subprocess.Popen(
        network.command("rotate_keys", "-l", "westford", *password, nhtb_verify_settle=30),
        cwd=network.folder, env=environment(network.folder), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 300
    while not all(device["pending"] for device in network.lab.status()["devices"].values()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def test_without_a_vault_secret_no_device_is_touched(deployed: Network) -> None:
    before = deployed.lab.status()["devices"]["westford"]
    run = deployed.playbook("rotate_keys", "-l", "westford")
    assert run.status == 2
    assert "expected one, actual none loaded in this run. Add --vault-id" in run.words
    assert deployed.lab.status()["devices"]["westford"] == before
    assert not unfinished_key_file(deployed, "westford").exists()
    assert not key_file(deployed, "westford").parent.exists()


def test_any_other_difference_stops_the_rotation(deployed: Network) -> None:
    commit_by_hand(deployed, "corporate", "set groups hubspoke security flow tcp-mss ipsec-vpn mss 1300")
    before = deployed.configurations()
    run = rotate(deployed)
    assert run.status == 2
    assert "mss 1300" in run.output
    assert "Run hubspoke.srx.deploy first" in run.output
    assert deployed.configurations() == before
    assert is_idle(deployed)
    assert not unfinished_key_file(deployed, "westford").exists()


def test_check_mode_names_the_changes_and_writes_nothing(deployed: Network) -> None:
    before = deployed.configurations()
    run = rotate(deployed, "--check", "--diff")
    assert run.status == 0, run.output
    assert "westford-ike" in run.output
    assert deployed.configurations() == before
    assert not (deployed.folder / "host_vars").exists()


def test_a_file_that_ansible_does_not_read_causes_a_warning(deployed: Network) -> None:
    elsewhere = deployed.folder / "elsewhere.yml"
    run = rotate(deployed, nhtb_key_file=str(elsewhere))
    assert run.status == 0, run.output
    assert "expected a file in the host_vars of this host" in " ".join(run.output.split())
    assert keys_on(deployed, "westford") == {"westford-ike": key_in(deployed, elsewhere)}
