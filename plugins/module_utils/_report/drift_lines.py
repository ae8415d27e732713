# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What differs on each device, for a terminal."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import with_host
from ansible_collections.hubspoke.srx.plugins.module_utils._report.stage_lines import cut

# Lines of one host on a screen.
SHOWN = 20
_INDENT = "  "


def drift_lines(hosts: t.Iterable[t.Mapping[str, t.Any]], path: str, most: int | None = SHOWN) -> list[str]:
    """Return the lines of each drifted host under its name and message; ``path`` has those beyond ``most``.

    ``hosts`` are masked outcomes as plain data. The differences in the group are statements; a finding about something
    else is a line of its own.
    """
    lines: list[str] = []
    for host in hosts:
        found = [*host["diff"].splitlines(), *map(_in_words, _others(host["findings"]))]
        if not found:
            continue
        lines.append(cut(with_host(host["host"], host["message"])))
        shown = found if most is None or len(found) <= most else found[: most - 1]
        lines += [_INDENT + one if most is None else cut(_INDENT + one) for one in shown]
        if len(shown) < len(found):
            lines.append(f"{_INDENT}and {len(found) - len(shown)} more in {path}")
    return lines


def _others(findings: t.Iterable[t.Mapping[str, str]]) -> t.Iterator[t.Mapping[str, str]]:
    """Yield the findings that the statements do not tell."""
    for finding in findings:
        if finding["state"] != "ok" and not finding["object"].startswith("group "):
            yield finding


def _in_words(finding: t.Mapping[str, str]) -> str:
    return f"! {finding['object']}: expected {finding['expected']}, actual {finding['actual']}"
