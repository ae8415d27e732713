# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes to a tunnel that the operator of its third-party spoke must make too."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._config.operator_changes import operator_conflicts
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import (
    DevicePlan,
    Interface,
    Unit,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import End
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from .readable_codec import Codec
from .sample_conflicts import KEYS, PLAN


def changed(plan: DevicePlan, key: str = "$9$of-the-plan") -> list[str]:
    """Return what a run changes for the third-party spoke lima, whose key on the device is ``key``."""
    before = [line.replace('"<pre-shared-key of hub1>"', f'"{key}"') for line in to_set(render(PLAN)).splitlines()]
    found = operator_conflicts(plan, render(plan), before, KEYS, Codec())
    return [f"{one.vpn}: {one.expected} -> {one.actual}" for one in found]


def lima(**changes: t.Any) -> DevicePlan:
    """Return the plan with changes to the tunnel to lima."""
    return replace(PLAN, tunnels=(PLAN.tunnels[0], replace(PLAN.tunnels[1], **changes)))


def lima_at(address: str) -> End:
    """Return lima's end with another address of its WAN."""
    end = PLAN.tunnels[1].peer
    return replace(end, wan=replace(end.wan, ip=address))


def test_a_change_that_a_third_party_spoke_must_make_too_needs_its_operator() -> None:
    end = PLAN.tunnels[1].peer
    renumbered = replace(end, unit=replace(end.unit, ip="10.1.255.9"))
    assert changed(PLAN) == []
    assert changed(replace(PLAN, mss=1200)) == []
    assert changed(lima(establish="immediately", peer=renumbered)) == []
    assert changed(lima(peer=lima_at("203.0.113.9"))) == ["lima-vpn: address 203.0.113.2 -> address 203.0.113.9"]
    other = replace(PLAN.tunnels[1].ike_policy, mode="aggressive", proposal_set="compatible")
    assert changed(lima(ike_policy=other)) == [
        "lima-vpn: mode main, phase 1 standard -> mode aggressive, phase 1 compatible"
    ]
    assert changed(PLAN, "$9$of-another-time") == ["lima-vpn: the same key -> another key"]
    assert changed(PLAN, "$8$only-the-device-knows") == []
    moved = replace(PLAN, interfaces=(PLAN.interfaces[0], Interface("ge-0/0/3", (Unit("0", ("192.0.2.6/30",)),))))
    assert changed(moved) == ["lima-vpn: own address 192.0.2.2/30 -> own address 192.0.2.6/30"]
    assert changed(lima(peer=lima_at("203.0.113.9"), operator_ready=True)) == []
    assert changed(lima(vpn="new-vpn", peer=lima_at("203.0.113.9"))) == []
    (finding,) = operator_conflicts(moved, render(moved), to_set(render(PLAN)).splitlines(), KEYS, Codec())
    assert "set nhtb_operator_ready: true on lima for this run" in finding.remedy
