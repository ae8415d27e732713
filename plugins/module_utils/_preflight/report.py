# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The result of a preflight as a JSON structure, and the outcome of each host."""

from __future__ import annotations

import typing as t
from dataclasses import asdict

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import Problem, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Outcome
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.facts import STATES, Checked, Part

FORMAT = 1
_MESSAGE = 120
_SHOWN = 6


def preflight_report(
    run: str, checked: t.Sequence[Checked], problems: t.Sequence[Problem], known_hosts: str
) -> dict[str, t.Any]:
    """Return a preflight as a JSON structure with a fixed order of keys.

    ``problems`` are those of the inventory, ``known_hosts`` is the path of the file with the unknown host keys.
    """
    counts = {state: sum(one.state == state for one in checked) for state in STATES}
    lines = known_hosts_lines(checked)
    return {
        "format": FORMAT,
        "run": run,
        "mode": "preflight",
        "decision": _decision(checked, problems),
        "counts": counts,
        "known_hosts": {"path": known_hosts if lines else "", "keys": len(lines)},
        "problems": [asdict(problem) for problem in problems],
        "hosts": [_host(one) for one in checked],
    }


def known_hosts_lines(checked: t.Iterable[Checked]) -> list[str]:
    """Return each unknown host key once, as lines of a file of known hosts."""
    return list(dict.fromkeys(line for one in checked for line in one.unknown_keys))


def outcome_of(one: Checked, known_hosts: str) -> dict[str, t.Any]:
    """Return the result of a host for hubspoke.srx.outcome; ``known_hosts`` is the file with the unknown host keys."""
    outcome = Outcome[str](
        host=one.host,
        state=one.state,
        failed=one.state in ("failed", "unreachable"),
        unreachable=one.state == "unreachable",
        message=message_of(one),
    )
    return {**outcome.as_data(), "changed": False, "remedy": _remedy(one, known_hosts), "reason": one.reason}


def _remedy(one: Checked, known_hosts: str) -> str:
    """Return what to do about a host: the file has its unknown keys, others could come with a second question."""
    if not one.unknown_keys:
        return one.remedy
    file = one.known_hosts or "~/.ssh/known_hosts"
    return f"Compare 'ssh-keygen -lf {known_hosts}' with the device's console, then 'cat {known_hosts} >> {file}'."


def message_of(one: Checked) -> str:
    """Return the result of a host in one line."""
    if one.facts is None:
        return shortened(f"{one.host}: {one.short}" if one.state != "skipped" else one.short, _MESSAGE)
    facts = f"Junos {one.facts.release or 'unknown'} on {one.facts.model or 'an unknown model'}"
    if one.state == "ready":
        return shortened(f"ready: {facts}", _MESSAGE)
    names = ", ".join(dict.fromkeys(finding.object for finding in one.obstacles))
    return shortened(f"not ready: {names}", _MESSAGE)


def _host(one: Checked) -> dict[str, t.Any]:
    parts = one.facts.parts if one.facts else ()
    return {
        "host": one.host,
        "state": one.state,
        "message": message_of(one),
        "short": one.short if one.state != "skipped" else "",
        "error": one.error,
        "remedy": one.remedy,
        "reason": one.reason,
        "facts": {**asdict(one.facts), "parts": [_part(part, one) for part in parts]} if one.facts else None,
        # Where a part has the advice, a text for people does not repeat the conflict.
        "obstacles": [
            {**vars(finding), "told": any(part.is_about(finding) for part in parts)} for finding in one.obstacles
        ],
        "unanswered": list(one.unanswered),
        "unknown_keys": list(one.unknown_keys),
        "known_hosts": one.known_hosts,
    }


def _part(part: Part, one: Checked) -> dict[str, t.Any]:
    return {
        "name": part.name,
        "planned": part.planned,
        "actual": part.actual,
        "advice": part.advice,
        "stops": any(part.is_about(finding) for finding in one.obstacles),
    }


def _decision(checked: t.Sequence[Checked], problems: t.Sequence[Problem]) -> str:
    asked = [one for one in checked if one.state != "skipped"]
    reached = [one for one in asked if one.facts is not None]
    ready = sum(one.state == "ready" for one in asked)
    words = [f"{len(reached)} of {len(asked)} devices reached, {ready} ready for a deployment."]
    if not asked:
        words = ["Nothing asked: no device took part."]
    if missing := [one.host for one in asked if one.facts is None]:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        words.append(f"Not reached: {', '.join(missing[:_SHOWN])}{more}.")
    if problems:
        words.append(f"The plan is not complete: {len(problems)} problem{'s' if len(problems) > 1 else ''}.")
    return " ".join(words)
