# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NAT in front of a device, and gateways with several addresses."""

from __future__ import annotations

import pytest

from tests.lab_tests.network.support import CORPORATE_HOST, HUB, WESTFORD, WESTFORD_HOST, Lab, Options, build

PUBLIC = "203.0.113.77"
NAME = "set security ike gateway corp-gate local-identity hostname west.example.net"
DYNAMIC = (
    "delete security ike gateway westford-gate address",
    "set security ike gateway westford-gate dynamic hostname west.example.net",
)
TO_PUBLIC = (
    "delete security ike gateway corp-gate address",
    f"set security ike gateway corp-gate address {PUBLIC}",
)
KNOWN = f"set security ike gateway westford-gate local-identity inet {PUBLIC}"


def test_a_spoke_behind_nat_is_seen_at_the_address_and_port_of_its_router() -> None:
    lab = build("modern", {HUB: DYNAMIC, WESTFORD: (NAME,)}, westford=Options(nat=PUBLIC))
    at_hub = next(row for row in lab.network.ike_sas(HUB) if row.gateway == "westford-gate")
    [at_spoke] = lab.network.ike_sas(WESTFORD)
    assert (at_hub.role, at_hub.remote, at_hub.peer_id) == ("responder", PUBLIC, "west.example.net")
    assert at_hub.ports[0] == 4500
    assert at_hub.ports[1] not in (500, 4500)
    assert (at_spoke.local, at_spoke.ports) == ("3.3.3.2", (4500, 4500))
    assert {row.port for row in lab.network.tunnel_rows(WESTFORD)} == {4500}
    assert lab.network.reachable(CORPORATE_HOST, WESTFORD_HOST).ok


def test_the_address_of_a_spoke_behind_nat_is_not_that_of_its_gateway_at_the_hub() -> None:
    lab = build("modern", westford=Options(nat=PUBLIC))
    assert failure_of(lab, WESTFORD, "corp-vpn") == (HUB, f"no IKE gateway on ge-0/0/3.0 for remote peer {PUBLIC}")


@pytest.mark.parametrize(
    ("forwards", "statements", "failure"),
    [
        (True, (KNOWN,), None),
        (True, (), (WESTFORD, f"{HUB} identifies itself as inet 1.1.1.2, expected is inet {PUBLIC}")),
        (False, (KNOWN,), (WESTFORD, f"no device answers at {PUBLIC}")),
        (
            True,
            (KNOWN, "set security ike gateway westford-gate no-nat-traversal"),
            (HUB, "NAT between the two ends, and no-nat-traversal is configured"),
        ),
    ],
)
def test_a_hub_behind_nat_is_reached_where_its_router_forwards(
    forwards: bool, statements: tuple[str, ...], failure: tuple[str, str] | None
) -> None:
    lab = build("modern", {HUB: statements, WESTFORD: TO_PUBLIC}, corporate=Options(nat=PUBLIC, nat_forwards=forwards))
    assert failure_of(lab, WESTFORD, "corp-vpn") == failure
    # Where the router lets only answers pass, the hub can start the tunnel.
    assert lab.is_up(WESTFORD, "corp-vpn") is (failure is None or not forwards)


def test_the_next_address_of_a_gateway_is_tried_where_the_first_one_does_not_answer() -> None:
    first = (*TO_PUBLIC, "set security ike gateway corp-gate address 1.1.1.2")
    lab = build("modern", {WESTFORD: first})
    assert lab.is_up(WESTFORD, "corp-vpn")
    assert lab.network.ike_sas(WESTFORD)[0].remote == "1.1.1.2"


@pytest.mark.parametrize(
    ("accepts", "is_up"), [(("set security ike gateway westford-gate general-ikeid",), True), ((), False)]
)
def test_a_gateway_may_accept_any_identity(accepts: tuple[str, ...], is_up: bool) -> None:
    assert build("modern", {HUB: accepts, WESTFORD: (NAME,)}).is_up(HUB, "westford-vpn") is is_up


def failure_of(lab: Lab, host: str, vpn: str) -> tuple[str, str] | None:
    """Return the device and the reason of the failure of a VPN."""
    failure = lab.network.tunnels.attempts[host, vpn].failure if lab.network.fabric else None
    return None if failure is None else (failure.device, failure.reason)
