# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that the route to every remote network is active through the planned st0 unit and next hop."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Route
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, StaticRoute, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import configured, monitoring, next_hop_tunnels
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "routes"
# So many prefixes of a tunnel have a finding each.
_EACH = 8


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per prefix that is routed into a tunnel, and per network behind a router of a LAN.

    Many prefixes of a tunnel have one finding together, which names those that are not as planned: a large fleet has
    dozens on each spoke.
    """
    found = [one for tunnel in plan.tunnels for one in _together(plan, tunnel, of_tunnel(plan, tunnel, observation))]
    return [*found, *(_inside(plan, route, observation) for route in plan.inside_routes)]


def of_tunnel(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> list[Finding]:
    """Return one finding per prefix that is routed into a tunnel, however many these are."""
    return [_finding(plan, tunnel, network, observation) for network in tunnel.remote_networks]


def prefixes(tunnel: Tunnel, finding: Finding) -> t.Sequence[str]:
    """Return the prefixes of a tunnel that a finding is about."""
    return tunnel.remote_networks if finding.object == tunnel.vpn else (finding.object,)


def _together(plan: DevicePlan, tunnel: Tunnel, found: list[Finding]) -> list[Finding]:
    if len(found) <= _EACH:
        return found
    expected = f"{len(found)} networks {found[0].expected}"
    subject = Subject.of(plan, CHECK, tunnel, expected)
    wrong = [one for one in found if one.state != "ok"]
    if not wrong:
        return [subject.ok(expected, f"{len(found)} active")]
    first = wrong[0]
    networks: dict[str, list[str]] = {}
    for one in wrong:
        networks.setdefault(one.actual, []).append(one.object)
    # One answer is the source of all states: where it is missing, they are all the same.
    named = [actual if len(same) == len(found) else f"{actual}: {', '.join(same)}" for actual, same in networks.items()]
    count = len(found) - len(wrong)
    actual = "; ".join([f"{count} active", *named] if count else named)
    brief = first.brief if len(wrong) == len(found) else f"{len(wrong)} of {len(found)} not active"
    return [replace(first, object=subject.object, expected=expected, actual=actual, brief=brief)]


def _inside(plan: DevicePlan, route: StaticRoute, observation: Observation) -> Finding:
    """Return whether the route to a network behind a router of a LAN leads there."""
    expected = f"active through {route.interface} to {route.next_hop}"
    subject = Subject(plan.host, CHECK, route.prefix, expected)
    if observation.routes.state != "ok":
        return subject.unanswered(observation.routes)
    entries = _entries(route.prefix, observation.routes)
    active = [one for one in entries if one.active]
    if any((one.via, one.next_hop) == (route.interface, route.next_hop) for one in active):
        return subject.ok(expected, "active")
    shown = "; ".join(f"{'' if one.active else 'not '}active {_format_route(one)}" for one in active or entries)
    remedy = f"Check that {route.interface} is up with its address, and look for another route to {route.prefix}."
    return subject.failed(shown or "no route", remedy, "elsewhere" if active else "inactive" if entries else "none")


def _finding(plan: DevicePlan, tunnel: Tunnel, network: str, observation: Observation) -> Finding:
    to = "" if tunnel.by_interface else f" to {tunnel.next_hop}"
    expected = f"active through {tunnel.bind_interface}{to}"
    subject = Subject.of(plan, CHECK, tunnel, expected, network)
    if not plan.routes_managed:
        return subject.skipped("nhtb_manage_routes is false")
    if observation.routes.state != "ok":
        return subject.unanswered(observation.routes)
    entries = _entries(network, observation.routes)
    active = [route for route in entries if route.active]
    if any(_as_planned(plan, tunnel, route) for route in active):
        return subject.ok(expected, "active")
    if active:
        return subject.failed(
            "; ".join(f"active {_format_route(route)}" for route in active),
            f"Look for another route to {network} outside group {plan.group}, and delete it or give it a higher"
            " preference value than 5.",
            "elsewhere",
        )
    actual = "; ".join(f"not active {_format_route(route)}" for route in entries) or "no route"
    if not entries and configured.lacks_route(network, observation):
        actual += ", and none is configured"
    return subject.failed(actual, _remedy(plan, tunnel, network, observation), "inactive" if entries else "none")


def _entries(network: str, routes: Answer[Route]) -> t.Sequence[Route]:
    """Return the entries for exactly this network in the main table; a reply may have others that match it."""
    wanted = ipaddress.ip_network(network, strict=False)
    table = "inet.0" if isinstance(wanted, ipaddress.IPv4Network) else "inet6.0"
    return routes.by("table", "destination").get((table, str(wanted)), ())


def _as_planned(plan: DevicePlan, tunnel: Tunnel, route: Route) -> bool:
    # A point-to-point unit has one peer, whose address may be missing in the reply.
    next_hops = (tunnel.next_hop,) if tunnel.multipoint else (tunnel.next_hop, None)
    return route.via == tunnel.bind_interface and route.next_hop in next_hops


def _format_route(route: Route) -> str:
    target = route.next_hop_type if route.via is None and route.next_hop is None else None
    where = f"through {route.via}" if route.via else f"as {target or 'unresolved'}"
    to = f" to {route.next_hop}" if route.next_hop else ""
    return f"{where}{to} ({route.protocol}/{route.preference})"


def _remedy(plan: DevicePlan, tunnel: Tunnel, network: str, observation: Observation) -> str:
    if monitoring.is_down(tunnel, observation):
        return monitoring.FIRST
    table = observation.next_hop_tunnels
    entries = table.by("next_hop").get((tunnel.next_hop,), ())
    bound = any(next_hop_tunnels.is_planned(entry, tunnel) for entry in entries)
    if tunnel.multipoint and table.state == "ok" and not bound:
        return "Fix the next-hop tunnel entry first: without it Junos uses no next hop on a multipoint unit."
    return (
        f"Check that {tunnel.bind_interface} is up with its address and in a zone, and that 'static route {network}"
        f" next-hop {tunnel.route_next_hop}' is in effect: 'show route {network} hidden extensive'."
    )
