# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every network is rendered to its golden files, and the rendered text has no key and Junos's layout."""

from __future__ import annotations

import re

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.names import NAME_LIMIT
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from tests.golden.networks import GOLDEN, NETWORKS, inventory, plan, rendered, syntaxes, traced

CASES = [(network, syntax) for network in NETWORKS for syntax in syntaxes(network)]
REGENERATE = "if this is intended: python -m tests.golden, and read the difference"


@pytest.mark.parametrize(("network", "syntax"), CASES)
def test_a_network_is_rendered_to_its_golden_files(network: str, syntax: str) -> None:
    golden = {path.name: path.read_text(encoding="utf-8") for path in (GOLDEN / network / syntax).iterdir()}
    assert rendered(plan(network, syntax)) == golden, REGENERATE


@pytest.mark.parametrize("network", NETWORKS)
def test_traces_are_rendered_to_the_golden_files(network: str) -> None:
    golden = {path.name: path.read_text(encoding="utf-8") for path in (GOLDEN / network / "trace").iterdir()}
    assert traced(network) == golden, REGENERATE


@pytest.mark.parametrize(("network", "syntax"), CASES)
def test_no_key_is_in_a_plan_or_in_its_text(network: str, syntax: str) -> None:
    fleet = plan(network, syntax)
    keys = {
        str(own["nhtb_pre_shared_key"]) for own in inventory(network).hosts.values() if "nhtb_pre_shared_key" in own
    }
    written = repr(fleet) + "".join(rendered(fleet).values())
    assert keys
    assert [key for key in keys if key in written] == []


@pytest.mark.parametrize(("network", "syntax"), CASES)
def test_a_name_stands_for_one_policy_and_one_proposal(network: str, syntax: str) -> None:
    for device in plan(network, syntax).devices:
        policies = {policy for one in device.tunnels for policy in (one.ike_policy, one.ipsec_policy)}
        proposals = {proposal for policy in policies for proposal in policy.proposals}
        for objects in (policies, proposals):
            assert len({(type(one), one.name) for one in objects}) == len(objects)
            assert all(len(one.name) <= NAME_LIMIT for one in objects)


@pytest.mark.parametrize(("network", "syntax"), CASES)
def test_text_is_indented_as_junos_prints_it(network: str, syntax: str) -> None:
    for device in plan(network, syntax).devices:
        if device.site.platform != "junos":
            continue
        for grouped in (True, False):
            depth = 0
            for line in render(device, grouped=grouped).splitlines():
                depth -= line.endswith("}")
                assert line == " " * 4 * depth + line.strip()
                assert re.search(r"[{};]$", line), "a line opens, closes or states something"
                depth += line.endswith("{")
            assert depth == 0


def test_text_without_the_group_has_the_same_statements() -> None:
    for device in plan("document", "modern").devices[:2]:
        inside = render(device).splitlines()[2:-3]
        assert [line.removeprefix(" " * 8) for line in inside] == render(device, grouped=False).splitlines()
