# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statements of another user in conflict with the group are named before anything is committed."""

from __future__ import annotations

import re

import pytest

from tests.integration.conftest import Network
from tests.integration.test_document import commit_by_hand

IKE = "set security ike policy ike-policy-group19"
POLICY = "set security policies from-zone trust to-zone vpn policy shut"
BINDING = "set interfaces st0 unit 0 family inet next-hop-tunnel 10.11.11.11 ipsec-vpn westford-vpn"

CONFLICTS = {
    "another key": (
        "westford",
        [f"{IKE} pre-shared-key ascii-text other-than-planned"],
        "actual pre-shared-key ascii-text (masked) at the top level.",
    ),
    "another proposal": (
        "westford",
        ["set security ike proposal ike-aes-256-gcm-group19 encryption-algorithm aes-128-gcm"],
        "expected encryption-algorithm aes-256-gcm, actual encryption-algorithm aes-128-gcm at the top level.",
    ),
    "a gateway for the same peer": (
        "corporate",
        [f"{IKE.replace('ike-policy-group19', 'old')} pre-shared-key ascii-text of-old-times",
         "set security ike policy old proposal-set standard",
         "set security ike gateway old-gate ike-policy old",
         "set security ike gateway old-gate address 3.3.3.2",
         "set security ike gateway old-gate external-interface ge-0/0/3.0",
         "set interfaces ge-0/0/3 unit 0 family inet address 1.1.1.2/30"],
        "corporate: conflicts security ike gateway old-gate: expected westford-gate as the only gateway for 3.3.3.2,"
        " actual address 3.3.3.2 at the top level.",
    ),
    "a zone's own address book": (
        "westford",
        ["set security zones security-zone guests address-book address printer 10.77.0.9/32"],
        "westford: conflicts security zones security-zone guests address-book: expected only the global address"
        " book of group hubspoke",
    ),
    "another next hop": (
        "westford",
        ["set routing-options static route 10.10.10.0/24 discard"],
        "westford: conflicts routing-options static route 10.10.10.0/24: expected no statement outside group"
        " hubspoke, actual discard at the top level.",
    ),
    "a group applied before ours": (
        "westford",
        ["set groups older security flow tcp-mss ipsec-vpn mss 1200", "set apply-groups older"],
        "westford: conflicts security flow tcp-mss ipsec-vpn: expected mss 1350, actual mss 1200 in group older.",
    ),
    "a disabled WAN": (
        "westford",
        ["set interfaces ge-0/0/0 disable"],
        "westford: conflicts interfaces ge-0/0/0: expected family inet address 3.3.3.2/30, and no other use, actual"
        " disable at the top level.",
    ),
    "a second network on the LAN": (
        "westford",
        ["set interfaces ge-0/0/3 unit 0 family inet address 192.168.1.1/24"],
        "westford: conflicts interfaces ge-0/0/3 unit 0: expected family inet address 192.168.178.1/24 alone, actual"
        " address 192.168.1.1/24 at the top level.",
    ),
    "VLAN tagging": (
        "westford",
        ["set interfaces ge-0/0/3 vlan-tagging", "set interfaces ge-0/0/3 unit 7 vlan-id 7"],
        "westford: conflicts interfaces ge-0/0/3: expected family inet address 192.168.178.1/24, and no other use,"
        " actual vlan-tagging at the top level.",
    ),
    "another host name": (
        "westford",
        ["set system host-name gw-17"],
        "westford: conflicts system host-name: expected Westford, actual gw-17 at the top level. Set nhtb_host_name to"
        " gw-17, leave it out, or delete the name there.",
    ),
    "source NAT for the same zones": (
        "westford",
        ["set security zones security-zone trust", "set security zones security-zone untrust",
         "set security nat source rule-set own from zone trust", "set security nat source rule-set own to zone untrust",
         "set security nat source rule-set own rule all match source-address 0.0.0.0/0",
         "set security nat source rule-set own rule all then source-nat interface"],
        "westford: conflicts security nat source rule-set own: expected no rule set but lan-to-internet",
    ),
    "a deny policy before ours": (
        "corporate",
        [f"{POLICY} match source-address any destination-address any application any", f"{POLICY} then deny",
         "set security zones security-zone trust", "set security zones security-zone vpn"],
        "policy shut: expected after policy local-to-spokes, actual before policy local-to-spokes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CONFLICTS))
def test_a_conflict_is_named_and_nothing_is_committed(document: Network, name: str) -> None:
    host, statements, words = CONFLICTS[name]
    commit_by_hand(document, host, *statements)
    before = document.configurations()
    commits = {name: device["commits"] for name, device in document.lab.status()["devices"].items()}
    for arguments in (["--check"], []):
        run = document.playbook("deploy", *arguments)
        assert run.status == 2, run.output
        assert words in run.words
        assert "other-than-planned" not in run.output
        assert document.configurations() == before
    states = document.lab.status()["devices"]
    assert {name: device["commits"] for name, device in states.items()} == commits
    assert not any(device["pending"] or device["lock"] for device in states.values())


def test_a_foreign_binding_of_a_deployed_vpn_is_named(document: Network) -> None:
    """Junos itself accepts it: the VPN of the group is in no entry, since its peer advertises the address."""
    assert document.playbook("deploy").status == 0
    commit_by_hand(document, "corporate", BINDING)
    run = document.playbook("deploy", nhtb_mss=1300)
    assert run.status == 2
    assert "next-hop-tunnel 10.11.11.11: expected ipsec-vpn sunnyvale-vpn, actual ipsec-vpn westford-vpn" in run.output
    assert (
        "security ipsec vpn westford-vpn: expected bound to st0 unit 0 next-hop-tunnel 10.11.11.12 only" in run.output
    )
    assert document.outcome("westford")["state"] == "unchanged"


def test_the_same_statement_outside_the_group_is_no_conflict(document: Network) -> None:
    commit_by_hand(
        document, "westford",
        "set security flow tcp-mss ipsec-vpn mss 1350",
        "set routing-options static route 10.10.10.0/24 next-hop 10.11.11.10",
        "set routing-options static route 0.0.0.0/0 preference 7",
        f"{IKE} pre-shared-key ascii-text secretkey",
        f"{IKE} proposals ike-aes-256-gcm-group19",
        "set security ike proposal ike-aes-256-gcm-group19 authentication-method pre-shared-keys",
        "set groups later security flow tcp-mss ipsec-vpn mss 1200",
    )  # fmt: skip
    run = document.playbook("deploy")
    assert run.status == 0, run.output
    commit_by_hand(document, "westford", "set apply-groups later")
    run = document.playbook("deploy")
    assert run.status == 0, run.output


SECOND = "set interfaces ge-0/0/0 unit 0 family inet address 3.3.3.9/29"


def test_a_second_wan_address_does_not_matter_where_the_gateway_names_the_first(document: Network) -> None:
    """The device's own address comes before the group's, and would be the source of IKE."""
    commit_by_hand(document, "westford", SECOND)
    run = document.playbook("deploy")
    assert run.status == 0, run.output
    assert "local-address 3.3.3.2;" in document.lab.show("westford")


def test_a_second_wan_address_is_a_conflict_where_ike_would_have_to_choose(classic: Network) -> None:
    commit_by_hand(classic, "westford", SECOND)
    run = classic.playbook("deploy")
    assert run.status == 2, run.output
    assert (
        "westford: conflicts interfaces ge-0/0/0 unit 0: expected family inet address 3.3.3.2/30 alone, actual address"
        " 3.3.3.9/29 at the top level. Delete it, or set nhtb_wan.local_address: true" in " ".join(run.words.split())
    )


def test_a_change_that_sunnyvale_must_make_too_waits_for_its_operator(document: Network) -> None:
    assert document.playbook("deploy").status == 0
    before = document.configurations()
    sunnyvale: dict[str, object] = {"nhtb_pre_shared_key": "of-sunnyvale-alone"}
    overlay = {"nhtb_spokes": {"hosts": {"sunnyvale": sunnyvale}}}
    document.inventories.append(document.overlay("key", overlay))
    run = document.playbook("deploy")
    assert run.status == 2, run.output
    assert "corporate: conflicts vpn sunnyvale-vpn: expected the same key, actual another key." in run.output
    assert document.configurations() == before
    # The operator enters the key, and the hub follows.
    text = (document.artifacts / "sunnyvale.screenos").read_text(encoding="utf-8")
    document.lab.screenos("sunnyvale", re.sub("<pre-shared-key of [a-z]+>", "of-sunnyvale-alone", text))
    sunnyvale["nhtb_operator_ready"] = True
    document.overlay("key", overlay)
    done = document.playbook("deploy")
    assert done.status == 0, done.output
