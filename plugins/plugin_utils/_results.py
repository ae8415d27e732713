# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Texts in the result of a task: ``msg`` of at most 120 characters, ``remedy``, and the whole where it was cut."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import (
    MESSAGE_CHARACTERS,
    HubspokeError,
    Parts,
    PlanError,
    full_stop,
    printable,
    shortened,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._report.failures import short_rows
from ansible_collections.hubspoke.srx.plugins.plugin_utils._output import show

Result = dict[str, t.Any]

# Rows of a result.
_ROWS = 5
# Characters of a whole text in a result: an event of a job must stay small.
_DETAIL = 3000


def concluded(problem: str, decision: str) -> Result:
    """Return the fields of a result that say how a run ended: a problem with its remedy, or the decision."""
    if problem:
        return worded(problem)
    return {"msg": decision if len(decision) <= MESSAGE_CHARACTERS else full_stop(decision.partition(". ")[0])}


def worded(text: str) -> Result:
    """Return a text as the fields of a result."""
    return of_parts(Parts.of(text))


def of_parts(parts: Parts) -> Result:
    """Return the parts of a text as the fields of a result, without those that are empty."""
    message, remedy, detail = printable(parts.message), printable(parts.remedy), printable(parts.detail)
    remedy, detail = shortened(remedy, _DETAIL), shortened(detail, _DETAIL)
    return {"msg": message, **({"remedy": remedy} if remedy else {}), **({"detail": detail} if detail else {})}


def told(content: t.Mapping[str, t.Any], results: t.Mapping[str, Result]) -> dict[str, Result]:
    """Return the results of hosts in the words of a report: a host refers to the cause of another one there.

    They are without the findings, which the report has.
    """
    words = {host["host"]: host for host in content["hosts"]}
    return {
        host: {
            **{name: value for name, value in result.items() if name != "findings"},
            **{name: words[host][name] for name in ("message", "remedy", "detail", "reason")},
            "causes": short_rows(content, words[host]),
        }
        for host, result in results.items()
    }


def reasons_outside(texts: t.Mapping[str, str]) -> list[str]:
    """Return each distinct text of hosts outside the play once, in at most 120 characters, and how many have it."""
    same: dict[str, list[str]] = {}
    for text in texts.values():
        name, _colon, words = text.partition(": ")
        same.setdefault(words if name in texts else text, []).append(text)
    tails = [f", with {len(found)} hosts outside this play" if found[1:] else "" for found in same.values()]
    return [
        full_stop(shortened(found[0].rstrip("."), MESSAGE_CHARACTERS - len(tail) - len(".")) + tail)
        for found, tail in zip(same.values(), tails, strict=True)
    ]


def failed(error: HubspokeError, hide: t.Callable[[str], str] = mask) -> Result:
    """Return the result of a task that an error ended.

    An error of several lines, as a plan with several problems has, is shown in whole on the screen; the result has the
    first of them. The last line of an error that is no list of problems says what to do.
    """
    text = hide(str(error))
    lines = text.splitlines()
    is_plan = isinstance(error, PlanError)
    if not lines[1:]:
        result = worded(text)
        # A plan has no report to tell the rest of a message that is too long for a result.
        if is_plan and "detail" in result:
            show(text)
        return {"failed": True, **result, "reason": error.reason}
    show(text)
    first = Parts.of(lines[0])
    words = f"{len(lines)} problems, the first: {first.message}" if is_plan else first.message
    parts = Parts(shortened(words, MESSAGE_CHARACTERS), first.remedy if is_plan else lines[-1])
    more = [f"and {len(lines) - _ROWS} more"] if len(lines) > _ROWS else []
    causes = [shortened(line, MESSAGE_CHARACTERS) for line in lines[:_ROWS]]
    return {"failed": True, **of_parts(parts), "reason": error.reason, "causes": [*causes, *more]}
