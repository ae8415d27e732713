# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The behaviours of which nothing is known for Junos: each value of a switch, and the default is the hostile one."""

from __future__ import annotations

import typing as t

import pytest

from tests.lab.errors import LabError
from tests.lab.inventory import _switches
from tests.lab.switches import HOSTILE, SWITCHES, Switches
from tests.lab_tests.network.support import HUB, WESTFORD, Changes, Options, build

_GATEWAY, _VPN = "set security ike gateway", "set security ipsec vpn"
_WIDER = {
    HUB: (f"{_VPN} westford-vpn ike proxy-identity local 10.0.0.0/8",
          f"{_VPN} westford-vpn ike proxy-identity remote 192.168.178.0/24"),
    WESTFORD: (f"{_VPN} corp-vpn ike proxy-identity local 192.168.178.0/24",
               f"{_VPN} corp-vpn ike proxy-identity remote 10.10.10.0/24"),
}  # fmt: skip
_LETTERS = {
    HUB: (f"{_GATEWAY} westford-gate remote-identity hostname West.Example.Net",),
    WESTFORD: (f"{_GATEWAY} corp-gate local-identity hostname west.example.net",),
}
_CLOSED = {WESTFORD: ("delete security zones security-zone untrust host-inbound-traffic system-services ike",)}
_CBC = (
    "set security ipsec proposal esp-gcm encryption-algorithm aes-256-cbc",
    "set security ipsec proposal esp-gcm authentication-algorithm hmac-sha-256-128",
)
_NUMBERS = {HUB: _CBC, WESTFORD: (*_CBC, "set security ipsec proposal esp-gcm extended-sequence-number")}

# What decides whether the tunnel to Westford comes up: the changes, and the two values of a switch.
DECIDES: t.Mapping[str, tuple[Changes, str, str]] = {
    "narrowing": (_WIDER, "refused", "allowed"),
    "identity_case": (_LETTERS, "exact", "ignored"),
    "inbound_ike": (_CLOSED, "needed", "answered"),
    "sequence_numbers": (_NUMBERS, "alone", "both"),
}


def chosen(**values: str) -> Options:
    return Options(switches=Switches(**values))


@pytest.mark.parametrize("name", DECIDES)
def test_the_default_refuses_and_the_other_value_does_not(name: str) -> None:
    changes, hostile, friendly = DECIDES[name]
    assert getattr(HOSTILE, name) == hostile
    assert not build("modern", changes, chosen(**{name: hostile})).is_up(HUB, "westford-vpn")
    assert build("modern", changes, chosen(**{name: friendly})).is_up(HUB, "westford-vpn")


def test_ikev1_narrows_with_neither() -> None:
    version_1 = {
        HUB: (*_WIDER[HUB], "delete security ike gateway westford-gate version", *_CBC_1),
        WESTFORD: (*_WIDER[WESTFORD], "delete security ike gateway corp-gate version", *_CBC_1),
    }
    lab = build("modern", version_1, chosen(narrowing="allowed"))
    assert not lab.is_up(HUB, "westford-vpn")
    assert "Failed to match the peer proxy ids" in lab.lines(HUB)


_CBC_1 = (
    "set security ike proposal ike-gcm encryption-algorithm aes-256-cbc",
    "set security ike proposal ike-gcm authentication-algorithm sha-256",
)


@pytest.mark.parametrize(("value", "encryption"), [("initiator", "aes-128-gcm"), ("responder", "aes-256-gcm")])
def test_one_end_decides_between_common_proposals(value: str, encryption: str) -> None:
    other = "set security ipsec proposal small encryption-algorithm aes-128-gcm"
    policy = "security ipsec policy vpn-modern proposals"
    lab = build("modern", {
        HUB: (other, f"set {policy} small"),
        WESTFORD: (other, f"delete {policy} esp-gcm", f"set {policy} small", f"set {policy} esp-gcm"),
    }, chosen(proposal_order=value))  # fmt: skip
    row = next(row for row in lab.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn")
    assert row.proposal is not None
    assert row.proposal.encryption == encryption
    assert next(row.role for row in lab.network.ike_sas(HUB) if row.remote == "3.3.3.2") == "responder"


@pytest.mark.parametrize(("value", "number"), [("one", 1), ("two", 2)])
def test_ends_that_start_at_once_leave_one_tunnel_or_two(value: str, number: int) -> None:
    lab = build("modern", options=chosen(both_start=value))
    for host, peer in ((HUB, "3.3.3.2"), (WESTFORD, "1.1.1.2")):
        rows = [row for row in lab.network.ike_sas(host) if row.remote == peer]
        assert len({row.cookies for row in rows}) == len({row.index for row in rows}) == number
        [tunnel] = [row for row in lab.network.tunnel_rows(host) if row.vpn.name in ("westford-vpn", "corp-vpn")]
        assert len({pair.inbound for pair in tunnel.pairs}) == number
    lab.network.clear_ike(HUB, lambda row: row.remote == "3.3.3.2")
    assert lab.is_up(HUB, "westford-vpn")


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.name)
def test_a_variable_selects_the_behaviour(switch: t.Any) -> None:
    first, second = switch.values
    assert getattr(_switches("hub", {}), switch.name) == first
    assert getattr(_switches("hub", {switch.variable: second}), switch.name) == second
    with pytest.raises(LabError, match=f"hub: {switch.variable} = another: not one of {first}, {second}"):
        _switches("hub", {switch.variable: "another"})
