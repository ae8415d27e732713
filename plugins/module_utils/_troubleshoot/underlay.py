# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The underlay of a tunnel: interfaces, the route to the peer, and whether IKE packets reach the peer."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Route
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Attachment
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import (
    Case,
    End,
    Expectation,
    Fault,
    Step,
    restore_remedy,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.parameters import addresses, unit_of
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import ike

# Host-inbound services that include IKE, and those that include ping.
_IKE_SERVICES = ("ike", "all", "any-service")
_PING_SERVICES = ("ping", "all", "any-service")
_DEFAULT = "0.0.0.0/0"
_DHCP = ("family", "inet", "dhcp")
_PPPOE = ("family", "inet", "negotiate-address")
_STATIC = ("routing-options", "static", "route")


def interfaces(case: Case) -> Step:
    """Check that the WAN, LAN and tunnel interfaces are up, with their addresses, in their zones."""
    expected = Expectation(case, "interfaces", "interfaces up, with their addresses, in their zones")
    for end in case.readable:
        if _has_no_effect(end):
            place = f"apply-groups {end.plan.group}"
            return expected.failed_by([Fault(end.host, place, "applied", "no planned statement in effect")])
    faults = [fault for end in case.readable for fault in _interface_faults(end)]
    if faults:
        return expected.failed_by(faults)
    for end in case.readable:
        if down := _links_down(end):
            remedy = f"Check the cable, the port at its other end, and 'show interfaces {down[0]} extensive'."
            faults = [Fault(end.host, f"interfaces {name}", "link up", "link down", certain=False) for name in down]
            return expected.failed(f"link down on {', '.join(down)}", remedy, faults)
    for end in case.readable:
        if end.interfaces.state != "ok":
            return expected.unknown(end.interfaces.reason, host=end.host)
    return expected.ok_where_read("its interfaces")


def route(case: Case) -> Step:
    """Check that an active route leads to the peer through the external interface."""
    expected = Expectation(case, "route", "an active route to the peer through the external interface")
    for end in case.readable:
        if end.tunnel.is_dynamic:
            continue
        if end.to_peer.state != "ok":
            return expected.unknown(end.to_peer.reason or "not asked", host=end.host)
        active = [one for one in end.to_peer.items if one.active]
        wan = end.tunnel.local.wan
        if any(one.via == wan.interface for one in active):
            continue
        fault = _route_fault(end, active)
        remedy = restore_remedy(case, [fault])
        if wan.gateway is not None:
            remedy += f" {wan.gateway} must be in a network of {wan.interface}."
        return expected.failed_by([fault], remedy)
    return expected.ok_where_read("its default route")


def reachability(case: Case) -> Step:
    """Check that both ends allow host-inbound IKE, and that the peer answers."""
    expected = Expectation(case, "reachability", "host-inbound ike at both ends, the peer reachable")
    faults = [fault for end in case.readable for fault in _closed_to_ike(end)]
    if faults and all(_phase1_is_up(end) for end in case.readable):
        notes = [f"{fault.difference}: the next negotiation will fail" for fault in faults]
        return expected.ok("Phase 1 is up", notes)
    if faults:
        return expected.failed_by(faults)
    for end in case.readable:
        peer = case.other(end)
        answered = [one.replies if one.received is None else one.received for one in end.ping.items]
        if end.ping.state != "ok" or any(answered) or not peer.read or not _allows_ping(peer):
            continue
        if peer.tunnel.local.wan.behind_nat:
            # The NAT in front of the peer answers pings or drops them.
            continue
        actual = f"no answer from {end.tunnel.peer_name} to {end.host}, and {peer.host} allows ping"
        remedy = "Trace the path from both ends with traceroute: a provider or a filter drops packets."
        path = Fault(end.host, f"the path to {end.tunnel.peer_name}", "an answer", "no answer", certain=False)
        return expected.failed(actual, remedy, [path])
    return expected.ok_where_read("whether its WAN zone allows IKE")


def possible_causes(case: Case) -> list[Fault]:
    """Return differences from the plan in the underlay that may have no effect: another gateway may work too."""
    found: list[Fault] = []
    for end in case.readable:
        place = (*_STATIC, _DEFAULT)
        ours, planned = (_target(one, place) for one in (end.now, end.planned))
        if end.planned.has(*place) and ours != planned:
            found.append(Fault(end.host, " ".join((*place, "next-hop")), planned, ours, certain=False))
    return found


def allows_ping(end: End, interface: str) -> bool:
    """Return whether the zone or interface configuration allows a ping to the address of an interface."""
    return _host_inbound(end.now, interface, _PING_SERVICES)[0]


def ping_statement(end: End, interface: str) -> str:
    """Return the planned statement that allows pings to an interface."""
    return _service_statement(end, interface, _PING_SERVICES)


def zone_of(config: Hierarchy, interface: str) -> str | None:
    """Return the zone of a logical interface; ``None`` without one."""
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


def _has_no_effect(end: End) -> bool:
    """Return whether none of the planned statements is in effect. The host name, which every device has, is ignored."""
    roots = [word for word in end.planned.names() if word != "system"]
    return not any(_overlaps(end.planned, end.now, (word,)) for word in roots)


def _overlaps(planned: Hierarchy, now: Hierarchy, place: tuple[str, ...]) -> bool:
    """Return whether any planned statement below a place is in effect."""
    below = planned.names(*place)
    if not below:
        return now.has(*place)
    return now.has(*place) and any(_overlaps(planned, now, (*place, word)) for word in below)


def _interface_faults(end: End) -> list[Fault]:
    site = end.plan.site
    wan = end.tunnel.local.wan
    loopback = (wan.loopback,) if wan.loopback else ()
    wanted: tuple[Attachment, ...] = (wan, *loopback, *site.lans, end.tunnel.local.unit)
    return [fault for one in wanted for fault in _one_interface(end, one.interface, one.address, one.zone)]


def _one_interface(end: End, interface: str, address: str | None, zone: str) -> list[Fault]:
    unit = unit_of(interface)
    for words in (unit[:1], unit):
        if end.now.has("interfaces", *words, "disable"):
            return [Fault(end.host, f"interfaces {' '.join(words)} disable", "not set", "set")]
    held = addresses(end.now, interface)
    if address is None:
        place = ("interfaces", *unit, *(_PPPOE if unit[0] == "pp0" else _DHCP))
        if end.planned.has(*place) and not end.now.has(*place):
            return [Fault(end.host, " ".join(place), "set", ", ".join(held) or "not set")]
    else:
        is_tunnel = interface == end.tunnel.bind_interface
        serves = is_tunnel and (end.tunnel.local.unit.unnumbered or _in_tunnel_network(end, address, held))
        place = ("interfaces", *unit, "family", "inet", "address")
        # An unmanaged interface may have the address from a DHCP server, and then no configuration has it.
        leased = not held and end.now.has("interfaces", *unit, *_DHCP) and not end.planned.has(*place)
        if address not in held and not serves and not leased:
            return [Fault(end.host, " ".join(place), address, ", ".join(held) or "not set")]
    tagging = f"interfaces {' '.join(unit)} vlan-id"
    planned, now = (one.value("interfaces", *unit, "vlan-id") for one in (end.planned, end.now))
    if planned and now != planned:
        return [Fault(end.host, tagging, planned, now or "not set")]
    found = zone_of(end.now, interface)
    if found != zone:
        member = f"security zones security-zone {zone} interfaces {interface}"
        return [Fault(end.host, member, "set", f"in zone {found}" if found else "in no zone")]
    return []


def _in_tunnel_network(end: End, address: str, held: t.Sequence[str]) -> bool:
    """Return whether the hub has another address in the tunnel network: the spokes' next hops are then reachable."""
    network = ipaddress.ip_interface(address).network
    return end.tunnel.multipoint and any(ipaddress.ip_interface(one).network == network for one in held)


def _links_down(end: End) -> list[str]:
    """Return the WAN and LAN interfaces that are down. The st0 unit is not checked: it is down while its VPN is."""
    logical = [end.tunnel.external_interface, *(lan.interface for lan in end.plan.site.lans)]
    names = {name for one in logical for name in (one, unit_of(one)[0])}
    return [
        one.name
        for one in end.interfaces.items
        if one.name in names and "down" in (one.admin, one.link) and one.node in (None, "node0", "node1")
    ]


def _route_fault(end: End, active: t.Sequence[Route]) -> Fault:
    """Return the static route that discards or diverts packets for the peer, else the missing default route."""
    wan = end.tunnel.local.wan
    planned_default = f"next-hop {wan.gateway or f'through {wan.interface}'}"
    peer = ipaddress.ip_address(end.tunnel.peer_address or "0.0.0.0")  # noqa: S104  not a socket's
    wanted = _narrowest(end.planned, peer)
    if wanted not in (None, _DEFAULT) and not end.now.has(*_STATIC, str(wanted)):
        # Where the default route leads into the tunnel, the peer has a route of its own.
        place = (*_STATIC, str(wanted))
        return Fault(end.host, " ".join((*place, "next-hop")), _target(end.planned, place), "not set")
    covering = _narrowest(end.now, peer)
    if covering:
        place = (*_STATIC, covering)
        actual = _target(end.now, place)
        if not end.planned.has(*place):
            expected = planned_default if place[-1] == _DEFAULT else "not set"
            return Fault(end.host, " ".join(place), expected, actual)
        planned = _target(end.planned, place)
        if actual != planned:
            return Fault(end.host, " ".join((*place, "next-hop")), planned, actual)
    place = (*_STATIC, _DEFAULT)
    shown = f"active through {active[0].via or active[0].next_hop_type}" if active else "no active route"
    return Fault(end.host, " ".join((*place, "next-hop")), planned_default, f"{_target(end.now, place)}, {shown}")


def _narrowest(config: Hierarchy, peer: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str | None:
    """Return the prefix of the static route that leads to an address, ``None`` without one."""
    found = [ipaddress.ip_network(name) for name in config.names(*_STATIC) if _contains(name, peer)]
    return str(max(found, key=lambda network: network.prefixlen)) if found else None


def _contains(prefix: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(prefix)
    except ValueError:
        return False


def _target(config: Hierarchy, place: tuple[str, ...]) -> str:
    """Return the target of a static route for a message."""
    if not config.has(*place):
        return "not set"
    hops = config.names(*place, "next-hop") + config.names(*place, "qualified-next-hop")
    kinds = [word for word in ("discard", "reject", "receive") if config.has(*place, word)]
    return " ".join(kinds) or f"next-hop {', '.join(hops)}"


def _closed_to_ike(end: End) -> list[Fault]:
    interface = end.tunnel.external_interface
    allowed, _place = _host_inbound(end.now, interface, _IKE_SERVICES)
    return [] if allowed else [Fault(end.host, _service_statement(end, interface, _IKE_SERVICES), "set", "not set")]


def _service_statement(end: End, interface: str, services: t.Sequence[str]) -> str:
    """Return the place that decides on host-inbound services, with the planned word for one of the services."""
    _allowed, place = _host_inbound(end.now, interface, services)
    _planned, where = _host_inbound(end.planned, interface, services)
    planned = end.planned.names(*where)
    if "interfaces" in where:
        # The zone decides only because the interface lacks its planned services.
        place = where
    return " ".join((*place, next((one for one in services if one in planned), services[0])))


def _allows_ping(end: End) -> bool:
    return allows_ping(end, end.tunnel.external_interface)


def _host_inbound(config: Hierarchy, interface: str, services: t.Sequence[str]) -> tuple[bool, tuple[str, ...]]:
    """Return whether one of the services is allowed on an interface, and the place that decides."""
    zone = zone_of(config, interface) or ""
    base = ("security", "zones", "security-zone", zone)
    # The configuration of the interface replaces that of its zone; it does not add to it.
    own = [(*base, "interfaces", name, "host-inbound-traffic") for name in (interface, interface.removesuffix(".0"))]
    place = next((place for place in own if config.has(*place)), (*base, "host-inbound-traffic"))
    place = (*place, "system-services")
    allowed = any(config.has(*place, one) for one in services)
    return allowed and not config.has(*place, services[0], "except"), place


def _phase1_is_up(end: End) -> bool:
    return any(one.state == "UP" for one in ike.of_tunnel(end.tunnel, end.observation.ike))
