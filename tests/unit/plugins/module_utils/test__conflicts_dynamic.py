# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statements outside the group that exclude a WAN with an address from the provider, or a peer known by identity."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.claims import peer_conflicts
from ansible_collections.hubspoke.srx.plugins.module_utils._config.interfaces import interface_conflicts
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import outside
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Interface, Unit
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Identity

from .sample_fleet import HUB, TO_OSLO

LEASED = replace(HUB.site.wans[0], address=None, ip=None, gateway=None, addressing="dhcp")
DIALLED = replace(LEASED, interface="pp0.0", addressing="pppoe", underlying="ge-0/0/3.0")
DHCP = "set interfaces ge-0/0/3 unit 0 family inet dhcp"
PPP = "set interfaces pp0 unit 0 ppp-options chap local-name hub"


def conflicts(wan: str, *commands: str, managed: bool = True) -> list[tuple[str, str, str]]:
    """Return place, expected and actual value of each conflict."""
    chosen = {"dhcp": LEASED, "pppoe": DIALLED}[wan]
    name, _dot, number = chosen.interface.partition(".")
    interfaces = (Interface(name, (Unit(number, ()),)),) if managed else ()
    plan = replace(HUB, site=replace(HUB.site, wans=(chosen,), lans=()), interfaces=interfaces)
    found = interface_conflicts(plan, outside(commands, "hubspoke"))
    return [(one.object, one.expected, one.actual) for one in found]


@pytest.mark.parametrize(
    ("wan", "commands", "managed"),
    [("dhcp", (), True), ("dhcp", (DHCP,), True), ("dhcp", (DHCP,), False), ("pppoe", (PPP,), True)],
)
def test_what_the_device_has_from_its_provider_is_no_conflict(
    wan: str, commands: tuple[str, ...], managed: bool
) -> None:
    assert conflicts(wan, *commands, managed=managed) == []


def test_a_static_address_excludes_a_lease() -> None:
    assert conflicts("dhcp", "set interfaces ge-0/0/3 unit 0 family inet address 192.0.2.9/30") == [
        (
            "interfaces ge-0/0/3 unit 0",
            "family inet dhcp, and no other use",
            "family inet address 192.0.2.9/30 at the top level",
        )
    ]


def test_an_unmanaged_wan_without_dhcp_has_no_address() -> None:
    assert conflicts("dhcp", managed=False) == [
        ("interfaces ge-0/0/3 unit 0", "family inet dhcp, as it is unmanaged", "no such statement")
    ]


def test_user_and_password_of_the_provider_are_missing() -> None:
    assert conflicts("pppoe") == [
        ("interfaces pp0 unit 0", "ppp-options with user and password of the provider", "no ppp-options")
    ]


def test_another_gateway_with_the_identity_of_a_peer_is_found() -> None:
    wan = replace(TO_OSLO.peer.wan, address=None, ip=None, addressing="dhcp")
    tunnel = replace(
        TO_OSLO, peer=replace(TO_OSLO.peer, wan=wan), remote_identity=Identity("hostname", "oslo.example.net")
    )
    commands = ["set security ike gateway old dynamic hostname oslo.example.net"]
    [found] = peer_conflicts(replace(HUB, tunnels=(tunnel,)), outside(commands, "hubspoke"))
    assert (found.object, found.expected) == (
        "security ike gateway old",
        "oslo-gate as the only gateway for hostname oslo.example.net",
    )
    assert found.remedy.endswith("Junos uses the first gateway with the peer's identity.")
