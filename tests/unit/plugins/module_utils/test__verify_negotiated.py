# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of negotiated values, by data: algorithms, lifetimes, proxy identities, VPN monitors."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import Proposal
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer
from ansible_collections.hubspoke.srx.plugins.module_utils._model.vpn_options import (
    ProxyIdentity,
    VpnMonitor,
    VpnOptions,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.algorithms import (
    authentication,
    encryption,
    group,
    identity,
    suite,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import findings
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.sample_fleet import (
    HUB_ANSWERS,
    TO_OSLO,
)

from .verify_cases import HUB, LIMA_SA, OSLO_PAIR, OSLO_SA, Answers, Case, assert_finding, associations, each

CASES: list[tuple[str, Answers, str, str, str, str]] = [
    # check, what is answered instead, object, state, actual, part of the remedy
    (
        "ike_algorithms",
        {"ike": [replace(OSLO_SA, encryption_algorithm="aes128-cbc", authentication_algorithm="hmac-sha1-96")]},
        "oslo-vpn",
        "failed",
        "aes-cbc-128/sha1, group19, as initiator",
        "Compare the IKE proposals of policy ike-policy-group19",
    ),
    (
        "ike_algorithms",
        {"ike": [replace(OSLO_SA, dh_group="DH-group-14")]},
        "oslo-vpn",
        "failed",
        "aes-gcm-256, group14, as initiator",
        "clear the association",
    ),
    (
        "ike_algorithms",
        {"ike": [replace(OSLO_SA, encryption_algorithm=None)]},
        "oslo-vpn",
        "unknown",
        "algorithms not reported",
        "Ask for the detail reply.",
    ),
    ("ike_algorithms", {"ike": []}, "oslo-vpn", "skipped", "not checked: IKE is not up", ""),
    (
        "ike_algorithms",
        {"ike": [OSLO_SA, replace(LIMA_SA, encryption_algorithm="aes128-cbc", role=None)]},
        "lima-vpn",
        "ok",
        "aes-cbc-128/sha1, group2, as role not reported",
        "",
    ),
    (
        "ipsec_algorithms",
        {"ipsec": [associations(OSLO_PAIR, encryption_algorithm="3des-cbc", authentication_algorithm="sha1")]},
        "oslo-vpn",
        "failed",
        "3des/sha1, group not reported",
        "Compare the IPsec proposals of policy vpn-policy-group19",
    ),
    (
        "ipsec_algorithms",
        {"ipsec": [replace(OSLO_PAIR, pfs_group="DH-group-14")]},
        "oslo-vpn",
        "failed",
        "aes-gcm-256, group14",
        "at oslo",
    ),
    (
        "ipsec_algorithms",
        {"ipsec": [associations(OSLO_PAIR, encryption_algorithm=None)]},
        "oslo-vpn",
        "unknown",
        "?/?, group not reported",
        "Ask for the detail reply.",
    ),
    ("ipsec_algorithms", {"ipsec": []}, "oslo-vpn", "skipped", "not checked: IPsec is not up", ""),
    (
        "proxy_identities",
        {"ipsec": [replace(OSLO_PAIR, remote_identity="ipv4_subnet(any:0,[0..7]=10.1.2.0/24)")]},
        "oslo-vpn",
        "failed",
        "local ipv4_subnet(any:0,[0..7]=0.0.0.0/0), remote ipv4_subnet(any:0,[0..7]=10.1.2.0/24)",
        "Remove the proxy-identity or traffic-selector of oslo-vpn here and at oslo.",
    ),
    (
        "proxy_identities",
        {
            "ipsec": [
                replace(
                    OSLO_PAIR,
                    local_identity="ipv4(0.0.0.0-255.255.255.255)",
                    remote_identity="ipv4(0.0.0.0-255.255.255.255)",
                )
            ]
        },
        "oslo-vpn",
        "ok",
        "local ipv4(0.0.0.0-255.255.255.255), remote ipv4(0.0.0.0-255.255.255.255)",
        "",
    ),
    (
        "proxy_identities",
        {"ipsec": [replace(OSLO_PAIR, remote_identity=None)]},
        "oslo-vpn",
        "unknown",
        "local ipv4_subnet(any:0,[0..7]=0.0.0.0/0), remote not reported",
        "Ask for the detail reply.",
    ),
    (
        "lifetimes",
        {"ipsec": [associations(OSLO_PAIR, lifetime_seconds=28000)]},
        "oslo-vpn",
        "failed",
        "3000 s for IKE and 28000 s for IPsec",
        "outside group hubspoke that set other lifetime-seconds",
    ),
    (
        "lifetimes",
        {"ike": [replace(OSLO_SA, lifetime_seconds=None)]},
        "oslo-vpn",
        "unknown",
        "not reported for IKE and 3000 s for IPsec",
        "Ask for the detail reply.",
    ),
    (
        "lifetimes",
        {},
        "oslo-vpn",
        "ok",
        "3000 s for IKE and 3000 s for IPsec; phase 1 negotiated at most 25800 s ago",
        "",
    ),
    ("lifetimes", {"ike": []}, "oslo-vpn", "skipped", "not checked: IKE is not up", ""),
    ("lifetimes", {"ipsec": []}, "oslo-vpn", "skipped", "not checked: IPsec is not up", ""),
    (
        "monitoring",
        {"ipsec": [associations(OSLO_PAIR, monitoring="D")]},
        "oslo-vpn",
        "failed",
        "down",
        "The peer does not answer the probes of vpn-monitor",
    ),
    ("monitoring", {"ipsec": [associations(OSLO_PAIR, monitoring="U")]}, "oslo-vpn", "ok", "up", ""),
    (
        "monitoring",
        {"ipsec": [associations(OSLO_PAIR, monitoring="V")]},
        "oslo-vpn",
        "unknown",
        "mark V",
        "Ask again in a few seconds.",
    ),
]


@each(CASES)
def test_case(case: Case) -> None:
    assert_finding(case)


PLANNED = VpnOptions(
    monitor=VpnMonitor("10.1.2.1", "ge-0/0/1.0"), proxy_identity=ProxyIdentity("10.1.0.0/16", "10.1.2.0/24")
)
LOCAL_NET, REMOTE_NET = "ipv4_subnet(any:0,[0..7]=10.1.0.0/16)", "ipv4(10.1.2.0-10.1.2.255)"


@pytest.mark.parametrize(
    ("check", "pair", "state", "remedy"),
    [
        ("monitoring", associations(OSLO_PAIR, monitoring="U"), "ok", ""),
        ("monitoring", associations(OSLO_PAIR, monitoring="-"), "failed", "a deactivated vpn-monitor of oslo-vpn"),
        ("monitoring", associations(OSLO_PAIR, monitoring="D"), "failed", "host-inbound ping on the interface with"),
        ("proxy_identities", replace(OSLO_PAIR, local_identity=LOCAL_NET, remote_identity=REMOTE_NET), "ok", ""),
        ("proxy_identities", replace(OSLO_PAIR, remote_identity=REMOTE_NET), "failed", "(nhtb_vpn.proxy_identity)"),
        ("routes", associations(OSLO_PAIR, monitoring="D"), "failed", "Fix the VPN monitor first"),
        ("next_hop_tunnels", associations(OSLO_PAIR, monitoring="D"), "failed", "Fix the VPN monitor first"),
    ],
)
def test_the_options_of_a_vpn_are_compared_with_the_plan(check: str, pair: t.Any, state: str, remedy: str) -> None:
    plan = replace(HUB, tunnels=(replace(TO_OSLO, options=PLANNED),))
    answers = replace(
        HUB_ANSWERS, ipsec=Answer("ok", (pair,), "xml"), routes=Answer("ok"), next_hop_tunnels=Answer("ok")
    )
    finding = findings(plan, answers, checks=[check])[0]
    assert (finding.state, finding.tunnel) == (state, "oslo-vpn")
    assert remedy in finding.remedy


SEVERAL = replace(
    TO_OSLO,
    ike_policy=replace(
        TO_OSLO.ike_policy,
        proposals=(
            Proposal("first", "aes-256-gcm", None, "group20", 28800),
            Proposal("second", "aes-256-cbc", "sha-256", "group14", 3600),
        ),
    ),
    ipsec_policy=replace(
        TO_OSLO.ipsec_policy,
        pfs_group="none",
        proposals=(
            Proposal("first", "aes-256-gcm", None, None, 28800),
            Proposal("second", "aes-256-cbc", "hmac-sha-256-128", None, 600, 64000),
        ),
    ),
)
SECOND_SA = replace(
    OSLO_SA,
    encryption_algorithm="aes256-cbc",
    authentication_algorithm="hmac-sha256-128",
    dh_group="DH-group-14",
    lifetime_seconds=3000,
)
SECOND_PAIR = associations(
    OSLO_PAIR,
    encryption_algorithm="aes-cbc (256 bits)",
    authentication_algorithm="hmac-sha256-128",
    lifetime_seconds=500,
)


@pytest.mark.parametrize(
    ("check", "answers", "state"),
    [
        ("ike_algorithms", {"ike": [SECOND_SA]}, "ok"),
        ("ike_algorithms", {"ike": [replace(SECOND_SA, dh_group="DH-group-20")]}, "failed"),
        ("ike_algorithms", {"ike": [replace(OSLO_SA, dh_group="DH-group-20")]}, "ok"),
        ("ipsec_algorithms", {"ipsec": [SECOND_PAIR]}, "ok"),
        ("ipsec_algorithms", {"ipsec": [replace(SECOND_PAIR, pfs_group="N/A")]}, "ok"),
        ("ipsec_algorithms", {"ipsec": [replace(SECOND_PAIR, pfs_group="DH-group-14")]}, "failed"),
        ("lifetimes", {"ike": [SECOND_SA], "ipsec": [SECOND_PAIR]}, "ok"),
        ("lifetimes", {"ike": [replace(SECOND_SA, lifetime_seconds=3601)], "ipsec": [SECOND_PAIR]}, "failed"),
        ("lifetimes", {"ike": [SECOND_SA], "ipsec": [associations(SECOND_PAIR, lifetime_seconds=601)]}, "failed"),
        ("lifetimes", {"ike": [SECOND_SA], "ipsec": [associations(OSLO_PAIR, lifetime_seconds=28000)]}, "ok"),
        ("lifetimes", {"ike": [SECOND_SA], "ipsec": [associations(SECOND_PAIR, lifetime_kilobytes=63000)]}, "ok"),
        ("lifetimes", {"ike": [SECOND_SA], "ipsec": [associations(SECOND_PAIR, lifetime_kilobytes=64001)]}, "failed"),
    ],
)
def test_any_planned_proposal_may_be_negotiated_as_a_whole(
    check: str, answers: dict[str, list[t.Any]], state: str
) -> None:
    changed = {name: Answer("ok", tuple(items), "xml") for name, items in answers.items()}
    plan = replace(HUB, tunnels=(SEVERAL,))
    [found] = findings(plan, replace(HUB_ANSWERS, **changed), [check])  # type: ignore[arg-type]
    assert found.state == state, str(found)


def test_a_tunnel_without_pfs_says_so() -> None:
    [found] = findings(replace(HUB, tunnels=(SEVERAL,)), HUB_ANSWERS, ["ipsec_algorithms"])
    assert found.expected == "aes-gcm-256 or aes-cbc-256/sha256, no PFS"
    [found] = findings(replace(HUB, tunnels=(SEVERAL,)), HUB_ANSWERS, ["ike_algorithms"])
    assert found.expected == "aes-gcm-256 group20 or aes-cbc-256/sha256 group14"


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("3des-cbc", "3des"),
        ("3des", "3des"),
        ("des-cbc", "des"),
        ("aes256-cbc", "aes-cbc-256"),
        ("aes-256-cbc", "aes-cbc-256"),
        ("aes-cbc (256 bits)", "aes-cbc-256"),
        ("aes-128", "aes-cbc-128"),
        ("aes-gcm-128", "aes-gcm-128"),
        ("aes-gcm (128 bits)", "aes-gcm-128"),
        ("aes256-gcm", "aes-gcm-256"),
        ("chacha20-poly1305", "chacha20-poly1305"),
        ("None", None),
        (None, None),
    ],
)
def test_encryption(spelling: str | None, expected: str | None) -> None:
    assert encryption(spelling) == expected


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("hmac-sha1-96", "sha1"),
        ("sha1", "sha1"),
        ("hmac-sha-256-128", "sha256"),
        ("hmac-sha256-128", "sha256"),
        ("sha-384", "sha384"),
        ("hmac-md5-96", "md5"),
        ("None", None),
    ],
)
def test_authentication(spelling: str, expected: str | None) -> None:
    assert authentication(spelling) == expected


def test_other_spellings() -> None:
    assert group("DH-group-19") == group("group19") == "group19"
    assert group("N/A") is None
    assert suite("aes-gcm (256 bits)", "aes256-gcm") == "aes-gcm-256"
    assert suite("aes-128-cbc", "hmac-sha-256-128") == "aes-cbc-128/sha256"
    everything = (0, 2**32 - 1)
    assert identity("ipv4_subnet(any:0,[0..7]=0.0.0.0/0)") == everything
    assert identity("ipv4(0.0.0.0-255.255.255.255)") == everything
    assert identity("ipv4(any:0,[0..3]=10.0.0.1)") == (0x0A000001, 0x0A000001)
    assert identity("fqdn(any:0,[0..9]=hub.example.net)") is None
    assert identity(None) is None
