# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes and policies of another user next to those that keep traffic from leaving in clear."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.own_routes import OwnRoutes, next_to_discards
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import outside
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import SecurityPolicy
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from .sample_conflicts import PLAN, found

CLOSED = replace(
    PLAN,
    policies=(
        SecurityPolicy("never-in-clear", "trust", "untrust", ("any",), ("oslo-net", "lima-net"), "closed", "deny"),
        *PLAN.policies,
    ),
)
PASSIVE = replace(PLAN, routes=tuple(replace(route, passive=True) for route in PLAN.routes), closed_by="routes")

TO_OSLO = "routing-options static route 10.1.2.0/24"
ROUTES = [
    # Statements, whether they are in conflict.
    ((f"{TO_OSLO} discard",), True),
    ((f"{TO_OSLO} reject",), True),
    ((f"{TO_OSLO} discard", f"{TO_OSLO} preference 5"), True),
    ((f"{TO_OSLO} discard", f"{TO_OSLO} preference 4"), True),
    ((f"{TO_OSLO} discard", f"{TO_OSLO} preference 6"), False),
    ((f"{TO_OSLO} preference 200", f"{TO_OSLO} reject"), False),
    ((f"{TO_OSLO} qualified-next-hop 192.0.2.9 preference 7",), False),
    ((f"{TO_OSLO} qualified-next-hop 192.0.2.9 preference 5",), True),
    ((f"{TO_OSLO} qualified-next-hop 192.0.2.9",), True),
    ((f"{TO_OSLO} qualified-next-hop 192.0.2.9 metric 7",), True),
    # The preference of the route is that of the tunnel's next hop too.
    ((f"{TO_OSLO} qualified-next-hop 192.0.2.9 preference 7", f"{TO_OSLO} preference 10"), True),
    ((f"{TO_OSLO} next-hop 192.0.2.9", f"{TO_OSLO} preference 10"), True),
    ((f"{TO_OSLO} next-table other.inet.0", f"{TO_OSLO} preference 10"), True),
]


@pytest.mark.parametrize("plan", [PLAN, PASSIVE], ids=["policies", "routes"])
@pytest.mark.parametrize(("statements", "conflict"), ROUTES, ids=lambda one: str(one)[:60])
def test_an_operators_own_target_of_worse_preference(
    statements: tuple[str, ...], conflict: bool, plan: DevicePlan
) -> None:
    conflicts = found(*statements, plan=plan)
    assert [one.object for one in conflicts] == ["routing-options static route 10.1.2.0/24"] * conflict
    assert all("a higher preference value than 5" in one.remedy for one in conflicts)


def test_a_discard_in_another_group_takes_the_place_of_the_next_hop() -> None:
    other = (f"set groups old {TO_OSLO} discard", f"set groups old {TO_OSLO} preference 200", "set apply-groups old")
    assert len(found(before=other)) == 1


def test_active_takes_back_that_a_route_rejects() -> None:
    assert found(f"{TO_OSLO} active") == ()
    [conflict] = found(f"{TO_OSLO} active", plan=PASSIVE)
    assert "active at the top level" in conflict.actual


@pytest.mark.parametrize("syntax", ["next-hop", "passive"])
def test_a_route_next_to_an_own_discard_has_a_qualified_next_hop(syntax: str) -> None:
    plan = PASSIVE if syntax == "passive" else PLAN
    own = OwnRoutes(outside([f"set {TO_OSLO} discard", f"set {TO_OSLO} preference 200"], plan.group))
    lines = to_set(next_to_discards(plan, render(plan), own)).splitlines()
    start = f"set groups hubspoke {TO_OSLO} "
    kept = ["passive"] if syntax == "passive" else []
    assert [line.removeprefix(start) for line in lines if line.startswith(start)] == [
        "qualified-next-hop 10.1.255.2 preference 5",
        *kept,
    ]
    others = [line for line in lines if not line.startswith(start)]
    assert others == [line for line in to_set(render(plan)).splitlines() if not line.startswith(start)]


def own_policy(*words: str, destination: str = "any") -> list[str]:
    place = "security policies from-zone trust to-zone untrust policy own"
    conditions = ("source-address any", f"destination-address {destination}", "application any")
    return [*(f"{place} match {one}" for one in conditions), *(f"{place} {one}" for one in words)]


def test_a_policy_that_allows_what_ours_denies_comes_before_it() -> None:
    [conflict] = found(*own_policy("then permit"), plan=CLOSED)
    assert conflict.object == "security policies from-zone trust to-zone untrust policy own"
    assert "permitting traffic for 10.1.2.0/24 in clear" in conflict.actual
    assert "nhtb_manage_internet_policy: false" in conflict.remedy
    assert found(*own_policy("then permit")) == ()
    assert found(*own_policy("then deny"), plan=CLOSED) == ()
    assert found(*own_policy("then permit tunnel ipsec-vpn old"), plan=CLOSED) == ()


@pytest.mark.parametrize(("prefix", "conflict"), [("10.1.0.0/16", True), ("10.1.3.5/32", True), ("10.2.0.0/16", False)])
def test_only_networks_behind_the_vpn_count(prefix: str, conflict: bool) -> None:
    book = f"security address-book global address partner {prefix}"
    assert len(found(book, *own_policy("then permit", destination="partner"), plan=CLOSED)) == conflict
