# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A renamed group is found, and moved by consent in one commit, verified and confirmed or rolled back as one."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.integration.conftest import Network, document_network
from tests.integration.test_document import commit_by_hand
from tests.integration.test_life import wrong_key_for_sunnyvale

DEVICES = ("corporate", "westford")
NEW = {"nhtb_group": "vpn"}
MOVE = NEW | {"nhtb_move_group": "hubspoke"}


@pytest.fixture(params=["modern", "classic"])
def deployed(request: pytest.FixtureRequest, tmp_path: Path) -> t.Iterator[Network]:
    """Provide the document's network, deployed with the default name of the group."""
    with document_network(tmp_path, nhtb_syntax=request.param) as network:
        run = network.playbook("deploy")
        assert run.status == 0, run.output
        yield network


@pytest.fixture
def modern(document: Network) -> Network:
    """Provide the same in the modern syntax alone."""
    run = document.playbook("deploy")
    assert run.status == 0, run.output
    return document


def words(output: str) -> str:
    return " ".join(output.split())


def test_it_is_moved_with_the_same_statements(deployed: Network) -> None:
    before = {host: deployed.lab.show(host, effective=True) for host in DEVICES}
    for run in (deployed.playbook("drift", **NEW), deployed.playbook("deploy", "--check", **NEW)):
        assert "expected this VPN in vpn alone, actual in hubspoke too" in words(run.output), run.output
    shown = deployed.playbook("deploy", "--check", "--diff", **MOVE)
    assert shown.status == 0, shown.output
    assert "+ apply-groups vpn;" in shown.output, shown.output
    assert "- apply-groups hubspoke;" in shown.output
    assert {host: deployed.lab.show(host, effective=True) for host in DEVICES} == before
    commits = {host: deployed.lab.status()["devices"][host]["commits"] for host in DEVICES}

    run = deployed.playbook("deploy", **MOVE)
    assert run.status == 0, run.output
    for host in DEVICES:
        text = deployed.lab.show(host)
        assert "hubspoke" not in text, text
        assert "apply-groups vpn;" in text
        assert deployed.outcome(host)["state"] == "confirmed"
        # One commit to be confirmed, and the one that confirms it.
        assert deployed.lab.status()["devices"][host]["commits"] - commits[host] == 2
    assert {host: deployed.lab.show(host, effective=True) for host in DEVICES} == {
        host: text.replace("hubspoke", "vpn") for host, text in before.items()
    }

    assert "cleared by user" not in deployed.lab.log("corporate", "kmd"), "a name alone disturbs no tunnel"

    again = deployed.playbook("deploy", **MOVE)
    assert again.status == 0, again.output
    assert [deployed.outcome(host)["state"] for host in DEVICES] == ["unchanged", "unchanged"]
    assert "configuration groups" not in again.output
    assert deployed.playbook("drift", **NEW).status == 0


def test_it_is_rolled_back_as_one(modern: Network) -> None:
    """The operator of Sunnyvale has not entered the new key."""
    before = modern.configurations()
    run = modern.playbook("deploy", **MOVE, nhtb_pre_shared_key="another-key")
    assert run.status == 2, run.output
    assert modern.configurations() == before


def test_without_consent_another_value_is_refused_in_one_sentence(modern: Network) -> None:
    before = modern.configurations()
    commits = {host: modern.lab.status()["devices"][host]["commits"] for host in DEVICES}
    run = modern.playbook("deploy", **NEW, nhtb_mss=1300)
    assert run.status == 2, run.output
    assert modern.configurations() == before
    assert {host: modern.lab.status()["devices"][host]["commits"] for host in DEVICES} == commits
    for host in DEVICES:
        message = modern.told(host)
        assert message.startswith(f"{host}: configuration groups: expected this VPN in vpn alone, actual in hubspoke")
        assert "tcp-mss" not in message
    # The other host refers to the first.
    assert "Set nhtb_move_group=hubspoke" in run.words
    moved = modern.playbook("deploy", **MOVE, nhtb_mss=1300)
    assert moved.status == 0, moved.output
    assert all("mss 1300" in modern.lab.show(host) for host in DEVICES)


def test_a_move_with_a_new_key_is_verified_by_new_associations(modern: Network) -> None:
    own = {"nhtb_spokes": {"hosts": {"westford": {"nhtb_pre_shared_key": "of-westford-alone"}}}}
    modern.inventories.append(modern.overlay("own-key", own))
    run = modern.playbook("deploy", **MOVE)
    assert run.status == 0, run.output
    cleared = [line for line in modern.lab.log("corporate", "kmd").splitlines() if "IKE SA cleared by user" in line]
    assert cleared
    assert all("westford" in line for line in cleared), cleared


def test_remove_means_both_groups(deployed: Network) -> None:
    before = deployed.configurations()
    refused = deployed.playbook("remove", **NEW, nhtb_remove_all=True)
    assert refused.status == 2, refused.output
    assert "actual in hubspoke too" in words(refused.output)
    assert "It keeps the VPN in force." in words(refused.output)
    assert deployed.configurations() == before
    # Both groups, as after a deployment without consent.
    assert deployed.playbook("deploy", **NEW).status == 0
    run = deployed.playbook("remove", **MOVE, nhtb_remove_all=True)
    assert run.status == 0, run.output
    for text in deployed.configurations().values():
        assert "groups" not in text, text


def test_the_hub_keeps_its_part_of_an_excluded_spoke_under_the_new_name(modern: Network) -> None:
    def part(text: str) -> list[str]:
        return sorted(line.strip() for line in text.splitlines() if "sunnyvale" in line)

    before = part(modern.lab.show("corporate"))
    wrong_key_for_sunnyvale(modern)
    run = modern.playbook("deploy", **MOVE, nhtb_on_failure="site", nhtb_mss=1300)
    assert modern.outcome("corporate")["state"] == "confirmed", run.output
    hub = modern.lab.show("corporate")
    assert "1300" in hub
    assert "hubspoke" not in hub
    assert part(hub) == before


@pytest.mark.parametrize(
    ("statements", "move", "message"),
    [
        (["set groups other system services ssh"], "other", "actual other with 'system services ssh'"),
        (["set groups other interfaces ge-0/0/7 unit 0"], "other", "actual other without a VPN of the plan"),
        ([], "vpn", "corporate: nhtb_move_group: expected the earlier name of the group, actual vpn, which is"),
    ],
)
def test_a_group_of_another_user_is_refused(document: Network, statements: list[str], move: str, message: str) -> None:
    if statements:
        commit_by_hand(document, "corporate", *statements)
    before = document.configurations()
    run = document.playbook("deploy", **NEW, nhtb_move_group=move)
    assert run.status == 2, run.output
    assert message in words(run.output)
    assert document.configurations() == before
