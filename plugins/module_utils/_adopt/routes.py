# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read the routes of a device: summaries of networks, a default route into the tunnel, an interface as next hop."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.device import (
    Device,
    default_hops,
    hops_of,
    leads_into_tunnel,
    routes_into_tunnels,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import INTERNET
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.summary import MANY

_POLICIES = "security policies from-zone"
Variables = dict[str, t.Any]


def exits_at_hub(config: Config) -> bool:
    """Return whether the default route leads into a tunnel."""
    hops = default_hops(config)
    return bool(hops) and all(leads_into_tunnel(config, hop) for hop in hops)


def route_variables(spoke: Device, binding: str) -> Variables:
    """Return the variables of a spoke's next hops and of its way to the Internet.

    ``binding`` is the next hop that the hub binds to its tunnel.
    """
    found: Variables = {}
    config = spoke.config
    prefixes = routes_into_tunnels(config)
    if exits_at_hub(config):
        found["nhtb_internet_exit"] = "hub"
        prefixes.append(INTERNET)
    hops = [hop for prefix in prefixes for hop in hops_of(config, prefix)]
    if hops and all(hop.startswith("st0") for hop in hops):
        found["nhtb_next_hop"] = "interface"
    if not spoke.tunnel_address and binding:
        found["nhtb_tunnel"] = {"address": f"{binding}/32", "unnumbered": True}
    return found


def gateway_to(config: Config, peer: str) -> str:
    """Return the next hop of the route to the WAN address of a peer; empty without such a route."""
    return next((hop for hop in hops_of(config, f"{peer}/32") if not leads_into_tunnel(config, hop)), "")


def summary_variables(
    device: Device, far: t.Collection[str], tunnel_ip: str, spokes: int, *, is_hub: bool
) -> Variables:
    """Return the summary of networks in the routes of a device, else in its policies, if that has all ``far`` ones.

    ``tunnel_ip`` is the peer's tunnel address, which may have a route of its own. The routes of a hub are those of its
    spokes, with a next hop each.
    """
    wanted = [ipaddress.IPv4Network(one) for one in far]
    routed = [prefix for prefix in routes_into_tunnels(device.config) if prefix != f"{tunnel_ip}/32"]
    for prefixes in (_named(device),) if is_hub else (routed, _named(device)):
        parsed = [one for one in map(_network, prefixes) if one is not None]
        wider = any(network != one and network.subnet_of(one) for network in wanted for one in parsed)
        covered = all(any(network.subnet_of(one) for one in parsed) for network in wanted)
        if wider and covered:
            return {"nhtb_summary": list(dict.fromkeys(map(str, parsed)))}
    return {"nhtb_summary": False} if spokes > MANY else {}


def _named(device: Device) -> list[str]:
    """Return the networks that policies from the LANs into the tunnels name."""
    config, zone = device.config, device.tunnel_zone
    found: list[str] = []
    for lan_zone in dict.fromkeys(lan.zone for lan in device.lans if lan.vpn):
        for policy in config.names(_POLICIES, lan_zone, "to-zone", zone, "policy"):
            names = config.names(_POLICIES, lan_zone, "to-zone", zone, "policy", policy, "match", "destination-address")
            found += [prefix for prefix in config.prefixes(zone, names) if prefix != "any"]
    return found


def _network(prefix: str) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(prefix)
    except ValueError:
        return None
