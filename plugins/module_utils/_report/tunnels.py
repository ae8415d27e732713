# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The tunnels of the hub with their states at both ends."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan

COLUMNS = {"ike": "IKE", "ipsec": "IPsec", "next_hop_tunnels": "Next-hop tunnel", "routes": "Routes"}
STATES = ("up", "down", "unknown", "not_checked")
# A cell with several findings has the first of these states that one of them has.
_WORST = ("failed", "unknown", "skipped", "ok")

Found = t.Mapping[str, t.Any]


def tunnels(plan: FleetPlan, hosts: t.Sequence[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return one row per tunnel of the hub, in the order of the plan; ``cause`` is that of its findings.

    A tunnel is up where no finding about it at either end is failed or unknown. What pings and counters find is no
    matter of its state.
    """
    by_end: dict[tuple[str, str], list[Found]] = {}
    for host in hosts:
        for finding in host["findings"]:
            if finding["check"] in COLUMNS and finding["peer"]:
                by_end.setdefault((finding["host"], finding["peer"]), []).append(finding)
    hub = plan.hub.host
    rows = []
    for tunnel in plan.hub.tunnels:
        here, there = by_end.get((hub, tunnel.peer_host), []), by_end.get((tunnel.peer_host, hub), [])
        found = [*here, *there]
        rows.append(
            {
                "host": hub,
                "peer": tunnel.peer_host,
                "vpn": tunnel.vpn,
                "binding": "static" if tunnel.static_binding else "auto",
                "state": _state(found),
                "cause": next((one["cause"] for one in found if one["cause"] is not None), None),
                **_cells(here),
                "spoke": _cells(there) if there else None,
            }
        )
    return rows


def _state(found: t.Sequence[Found]) -> str:
    states = {finding["state"] for finding in found}
    if "failed" in states:
        return "down"
    if "unknown" in states:
        return "unknown"
    return "up" if "ok" in states else "not_checked"


def _cells(found: t.Sequence[Found]) -> dict[str, dict[str, str]]:
    return {check: _cell([one for one in found if one["check"] == check]) for check in COLUMNS}


def _cell(findings: t.Sequence[Found]) -> dict[str, str]:
    """Return the state and the text of the findings of one check for one tunnel; of several, how many are active."""
    if not findings:
        return {"state": "skipped", "text": "-"}
    states = [finding["state"] for finding in findings]
    state = next(state for state in _WORST if state in states)
    if len(findings) == 1:
        return {"state": state, "text": findings[0]["brief"] or state}
    good = states.count("ok")
    return {"state": state, "text": f"{good} active" if good == len(states) else f"{good} of {len(states)} active"}
