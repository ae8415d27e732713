# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The ground under a tunnel: interfaces, the route to the peer, and whether the two can talk IKE at all."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Route
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import (
    Case,
    End,
    Fault,
    Step,
    blamed,
    half,
    restore,
    step,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.parameters import addresses, unit_of
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import ike

_LETS_IKE_IN = ("ike", "all", "any-service")
_LETS_PING_IN = ("ping", "all", "any-service")


def interfaces(case: Case) -> Step:
    """Are the Internet, LAN and tunnel interfaces up, with their addresses, in their zones?"""
    expected = "interfaces up, with their addresses, in their zones"
    for end in case.readable:
        if _nothing_planned(end):
            place = f"apply-groups {end.plan.group}"
            fault = Fault(end.host, place, "applied", "without effect: no planned statement is in effect")
            return blamed(case, "interfaces", expected, [fault])
    faults = [fault for end in case.readable for fault in _interface_faults(end)]
    if faults:
        return blamed(case, "interfaces", expected, faults)
    for end in case.readable:
        if down := _links_down(end):
            remedy = f"See the cable, the port at its other end, and 'show interfaces {down[0]} extensive'."
            faults = [Fault(end.host, f"interfaces {name}", "link up", "link down", False) for name in down]
            return step(
                case, "interfaces", "failed", expected, f"link down on {', '.join(down)}", remedy, faults=faults
            )
    for end in case.readable:
        if end.interfaces.state != "ok":
            return step(case, "interfaces", "unknown", expected, end.interfaces.reason, host=end.host)
    return half(case, "interfaces", expected, "its interfaces")


def route(case: Case) -> Step:
    """Does a route lead to the Internet next hop, and by the external interface to the peer?"""
    expected = "an active route to the peer through the external interface"
    for end in case.readable:
        if end.to_peer.state != "ok":
            return step(case, "route", "unknown", expected, end.to_peer.reason or "not asked", host=end.host)
        active = [one for one in end.to_peer.items if one.active]
        if any(one.via == end.plan.site.wan.interface for one in active):
            continue
        fault = _route_fault(end, active)
        remedy = restore(case, [fault])
        remedy += f" {end.plan.site.wan.gateway} must lie on a network of {end.plan.site.wan.interface}."
        return blamed(case, "route", expected, [fault], remedy)
    return half(case, "route", expected, "its default route")


def reachability(case: Case) -> Step:
    """Do both ends let IKE in, and does the peer answer?"""
    expected = "host-inbound ike at both ends, the peer within reach"
    faults = [fault for end in case.readable for fault in _deaf(end)]
    up = all(_phase1_up(end) for end in case.readable)
    if faults and up:
        notes = [f"{fault} is {fault.actual}: the next negotiation will fail" for fault in faults]
        return step(case, "reachability", "ok", expected, "Phase 1 is up", notes=notes)
    if faults:
        return blamed(case, "reachability", expected, faults)
    for end in case.readable:
        peer = case.other(end)
        answered = [one.replies if one.received is None else one.received for one in end.ping.items]
        if end.ping.state != "ok" or any(answered) or not peer.read or not _lets_in(peer, _LETS_PING_IN):
            continue
        actual = f"{end.tunnel.peer_address} does not answer {end.host}, though {peer.host} lets ping in"
        remedy = "Follow the path with traceroute from both ends: a provider or a filter between them drops packets."
        faults = [Fault(end.host, f"the path to {end.tunnel.peer_address}", "answers", "no answer", False)]
        return step(case, "reachability", "failed", expected, actual, remedy, faults=faults)
    return half(case, "reachability", expected, "whether its Internet zone lets IKE in")


def suspects(case: Case) -> list[Fault]:
    """What is not as planned on the ground and need not be a fault: another next hop may do as well."""
    found: list[Fault] = []
    for end in case.readable:
        place = ("routing-options", "static", "route", "0.0.0.0/0")
        ours, wanted = (_target(one, place) for one in (end.now, end.planned))
        if end.planned.has(*place) and ours != wanted:
            found.append(Fault(end.host, " ".join((*place, "next-hop")), wanted, ours, False))
    return found


def lets_ping_in(end: End, interface: str) -> bool:
    """Whether a ping to the address of an interface is answered."""
    return _services(end.now, interface, _LETS_PING_IN)[0]


def ping_place(end: End, interface: str) -> str:
    """The statement that would let pings in on an interface, in the plan's words."""
    return _place(end, interface, _LETS_PING_IN)


def zone_of(config: Hierarchy, interface: str) -> str | None:
    """The zone that holds a logical interface."""
    zones = ("security", "zones", "security-zone")
    short = interface.removesuffix(".0")
    return next(
        (
            zone
            for zone in config.names(*zones)
            if any(config.has(*zones, zone, "interfaces", name) for name in (interface, short))
        ),
        None,
    )


def _nothing_planned(end: End) -> bool:
    roots = [word for word in end.planned.names() if word != "system"]
    return not any(_shared(end.planned, end.now, (word,)) for word in roots)


def _shared(planned: Hierarchy, now: Hierarchy, place: tuple[str, ...]) -> bool:
    """Whether any planned statement below a place is in effect."""
    below = planned.names(*place)
    if not below:
        return now.has(*place)
    return now.has(*place) and any(_shared(planned, now, (*place, word)) for word in below)


def _interface_faults(end: End) -> list[Fault]:
    site = end.plan.site
    wanted = [(site.wan.interface, site.wan.address, site.wan.zone)]
    wanted += [(lan.interface, lan.address, lan.zone) for lan in site.lans]
    wanted += [(site.tunnel_interface, site.tunnel_address, site.tunnel_zone)]
    return [fault for one in wanted for fault in _one_interface(end, *one)]


def _one_interface(end: End, interface: str, address: str, zone: str) -> list[Fault]:
    unit = unit_of(interface)
    for words in (unit[:1], unit):
        if end.now.has("interfaces", *words, "disable"):
            return [Fault(end.host, f"interfaces {' '.join(words)} disable", "not set", "set")]
    held = addresses(end.now, interface)
    if address not in held and not (interface == end.tunnel.bind_interface and _will_do(end, address, held)):
        place = f"interfaces {' '.join(unit)} family inet address"
        return [Fault(end.host, place, address, ", ".join(held) or "not set")]
    found = zone_of(end.now, interface)
    if found != zone:
        place = f"security zones security-zone {zone} interfaces {interface}"
        return [Fault(end.host, place, "set", f"in zone {found}" if found else "in no zone")]
    return []


def _will_do(end: End, address: str, held: t.Sequence[str]) -> bool:
    """Whether another address of the hub's tunnel unit serves: the spokes' next hops must be on its network."""
    network = ipaddress.ip_interface(address).network
    return end.plan.site.role == "hub" and any(ipaddress.ip_interface(one).network == network for one in held)


def _links_down(end: End) -> list[str]:
    # The tunnel's own unit is not asked: it is down as long as its VPN is.
    site = end.plan.site
    logical = [site.wan.interface, *(lan.interface for lan in site.lans)]
    names = {name for one in logical for name in (one, unit_of(one)[0])}
    return [
        one.name
        for one in end.interfaces.items
        if one.name in names and "down" in (one.admin, one.link) and one.node in (None, "node0", "node1")
    ]


def _route_fault(end: End, active: t.Sequence[Route]) -> Fault:
    """The static route that sends packets for the peer elsewhere or nowhere, or the planned one that is missing."""
    wan, base = end.plan.site.wan, ("routing-options", "static", "route")
    wanted = f"next-hop {wan.gateway}"
    peer = ipaddress.ip_address(end.tunnel.peer_address)
    covering = sorted(
        (ipaddress.ip_network(name) for name in end.now.names(*base) if _holds(name, peer)),
        key=lambda network: network.prefixlen,
    )
    if covering:
        name = str(covering[-1])
        way = _target(end.now, (*base, name))
        at = " ".join((*base, name))
        planned_way = _target(end.planned, (*base, name))
        if planned_way == "not set":
            expected = "not set" if name != "0.0.0.0/0" else wanted
            return Fault(end.host, at, expected, way)
        if way != planned_way:
            return Fault(end.host, f"{at} next-hop", planned_way, way)
    told = f"active through {active[0].via or active[0].next_hop_type}" if active else "no active route"
    return Fault(
        end.host, f"{' '.join(base)} 0.0.0.0/0 next-hop", wanted, _target(end.now, (*base, "0.0.0.0/0")) + f", {told}"
    )


def _holds(name: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(name)
    except ValueError:
        return False


def _target(config: Hierarchy, place: tuple[str, ...]) -> str:
    if not config.has(*place):
        return "not set"
    hops = config.names(*place, "next-hop") + config.names(*place, "qualified-next-hop")
    kinds = [word for word in ("discard", "reject", "receive") if config.has(*place, word)]
    return " ".join(kinds) or f"next-hop {', '.join(hops)}"


def _deaf(end: End) -> list[Fault]:
    interface = end.plan.site.wan.interface
    heard, _where = _services(end.now, interface, _LETS_IKE_IN)
    return [] if heard else [Fault(end.host, _place(end, interface, _LETS_IKE_IN), "set", "not set")]


def _place(end: End, interface: str, services: t.Sequence[str]) -> str:
    """Where it is decided now whether a service is let in, and the word by which the plan lets it in."""
    place = _services(end.now, interface, services)[1]
    planned = end.planned.names(*_services(end.planned, interface, services)[1].split())
    return f"{place} {next((one for one in services if one in planned), services[0])}"


def _lets_in(end: End, services: t.Sequence[str]) -> bool:
    return _services(end.now, end.plan.site.wan.interface, services)[0]


def _services(config: Hierarchy, interface: str, wanted: t.Sequence[str]) -> tuple[bool, str]:
    """Whether one of the services is let in on an interface, and where that is decided."""
    zone = zone_of(config, interface) or ""
    base = ("security", "zones", "security-zone", zone)
    # What is configured on the interface replaces what the zone says; it does not add to it.
    own = [(*base, "interfaces", name, "host-inbound-traffic") for name in (interface, interface.removesuffix(".0"))]
    place = next((place for place in own if config.has(*place)), (*base, "host-inbound-traffic"))
    place = (*place, "system-services")
    named = config.has(*place, wanted[0])
    heard = any(config.has(*place, one) for one in wanted)
    if named and config.has(*place, wanted[0], "except"):
        heard = False
    return heard, " ".join(place)


def _phase1_up(end: End) -> bool:
    return any(one.state == "UP" for one in ike.of_tunnel(end.tunnel, end.observation.ike.items))
