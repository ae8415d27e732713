# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Sentences about the TCP MSS of devices, with the largest that fits the encapsulation of their tunnels."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._report.columns import WIDTH
from ansible_collections.hubspoke.srx.plugins.module_utils._report.stage_lines import listed

# The default of nhtb_mss, of which there is nothing to tell while it fits.
_USUAL = 1350


def segment_sizes(plan: FleetPlan) -> list[str]:
    """Return one sentence for the hosts with the same two values, of those with an MSS or an MTU of their own."""
    hosts: dict[str, list[str]] = {}
    for device in plan.devices:
        if device.mss > device.largest_mss:
            words = f"TCP MSS {device.mss}, more than the {device.largest_mss} that need no fragments"
        elif device.mss != _USUAL or _has_mtu(device):
            words = f"TCP MSS {device.mss}, at most {device.largest_mss} needs no fragments"
        else:
            continue
        hosts.setdefault(words, []).append(device.host)
    return [f"{words}: {listed(names, max(WIDTH - len(words), WIDTH // 2))}." for words, names in hosts.items()]


def _has_mtu(device: DevicePlan) -> bool:
    return any(unit.mtu is not None for unit in device.site.units)
