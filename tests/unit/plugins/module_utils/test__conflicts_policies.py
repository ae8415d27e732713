# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies outside our group that come before a planned one, and groups that win over ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from .sample_conflicts import DENY, PLAN, a_policy, found


def test_a_group_that_owns_its_zone_pairs_has_no_other_policy_there() -> None:
    owner = replace(PLAN, owns_zone_pairs=True)
    assert found(*a_policy("any"), plan=PLAN) == ()
    (finding,) = found(*a_policy("any"), plan=owner)
    assert "nhtb_own_zone_pairs" in finding.expected
    assert found(*a_policy("any", pair="from-zone trust to-zone dmz"), plan=owner) == ()


def test_a_permit_before_a_rule_that_denies_is_a_conflict() -> None:
    rule = replace(
        PLAN.policies[0], name="no-web", action="reject", applications=("junos-http",), rule="nhtb_policies[0]"
    )
    ruled = replace(PLAN, policies=(rule, *PLAN.policies))
    assert found(*a_policy("junos-ssh"), plan=ruled) == ()
    for application in ("any", "junos-http"):
        (finding,) = found(*a_policy(application), plan=ruled)
        assert finding.actual == "before policy no-web, permitting its traffic, at the top level"


def test_of_two_groups_the_first_one_wins() -> None:
    other = ["set groups other security flow tcp-mss ipsec-vpn mss 1200", "set apply-groups other"]
    assert found(*other) == ()
    (finding,) = found(before=other)
    assert finding.actual == "mss 1200 in group other"


def test_a_group_applied_further_in_wins_and_reaches_only_what_is_below() -> None:
    group = ["groups other security flow tcp-mss ipsec-vpn mss 1200", "groups other security ike policy x mode main"]
    assert found(*group, "security flow apply-groups other") != ()
    assert found(*group, "security ike apply-groups other") == ()


def test_a_group_applied_after_ours_can_add_to_an_object_and_claim_the_unit() -> None:
    assert found("groups other security ipsec vpn x bind-interface st0.0", "apply-groups other") != ()
    assert found("groups other security ike gateway <*> no-nat-traversal", "apply-groups other") != ()
    assert found("groups other security ike gateway <*-gate> address 192.0.2.9", "apply-groups other") != ()
    assert found("groups other security ike gateway <other-*> no-nat-traversal", "apply-groups other") == ()


@pytest.mark.parametrize(
    ("match", "hits"),
    [
        ("source-address any destination-address any application any", True),
        ("source-address local-net destination-address oslo-net application any", True),
        ("source-address wide destination-address any application any", True),
        ("source-address host destination-address any application any", False),
        ("source-address any destination-address any application junos-telnet", False),
        ("source-address any destination-address any application any source-identity guests", False),
        ("source-address any destination-address unknown application any", False),
    ],
)
def test_a_deny_policy_before_ours_is_a_conflict_where_it_covers_a_whole_network(match: str, hits: bool) -> None:
    words = match.split()
    statements = [f"{DENY} match {words[index]} {words[index + 1]}" for index in range(0, len(words), 2)]
    books = [
        "security address-book global address wide 10.1.0.0/16",
        "security address-book global address host 10.1.1.7/32",
    ]
    assert [one.expected for one in found(*books, *statements, f"{DENY} then deny")] == [
        "after policy to-spokes"
    ] * hits
    assert found(*books, *statements, f"{DENY} then permit") == ()


def test_a_deny_policy_of_a_group_applied_after_ours_is_no_conflict() -> None:
    conditions = ("source-address", "destination-address", "application")
    group = [f"set groups last {DENY} match {one} any" for one in conditions]
    group += [f"set groups last {DENY} then deny", "set apply-groups last"]
    assert found(*group) == ()
    assert len(found(before=group)) == 1
