# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Which tunnels are in question, and which traffic they are to carry: by the play's hosts, or by a pair of sites."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadPair
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan

# Of more tunnels than that at once, traffic from spoke to spoke is left aside: it grows with their square.
_MANY = 30


@dataclass(frozen=True)
class Flow:
    """Traffic that a tunnel is to carry, between two sites' networks."""

    source: DevicePlan
    destination: DevicePlan


@dataclass(frozen=True)
class Scope:
    """The spokes whose tunnels are in question, and the traffic of each, by host."""

    spokes: tuple[DevicePlan, ...]
    flows: t.Mapping[str, tuple[Flow, ...]]
    pair: tuple[str, str] | None = None


def by_hosts(plan: FleetPlan, chosen: t.Collection[str]) -> Scope:
    """The tunnels of the chosen spokes; where only the hub is chosen, or everything, all tunnels."""
    everyone = plan.devices[1:]
    spokes = tuple(device for device in everyone if device.host in chosen)
    if not spokes and plan.hub.host in chosen:
        spokes = everyone
    flows = {}
    for spoke in spokes:
        pairs = [(plan.hub, spoke)]
        if len(spokes) <= _MANY:
            pairs += [(spoke, other) for other in everyone if other is not spoke and _carries(spoke, other)]
        flows[spoke.host] = tuple(flow for pair in pairs for flow in _both_ways(*pair))
    return Scope(spokes, flows)


def by_pair(
    plan: FleetPlan,
    source: str,
    destination: str,
    leaving: t.Collection[str] = (),
    names: tuple[str, str] = ("source", "destination"),
) -> Scope:
    """The tunnels between two sites, named by host or site: one between hub and spoke, two from spoke to spoke.

    C(leaving) are hosts that are to be removed, C(names) what the user calls the two. Raises BadPair with a sentence
    that says what to correct.
    """
    if not source or not destination:
        missing = names[1] if source else names[0]
        raise BadPair(f"controller: {missing}: expected a host or a site, actual none. Name both, or use --limit.")
    one = _site(plan, names[0], source, leaving)
    other = _site(plan, names[1], destination, leaving)
    if one is other:
        raise BadPair(
            f"controller: {names[1]}: expected another site than {one.host}, actual {destination}."
            " There is no tunnel from a site to itself: name two sites, or use --limit."
        )
    spokes = tuple(device for device in (one, other) if device.host != plan.hub.host)
    if len(spokes) == 2 and not _carries(*spokes):
        raise BadPair(
            f"controller: {source} and {destination}: expected a tunnel or a way through the hub, actual none: the"
            " plan has no traffic between these spokes. Look at each with the hub instead."
        )
    flows = _both_ways(one, other)
    return Scope(spokes, {spoke.host: flows for spoke in spokes}, (one.host, other.host))


def _site(plan: FleetPlan, variable: str, name: str, leaving: t.Collection[str]) -> DevicePlan:
    for device in plan.devices:
        if name in (device.host, device.site.name):
            if device.host in leaving:
                break
            return device
    if name in leaving or any(name in (device.host, device.site.name) for device in plan.devices):
        raise BadPair(
            f"controller: {variable}: expected a site with a tunnel, actual {name}, which is to be removed"
            " (nhtb_state: absent). There is no tunnel to look at."
        )
    names = [device.host for device in plan.devices]
    known = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    raise BadPair(
        f"controller: {variable}: expected a host or site of the VPN, actual {name!r}. Known are: {known}."
        " A host takes part when it is in the group nhtb_hubs or nhtb_spokes."
    )


def _carries(spoke: DevicePlan, other: DevicePlan) -> bool:
    """Whether a spoke is to reach another through its tunnel."""
    far = {lan.network for lan in other.site.lans}
    return any(far & set(tunnel.remote_networks) for tunnel in spoke.tunnels)


def _both_ways(one: DevicePlan, other: DevicePlan) -> tuple[Flow, Flow]:
    return Flow(one, other), Flow(other, one)
