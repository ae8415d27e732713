# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adoption of a VPN that was configured by hand: its inventory, and the move into the group in one transaction."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import Network
from tests.integration.test_document import commit_by_hand
from tests.utils.by_hand import KEY, NAMES, by_hand


@pytest.fixture(params=["modern", "classic"])
def by_hand_network(document: Network, request: pytest.FixtureRequest) -> Network:
    """Yield the document's network, configured by hand; the inventory has only the connection of its Junos hosts."""
    syntax = str(request.param)
    # As the document has it: traffic leaves in clear while a tunnel is down.
    assert document.playbook("render", nhtb_syntax=syntax, nhtb_fail_closed=False).status == 0
    for host in ("corporate", "westford"):
        commit_by_hand(document, host, *by_hand(document.artifacts, host, NAMES if syntax == "classic" else {}))
    (document.folder / "vault-password").write_text("of-the-vault", encoding="utf-8")
    source = yaml.safe_load((document.inventories[0] / "host_vars" / "sunnyvale.yml").read_text(encoding="utf-8"))
    status = document.lab.status()["devices"]
    where = {
        host: {"ansible_host": device["address"], "ansible_port": device["port"], "ansible_user": "hubspoke"}
        for host, device in status.items()
    }
    groups = {"nhtb_hubs": {"hosts": {"corporate": where["corporate"]}}}
    groups["nhtb_spokes"] = {"hosts": {"westford": where["westford"], "sunnyvale": source}}
    known = document.overlay("known", {"nhtb": {"children": groups}})
    return replace(document, inventories=[known])


def adopted(network: Network, *arguments: str, **variables: t.Any) -> tuple[Network, dict[str, t.Any]]:
    folder = network.folder / "adopted"
    vault = f"--vault-password-file={network.folder / 'vault-password'}"
    run = network.playbook("adopt", vault, *arguments, nhtb_adopt_dir=str(folder), **variables)
    assert run.status == 0, run.output
    assert KEY not in run.output
    told: dict[str, t.Any] = json.loads((network.artifacts / "adopt.json").read_text(encoding="utf-8"))
    return replace(network, inventories=[folder]), told


def test_a_vpn_configured_by_hand_moves_into_the_group_and_nothing_else_changes(by_hand_network: Network) -> None:
    before = {host: effective(by_hand_network, host) for host in ("corporate", "westford")}
    moved, told = adopted(by_hand_network)
    assert told["incomplete"] == []
    assert {host: found["changes"] for host, found in told["devices"].items()} == {"corporate": [], "westford": []}
    assert {host: found["stays"] for host, found in told["devices"].items()} == {"corporate": [], "westford": []}
    assert all(found["moved"] > 10 for found in told["devices"].values())
    assert KEY not in "".join(path.read_text(encoding="utf-8") for path in Path(by_hand_network.folder).rglob("*.yml"))
    vault = f"--vault-password-file={by_hand_network.folder / 'vault-password'}"
    committed = by_hand_network.configurations()
    dry = moved.playbook("deploy", "--check", "--diff", vault, nhtb_take_over=True)
    assert dry.status == 0, dry.output
    assert by_hand_network.configurations() == committed
    assert "[edit security]" in dry.output
    run = moved.playbook("deploy", vault, nhtb_take_over=True)
    assert run.status == 0, run.output
    assert [moved.outcome(host)["state"] for host in ("corporate", "westford")] == ["confirmed", "confirmed"]
    for host in ("corporate", "westford"):
        top = [
            line for line in by_hand_network.lab.show(host, "set").splitlines() if not line.startswith("set groups ")
        ]
        assert not [line for line in top if "st0" in line or "ike policy" in line or "security ipsec" in line]
        plain = {re.sub(r"ascii-text .*", "ascii-text", line) for line in effective(by_hand_network, host)}
        expected = {re.sub(r"ascii-text .*", "ascii-text", line) for line in before[host]}
        if "gw-3" not in str(before):
            assert plain == expected
    again = moved.playbook("deploy", vault)
    assert again.status == 0, again.output
    assert {moved.outcome(host)["state"] for host in ("corporate", "westford")} == {"unchanged"}
    assert moved.playbook("drift", vault).status == 0


def test_statements_that_the_plan_cannot_express_need_consent_or_stay(by_hand_network: Network) -> None:
    commit_by_hand(
        by_hand_network,
        "westford",
        "set security ipsec vpn corp-vpn traffic-selector lan local-ip 192.168.178.0/24",
        "set routing-options static route 10.99.0.0/16 next-hop 10.11.11.10",
    )
    folder = by_hand_network.folder / "refused"
    run = by_hand_network.playbook("adopt", nhtb_adopt_dir=str(folder))
    assert run.status == 2, run.output
    assert (
        "westford: vpn corp-vpn: vpn traffic-selector lan local-ip: on the device 192.168.178.0/24, planned none."
        " Consent: proxy_identity." in run.output
    )
    assert "set nhtb_adopt_accept: [proxy_identity]" in run.output
    assert not folder.exists()
    _moved, told = adopted(by_hand_network, nhtb_adopt_accept=["proxy_identity"])
    assert told["devices"]["westford"]["changes"] == [
        "- security ipsec vpn corp-vpn traffic-selector lan local-ip 192.168.178.0/24"
    ]
    open_ends = [remark for remark in told["remarks"] if "never to leave in clear" in remark]
    assert sorted(remark.partition(":")[0] for remark in open_ends) == ["corporate", "westford"]
    others = [remark for remark in told["remarks"] if remark not in open_ends]
    assert others == [
        "westford: vpn corp-vpn: vpn traffic-selector lan local-ip: on the device 192.168.178.0/24, planned none."
    ]
    assert "routing-options static route 10.99.0.0/16 next-hop 10.11.11.10" in told["devices"]["westford"]["stays"]


def test_a_vpn_with_more_than_the_plan_has_is_taken_over_by_consent_and_removed(by_hand_network: Network) -> None:
    ike = "set security ike gateway corp-gate"
    commit_by_hand(
        by_hand_network,
        "westford",
        f"{ike} local-identity inet 3.3.3.2",
        "set routing-options static route 10.10.10.0/24 qualified-next-hop 10.11.11.11 preference 20",
        "set protocols ospf area 0.0.0.0 interface st0.0",
    )
    accept = ["identity", "next_hop", "routing_protocol"]
    moved, told = adopted(by_hand_network, nhtb_adopt_accept=accept)
    assert told["incomplete"] == []
    differing = [text for text in told["remarks"] if "never to leave in clear" not in text]
    assert [text.partition(": ")[2].partition(": on the device")[0] for text in differing] == [
        "vpn corp-vpn: gateway local-identity inet",
        "route 10.10.10.0/24",
        "protocols ospf",
    ]
    hosts = yaml.safe_load((by_hand_network.folder / "adopted" / "hosts.yml").read_text(encoding="utf-8"))
    westford = hosts["nhtb"]["children"]["nhtb_spokes"]["hosts"]["westford"]
    assert westford["nhtb_ssh_config"] == by_hand_network.extra["nhtb_ssh_config"]
    own = yaml.safe_load(
        (by_hand_network.folder / "adopted" / "host_vars" / "westford" / "nhtb.yml").read_text(encoding="utf-8")
    )
    assert not [name for name in own if name.startswith("nhtb_adopt")]
    vault = f"--vault-password-file={by_hand_network.folder / 'vault-password'}"
    by_inventory = replace(moved, extra={})
    for playbook, settings in (
        ("deploy", {"nhtb_take_over": True}),
        ("drift", {}),
        ("remove", {"nhtb_remove_all": True}),
    ):
        run = by_inventory.playbook(playbook, vault, **settings)
        assert run.status == 0, run.output
    assert "corp-vpn" not in by_hand_network.lab.show("westford", "set")
    assert "set protocols ospf area 0.0.0.0 interface st0.0" in by_hand_network.lab.show("westford", "set")


def test_parts_of_the_device_are_adopted_on_request(by_hand_network: Network) -> None:
    parts = ["lan_interfaces", "wan_interface", "default_route", "internet_policy", "zones"]
    _moved, told = adopted(by_hand_network, nhtb_adopt_parts=parts)
    assert told["devices"]["westford"]["changes"] == []
    host_vars = by_hand_network.folder / "adopted" / "host_vars" / "westford" / "nhtb.yml"
    assert "nhtb_manage" not in host_vars.read_text(encoding="utf-8")


def test_a_folder_with_files_or_an_unread_device_ends_the_run_before_anything_is_written(
    by_hand_network: Network,
) -> None:
    run = by_hand_network.playbook("adopt", nhtb_adopt_dir=str(by_hand_network.runs))
    assert run.status == 2
    assert "expected a new or empty folder" in run.output
    folder = by_hand_network.folder / "other"
    run = by_hand_network.playbook("adopt", "-e", "ansible_port=1", nhtb_adopt_dir=str(folder))
    assert run.status == 2
    assert "the inventory needs all devices" in run.output
    assert not folder.exists()


def test_the_move_is_one_transaction(by_hand_network: Network) -> None:
    moved, _told = adopted(by_hand_network)
    vault = f"--vault-password-file={by_hand_network.folder / 'vault-password'}"
    run = moved.playbook("deploy", vault, nhtb_take_over=True, nhtb_on_failure="site")
    assert run.status == 2
    assert "expected all devices in one transaction, actual nhtb_on_failure" in run.output


def effective(network: Network, host: str) -> set[str]:
    return set(network.lab.show(host, "set", effective=True).splitlines())


@pytest.mark.parametrize(
    ("host", "variables", "words"),
    [
        ("../../../evil", {}, "this inventory name cannot become the name of a file"),
        ("a" * 100_000, {}, "this inventory name cannot become the name of a file"),
        ("east", {"nhtb_site": ["a"]}, "text is needed, not a list"),
        ("east", {"nhtb_group": {"a": 1}}, "text is needed, not a mapping"),
    ],
    ids=["path", "long", "list", "mapping"],
)
def test_hostile_names_and_types_are_errors_before_any_login(
    tmp_path: Path, host: str, variables: dict[str, t.Any], words: str
) -> None:
    (tmp_path / "work").mkdir()
    hosts = {"nhtb_hubs": {"hosts": {"hub": {}}}, "nhtb_spokes": {"hosts": {host: variables}}}
    (tmp_path / "work" / "hosts.yml").write_text(yaml.safe_dump(hosts), encoding="utf-8")
    network = Network([tmp_path / "work" / "hosts.yml"], tmp_path / "work", t.cast("t.Any", None))
    run = network.playbook("adopt", nhtb_adopt_dir=str(tmp_path / "work" / "adopted"))
    said = " ".join(run.output.split())
    assert run.status == 2, said[-3000:]
    assert words in said
    assert "Traceback" not in said
    assert not (tmp_path / "work" / "adopted").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["work"]
    error = said[said.index("nhtb_") :] if variables else said[said.index("inventory_hostname") :]
    assert len(error.partition("Rename")[0]) < 1000
