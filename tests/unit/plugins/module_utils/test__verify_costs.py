# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hub reads through its replies a few times, however many tunnels it has."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.lasting import lasting
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import findings

from .test__plan import OPTIONS, large_fleet

ANSWERS = ("next_hop_tunnels", "ike", "ipsec", "routes", "inactive", "statistics_before", "statistics", "older_ike")
TUNNELS = 60


class Counted(tuple[t.Any, ...]):
    """Rows that count how often they are read through."""

    def __new__(cls, rows: t.Iterable[t.Any] = ()) -> Counted:
        made = super().__new__(cls, rows)
        made.reads = 0
        return made

    reads: int

    def __iter__(self) -> t.Iterator[t.Any]:
        self.reads += 1
        return super().__iter__()


def test_each_reply_is_read_through_as_often_for_many_tunnels_as_for_few() -> None:
    reads = []
    for count in (TUNNELS // 2, TUNNELS):
        hosts, names = large_fleet(count)
        plan = plan_fleet(hosts, names[:1], names[1:], OPTIONS).hub
        rows = {name: Counted() for name in ANSWERS} | {"configured": Counted(["set security ike gateway other"])}
        seen = Observation(plan.host, **{name: Answer("ok", one) for name, one in rows.items()})
        found = findings(plan, seen, CHECKS)
        assert sum(one.state == "failed" for one in found) >= 4 * count
        assert lasting(plan, seen, found)
        reads.append({name: one.reads for name, one in rows.items()})
    assert reads[0] == reads[1]
    assert max(reads[1].values()) <= 4
