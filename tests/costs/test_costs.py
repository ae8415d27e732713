# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No run costs more than the table allows, with some spokes and with twice as many: what grows faster is too much."""

from __future__ import annotations

import typing as t

import pytest

from tests.costs import table
from tests.costs.measure import Counts, costs_of

Costs = dict[str, dict[str, Counts]]


@pytest.fixture(scope="module", params=table.SIZES)
def spokes(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def costs(spokes: int, tmp_path_factory: pytest.TempPathFactory) -> Costs:
    return costs_of(tmp_path_factory.mktemp("costs"), spokes)


def test_each_count_is_as_the_table_allows(costs: Costs, spokes: int) -> None:
    assert table.differences(costs, spokes) == []


def test_the_table_has_no_other_counts(costs: Costs) -> None:
    def names(content: t.Mapping[str, t.Any]) -> set[tuple[str, str, str]]:
        return {(run, role, name) for run, roles in content.items() for role, own in roles.items() for name in own}

    assert names(table.read()) == names(costs)
