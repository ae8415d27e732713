# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a plan that a device has already: one set of statements at a time, and the advice about each part."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import outside
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, StaticRoute
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import SecurityPolicy, SourceNat, Zone
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.existing import existing_parts, present_parts

from .sample_fleet import OSLO

MANAGED = replace(
    OSLO,
    site=replace(OSLO.site, host_name="oslo"),
    routes=(*OSLO.routes, StaticRoute("0.0.0.0/0", "192.0.2.1", None)),
    policies=(SecurityPolicy("any-permit", "trust", "untrust", ("any",), ("any",), "internet"),),
    source_nat=(SourceNat("lan-to-internet", "interface-nat", ("trust",), "untrust"),),
)
UNMANAGED = replace(
    OSLO,
    zones=(Zone("trust", (), ()), Zone("untrust", (), ()), OSLO.zones[-1]),
    interfaces=(),
)
LAN = "set interfaces ge-0/0/0 unit 0 family inet address 10.1.2.1/24"
WAN = "set interfaces ge-0/0/3 unit 0 family inet address 198.51.100.2/30"
DHCP = "set interfaces ge-0/0/3 unit 0 family inet dhcp"
ROUTE = "set routing-options static route 0.0.0.0/0 next-hop"
TRUST = "set security zones security-zone trust interfaces ge-0/0/0.0"
UNTRUST = "set security zones security-zone untrust interfaces ge-0/0/3.0"
NAT = (
    "set security nat source rule-set old from zone trust",
    "set security nat source rule-set old to zone untrust",
)
POLICY = "set security policies from-zone trust to-zone untrust policy out then permit"
WRITTEN = "is written"
SWITCH = "nhtb_manage_{}: false"

# Plan, statements outside the group, and of each part: its name, what the device has, and the advice.
CASES: dict[str, tuple[DevicePlan, tuple[str, ...], dict[str, tuple[str, str]]]] = {
    "nothing": (MANAGED, (), {}),
    "only ours": (MANAGED, (f"{LAN.replace('set ', 'set groups hubspoke ')}", "set apply-groups hubspoke"), {}),
    "the LAN": (MANAGED, (LAN,), {"LAN ge-0/0/0.0": ("10.1.2.1/24", SWITCH.format("lan_interfaces"))}),
    "another LAN": (
        MANAGED,
        (LAN.replace("10.1.2.1", "192.168.1.1"),),
        {"LAN ge-0/0/0.0": ("192.168.1.1/24", "delete it there, or correct nhtb_lans")},
    ),
    "one more address": (
        MANAGED,
        (LAN, LAN.replace("10.1.2.1", "192.168.1.1")),
        {"LAN ge-0/0/0.0": ("10.1.2.1/24, 192.168.1.1/24", "delete it there, or correct nhtb_lans")},
    ),
    "a switched LAN": (
        MANAGED,
        ("set interfaces ge-0/0/0 unit 0 family ethernet-switching vlan members lan",),
        {
            "LAN ge-0/0/0.0": (
                "family ethernet-switching vlan members lan",
                "delete it there, or nhtb_manage_lan_interfaces: false",
            )
        },
    ),
    "a LAN of a range": (
        MANAGED,
        (
            "set interfaces interface-range lans member-range ge-0/0/0 to ge-0/0/2",
            "set interfaces interface-range lans unit 0 family ethernet-switching",
        ),
        {"LAN ge-0/0/0.0": ("family ethernet-switching", "delete it there, or nhtb_manage_lan_interfaces: false")},
    ),
    "the WAN": (MANAGED, (WAN,), {"WAN ge-0/0/3.0": ("198.51.100.2/30", SWITCH.format("wan_interface"))}),
    "a WAN by DHCP": (
        MANAGED,
        (DHCP,),
        {
            "WAN ge-0/0/3.0": ("dhcp", SWITCH.format("wan_interface")),
            "default route": ("by dhcp", SWITCH.format("default_route")),
        },
    ),
    "the default route": (
        MANAGED,
        (f"{ROUTE} 192.0.2.1",),
        {"default route": ("192.0.2.1", SWITCH.format("default_route"))},
    ),
    "another default route": (
        MANAGED,
        (f"{ROUTE} 192.0.2.9",),
        {"default route": ("192.0.2.9", f"{SWITCH.format('default_route')}, or correct the gateway")},
    ),
    "both zones": (
        MANAGED,
        (TRUST, UNTRUST),
        {
            "zone of ge-0/0/0.0": ("trust", SWITCH.format("zones")),
            "zone of ge-0/0/3.0": ("untrust", SWITCH.format("zones")),
        },
    ),
    "one zone of two": (
        MANAGED,
        (TRUST,),
        {"zone of ge-0/0/0.0": ("trust", "agrees, may stay"), "zone of ge-0/0/3.0": ("none", WRITTEN)},
    ),
    "another zone": (
        MANAGED,
        (TRUST.replace("trust", "office"), UNTRUST),
        {
            "zone of ge-0/0/0.0": ("office", "zone: office in the inventory"),
            "zone of ge-0/0/3.0": ("untrust", SWITCH.format("zones")),
        },
    ),
    "source NAT": (
        MANAGED,
        NAT,
        {"source NAT": ("old", SWITCH.format("internet_policy")), "policies from trust": ("none", WRITTEN)},
    ),
    "source NAT and a policy": (
        MANAGED,
        (*NAT, POLICY),
        {
            "source NAT": ("old", SWITCH.format("internet_policy")),
            "policies from trust": ("out", SWITCH.format("internet_policy")),
        },
    ),
    "source NAT elsewhere": (MANAGED, tuple(line.replace("trust", "guests") for line in NAT), {}),
    "another host name": (
        MANAGED,
        ("set system host-name fw1",),
        {"host name": ("fw1", "nhtb_host_name: fw1, or leave it out")},
    ),
    "the host name": (MANAGED, ("set system host-name oslo",), {"host name": ("oslo", "agrees, may stay")}),
    "nothing, unmanaged": (
        UNMANAGED,
        (),
        {
            "LAN ge-0/0/0.0": ("none", "configure it, or nhtb_manage_lan_interfaces: true"),
            "WAN ge-0/0/3.0": ("none", "configure it, or nhtb_manage_wan_interface: true"),
            "default route": ("none", "configure it, or nhtb_manage_default_route: true"),
            "zone of ge-0/0/0.0": ("none", "configure it, or nhtb_manage_zones: true"),
            "zone of ge-0/0/3.0": ("none", "configure it, or nhtb_manage_zones: true"),
            "source NAT": ("none", "configure it, or nhtb_manage_internet_policy: true"),
            "policies from trust": ("none", "configure it, or nhtb_manage_internet_policy: true"),
        },
    ),
    "all, unmanaged": (
        UNMANAGED,
        (LAN, WAN, f"{ROUTE} 192.0.2.77", TRUST, UNTRUST, *NAT, POLICY),
        {
            "LAN ge-0/0/0.0": ("10.1.2.1/24", "nhtb_manage_lan_interfaces: false, as set"),
            "WAN ge-0/0/3.0": ("198.51.100.2/30", "nhtb_manage_wan_interface: false, as set"),
            "default route": ("192.0.2.77", "nhtb_manage_default_route: false, as set"),
            "zone of ge-0/0/0.0": ("trust", "nhtb_manage_zones: false, as set"),
            "zone of ge-0/0/3.0": ("untrust", "nhtb_manage_zones: false, as set"),
            "source NAT": ("old", "nhtb_manage_internet_policy: false, as set"),
            "policies from trust": ("out", "nhtb_manage_internet_policy: false, as set"),
        },
    ),
}


@pytest.mark.parametrize(("plan", "commands", "expected"), CASES.values(), ids=CASES)
def test_each_part_has_the_advice_that_fits(
    plan: DevicePlan, commands: tuple[str, ...], expected: dict[str, tuple[str, str]]
) -> None:
    parts = existing_parts(plan, outside(commands, plan.group))
    assert {part.name: (part.actual, part.advice) for part in parts} == expected


def test_a_device_without_a_plan_shows_the_same_parts() -> None:
    commands = ("set system host-name fw1", LAN, DHCP, f"{ROUTE} 192.0.2.1", TRUST, UNTRUST, *NAT, POLICY)
    assert present_parts(outside(commands, "hubspoke")) == (
        ("host name", "fw1"),
        ("interface ge-0/0/0.0", "10.1.2.1/24"),
        ("interface ge-0/0/3.0", "dhcp"),
        ("default route", "next-hop 192.0.2.1"),
        ("zone trust", "ge-0/0/0.0"),
        ("zone untrust", "ge-0/0/3.0"),
        ("source NAT", "old from trust to untrust"),
    )
