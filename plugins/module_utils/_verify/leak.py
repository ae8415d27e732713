# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that packets for networks behind the VPN never leave in clear, whatever the state of the tunnels."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import ClearPath, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "leak"
# Networks that a finding names.
_SHOWN = 3


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per zone that packets come from."""
    expected = f"no packet to a network behind the VPN leaves through {_wan_zones(plan)}"
    if plan.closed_by == "nothing":
        return [Subject(plan.host, CHECK, "all zones", expected).skipped("nhtb_fail_closed is false")]
    if observation.clear_paths.state != "ok":
        return [Subject(plan.host, CHECK, "all zones", expected).unanswered(observation.clear_paths)]
    zones: dict[str, list[ClearPath]] = {}
    for path in observation.clear_paths.items:
        zones.setdefault(path.zone, []).append(path)
    return [_finding(plan, Subject(plan.host, CHECK, f"zone {zone}", expected), zones[zone]) for zone in zones]


def _finding(plan: DevicePlan, subject: Subject, paths: t.Sequence[ClearPath]) -> Finding:
    far = sum(len(tunnel.remote_networks) for tunnel in plan.tunnels)
    asked = f"{len(paths)} of {far} networks asked"
    if opened := [path for path in paths if path.state == "open"]:
        return subject.failed(f"{_format(opened)} ({asked})", _remedy(plan), "open")
    if unknown := [path for path in paths if path.state == "unknown"]:
        return subject.unknown(
            f"{_format(unknown)} ({asked})",
            f"Ask the device by hand: 'show security match-policies' from {paths[0].zone} to {_wan_zones(plan)}.",
        )
    reasons = ", ".join(dict.fromkeys(path.reason for path in paths))
    return subject.ok(f"{reasons} ({asked})", "closed")


def _format(paths: t.Sequence[ClearPath]) -> str:
    networks = ", ".join(path.network for path in paths[:_SHOWN])
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"{networks}{more}: {paths[0].reason}"


def _remedy(plan: DevicePlan) -> str:
    if plan.closed_by == "routes":
        return (
            f"Deploy again where group {plan.group} has changed. Otherwise look for 'active' in these routes outside"
            " the group, and delete it."
        )
    return (
        f"Deploy again where group {plan.group} has changed. A policy outside the group comes first: delete it, or let"
        " it deny these networks. With nhtb_manage_internet_policy: false the routes reject such packets instead."
    )


def _wan_zones(plan: DevicePlan) -> str:
    return " or ".join(plan.site.wan_zones)
