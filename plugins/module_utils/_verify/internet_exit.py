# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check the way to the Internet through the hub: the spoke's route to the hub, the hub's policy and source NAT."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, StaticRoute
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "internet_exit"
# Networks that a finding names.
_SHOWN = 3


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return a finding per route of a spoke to the hub's WAN, and one for the traffic of all spokes at the hub."""
    hosts = {f"{address}/32" for tunnel in plan.tunnels for address in tunnel.peer_addresses}
    outside = [route for route in plan.routes if route.interface is None and route.prefix in hosts]
    found = [_route_finding(plan, route, observation) for route in outside]
    return [*found, _hub_finding(plan, observation)] if plan.exit_networks else found


def _route_finding(plan: DevicePlan, route: StaticRoute, observation: Observation) -> Finding:
    """Check the route by which the packets of the tunnel itself reach the hub."""
    expected = f"active to {route.next_hop} by the provider"
    subject = Subject(plan.host, CHECK, f"route {route.prefix}", expected)
    if observation.routes.state != "ok":
        return subject.unanswered(observation.routes)
    active = [one for one in observation.routes.items if one.destination == route.prefix and one.active]
    if any(one.next_hop == route.next_hop for one in active):
        return subject.ok(expected, "active")
    actual = "; ".join(f"active to {one.next_hop or one.via or 'nowhere'}" for one in active) or "not active"
    remedy = (
        f"Check that 'static route {route.prefix} next-hop {route.next_hop}' is in effect: with the default route in"
        " the tunnel, the hub is reached by no other."
    )
    return subject.failed(actual, remedy, "elsewhere" if active else "none")


def _hub_finding(plan: DevicePlan, observation: Observation) -> Finding:
    expected = f"packets of spokes to the Internet leave through {' or '.join(plan.site.wan_zones)}, translated"
    subject = Subject(plan.host, CHECK, f"zone {' or '.join(plan.site.tunnel_zones)}", expected)
    answer = observation.internet_paths
    if answer.state != "ok":
        return subject.unanswered(answer)
    asked = f"{len({path.network for path in answer.items})} of {len(plan.exit_networks)} networks asked"
    for state in ("closed", "unknown"):
        paths = [path for path in answer.items if path.state == state]
        if not paths:
            continue
        more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
        actual = f"{', '.join(path.network for path in paths[:_SHOWN])}{more}: {paths[0].reason} ({asked})"
        if state == "unknown":
            return subject.unknown(actual, "Ask the device by hand: 'show security match-policies'.")
        return subject.failed(actual, _remedy(plan), "closed")
    reasons = ", ".join(dict.fromkeys(path.reason for path in answer.items))
    return subject.ok(f"{reasons} ({asked})", "open")


def _remedy(plan: DevicePlan) -> str:
    if any(policy.purpose == "internet" for policy in plan.policies):
        return f"Deploy again where group {plan.group} has changed. A policy or rule set outside the group comes first."
    zones = f"from zone {plan.site.tunnel_zones[0]} to zone {plan.site.wan_zones[0]}"
    return f"With nhtb_manage_internet_policy: false the device needs a policy and source NAT of its own {zones}."
