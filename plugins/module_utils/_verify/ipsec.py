# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that every VPN has a pair of associations with the planned peer, on the planned st0 unit."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import IpsecTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import configured, ike, inactive, older
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "ipsec"

_DIRECTIONS: tuple[t.Literal["inbound", "outbound"], ...] = ("inbound", "outbound")


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per tunnel."""
    return [_finding(plan, tunnel, observation) for tunnel in plan.tunnels]


def of_tunnel(tunnel: Tunnel, answer: Answer[IpsecTunnel]) -> list[IpsecTunnel]:
    """Return the observed tunnels of the planned VPN, by the peer's address where a brief reply has no VPN."""
    named, unnamed = answer.by("vpn").get((tunnel.vpn,), ()), answer.by("vpn", "remote_gateway")
    return [*named, *(one for address in tunnel.peer_addresses for one in unnamed.get((None, address), ()))]


def has_pair(one: IpsecTunnel) -> bool:
    """Return whether both directions are installed; there may be several associations of each while rekeying."""
    return not _missing(one)


def _finding(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    expected = f"inbound and outbound with {tunnel.peer_name} on {tunnel.bind_interface}"
    subject = Subject.of(plan, CHECK, tunnel, expected)
    if observation.ipsec.state != "ok":
        return subject.unanswered(observation.ipsec)
    ours = of_tunnel(tunnel, observation.ipsec)
    if not ours:
        return _without_association(subject, tunnel, observation)
    # On a cluster both nodes may show the tunnel: the complete one counts.
    one = next((found for found in ours if has_pair(found)), ours[0])
    if tunnel.peer_addresses and one.remote_gateway not in tunnel.peer_addresses:
        return subject.failed(
            f"associations with {one.remote_gateway}",
            f"Look for a statement outside the plan that gives {tunnel.vpn} another gateway.",
            "other peer",
        )
    if missing := _missing(one):
        return subject.failed(
            f"no {' and no '.join(missing)} association with {one.remote_gateway}",
            _remedy(tunnel, observation),
            "half",
        )
    if one.bind_interface is None:
        return subject.unknown(
            f"inbound and outbound with {one.remote_gateway}, interface not reported", "Ask for the detail reply."
        )
    if one.bind_interface != tunnel.bind_interface:
        return subject.failed(
            f"inbound and outbound with {one.remote_gateway} on {one.bind_interface}",
            f"Look for a statement outside the plan that binds {tunnel.vpn} to {one.bind_interface}.",
            one.bind_interface,
        )
    return subject.ok(expected, "up")


def _missing(one: IpsecTunnel) -> list[str]:
    installed = {
        association.direction for association in one.security_associations if association.state in (None, "installed")
    }
    return [direction for direction in _DIRECTIONS if direction not in installed]


def _without_association(subject: Subject, tunnel: Tunnel, observation: Observation) -> Finding:
    if before := of_tunnel(tunnel, observation.older_ipsec):
        return older.ipsec_in_use(subject, tunnel, before[0])
    gateways = observation.ipsec.by("remote_gateway")
    others = [one for address in tunnel.peer_addresses for one in gateways.get((address,), ())]
    if others:
        other = others[0]
        return subject.failed(
            f"{other.remote_gateway} is the peer of VPN {other.vpn} on {other.bind_interface}",
            f"Another VPN has this peer: remove {other.vpn}, or give it another gateway.",
            "other VPN",
        )
    actual = f"no association of {tunnel.vpn}"
    if configured.lacks_vpn(tunnel, observation):
        actual += ", which is not configured"
    actual = inactive.with_reason(actual, tunnel, observation)
    return subject.failed(actual, _remedy(tunnel, observation), "none")


def _remedy(tunnel: Tunnel, observation: Observation) -> str:
    up = any(association.state == "UP" for association in ike.of_tunnel(tunnel, observation.ike))
    if observation.ike.state == "ok" and not up:
        return "Fix IKE with this peer first: without phase 1 there is no phase 2."
    return (
        f"Compare phase 2 proposals, perfect forward secrecy and proxy identities with {tunnel.peer_host};"
        f" check that {tunnel.vpn} is bound to {tunnel.bind_interface} here, and its other end to a unit there;"
        " read 'show security ipsec inactive-tunnels' and 'show log kmd'."
    )
