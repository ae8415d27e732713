# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The optional checks, by data: negotiated values, counters, pings, configuration; reasons for a down tunnel."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding, verdict
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import Proposal
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import (
    NOT_ASKED,
    Answer,
    ClearPath,
    InactiveTunnel,
    InternetPath,
    IpsecStatistics,
    Observation,
    Ping,
    PolicyLookup,
    PolicyMatch,
    Probe,
    ProbeResult,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Zone
from ansible_collections.hubspoke.srx.plugins.module_utils._model.policy_questions import PolicyQuestion, questions
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
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import CHECK_FUNCTIONS, findings, probes
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.sample_fleet import (
    FLEET,
    HUB_ANSWERS,
    OSLO,
    TO_LIMA,
    TO_OSLO,
    ike_sa,
    ipsec_tunnel,
)

# The traffic of Oslo to the Internet leaves at the hub.
HUB = replace(FLEET.hub, exit_networks=("10.1.2.0/24",))
OSLO_SA, LIMA_SA = ike_sa(TO_OSLO), ike_sa(TO_LIMA, 2)
OSLO_PAIR, LIMA_PAIR = ipsec_tunnel(TO_OSLO), ipsec_tunnel(TO_LIMA, 131074)
QUIET = IpsecStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, tunnel_index=131073)
PROBES = probes(FLEET, HUB)
TO_OSLO_NET, TO_LIMA_NET = PROBES


def associations(pair: t.Any, **changes: t.Any) -> t.Any:
    return replace(pair, security_associations=tuple(replace(one, **changes) for one in pair.security_associations))


def pinged(probe: Probe, *runs: Ping) -> ProbeResult:
    return ProbeResult(probe, Answer("ok", runs, "xml"))


def looked_up(question: PolicyQuestion, policy: str = "all", action: str = "permit") -> PolicyLookup:
    return PolicyLookup(question, Answer("ok", (PolicyMatch(policy, action),), "xml"))


def findings_of(check: str, **answers: t.Sequence[t.Any]) -> list[Finding]:
    changed = {name: Answer("ok", tuple(items), "xml") for name, items in answers.items()}
    return findings(HUB, replace(HUB_ANSWERS, **changed), checks=[check])  # type: ignore[arg-type]


ALL_WELL = Answer("ok", (replace(QUIET), replace(QUIET, tunnel_index=131074)), "xml")
HEALTHY = replace(
    HUB_ANSWERS,
    statistics_before=ALL_WELL,
    statistics=ALL_WELL,
    configuration=Answer("ok"),
    inactive=Answer("ok"),
    clear_paths=Answer("ok", (ClearPath("trust", "10.1.2.0/24", "closed", "policy never-in-clear denies them"),)),
    policy_lookups=Answer("ok", tuple(looked_up(one) for one in questions(HUB))),
    internet_paths=Answer("ok", (InternetPath("10.1.2.0/24", "open", "policy spokes and source NAT lan"),)),
    pings=Answer("ok", tuple(pinged(one, Ping(one.target, one.target, 5, 5, 5, 0)) for one in PROBES)),
)

DENIED = ClearPath("trust", "10.1.2.0/24", "closed", "policy never-in-clear denies them")
PERMITTED = ClearPath("trust", "10.1.3.0/24", "open", "policy own allows them")
OUT, ACROSS = (
    next(one for one in questions(HUB) if (one.from_zone, one.to_zone) == (zone, "vpn")) for zone in ("trust", "vpn")
)
UNASKED = ClearPath("trust", "10.1.3.0/24", "unknown", "syntax error")

CASES: list[tuple[str, dict[str, t.Sequence[t.Any]], str, str, str, str]] = [
    # check, what is answered instead, object, state, actual, part of the remedy
    (
        "leak",
        {"clear_paths": [DENIED, PERMITTED]},
        "zone trust",
        "failed",
        "10.1.3.0/24: policy own allows them (2 of 2 networks asked)",
        "A policy outside the group comes first",
    ),
    (
        "leak",
        {"clear_paths": [DENIED, PERMITTED, UNASKED]},
        "zone trust",
        "failed",
        "10.1.3.0/24: policy own allows them (3 of 2 networks asked)",
        "A policy outside the group comes first",
    ),
    (
        "leak",
        {"clear_paths": [DENIED, UNASKED]},
        "zone trust",
        "unknown",
        "10.1.3.0/24: syntax error (2 of 2 networks asked)",
        "'show security match-policies' from trust to untrust",
    ),
    (
        "leak",
        {"clear_paths": [DENIED]},
        "zone trust",
        "ok",
        "policy never-in-clear denies them (1 of 2 networks asked)",
        "",
    ),
    (
        "policies",
        {"policy_lookups": [looked_up(OUT), looked_up(ACROSS, "Default-Policy", "deny-all")]},
        "vpn to vpn",
        "failed",
        "10.1.2.0/24 to 10.1.3.0/24 tcp/443: policy Default-Policy, deny-all",
        "plan the same in nhtb_policies",
    ),
    (
        "policies",
        {"policy_lookups": [looked_up(OUT, "own")]},
        "trust to vpn",
        "ok",
        "1 of 1 lookups as planned",
        "",
    ),
    (
        "policies",
        {"policy_lookups": [PolicyLookup(OUT, Answer("refused", reason="syntax error"))]},
        "trust to vpn",
        "unknown",
        "10.1.1.0/24 to 10.1.2.0/24 tcp/443: syntax error",
        "'show security match-policies' from trust to vpn",
    ),
    (
        "internet_exit",
        {"internet_paths": [InternetPath("10.1.2.0/24", "open", "policy spokes and source NAT lan")]},
        "zone vpn",
        "ok",
        "policy spokes and source NAT lan (1 of 1 networks asked)",
        "",
    ),
    (
        "internet_exit",
        {"internet_paths": [InternetPath("10.1.2.0/24", "closed", "policy own denies them")]},
        "zone vpn",
        "failed",
        "10.1.2.0/24: policy own denies them (1 of 1 networks asked)",
        "policy and source NAT of its own from zone vpn to zone untrust",
    ),
    (
        "internet_exit",
        {"internet_paths": [InternetPath("10.1.2.0/24", "unknown", "syntax error")]},
        "zone vpn",
        "unknown",
        "10.1.2.0/24: syntax error (1 of 1 networks asked)",
        "show security match-policies",
    ),
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
    (
        "statistics",
        {"statistics_before": [QUIET], "statistics": [replace(QUIET, replay_errors=3, discarded=1)]},
        "oslo-vpn",
        "failed",
        "replay errors +3, discarded +1",
        "Packets arrive late or twice: look for load sharing or loss on the way; packets were dropped",
    ),
    (
        "statistics",
        {"statistics_before": [replace(QUIET, bad_headers=7)], "statistics": [replace(QUIET, bad_headers=7)]},
        "oslo-vpn",
        "ok",
        "no error counter rising",
        "",
    ),
    (
        "statistics",
        {"statistics_before": [replace(QUIET, bad_headers=7)], "statistics": [QUIET]},
        "oslo-vpn",
        "unknown",
        "counters were cleared between the samples",
        "Ask again.",
    ),
    (
        "statistics",
        {"statistics_before": [], "statistics": [QUIET]},
        "oslo-vpn",
        "unknown",
        "one sample only",
        "Ask twice, some seconds apart.",
    ),
    (
        "statistics",
        {"statistics_before": [], "statistics": [], "ipsec": []},
        "oslo-vpn",
        "skipped",
        "not checked: IPsec is not up",
        "",
    ),
    (
        "statistics",
        {
            "statistics_before": [replace(QUIET, tunnel_index=None)],
            "statistics": [replace(QUIET, tunnel_index=None, esp_authentication_failures=2)],
        },
        "all tunnels",
        "failed",
        "esp authentication failures +2",
        "Keys or algorithms of the two ends differ, or packets were changed on the way.",
    ),
    (
        "pings",
        {"pings": [pinged(TO_OSLO_NET, Ping("10.1.2.1", "10.1.2.1", 0, 5, 0, 100))]},
        "10.1.2.0/24",
        "failed",
        "0 of 5 answered",
        "check the policies from trust to vpn and back",
    ),
    (
        "pings",
        {"pings": [pinged(TO_OSLO_NET, Ping("10.1.2.1", None, 0, failure="No route to host"))]},
        "10.1.2.0/24",
        "failed",
        "0 answered: No route to host",
        "that 10.1.2.1 allows ping",
    ),
    (
        "pings",
        {"pings": [pinged(TO_OSLO_NET, Ping("10.1.2.1", "10.1.2.1", 3, 5, 3, 40))]},
        "10.1.2.0/24",
        "ok",
        "3 of 5 answered",
        "",
    ),
    (
        "pings",
        {"pings": [pinged(TO_OSLO_NET, Ping("10.1.2.1", "10.1.2.1", 2))]},
        "10.1.2.0/24",
        "ok",
        "2 answered",
        "",
    ),
    (
        "pings",
        {"pings": [pinged(TO_OSLO_NET, Ping("10.1.2.1", "10.1.2.1", 0))]},
        "10.1.2.0/24",
        "unknown",
        "no answer and no statistics",
        "Ask again with a count.",
    ),
    ("pings", {"pings": [pinged(TO_OSLO_NET)]}, "10.1.2.0/24", "unknown", "no run of ping", "Ask again."),
    (
        "pings",
        {"pings": [ProbeResult(TO_OSLO_NET, Answer("refused", reason="no such interface"))]},
        "10.1.2.0/24",
        "unknown",
        "refused: no such interface",
        "Run the command on the device by hand",
    ),
    (
        "configuration",
        {"configuration": ["[edit groups hubspoke]", "-  mss 1350;", "+  mss 1400;"]},
        "group hubspoke",
        "failed",
        "2 lines differ, the first: [edit groups hubspoke] -  mss 1350;",
        "deploy again with --check --diff",
    ),
    (
        "ike",
        {
            "ike": [],
            "inactive": [
                InactiveTunnel(131073, "198.51.100.2", 500, 1, "No response from peer. Negotiation failed", 130)
            ],
        },
        "oslo-vpn",
        "failed",
        "no association with 198.51.100.2: No response from peer. Negotiation failed (130 times)",
        "Compare pre-shared key",
    ),
    (
        "ipsec",
        {"ipsec": [], "inactive": [InactiveTunnel(1, "198.51.100.2", 500, 1, "No proposal chosen", None, "oslo-vpn")]},
        "oslo-vpn",
        "failed",
        "no association of oslo-vpn: No proposal chosen",
        "Compare phase 2 proposals",
    ),
    (
        "ipsec",
        {"ipsec": [], "inactive": [InactiveTunnel(1, "198.51.100.2", 500, 1, "Of another", None, "old-vpn")]},
        "oslo-vpn",
        "failed",
        "no association of oslo-vpn",
        "Compare phase 2 proposals",
    ),
]


@pytest.mark.parametrize(
    ("check", "answers", "name", "state", "actual", "remedy"), CASES, ids=[f"{one[0]}: {one[4]}" for one in CASES]
)
def test_case(
    check: str, answers: dict[str, t.Sequence[t.Any]], name: str, state: str, actual: str, remedy: str
) -> None:
    finding = next(one for one in findings_of(check, **answers) if one.object == name)
    assert (finding.check, finding.state, finding.actual) == (check, state, actual)
    assert remedy in finding.remedy
    assert bool(finding.remedy) == (state in ("failed", "unknown"))


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


def test_each_check_is_a_module_of_its_name() -> None:
    assert tuple(CHECK_FUNCTIONS) == CHECKS
    modules = {name: function.__module__.rpartition(".")[2] for name, function in CHECK_FUNCTIONS.items()}
    assert modules == dict(zip(CHECKS, CHECKS, strict=True))


def test_all_is_well() -> None:
    found = findings(HUB, HEALTHY, CHECKS)
    assert verdict(found) == "ok", [str(one) for one in found if one.state != "ok"]
    assert {one.check for one in found} == set(CHECKS)
    assert [one.check for one in found] == sorted((one.check for one in found), key=CHECKS.index)


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_a_chosen_check_without_an_answer_is_unknown(check: str) -> None:
    found = findings(HUB, Observation("hub1"), [check])
    assert {one.state for one in found} == {"unknown"}
    assert all(one.remedy for one in found)


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


def test_probes_go_from_the_lan_to_every_remote_network() -> None:
    assert probes(FLEET, HUB) == [
        Probe("10.1.2.0/24", "oslo-vpn", "ge-0/0/0.0", "10.1.1.1", "10.1.2.1"),
        Probe("10.1.3.0/24", "lima-vpn", "ge-0/0/0.0", "10.1.1.1", "10.1.3.1"),
    ]
    assert [(probe.network, probe.tunnel, probe.target) for probe in probes(FLEET, OSLO)] == [
        ("10.1.1.0/24", "hub1-vpn", "10.1.1.1"),
        ("10.1.3.0/24", "hub1-vpn", "10.1.3.1"),
    ]


def test_a_lan_whose_zone_has_no_ping_is_not_pinged_and_the_check_says_so() -> None:
    closed = replace(OSLO, zones=(Zone("trust", ("ge-0/0/0.0",), ("ssh",)),))
    sent = probes(replace(FLEET, devices=tuple(closed if one is OSLO else one for one in FLEET.devices)), HUB)
    reason = "zone trust of oslo has no host-inbound service ping"
    assert [(probe.target, probe.not_sent) for probe in sent] == [("10.1.2.1", reason), ("10.1.3.1", "")]
    unsent = ProbeResult(sent[0], NOT_ASKED)
    found = findings(HUB, replace(HUB_ANSWERS, pings=Answer("ok", (unsent,))), ["pings"])
    assert [(one.object, one.state, one.actual) for one in found] == [
        ("10.1.2.0/24", "skipped", f"not checked: {reason}")
    ]


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


def test_routes_of_the_devices_own_are_not_checked() -> None:
    found = findings(replace(HUB, routes_managed=False), HUB_ANSWERS, ["routes"])
    assert {one.state for one in found} == {"skipped"}
    assert {one.actual for one in found} == {"not checked: nhtb_manage_routes is false"}


def test_a_route_that_names_the_tunnel_interface_needs_no_address() -> None:
    tunnel = replace(FLEET.devices[1].tunnels[0], by_interface=True)
    plan = replace(FLEET.devices[1], tunnels=(tunnel,))
    [found, *_rest] = findings(plan, Observation(plan.host), ["routes"])
    assert found.expected == f"active through {tunnel.bind_interface}"
    assert tunnel.route_next_hop == tunnel.bind_interface
