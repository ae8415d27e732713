# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the VPN object in the lab: up as rendered, and each broken with the finding that names it."""

from __future__ import annotations

import typing as t

import pytest

from tests.golden.networks import plan
from tests.lab_tests.findings import support
from tests.lab_tests.findings.support import Fleet

HUB, OSLO = "hub", "oslo"
AT_HUB, AT_OSLO = "security ipsec vpn oslo-vpn", "security ipsec vpn hub-vpn"
# Host, change, the finding below the others, part of its actual value, part of its remedy.
BROKEN: dict[str, tuple[str, tuple[str, ...], str, str, str]] = {
    "another proxy identity at the hub": (
        HUB, (f"set {AT_HUB} ike proxy-identity remote 10.2.0.0/25",), "hub ipsec oslo-vpn", "no association",
        "proxy identities with oslo",
    ),
    "no proxy identity at the spoke": (
        OSLO, (f"delete {AT_OSLO} ike proxy-identity",), "hub ipsec oslo-vpn", "no association",
        "proxy identities with oslo",
    ),
    "another service at the spoke": (
        OSLO, (f"set {AT_OSLO} ike proxy-identity service junos-https",), "hub ipsec oslo-vpn", "no association",
        "proxy identities with oslo",
    ),
    "monitor of an address elsewhere": (
        OSLO, (f"set {AT_OSLO} vpn-monitor destination-ip 10.77.0.1",), "oslo monitoring hub-vpn", "down",
        "nhtb_vpn.monitor.destination",
    ),
    "monitor of an address elsewhere at the hub": (
        HUB, (f"set {AT_HUB} vpn-monitor destination-ip 10.77.0.1",), "hub monitoring oslo-vpn", "down",
        "nhtb_vpn.monitor.destination",
    ),
    "no monitor": (
        OSLO, (f"delete {AT_OSLO} vpn-monitor",), "oslo monitoring hub-vpn", "off", "vpn-monitor of hub-vpn",
    ),
    "a peer that answers no ping": (
        HUB, ("delete security zones security-zone trust host-inbound-traffic",), "oslo monitoring hub-vpn", "down",
        "hub has host-inbound ping",
    ),
}  # fmt: skip
LOCAL = (
    (OSLO, f"set {AT_OSLO} df-bit set"),
    (HUB, f"delete {AT_HUB} copy-outer-dscp"),
    (HUB, f"delete {AT_HUB} ike no-anti-replay"),
    (OSLO, f"set {AT_OSLO} ike anti-replay-window-size 64"),
    (OSLO, f"set {AT_OSLO} ike idle-time 60"),
    (OSLO, "set interfaces st0 unit 0 family inet mtu 1500"),
    (HUB, "set security ipsec vpn-monitor-options interval 60"),
)


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "KEYS", dict.fromkeys((HUB, OSLO, "pisa"), "a-key-of-this-test"))


def failed(syntax: str, changes: dict[str, tuple[str, ...]]) -> list[t.Any]:
    found = Fleet(syntax, changes, plan("vpn_options", syntax)).verify((HUB, OSLO))
    return [one for one in found if one.state in ("failed", "unknown")]


@pytest.mark.parametrize("syntax", ["modern", "classic"])
def test_the_network_is_verified_as_rendered(syntax: str) -> None:
    assert [str(one) for one in failed(syntax, {})] == []


@pytest.mark.parametrize("syntax", ["modern", "classic"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_option_is_found_by_its_check(syntax: str, name: str) -> None:
    host, change, line, actual, remedy = BROKEN[name]
    if syntax == "classic":
        change = tuple(one.replace("inbound-traffic", "inbound-traffic system-services all") for one in change)
    found = failed(syntax, {host: change})
    [own] = [one for one in found if one.check == "configuration"]
    assert own.host == host
    first = next(one for one in found if one.check != "configuration")
    assert f"{first.host} {first.check} {first.object}" == line
    assert actual in first.actual
    assert remedy in first.remedy
    assert all("Fix" in one.remedy for one in found if one.check == "routes" and first.check == "monitoring")


@pytest.mark.parametrize(("host", "change"), LOCAL)
def test_an_option_of_one_end_is_found_in_its_configuration(host: str, change: str) -> None:
    [only] = failed("modern", {host: (change,)})
    assert (only.host, only.check) == (host, "configuration")
