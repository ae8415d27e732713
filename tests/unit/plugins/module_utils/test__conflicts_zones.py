# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statements of another user next to shared zones, services of interfaces, VLANs and a loopback interface."""

from __future__ import annotations

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.conflicts import find_conflicts
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import outside
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.existing import existing_parts
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from tests.golden.networks import plan

DEVICES = {
    device.host if network == "shared_zones" else f"{device.host} inside": device
    for network in ("shared_zones", "inside_and_units")
    for device in plan(network, "modern").devices
}
ZONE = "security zones security-zone {} {}host-inbound-traffic {} {}"
RULES = "security nat source rule-set own"
TRANSLATES = f"{RULES} rule all then source-nat interface"

# Device, statements outside the group, and of each conflict its object, expected and actual value.
CASES = {
    "nothing": ("hub", (), ()),
    "ssh in the zone of an interface with services of its own": (
        "hub",
        (ZONE.format("servers", "", "system-services", "snmp"),),
        (("zone servers interface ge-0/0/2.0", "system-services ping, ssh alone", "snmp of the zone at the top"),),
    ),
    "a service that the interface has": ("hub", (ZONE.format("servers", "", "system-services", "ssh"),), ()),
    "a service of the interface too": (
        "hub",
        (
            ZONE.format("servers", "", "system-services", "snmp"),
            ZONE.format("servers", "interfaces ge-0/0/2.0 ", "system-services", "snmp"),
        ),
        (),
    ),
    "services of the tunnel unit, which hide the protocols of the zone": (
        "hub",
        (ZONE.format("trust", "interfaces st0.0 ", "system-services", "ping"),),
        (("zone trust interface st0.0", "protocols ospf", "none at the top level"),),
    ),
    "protocols of the tunnel unit": (
        "hub",
        (
            ZONE.format("trust", "interfaces st0.0 ", "system-services", "ping"),
            ZONE.format("trust", "interfaces st0.0 ", "protocols", "all"),
        ),
        (),
    ),
    "a permit within the zone of LAN and tunnel": (
        "hub",
        (
            "security policies from-zone trust to-zone trust policy all match source-address any",
            "security policies from-zone trust to-zone trust policy all match destination-address any",
            "security policies from-zone trust to-zone trust policy all match application any",
            "security policies from-zone trust to-zone trust policy all then permit",
        ),
        (),
    ),
    "source NAT into the zone of WAN and tunnel": (
        "lyon",
        (f"{RULES} from zone trust", f"{RULES} to zone untrust", TRANSLATES),
        (("rule-set own", "no source NAT to zone untrust, which has the tunnel too", "to zone untrust at the top"),),
    ),
    "source NAT that spares the networks of the VPN": (
        "lyon",
        (
            f"{RULES} from zone trust", f"{RULES} to zone untrust", TRANSLATES,
            f"{RULES} rule spared match destination-address 10.16.0.0/12", f"{RULES} rule spared then source-nat off",
        ),
        (),
    ),
    "source NAT to the WAN's interface": (
        "lyon",
        (f"{RULES} from zone trust", f"{RULES} to interface ge-0/0/0.0", TRANSLATES),
        (("rule-set own", "no rule set but lan-to-internet", "to interface ge-0/0/0.0 at the top"),),
    ),
    "the planned VLAN": (
        "lyon inside",
        ("interfaces ge-0/0/0 vlan-tagging", "interfaces ge-0/0/0 unit 7 vlan-id 7"),
        (),
    ),
    "another VLAN": (
        "lyon inside",
        ("interfaces ge-0/0/0 unit 7 vlan-id 8",),
        (("interfaces ge-0/0/0 unit 7", "and no other use", "vlan-id 8"),),
    ),
    "tagging of an interface without": (
        "hub inside",
        ("interfaces reth0 vlan-tagging",),
        (("interfaces reth0", "10.99.0.2/30, and no other use", "vlan-tagging"),),
    ),
    "services of the loopback interface without ike": (
        "hub inside",
        (ZONE.format("untrust", "interfaces lo0.0 ", "system-services", "ping"),),
        (("zone untrust interface lo0.0", "system-services ike", "ping at the top level"),),
    ),
    "a router ID on the loopback interface": (
        "hub inside", ("interfaces lo0 unit 0 family inet address 10.255.255.1/32",), (),
    ),
    "the loopback interface in another zone": (
        "hub inside",
        ("security zones security-zone mgmt interfaces lo0.0",),
        (("interface lo0.0", "in zone untrust", "in zone mgmt"),),
    ),
    "another way to a network behind a router": (
        "hub inside",
        ("routing-options static route 10.50.0.0/16 next-hop 10.20.0.253",),
        (("static route 10.50.0.0/16", "next-hop 10.20.0.254", "next-hop 10.20.0.253"),),
    ),
}  # fmt: skip


class Codec:
    """No statement here has a key."""

    def encode(self, plain: str) -> str:
        return plain

    def decode(self, encoded: str) -> str:
        return encoded


def commands(device: DevicePlan, *others: str) -> list[str]:
    return [*to_set(render(device)).splitlines(), *(f"set {other}" for other in others)]


@pytest.mark.parametrize("case", CASES)
def test_conflicts(case: str) -> None:
    name, others, expected = CASES[case]
    device = DEVICES[name]
    found = find_conflicts(device, render(device), commands(device, *others), {}, Codec())
    assert len(found) == len(expected), found
    for finding, (subject, wanted, actual) in zip(found, expected, strict=True):
        assert subject in finding.object
        assert wanted in finding.expected
        assert actual in finding.actual


def test_preflight_sees_the_planned_vlan_and_the_loopback_interface() -> None:
    device = DEVICES["lyon inside"]
    vlan = ("interfaces ge-0/0/0 vlan-tagging", "interfaces ge-0/0/0 unit 7 vlan-id 7")
    address = "interfaces ge-0/0/0 unit 7 family inet address 198.51.100.2/31"
    (wan,) = existing_parts(device, outside(commands(device, *vlan, address), device.group))
    assert (wan.name, wan.actual, wan.advice) == (
        "WAN ge-0/0/0.7",
        "198.51.100.2/31",
        "nhtb_manage_wan_interface: false",
    )
    hub = DEVICES["hub inside"]
    loopback = "interfaces lo0 unit 0 family inet address 192.0.2.65/32"
    parts = existing_parts(hub, outside(commands(hub, loopback), hub.group))
    assert {part.name: part.actual for part in parts} == {"WAN reth0.0": "none", "WAN lo0.0": "192.0.2.65/32"}
