# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The hub's plan for some of its spokes."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import SecurityPolicy


def hub_plan_without(plan: FleetPlan, excluded: t.Collection[str]) -> DevicePlan | None:
    """Return the hub's plan without its parts for some spokes; ``None`` where no other spoke stays.

    The summary of networks that a policy denies stays that of the whole fleet: it is the same in every run.
    """
    hub, *spokes = plan.devices
    tunnels = tuple(tunnel for tunnel in hub.tunnels if tunnel.peer_host not in excluded)
    if not tunnels:
        return None
    lans = [lan for spoke in spokes if spoke.host in excluded for lan in spoke.site.networks]
    networks, names = {lan.network for lan in lans}, {lan.book_name for lan in lans}

    def staying(policy: SecurityPolicy) -> SecurityPolicy:
        sources, destinations = (
            tuple(name for name in side if name not in names) for side in (policy.sources, policy.destinations)
        )
        return replace(policy, sources=sources, destinations=destinations)

    return replace(
        hub,
        tunnels=tunnels,
        routes=tuple(route for route in hub.routes if route.prefix not in networks),
        address_book=tuple(entry for entry in hub.address_book if entry.name not in names),
        # A policy without any network on one side concerns excluded spokes only.
        policies=tuple(one for one in map(staying, hub.policies) if one.sources and one.destinations),
    )
