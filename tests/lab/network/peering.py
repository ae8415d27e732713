# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One attempt of a device to bring up a VPN, from its own configuration and the peer's."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.lab.network.fabric import End, Fabric
from tests.lab.network.failure import SYMPTOMS, Failure
from tests.lab.network.filtering import decided
from tests.lab.network.view import (
    DeviceView,
    Gateway,
    Identity,
    IkeProposal,
    Interface,
    IpsecProposal,
    Selector,
    T,
    Vpn,
    sure,
)


@dataclass(frozen=True)
class Attempt:
    """The result of a negotiation. Without ``failure`` the two ends match.

    ``selectors`` pairs the initiator's selector with the responder's. ``later`` is a failure of the first rekey: IKEv2
    makes the first child SA without a key exchange, so it does not compare the PFS group before.

    ``local`` is the initiator's own address and ``remote`` the one to which it sends; ``seen`` and ``inside`` are the
    same two for the responder. They differ where NAT is between the two.
    """

    initiator: End
    gateway: Gateway | None = None
    vpn: Vpn | None = None
    local: str | None = None
    remote: str | None = None
    seen: str | None = None
    inside: str | None = None
    responder: str | None = None
    peer_gateway: Gateway | None = None
    peer_vpn: Vpn | None = None
    ike: IkeProposal | None = None
    ipsec: IpsecProposal | None = None
    selectors: tuple[tuple[Selector, Selector], ...] = ()
    failure: Failure | None = None
    later: Failure | None = None

    @property
    def version(self) -> int:
        return self.gateway.version if self.gateway else 1

    @property
    def phase1(self) -> bool:
        """Return whether phase 1 succeeds, whatever the result of phase 2."""
        return self.peer_gateway is not None and (self.failure is None or self.failure.layer == "phase2")

    @property
    def is_translated(self) -> bool:
        """Return whether NAT is between the two ends, so that they use port 4500."""
        return (self.seen, self.inside) != (self.local, self.remote)

    def addresses(self, host: str) -> tuple[str, str]:
        """Return the local and remote address, as one of the two ends has them."""
        if host == self.initiator[0]:
            return sure(self.local), sure(self.remote)
        return sure(self.inside), sure(self.seen)

    @property
    def peer(self) -> End | None:
        """Return the VPN at the other end."""
        return (self.responder, self.peer_vpn.name) if self.responder and self.peer_vpn else None

    def failed(self, device: str, layer: str, name: str, reason: str, code: str) -> Attempt:
        return replace(self, failure=Failure(device, layer, name, reason, code))  # type: ignore[arg-type]


def attempt(fabric: Fabric, end: End) -> Attempt:
    """Initiate from the VPN's device. Return the result, with the first failure.

    Where nothing answers at an address of the gateway, the next one is tried.
    """
    host, name = end
    vpn = fabric.vpn(end)
    gateway = fabric.gateway(host, vpn.gateway)
    result = Attempt(end, gateway, vpn)
    if gateway is None:
        return result.failed(host, "phase1", name, f"IKE gateway {vpn.gateway} is not configured", "no-gateway")
    results = (_attempt_at(fabric, result, address) for address in gateway.addresses or ("",))
    tried = []
    for one in results:
        tried.append(one)
        if one.failure is None or SYMPTOMS[one.failure.code].answered:
            return one
    return tried[0]


def _attempt_at(fabric: Fabric, result: Attempt, address: str) -> Attempt:
    result = replace(result, remote=address or None)
    for step in (_own_side, _way, _peer_side, _phase1, _phase2):
        result = step(fabric, result)
        if result.failure is not None:
            break
    return result


def _own_side(fabric: Fabric, now: Attempt) -> Attempt:
    host, name = now.initiator
    gateway, vpn = sure(now.gateway), sure(now.vpn)
    if vpn.bind_interface is None or fabric.interface(host, vpn.bind_interface) is None:
        return now.failed(host, "phase2", name, "no bind-interface: no route leads into this VPN", "no-bind-interface")
    if not gateway.addresses:
        reason = "the peer's address is dynamic: only the peer can start"
        return now.failed(host, "phase1", gateway.name, reason, "dynamic-peer")
    interface = fabric.interface(host, gateway.external_interface)
    if interface is None or not interface.enabled or interface.ip is None:
        reason = f"external-interface {gateway.external_interface} has no address"
        return now.failed(host, "interface", gateway.name, reason, "no-external-address")
    if gateway.local_address and gateway.local_address not in {str(one.ip) for one in interface.addresses}:
        reason = f"local-address {gateway.local_address} is no address of {gateway.external_interface}"
        return now.failed(host, "interface", gateway.name, reason, "no-external-address")
    now = replace(now, local=gateway.local_address or interface.ip)
    if vpn.establish == "responder-only":
        return now.failed(host, "phase1", name, "responder-only: the peer has to start", "responder-only")
    if not interface.accepts("ike") and fabric.views[host].switches.inbound_ike == "needed":
        where = f"zone {interface.zone}" if interface.zone else "no zone"
        reason = f"host-inbound ike is not allowed ({where})"
        return now.failed(host, "host-inbound", interface.name, reason, "own-no-ike")
    return now


def _way(fabric: Fabric, now: Attempt) -> Attempt:
    host = now.initiator[0]
    gateway, remote = sure(now.gateway), sure(now.remote)
    route = fabric.underlay(host, remote)
    if route is None:
        return now.failed(host, "route", remote, "no route to the peer: no next hop resolves", "no-route")
    external = sure(fabric.interface(host, gateway.external_interface))
    if external.loopback:
        refused = _to_loopback(fabric, host, route.via, external)
        if refused is not None:
            return now.failed(host, "policy", external.name, refused, "own-no-ike")
    elif route.via != gateway.external_interface:
        reason = f"the route to the peer leaves through {route.via}, the gateway uses {gateway.external_interface}"
        return now.failed(host, "interface", gateway.name, reason, "no-route")
    owner = fabric.owner.get(remote)
    if owner is None or owner[0] == host:
        return now.failed(host, "phase1", gateway.name, f"no device answers at {remote}", "no-such-peer")
    own, theirs = fabric.views[host].nat, fabric.views[owner[0]].nat
    is_outside = own is not None and own.interface == gateway.external_interface
    seen = sure(own).public if is_outside else now.local
    arrival = sure(fabric.interface(*owner))
    inside = arrival.ip if theirs is not None and theirs.interface == arrival.name else remote
    return replace(now, responder=owner[0], seen=seen, inside=inside)


def _to_loopback(fabric: Fabric, host: str, via: str | None, loopback: Interface) -> str | None:
    """Return why IKE does not get from the interface on which it arrives to a loopback interface in another zone."""
    view, way = fabric.views[host], fabric.interface(host, via)
    if way is None or way.zone == loopback.zone:
        return None
    zones = (way.zone or "", loopback.zone or "")
    found = decided(view, zones, sure(loopback.ip), sure(loopback.ip), frozenset({"any", "junos-ike"}))
    if found is not None and found.action == "permit":
        return None
    return f"no policy from zone {zones[0]}, where IKE arrives, to zone {zones[1]} of {loopback.name}"


def _peer_side(fabric: Fabric, now: Attempt) -> Attempt:
    peer, remote, local, inside = sure(now.responder), sure(now.remote), sure(now.seen), sure(now.inside)
    arrival = sure(fabric.interface(peer, fabric.owner[remote][1]))
    if not arrival.accepts("ike"):
        where = f"zone {arrival.zone}" if arrival.zone else "no zone"
        reason = f"host-inbound ike is not allowed ({where})"
        return now.failed(peer, "host-inbound", arrival.name, reason, "peer-no-ike")
    back = fabric.underlay(peer, local)
    if back is None:
        return now.failed(peer, "route", local, "no route back to the peer: no next hop resolves", "peer-no-route")
    if arrival.loopback and (refused := _to_loopback(fabric, peer, back.via, arrival)) is not None:
        return now.failed(peer, "policy", arrival.name, refused, "peer-no-ike")
    candidates = [
        gateway
        for gateway in _known_by(fabric, now, peer, local)
        if gateway.external_interface == arrival.name and gateway.local_address in (None, inside)
    ]
    if not candidates:
        reason = f"no IKE gateway on {arrival.name} for remote peer {local}"
        return now.failed(peer, "phase1", local, reason, "not-recognized")
    version = now.version
    same = [gateway for gateway in candidates if gateway.version == version]
    if not same:
        reason = f"gateway {candidates[0].name} wants IKEv{candidates[0].version}, the peer starts IKEv{version}"
        return now.failed(peer, "phase1", candidates[0].name, reason, "version")
    if now.is_translated and not (sure(now.gateway).traverses_nat and same[0].traverses_nat):
        reason = "NAT between the two ends, and no-nat-traversal is configured"
        return now.failed(peer, "phase1", same[0].name, reason, "no-such-peer")
    return replace(now, peer_gateway=same[0])


def _known_by(fabric: Fabric, now: Attempt, peer: str, local: str) -> list[Gateway]:
    view = fabric.views[peer]
    fixed = [view.gateways[name] for name in fabric.gateways_to.get((peer, local), ())]
    if fixed:
        return fixed
    mine = identity_of(sure(now.gateway), sure(now.local))
    found = (view.gateways[name] for name in fabric.dynamic[peer])
    return [gateway for gateway in found if _is_same(view, mine, sure(gateway.dynamic))]


def identity_of(gateway: Gateway, local: str) -> Identity:
    """Return the identity that this end sends: its address unless another is configured."""
    return gateway.local_identity or ("inet", local)


def expected_of(gateway: Gateway, remote: str) -> Identity:
    """Return the identity that this end expects of the peer."""
    return gateway.remote_identity or gateway.dynamic or ("inet", remote)


def _is_same(view: DeviceView, one: Identity, other: Identity) -> bool:
    """Return whether two identities are one for a device."""
    if one == other:
        return True
    is_name = one[0] in ("hostname", "user-at-hostname") and view.switches.identity_case == "ignored"
    return is_name and (one[0], one[1].lower()) == (other[0], other[1].lower())


def _in_order(fabric: Fabric, peer: str, pairs: list[tuple[T, T]], theirs: tuple[T, ...]) -> list[tuple[T, T]]:
    """Return pairs of proposals, which are in the order of the initiator, in the order that decides."""
    if fabric.views[peer].switches.proposal_order == "initiator":
        return pairs
    return sorted(pairs, key=lambda pair: theirs.index(pair[1]))


def _phase1(fabric: Fabric, now: Attempt) -> Attempt:
    mine, theirs = sure(now.gateway), sure(now.peer_gateway)
    peer = sure(now.responder)
    if mine.version == 1 and mine.mode != theirs.mode:
        return now.failed(peer, "phase1", theirs.name, f"mode {theirs.mode}, the peer starts {mine.mode} mode", "mode")
    # Aggressive mode sends the key exchange with the offer, of the first group: no other can be agreed upon.
    fixed = mine.proposals[0].dh_group if mine.version == 1 and mine.mode == "aggressive" and mine.proposals else None
    # RFC 5282 has AES-GCM in phase 1 for IKEv2 alone.
    usable = [one for one in mine.proposals if mine.version == 2 or not one.encryption.endswith(("gcm", "poly1305"))]
    offered = [one for one in usable if fixed is None or one.dh_group == fixed]
    pairs = [(one, other) for one in offered for other in theirs.proposals if one.matches(other, mine.version)]
    if not pairs:
        return now.failed(peer, "phase1", theirs.name, "no phase 1 proposal in common", "ike-proposal")
    now = replace(now, ike=_in_order(fabric, peer, pairs, theirs.proposals)[0][0])
    checks = (_identities, _keys) if mine.version == 2 or mine.mode == "aggressive" else (_keys, _identities)
    for check in checks:
        found = check(fabric, now)
        if found is not None:
            return replace(now, failure=found)
    return now


def _keys(_fabric: Fabric, now: Attempt) -> Failure | None:
    mine, theirs, agreed = sure(now.gateway), sure(now.peer_gateway), sure(now.ike)
    host, peer = now.initiator[0], sure(now.responder)
    if agreed.method not in {one.method for one in theirs.proposals}:
        return Failure(peer, "phase1", theirs.name, f"the peer authenticates by {agreed.method}", "key-v2")
    if agreed.method != "pre-shared-keys":
        lacking = host if not mine.certificate else peer if not theirs.certificate else None
        if lacking is None:
            return None
        return Failure(lacking, "phase1", theirs.name, "no local certificate", "key-v2")
    if mine.key is not None and mine.key == theirs.key:
        return None
    # Main mode fails to decrypt; IKEv2 and aggressive mode compare the authentication itself.
    code = "key" if mine.version == 1 and mine.mode == "main" else "key-v2"
    return Failure(peer, "phase1", theirs.name, f"its pre-shared key is not that of {host}", code)


def _identities(fabric: Fabric, now: Attempt) -> Failure | None:
    mine, theirs = sure(now.gateway), sure(now.peer_gateway)
    host, peer = now.initiator[0], sure(now.responder)
    for sender, receiver, sends, expects, code in (
        (host, peer, mine, theirs, "peer-id"),
        (peer, host, theirs, mine, "own-id"),
    ):
        sent = identity_of(sends, now.addresses(sender)[0])
        expected = expected_of(expects, now.addresses(receiver)[1])
        if not _is_same(fabric.views[receiver], sent, expected) and not expects.general_ikeid:
            reason = f"{sender} identifies itself as {sent[0]} {sent[1]}, expected is {expected[0]} {expected[1]}"
            return Failure(receiver, "phase1", expects.name, reason, code)
    return None


def _phase2(fabric: Fabric, now: Attempt) -> Attempt:
    peer, mine, theirs = sure(now.responder), sure(now.vpn), sure(now.peer_gateway)
    candidates = [fabric.vpn((peer, name)) for name in fabric.vpns_of.get((peer, theirs.name), ())]
    if not candidates:
        return now.failed(peer, "phase2", theirs.name, "no VPN uses this gateway", "proxy-id")
    narrows = now.version == 2 and fabric.views[peer].switches.narrowing == "allowed"
    chosen = next((vpn for vpn in candidates if _agreed(mine, vpn, narrows)), None)
    if chosen is None:
        now = replace(now, peer_vpn=candidates[0])
        reason = f"proxy identity {_shown(candidates[0])} does not mirror the peer's {_shown(mine)}"
        return now.failed(peer, "phase2", candidates[0].name, reason, "proxy-id")
    now = replace(now, peer_vpn=chosen, selectors=_agreed(mine, chosen, narrows))
    if chosen.bind_interface is None or fabric.interface(peer, chosen.bind_interface) is None:
        reason = "no bind-interface: the VPN matches nothing"
        return now.failed(peer, "phase2", chosen.name, reason, "peer-no-bind-interface")
    common = [(one, other) for one in mine.proposals for other in chosen.proposals if one.matches(other)]
    pairs = _in_order(fabric, peer, common, chosen.proposals)
    if not pairs:
        return now.failed(peer, "phase2", chosen.name, "no phase 2 proposal in common", "ipsec-proposal")
    same = [one for one, other in pairs if (mine.pfs or one.pfs) == (chosen.pfs or other.pfs)]
    now = replace(now, ipsec=(same or [pairs[0][0]])[0])
    if same:
        return now
    own, other_group = mine.pfs or pairs[0][0].pfs or "none", chosen.pfs or pairs[0][1].pfs or "none"
    found = Failure(peer, "phase2", chosen.name, f"PFS {other_group}, the peer proposes {own}", "pfs")
    return replace(now, later=found) if now.version == 2 else replace(now, failure=found)


def _agreed(mine: Vpn, theirs: Vpn, narrows: bool) -> tuple[tuple[Selector, Selector], ...]:
    """Return the pairs of selectors that mirror each other, or what a responder narrows the others to."""
    found = [(one, other) for one in mine.selectors for other in theirs.selectors if one.mirrors(other)]
    for one in mine.selectors if narrows else ():
        if one in [pair[0] for pair in found]:
            continue
        pairs = ((one.narrowed(other), other.narrowed(one)) for other in theirs.selectors)
        found += [(own, peers) for own, peers in pairs if own is not None and peers is not None][:1]
    return tuple(found)


def renegotiate(fabric: Fabric, standing: Attempt, end: End) -> Attempt:
    """Negotiate phase 2 of a VPN anew, under a phase 1 that is up: ``standing`` is the attempt which has made that.

    Only statements of phase 2 count, whatever the configurations say of phase 1 by now; PFS counts in IKEv2 too.
    """
    mine, theirs = sure(standing.gateway).name, sure(standing.peer_gateway).name
    first, host = standing.initiator[0], end[0]
    peer = sure(standing.responder) if host == first else first
    names = (mine, theirs) if host == first else (theirs, mine)
    (local, remote), (inside, seen) = standing.addresses(host), standing.addresses(peer)
    now = Attempt(
        end, fabric.gateway(host, names[0]), fabric.vpn(end), local, remote, seen, inside, peer,
        fabric.gateway(peer, names[1]), ike=standing.ike,
    )  # fmt: skip
    found = _phase2(fabric, now)
    return replace(found, failure=found.failure or found.later, later=None)


def _shown(vpn: Vpn) -> str:
    return ", ".join(f"{one.local} to {one.remote}" for one in vpn.selectors)
