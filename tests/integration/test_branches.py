# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many branches over IKEv1 with proposals of their own, and a key each that a lookup makes."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9

from tests.integration.conftest import ROOT, Network
from tests.lab.client import Lab

BRANCHES = ROOT / "inventories" / "branches"


@pytest.fixture
def branches(tmp_path: Path) -> t.Iterator[Network]:
    state = tmp_path / "lab"
    settings = {"nhtb_ssh_config": str(state / "ssh_config"), "branch_keys": str(tmp_path / "keys")}
    network = Network([BRANCHES], tmp_path, Lab(state), settings)
    with Lab.start(BRANCHES, state_dir=state, arguments=["--free-ports"]) as network.lab:
        network.inventories.append(Path(network.lab.inventory))
        yield network


def test_branches_negotiate_what_the_inventory_chooses(branches: Network) -> None:
    run = branches.playbook(
        "deploy", nhtb_deploy_checks=["ike", "ike_algorithms", "ipsec", "ipsec_algorithms", "lifetimes"]
    )
    assert run.status == 0, run.output
    keys = {path.name: path.read_text(encoding="utf-8") for path in (branches.folder / "keys").iterdir()}
    assert len(set(keys.values())) == len(keys) == 4
    report = json.loads((branches.artifacts / "report.json").read_text(encoding="utf-8"))
    center = next(host for host in report["hosts"] if host["host"] == "center")
    assert center["warnings"] == ["Weak by nhtb_allow_weak, SHA-1, group5: branch4."]
    negotiated = {one["tunnel"]: one["actual"] for one in center["findings"] if one["check"] == "ipsec_algorithms"}
    assert negotiated["branch1-vpn"].startswith("aes-gcm-256, ")
    assert negotiated["branch4-vpn"].startswith("aes-cbc-128/sha1, ")
    shared = branches.playbook("deploy", "--check", nhtb_pre_shared_key="c0ffee")
    assert shared.status == 0, shared.output
    report = json.loads((branches.artifacts / "report.json").read_text(encoding="utf-8"))
    center = next(host for host in report["hosts"] if host["host"] == "center")
    assert center["warnings"][1:] == ["3 spokes share one pre-shared key: branch1, branch2, branch4."]


def test_keys_of_text_and_of_hexadecimal_digits_are_rotated(branches: Network) -> None:
    deployed = branches.playbook("deploy")
    assert deployed.status == 0, deployed.output
    before = keys_on(branches, "center")
    (branches.folder / "vault-password").write_text("of-the-vault", encoding="utf-8")
    own = {host: {"nhtb_key_file": str(branches.folder / host / "key.yml")} for host in ("branch2", "branch3")}
    branches.inventories.append(branches.overlay("files", {"nhtb_spokes": {"hosts": own}}))
    vault = f"--vault-password-file={branches.folder / 'vault-password'}"
    run = branches.playbook("rotate_keys", vault, "-l", "branch2,branch3")
    assert run.status == 0, run.output
    after = keys_on(branches, "center")
    assert {name for name, key in after.items() if before[name] != key} == {"branch2-ike", "branch3-ike"}
    assert after["branch2-ike"][0] == "ascii-text"
    assert after["branch3-ike"][0] == "hexadecimal"
    assert re.fullmatch("[0-9a-f]{64}", after["branch3-ike"][1])
    assert branches.lab.reachable("10.20.3.50", "10.20.0.50")["ok"]


def keys_on(network: Network, host: str) -> dict[str, tuple[str, str]]:
    """Return the form and the plain key of each IKE policy of a device."""
    lines = network.lab.show(host, "set")
    found = re.findall(r'policy (\S+) pre-shared-key (\S+) "?(\$9\$[^"\s]+)', lines)
    return {policy: (form, KeyCodec9().decode(encoded)) for policy, form, encoded in found}
