# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replies about forwarding: routes, interfaces, policies, zones, sessions."""

from __future__ import annotations

import pytest

from tests.lab import operational
from tests.lab_tests.network.support import (
    CORPORATE_HOST,
    HUB,
    WESTFORD,
    WESTFORD_HOST,
    Lab,
    build,
)
from tests.lab_tests.operational.support import text_of, values_of, xml_of

# --- routes -----------------------------------------------------------------------------------------


def test_route_text_is_the_documents_except_for_the_second_blank() -> None:
    lab = build("modern")
    lab.clock.advance(513)
    assert text_of(lab, "get-route-information", destination="192.168.168.10") == (
        "\ninet.0: 9 destinations, 9 routes (9 active, 0 holddown, 0 hidden)\n"
        "+ = Active Route, - = Last Active, * = Both\n\n"
        "192.168.168.0/24   *[Static/5] 00:08:33\n"
        "                    >  to 10.11.11.11 via st0.0\n"
    )


def test_route_arguments_choose() -> None:
    lab = build("modern")
    rpc = "get-route-information"
    assert values_of(xml_of(lab, rpc, destination="192.168.178.0/24", exact=True), "rt-destination") == [
        "192.168.178.0/24"
    ]
    assert values_of(xml_of(lab, rpc, destination="192.168.178.0/25", exact=True), "rt-destination") == []
    assert values_of(xml_of(lab, rpc, destination="192.168.0.0/16"), "rt-destination") == [
        "192.168.168.0/24",
        "192.168.178.0/24",
    ]
    assert set(values_of(xml_of(lab, rpc, protocol="static"), "protocol-name")) == {"Static"}
    assert len(xml_of(lab, rpc, table="inet6.0").findall("{*}route-table")) == 0
    # The default route matches an address without any other route.
    assert values_of(xml_of(lab, rpc, destination="203.0.113.9"), "rt-destination") == ["0.0.0.0/0"]


def test_a_route_without_next_hop_tunnel_entry_is_hidden() -> None:
    lab = build("classic")
    rpc = "get-route-information"
    assert values_of(xml_of(lab, rpc, destination="192.168.178.10"), "rt-destination") == ["0.0.0.0/0"]
    assert values_of(xml_of(lab, rpc), "hidden-route-count") == ["1"]
    lab.talk()
    assert values_of(xml_of(lab, rpc, destination="192.168.178.10"), "rt-destination") == ["192.168.178.0/24"]
    assert values_of(xml_of(lab, rpc), "hidden-route-count") == ["0"]


# --- interfaces, policies, zones, flows -------------------------------------------------------------


def test_interfaces_terse_and_full() -> None:
    lab = build("modern")
    assert "st0.0                   up    up   inet     10.11.11.10/24" in text_of(
        lab, "get-interface-information", terse=True
    )
    unit = xml_of(lab, "get-interface-information", WESTFORD, interface_name="st0.0")
    assert len(list(unit.iter("{*}iff-point-to-point"))) == 1
    hub = xml_of(lab, "get-interface-information", interface_name="st0.0")
    assert list(hub.iter("{*}iff-point-to-point")) == []
    assert values_of(hub, "logical-interface-zone-name") == ["vpn"]


def test_a_tunnel_takes_its_point_to_point_unit_down_with_it_unless_it_waits_for_traffic() -> None:
    monitor = "set security ipsec vpn corp-vpn vpn-monitor"
    wait = "set security ipsec vpn corp-vpn establish-tunnels on-traffic"
    wrong = "set security ike policy ike-modern pre-shared-key ascii-text another"
    assert _terse_state(build("modern", {WESTFORD: (monitor,)})) == "up"
    assert _terse_state(build("modern", {WESTFORD: (monitor, wrong)})) == "down"
    assert _terse_state(build("modern", {WESTFORD: (wrong,)})) == "down"
    assert _terse_state(build("modern", {WESTFORD: (wait, wrong)})) == "up"


def _terse_state(lab: Lab) -> str:
    return values_of(
        xml_of(lab, "get-interface-information", WESTFORD, interface_name="st0.0", terse=True), "oper-status"
    )[0]


def test_policies_and_zones_are_those_of_the_configuration() -> None:
    lab = build("modern")
    both = xml_of(lab, "get-firewall-policies", from_zone="trust", to_zone="vpn")
    assert values_of(both, "policy-name") == ["local-to-spokes"]
    assert values_of(both, "address-name") == ["local-net", "sunnyvale-net", "westford-net"]
    assert "Default policy: deny-all\n" in text_of(lab, "get-firewall-policies")
    zones = xml_of(lab, "get-zones-information", terse=True)
    assert set(values_of(zones, "zones-security-zonename")) == {"trust", "untrust", "vpn", "junos-host"}


PACKET: dict[str, str | bool] = {
    "source-ip": CORPORATE_HOST, "destination-ip": WESTFORD_HOST, "source-port": "49152", "destination-port": "443",
    "protocol": "tcp",
}  # fmt: skip


@pytest.mark.parametrize(
    ("zones", "changes", "expected"),
    [
        (("trust", "vpn"), (), ["local-to-spokes", "permit"]),
        (("vpn", "untrust"), (), ["Default-Policy", "deny-all"]),
        (("vpn", "untrust"), ("set security policies default-policy permit-all",), ["Default-Policy", "permit-all"]),
    ],
)
def test_a_policy_lookup_names_the_policy_that_decides(
    zones: tuple[str, str], changes: tuple[str, ...], expected: list[str]
) -> None:
    lab = build("modern", {HUB: changes})
    arguments = {"from-zone": zones[0], "to-zone": zones[1], **PACKET}
    found = operational.answer(lab.network, HUB, "match-firewall-policies", arguments).xml
    assert found is not None
    assert values_of(found, "policy-name") + values_of(found, "action-type") == expected
    text = operational.answer(lab.network, HUB, "match-firewall-policies", arguments, "text").text
    assert str(text).strip().startswith(f"Policy: {expected[0]}, action-type: {expected[1]}, State: enabled, Index: ")


def test_a_policy_lookup_needs_zones_and_a_whole_packet() -> None:
    lab = build("modern")
    with pytest.raises(operational.OperationalError, match="missing mandatory argument: from-zone"):
        operational.answer(lab.network, HUB, "match-firewall-policies", PACKET)
    with pytest.raises(operational.OperationalError, match="Zone dmz not found"):
        operational.answer(
            lab.network, HUB, "match-firewall-policies", {"from-zone": "dmz", "to-zone": "vpn", **PACKET}
        )


def test_sessions_of_a_ping_and_of_the_tunnels() -> None:
    lab = build("modern")
    lab.network.ping(HUB, WESTFORD_HOST, interface="ge-0/0/0.0", count=2)
    rpc = "get-flow-session-information"
    icmp = xml_of(lab, rpc, protocol="icmp")
    assert values_of(icmp, "policy") == ["local-to-spokes/4"]
    assert values_of(icmp, "interface-name") == ["ge-0/0/0.0", "st0.0"]
    assert set(values_of(xml_of(lab, rpc, tunnel=True), "protocol")) == {"esp"}
    assert xml_of(lab, rpc, summary=True).tag.endswith("security-flow-information")
    lab.clock.advance(120)
    assert values_of(xml_of(lab, rpc, protocol="icmp"), "policy") == []
