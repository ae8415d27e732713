# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner, by data: a case of ``fixtures/plan/*.yml`` changes a valid fleet and lists the problems that follow."""

from __future__ import annotations

import copy
import ipaddress
import re
import time
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import PlanError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import SecurityPolicy
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import KINDS, Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.profiles import read_profile
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.summary import MANY
from ansible_collections.hubspoke.srx.plugins.module_utils._report.notes import notes
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped

ROOT = Path(__file__).parents[4]
FIXTURES = ROOT / "tests" / "unit" / "fixtures" / "plan"
SPECS = yaml.safe_load((ROOT / "roles" / "nhtb" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
OPTIONS = {name: option for entry in SPECS["argument_specs"].values() for name, option in entry["options"].items()}
BASE = yaml.safe_load((FIXTURES / "base.yml").read_text(encoding="utf-8"))
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['title']}")
    for path in sorted(FIXTURES.glob("*.yml"))
    if path.stem != "base"
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
ODD: tuple[t.Any, ...] = (
    None,
    True,
    -1,
    2.5,
    10**30,
    float("nan"),
    "",
    " ",
    "\x00",
    "é",
    "{{ x }}",
    "9" * 5000,
    [],
    {},
    [None],
    {"a": 1},
    {1: 2},
)


def put(tree: t.Any, path: str, value: t.Any) -> None:
    """Set the value at a dotted path."""
    *parents, last = path.split(".")
    for key in parents:
        if isinstance(tree, dict) and key not in tree:
            tree[key] = [{}] if key == "proposals" else {}
        tree = tree[int(key) if isinstance(tree, list) else key]
    tree[int(last) if isinstance(tree, list) else last] = value


def planned(case: t.Mapping[str, t.Any]) -> FleetPlan:
    hosts = copy.deepcopy(BASE["hosts"])
    for path, value in case.get("change", {}).items():
        put(hosts, path, value)
    profiles = {**shipped(), **own_profiles(case.get("profiles", {}))}
    groups = (case.get(name, BASE.get(name, [])) for name in ("hubs", "spokes", "elsewhere"))
    hubs, spokes, elsewhere = groups
    return plan_fleet(hosts, hubs, spokes, OPTIONS, profiles, elsewhere)


def own_profiles(data: t.Mapping[str, t.Any]) -> dict[str, DeviceProfile]:
    """Read the profiles of a case, each with one template."""
    problems, profiles = Problems(), dict[str, DeviceProfile]()
    for name, content in data.items():
        profile = read_profile(name, content, f"profiles/{name}/profile.yml", ["sheet.md.j2"], "", problems)
        profiles |= {name: profile} if profile else {}
    problems.raise_if_any()
    return profiles


def problems_of(case: t.Mapping[str, t.Any]) -> list[str]:
    try:
        planned(case)
    except PlanError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize("case", CASES)
def test_a_fleet_has_exactly_the_problems_of_its_case(case: dict[str, t.Any]) -> None:
    assert problems_of(case) == case["problems"]


@pytest.mark.parametrize("case", CASES)
def test_no_problem_shows_a_key(case: dict[str, t.Any]) -> None:
    written = "".join(problems_of(case))
    keys = [
        str(value) for path, value in case.get("change", {}).items() if path.endswith("_key") and str(value).strip()
    ]
    assert [key for key in [*keys, "quite-secret", "hidden"] if key in written.replace("(hidden)", "")] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_problem_has_a_case(kind: str) -> None:
    template = f": {KINDS[kind].message}. {KINDS[kind].remedy}."
    parts = [re.escape(part) for part in re.split(r"\{\w+\}", template)]
    pattern = re.compile(".+".join(parts) + "$")
    seen = [problem for param in CASES for problem in t.cast("dict[str, t.Any]", param.values[0])["problems"]]
    assert [problem for problem in seen if pattern.search(problem)]


def paths() -> list[str]:
    """Return every path where an inventory can have a value."""
    nested = {"nhtb_wan": "nhtb_wan", "nhtb_tunnel": "nhtb_tunnel", "nhtb_lans": "nhtb_lans.0"}
    inner = [f"{place}.{key}" for name, place in nested.items() for key in OPTIONS[name]["options"]]
    proposals = [f"{name}.proposals.0" for name in ("nhtb_ike", "nhtb_ipsec")]
    probes = [f"nhtb_ike.dead_peer_detection.{key}" for key in ("mode", "interval", "threshold")]
    inner += [f"{name}.{key}" for name in ("nhtb_ike", "nhtb_ipsec") for key in OPTIONS[name]["options"]]
    inner += [f"{place}.{key}" for place in proposals for key in ("encryption", "authentication", "lifetime_seconds")]
    return [*OPTIONS, "nhtb_lans.0", *inner, *proposals, *probes]


@pytest.mark.parametrize("path", paths())
@pytest.mark.parametrize("host", ["hub", "east", "west"])
def test_no_value_breaks_the_planner(host: str, path: str) -> None:
    for value in ODD:
        assert isinstance(problems_of({"change": {f"{host}.{path}": value}}), list)


@pytest.mark.parametrize("variable", OPTIONS)
def test_every_documented_variable_is_checked(variable: str) -> None:
    written = problems_of({"change": {f"east.{variable}": ["no", {"option": "is a list of this"}]}})
    assert [problem for problem in written if problem.startswith(f"east: {variable}")]


@pytest.mark.parametrize("variables", [None, [], "nhtb_site", 5, {5: 6}, {None: 1}])
def test_no_shape_of_a_host_breaks_the_planner(variables: t.Any) -> None:
    problems = problems_of({"change": {"east": variables}})
    assert any(problem.startswith("east: nhtb_site = (missing)") for problem in problems)


def test_a_shared_key_is_one_policy_and_an_own_key_another() -> None:
    fleet = planned({"change": {"west.nhtb_pre_shared_key": "another-key"}})
    shared, own = fleet.hub.tunnels
    assert (shared.ike_policy.name, shared.ike_policy.key_of) == ("ike-policy-group19", "hub")
    assert (own.ike_policy.name, own.ike_policy.key_of) == ("west-ike", "west")
    for device, tunnel in zip(fleet.devices[1:], fleet.hub.tunnels, strict=True):
        assert device.tunnels[0].ike_policy == tunnel.ike_policy


def test_names_do_not_depend_on_the_other_spokes() -> None:
    both = {tunnel.peer_host: tunnel for tunnel in planned({}).hub.tunnels}
    for spokes in (["east"], ["west"], ["west", "east"]):
        assert {tunnel.peer_host: tunnel for tunnel in planned({"spokes": spokes}).hub.tunnels}.items() <= both.items()


def test_a_binding_is_static_for_screenos_and_on_request() -> None:
    flags = {tunnel.peer_host: (tunnel.nhtb, tunnel.static_binding) for tunnel in planned({}).hub.tunnels}
    assert flags == {"east": ("Auto", False), "west": ("Static", True)}
    forced = planned({"change": {"east.nhtb_static_binding": True}})
    assert [(tunnel.nhtb, tunnel.static_binding) for tunnel in forced.hub.tunnels] == [("Static", True)] * 2
    assert [device.tunnels[0].nhtb for device in forced.devices[1:]] == [None, None]


def test_each_device_reaches_all_networks_but_its_own() -> None:
    fleet = planned({})
    networks = {"hub": "10.1.0.0/24", "east": "10.2.0.0/24", "west": "10.3.0.0/24"}
    for device in fleet.devices:
        others = {network for host, network in networks.items() if host != device.host}
        through_tunnels = {route.prefix for route in device.routes if route.interface == device.site.units[0].interface}
        assert through_tunnels == others
        assert {network for tunnel in device.tunnels for network in tunnel.remote_networks} == others


def test_a_variable_of_the_hub_that_no_spoke_has_is_unused() -> None:
    own = {"hub.nhtb_ipsec": {"pfs_group": "group20"}, "hub.nhtb_dh_group": "group20"}
    [note] = [one for one in notes(planned({"change": own}).hub) if "no tunnel" in one]
    assert note == "hub: no tunnel has its nhtb_ipsec, nhtb_dh_group: set that on the spokes."
    shared = {**own, "east.nhtb_ipsec": {"pfs_group": "group20"}, "west.nhtb_dh_group": "group20"}
    assert planned({"change": shared}).hub.without_effect == ()


def test_a_rule_that_makes_no_policy_is_named() -> None:
    rules = [
        {"name": "web", "direction": "to-hub", "applications": ["junos-http"]},
        {"name": "of-another", "direction": "to-hub", "sources": ["west"]},
    ]
    plan = planned({"change": {"east.nhtb_policies": rules}})
    [note] = [one for one in notes(plan.hub) if "no policy" in one]
    assert note.startswith("Rules of nhtb_policies that make no policy on any device: of-another. ")


def test_a_rule_from_a_site_to_itself_is_named_once() -> None:
    rules = [
        {"name": "own", "direction": "spoke-to-spoke", "sources": ["east"], "destinations": ["east-net"]},
        {"name": "across", "direction": "spoke-to-spoke", "sources": ["east"], "destinations": ["east", "west"]},
        {"name": "zones", "from_zone": "vpn", "to_zone": "vpn", "sources": ["west"], "destinations": ["west"]},
        {"name": "lans", "from_zone": "trust", "to_zone": "trust", "sources": ["hq"], "destinations": ["hq"]},
    ]
    [note] = [one for one in notes(planned({"change": {"hub.nhtb_policies": rules}}).hub) if "nhtb_policies" in one]
    assert note.startswith("Rules of nhtb_policies from one site to itself, whose packets enter no tunnel: own, zones.")
    [note] = [one for one in notes(planned({"change": {"east.nhtb_policies": rules[:1]}}).hub) if "nhtb_pol" in one]
    assert note.endswith("enter no tunnel: own. Name another site as source or destination.")


def test_digits_in_another_letter_case_are_the_same_key() -> None:
    keys = {"east.nhtb_pre_shared_key": "00ff17ab", "west.nhtb_pre_shared_key": "00FF17AB"}
    junos = {
        "west.nhtb_platform": None,
        "west.nhtb_lans.0.interface": "ge-0/0/0.0",
        "west.nhtb_wan.interface": "ge-0/0/3.0",
    }
    formats = {"east.nhtb_key_format": "hexadecimal", "west.nhtb_key_format": "hexadecimal"}
    assert planned({"change": {**keys, **junos, **formats}}).hub.key_sharers == (("east", "west"),)
    assert planned({"change": {**keys, **junos}}).hub.key_sharers == ()


def large_fleet(count: int) -> tuple[dict[str, dict[str, t.Any]], list[str]]:
    hosts = {
        f"host{number}": {
            "nhtb_site": f"site{number}",
            "nhtb_pre_shared_key": "quite-secret",
            "nhtb_lans": [{"interface": "ge-0/0/1.0", "address": f"10.{number // 250}.{number % 250}.1/24"}],
            "nhtb_wan": {
                "interface": "ge-0/0/0.0",
                "address": f"198.18.{number // 250}.{number % 250 + 2}/15",
                "gateway": "198.19.255.1",
            },
            "nhtb_tunnel": {"unit": 0, "address": f"172.16.{number // 250}.{number % 250 + 2}/16"},
        }
        for number in range(count + 1)
    }
    return hosts, list(hosts)


def test_a_large_fleet_is_planned_quickly() -> None:
    hosts, names = large_fleet(1000)
    started = time.process_time()
    fleet = plan_fleet(hosts, names[:1], names[1:], OPTIONS, shipped())
    seconds = time.process_time() - started
    assert len(fleet.hub.tunnels) == 1000
    assert len(fleet.hub.routes) == 1001
    # 0.3 s on a slow core; a comparison of every site with every other takes minutes.
    assert seconds < 3


def test_a_large_fleet_with_one_network_everywhere_is_refused_quickly() -> None:
    hosts, names = large_fleet(1000)
    for variables in hosts.values():
        variables["nhtb_lans"][0]["address"] = "10.0.0.1/24"
    started = time.process_time()
    with pytest.raises(PlanError) as raised:
        plan_fleet(hosts, names[:1], names[1:], OPTIONS, shipped())
    assert len(raised.value.problems) == 1000
    assert time.process_time() - started < 3


# --- what keeps traffic from leaving in clear -----------------------------------------------------


def deny(plan: DevicePlan) -> SecurityPolicy:
    return next(policy for policy in plan.policies if policy.action == "deny")


def covered(plan: DevicePlan) -> list[ipaddress.IPv4Network]:
    """Return the prefixes of the names in the deny policy."""
    prefixes = {entry.name: entry.prefix for entry in plan.address_book}
    return [ipaddress.IPv4Network(prefixes[name]) for name in deny(plan).destinations]


@pytest.mark.parametrize("book", ["global", "zone"])
def test_few_networks_are_named_and_many_are_summarised(book: str) -> None:
    for count in (31, 32, 200):
        hosts, names = large_fleet(count)
        for variables in hosts.values():
            variables["nhtb_address_book"] = book
        fleet = plan_fleet(hosts, names[:1], names[1:], OPTIONS, shipped())
        for plan in fleet.devices:
            others = {lan.book_name for other in fleet.devices if other is not plan for lan in other.site.lans}
            far = [ipaddress.IPv4Network(network) for tunnel in plan.tunnels for network in tunnel.remote_networks]
            assert all(any(network.subnet_of(prefix) for prefix in covered(plan)) for network in far)
            assert len(deny(plan).destinations) <= MANY
            assert (set(deny(plan).destinations) == others) == (count < MANY + 1)
            # The names must be in a book that a policy towards the WAN zone can see.
            untrust = {entry.name for entry in plan.zone_entries("untrust")}
            assert untrust == (set(deny(plan).destinations) if book == "zone" else set())


def test_scattered_networks_are_joined_but_no_peer_and_nobody_elses_network_is_covered() -> None:
    hosts, names = large_fleet(120)
    for number, host in enumerate(names[1:]):
        # Every other network of 10.32.0.0/11, with a private WAN among them, and public LANs that are never widened.
        hosts[host]["nhtb_lans"][0]["address"] = f"10.{32 + number // 60}.{number % 60 * 4}.1/24"
        if number < 5:
            hosts[host]["nhtb_lans"][0]["address"] = f"203.{number * 8}.113.1/28"
        if number == 5:
            hosts[host]["nhtb_wan"] |= {"address": "10.32.21.2/30", "gateway": "10.32.21.1", "reachable": True}
    fleet = plan_fleet(hosts, names[:1], names[1:], OPTIONS, shipped())
    prefixes = covered(fleet.hub)
    assert len(prefixes) <= MANY
    assert all(ipaddress.IPv4Network(f"203.{number * 8}.113.0/28") in prefixes for number in range(5))
    assert not any(ipaddress.IPv4Address("10.32.21.2") in prefix for prefix in prefixes)
    far = [ipaddress.IPv4Network(lan.network) for plan in fleet.devices for lan in plan.site.lans]
    assert all(any(network.subnet_of(prefix) for prefix in prefixes) for network in far)


@pytest.mark.parametrize(
    ("change", "closed_by"),
    [
        ({}, ("policies", "policies", "policies")),
        # On ScreenOS the policy is put on top, so it helps in any case.
        ({"nhtb_manage_internet_policy": False}, ("routes", "routes", "policies")),
        ({"nhtb_fail_closed": False}, ("nothing", "nothing", "nothing")),
        ({"nhtb_fail_closed": False, "nhtb_manage_internet_policy": False}, ("nothing", "nothing", "nothing")),
    ],
)
def test_the_plan_says_what_keeps_traffic_from_leaving_in_clear(
    change: dict[str, bool], closed_by: tuple[str, ...]
) -> None:
    case = {f"{host}.{name}": value for host in BASE["hosts"] for name, value in change.items()}
    fleet = planned({"change": case})
    assert tuple(plan.closed_by for plan in fleet.devices) == closed_by
    for plan in fleet.devices:
        assert any(policy.action == "deny" for policy in plan.policies) == (plan.closed_by == "policies")
        into_tunnels = [route for route in plan.routes if route.interface]
        assert {route.passive for route in into_tunnels} == {plan.closed_by == "routes"}
