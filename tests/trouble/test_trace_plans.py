# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The traces of each device, and those that are impossible."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument, BadPair
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import End
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import by_hosts, by_pair
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import (
    Trace,
    TraceOptions,
    TracePlan,
    trace_plans,
)

from tests.golden.networks import plan

IKE = Trace("trace-ike", ("ike",))
FLOW = Trace("trace-flow", ("basic-datapath",))
BOTH = TraceOptions(IKE, FLOW, "1m", 3)


def document(
    options: TraceOptions = BOTH, source: str = "westford", destination: str = "corporate"
) -> dict[str, TracePlan]:
    fleet = plan("document", "modern")
    return {one.host: one for one in trace_plans(fleet, by_pair(fleet, source, destination), options)}


def filters(one: TracePlan) -> dict[str, tuple[str, str, str]]:
    return {found.name: (found.protocol, found.source, found.destination) for found in one.filters}


def test_a_pair_is_traced_both_ways_with_the_peers_esp() -> None:
    plans = document()
    ways = {
        "westford-to-corp": ("", "192.168.178.0/24", "10.10.10.0/24"),
        "corp-to-westford": ("", "10.10.10.0/24", "192.168.178.0/24"),
    }
    assert filters(plans["corporate"]) == {**ways, "westford-esp": ("50", "3.3.3.2/32", "")}
    assert filters(plans["westford"]) == {**ways, "corp-esp": ("50", "1.1.1.2/32", "")}
    assert plans["corporate"].group == "hubspoke-trace"
    assert plans["corporate"].options.bytes == 6 * 1024 * 1024


def test_between_spokes_the_hub_sees_the_esp_of_both_and_screenos_is_not_traced() -> None:
    plans = document(source="sunnyvale", destination="westford")
    assert list(plans) == ["corporate", "westford"]
    assert {name for name in filters(plans["corporate"]) if name.endswith("-esp")} == {"sunnyvale-esp", "westford-esp"}
    assert [probe.target for probe in plans["westford"].probes] == ["192.168.168.1"]
    assert plans["corporate"].probes == ()


def test_a_host_narrows_its_side_only() -> None:
    narrow = TraceOptions(None, FLOW, "1m", 3, source_prefix="192.168.178.20/32")
    found = filters(document(narrow)["corporate"])
    assert found["westford-to-corp"] == ("", "192.168.178.20/32", "10.10.10.0/24")
    assert found["corp-to-westford"] == ("", "10.10.10.0/24", "192.168.178.20/32")


def test_more_filters_than_the_device_takes_are_refused() -> None:
    fleet = plan("lans_and_zones", "modern")
    hub = fleet.hub
    lan = hub.site.lans[0]
    many = tuple(type(lan)(lan.interface, lan.address, f"10.20.{number}.0/24", lan.zone, "x") for number in range(14))
    wide = type(hub)(**{**vars(hub), "site": type(hub.site)(**{**vars(hub.site), "lans": many})})
    grown = type(fleet)((wide, *fleet.devices[1:]), 10)
    with pytest.raises(BadArgument, match="hub: packet filters: expected at most 64, actual"):
        trace_plans(grown, by_hosts(grown, {"hub"}), BOTH)
    assert len(trace_plans(grown, by_hosts(grown, {"hub"}), TraceOptions(IKE, None, "1m", 3))) == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (TraceOptions(None, None, "1m", 3), "expected ike or flow"),
        (TraceOptions(IKE, None, "9k", 3), "file size: expected 10k to 1g"),
        (TraceOptions(IKE, None, "1m", 1), "files: expected 2 to 1000"),
        (TraceOptions(Trace("../passwd", ("ike",)), None, "1m", 3), "trace file: expected a name"),
        (TraceOptions(Trace("a", ()), None, "1m", 3), "flags of a: expected at least one"),
        (TraceOptions(Trace("a", ("ike",)), Trace("a", ("all",)), "1m", 3), "expected one for IKE and another"),
        (TraceOptions(None, FLOW, "1m", 3, destination_prefix="10.10.10.0/23"), "expected a host or a network within"),
        (TraceOptions(None, FLOW, "1m", 3, destination_prefix="10.10.10.9/24"), "expected a host or a network within"),
    ],
)
def test_what_junos_does_not_take_is_refused(options: TraceOptions, words: str) -> None:
    with pytest.raises(BadArgument, match=words):
        document(options)


def test_a_pair_that_is_none_is_named_as_the_user_calls_it() -> None:
    fleet = plan("document", "modern")
    with pytest.raises(BadPair, match="controller: from: expected a host or site of the VPN, actual 'nowhere'"):
        by_pair(fleet, "nowhere", "corporate", (), ("from", "to"))


def test_two_filters_never_share_a_name() -> None:
    fleet = plan("document", "modern")
    sites = {"corporate": "a", "westford": "a-to-a", "sunnyvale": "a-to-a-2"}
    named = renamed(fleet, sites)
    names = [one.name for one in trace_plans(named, by_hosts(named, list(sites)), BOTH)[0].filters]
    assert len(names) == len(set(names)) > 6


def renamed(fleet: FleetPlan, sites: dict[str, str]) -> FleetPlan:
    """Return a plan whose sites have other names."""

    def named(end: End) -> End:
        return replace(end, site=replace(end.site, name=sites[end.site.host]))

    return replace(
        fleet,
        devices=tuple(
            replace(
                device,
                site=replace(device.site, name=sites[device.host]),
                tunnels=tuple(replace(one, peer=named(one.peer)) for one in device.tunnels),
            )
            for device in fleet.devices
        ),
    )
