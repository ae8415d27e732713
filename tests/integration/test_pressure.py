# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Devices under pressure: one that is much slower than the others is named."""

from __future__ import annotations

import typing as t

import pytest

from tests.costs.measure import network as fleet_of
from tests.integration.conftest import Network

SPOKES = 4
# The devices of the lab take milliseconds: a tenth of this is more than they take on any machine.
SECONDS = 15.0


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Network]:
    with fleet_of(tmp_path_factory.mktemp("pressure"), SPOKES) as found:
        yield found


def test_a_device_that_is_ten_times_slower_is_named_at_the_end_and_in_the_report(network: Network) -> None:
    network.lab.fault("spoke0003", "delay", rpc="get-configuration", seconds=SECONDS, count=1)
    run = network.playbook("drift")
    # Nothing is deployed.
    assert run.status == 2, run.output
    words = " ".join(run.output.split())
    assert words.count("replies: expected about ") == 1
    assert "spoke0003: replies: expected about " in words
    warnings = {host["host"]: host["warnings"] for host in network.report()["hosts"]}
    (sentence,) = warnings.pop("spoke0003")
    assert sentence.startswith("replies: expected about ")
    assert sentence.endswith("s. See the load of the device, and the path to it.")
    assert not [one for found in warnings.values() for one in found if "replies" in one]
    assert "as of other devices" in (network.artifacts / "report.md").read_text(encoding="utf-8")
