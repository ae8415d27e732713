# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Forwarding into and out of a tunnel: the next-hop tunnel entry, routes, and policies."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._config import policy_lookup
from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import STATIC_PREFERENCE
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import Flow
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import (
    Case,
    End,
    Expectation,
    Fault,
    Step,
    unread_remedy,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.parameters import unit_of
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import next_hop_tunnels, routes

_ROUTES = ("routing-options", "static", "route")
_STATIC = str(STATIC_PREFERENCE)


def nhtb(case: Case, *, up: bool) -> Step:
    """Check that the hub binds the spoke's next hop to its VPN, and the spoke binds nothing. ``up``: phase 2 is up."""
    expected = Expectation(case, "nhtb", "the hub's entry for the spoke, none at the spoke")
    faults = _hub_bindings(case.hub) if case.hub.read else []
    extra = _spoke_bindings(case.spoke) if case.spoke.read else []
    if not up or not _has_active_routes(case.spoke):
        faults, extra = faults + extra, []
    if faults:
        return expected.failed_by(faults)
    found = _entry(expected, up=up)
    notes = (f"{fault.difference}: not planned, and without effect" for fault in extra)
    return replace(found, notes=(*found.notes, *notes))


def _entry(expected: Expectation, *, up: bool) -> Step:
    """Return the step by the hub's entry for the spoke, as the device shows it."""
    hub = expected.case.hub
    if not hub.read:
        return expected.unknown("not read", unread_remedy(expected.case, "its next-hop tunnels"))
    if not hub.tunnel.multipoint:
        return replace(expected, expected="no entry on a point-to-point unit").ok("none needed")
    [finding] = next_hop_tunnels.findings(hub.plan, hub.observation)
    expected = replace(expected, expected=finding.expected)
    if finding.state == "ok":
        return expected.ok(finding.actual)
    if finding.state == "unknown":
        return expected.unknown(finding.actual, finding.remedy)
    if not up:
        return expected.unknown(f"{finding.actual}, which comes with Phase 2", finding.remedy)
    ours = [one for one in hub.observation.next_hop_tunnels.items if one.next_hop == hub.tunnel.next_hop]
    if ours and all(next_hop_tunnels.is_planned(one, hub.tunnel) for one in ours):
        note = f"{hub.host}: expected {finding.expected}, actual {finding.actual}: {finding.remedy}"
        return expected.ok(finding.actual, [note])
    table = f"{_unit(hub)} family inet next-hop-tunnel"
    fault = Fault(hub.host, table, finding.expected, finding.actual, certain=False)
    return expected.failed(finding.actual, finding.remedy, [fault])


def tunnel_routes(case: Case, *, up: bool) -> Step:
    """Check that the routes into the tunnel are active, and that no more specific route bypasses it."""
    expected = Expectation(case, "tunnel_routes", "routes into the tunnel active")
    faults: list[Fault] = []
    unclear: list[str] = []
    for end in case.readable:
        # Beyond the tunnel, a network behind a router of a LAN needs a route too.
        faults += [one for route in end.plan.inside_routes if (one := _static_route_fault(end, route.prefix))]
        wanted = networks(case, end)
        prefixes = dict.fromkeys(prefix for network in wanted if (prefix := end.tunnel.prefix_to(network)))
        static = {prefix: _static_route_fault(end, prefix) for prefix in prefixes}
        faults += [fault for fault in static.values() if fault]
        for network in wanted:
            prefix = end.tunnel.prefix_to(network) or network
            faults += [] if static[prefix] else _more_specific_routes(end, network, prefix)
        for finding in routes.of_tunnel(end.plan, end.tunnel, end.observation):
            if finding.object not in prefixes or finding.state in ("ok", "skipped") or static[finding.object]:
                continue
            if finding.state == "unknown" or not up:
                unclear.append(f"{end.host}: {finding.object} {finding.actual}")
            else:
                statement = " ".join((*_ROUTES, finding.object, "next-hop"))
                faults.append(Fault(end.host, statement, finding.expected, finding.actual, certain=False))
    if faults:
        return expected.failed_by(faults)
    if unclear:
        return expected.unknown("; ".join(unclear), "The route may become active with the tunnel.")
    return expected.ok_where_read("its routes into the tunnel ('get route')")


def policies(case: Case) -> Step:
    """Check that policies and address books permit the traffic in both directions, on both ends."""
    expected = Expectation(case, "policies", "policies in both directions, with the networks' addresses")
    faults = [
        Fault(end.host, one.statement, one.expected, one.actual)
        for end in case.readable
        for traffic in traffic_through(case, end)
        for one in policy_lookup.find_obstacles(end.now, end.planned, traffic)
    ]
    faults += _exit_faults(case)
    if faults:
        return expected.failed_by(list(dict.fromkeys(faults)))
    found = expected.ok_where_read("its policies and addresses ('get policy', 'get address')")
    return replace(found, notes=(*found.notes, *_leaks(case)))


def _exit_faults(case: Case) -> list[Fault]:
    """Return the statements that the hub lacks for the spoke's traffic to the Internet, where that leaves there."""
    hub, own = case.hub, {lan.network for lan in case.spoke.plan.site.networks}
    if not hub.read or own.isdisjoint(hub.plan.exit_networks):
        return []
    zone, to_zone = hub.tunnel.local.unit.zone, hub.tunnel.local.wan.zone
    pair = ("security", "policies", "from-zone", zone, "to-zone", to_zone, "policy")
    sets = ("security", "nat", "source", "rule-set")
    places = [(*pair, name) for name in hub.planned.names(*pair)]
    places += [(*sets, name, "from", "zone", zone) for name in hub.planned.names(*sets)]
    missing = [place for place in places if hub.planned.has(*place) and not hub.now.has(*place)]
    return [Fault(hub.host, " ".join(place), "set", "not set") for place in missing]


def _leaks(case: Case) -> list[str]:
    """Return a note per end and zone whose packets would leave in clear while the tunnel is down, against the plan."""
    notes = []
    for end in case.readable:
        if end.plan.closed_by == "nothing":
            continue
        to_zone = end.tunnel.local.wan.zone
        for lan in end.plan.site.networks:
            for network in networks(case, end):
                route = end.tunnel.prefix_to(network) or network
                if {"passive", "discard", "reject"} & set(end.now.names(*_ROUTES, route)):
                    continue
                traffic = policy_lookup.Traffic(lan.zone, to_zone, lan.network, network)
                policy, action = policy_lookup.decide(end.now, traffic)
                if action.startswith("permit"):
                    notes.append(
                        f"{end.host}: zone {lan.zone}: expected packets for {network} dropped while the tunnel is down,"
                        f" actual policy {policy} lets them out to {to_zone} in clear"
                    )
                    break
    return notes


def networks(case: Case, end: End) -> list[str]:
    """Return the networks to which an end needs a route into the tunnel."""
    wanted = {network for flow in case.flows for network in _behind(flow, end, case)}
    named = [network for network in end.tunnel.remote_networks if network in wanted]
    # Those that only a summary leads to.
    return [*named, *sorted(one for one in wanted.difference(named) if end.tunnel.prefix_to(one))]


def traffic_through(case: Case, end: End) -> list[policy_lookup.Traffic]:
    """Return the planned traffic through an end: between its LANs and the tunnel, and on the hub between spokes."""
    found: list[policy_lookup.Traffic] = []
    tunnel_zone = end.tunnel.local.unit.zone
    for flow in case.flows:
        zones = [
            [(lan.zone if site.host == end.host else tunnel_zone, lan.network) for lan in site.site.networks]
            for site in (flow.source, flow.destination)
        ]
        if end.host not in (flow.source.host, flow.destination.host) and end is not case.hub:
            continue
        found += [
            policy_lookup.Traffic(from_zone, to_zone, source, destination)
            for from_zone, source in zones[0]
            for to_zone, destination in zones[1]
        ]
    return list(dict.fromkeys(found))


def _behind(flow: Flow, end: End, case: Case) -> list[str]:
    """Return the far networks of a flow, seen from an end of the tunnel."""
    spoke = case.spoke.plan
    far: tuple[DevicePlan, ...] = (flow.source, flow.destination)
    if end is case.hub:
        far = tuple(site for site in far if site.host == spoke.host)
    else:
        far = tuple(site for site in far if site.host != spoke.host)
    return [lan.network for site in far for lan in site.site.networks]


def _unit(end: End) -> str:
    return f"interfaces {' '.join(unit_of(end.tunnel.bind_interface))}"


def _hub_bindings(end: End) -> list[Fault]:
    """Return the statements by which the hub's bindings differ from the plan."""
    unit, tunnel = ("interfaces", *unit_of(end.tunnel.bind_interface)), end.tunnel
    if end.tunnel.multipoint and not end.now.has(*unit, "multipoint"):
        return [Fault(end.host, f"{_unit(end)} multipoint", "set", "not set")]
    table = (*unit, "family", "inet", "next-hop-tunnel")
    bound = end.now.value(*table, tunnel.next_hop, "ipsec-vpn")
    place = f"{_unit(end)} family inet next-hop-tunnel {tunnel.next_hop} ipsec-vpn"
    if bound not in (None, tunnel.vpn):
        return [Fault(end.host, place, tunnel.vpn if tunnel.static_binding else "not set", str(bound))]
    elsewhere = [hop for hop in end.now.names(*table) if end.now.value(*table, hop, "ipsec-vpn") == tunnel.vpn]
    if tunnel.static_binding and bound is None:
        actual = f"not set, but next-hop-tunnel {elsewhere[0]}" if elsewhere else "not set"
        return [] if _bound(end) else [Fault(end.host, place, tunnel.vpn, actual)]
    if _bound(end):
        return []
    return [
        Fault(end.host, f"{_unit(end)} family inet next-hop-tunnel {hop} ipsec-vpn", "not set", tunnel.vpn)
        for hop in elsewhere
        if hop != tunnel.next_hop
    ]


def _bound(end: End) -> bool:
    """Return whether the device has the planned entry, static or advertised by a Junos peer."""
    table = end.observation.next_hop_tunnels.items
    return any(next_hop_tunnels.is_planned(one, end.tunnel) for one in table)


def _has_active_routes(end: End) -> bool:
    """Return whether all routes into the tunnel are active."""
    found = routes.findings(end.plan, end.observation)
    return bool(found) and all(finding.state == "ok" for finding in found)


def _spoke_bindings(end: End) -> list[Fault]:
    """Return multipoint statements on a spoke's unit: it is point-to-point, and as multipoint it would need entries."""
    unit = ("interfaces", *unit_of(end.tunnel.bind_interface))
    extra = [("multipoint",), ("family", "inet", "next-hop-tunnel")]
    return [
        Fault(end.host, " ".join((*unit, *words)), "not set", "set")
        for words in extra
        if end.now.has(*unit, *words) and not end.planned.has(*unit, *words)
    ]


def _static_route_fault(end: End, network: str) -> Fault | None:
    """Return the planned static route to a network where it is missing or has another target."""
    place = (*_ROUTES, network)
    if not end.planned.has(*place):
        return None
    planned, actual = _hops(end.planned, place), _hops(end.now, place)
    return Fault(end.host, " ".join((*place, "next-hop")), planned, actual) if actual != planned else None


def _more_specific_routes(end: End, network: str, prefix: str) -> list[Fault]:
    """Return the unplanned static routes to parts of a network, or around it within its planned prefix."""
    wanted = ipaddress.ip_network(network, strict=False)
    found: list[Fault] = []
    for name in end.now.names(*_ROUTES):
        try:
            other = ipaddress.ip_network(name)
        except ValueError:
            continue
        takes = other.overlaps(wanted) and other.prefixlen > ipaddress.ip_network(prefix).prefixlen
        if takes and not end.planned.has(*_ROUTES, name):
            place = (*_ROUTES, name)
            found.append(Fault(end.host, " ".join(place), "not set", _hops(end.now, place)))
    return found


def _hops(config: Hierarchy, place: tuple[str, ...]) -> str:
    """Return the target of a static route for a message."""
    # "passive", and a discard of worse preference, matter only while the next hop is unreachable.
    ignored = {"next-hop", "resolve", "passive", "qualified-next-hop"}
    hops = config.names(*place, "next-hop")
    qualified = config.names(*place, "qualified-next-hop")
    first = [hop for hop in qualified if config.value(*place, "qualified-next-hop", hop, "preference") == _STATIC]
    if first and config.has(*place, "preference"):
        hops, ignored = hops + first, ignored | {"preference", "discard", "reject"}
    other = [word for word in config.names(*place) if word not in ignored]
    return " ".join([*other, *(f"next-hop {hop}" for hop in hops)]) or "not set"
