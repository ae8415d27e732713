# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each failure, and each pair of failures on different layers: the first layer, the device and the statement."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import STEPS

from tests.trouble.support import Trouble
from tests.trouble.table import FAILURES, REPRESENTATIVES, SYNTAXES, Failure

ORDER = list(STEPS)


def pairs() -> list[tuple[Failure, Failure]]:
    """Every two representatives on different layers, at the same end and at different ends."""
    chosen = [one for one in FAILURES if one.name in REPRESENTATIVES]
    return [
        (first, second)
        for first, second in itertools.combinations(sorted(chosen, key=lambda one: ORDER.index(one.layer)), 2)
        if first.syntax == second.syntax and first.layer != second.layer
    ]


def named(found: t.Mapping[str, t.Any], failure: Failure) -> bool:
    """Whether the first layer, the device and the statement are named."""
    return (found["state"], found["layer"], found["device"], found["statement"]) == (
        "failed", failure.layer, failure.at, failure.statement)  # fmt: skip


def told(found: t.Mapping[str, t.Any]) -> str:
    return f"{found['state']} {found['layer']} {found['device']}: {found['statement']}"


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_one_statement_is_named(failure: Failure) -> None:
    found = Trouble(failure.syntax, {failure.host: failure.changes}).tunnel(failure.spoke)
    assert named(found, failure), told(found)
