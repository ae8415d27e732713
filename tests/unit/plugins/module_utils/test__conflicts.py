# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statements outside our group that override or contradict a planned one, by data."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import excepted, fits, of_group, outside
from ansible_collections.hubspoke.srx.plugins.module_utils._device.prechecks import (
    check_conflicts,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ConflictError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job
from ansible_collections.hubspoke.srx.plugins.module_utils._model.vpn_options import (
    MonitorTimers,
    VpnMonitor,
    VpnOptions,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from .readable_codec import Codec
from .sample_conflicts import DENY, KEYS, PLAN, found

EVERYTHING = f"{DENY} match source-address any destination-address any application any"


CONFLICTS = [
    # Statement, object, expected, actual.
    ("security flow tcp-mss ipsec-vpn mss 1200", "security flow tcp-mss ipsec-vpn", "mss 1350", "mss 1200 at the top"),
    ("security ike gateway oslo-gate address 192.0.2.77", "oslo-gate", "address 198.51.100.2", "address 192.0.2.77"),
    (
        "security ike gateway oslo-gate local-identity inet 192.0.2.2",
        "oslo-gate",
        "no statement outside",
        "local-identity",
    ),
    ("security ike proposal ike-aes dh-group group14", "ike proposal ike-aes", "dh-group group19", "dh-group group14"),
    (
        "security ike policy ike-policy-group19 mode aggressive",
        "ike-policy-group19",
        "no statement outside",
        "aggressive",
    ),
    ("security ipsec proposal esp-aes lifetime-seconds 600", "esp-aes", "lifetime-seconds 3600", "seconds 600"),
    ("security ipsec policy vpn-policy1 perfect-forward-secrecy keys group5", "vpn-policy1", "keys group2", "group5"),
    ("security ipsec vpn oslo-vpn establish-tunnels on-traffic", "oslo-vpn", "immediately", "on-traffic"),
    ("security ipsec vpn oslo-vpn bind-interface st0.9", "oslo-vpn", "bind-interface st0.0", "bind-interface st0.9"),
    ("security ipsec vpn other bind-interface st0.0", "vpn other", "a unit other than st0.0", "bind-interface st0.0"),
    (
        "interfaces st0 unit 0 family inet address 10.9.9.1/24",
        "interfaces st0.0",
        "no statement outside",
        "10.9.9.1/24",
    ),
    ("interfaces st0 unit 0 point-to-point", "interfaces st0.0", "no statement outside", "point-to-point at the top"),
    (
        "interfaces st0 unit 5 family inet next-hop-tunnel 10.9.9.2 ipsec-vpn lima-vpn",
        "security ipsec vpn lima-vpn",
        "bound to st0 unit 0 next-hop-tunnel 10.1.255.3 only",
        "st0 unit 5 next-hop-tunnel 10.9.9.2 ipsec-vpn lima-vpn",
    ),
    (
        "interfaces st0 unit 0 family inet next-hop-tunnel 10.1.255.3 ipsec-vpn other",
        "next-hop-tunnel 10.1.255.3",
        "ipsec-vpn lima-vpn",
        "ipsec-vpn other at the top level",
    ),
    (
        "interfaces st0 unit 0 family inet next-hop-tunnel 10.1.255.2 ipsec-vpn other",
        "next-hop-tunnel 10.1.255.2",
        "ipsec-vpn oslo-vpn",
        "ipsec-vpn other at the top level",
    ),
    ("security ike gateway old address 203.0.113.2", "gateway old", "lima-gate as the only", "address 203.0.113.2"),
    ("routing-options static route 10.1.2.0/24 next-hop 192.0.2.9", "10.1.2.0/24", "next-hop 10.1.255.2", "192.0.2.9"),
    ("routing-options static route 10.1.2.0/24 discard", "10.1.2.0/24", "no statement outside", "discard at the top"),
    ("security address-book global address oslo-net 10.7.0.0/16", "address oslo-net", "10.1.2.0/24", "10.7.0.0/16"),
    (
        "security zones security-zone guests address-book address a 10.7.0.9/32",
        "security zones security-zone guests address-book",
        "only the global address book of group",
        "address a 10.7.0.9/32",
    ),
    ("security zones security-zone lan interfaces ge-0/0/0", "interface ge-0/0/0.0", "zone trust", "in zone lan"),
    (
        "security zones functional-zone management interfaces st0.0",
        "interface st0.0",
        "in zone vpn",
        "in zone management",
    ),
    (
        "security zones security-zone untrust interfaces ge-0/0/3.0 host-inbound-traffic system-services ssh",
        "zone untrust interface ge-0/0/3.0",
        "system-services ike",
        "ssh at the top level",
    ),
    (
        "security policies from-zone trust to-zone vpn policy to-spokes then deny",
        "policy to-spokes",
        "then permit",
        "then deny",
    ),
    # The device as it is found.
    ("interfaces ge-0/0/0 unit 0 family inet address 10.1.1.1/16", "ge-0/0/0 unit 0", "10.1.1.1/24 alone", "1.1/16 at"),
    ("interfaces ge-0/0/0 unit 0 family inet address 10.9.1.1/24", "ge-0/0/0 unit 0", "10.1.1.1/24 alone", "10.9.1.1"),
    ("interfaces ge-0/0/3 unit 0 family inet address 192.0.2.9/29", "ge-0/0/3 unit 0", "192.0.2.2/30 alone", "2.9/29"),
    ("interfaces ge-0/0/3 unit 0 family inet dhcp", "ge-0/0/3 unit 0", "192.0.2.2/30, and no other", "dhcp at the top"),
    ("interfaces ge-0/0/3 unit 0 family inet dhcp-client", "ge-0/0/3 unit 0", "192.0.2.2/30, and no", "dhcp-client"),
    ("interfaces ge-0/0/3 disable", "interfaces ge-0/0/3", "192.0.2.2/30, and no", "disable at the top level"),
    ("interfaces ge-0/0/3 unit 0 disable", "ge-0/0/3 unit 0", "192.0.2.2/30, and no", "disable at the top level"),
    ("interfaces st0 disable", "interfaces st0", "enabled", "disable at the top level"),
    ("interfaces ge-0/0/0 vlan-tagging", "interfaces ge-0/0/0", "10.1.1.1/24, and no", "vlan-tagging at the top level"),
    ("interfaces ge-0/0/0 unit 0 vlan-id 7", "ge-0/0/0 unit 0", "10.1.1.1/24, and no", "vlan-id 7 at the top level"),
    (
        "interfaces ge-0/0/0 gigether-options redundant-parent reth1",
        "interfaces ge-0/0/0",
        "10.1.1.1/24, and no other use",
        "redundant-parent reth1",
    ),
    (
        "interfaces ge-0/0/0 unit 0 family ethernet-switching vlan members vlan-trust",
        "ge-0/0/0 unit 0",
        "10.1.1.1/24, and no other use",
        "family ethernet-switching vlan members vlan-trust",
    ),
    (
        "security zones security-zone trust interfaces ge-0/0/0.0 host-inbound-traffic system-services ping",
        "zone trust interface ge-0/0/0.0",
        "system-services all",
        "ping at the top level",
    ),
    (
        "security zones security-zone untrust host-inbound-traffic system-services ike except",
        "zone untrust interface ge-0/0/3.0",
        "system-services ike",
        "ike, ike except in the zone",
    ),
    ("routing-instances isp interface ge-0/0/0.0", "interface ge-0/0/0.0", "in no routing instance", "instance isp at"),
    ("routing-instances isp interface st0", "interface st0.0", "in no routing instance", "in routing instance isp"),
    ("security apply-groups-except hubspoke", "security", "group hubspoke inherited", "apply-groups-except hubspoke"),
]


@pytest.mark.parametrize(("statement", "thing", "expected", "actual"), CONFLICTS)
def test_one_statement_is_one_finding_that_names_both_sides(
    statement: str, thing: str, expected: str, actual: str
) -> None:
    (finding,) = found(statement)
    assert (finding.host, finding.check, finding.state) == ("hub1", "conflicts", "failed")
    assert thing in finding.object
    assert expected in finding.expected
    assert actual in finding.actual
    assert finding.remedy


@pytest.mark.parametrize(
    "statement",
    [
        "security flow tcp-mss ipsec-vpn mss 1350",
        "security flow tcp-mss all-tcp mss 1400",
        'security ike gateway oslo-gate description "made by [ hand ]"',
        "security ike gateway oslo-gate address 198.51.100.2",
        "security ike gateway elsewhere address 203.0.113.77",
        'security ike policy ike-policy-group19 pre-shared-key ascii-text "$9$of-the-plan"',
        "security ipsec vpn other bind-interface st0.1",
        "interfaces st0 unit 1 family inet next-hop-tunnel 10.9.9.2 ipsec-vpn other",
        "interfaces st0 unit 0 family inet address 10.1.255.1/24",
        "interfaces st0 unit 0 description tunnels",
        "routing-options static route 10.1.2.0/24 preference 7",
        "routing-options static route 10.99.0.0/16 discard",
        "security address-book global address oslo-net 10.1.2.0/24",
        "security address-book global address printer 10.1.1.9/32",
        "security zones security-zone trust interfaces ge-0/0/0.0",
        "security zones security-zone lan interfaces ge-0/0/7.0",
        "security zones security-zone untrust interfaces ge-0/0/3.0 host-inbound-traffic system-services ike",
        "groups unused security flow tcp-mss ipsec-vpn mss 1200",
        "system host-name other",
    ],
)
def test_the_same_statement_or_an_unrelated_one_is_no_conflict(statement: str) -> None:
    assert found(statement) == ()


def test_an_inactive_statement_is_no_conflict() -> None:
    statement = "security flow tcp-mss ipsec-vpn mss 1200"
    assert found(statement, "deactivate security flow") == ()
    assert found(statement, "deactivate security flow tcp-mss all-tcp") != ()


@pytest.mark.parametrize("held", ["$9$of-another-user", "of-another-user"])
def test_another_key_is_a_conflict_and_never_shown(held: str) -> None:
    (finding,) = found(f'security ike policy ike-policy1 pre-shared-key ascii-text "{held}"')
    assert "of-another-user" not in str(finding)
    assert "of-the-plan" not in str(finding)
    assert finding.actual == "pre-shared-key ascii-text (masked) at the top level"


def test_a_key_that_cannot_be_decoded_is_unknown() -> None:
    (finding,) = found('security ike policy ike-policy1 pre-shared-key ascii-text "$8$aes256-gcm$abc"')
    assert finding.state == "unknown"
    assert "$8$" not in str(finding)


def test_all_conflicts_are_named_at_once_and_an_unknown_one_is_a_warning() -> None:
    group = to_set(render(PLAN)).replace('"<pre-shared-key of hub1>"', '"$9$of-the-plan"').splitlines()

    def warnings(*others: str) -> list[str]:
        return check_conflicts(Job(PLAN, render(PLAN)), [*group, *others], group, KEYS, Codec())

    assert warnings() == []
    (warning,) = warnings('set security ike policy ike-policy1 pre-shared-key ascii-text "$8$x"')
    assert "only the device can decode" in warning
    with pytest.raises(ConflictError, match=r"(?s)mss 1200.*st0\.0") as raised:
        warnings("set security flow tcp-mss ipsec-vpn mss 1200", "set security ipsec vpn x bind-interface st0.0")
    assert raised.value.reason == "conflict"


def test_a_devices_statements_are_divided_by_group() -> None:
    commands = [
        'set groups g security ike gateway a description "two words"',
        "set groups h security flow tcp-mss ipsec-vpn mss 1300",
        "set apply-groups [ h g ]",
        "set security apply-groups-except g",
        "deactivate groups g security ike gateway a",
    ]
    assert of_group(commands, "g") == [
        ("set", "groups", "g", "security", "ike", "gateway", "a", "description", "two words"),
        ("set", "apply-groups", "g"),
        ("deactivate", "groups", "g", "security", "ike", "gateway", "a"),
    ]
    (statement,) = outside(commands, "g")
    assert (statement.words[-1], statement.group, statement.wins, statement.where) == ("1300", "h", True, "in group h")
    assert excepted(commands, "g") == [("security",)]
    assert fits(("<ge-*>", "unit"), ("ge-0/0/1", "unit"))
    assert not fits(("<ge-*>",), ("xe-0/0/1",))


TO_OSLO_VPN = "security ipsec vpn oslo-vpn"


@pytest.mark.parametrize(
    ("line", "actual"),
    [
        (f"{TO_OSLO_VPN} df-bit copy", "df-bit copy at the top level"),
        (f"{TO_OSLO_VPN} vpn-monitor optimized", "vpn-monitor optimized at the top level"),
        (f"{TO_OSLO_VPN} traffic-selector lan local-ip 10.1.0.0/24", "traffic-selector lan local-ip 10.1.0.0/24"),
        ("security ipsec vpn-monitor-options interval 60", "interval 60 at the top level"),
        ("interfaces st0 unit 0 family inet mtu 1500", "family inet mtu 1500 at the top level"),
    ],
)
def test_another_option_of_a_vpn_is_a_conflict_and_the_same_one_is_none(line: str, actual: str) -> None:
    [tunnel, *others] = PLAN.tunnels
    unit = replace(tunnel.local.unit, mtu=1400)
    site = replace(PLAN.site, units=(unit,))
    bound = [replace(one, local=replace(one.local, site=site, unit=unit)) for one in (tunnel, *others)]
    options = VpnOptions(monitor=VpnMonitor("10.1.2.1"), df_bit="clear")
    tunnels = (replace(bound[0], options=options), *bound[1:])
    plan = replace(PLAN, site=site, tunnels=tunnels, monitor_timers=MonitorTimers(interval=5))
    [conflict] = found(line, plan=plan)
    assert actual in conflict.actual
    same = (f"{TO_OSLO_VPN} df-bit clear", "security ipsec vpn-monitor-options interval 5")
    assert found(*same, "interfaces st0 unit 0 family inet mtu 1400", plan=plan) == ()
