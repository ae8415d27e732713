# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hub and a spoke that were configured by hand, what adoption makes of them, and a readable encoding."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.fleet import Adoption, adopt
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.takeover import TakeOver, deletions, take_over
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import DOCUMENTED
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from .readable_codec import Codec

HUB = """
set interfaces ge-0/0/1 unit 0 family inet address 10.50.0.1/24
set interfaces ge-0/0/2 unit 0 family inet address 192.0.2.2/30
set interfaces st0 unit 7 multipoint
set interfaces st0 unit 7 family inet address 10.60.0.1/24
set routing-options static route 0.0.0.0/0 next-hop 192.0.2.1
set routing-options static route 10.51.0.0/24 next-hop 10.60.0.51
set security ike policy shared mode main
set security ike policy shared proposal-set standard
set security ike policy shared pre-shared-key ascii-text "$9$of-us-all"
set security ike gateway boston-gw ike-policy shared
set security ike gateway boston-gw address 198.51.100.2
set security ike gateway boston-gw external-interface ge-0/0/2
set security ipsec policy p2 perfect-forward-secrecy keys group2
set security ipsec policy p2 proposal-set standard
set security ipsec vpn vpn-boston bind-interface st0.7
set security ipsec vpn vpn-boston ike gateway boston-gw
set security ipsec vpn vpn-boston ike ipsec-policy p2
set security flow tcp-mss ipsec-vpn mss 1350
set security policies from-zone office to-zone vpn policy out match source-address lan
set security policies from-zone office to-zone vpn policy out match destination-address boston
set security policies from-zone office to-zone vpn policy out match application any
set security policies from-zone office to-zone vpn policy out then permit
set security policies from-zone vpn to-zone office policy in match source-address boston
set security policies from-zone vpn to-zone office policy in match destination-address lan
set security policies from-zone vpn to-zone office policy in match application any
set security policies from-zone vpn to-zone office policy in then permit
set security policies from-zone vpn to-zone vpn policy across match source-address any
set security policies from-zone vpn to-zone vpn policy across match destination-address any
set security policies from-zone vpn to-zone vpn policy across match application any
set security policies from-zone vpn to-zone vpn policy across then permit
set security zones security-zone office address-book address lan 10.50.0.0/24
set security zones security-zone office interfaces ge-0/0/1.0
set security zones security-zone untrust host-inbound-traffic system-services ike
set security zones security-zone untrust interfaces ge-0/0/2
set security zones security-zone vpn address-book address boston 10.51.0.0/24
set security zones security-zone vpn interfaces st0.7
""".strip().splitlines()


BOSTON = """
set interfaces ge-0/0/1 unit 0 family inet address 10.51.0.1/24
set interfaces ge-0/0/2 unit 0 family inet address 198.51.100.2/30
set interfaces st0 unit 0 family inet address 10.60.0.51/24
set routing-options static route 0.0.0.0/0 next-hop 198.51.100.1
set routing-options static route 10.50.0.0/24 next-hop 10.60.0.1
set security ike policy shared mode main
set security ike policy shared proposal-set standard
set security ike policy shared pre-shared-key ascii-text "$9$of-us-all"
set security ike gateway head-gw ike-policy shared
set security ike gateway head-gw address 192.0.2.2
set security ike gateway head-gw external-interface ge-0/0/2.0
set security ipsec policy p2 perfect-forward-secrecy keys group2
set security ipsec policy p2 proposal-set standard
set security ipsec vpn head-vpn bind-interface st0.0
set security ipsec vpn head-vpn ike gateway head-gw
set security ipsec vpn head-vpn ike ipsec-policy p2
set security flow tcp-mss ipsec-vpn mss 1350
set security policies from-zone trust to-zone vpn policy out match source-address lan
set security policies from-zone trust to-zone vpn policy out match destination-address head
set security policies from-zone trust to-zone vpn policy out match application any
set security policies from-zone trust to-zone vpn policy out then permit
set security policies from-zone vpn to-zone trust policy in match source-address head
set security policies from-zone vpn to-zone trust policy in match destination-address lan
set security policies from-zone vpn to-zone trust policy in match application any
set security policies from-zone vpn to-zone trust policy in then permit
set security zones security-zone trust address-book address lan 10.51.0.0/24
set security zones security-zone trust interfaces ge-0/0/1.0
set security zones security-zone untrust host-inbound-traffic system-services ike
set security zones security-zone untrust interfaces ge-0/0/2.0
set security zones security-zone vpn address-book address head 10.50.0.0/24
set security zones security-zone vpn interfaces st0.0
""".strip().splitlines()


def adopted(
    hub: t.Sequence[str] = HUB, spoke: t.Sequence[str] | None = BOSTON, given: t.Mapping[str, t.Any] | None = None
) -> Adoption:
    commands = {"h1": hub} | ({"s1": spoke} if spoke is not None else {})
    return adopt("h1", ["s1"], commands, given or {}, (), Codec())


def planned(found: Adoption) -> dict[str, DevicePlan]:
    """Return the plan of each adopted device, by host."""
    variables = {host: {**own, "nhtb_pre_shared_key": "of-us-all"} for host, own in found.variables.items()}
    return {plan.host: plan for plan in plan_fleet(variables, ["h1"], found.spokes, DOCUMENTED, shipped()).devices}


def taken_over(hub: t.Sequence[str] = HUB) -> dict[str, TakeOver]:
    """Return the take-over of each device, by host."""
    found = adopted(hub)
    keys = dict.fromkeys(found.variables, "of-us-all")
    return {
        host: take_over(plan, render(plan), found.configs[host], keys, Codec()) for host, plan in planned(found).items()
    }


def hub_deletions(hub: t.Sequence[str] = HUB) -> list[str]:
    plan = planned(adopted(hub))["h1"]
    return deletions(plan, render(plan), hub)
