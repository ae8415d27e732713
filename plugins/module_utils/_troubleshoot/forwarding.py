# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What leads traffic into a tunnel and out of it: the next-hop tunnel entry, routes, policies."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import Flow
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot import policy_lookup
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import (
    Case,
    End,
    Fault,
    Step,
    blamed,
    half,
    step,
    unreadable,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.parameters import unit_of
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import next_hop_tunnels, routes

_STATIC = ("routing-options", "static", "route")


def nhtb(case: Case, up: bool) -> Step:
    """Does the hub bind the spoke's next hop to its VPN, and the spoke nothing? C(up): phase 2 is up."""
    expected = "the hub's entry for the spoke, none at the spoke"
    faults = _hub_bindings(case.hub) if case.hub.read else []
    extra = _spoke_bindings(case.spoke) if case.spoke.read else []
    if not up or not _routed(case.spoke):
        faults, extra = faults + extra, []
    if faults:
        return blamed(case, "nhtb", expected, faults)
    found = _entry(case, expected, up)
    return replace(
        found, notes=(*found.notes, *(f"{one} is {one.actual}: not planned, and not needed" for one in extra))
    )


def _entry(case: Case, expected: str, up: bool) -> Step:
    """The hub's entry for the spoke, as the device shows it."""
    if not case.hub.read:
        return step(case, "nhtb", "unknown", expected, "not read", unreadable(case, "its next-hop tunnels"))
    hub = case.hub
    if not hub.plan.multipoint:
        return step(case, "nhtb", "ok", "no entry on a point-to-point unit", "none needed")
    [finding] = next_hop_tunnels.findings(hub.plan, hub.observation)
    if finding.state == "ok":
        return step(case, "nhtb", "ok", finding.expected, finding.actual)
    if finding.state == "unknown" or not up:
        actual = finding.actual if finding.state == "unknown" else f"{finding.actual}, which comes with Phase 2"
        return step(case, "nhtb", "unknown", finding.expected, actual, finding.remedy)
    ours = [one for one in hub.observation.next_hop_tunnels.items if one.next_hop == hub.tunnel.next_hop]
    if ours and all(next_hop_tunnels.is_planned(one, hub.tunnel) for one in ours):
        note = f"{hub.host}: {finding.actual} instead of {finding.expected}: {finding.remedy}"
        return step(case, "nhtb", "ok", finding.expected, finding.actual, notes=[note])
    fault = Fault(hub.host, f"{_unit(hub)} family inet next-hop-tunnel", finding.expected, finding.actual, False)
    return step(case, "nhtb", "failed", finding.expected, finding.actual, finding.remedy, faults=[fault])


def tunnel_routes(case: Case, up: bool) -> Step:
    """Are the routes into the tunnel active, and does nothing more specific lead around it?"""
    expected = "routes into the tunnel active"
    faults: list[Fault] = []
    unclear: list[str] = []
    for end in case.readable:
        wanted = networks(case, end)
        for network in wanted:
            faults += _route_faults(end, network)
        for finding in routes.findings(end.plan, end.observation):
            if finding.object not in wanted or finding.state == "ok":
                continue
            place = " ".join((*_STATIC, finding.object, "next-hop"))
            if any(fault.host == end.host and finding.object in fault.statement for fault in faults):
                continue
            if finding.state == "unknown" or not up:
                unclear.append(f"{end.host}: {finding.object} {finding.actual}")
            else:
                faults.append(Fault(end.host, place, finding.expected, finding.actual, False))
    if faults:
        return blamed(case, "tunnel_routes", expected, faults)
    if unclear:
        return step(case, "tunnel_routes", "unknown", expected, "; ".join(unclear), "It may come with the tunnel.")
    return half(case, "tunnel_routes", expected, "its routes into the tunnel ('get route')")


def policies(case: Case) -> Step:
    """Do policies and address books let the traffic through in both directions, on both ends?"""
    expected = "policies in both directions, with the networks' addresses"
    faults: list[Fault] = []
    for end in case.readable:
        for way in ways(case, end):
            verdict = policy_lookup.judge(end.now, end.planned, way)
            if not verdict.permitted:
                faults += [Fault(end.host, one.place, one.expected, one.actual) for one in (verdict, *verdict.also)]
    if faults:
        return blamed(case, "policies", expected, list(dict.fromkeys(faults)))
    return half(case, "policies", expected, "its policies and addresses ('get policy', 'get address')")


def networks(case: Case, end: End) -> list[str]:
    """The networks to which an end is to have a route into the tunnel."""
    wanted = {network for flow in case.flows for network in _behind(flow, end, case)}
    return [network for network in end.tunnel.remote_networks if network in wanted]


def ways(case: Case, end: End) -> list[policy_lookup.Way]:
    """What is to pass an end: between its LANs and the tunnel, and on the hub from one spoke to another."""
    found: list[policy_lookup.Way] = []
    vpn = end.plan.site.tunnel_zone
    for flow in case.flows:
        zones = [
            [(lan.zone if site.host == end.host else vpn, lan.network) for lan in site.site.lans]
            for site in (flow.source, flow.destination)
        ]
        if end.host not in (flow.source.host, flow.destination.host) and end is not case.hub:
            continue
        found += [policy_lookup.Way(a, b, one, other) for a, one in zones[0] for b, other in zones[1]]
    return list(dict.fromkeys(found))


def _behind(flow: Flow, end: End, case: Case) -> list[str]:
    """The far networks of a flow, seen from an end of the tunnel."""
    spoke = case.spoke.plan
    far: tuple[DevicePlan, ...] = (flow.source, flow.destination)
    if end is case.hub:
        far = tuple(site for site in far if site.host == spoke.host)
    else:
        far = tuple(site for site in far if site.host != spoke.host)
    return [lan.network for site in far for lan in site.site.lans]


def _unit(end: End) -> str:
    return f"interfaces {' '.join(unit_of(end.tunnel.bind_interface))}"


def _hub_bindings(end: End) -> list[Fault]:
    """What the hub's configuration binds otherwise than planned."""
    unit, tunnel = ("interfaces", *unit_of(end.tunnel.bind_interface)), end.tunnel
    if end.plan.multipoint and not end.now.has(*unit, "multipoint"):
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
    """Whether the device has the planned entry, whoever made it: Junos learns from Junos."""
    table = end.observation.next_hop_tunnels.items
    return any(next_hop_tunnels.is_planned(one, end.tunnel) for one in table)


def _routed(end: End) -> bool:
    """Whether the routes into the tunnel are active whatever the unit looks like."""
    found = routes.findings(end.plan, end.observation)
    return bool(found) and all(finding.state == "ok" for finding in found)


def _spoke_bindings(end: End) -> list[Fault]:
    """A spoke's unit is point-to-point; as multipoint it would wait for entries that nobody makes."""
    unit = ("interfaces", *unit_of(end.tunnel.bind_interface))
    extra = [("multipoint",), ("family", "inet", "next-hop-tunnel")]
    return [
        Fault(end.host, " ".join((*unit, *words)), "not set", "set")
        for words in extra
        if end.now.has(*unit, *words) and not end.planned.has(*unit, *words)
    ]


def _route_faults(end: End, network: str) -> list[Fault]:
    """The planned route missing or leading elsewhere, or a more specific one beside it."""
    wanted = ipaddress.ip_network(network, strict=False)
    place = (*_STATIC, network)
    ours, plan = (_hops(one, place) for one in (end.now, end.planned))
    if end.planned.has(*place) and not end.now.has(*place):
        return [Fault(end.host, " ".join((*place, "next-hop")), plan, "not set")]
    if end.planned.has(*place) and ours != plan:
        return [Fault(end.host, " ".join((*place, "next-hop")), plan, ours)]
    found: list[Fault] = []
    for name in end.now.names(*_STATIC):
        try:
            other = ipaddress.ip_network(name)
        except ValueError:
            continue
        inside = other != wanted and other.version == wanted.version and other.subnet_of(wanted)  # type: ignore[arg-type]
        if inside and not end.planned.has(*_STATIC, name):
            found.append(Fault(end.host, " ".join((*_STATIC, name)), "not set", _hops(end.now, (*_STATIC, name))))
    return found


def _hops(config: Hierarchy, place: tuple[str, ...]) -> str:
    hops = config.names(*place, "next-hop")
    other = [word for word in config.names(*place) if word not in ("next-hop", "resolve")]
    return " ".join([*other, *(f"next-hop {hop}" for hop in hops)]) or "not set"
