# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts that a run does not contact, and the reason of each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import untouched_hosts
from ansible_collections.hubspoke.srx.plugins.plugin_utils._play import PlayHosts

from ..module_utils.sample_fleet import FLEET

PLAY = PlayHosts(frozenset({"hub1", "lima"}), beyond=frozenset({"oslo"}))


@pytest.mark.parametrize("leaves", [False, True])
@pytest.mark.parametrize("nothing_there", ["", "not touched: a recovery changes nothing"])
def test_the_reasons_of_untouched_hosts(leaves: bool, nothing_there: str) -> None:
    lima = FLEET.devices[2]
    removed = (lima,) if leaves else ()
    fleet = Fleet(replace(FLEET, devices=tuple(one for one in FLEET.devices if one not in removed)), {}, {}, removed)
    found = untouched_hosts(fleet, {"hub1", "lima"}, PLAY, nothing_there)
    assert {host: one["state"] for host, one in found.items()} == {"oslo": "skipped", "lima": "skipped"}
    assert found["oslo"]["message"] == "not touched: outside --limit"
    todo = "removes the tunnel to the hub" if leaves else "applies lima.screenos from the artifacts folder"
    assert found["lima"]["message"] == (nothing_there or f"not touched: its operator {todo}")
