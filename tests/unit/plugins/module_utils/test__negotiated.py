# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tunnels that a change concerns: a table of changes to a hub with two tunnels."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.negotiated import ChangedTunnel, changed_tunnels

EAST = """
ike policy east-ike proposals ike-gcm
ike policy east-ike pre-shared-key ascii-text "$9$east"
ike gateway east-gate ike-policy east-ike
ike gateway east-gate address 192.0.2.1
ike gateway east-gate external-interface ge-0/0/0
ike gateway east-gate version v2-only
ike gateway east-gate dead-peer-detection interval 10
ipsec vpn east-vpn bind-interface st0.0
ipsec vpn east-vpn ike gateway east-gate
ipsec vpn east-vpn ike ipsec-policy vpn-policy
ipsec vpn east-vpn establish-tunnels immediately
""".strip()
SHARED = """
security ike proposal ike-gcm dh-group group20
security ike proposal spare dh-group group14
security ipsec proposal esp-gcm encryption-algorithm aes-256-gcm
security ipsec policy vpn-policy perfect-forward-secrecy keys group20
security ipsec policy vpn-policy proposals esp-gcm
security flow tcp-mss ipsec-vpn mss 1350
security zones security-zone untrust host-inbound-traffic system-services ike
security zones security-zone untrust interfaces ge-0/0/0.0
security zones security-zone trust host-inbound-traffic system-services all
security zones security-zone trust interfaces ge-0/0/1.0
interfaces ge-0/0/0 unit 0 family inet address 198.51.100.2/30
interfaces ge-0/0/1 unit 0 family inet address 10.0.0.1/24
interfaces st0 unit 0 multipoint
interfaces st0 unit 0 family inet mtu 1400
interfaces st0 unit 0 family inet address 10.200.0.1/16
interfaces st0 unit 0 family inet next-hop-tunnel 10.200.0.2 ipsec-vpn east-vpn
routing-options static route 0.0.0.0/0 next-hop 198.51.100.1
routing-options static route 10.1.0.0/24 next-hop 10.200.0.2
""".strip()
WEST = EAST.replace("east", "west").replace("192.0.2.1", "192.0.2.129")
BODY = [*SHARED.splitlines(), *(f"security {line}" for half in (EAST, WEST) for line in half.splitlines())]
UNTRUST = "security zones security-zone untrust"
BOTH, ONE, NONE = {"east-vpn", "west-vpn"}, {"east-vpn"}, set[str]()
# A part of a statement, its replacement (empty: deleted), and the VPNs that change.
CHANGES: t.Sequence[tuple[str, str, set[str]]] = [
    ('"$9$east"', '"$9$other"', ONE),
    ('"$9$east"', '"$9$east-resalted"', NONE),
    ('"$9$east"', '"$8$east"', ONE),
    ("policy east-ike proposals ike-gcm", "policy east-ike proposals spare", ONE),
    ("policy east-ike proposals ike-gcm", "policy east-ike proposals [ ike-gcm spare ]", ONE),
    ("policy east-ike proposals ike-gcm", "policy east-ike mode aggressive", ONE),
    ("address 192.0.2.1\n", "address 192.0.2.3\n", ONE),
    ("gateway east-gate version v2-only", "", ONE),
    ("gateway east-gate version v2-only", "gateway east-gate local-identity hostname hub.example", ONE),
    ("east-gate external-interface ge-0/0/0", "east-gate external-interface ge-0/0/0.0", ONE),
    ("east-gate external-interface ge-0/0/0", "east-gate external-interface ge-0/0/1", ONE),
    ("east-vpn bind-interface st0.0", "east-vpn bind-interface st0.1", ONE),
    ("east-vpn ike ipsec-policy vpn-policy", "east-vpn ike ipsec-policy other", ONE),
    ("east-vpn ike gateway east-gate", "east-vpn ike gateway west-gate", ONE),
    ("east-vpn establish-tunnels immediately", "east-vpn ike proxy-identity local 10.0.0.0/24", ONE),
    ("ike-gcm dh-group group20", "ike-gcm dh-group group19", BOTH),
    ("esp-gcm encryption-algorithm aes-256-gcm", "esp-gcm encryption-algorithm aes-128-gcm", BOTH),
    ("esp-gcm encryption-algorithm aes-256-gcm", "esp-gcm lifetime-seconds 7200", BOTH),
    ("perfect-forward-secrecy keys group20", "perfect-forward-secrecy keys group19", BOTH),
    ("inet address 198.51.100.2/30", "inet address 198.51.100.1/30", BOTH),
    ("inet address 10.200.0.1/16", "inet address 10.200.0.9/16", BOTH),
    ("interfaces ge-0/0/1 unit", "interfaces ge-0/0/0 disable\ninterfaces ge-0/0/1 unit", BOTH),
    ("system-services ike", "system-services ping", BOTH),
    ("untrust interfaces ge-0/0/0.0", "untrust interfaces ge-0/0/0.0 host-inbound-traffic system-services ike", BOTH),
    ("security-zone untrust interfaces ge-0/0/0.0", "security-zone trust interfaces ge-0/0/0.0", BOTH),
    ("next-hop 198.51.100.1", "next-hop 198.51.100.9", BOTH),
    ("route 10.1.0.0/24 next-hop 10.200.0.2", "route 192.0.2.0/25 discard", ONE),
    # No negotiation depends on these.
    ("spare dh-group group14", "spare dh-group group15", NONE),
    ("mss 1350", "mss 1300", NONE),
    ("mtu 1400", "mtu 1300", NONE),
    ("ipsec-vpn east-vpn\n", "ipsec-vpn west-vpn\n", NONE),
    ("untrust interfaces ge-0/0/0.0", f"untrust interfaces ge-0/0/0.0\n{UNTRUST} screen untrust-screen", NONE),
    ("system-services all", "system-services ping", NONE),
    ("inet address 10.0.0.1/24", "inet address 10.0.9.1/24", NONE),
    ("route 10.1.0.0/24 next-hop 10.200.0.2", "route 10.9.0.0/24 next-hop 10.200.0.2", NONE),
    ("east-gate dead-peer-detection interval 10", "east-gate dead-peer-detection interval 20", NONE),
    ("east-vpn establish-tunnels immediately", "east-vpn establish-tunnels on-traffic", NONE),
    ("east-vpn establish-tunnels immediately", "east-vpn vpn-monitor optimized", NONE),
    ("east-vpn establish-tunnels immediately", "east-vpn ike idle-time 600", NONE),
]  # fmt: skip


def group(lines: t.Iterable[str], name: str = "hubspoke") -> list[str]:
    """Return the commands of a group that has these statements, with its application."""
    return [*(f"set groups {name} {line}" for line in lines if line), f"set apply-groups {name}"]


def read(stored: str) -> str | None:
    """Return the plain form of a key; the salt of this one is its ending."""
    return stored.removesuffix("-resalted") if stored.startswith("$9$") else None


def changed(before: t.Iterable[str], after: t.Iterable[str]) -> dict[str, ChangedTunnel]:
    return {one.vpn: one for one in changed_tunnels(before, after, "hubspoke", read)}


def edited(old: str, new: str) -> list[str]:
    text = "\n".join(BODY) + "\n"
    assert old in text, old
    return text.replace(old, new, 1).splitlines()


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES)
def test_a_change_concerns_these_tunnels(old: str, new: str, expected: set[str]) -> None:
    one, other = group(BODY), group(edited(old, new))
    assert changed(one, other).keys() == expected
    assert changed(other, one).keys() == expected


def test_a_change_names_the_gateways_and_peers_of_before_and_after() -> None:
    one = changed(group(BODY), group(edited("address 192.0.2.1\n", "address 192.0.2.3\n")))["east-vpn"]
    assert one == ChangedTunnel("east-vpn", frozenset({"east-gate"}), frozenset({"192.0.2.1", "192.0.2.3"}))


def test_a_new_or_deleted_tunnel_has_no_older_associations() -> None:
    without_west = [line for line in BODY if "west" not in line]
    assert changed(group(without_west), group(BODY)) == {}
    assert changed(group(BODY), group(without_west)) == {}
    assert changed([], group(BODY)) == {}


def test_a_deactivated_statement_is_none() -> None:
    gone = [*group(BODY), "deactivate groups hubspoke security ike gateway east-gate version"]
    assert changed(gone, group(BODY)).keys() == ONE


def test_a_group_that_is_not_applied_has_no_effect() -> None:
    assert changed(group(BODY)[:-1], group(BODY)) == {}


def test_a_statement_that_moves_into_the_group_stays_the_same() -> None:
    """A take-over deletes at the top level what the group has."""
    assert changed([f"set {line}" for line in BODY], group(BODY)) == {}
    assert changed([f"set {line}" for line in edited("mss 1350", "mss 1300")], group(BODY)) == {}
    assert changed([f"set {line}" for line in edited('"$9$east"', '"$9$other"')], group(BODY)).keys() == ONE


def test_a_peer_by_name_may_be_behind_any_route() -> None:
    by_name = edited("address 192.0.2.1\n", "address east.example\n")
    moved = [line.replace("10.1.0.0/24", "10.9.0.0/24") for line in by_name]
    assert changed(group(by_name), group(moved)).keys() == ONE
