# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where packets for the VPN go while a tunnel is down, and what the check ``leak`` says, up and down alike."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding

from tests.golden.networks import plan
from tests.lab import operational
from tests.lab_tests.findings.support import DirectSession, Fleet
from tests.lab_tests.network.support import (
    CORPORATE_HOST,
    HUB,
    LAN_INTERFACE,
    SUNNYVALE,
    SUNNYVALE_HOST,
    WESTFORD,
    WESTFORD_HOST,
    Changes,
)

SYNTAXES = ("classic", "modern")
# An operator's own policy and NAT to the Internet.
OWN_INTERNET = tuple(
    f"set security policies from-zone trust to-zone untrust policy own {words}"
    for words in ("match source-address any", "match destination-address any", "match application any", "then permit")
)


class Network(Fleet):
    """The document's network, planned with variables, after changes of devices, at their top level by default."""

    def __init__(self, syntax: str, changes: Changes | None = None, *, at_top: bool = True, **variables: t.Any) -> None:
        super().__init__(syntax, changes or {}, plan("document", syntax, **variables), at_top=at_top)

    def down(self, host: str = HUB, vpn: str = "westford-vpn") -> None:
        """Take a tunnel down, and hold it down."""
        assert self.network.ping(WESTFORD, CORPORATE_HOST, interface=LAN_INTERFACE[WESTFORD]).received
        self.network.flap(host, vpn, seconds=10000.0)

    def fate(self, source: str, destination: str) -> tuple[str, str]:
        """Return where a packet that does not arrive ends, and how."""
        failure = self.network.reachable(source, destination).failure
        assert failure is not None
        return failure.device, failure.code

    def leaks(self) -> dict[str, str]:
        """Return the findings of the check by host and object."""
        return {f"{one.host} {one.object}": one.state for one in self.leak_findings()}

    def leak_findings(self) -> list[Finding]:
        return [one for one in self.verify() if one.check == "leak"]


CLOSED = {"corporate zone trust": "ok", "corporate zone vpn": "ok", "westford zone trust": "ok"}


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_without_fail_closed_packets_leave_in_clear(syntax: str) -> None:
    network = Network(syntax, nhtb_fail_closed=False)
    network.down()
    assert network.fate(CORPORATE_HOST, WESTFORD_HOST) == (HUB, "in-clear")
    if syntax == "modern":
        assert network.fate(WESTFORD_HOST, CORPORATE_HOST) == (WESTFORD, "in-clear")
    assert network.leaks() == {"corporate all zones": "skipped", "westford all zones": "skipped"}


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_policy_denies_them(syntax: str) -> None:
    network = Network(syntax)
    assert network.leaks() == CLOSED
    network.down()
    assert network.fate(CORPORATE_HOST, WESTFORD_HOST) == (HUB, "deny")
    if syntax == "modern":
        assert network.fate(WESTFORD_HOST, CORPORATE_HOST) == (WESTFORD, "deny")
    assert network.leaks() == CLOSED


def test_from_spoke_to_spoke_with_the_second_tunnel_down() -> None:
    own = tuple(line.replace("from-zone trust", "from-zone vpn") for line in OWN_INTERNET)
    network = Network("modern", {HUB: own}, nhtb_fail_closed=False)
    network.down(HUB, "sunnyvale-vpn")
    # The route of a static entry stays active on Junos while its tunnel is down.
    assert network.fate(WESTFORD_HOST, SUNNYVALE_HOST) == (HUB, "held")
    network = Network("modern", {HUB: own}, nhtb_fail_closed=False)
    network.down()
    assert network.fate(SUNNYVALE_HOST, WESTFORD_HOST) == (HUB, "in-clear")
    network = Network("modern")
    network.down()
    assert network.fate(SUNNYVALE_HOST, WESTFORD_HOST) == (HUB, "deny")
    network = Network("modern", {HUB: ("set security policies default-policy permit-all",)})
    network.down()
    assert network.fate(SUNNYVALE_HOST, WESTFORD_HOST) == (HUB, "deny")


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_routes_reject_them_where_the_policy_is_the_operators(syntax: str) -> None:
    changes = {HUB: OWN_INTERNET, WESTFORD: OWN_INTERNET}
    network = Network(syntax, changes, nhtb_manage_internet_policy=False)
    assert network.leaks() == CLOSED
    network.down()
    assert network.fate(CORPORATE_HOST, WESTFORD_HOST) == (HUB, "reject")
    assert network.fate(SUNNYVALE_HOST, WESTFORD_HOST) == (HUB, "reject")
    if syntax == "modern":
        assert network.fate(WESTFORD_HOST, CORPORATE_HOST) == (WESTFORD, "reject")
    assert network.leaks() == CLOSED


def test_an_operators_policy_before_ours_is_a_leak() -> None:
    network = Network("modern", {HUB: OWN_INTERNET})
    network.down()
    assert network.fate(CORPORATE_HOST, WESTFORD_HOST) == (HUB, "in-clear")
    [found] = [one for one in network.leak_findings() if one.state == "failed"]
    assert (found.host, found.object) == (HUB, "zone trust")
    assert "policy own allows them" in found.actual
    assert "nhtb_manage_internet_policy: false" in found.remedy


def test_an_operators_discard_is_no_leak() -> None:
    """An own policy to the Internet comes before ours, but the operator's own routes drop the packets."""
    discard = tuple(f"set routing-options static route {net} discard" for net in ("192.168.178.0/24",))
    network = Network("modern", {HUB: (*OWN_INTERNET, *discard)})
    found = {one.object: one.actual for one in network.leak_findings() if one.host == HUB}
    assert found["zone trust"].startswith("192.168.168.0/24: policy own allows them; their route is not passive")


def test_a_passive_route_that_is_overridden_is_a_leak() -> None:
    active = "set routing-options static route 192.168.178.0/24 active"
    network = Network("modern", {HUB: (*OWN_INTERNET, active)}, nhtb_manage_internet_policy=False)
    [found] = [one for one in network.leak_findings() if one.state == "failed"]
    assert found.actual.startswith("192.168.178.0/24: their route is not passive; policy own allows them")


def test_a_screenos_spoke_denies_them_too() -> None:
    for managed in (True, False):
        network = Network("classic", nhtb_manage_internet_policy=managed)
        policies = network.network.view(SUNNYVALE).policies["Trust", "Untrust"]
        assert (policies[0].action, policies[0].destinations) == ("deny", ("corp-net", "westford-net"))


# --- devices that do not answer as asked ---------------------------------------------------------


@pytest.fixture
def without_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(operational.RPCS, "match-firewall-policies")


@pytest.mark.usefixtures("without_lookup")
def test_the_configuration_tells_where_the_policy_lookup_is_missing() -> None:
    assert Network("modern").leaks() == CLOSED
    assert Network("modern", {HUB: OWN_INTERNET}).leaks()["corporate zone trust"] == "failed"


@pytest.mark.usefixtures("without_lookup")
def test_unknown_where_neither_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: DirectSession, _filter: str = "") -> list[str]:
        raise SessionError("corporate: read the configuration: expected to succeed, actual: denied.", "rejected")

    monkeypatch.setattr(DirectSession, "effective", refuse)
    found = Network("modern").leak_findings()
    assert {one.state for one in found} == {"unknown"}
    assert all("denied" in one.actual for one in found)


def test_a_global_policy_counts_where_no_policy_of_the_zones_decides() -> None:
    permit = tuple(
        line.replace("from-zone trust to-zone untrust policy own", "global policy own") for line in OWN_INTERNET
    )
    network = Network("modern", {WESTFORD: permit}, nhtb_manage_internet_policy=False)
    assert network.leaks() == CLOSED
    active = "set routing-options static route 10.10.10.0/24 active"
    network = Network("modern", {WESTFORD: (*permit, active)}, nhtb_manage_internet_policy=False)
    assert network.leaks()["westford zone trust"] == "failed"
