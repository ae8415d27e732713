# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Causes of a tunnel that is down: each is one statement on one device, with the symptoms of Junos at both ends.

Sources: the document's chapter "Troubleshooting Hub-and-Spoke VPNs" (the log lines of the responder), the replies of a
real IKE daemon to the same mistakes, and the current one-line messages as other programs parse them.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

import pytest

from tests.lab.network.failure import NO_PROPOSAL, NO_RESPONSE
from tests.lab_tests.network.support import CORPORATE_HOST, HUB, WESTFORD, WESTFORD_HOST, Options, build

END = "ipv4(udp:500,[0..3]={})"
PHASE1_DONE = "Phase-1 [responder] done for local=ipv4(udp:500,[0..3]=1.1.1.2) remote=ipv4(udp:500,[0..3]=3.3.3.2)"
PHASE1_LOOKUP = (
    "KMD_PM_P1_POLICY_LOOKUP_FAILURE: Policy lookup for Phase-1 [responder] failed for "
    "p1_local=ipv4(any:0,[0..3]=1.1.1.2) p1_remote="
)
UNKNOWN_PEER = "Unable to find phase-1 policy as remote peer:3.3.3.2 is not recognized."
NO_PROPOSAL_1 = "} IP; Error = No proposal chosen (14)"
NO_PROPOSAL_2 = "} QM; Error = No proposal chosen (14)"
FAILED_1 = (
    "Phase-1 [responder] failed with error({}) for local=unknown(any:0,[0..0]=) remote=ipv4(any:0,[0..3]=3.3.3.2)"
)


@dataclass(frozen=True)
class Case:
    """A statement on ``host``. The hub is the responder, as westford has traffic first."""

    name: str
    host: str
    change: tuple[str, ...]
    device: str
    layer: str
    code: str
    hub_log: tuple[str, ...] = ()
    today: tuple[str, ...] = ()
    hub_ike: str | None = None
    initiator: str = NO_PROPOSAL
    spoke_ike: str | None = "DOWN"
    not_in_log: tuple[str, ...] = field(default=("KMD_VPN_UP_ALARM_USER: VPN westford-vpn",))


CASES = (
    Case(
        "phase 1 proposal mismatch", WESTFORD, ("set security ike policy ike-policy1 proposal-set basic",),
        HUB, "phase1", "ike-proposal",
        hub_log=(FAILED_1.format("No proposal chosen"), "1.1.1.2:500 (Responder) <-> 3.3.3.2:500 { ", NO_PROPOSAL_1),
        today=("IKE negotiation failed with error: No proposal chosen. IKE Version: 1, VPN: ",
               "KMD_VPN_PV_PHASE1: IKE Phase-1 Failure: No proposal chosen [spi="),
    ),
    Case(
        "unrecognised peer address", HUB,
        ("delete security ike gateway westford-gate address",
         "set security ike gateway westford-gate address 3.3.3.9"),
        HUB, "phase1", "not-recognized",
        hub_log=(UNKNOWN_PEER, f"{PHASE1_LOOKUP}ipv4(any:0,[0..3]=3.3.3.2)", NO_PROPOSAL_1),
        today=("IKE Phase-1: (Responder) Policy lookup failed",),
    ),
    Case(
        "wrong peer ID", WESTFORD, ("set security ike gateway corp-gate local-identity hostname west.example.net",),
        HUB, "phase1", "peer-id",
        hub_log=(UNKNOWN_PEER, f"{PHASE1_LOOKUP}fqdn(any:0,[0..15]=west.example.net)", NO_PROPOSAL_1),
        today=("Remote IKE-ID: west.example.net",),
        initiator="Negotiation failed with error code AUTHENTICATION_FAILED received from peer",
    ),
    Case(
        "wrong mode", WESTFORD, ("set security ike policy ike-policy1 mode aggressive",),
        HUB, "phase1", "mode",
        hub_log=(FAILED_1.format("No proposal chosen"), NO_PROPOSAL_1),
        today=("IKE negotiation failed with error: No proposal chosen",),
    ),
    Case(
        "other IKE version", HUB, ("set security ike gateway westford-gate version v2-only",),
        HUB, "phase1", "version", hub_log=(UNKNOWN_PEER, NO_PROPOSAL_1),
        today=("IKE Phase-1: (Responder) Policy lookup failed",),
    ),
    Case(
        "wrong external interface", HUB, ("set security ike gateway westford-gate external-interface ge-0/0/0.0",),
        HUB, "phase1", "not-recognized",
        hub_log=(UNKNOWN_PEER, f"{PHASE1_LOOKUP}ipv4(any:0,[0..3]=3.3.3.2)", NO_PROPOSAL_1),
    ),
    Case(
        "key mismatch", WESTFORD, ("set security ike policy ike-policy1 pre-shared-key ascii-text another-key",),
        HUB, "phase1", "key",
        hub_log=("} IP; Invalid next payload type = 17", FAILED_1.format("Invalid payload type")),
        today=("KMD_VPN_PV_PHASE1: IKE Phase-1 Failure: Invalid payload type",), initiator=NO_RESPONSE,
    ),
    Case(
        "phase 2 proposal mismatch", WESTFORD, ("set security ipsec policy vpn-policy1 proposal-set basic",),
        HUB, "phase2", "ipsec-proposal", hub_log=(PHASE1_DONE, NO_PROPOSAL_2),
        today=("KMD_VPN_PV_PHASE2: IKE Phase-2 Failure: No proposal chosen",), hub_ike="UP", spoke_ike="UP",
    ),
    Case(
        "PFS mismatch", WESTFORD, ("set security ipsec policy vpn-policy1 perfect-forward-secrecy keys group14",),
        HUB, "phase2", "pfs", hub_log=(PHASE1_DONE, NO_PROPOSAL_2), hub_ike="UP", spoke_ike="UP",
    ),
    Case(
        "proxy ID mismatch", WESTFORD,
        ("set security ipsec vpn corp-vpn ike proxy-identity local 192.168.178.0/24",
         "set security ipsec vpn corp-vpn ike proxy-identity remote 10.10.20.0/24"),
        HUB, "phase2", "proxy-id",
        hub_log=(
            PHASE1_DONE,
            "Failed to match the peer proxy ids p2_remote=ipv4_subnet(any:0,[0..7]=192.168.178.0/24) "
            "p2_local=ipv4_subnet(any:0,[0..7]=10.10.20.0/24) for the remote peer:ipv4(udp:500,[0..3]=3.3.3.2)",
            "KMD_PM_P2_POLICY_LOOKUP_FAILURE: Policy lookup for Phase-2 [responder] failed for "
            "p1_local=ipv4(udp:500,[0..3]=1.1.1.2) p1_remote=ipv4(udp:500,[0..3]=3.3.3.2) "
            "p2_local=ipv4_subnet(any:0,[0..7]=10.10.20.0/24) p2_remote=ipv4_subnet(any:0,[0..7]=192.168.178.0/24)",
            NO_PROPOSAL_2,
        ),
        today=("IKE Phase-2: Failed to match the peer proxy IDs [p2_remote_proxy_id=ipv4_subnet(any:0,[0..7]=",
               "KMD_VPN_TS_MISMATCH: Traffic-selector mismatch, vpn name: westford-vpn, "
               "Peer Proposed traffic-selector local-ip: "),
        hub_ike="UP", spoke_ike="UP",
    ),
    Case(
        "missing bind-interface", HUB, ("delete security ipsec vpn westford-vpn bind-interface",),
        HUB, "phase2", "peer-no-bind-interface",
        hub_log=(PHASE1_DONE, "KMD_PM_P2_POLICY_LOOKUP_FAILURE"), hub_ike="UP", spoke_ike="UP",
    ),
    Case(
        "missing host-inbound ike", HUB,
        ("delete security zones security-zone untrust host-inbound-traffic system-services ike",),
        HUB, "host-inbound", "peer-no-ike", initiator=NO_RESPONSE, not_in_log=("3.3.3.2",),
    ),
    Case(
        "host-inbound of the interface hides the zone's", HUB,
        ("set security zones security-zone untrust interfaces ge-0/0/3.0 host-inbound-traffic system-services ping",),
        HUB, "host-inbound", "peer-no-ike", initiator=NO_RESPONSE, not_in_log=("3.3.3.2",),
    ),
    Case(
        "no route to the peer: the document's own slip", WESTFORD,
        ("delete routing-options static route 0.0.0.0/0",
         "set routing-options static route 0.0.0.0/0 next-hop 1.1.1.1"),
        WESTFORD, "route", "no-route", initiator=NO_RESPONSE, not_in_log=("3.3.3.2",),
    ),
    Case(
        "no route back", HUB, ("delete routing-options static route 0.0.0.0/0",),
        HUB, "route", "peer-no-route", initiator=NO_RESPONSE, not_in_log=("3.3.3.2",),
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_statement_takes_the_tunnel_down_and_shows_why(case: Case) -> None:
    lab = build("classic", {case.host: case.change})
    verdict = lab.network.reachable(WESTFORD_HOST, CORPORATE_HOST)
    assert verdict.failure is not None
    assert (verdict.failure.device, verdict.failure.layer, verdict.failure.code) == (case.device, case.layer, case.code)
    assert not lab.network.ping(WESTFORD, CORPORATE_HOST, interface="ge-0/0/3.0", count=2).received
    assert not lab.is_up(HUB, "westford-vpn")
    assert not lab.is_up(WESTFORD, "corp-vpn")
    kmd, messages = lab.lines(HUB), lab.lines(HUB, "messages")
    for line in case.hub_log:
        assert line in kmd
        # Trace lines are in the daemon's own file only.
        assert line not in messages or "KMD_" in line
    for line in case.today:
        assert line in kmd
        assert line in messages
    for line in case.not_in_log:
        assert line not in kmd


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_replies_of_both_ends_match_the_cause(case: Case) -> None:
    lab = build("classic", {case.host: case.change})
    lab.network.ping(WESTFORD, CORPORATE_HOST, interface="ge-0/0/3.0", count=1)
    hub = [row.state for row in lab.network.ike_sas(HUB) if row.remote == "3.3.3.2"]
    assert hub == ([case.hub_ike] if case.hub_ike else [])
    spoke = lab.network.ike_sas(WESTFORD)
    if case.code == "no-route":
        assert [row.state for row in spoke] == ["DOWN"]
    else:
        assert [row.state for row in spoke] == [case.spoke_ike]
    if case.spoke_ike == "DOWN" and case.code != "key":
        # Without an answer the initiator does not know the responder's cookie.
        assert spoke[0].cookies[1] == "0" * 16
    [row] = lab.network.tunnel_rows(WESTFORD)
    assert not row.up
    assert row.reason == f"{case.initiator} (1 times)"
    assert not [entry for entry in lab.network.next_hop_tunnels(HUB) if entry.vpn == "westford-vpn"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_tunnel_comes_up_after_the_statement_is_fixed(case: Case) -> None:
    lab = build("classic", {case.host: case.change})
    lab.talk()
    assert not lab.is_up(HUB, "westford-vpn")
    lab.change(case.host)
    lab.talk()
    assert lab.is_up(HUB, "westford-vpn")
    assert lab.is_up(HUB, "sunnyvale-vpn")
    assert "KMD_VPN_UP_ALARM_USER: VPN westford-vpn from 3.3.3.2 is up." in lab.lines(HUB)


@dataclass(frozen=True)
class ModernCase:
    name: str
    host: str
    change: tuple[str, ...]
    code: str
    today: str


MODERN = (
    ModernCase("key", WESTFORD, ("set security ike policy ike-modern pre-shared-key ascii-text another-key",), "key-v2",
               "IKE negotiation failed with error: Authentication failed. IKE Version: 2, VPN: "),
    ModernCase("proposal", WESTFORD, ("set security ike proposal ike-gcm dh-group group19",), "ike-proposal",
               "IKE negotiation failed with error: No proposal chosen. IKE Version: 2, VPN: "),
    ModernCase("phase 2 proposal", WESTFORD,
               ("set security ipsec proposal esp-gcm encryption-algorithm aes-128-gcm",), "ipsec-proposal",
               "IKE negotiation failed with error: No proposal chosen. IKE Version: 2, VPN: westford-vpn"),
    ModernCase("identity", HUB, ("set security ike gateway westford-gate remote-identity hostname west.example.net",),
               "peer-id", "IKE negotiation failed with error: Authentication failed. IKE Version: 2"),
)  # fmt: skip


@pytest.mark.parametrize("flavour", ["kmd", "iked"])
@pytest.mark.parametrize("case", MODERN, ids=lambda case: case.name)
def test_ikev2_failures_are_in_current_messages(case: ModernCase, flavour: str) -> None:
    lab = build("modern", {case.host: case.change}, Options(flavour=flavour))
    assert not lab.network.reachable(WESTFORD_HOST, CORPORATE_HOST)
    failure = lab.network.tunnels.attempts[WESTFORD, "corp-vpn"].failure
    assert failure is not None
    assert failure.code == case.code
    assert not lab.is_up(HUB, "westford-vpn")
    assert case.today in lab.lines(HUB, flavour)
    assert case.today in lab.lines(HUB, "messages")
    # The packet lines are those of IKEv1.
    assert "} IP;" not in lab.lines(HUB)
    assert "} QM;" not in lab.lines(HUB)


def test_iked_prefixes_its_messages() -> None:
    lab = build("modern", options=Options(flavour="iked"))
    log = lab.lines(HUB)
    assert "IKE_VPN_UP_ALARM_USER: VPN westford-vpn from 3.3.3.2 is up. Local-ip: 1.1.1.2" in log
    assert "tunnel type: regular-tunnel, local tunnel-if: st0.0" in log
    assert "IKE_GATEWAY_ID_VALIDATION_SUCCESS: IKE: Gateway N:westford-gate" in log
    assert "KMD_" not in log
    assert {row.index for row in lab.network.tunnel_rows(HUB)} == {500001, 500002}


def test_success_is_logged_as_in_the_document() -> None:
    lab = build("classic")
    lab.talk()
    log = lab.lines(HUB)
    done = (
        "Phase-2 [responder] done for p1_local=ipv4(udp:500,[0..3]=1.1.1.2) p1_remote=ipv4(udp:500,[0..3]=3.3.3.2) "
        "p2_local=ipv4_subnet(any:0,[0..7]=0.0.0.0/0) p2_remote=ipv4_subnet(any:0,[0..7]=0.0.0.0/0)"
    )
    assert PHASE1_DONE in log
    assert done in log
    assert "KMD_PM_SA_ESTABLISHED: Local gateway: 1.1.1.2, Remote gateway: 3.3.3.2" in log


def test_a_repeated_failure_is_counted_and_logged_once() -> None:
    lab = build("modern", {WESTFORD: MODERN[0].change})
    [row] = lab.network.tunnel_rows(WESTFORD)
    before = lab.lines(HUB)
    lab.clock.advance(600)
    [later] = lab.network.tunnel_rows(WESTFORD)
    assert row.reason.endswith("(1 times)")
    assert later.reason.endswith("(11 times)")
    assert lab.lines(HUB) == before


def test_logs_contain_no_key() -> None:
    lab = build("classic", {WESTFORD: CASES[6].change})
    lab.talk()
    for host in (HUB, WESTFORD):
        for name in lab.network.log(host).names():
            text = lab.lines(host, name)
            assert "a-key-of-this-test" not in text
            assert "another-key" not in text


def _down(lab: t.Any, host: str) -> int:
    return sum(not row.up for row in lab.network.tunnel_rows(host))


def test_only_the_changed_tunnel_is_down() -> None:
    lab = build("classic", {WESTFORD: CASES[6].change})
    lab.talk()
    assert _down(lab, HUB) == 1
    assert lab.is_up(HUB, "sunnyvale-vpn")
