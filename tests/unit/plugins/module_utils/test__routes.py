# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes of a plan: summaries that do not grow with the fleet, next hops, and all traffic through the hub."""

from __future__ import annotations

import ipaddress
import typing as t
from collections import Counter

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import INTERNET, DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.part import hub_plan_without
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import by_hosts, by_pair
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.summary import MANY
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.pings import probes
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from .test__plan import OPTIONS, large_fleet

COUNTS = (40, 80, 160)


def large(count: int, **variables: t.Any) -> FleetPlan:
    hosts, names = large_fleet(count)
    for own in hosts.values():
        own.update(variables)
    return plan_fleet(hosts, names[:1], names[1:], OPTIONS)


def sizes(plan: DevicePlan) -> dict[str, int]:
    """Return how many objects of each kind the plan of a device has, and lines its text."""
    return {
        "routes": len(plan.routes),
        "entries": len(plan.address_book),
        "names": sum(len(policy.sources) + len(policy.destinations) for policy in plan.policies),
        "networks": sum(len(tunnel.remote_networks) for tunnel in plan.tunnels),
        "lines": render(plan).count("\n"),
    }


def test_a_spoke_does_not_grow_with_the_fleet_and_the_hub_grows_with_its_tunnels() -> None:
    fleets = [large(count, nhtb_summary=["10.0.0.0/8"]) for count in COUNTS]
    spokes = [sizes(fleet.devices[7]) for fleet in fleets]
    assert spokes[0] == spokes[1] == spokes[2]
    assert (spokes[0]["routes"], spokes[0]["networks"]) == (2, 1)
    hubs = [sizes(fleet.hub) for fleet in fleets]
    for kind in ("routes", "networks", "lines"):
        first, second, third = (hub[kind] for hub in hubs)
        assert third - second == 2 * (second - first), kind
    # The address book and the policies of the hub name the summary too.
    assert hubs[0]["entries"] == hubs[2]["entries"]
    assert hubs[0]["names"] == hubs[2]["names"]


def test_all_spokes_share_their_routes_and_entries() -> None:
    fleet = large(160)
    routes = {id(route) for plan in fleet.devices[1:] for route in plan.routes if route.interface}
    remote = {id(entry) for plan in fleet.devices[1:] for entry in plan.address_book if entry.zone == "vpn"}
    assert len(routes) <= MANY
    assert len(remote) <= MANY


@pytest.mark.parametrize(("count", "summary"), [(MANY, None), (MANY + 1, None), (MANY + 1, False), (2, True)])
def test_a_summary_is_the_default_of_a_large_fleet(count: int, summary: bool | None) -> None:
    fleet = large(count, nhtb_summary=summary)
    networks = {lan.network for plan in fleet.devices for lan in plan.site.lans}
    summarised = (count > MANY) if summary is None else summary
    for plan in fleet.devices:
        named = {entry.name for entry in plan.address_book if entry.zone == "vpn"}
        assert all(name.startswith("vpn-") for name in named) == summarised
    for plan in fleet.devices[1:]:
        prefixes = [ipaddress.IPv4Network(prefix) for prefix in plan.tunnels[0].remote_networks]
        own = {lan.network for lan in plan.site.lans}
        for network in networks - own:
            assert any(ipaddress.IPv4Network(network).subnet_of(prefix) for prefix in prefixes)
        assert own.isdisjoint(plan.tunnels[0].remote_networks)
        assert not any(
            ipaddress.IPv4Interface(str(other.site.wans[0].address)).network.overlaps(prefix)
            for other in fleet.devices
            for prefix in prefixes
        )


def test_a_computed_prefix_that_is_a_network_of_the_site_has_no_route_there() -> None:
    hosts, names = large_fleet(40)
    hosts["host3"]["nhtb_lans"] = [{"interface": "ge-0/0/1.0", "address": "203.0.113.1/28"}]
    fleet = plan_fleet(hosts, names[:1], names[1:], OPTIONS)
    having = [plan.host for plan in fleet.devices[1:] if "203.0.113.0/28" in plan.tunnels[0].remote_networks]
    assert len(having) == 39
    assert "host3" not in having


def test_pings_through_a_summary_reach_each_spoke_once_from_another() -> None:
    fleet = large(40)
    asked = Counter(
        probe.network for plan in fleet.devices[1:] for probe in probes(fleet, plan) if probe.network != "10.0.0.0/24"
    )
    assert asked == {lan.network: 1 for plan in fleet.devices[1:] for lan in plan.site.lans}
    assert all("10.0.0.0/24" in {probe.network for probe in probes(fleet, plan)} for plan in fleet.devices[1:])
    [wanted] = probes(fleet, fleet.devices[3], ["10.0.30.0/24"])
    assert (wanted.network, wanted.tunnel) == ("10.0.30.0/24", "site0-vpn")


def test_flows_between_spokes_are_found_behind_a_summary() -> None:
    fleet = large(40)
    assert len(by_hosts(fleet, {"host3"}).flows["host3"]) == 2 + 2 * 39
    assert by_pair(fleet, "host3", "host30").pair == ("host3", "host30")


def test_the_hub_without_some_spokes_keeps_the_summary() -> None:
    fleet = large(40)
    part = hub_plan_without(fleet, ["host3"])
    assert part is not None
    assert part.policies == fleet.hub.policies
    assert part.address_book == fleet.hub.address_book
    assert {route.prefix for route in fleet.hub.routes} - {route.prefix for route in part.routes} == {"10.0.3.0/24"}


def test_all_traffic_of_a_spoke_enters_the_tunnel_and_leaves_at_the_hub() -> None:
    fleet = large(3, nhtb_internet_exit=None)
    hosts, names = large_fleet(3)
    for host in names[1:]:
        hosts[host]["nhtb_internet_exit"] = "hub"
    exiting = plan_fleet(hosts, names[:1], names[1:], OPTIONS)
    spoke, before = exiting.devices[1], fleet.devices[1]
    routes = {(route.prefix, route.next_hop, route.interface) for route in spoke.routes}
    assert routes == {("198.18.0.2/32", "198.19.255.1", None), (INTERNET, "172.16.0.2", "st0.0")}
    assert before.tunnels[0].prefix_to("10.0.2.0/24") == "10.0.2.0/24"
    assert spoke.tunnels[0].prefix_to("10.0.2.0/24") == INTERNET
    assert (before.tunnels[0].prefix_to("8.8.8.0/24"), spoke.source_nat) == (None, ())
    closing = [policy for policy in spoke.policies if policy.purpose == "closed"]
    assert {(policy.from_zone, policy.to_zone, policy.destinations) for policy in closing} == {
        ("trust", "untrust", ("any",))
    }
    [nat] = exiting.hub.source_nat
    assert nat.from_zones == ("trust", "vpn")
    assert exiting.hub.exit_networks == ("10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24")
    out = [policy for policy in exiting.hub.policies if policy.name == "spokes-to-internet"]
    assert [policy.sources for policy in out] == [("site1-net", "site2-net", "site3-net")]
    assert not [policy for policy in fleet.hub.policies if policy.name == "spokes-to-internet"]
