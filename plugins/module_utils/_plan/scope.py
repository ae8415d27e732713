# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The tunnels that a run examines, with the traffic of each: by the hosts of the play, or by a pair of sites."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadPair, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._model.paths import carries
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan

# With more spokes, traffic from spoke to spoke is not examined: it grows with the square of their number.
_MANY = 30
# Sites that a message lists.
_SHOWN_SITES = 8


@dataclass(frozen=True)
class Flow:
    """Traffic between the networks of two sites, in one direction."""

    source: DevicePlan
    destination: DevicePlan


@dataclass(frozen=True)
class Scope:
    """The spokes whose tunnels are examined, and the traffic of each, by host. ``pair`` has the two named hosts."""

    spokes: tuple[DevicePlan, ...]
    flows: t.Mapping[str, tuple[Flow, ...]]
    pair: tuple[str, str] | None = None


def by_hosts(plan: FleetPlan, chosen: t.Collection[str]) -> Scope:
    """Return the tunnels of the chosen spokes; all tunnels where the hub is chosen without a spoke."""
    everyone = plan.devices[1:]
    spokes = tuple(device for device in everyone if device.host in chosen)
    if not spokes and plan.hub.host in chosen:
        spokes = everyone
    flows = {}
    for spoke in spokes:
        pairs = [(plan.hub, spoke)]
        if len(spokes) <= _MANY:
            pairs += [(spoke, other) for other in everyone if other is not spoke and _carries(plan, spoke, other)]
        flows[spoke.host] = tuple(flow for pair in pairs for flow in _both_ways(*pair))
    return Scope(spokes, flows)


def by_pair(
    plan: FleetPlan,
    source: str,
    destination: str,
    removed: t.Collection[str] = (),
    names: tuple[str, str] = ("source", "destination"),
) -> Scope:
    """Return the tunnels between two sites, named by host or site: one for hub and spoke, two for two spokes.

    ``removed`` has the hosts to be removed, ``names`` the names of the two options. Raise BadPair.
    """
    if not source or not destination:
        missing = names[1] if source else names[0]
        raise BadPair(f"controller: {missing}: expected a host or a site, actual none. Name both, or use --limit.")
    one = _site(plan, names[0], source, removed)
    other = _site(plan, names[1], destination, removed)
    if one is other:
        raise BadPair(
            f"controller: {names[1]}: expected another site than {one.host}, actual {destination}."
            " There is no tunnel from a site to itself: name two sites, or use --limit."
        )
    spokes = tuple(device for device in (one, other) if device.host != plan.hub.host)
    if plan.hub.host not in (one.host, other.host) and not _carries(plan, one, other):
        raise BadPair(
            f"controller: {source} and {destination}: expected a tunnel or a way through the hub, actual none: the"
            " plan has no traffic between these spokes. Examine each with the hub instead."
        )
    flows = _both_ways(one, other)
    return Scope(spokes, {spoke.host: flows for spoke in spokes}, (one.host, other.host))


def _site(plan: FleetPlan, variable: str, name: str, removed: t.Collection[str]) -> DevicePlan:
    for device in plan.devices:
        if name in (device.host, device.site.name):
            if device.host in removed:
                break
            return device
    if name in removed or any(name in (device.host, device.site.name) for device in plan.devices):
        raise BadPair(
            f"controller: {variable}: expected a site with a tunnel, actual {name}, which is to be removed"
            " (nhtb_state: absent). Name a site that has a tunnel."
        )
    names = [device.host for device in plan.devices]
    known = ", ".join(names[:_SHOWN_SITES]) + (", ..." if len(names) > _SHOWN_SITES else "")
    raise BadPair(
        f"controller: {variable}: expected a host or site of the VPN, actual {shortened(repr(name))}."
        f" Known are: {known}. A host takes part when it is in the group nhtb_hubs or nhtb_spokes."
    )


def _carries(plan: FleetPlan, spoke: DevicePlan, other: DevicePlan) -> bool:
    """Return whether the plan has a way and traffic between two spokes, in one direction at least."""
    routed = any(tunnel.prefix_to(lan.network) for tunnel in spoke.tunnels for lan in other.site.lans)
    return routed and (carries(plan, spoke, other) or carries(plan, other, spoke))


def _both_ways(one: DevicePlan, other: DevicePlan) -> tuple[Flow, Flow]:
    return Flow(one, other), Flow(other, one)
