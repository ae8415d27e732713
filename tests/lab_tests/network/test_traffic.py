# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Traffic that passes, as with real IKE and ESP for the same configurations, and the causes of drops."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.lab_tests.network.support import (
    CORPORATE_HOST,
    HUB,
    SUNNYVALE,
    SUNNYVALE_HOST,
    WESTFORD,
    WESTFORD_HOST,
    Lab,
    build,
)

TO_SPOKES = "security policies from-zone trust to-zone vpn policy local-to-spokes"
FROM_SPOKES = "security policies from-zone vpn to-zone trust policy spokes-to-local"
WAYS = {
    "hub to westford": (CORPORATE_HOST, WESTFORD_HOST),
    "hub to sunnyvale": (CORPORATE_HOST, SUNNYVALE_HOST),
    "westford to hub": (WESTFORD_HOST, CORPORATE_HOST),
    "westford to sunnyvale": (WESTFORD_HOST, SUNNYVALE_HOST),
    "sunnyvale to westford": (SUNNYVALE_HOST, WESTFORD_HOST),
}

# The directions that work after one change: hub to each spoke, westford to the hub, spoke to spoke both ways. Measured
# with charon and user-space ESP on the document's network.
TABLE: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("nothing changed", HUB, (), "ok ok ok ok ok"),
    ("static entry for sunnyvale removed", HUB,
     ("delete interfaces st0 unit 0 family inet next-hop-tunnel 10.11.11.11",), "ok - ok - -"),
    ("intrazone policy removed", HUB, ("delete security policies from-zone vpn to-zone vpn",), "ok ok ok - -"),
    ("host-inbound ike removed", HUB,
     ("delete security zones security-zone untrust host-inbound-traffic",), "- - - - -"),
    ("key wrong at sunnyvale", SUNNYVALE, ("a-key-of-this-test -> another-key",), "ok - ok - -"),
    ("PFS group14 at westford", WESTFORD,
     ("set security ipsec policy vpn-policy1 perfect-forward-secrecy keys group14",), "- ok - - -"),
    ("westford's address wrong at the hub", HUB,
     ("delete security ike gateway westford-gate address", "set security ike gateway westford-gate address 3.3.3.9"),
     "- ok - - -"),
    ("bind-interface of westford-vpn removed", HUB,
     ("delete security ipsec vpn westford-vpn bind-interface",), "- ok - - -"),
    ("westford lacks the route to sunnyvale", WESTFORD,
     ("delete routing-options static route 192.168.168.0/24",), "ok ok ok - -"),
    ("the document's own slip", WESTFORD,
     ("delete routing-options static route 0.0.0.0/0", "set routing-options static route 0.0.0.0/0 next-hop 1.1.1.1"),
     "- ok - - -"),
    ("entry of sunnyvale bound to westford's VPN", HUB,
     ("set interfaces st0 unit 0 family inet next-hop-tunnel 10.11.11.11 ipsec-vpn westford-vpn",), "ok - ok - -"),
)  # fmt: skip


# IKEv2 compares the PFS group at the first rekey only: that is a test of its own.
CASES = [
    (variant, *row) for variant in ("classic", "modern") for row in TABLE if variant == "classic" or "PFS" not in row[0]
]


@pytest.mark.parametrize(("variant", "name", "host", "change", "expected"), CASES, ids=lambda one: str(one)[:40])
def test_reachability_is_as_with_a_real_data_plane(
    variant: str, name: str, host: str, change: tuple[str, ...], expected: str
) -> None:
    lab = build(variant, {host: change})
    lab.talk()
    found = {way: lab.network.reachable(*ends) for way, ends in WAYS.items()}
    wanted = dict(zip(WAYS, (word == "ok" for word in expected.split()), strict=True))
    assert {way: verdict.ok for way, verdict in found.items()} == wanted, (name, found)


@dataclass(frozen=True)
class Drop:
    """One change, the direction that it blocks, and the first step that fails."""

    name: str
    host: str
    change: tuple[str, ...]
    way: str
    device: str
    layer: str
    object: str
    code: str


DROPS = (
    Drop("no entry", HUB, ("delete interfaces st0 unit 0 family inet next-hop-tunnel 10.11.11.11",),
         # Its route waits for the entry, so the default route and the Internet policy let the packet out in clear.
         "hub to sunnyvale", HUB, "route", SUNNYVALE_HOST, "in-clear"),
    Drop("entry bound to the wrong VPN", HUB,
         ("set interfaces st0 unit 0 family inet next-hop-tunnel 10.11.11.11 ipsec-vpn westford-vpn",),
         "hub to sunnyvale", HUB, "nhtb", "10.11.11.11", "wrong-vpn"),
    Drop("missing route", HUB, ("delete routing-options static route 192.168.168.0/24",),
         # The default route and the Internet policy let the packet out in clear.
         "hub to sunnyvale", HUB, "route", SUNNYVALE_HOST, "in-clear"),
    Drop("missing route at the spoke", WESTFORD, ("delete routing-options static route 192.168.168.0/24",),
         "sunnyvale to westford", WESTFORD, "route", SUNNYVALE_HOST, "asymmetric"),
    Drop("missing policy out", HUB, ("delete security policies from-zone trust to-zone vpn",),
         "hub to westford", HUB, "policy", "from-zone trust to-zone vpn", "no-policy"),
    Drop("missing policy in", HUB, ("delete security policies from-zone vpn to-zone trust",),
         "westford to hub", HUB, "policy", "from-zone vpn to-zone trust", "no-policy"),
    Drop("missing policy at the spoke", WESTFORD, ("delete security policies from-zone vpn to-zone trust",),
         "hub to westford", WESTFORD, "policy", "from-zone vpn to-zone trust", "no-policy"),
    Drop("missing intrazone policy", HUB, ("delete security policies from-zone vpn to-zone vpn",),
         "westford to sunnyvale", HUB, "policy", "from-zone vpn to-zone vpn", "no-policy"),
    Drop("denied", HUB,
         ("delete security policies from-zone trust to-zone vpn policy local-to-spokes then",
          "set security policies from-zone trust to-zone vpn policy local-to-spokes then deny"),
         "hub to westford", HUB, "policy", "from-zone trust to-zone vpn policy local-to-spokes", "deny"),
    Drop("missing address-book entry", HUB,
         ("delete security zones security-zone vpn address-book address westford-net",
          f"delete {TO_SPOKES} match destination-address westford-net",
          f"delete {FROM_SPOKES} match source-address westford-net"),
         "hub to westford", HUB, "address-book", "vpn", "no-entry"),
    Drop("policy that does not name the spoke", HUB,
         (f"delete {TO_SPOKES} match destination-address westford-net",),
         "hub to westford", HUB, "policy", "from-zone trust to-zone vpn", "no-match"),
    Drop("st0 in no zone", HUB, ("delete security zones security-zone vpn interfaces st0.0",),
         "hub to westford", HUB, "zone", "st0.0", "no-zone"),
)  # fmt: skip


@pytest.mark.parametrize("drop", DROPS, ids=lambda drop: drop.name)
def test_the_first_step_that_fails_is_named(drop: Drop) -> None:
    lab = build("classic", {drop.host: drop.change})
    lab.talk()
    verdict = lab.network.reachable(*WAYS[drop.way])
    assert verdict.failure is not None
    found = verdict.failure
    assert (found.device, found.layer, found.object, found.code) == (drop.device, drop.layer, drop.object, drop.code)


# --- on-traffic ----------------------------------------------------------------------------------


def _rows(lab: Lab, host: str) -> list[tuple[str, str, str, str]]:
    return [(row.next_hop, row.interface, row.vpn, row.flag) for row in lab.network.next_hop_tunnels(host)]


def test_no_tunnel_is_up_before_traffic() -> None:
    lab = build("classic")
    assert lab.network.ike_sas(HUB) == []
    assert _rows(lab, HUB) == []
    assert {row.reason for row in lab.network.tunnel_rows(HUB)} == {
        "Tunnel is ready. Waiting for trigger event or peer to trigger negotiation (1 times)"
    }


def test_the_hub_cannot_start_towards_a_junos_spoke_without_an_entry() -> None:
    """The document's note: without an entry the route is not active, so the tunnel must start at the spoke."""
    lab = build("classic")
    result = lab.network.ping(HUB, WESTFORD_HOST, interface="ge-0/0/0.0")
    assert result.received == 0
    assert result.verdict.failure is not None
    assert (result.verdict.failure.device, result.verdict.failure.code) == (HUB, "in-clear")
    assert "192.168.178.0/24 waits: no next-hop tunnel entry on st0.0" in result.verdict.failure.reason
    active = {str(row.prefix) for row in lab.network.routes(HUB) if row.active}
    assert "192.168.178.0/24" not in active
    assert lab.network.ping(WESTFORD, CORPORATE_HOST, interface="ge-0/0/3.0").received == 5
    assert lab.network.ping(HUB, WESTFORD_HOST, interface="ge-0/0/0.0").received == 5
    assert "192.168.178.0/24" in {str(row.prefix) for row in lab.network.routes(HUB) if row.active}


def test_immediately_at_the_hub_brings_the_tunnel_up() -> None:
    lab = build("classic", {HUB: ("set security ipsec vpn westford-vpn establish-tunnels immediately",)})
    assert lab.is_up(WESTFORD, "corp-vpn")
    [row] = lab.network.ike_sas(HUB)
    assert row.role == "initiator"
    assert _rows(lab, HUB) == [("10.11.11.12", "st0.0", "westford-vpn", "Auto")]


def test_a_static_entry_lets_the_hub_start() -> None:
    lab = build("classic")
    assert lab.network.ping(HUB, SUNNYVALE_HOST, interface="ge-0/0/0.0").received == 5
    assert _rows(lab, HUB) == [("10.11.11.11", "st0.0", "sunnyvale-vpn", "Static")]


def test_the_table_is_the_documents() -> None:
    lab = build("classic")
    lab.talk()
    assert _rows(lab, HUB) == [
        ("10.11.11.11", "st0.0", "sunnyvale-vpn", "Static"),
        ("10.11.11.12", "st0.0", "westford-vpn", "Auto"),
    ]
    assert _rows(lab, WESTFORD) == []


def test_a_static_entry_for_a_junos_spoke_replaces_the_automatic_one() -> None:
    change = ("set interfaces st0 unit 0 family inet next-hop-tunnel 10.11.11.12 ipsec-vpn westford-vpn",)
    lab = build("classic", {HUB: change})
    assert lab.network.ping(HUB, WESTFORD_HOST, interface="ge-0/0/0.0").received == 5
    assert _rows(lab, HUB) == [("10.11.11.12", "st0.0", "westford-vpn", "Static")]


def test_responder_only_at_both_ends_never_comes_up() -> None:
    only = "set security ipsec vpn {} establish-tunnels responder-only"
    lab = build("modern", {HUB: (only.format("westford-vpn"),), WESTFORD: (only.format("corp-vpn"),)})
    lab.talk()
    assert not lab.is_up(HUB, "westford-vpn")
    assert not lab.network.reachable(WESTFORD_HOST, CORPORATE_HOST)
    assert lab.network.tunnels.attempts[WESTFORD, "corp-vpn"].failure.code == "responder-only"  # type: ignore[union-attr]


def test_a_unit_that_is_not_multipoint_serves_one_vpn_only() -> None:
    lab = build("modern", {HUB: ("delete interfaces st0 unit 0 multipoint",)})
    assert _rows(lab, HUB) == []
    verdict = lab.network.reachable(CORPORATE_HOST, WESTFORD_HOST)
    assert verdict.failure is not None
    assert verdict.failure.code == "not-multipoint"


def test_a_query_changes_nothing() -> None:
    lab = build("classic")
    assert lab.network.reachable(WESTFORD_HOST, CORPORATE_HOST).ok
    assert lab.network.ike_sas(HUB) == []


# --- ping ----------------------------------------------------------------------------------------


def test_a_ping_without_source_matches_policies_with_the_tunnel_address() -> None:
    """Without a source interface the device looks up the wrong addresses and zones, as the document says."""
    lab = build("modern")
    result = lab.network.ping(HUB, WESTFORD_HOST)
    assert result.received == 0
    assert result.verdict.failure is not None
    assert (result.verdict.failure.device, result.verdict.failure.layer) == (WESTFORD, "address-book")
    assert lab.network.ping(HUB, WESTFORD_HOST, source="10.10.10.1").received == 5


def test_a_devices_own_lan_address_needs_host_inbound_ping() -> None:
    lab = build("modern", {WESTFORD: (
        "delete security zones security-zone trust host-inbound-traffic system-services all",
        "set security zones security-zone trust host-inbound-traffic system-services ssh",
    )})  # fmt: skip
    result = lab.network.ping(HUB, "192.168.178.1", interface="ge-0/0/0.0")
    assert result.verdict.failure is not None
    assert result.verdict.failure.layer == "host-inbound"
    assert build("modern").network.ping(HUB, "192.168.178.1", interface="ge-0/0/0.0").received == 5


def test_pings_count_in_both_ends_statistics() -> None:
    lab = build("modern")
    lab.network.ping(WESTFORD, SUNNYVALE_HOST, interface="ge-0/0/3.0", count=7)
    counters = {row.vpn.name: row.counters for row in lab.network.tunnel_rows(HUB)}
    assert counters["westford-vpn"].decrypted_packets == 7
    assert counters["sunnyvale-vpn"].encrypted_packets == 7
    assert counters["westford-vpn"].encrypted_packets == 7
    assert [row.counters.encrypted_packets for row in lab.network.tunnel_rows(WESTFORD)] == [7]


def test_packets_that_a_remote_policy_drops_are_encrypted_here() -> None:
    lab = build("modern", {WESTFORD: ("delete security policies from-zone vpn to-zone trust",)})
    lab.network.ping(HUB, WESTFORD_HOST, interface="ge-0/0/0.0", count=3)
    counters = {row.vpn.name: row.counters for row in lab.network.tunnel_rows(HUB)}["westford-vpn"]
    assert (counters.encrypted_packets, counters.decrypted_packets) == (3, 0)


def test_the_flow_trace_has_the_filtered_packets() -> None:
    trace = "set security flow traceoptions "
    lab = build("modern", {HUB: (
        f"{trace}flag basic-datapath",
        f"{trace}packet-filter local-to-remote source-prefix 10.10.10.0/24",
        f"{trace}packet-filter local-to-remote destination-prefix 192.168.178.0/24",
        "delete security policies from-zone trust to-zone vpn",
    )})  # fmt: skip
    lab.network.ping(HUB, SUNNYVALE_HOST, interface="ge-0/0/0.0")
    assert lab.lines(HUB, "security-trace") == ""
    lab.network.ping(HUB, WESTFORD_HOST, interface="ge-0/0/0.0")
    text = lab.lines(HUB, "security-trace")
    assert "matched filter local-to-remote" in text
    assert "policy search from zone trust-> zone vpn" in text
    assert "packet dropped, denied by policy" in text
