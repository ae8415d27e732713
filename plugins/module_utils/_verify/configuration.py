# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that the configuration group on the device is the planned one, and that nothing outside it overrides it."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "configuration"


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding for the configuration group, and one for the statements that override it, if there are any."""
    return [_group(plan, observation.configuration), *outside(plan, observation.overrides)]


def _group(plan: DevicePlan, answer: Answer[str]) -> Finding:
    """Return the finding for the group, with the first of the lines that differ: they may be many."""
    subject = Subject(plan.host, CHECK, f"group {plan.group}", "as planned")
    if answer.state != "ok":
        return subject.unanswered(answer)
    if not answer.items:
        return subject.ok("as planned", "as planned")
    changed = [number for number, line in enumerate(answer.items) if line.startswith(("+", "-", "!"))]
    first = changed[0] if changed else 0
    # The path of the statement is in the heading above the line.
    where = next((f"{line} " for line in reversed(answer.items[:first]) if line.startswith("[edit")), "")
    lines = len(changed) or len(answer.items)
    differing = "1 line differs" if lines == 1 else f"{lines} lines differ"
    return subject.failed(
        f"{differing}, the first: {where}{answer.items[first].strip()}",
        f"Another user has changed group {plan.group}, or the inventory is newer: deploy again with --check --diff"
        " to see the differences.",
        "differs",
    )


def outside(plan: DevicePlan, answer: Answer[Finding]) -> t.Iterator[Finding]:
    """Yield the finding for committed statements that change objects of the group; none where there are none."""
    name = f"outside group {plan.group}"
    if answer.state == "refused":
        yield Subject(plan.host, CHECK, name, "none").unknown(
            answer.reason, "Ask the device for its configuration by hand."
        )
    for first in answer.items[:1]:
        more = len(answer.items) - 1
        actual = f"{first.actual}, and {more} more that 'drift' lists" if more else first.actual
        subject = Subject(plan.host, CHECK, name, f"{first.object}: {first.expected}")
        yield subject.failed(actual, first.remedy, "overridden")
