# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adopt the configurations of golden networks: the inventory that results plans the same statements."""

from __future__ import annotations

import re

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.fleet import adopt
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import PARTS
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from tests.golden.networks import documented, inventory

from .readable_codec import Codec


def commands(fleet: FleetPlan) -> dict[str, list[str]]:
    """Return the set commands of each device, its key encoded as a device shows it."""
    texts = {device.host: to_set(render(device, grouped=False)) for device in fleet.devices}
    return {
        host: re.sub('"<pre-shared-key of [^"]+>"', '"$9$a-key"', text).splitlines() for host, text in texts.items()
    }


@pytest.mark.parametrize("syntax", ["modern", "classic"])
@pytest.mark.parametrize("network", ["shared_zones", "inside_and_units"])
def test_zones_services_units_and_inside_networks_are_read(network: str, syntax: str) -> None:
    found = inventory(network)
    hosts = {
        host: {**variables, "nhtb_syntax": syntax, "nhtb_fail_closed": False}
        for host, variables in found.hosts.items()
        if variables.get("nhtb_platform") != "screenos"
    }
    if network == "inside_and_units":
        # A zone without a policy into the tunnels stays with the device.
        for variables in hosts.values():
            variables["nhtb_lans"] = [lan for lan in variables["nhtb_lans"] if lan.get("vpn", True)]
    spokes = [host for host in found.spokes if host in hosts]
    before = commands(plan_fleet(hosts, found.hubs, spokes, documented()))
    given = {host: {"nhtb_site": variables["nhtb_site"]} for host, variables in hosts.items()}
    adoption = adopt("hub", spokes, before, given, PARTS, Codec())
    # The remarks are about packets that leave in clear while a tunnel is down, and no others.
    assert [str(remark) for remark in adoption.remarks if "in clear" not in remark.message] == []
    key = {"nhtb_pre_shared_key": hosts["hub"]["nhtb_pre_shared_key"]}
    adopted = {host: {**variables, **key} for host, variables in adoption.variables.items()}
    after = commands(plan_fleet(adopted, ["hub"], spokes, documented()))
    for host, lines in before.items():
        assert set(after[host]) - set(lines) == set()
        assert set(lines) - set(after[host]) == set()
