# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What the planned policies of the devices on a path decide about packets from a LAN to a LAN of another site."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Lan

End = tuple[DevicePlan, Lan]
Crossing = tuple[DevicePlan, tuple[str, str]]


def denial(fleet: FleetPlan, source: End, destination: End, applications: t.AbstractSet[str] | None) -> str:
    """Return the planned policy that stops packets of an application; empty where all devices permit them.

    ``None`` as applications is any application: empty where all devices permit some packets.
    """
    networks = source[1].network, destination[1].network
    for device, zones in _crossings(fleet, source, destination):
        if applications is None and device.decisions.allows_some(zones, *networks):
            continue
        policy = device.decisions.first(zones, *networks, applications or {"any"})
        if policy is None or policy.action != "permit":
            name = f"from {zones[0]} to {zones[1]} of {device.host}"
            return f"policy {policy.name} {name} denies it" if policy else f"no policy {name} allows it"
    return ""


def carries(fleet: FleetPlan, source: DevicePlan, destination: DevicePlan) -> bool:
    """Return whether the plan lets packets of some application pass from one site to another."""
    return any(
        all(
            device.decisions.allows_some(zones, lan.network, far.network)
            for device, zones in _crossings(fleet, (source, lan), (destination, far))
        )
        for lan in source.site.lans
        for far in destination.site.lans
    )


def _crossings(fleet: FleetPlan, source: End, destination: End) -> t.Iterator[Crossing]:
    """Yield the devices on the path, each with the zones that packets come from and go to."""
    (first, lan), (last, far) = source, destination
    hub = fleet.hub
    yield first, (lan.zone, _tunnel_zone(first, last))
    if hub.host not in (first.host, last.host):
        yield hub, (_tunnel_zone(hub, first), _tunnel_zone(hub, last))
    yield last, (_tunnel_zone(last, first), far.zone)


def _tunnel_zone(device: DevicePlan, peer: DevicePlan) -> str:
    """Return the zone of the tunnel that leads to a site, from a spoke that to the hub."""
    zones = device.site.tunnel_zones
    if len(zones) == 1:
        return zones[0]
    tunnels = device.tunnels
    return next((one.local.unit.zone for one in tunnels if one.peer_host == peer.host), tunnels[0].local.unit.zone)
