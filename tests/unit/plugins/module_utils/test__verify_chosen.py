# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The optional checks, by data: policies, counters, pings; reasons for a down tunnel."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Ping
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import verdict
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import (
    NOT_ASKED,
    Answer,
    ClearPath,
    InternetPath,
    Observation,
    PolicyLookup,
    Probe,
    ProbeResult,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.policy_questions import questions
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import InactiveTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import Zone
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import CHECK_FUNCTIONS, findings, probes
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.sample_fleet import (
    FLEET,
    HUB_ANSWERS,
    OSLO,
)
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.verify_cases import (
    HEALTHY,
    HUB,
    QUIET,
    TO_OSLO_NET,
    Answers,
    Case,
    assert_finding,
    each,
    looked_up,
    pinged,
)

DENIED = ClearPath("trust", "10.1.2.0/24", "closed", "policy never-in-clear denies them")
PERMITTED = ClearPath("trust", "10.1.3.0/24", "open", "policy own allows them")
OUT, ACROSS = (
    next(one for one in questions(HUB) if (one.from_zone, one.to_zone) == (zone, "vpn")) for zone in ("trust", "vpn")
)
UNASKED = ClearPath("trust", "10.1.3.0/24", "unknown", "syntax error")


CASES: list[tuple[str, Answers, str, str, str, str]] = [
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


@each(CASES)
def test_case(case: Case) -> None:
    assert_finding(case)


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
