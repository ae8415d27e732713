# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The device as it is found: addresses, zones, its name, NAT and groups of cluster nodes next to a hub's group."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import SourceNat, Zone

from .sample_conflicts import PLAN, found


def test_the_ports_of_an_interface_range_have_what_the_range_says() -> None:
    use = "interfaces interface-range trusted unit 0 family ethernet-switching vlan members vlan-trust"
    for members in ("member ge-0/0/0", "member ge-0/0/*", "member-range ge-0/0/0 to ge-0/0/2"):
        (finding,) = found(f"interfaces interface-range trusted {members}", use)[:1]
        assert (finding.object, finding.actual) == (
            "interfaces ge-0/0/0 unit 0",
            "family ethernet-switching vlan members vlan-trust at the top level",
        )
    assert found("interfaces interface-range trusted member-range ge-0/0/5 to ge-0/0/7", use) == ()


NAMED = replace(PLAN, tunnels=tuple(replace(tunnel, local_address="192.0.2.2") for tunnel in PLAN.tunnels))


def test_other_addresses_of_the_wan_do_not_matter_where_the_gateways_name_theirs() -> None:
    assert found("interfaces ge-0/0/3 unit 0 family inet address 192.0.2.9/29", plan=NAMED) == ()
    (finding,) = found("interfaces ge-0/0/3 unit 0 family inet address 192.0.2.2/29", plan=NAMED)
    assert finding.actual == "address 192.0.2.2/29 at the top level"


UNMANAGED = replace(PLAN, interfaces=())
LAN = "interfaces ge-0/0/0 unit 0 family inet address 10.1.1.1/24"


def test_an_unmanaged_unit_has_the_planned_address_or_gets_one() -> None:
    wan = "interfaces ge-0/0/3 unit 0 family inet address 192.0.2.2/30"
    assert found(LAN, wan, plan=UNMANAGED) == ()
    assert found(LAN, "interfaces ge-0/0/3 unit 0 family inet dhcp", plan=UNMANAGED) == ()
    (lan, missing) = found("interfaces ge-0/0/0 unit 0 family inet address 10.1.1.1/25", plan=UNMANAGED)
    assert (lan.object, lan.actual) == ("interfaces ge-0/0/0 unit 0", "10.1.1.1/25 at the top level")
    assert (missing.object, missing.actual) == ("interfaces ge-0/0/3 unit 0", "no address")
    assert "let it be written: nhtb_manage_lan_interfaces: true." in lan.remedy
    assert "let it be written: nhtb_manage_wan_interface: true." in missing.remedy
    (second,) = found(LAN, wan, wan.replace(".2.2/30", ".2.9/29"), plan=UNMANAGED)
    assert "set nhtb_wan.local_address: true" in second.remedy


@pytest.mark.parametrize(
    ("interface", "switch"), [("ge-0/0/0", "nhtb_manage_lan_interfaces"), ("ge-0/0/3", "nhtb_manage_wan_interface")]
)
def test_the_remedy_for_another_use_names_the_switch_of_the_interface(interface: str, switch: str) -> None:
    (finding,) = found(f"interfaces {interface} disable")
    assert finding.remedy == f"Delete it, or configure the interface yourself and set {switch}: false."


def test_an_unmanaged_zone_of_the_wan_has_ike() -> None:
    zones = tuple(Zone(zone.name, (), ()) for zone in PLAN.zones)
    unmanaged = replace(PLAN, zones=zones)
    inbound = "security zones security-zone untrust {}host-inbound-traffic system-services {}"
    assert found(inbound.format("", "ike"), plan=unmanaged) == ()
    assert found(inbound.format("interfaces ge-0/0/3 ", "all"), plan=unmanaged) == ()
    for others in ((), (inbound.format("", "ike"), inbound.format("interfaces ge-0/0/3.0 ", "dhcp"))):
        (finding,) = found(*others, plan=unmanaged)
        assert finding.expected == "host-inbound-traffic system-services ike"


def test_the_devices_own_host_name_wins() -> None:
    named = replace(PLAN, site=replace(PLAN.site, host_name="HUB-1"))
    (finding,) = found("system host-name other", plan=named)
    assert (finding.object, finding.expected, finding.actual) == (
        "system host-name",
        "HUB-1",
        "other at the top level",
    )
    assert found("system host-name HUB-1", plan=named) == ()


NAT = replace(PLAN, source_nat=(SourceNat("lan-to-internet", "interface-nat", ("trust", "dmz"), "untrust"),))
RULES = "security nat source rule-set trust-to-untrust"
TRANSLATES = f"{RULES} rule source-nat-rule then source-nat interface"


def test_a_rule_set_for_the_same_zones_is_a_conflict_under_any_name() -> None:
    (finding,) = found(f"{RULES} from zone trust", f"{RULES} to zone untrust", TRANSLATES, plan=NAT)
    assert finding.object == "security nat source rule-set trust-to-untrust"
    assert finding.actual == "from zone trust to zone untrust at the top level"
    assert "nhtb_manage_internet_policy: false" in finding.remedy
    assert found(f"{RULES} from zone guests", f"{RULES} to zone untrust", TRANSLATES, plan=NAT) == ()
    assert found(f"{RULES} from zone trust", f"{RULES} to zone untrust", TRANSLATES, plan=PLAN) == ()


def test_a_rule_set_that_translates_traffic_into_the_tunnels_is_a_conflict() -> None:
    into = [f"{RULES} from zone trust", f"{RULES} to zone [ vpn dmz ]"]
    (finding,) = found(*into, TRANSLATES)
    assert finding.expected == "no source NAT to zone vpn"
    assert found(*into, TRANSLATES.replace("interface", "off")) == ()


def test_the_lan_of_a_dhcp_server_has_dhcp() -> None:
    server = "system services dhcp-local-server group lan interface ge-0/0/0.0"
    assert found(server) == ()
    pinged = replace(PLAN, zones=(Zone("trust", ("ge-0/0/0.0",), ("ping",)), *PLAN.zones[1:]))
    (finding,) = found(server, plan=pinged)
    assert finding.expected == "host-inbound-traffic system-services dhcp"
    assert "Add dhcp to the services of this LAN in nhtb_lans" in finding.remedy
    assert (
        found(server, "security zones security-zone trust host-inbound-traffic system-services dhcp", plan=pinged) == ()
    )


def test_the_groups_of_a_clusters_nodes_are_in_effect() -> None:
    applied = ['set apply-groups "${node}"']
    for node in ("node0", "node1"):
        (finding,) = found(before=[f"set groups {node} security flow tcp-mss ipsec-vpn mss 1200", *applied])
        assert finding.actual == f"mss 1200 in group {node}"
    named = replace(PLAN, site=replace(PLAN.site, host_name="HUB-1"))
    (finding,) = found(plan=named, before=["set groups node0 system host-name hub-a", *applied])
    assert finding.actual == "hub-a in group node0"
    assert found(plan=named, before=["set groups node0 system host-name hub-a"]) == ()
