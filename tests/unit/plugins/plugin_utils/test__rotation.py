# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The place of a new key before, while and after the devices change."""

from __future__ import annotations

import os
import re
import typing as t
from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, PlanError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome, DeployState
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet, read_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._key_file import KeyFile
from ansible_collections.hubspoke.srx.plugins.plugin_utils._rotation import Rotation, plan_rotation
from ansible_collections.hubspoke.srx.plugins.plugin_utils._vault import Vault, variables_in

SECRETS = [("default", VaultSecret(b"one")), ("network", VaultSecret(b"two"))]
GROUPS = {"nhtb_hubs": ["hub"], "nhtb_spokes": ["east", "west", "old"]}


def site(number: int, **more: t.Any) -> dict[str, t.Any]:
    return {
        "nhtb_site": f"site{number}",
        "nhtb_lans": [{"interface": "ge-0/0/0", "address": f"10.1.{number}.1/24"}],
        "nhtb_wan": {"interface": "ge-0/0/1", "address": f"192.0.2.{4 * number + 2}/30",
                     "gateway": f"192.0.2.{4 * number + 1}"},
        "nhtb_tunnel": {"unit": 0, "address": f"10.255.0.{number + 1}/24"},
        "nhtb_pre_shared_key": "key-of-all",
        **more,
    }  # fmt: skip


def fleet(**more: dict[str, t.Any]) -> Fleet:
    old = {"nhtb_platform": "screenos", "nhtb_lans": [{"interface": "ethernet0/6", "address": "10.1.3.1/24"}],
           "nhtb_wan": {"interface": "ethernet0/0", "address": "192.0.2.14/30", "gateway": "192.0.2.13"},
           "nhtb_tunnel": {"unit": 1, "address": "10.255.0.4/24"}}  # fmt: skip
    extra = {"old": old} | {host: (old if host == "old" else {}) | own for host, own in more.items()}
    hosts = {host: site(number, **extra.get(host, {})) for number, host in enumerate(["hub", "east", "west", "old"])}
    return read_fleet({"groups": GROUPS, "hostvars": hosts})


def rotation(of: Fleet, *chosen: str) -> Rotation:
    def store_of(host: str) -> KeyFile | None:
        path = of.variables[host].get("nhtb_key_file")
        return key_file(path, host) if path else None

    return plan_rotation(of, GROUPS, chosen, store_of)


def key_file(path: object, host: str = "east", others: t.Sequence[Path] = ()) -> KeyFile:
    return KeyFile(host, str(path), lambda key: f"nhtb_pre_shared_key: {key}\n", others, SECRETS)


def outcome(host: str, state: DeployState, *, failed: bool = False) -> DeployOutcome:
    return DeployOutcome(host=host, state=state, failed=failed, message="so it went")


# --- which hosts, which keys ---


def test_a_spoke_gets_a_key_of_its_own_and_the_others_keep_theirs(tmp_path: Path) -> None:
    made = rotation(fleet(east={"nhtb_key_file": str(tmp_path / "key.yml")}), "east")
    assert made.fleet.rotated == {"east"}
    assert made.fleet.keys["east"] != "key-of-all"
    assert made.fleet.keys["west"] == "key-of-all"
    assert list(made.stores) == ["east"]
    policies = {tunnel.peer_host: tunnel.ike_policy.name for tunnel in made.fleet.plan.hub.tunnels}
    assert policies["east"] == "site1-ike"
    assert policies["west"] == "ike-policy-group19"
    assert made.fleet.keys["east"] not in repr(made)


def test_one_key_for_all_stays_one_key_for_all() -> None:
    new = {"nhtb_new_pre_shared_key": "new-key-of-all"}
    of = fleet(hub=new, east=new, west=new, old=new | {"nhtb_operator_sets_key": True})
    made = rotation(of, "hub", "east", "west", "old")
    assert set(made.fleet.keys.values()) == {"new-key-of-all"}
    assert {policy.key_of for policy in made.fleet.plan.hub.ike_policies} == {"hub"}
    with pytest.raises(PlanError, match="west shares the hub's key and is not in this play"):
        rotation(of, "hub", "east", "old")


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({}, "east: nhtb_key_file = \\(none\\): a generated key needs a place that outlives the run"),
        ({"nhtb_new_pre_shared_key": "key-of-all"}, "is the key that nhtb_pre_shared_key has already"),
    ],
)
def test_every_host_needs_a_new_key_and_a_place_for_it(own: dict[str, t.Any], said: str) -> None:
    with pytest.raises(PlanError, match=said) as caught:
        rotation(fleet(east=own), "east")
    assert "key-of-all" not in str(caught.value)


@pytest.mark.parametrize("own", [{"nhtb_new_pre_shared_key": "known"}, {"nhtb_operator_sets_key": True}])
def test_an_operator_must_know_the_key_and_agree_to_set_it(own: dict[str, t.Any], tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"old: nhtb_operator_sets_key = .* its operator sets the key there"):
        rotation(fleet(old={"nhtb_key_file": str(tmp_path / "key.yml"), **own}), "old")


def test_a_key_that_a_device_does_not_take_is_refused_by_its_own_name() -> None:
    with pytest.raises(PlanError, match=r"east: nhtb_new_pre_shared_key = \(hidden\)") as caught:
        fleet(east={"nhtb_new_pre_shared_key": "$9$encoded"})
    assert "encoded$" not in str(caught.value)


def test_two_hosts_cannot_have_one_file(tmp_path: Path) -> None:
    own = {"nhtb_key_file": str(tmp_path / "key.yml")}
    with pytest.raises(PlanError, match="2 hosts have this place"):
        rotation(fleet(east=own, west=own), "east", "west")


def test_a_play_without_spokes_is_an_error() -> None:
    with pytest.raises(HubspokeError, match="expected spokes of the VPN, actual none in this play"):
        rotation(fleet(), "hub")


# --- the files after the decision ---


@pytest.mark.parametrize(
    ("spoke", "hub", "kept"),
    [
        (outcome("east", "confirmed"), outcome("hub", "confirmed"), "new"),
        (outcome("east", "unchanged"), outcome("hub", "unchanged"), "new"),
        (outcome("east", "rolled_back", failed=True), outcome("hub", "rolled_back", failed=True), "old"),
        (outcome("east", "unchanged", failed=True), outcome("hub", "unchanged", failed=True), "old"),
        # Excluded, and its part of the hub unchanged.
        (outcome("east", "rolled_back", failed=True), outcome("hub", "confirmed"), "old"),
        (outcome("east", "skipped"), outcome("hub", "confirmed"), "old"),
        (outcome("east", "unknown", failed=True), outcome("hub", "confirmed"), "both"),
        (outcome("east", "confirmed"), outcome("hub", "unknown", failed=True), "both"),
        (outcome("east", "rolled_back", failed=True), outcome("hub", "unknown", failed=True), "both"),
        (outcome("east", "confirmed"), outcome("hub", "rolled_back", failed=True), "both"),
    ],
)
def test_the_file_has_the_key_in_force(tmp_path: Path, spoke: DeployOutcome, hub: DeployOutcome, kept: str) -> None:
    path = tmp_path / "key.yml"
    path.write_text("nhtb_pre_shared_key: !vault old\n", encoding="utf-8")
    made = rotation(fleet(east={"nhtb_key_file": str(path)}), "east")
    made.write()
    assert (tmp_path / "key.yml.new").stat().st_mode & 0o777 == 0o600
    told = {one.host: one for one in made.settle([hub, spoke])}
    new = tmp_path / "key.yml.new"
    assert path.read_text(encoding="utf-8").startswith(
        f"nhtb_pre_shared_key: {made.fleet.keys['east']}" if kept == "new" else "nhtb_pre_shared_key: !vault old"
    )
    assert new.exists() == (kept == "both")
    if kept == "new":
        assert told["east"].message == f"so it went; the new key is in {path}."
    if kept == "old":
        assert told["east"] == spoke
    if kept == "both":
        assert f"the new key is kept in {new}" in told["east"].message
        assert "hubspoke.srx.recover" in told["east"].message
        assert told["east"].failed
    assert made.fleet.keys["east"] not in str(told)


def test_the_hub_reports_the_key_of_a_device_that_its_operator_configures() -> None:
    own = {"nhtb_new_pre_shared_key": "given-key", "nhtb_operator_sets_key": True}
    made = rotation(fleet(old=own), "old")
    (hub,) = made.settle([outcome("hub", "rolled_back", failed=True)])
    assert (
        hub.message == "so it went; old: its operator must set the old key again, if the new one is set there already."
    )
    (hub,) = made.settle([outcome("hub", "confirmed")])
    assert hub.message.startswith("so it went; old: set nhtb_pre_shared_key to the new key")


def test_a_key_without_a_file_must_be_set_by_the_user() -> None:
    made = rotation(fleet(east={"nhtb_new_pre_shared_key": "given-key"}), "east")
    told = made.settle([outcome("hub", "confirmed"), outcome("east", "confirmed")])
    assert "set nhtb_pre_shared_key to the new key before the next deployment" in told[1].message
    assert told[0].message == "so it went"


def test_a_file_that_cannot_be_renamed_is_named_and_keeps_the_key(tmp_path: Path) -> None:
    path = tmp_path / "key.yml"
    made = rotation(fleet(east={"nhtb_key_file": str(path)}), "east")
    made.write()
    path.mkdir()
    told = made.settle([outcome("hub", "confirmed"), outcome("east", "confirmed")])
    assert told[1].failed
    assert told[1].state == "confirmed"
    assert f"rename it to {path}" in told[1].message
    assert (tmp_path / "key.yml.new").exists()


def test_all_new_keys_are_written_or_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    paths = {"east": tmp_path / "east" / "key.yml", "west": tmp_path / "file" / "key.yml"}
    with pytest.raises(
        HubspokeError, match=r"west: nhtb_key_file .*expected a folder to write to, actual Not"
    ) as caught:
        Rotation(fleet(), {host: key_file(path, host) for host, path in paths.items()}).write()
    assert str(caught.value).endswith("No device was contacted, and no new key is in force.")
    assert not (tmp_path / "east").exists()


# --- the file itself ---


def test_a_file_that_would_be_lost_or_ignored_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "host_vars"
    folder.mkdir()
    own = folder / "east.yml"
    own.write_text("nhtb_site: east\nnhtb_other: !vault x\n", encoding="utf-8")
    in_folder = key_file(folder / "east" / "key.yml", others=[own])
    assert "Ansible would read the folder east instead of east.yml" in str(next(in_folder.problems()))
    itself = key_file(own, others=[own])
    assert "has more than the key: nhtb_other, nhtb_site" in str(next(itself.problems()))
    own.write_text("nhtb_pre_shared_key: x\n", encoding="utf-8")
    assert list(itself.problems()) == []
    elsewhere = key_file(tmp_path / "key.yml", others=[own])
    assert "east.yml has nhtb_pre_shared_key too" in str(next(elsewhere.problems()))
    elsewhere.path.write_text("- no variables\n", encoding="utf-8")
    assert "cannot be read as variables" in str(next(elsewhere.problems()))
    itself.new.write_text("", encoding="utf-8")
    assert "east.yml.new remains from a run whose end is not known" in str(next(itself.problems()))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda path: path.symlink_to(path.with_name("shared.yml")),
            r"is a symbolic link.*Name the file .*shared\.yml",
        ),
        (os.mkfifo, "is not a file"),
        (Path.mkdir, "is not a file"),
    ],
)
def test_a_link_or_no_file_in_the_place_of_a_key_file_is_refused(
    tmp_path: Path, make: t.Callable[[Path], object], said: str
) -> None:
    path = tmp_path / "key.yml"
    make(path)
    (problem,) = key_file(path).problems()
    assert re.search(said, str(problem))


def test_a_folder_may_be_reached_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    file = key_file(tmp_path / "link" / "key.yml")
    file.write("x")
    assert file.install() == ""
    assert (tmp_path / "real" / "key.yml").read_text(encoding="utf-8") == "nhtb_pre_shared_key: x\n"


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("host_vars/a.example.net/key.yml", True),
        ("host_vars/a.example.net/keys/key", True),
        ("host_vars/a.example.net.yml", True),
        ("host_vars/a.example.net", True),
        ("host_vars/a.example.net/key.txt", False),
        ("host_vars/b/key.yml", False),
        ("group_vars/all/key.yml", False),
    ],
)
def test_ansible_reads_the_files_of_the_hosts_variables(tmp_path: Path, path: str, read: bool) -> None:
    assert key_file(tmp_path / path, "a.example.net").is_read([tmp_path]) == read


def test_a_vaulted_file_is_read_and_one_without_its_secret_is_not(tmp_path: Path) -> None:
    path = tmp_path / "key.yml"
    path.write_bytes(VaultLib(SECRETS).encrypt("nhtb_pre_shared_key: x\n", SECRETS[1][1], "network"))
    assert variables_in(path, SECRETS) == {"nhtb_pre_shared_key": "x"}
    assert variables_in(path, SECRETS[:1]) is None
    assert variables_in(tmp_path / "none.yml", SECRETS) == {}


# --- the vault ---


def test_the_named_secret_encrypts_or_the_only_one() -> None:
    text = Vault(SECRETS, "network").variables_file("a-new-key")
    assert "$ANSIBLE_VAULT;1.2;AES256;network" in text
    assert "a-new-key" not in text
    envelope = "\n".join(line.strip() for line in text.splitlines() if line.startswith("  "))
    assert VaultLib(SECRETS[1:]).decrypt(envelope) == b"a-new-key"
    assert "$ANSIBLE_VAULT;1.1;AES256" in Vault(SECRETS[:1], "").variables_file("a-new-key")


@pytest.mark.parametrize(
    ("secrets", "vault_id", "said"),
    [
        ([], "", "expected one, actual none loaded in this run"),
        (SECRETS, "", "expected one of default, network, actual none"),
        (SECRETS, "other", "expected one of default, network, actual other"),
    ],
)
def test_without_one_secret_to_encrypt_with_the_run_ends(secrets: t.Any, vault_id: str, said: str) -> None:
    with pytest.raises(HubspokeError, match=said):
        Vault(secrets, vault_id)
