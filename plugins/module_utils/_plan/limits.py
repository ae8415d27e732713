# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The limits of platforms, read from ``limits.json``, which has the source of each; a plan beyond one is refused."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems

_FILE = Path(__file__).with_suffix(".json")


def _read() -> dict[str, int]:
    """Return the limits that have a documented figure."""
    limits = json.loads(_FILE.read_text(encoding="utf-8"))
    return {one["name"]: one["value"] for one in limits if one["value"] is not None}


LIMITS = _read()
# Zones that one context of a rule set takes.
NAT_ZONES = LIMITS["nat_zones"]
LAST_UNIT = LIMITS["unit"]
LAST_TUNNEL_UNIT = LIMITS["tunnel_unit"]


def check_limits(plan: FleetPlan, problems: Problems) -> None:
    """Check that no policy has more addresses, and no device more tunnels, than the device takes."""
    for device in plan.devices:
        if device.site.profile.by_operator:
            continue
        limit = device.policy_addresses
        sides = [
            (len(names), policy.name, side)
            for policy in device.policies
            for side, names in (("source", policy.sources), ("destination", policy.destinations))
        ]
        # The policies of a device name much the same networks: the longest list tells the limit that is needed.
        count, policy, side = max(sides, key=lambda one: one[0], default=(0, "", ""))
        if count > limit:
            facts = {"policy": policy, "count": count, "side": side, "limit": limit}
            problems.add("many_addresses", device.host, "nhtb_policy_addresses", limit, **facts)
        tunnels = device.max_tunnels
        if tunnels is not None and len(device.tunnels) > tunnels:
            problems.add("many_tunnels", device.host, "nhtb_max_tunnels", tunnels, count=len(device.tunnels))
