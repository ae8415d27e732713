# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventories under inventories/ are valid by Juniper's schema for the releases that they claim."""

from __future__ import annotations

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import PlanError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from tests import shapes
from tests.golden.networks import documented
from tests.golden.test_schema import RELEASES, VALIDATOR, refusals
from tests.shapes import Shape

SHAPES = {name: shapes.load(name) for name in shapes.names()}


def plan(shape: Shape, release: str | None) -> FleetPlan:
    """Plan the inventory of a shape for devices of one release."""
    hosts, hubs, spokes = shape.variables()
    released = {host: {**own, "nhtb_release": release} for host, own in hosts.items()}
    return plan_fleet(released, hubs, spokes, documented(), shipped())


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
def test_a_shape_is_planned_for_the_releases_that_it_claims_and_refused_for_the_others(shape: Shape) -> None:
    assert set(shape.releases) | set(shape.refused) == set(RELEASES)
    for release in shape.releases:
        plan(shape, release)
    for release, words in shape.refused.items():
        with pytest.raises(PlanError) as caught:
            plan(shape, release)
        told = [problem.message for problem in caught.value.problems]
        assert told
        assert all(words in one for one in told), told


@pytest.mark.skipif(not VALIDATOR.exists(), reason="Juniper's schema is not next to this checkout")
@pytest.mark.parametrize(("name", "release"), [(name, one) for name, shape in SHAPES.items() for one in shape.releases])
def test_a_release_accepts_the_rendered_text_of_a_shape_that_claims_it(name: str, release: str) -> None:
    shape = SHAPES[name]
    hosts = shape.variables().hosts
    for device in plan(shape, release).devices:
        if device.site.platform == "junos":
            initial = hosts[device.host].get("lab_initial")
            existing = (shape.inventory / initial).read_text(encoding="utf-8") if initial else ""
            own = refusals(existing, release) if existing else []
            assert [one for one in refusals(existing + render(device), release) if one not in own] == []
