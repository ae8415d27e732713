# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which sites ping which: every spoke once, third-party ones too, and none that the policies keep apart."""

from __future__ import annotations

import typing as t
from collections import Counter

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.pings import FEW, probes
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped

from .test__plan import OPTIONS, large_fleet

THIRD_PARTY = ("host3", "host4")


def planned(count: int, **variables: t.Any) -> FleetPlan:
    hosts, names = large_fleet(count)
    for own in hosts.values():
        own.update(variables)
    for host in THIRD_PARTY:
        hosts[host] |= {"nhtb_platform": "screenos"}
        hosts[host]["nhtb_lans"][0]["interface"] = "ethernet0/2"
        hosts[host]["nhtb_wan"]["interface"] = "ethernet0/0"
        hosts[host]["nhtb_tunnel"]["unit"] = 1
    return plan_fleet(hosts, names[:1], names[1:], OPTIONS, shipped())


def asked(fleet: FleetPlan, *, every_pair: bool = False) -> dict[str, list[str]]:
    """Return the hosts that each Junos device sends pings to."""
    return {
        plan.host: [
            fleet.ends[probe.network][0].host
            for probe in probes(fleet, plan, every_pair=every_pair)
            if not probe.not_sent
        ]
        for plan in fleet.devices
        if not plan.site.profile.by_operator
    }


@pytest.mark.parametrize("summary", [True, False])
def test_spokes_ask_the_next_ones_up_to_the_first_that_asks_itself(summary: bool) -> None:
    found = asked(planned(20, nhtb_summary=summary))
    assert found["host0"] == [f"host{number}" for number in range(1, 21)]
    assert found["host2"] == ["host0", "host3", "host4", "host5"]
    assert found["host20"] == ["host0", "host1"]
    of_spokes = Counter(one for host, others in found.items() if host != "host0" for one in others)
    assert of_spokes == {**{f"host{number}": 1 for number in range(1, 21)}, "host0": 18}


@pytest.mark.parametrize(("count", "every_pair"), [(FEW - 2, False), (20, True)])
def test_a_small_fleet_and_a_request_ask_every_pair(count: int, every_pair: bool) -> None:
    for summary in (True, False):
        found = asked(planned(count, nhtb_summary=summary), every_pair=every_pair)
        assert {len(others) for others in found.values()} == {count}


def test_no_spoke_asks_one_that_the_policies_keep_apart() -> None:
    apart = asked(planned(20, nhtb_spoke_to_spoke=False))
    assert {tuple(others) for host, others in apart.items() if host != "host0"} == {("host0",)}
    pairs = asked(planned(20, nhtb_spoke_to_spoke=[["site5", "site9"]]))
    assert (pairs["host5"], pairs["host9"]) == (["host0", "host9"], ["host0", "host5"])
    assert pairs["host6"] == ["host0"]
