# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that phase 1 is up with every planned peer, by the planned gateway and exchange."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import IkeSa
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import configured, inactive, older
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "ike"


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per tunnel."""
    return [_finding(plan, tunnel, observation) for tunnel in plan.tunnels]


def exchange_type(tunnel: Tunnel) -> str:
    """Return the planned exchange type as Junos prints it."""
    if tunnel.ike_version == "v2":
        return "IKEv2"
    return "Aggressive" if tunnel.ike_policy.mode == "aggressive" else "Main"


def of_tunnel(tunnel: Tunnel, answer: Answer[IkeSa]) -> list[IkeSa]:
    """Return the associations of the planned gateway with its planned peer.

    The peer is at an address that the gateway names; where it names none, the peer has the planned identity. Brief
    replies have neither gateway nor identity, so that only the address tells.
    """
    gateways = answer.by("gateway")
    # Without a gateway only the address tells.
    unnamed = _without_gateway(tunnel, answer) if tunnel.peer_addresses else gateways.get((None,), ())
    return [one for one in (*gateways.get((tunnel.gateway,), ()), *unnamed) if is_peer(tunnel, one)]


def _near(tunnel: Tunnel, answer: Answer[IkeSa]) -> list[IkeSa]:
    """Return the associations with the address or the gateway of a tunnel."""
    rows = answer.by("remote_address")
    of_peer = [one for address in tunnel.peer_addresses for one in rows.get((address,), ())]
    return [*of_peer, *answer.by("gateway").get((tunnel.gateway,), ())]


def _without_gateway(tunnel: Tunnel, answer: Answer[IkeSa]) -> list[IkeSa]:
    rows = answer.by("gateway", "remote_address")
    return [one for address in tunnel.peer_addresses for one in rows.get((None, address), ())]


def is_peer(tunnel: Tunnel, association: IkeSa) -> bool:
    """Return whether the other end of an association is the planned peer, as far as the reply shows it."""
    if tunnel.peer_addresses:
        return association.remote_address in tunnel.peer_addresses and _is_known_as_planned(tunnel, association)
    tells = association.gateway is not None or association.peer_identity is not None
    return tells and _is_known_as_planned(tunnel, association)


def _is_known_as_planned(tunnel: Tunnel, association: IkeSa) -> bool:
    planned = tunnel.remote_identity
    # Junos prints a distinguished name in a form of its own.
    if planned is None or planned.kind == "distinguished-name" or association.peer_identity is None:
        return True
    return association.peer_identity == planned.value


def _finding(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    expected = f"UP with {tunnel.peer_name} by gateway {tunnel.gateway}, {exchange_type(tunnel)}"
    subject = Subject.of(plan, CHECK, tunnel, expected)
    if observation.ike.state != "ok":
        return subject.unanswered(observation.ike)
    ours = of_tunnel(tunnel, observation.ike)
    # While peers rekey, a second association may be coming up or going down.
    up = [association for association in ours if association.state == "UP"]
    if any(association.exchange_type == exchange_type(tunnel) for association in up):
        return subject.ok(expected, "UP")
    if not up and (before := of_tunnel(tunnel, observation.older_ike)):
        return older.ike_in_use(subject, tunnel, before[0])
    if up:
        return subject.failed(
            f"UP with {tunnel.peer_name}, {up[0].exchange_type}",
            "Set the same IKE version and mode at both ends.",
            up[0].exchange_type,
        )
    if ours:
        actual = inactive.with_reason(f"{ours[0].state} with {tunnel.peer_name}", tunnel, observation)
        return subject.failed(actual, _remedy(plan, tunnel), ours[0].state)
    return _without_association(subject, plan, tunnel, observation)


def _without_association(subject: Subject, plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    for other in _near(tunnel, observation.ike):
        if other.gateway == tunnel.gateway and other.remote_address in tunnel.peer_addresses:
            return subject.failed(
                f"{other.state} with {other.remote_address}, which identifies itself as {other.peer_identity}",
                f"Compare the identities of {tunnel.gateway} with nhtb_identity of {tunnel.peer_host}.",
                "other identity",
            )
        if other.remote_address in tunnel.peer_addresses:
            return subject.failed(
                f"{other.state} with {other.remote_address} by gateway {other.gateway}",
                f"Another gateway has this peer's address: remove {other.gateway}, or give it another address.",
                "other gateway",
            )
        if other.gateway == tunnel.gateway:
            return subject.failed(
                f"{other.state} with {_shown(other)} by gateway {tunnel.gateway}",
                f"Look for a statement outside the plan that gives {tunnel.gateway} another"
                f" {'identity' if tunnel.is_dynamic else 'address'}.",
                "other peer",
            )
    actual = f"no association with {tunnel.peer_name}"
    if configured.lacks_gateway(tunnel, observation):
        actual += f", and gateway {tunnel.gateway} is not configured"
    actual = inactive.with_reason(actual, tunnel, observation)
    return subject.failed(actual, _remedy(plan, tunnel), "none")


def _shown(association: IkeSa) -> str:
    identity = association.peer_identity
    known = identity is None or identity == association.remote_address
    return association.remote_address if known else f"{association.remote_address}, {identity},"


def _remedy(plan: DevicePlan, tunnel: Tunnel) -> str:
    mode = "version" if tunnel.ike_version == "v2" else "mode"
    if tunnel.is_dynamic:
        return (
            f"Only {tunnel.peer_host} starts this tunnel: see the findings there. Compare pre-shared key, phase 1"
            f" proposals, {mode} and identities: it must identify itself as {tunnel.remote_identity}; check that"
            f" {tunnel.external_interface} is the external interface of {tunnel.gateway}, and that its zone has"
            " host-inbound-traffic ike; read 'show log kmd'."
        )
    remedy = (
        f"Compare pre-shared key, phase 1 proposals, {mode}, addresses and identities with {tunnel.peer_host};"
        f" check that {tunnel.external_interface} is the external interface of {tunnel.gateway}, that its zone has"
        f" host-inbound-traffic ike, and that {tunnel.peer_address} answers a ping, which needs a route to it;"
        " read 'show log kmd'."
    )
    if tunnel.establish not in (None, "on-traffic"):
        return remedy
    remedy += " This tunnel comes up with the first traffic only"
    if not tunnel.multipoint:
        return f"{remedy}."
    # A route to a multipoint unit is active only with its next-hop tunnel entry; an automatic entry comes last.
    if tunnel.static_binding:
        return f"{remedy}, which needs its static next-hop tunnel and its route here."
    return f"{remedy}, and {tunnel.peer_host} must send it: until then no route to it is active here."
