# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run for one spoke changes nothing on a hub that has all, in every network: neither a statement nor the order."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.order import in_order
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import planned_words
from ansible_collections.hubspoke.srx.plugins.module_utils._device import candidate
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.part import hub_plan_without
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from tests.demo.fleets import inventory
from tests.golden.networks import NETWORKS, documented, plan, syntaxes

CASES = [(network, syntax) for network in NETWORKS for syntax in syntaxes(network)]


def statements(text: str, group: str) -> list[str]:
    return [line for line in to_set(text).splitlines() if line.startswith(f"set groups {group} ")]


def loaded(fleet: FleetPlan, named: t.Collection[str]) -> list[str]:
    """Return the statements of a hub that has all, once a run for some spokes has loaded its candidate."""
    hub, whole = fleet.hub, render(fleet.hub)
    before = statements(whole, hub.group)
    others = {device.host for device in fleet.devices[1:]} - set(named)
    part = hub_plan_without(fleet, others)
    assert part is not None
    kept = tuple(tunnel for tunnel in hub.tunnels if tunnel.peer_host in others)
    job = Job(part, render(part), kept=kept, gone=(), whole=whole)
    own = statements(job.text, hub.group)
    assert set(own) <= set(before)
    assert others == set() or len(own) < len(before)
    lines = list(dict.fromkeys([*own, *candidate._parts(job, before)]))
    return in_order(lines, before, planned_words(whole, hub.group))


def large() -> FleetPlan:
    """Return a fleet whose hub denies a summary of all networks."""
    groups = inventory(40)["nhtb"]
    members = {name: group["hosts"] for name, group in groups["children"].items()}
    hosts = {host: {**groups["vars"], **own} for group in members.values() for host, own in group.items()}
    return plan_fleet(hosts, list(members["nhtb_hubs"]), list(members["nhtb_spokes"]), documented(), shipped())


@pytest.mark.parametrize(("network", "syntax"), CASES)
def test_each_spoke_of_a_network(network: str, syntax: str) -> None:
    fleet = plan(network, syntax)
    before = statements(render(fleet.hub), fleet.hub.group)
    for spoke in fleet.devices[1:]:
        assert loaded(fleet, [spoke.host]) == before, spoke.host


def test_one_and_several_spokes_of_a_large_network() -> None:
    fleet = large()
    before = statements(render(fleet.hub), fleet.hub.group)
    assert any("vpn-10-0-" in line for line in before)
    for named in (["branch01"], ["branch20", "branch07"], ["branch40"]):
        assert loaded(fleet, named) == before, named


def test_no_part_is_without_a_spoke() -> None:
    fleet = plan("document", "modern")
    assert hub_plan_without(fleet, {device.host for device in fleet.devices}) is None
