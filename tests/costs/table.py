# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of allowed counts, ``allowed.yml``: read, compared with a fleet, written anew."""

from __future__ import annotations

import math
import typing as t
from pathlib import Path

import yaml

from tests.costs.measure import Counts

PATH = Path(__file__).resolve().parent / "allowed.yml"
# The spokes of the two fleets: the second has twice as many. With fewer, every pair of sites is pinged.
SIZES = (12, 24)
# Bytes and objects differ a little between releases of Python and Ansible; what arrives at a device does not.
_MARGIN = 1.25
_VARIES = ("bytes", "objects")
# A count below this share of the allowed one says that the table is out of date.
_LEAST = 0.5

Costs = t.Mapping[str, t.Mapping[str, Counts]]


def read() -> dict[str, dict[str, dict[str, t.Any]]]:
    """Return the allowed counts: by run, or memory, and role, or part. Each is ``fixed`` and ``each`` spoke adds."""
    table: dict[str, dict[str, dict[str, t.Any]]] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return table


def differences(costs: Costs, spokes: int) -> list[str]:
    """Return a line for each count of a fleet that is higher than allowed, or so low that the table is out of date."""
    table, lines = read(), []
    for run, roles in costs.items():
        for role, counts in roles.items():
            allowed_counts = table.get(run, {}).get(role, {})
            for name, actual in counts.items():
                allowed = _allowed(allowed_counts.get(name, 0), spokes)
                place = f"{run}, {role}, {spokes} spokes: {name}"
                if actual > allowed:
                    lines.append(f"{place}: expected at most {allowed:g}, actual {actual:g}")
                elif actual < _LEAST * allowed:
                    lines.append(f"{place}: expected about {allowed:g}, actual {actual:g}: lower the allowed count")
    return lines


def write(smaller: Costs, larger: Costs) -> None:
    """Write the table from the counts of the two fleets."""
    head, _table = PATH.read_text(encoding="utf-8").split("---\n")
    rows = []
    for run, roles in smaller.items():
        rows += [f"{run}:"]
        for role, counts in roles.items():
            rows += [f"  {role}:"]
            rows += [f"    {name}: {_row(name, count, larger[run][role][name])}" for name, count in counts.items()]
    PATH.write_text("\n".join([f"{head}---", *rows]) + "\n", encoding="utf-8")


def _allowed(row: t.Any, spokes: int) -> float:
    return float(row["fixed"] + row["each"] * spokes) if isinstance(row, dict) else float(row)


def _row(name: str, smaller: float, larger: float) -> str:
    """Return the row of a count, a number where the size of the fleet does not matter."""
    if not any(word in name for word in _VARIES):
        # What does not grow evenly is rounded up.
        each = math.ceil((larger - smaller) * 100 / (SIZES[1] - SIZES[0])) / 100
        fixed = math.ceil(max(smaller - each * SIZES[0], larger - each * SIZES[1]))
        return f"{{fixed: {fixed}, each: {each:g}}}" if each else f"{fixed}"
    growth = max(0.0, (larger - smaller) / (SIZES[1] - SIZES[0]))
    rest = max(0.0, smaller - growth * SIZES[0])
    return f"{{fixed: {_rounded(rest)}, each: {_rounded(growth)}}}" if _rounded(growth) else f"{_rounded(rest)}"


def _rounded(number: float) -> int:
    """Return a number with the margin, rounded up to two digits."""
    number *= _MARGIN
    step = 10 ** max(0, math.floor(math.log10(number)) - 1) if number >= 1 else 1
    return math.ceil(number / step) * step
