# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The plan as text."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._report.columns import WIDTH, format_columns
from ansible_collections.hubspoke.srx.plugins.module_utils._report.notes import notes
from ansible_collections.hubspoke.srx.plugins.module_utils._report.segment_sizes import segment_sizes
from ansible_collections.hubspoke.srx.plugins.module_utils._report.stage_lines import listed

_WHILE_DOWN = {
    "routes": "While a tunnel is down, routes reject its packets",
    "nothing": "While a tunnel is down, packets for it may leave in clear (nhtb_fail_closed: false)",
}


def plan_table(plan: FleetPlan) -> str:
    """Return the plan as two tables: the sites, and the tunnels of the hub."""
    sites = [
        [
            device.host,
            device.site.role,
            device.site.platform,
            ", ".join(wan.described for wan in device.site.wans),
            ", ".join(f"{unit.interface} {unit.address}" for unit in device.site.units),
            ", ".join(lan.network for lan in device.site.networks),
        ]
        for device in plan.devices
    ]
    tunnels = [
        [tunnel.vpn, tunnel.peer_host, tunnel.gateway, tunnel.peer_name, tunnel.next_hop, tunnel.nhtb or "-"]
        for tunnel in plan.hub.tunnels
    ]
    return "\n\n".join(
        (
            format_columns(["Host", "Role", "Platform", "WAN", "Tunnel", "LANs"], sites),
            format_columns(["VPN", "Spoke", "Gateway", "Peer", "Next hop", "Binding"], tunnels),
            *notes(plan.hub),
            *segment_sizes(plan),
        )
    )


def while_down(plan: FleetPlan) -> t.Iterator[str]:
    """Yield a sentence for the hosts on which no policy denies packets for the VPN while a tunnel is down."""
    for closed_by, sentence in _WHILE_DOWN.items():
        # The profile of a third-party spoke chooses by itself, and the text for its operator says so.
        hosts = [
            device.host
            for device in plan.devices
            if device.closed_by == closed_by and not (closed_by == "routes" and device.site.profile.by_operator)
        ]
        if hosts:
            yield f"{sentence}: {listed(hosts, WIDTH - len(sentence) - len(': .'))}."
