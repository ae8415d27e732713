# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The path of a packet from source to destination and of its answer back, device by device."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from tests.lab.network.fabric import End, Fabric
from tests.lab.network.failure import Failure
from tests.lab.network.filtering import permitted
from tests.lab.network.results import Hop, Verdict
from tests.lab.network.routing import Route
from tests.lab.network.view import DeviceView, Interface, Policy, sure

HOPS = 16
# A host of the Internet, for documentation (RFC 5737), that answers whoever comes with a public address.
INTERNET_HOST = "203.0.113.200"
# Ingress "zone" of traffic that a device itself sends.
SELF = "junos-host"


class Tunnels(t.Protocol):
    """The state of the tunnels for a walk. ``negotiate`` may change it, as traffic does."""

    fabric: Fabric

    def is_up(self, end: End) -> bool:
        """Return whether the tunnel has its associations at this end."""

    def negotiate(self, end: End) -> Failure | None:
        """Initiate from this end. Return the failure, if any."""

    def is_silent(self, end: End) -> bool:
        """Return whether the tunnel has its associations at this end, and nothing reaches the peer any more."""

    def peer_of(self, end: End) -> End | None:
        """Return the other end, if there is one."""

    def binding(self, host: str, interface: str, next_hop: str) -> str | None:
        """Return the VPN to which a next hop is bound."""

    def usable(self, host: str, route: Route) -> bool:
        """Return whether the route is active."""


@dataclass(frozen=True)
class _Exit:
    """The egress of a packet: an interface in clear, or one VPN."""

    route: Route
    interface: Interface
    vpn: str | None = None


@dataclass
class _Visit:
    host: str
    ingress: str | None
    zone: str | None
    egress: str = ""
    policy: str = ""


class Walk:
    """One packet. ``verdict`` follows it to its destination, and the answer back."""

    def __init__(self, tunnels: Tunnels, source: str, destination: str) -> None:
        self.tunnels = tunnels
        self.fabric = tunnels.fabric
        self.source = source
        self.destination = destination
        self.visits: list[_Visit] = []
        self.hops: list[Hop] = []

    def verdict(self, origin: str | None = None, ingress: str | None = None) -> Verdict:
        """Return the result. ``origin`` is a device that itself sends the packet, as if from interface ``ingress``."""
        found = self._start(origin, ingress)
        failure = found if isinstance(found, Failure) else self._forward(found)
        if failure is None and self.visits:
            failure = self._back()
        crossed = tuple((visit.host, visit.ingress or "", visit.egress, visit.policy) for visit in self.visits)
        return Verdict(failure is None, failure, tuple(self.hops), crossed)

    def answered_from(self, end: End) -> bool:
        """Return whether the packet, out of the tunnel at this end of it, gets an answer back into that tunnel."""
        bound = self.fabric.interface(end[0], self.fabric.vpn(end).bind_interface)
        if bound is None or self._forward(_Visit(end[0], bound.name, bound.zone)) or self._back():
            return False
        back = self.exit(end[0], self.source)
        return not isinstance(back, Failure) and back.vpn == end[1]

    def _start(self, origin: str | None, ingress: str | None) -> _Visit | Failure:
        if origin is not None:
            interface = self.fabric.interface(origin, ingress)
            return _Visit(origin, ingress, SELF if interface is None else interface.zone)
        attached = self.fabric.attached(self.source)
        if attached is None:
            return Failure("", "route", self.source, "no device has a network that holds the source", "no-source")
        host, name = attached
        return _Visit(host, name, self.fabric.views[host].interfaces[name].zone)

    # --- to the destination ----------------------------------------------------------------------

    def _forward(self, visit: _Visit) -> Failure | None:
        attached = self.fabric.attached(self.destination)
        if attached is not None and (visit.host, visit.ingress) == attached:
            return None
        for _hop in range(HOPS):
            self.visits.append(visit)
            step = self._step(visit)
            if step is None or isinstance(step, Failure):
                return step
            visit = step
        return Failure(visit.host, "route", self.destination, "the packet goes in circles", "loop")

    def _step(self, visit: _Visit) -> _Visit | Failure | None:
        view = self.fabric.views[visit.host]
        own = view.interface_of(self.destination)
        if own is not None:
            visit.egress = ".local..0"
            return self._deliver(view, visit, own)
        way = self.exit(visit.host, self.destination)
        if isinstance(way, Failure):
            return way
        visit.egress = way.interface.name
        refused = self._filter(view, visit, way.interface)
        if refused is not None:
            return refused
        if way.vpn is not None:
            return self._through(view, way)
        return self._in_clear(visit, way)

    def _filter(self, view: DeviceView, visit: _Visit, out: Interface) -> Failure | None:
        if visit.zone is None or out.zone is None:
            name = (visit.ingress if visit.zone is None else out.name) or ""
            return Failure(view.host, "zone", name, "the interface is in no security zone", "no-zone")
        if visit.zone == SELF and (SELF, out.zone) not in view.policies:
            visit.policy = "self-traffic-policy"
            return None
        found = permitted(view, (visit.zone, out.zone), self.source, self.destination)
        if isinstance(found, Policy):
            visit.policy = found.name
            return None
        return found

    def _deliver(self, view: DeviceView, visit: _Visit, own: Interface) -> Failure | None:
        if visit.zone == SELF:
            return None
        if visit.ingress != own.name:
            # An address of another interface: first the policy between the two zones, then the services of its zone.
            refused = self._filter(view, visit, own)
            if refused is not None:
                return refused
        if own.accepts("ping"):
            return None
        where = f"zone {own.zone}" if own.zone else "no zone"
        return Failure(view.host, "host-inbound", own.name, f"host-inbound ping is not allowed ({where})", "no-ping")

    def _through(self, view: DeviceView, way: _Exit) -> _Visit | Failure:
        end = (view.host, way.vpn or "")
        failure = None if self.tunnels.is_up(end) else self.tunnels.negotiate(end)
        if failure is not None:
            return failure
        if self.tunnels.is_silent(end):
            return Failure(view.host, "phase2", way.vpn or "", "up, but nothing reaches the peer", "peer-down")
        peer = sure(self.tunnels.peer_of(end))
        wrong = self._wrong_peer(view, way, peer)
        if wrong is not None:
            return wrong
        self.hops.append(Hop(*end, *peer))
        arrival = self.fabric.interface(peer[0], self.fabric.vpn(peer).bind_interface)
        return _Visit(peer[0], arrival.name if arrival else None, arrival.zone if arrival else None)

    def _wrong_peer(self, view: DeviceView, way: _Exit, peer: End) -> Failure | None:
        """Return the failure of a next hop that is bound to one VPN, but is the tunnel address of another's peer."""
        next_hop = way.route.next_hop or self.destination
        if not way.interface.multipoint:
            return None
        for vpn in self.fabric.bound.get((view.host, way.interface.name), ()):
            other = self.tunnels.peer_of((view.host, vpn))
            if other is None or other == peer:
                continue
            far = self.fabric.interface(other[0], self.fabric.vpn(other).bind_interface)
            if far is not None and any(str(address.ip) == next_hop for address in far.addresses):
                reason = f"bound to {way.vpn}, but it is the tunnel address of {other[0]} behind {vpn}"
                return Failure(view.host, "nhtb", next_hop, reason, "wrong-vpn")
        return None

    def _in_clear(self, visit: _Visit, way: _Exit) -> _Visit | Failure | None:
        attached = self.fabric.attached(self.destination)
        owner = self.fabric.owner.get(self.destination)
        if way.route.protocol == "Direct" and owner is None:
            return None
        if owner is not None and owner[0] != visit.host:
            interface = self.fabric.views[owner[0]].interfaces[owner[1]]
            if self.fabric.underlay(owner[0], self.source) is not None or way.route.protocol == "Direct":
                return _Visit(owner[0], interface.name, interface.zone)
        if attached == (visit.host, way.interface.name):
            return None
        if self.destination == INTERNET_HOST:
            return self._to_internet(visit, way)
        reason = f"goes out in clear through {way.interface.name}, where no device has it; {self._instead(visit, way)}"
        return Failure(visit.host, "route", self.destination, reason, "in-clear")

    def _to_internet(self, visit: _Visit, way: _Exit) -> Failure | None:
        zones = (visit.zone or "", way.interface.zone or "")
        if visit.zone == SELF or self.fabric.views[visit.host].translates(zones, self.source):
            return None
        reason = f"from zone {zones[0]} to zone {zones[1]} without source NAT, so the Internet has no route back"
        return Failure(visit.host, "nat", self.source, reason, "no-source-nat")

    def _instead(self, visit: _Visit, way: _Exit) -> str:
        """Return why no better route than the one taken is active."""
        table = self.fabric.tables[visit.host]
        waiting = next((one for one in table.covering(self.destination) if one.protocol == "Static"), None)
        if waiting is None or waiting.prefix.prefixlen <= way.route.prefix.prefixlen:
            return "no route into a tunnel"
        return f"route {waiting.prefix} waits: {self._waiting(visit.host, waiting).reason}"

    # --- routing ---------------------------------------------------------------------------------

    def exit(self, host: str, address: str) -> _Exit | Failure:
        """Return the egress of a device for ``address``, with the VPN to which the next hop is bound."""
        table = self.fabric.tables[host]
        route = table.lookup(address, lambda one: one.protocol != "Local" and self.tunnels.usable(host, one))
        if route is None or route.via is None:
            return self._unrouted(host, address, route)
        interface = self.fabric.views[host].interfaces[route.via]
        return self._into(host, address, route, interface) if interface.tunnel else _Exit(route, interface)

    def _into(self, host: str, address: str, route: Route, interface: Interface) -> _Exit | Failure:
        bound = self.fabric.bound.get((host, interface.name), ())
        if not interface.multipoint:
            if len(bound) == 1:
                return _Exit(route, interface, bound[0])
            # The behaviour of Junos is not documented, so the lab lets no traffic through.
            reason = f"{len(bound)} VPNs are bound to it, but it is not multipoint"
            return Failure(host, "interface", interface.name, reason, "not-multipoint")
        next_hop = route.next_hop or (address if route.protocol == "Direct" else None)
        vpn = self.tunnels.binding(host, interface.name, next_hop) if next_hop else None
        if vpn is None:
            return self._unbound(host, next_hop or route.prefix.with_prefixlen, interface.name)
        return _Exit(route, interface, vpn)

    def _unrouted(self, host: str, address: str, route: Route | None) -> Failure:
        if route is not None:
            return Failure(host, "route", str(route.prefix), f"the route says {route.kind}", route.kind)
        waiting = next((one for one in self.fabric.tables[host].covering(address) if one.protocol == "Static"), None)
        return self._waiting(host, waiting) if waiting else Failure(host, "route", address, "no route", "no-route")

    def _waiting(self, host: str, route: Route) -> Failure:
        if route.via is None:
            reason = f"hidden: its next hop {route.next_hop or 'interface'} is on no connected network"
            return Failure(host, "route", str(route.prefix), reason, "unresolved")
        interface = self.fabric.interface(host, route.via)
        if interface is not None and not interface.multipoint:
            return Failure(host, "interface", route.via, f"{route.via} is down with its tunnel", "unit-down")
        return self._unbound(host, route.next_hop or str(route.prefix), route.via)

    def _unbound(self, host: str, next_hop: str, interface: str) -> Failure:
        for vpn in self.fabric.bound.get((host, interface), ()):
            peer = self.tunnels.peer_of((host, vpn))
            far = self.fabric.interface(peer[0], self.fabric.vpn(peer).bind_interface) if peer else None
            if far is not None and any(str(address.ip) == next_hop for address in far.addresses):
                reason = f"no next-hop tunnel entry on {interface}, so {host} cannot start {vpn}"
                return Failure(host, "nhtb", next_hop, reason, "no-entry")
        return Failure(host, "nhtb", next_hop, f"no next-hop tunnel entry on {interface}", "no-entry")

    # --- back ------------------------------------------------------------------------------------

    def _back(self) -> Failure | None:
        """Return the failure of the answer: it needs no policy, as the session exists, but the same path back."""
        for position in range(len(self.visits) - 1, -1, -1):
            visit = self.visits[position]
            if position == 0 and (visit.zone == SELF or self.fabric.views[visit.host].interface_of(self.source)):
                return None
            way = self.exit(visit.host, self.source)
            if isinstance(way, Failure):
                return Failure(way.device, way.layer, way.object, f"{way.reason} (for the answer)", way.code)
            if way.interface.zone != visit.zone:
                reason = f"the answer would leave through {way.interface.name}, the request came in {visit.ingress}"
                return Failure(visit.host, "route", self.source, reason, "asymmetric")
            if way.vpn is not None and position:
                peer = self.tunnels.peer_of((visit.host, way.vpn))
                if peer is None or peer[0] != self.visits[position - 1].host:
                    reason = f"the answer would go into {way.vpn}, not back to {self.visits[position - 1].host}"
                    return Failure(visit.host, "nhtb", way.route.next_hop or self.source, reason, "wrong-vpn")
        return None
