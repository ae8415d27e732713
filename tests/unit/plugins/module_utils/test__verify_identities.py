# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tunnels whose peer has no fixed address, or several: verified by gateway and identity."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Identity
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import IkeSa
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import ike, ipsec

from .sample_fleet import HUB, TO_OSLO, ike_sa, ipsec_tunnel

NAME = "oslo.example.net"
ANYWHERE = "203.0.113.200"
DYNAMIC: Tunnel = replace(
    TO_OSLO,
    peer=replace(TO_OSLO.peer, wan=replace(TO_OSLO.peer.wan, address=None, ip=None, gateway=None, addressing="dhcp")),
    remote_identity=Identity("hostname", NAME),
)
FOUND = replace(ike_sa(DYNAMIC), remote_address=ANYWHERE, peer_identity=NAME)
BACKED = replace(
    TO_OSLO,
    peer=replace(TO_OSLO.peer, wan=replace(TO_OSLO.peer.wan, backup_addresses=(ANYWHERE,))),
    remote_identity=Identity("key-id", "oslo-1"),
)


def finding(tunnel: Tunnel, *associations: IkeSa) -> tuple[str, str, str]:
    """Return state, actual value and remedy of the check ike."""
    [found] = ike.findings(replace(HUB, tunnels=(tunnel,)), Observation("hub", ike=Answer("ok", associations)))
    return found.state, found.actual, found.remedy


@pytest.mark.parametrize(
    ("association", "state", "said"),
    [
        (FOUND, "ok", "UP with hostname oslo.example.net by gateway oslo-gate, IKEv2"),
        # An older release does not print the identity.
        (replace(FOUND, peer_identity=None), "ok", "UP with hostname oslo.example.net by gateway oslo-gate, IKEv2"),
        (
            replace(FOUND, peer_identity="bergen.example.net"),
            "failed",
            "UP with 203.0.113.200, bergen.example.net, by gateway oslo-gate",
        ),
        # The brief reply has neither gateway nor identity.
        (
            replace(FOUND, peer_identity=None, gateway=None),
            "failed",
            "no association with hostname oslo.example.net",
        ),
        (
            replace(FOUND, gateway="bergen-gate"),
            "failed",
            "no association with hostname oslo.example.net",
        ),
    ],
)
def test_a_peer_without_a_fixed_address_is_known_by_gateway_and_identity(
    association: IkeSa, state: str, said: str
) -> None:
    assert finding(DYNAMIC, association)[:2] == (state, said)


def test_only_the_spoke_can_start_such_a_tunnel() -> None:
    _state, _actual, remedy = finding(DYNAMIC)
    assert remedy.startswith("Only oslo starts this tunnel: see the findings there.")
    assert "it must identify itself as hostname oslo.example.net" in remedy


@pytest.mark.parametrize("address", [TO_OSLO.peer_address, ANYWHERE])
def test_a_peer_may_have_any_address_of_its_gateway(address: str) -> None:
    up = replace(ike_sa(BACKED), remote_address=address, peer_identity="oslo-1")
    assert finding(BACKED, up)[0] == "ok"
    pair = replace(ipsec_tunnel(BACKED), remote_gateway=address)
    [found] = ipsec.findings(replace(HUB, tunnels=(BACKED,)), Observation("hub", ipsec=Answer("ok", (pair,))))
    assert found.state == "ok"


def test_another_identity_at_the_address_of_the_peer_is_told() -> None:
    state, actual, remedy = finding(BACKED, replace(ike_sa(BACKED), peer_identity="lima-1"))
    assert (state, actual) == ("failed", f"UP with {TO_OSLO.peer_address}, which identifies itself as lima-1")
    assert remedy == "Compare the identities of oslo-gate with nhtb_identity of oslo."


def test_phase_2_of_such_a_peer_is_known_by_its_vpn() -> None:
    pair = replace(ipsec_tunnel(DYNAMIC), remote_gateway=ANYWHERE)
    [found] = ipsec.findings(replace(HUB, tunnels=(DYNAMIC,)), Observation("hub", ipsec=Answer("ok", (pair,))))
    assert (found.state, found.actual) == ("ok", f"inbound and outbound with hostname {NAME} on st0.0")
