# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures of a record: medians, and what is derived from them."""

from __future__ import annotations

import statistics
import typing as t

from tests.performance.contestants import CONTESTANTS

Record = t.Mapping[str, t.Any]


class Figures:
    """The medians of a record."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._rows = {(row["size"], row["who"], row["work"]): row for row in record["rows"]}
        self.sizes = sorted({row["size"] for row in record["rows"]})

    def median(self, size: int, who: str, work: str, key: str) -> float | None:
        """Return a median of the rounds, or None if there is no figure."""
        row = self._rows.get((size, who, work))
        if row is None or not row["rounds"]:
            return None
        return float(statistics.median(one[key] for one in row["rounds"]))

    def rounds(self, size: int, who: str, work: str) -> int:
        """Return how many rounds a median has."""
        return len(self._rows[size, who, work]["rounds"])

    def reason(self, size: int, who: str, work: str) -> str | None:
        """Return why there is no figure, "" if there is one, None if it was not measured."""
        row = self._rows.get((size, who, work))
        return row["reason"] if row else None

    def contestants(self, work: str, size: int) -> list[str]:
        """Return who was measured in a work, in the order of the contestants."""
        return [who for who in CONTESTANTS if (size, who, work) in self._rows]

    def ratio(self, size: int, who: str, key: str) -> float | None:
        """Return how many times a first deployment costs another what it costs us."""
        other, ours = self.median(size, who, "deploy", key), self.median(size, "ours", "deploy", key)
        return other / ours if other is not None and ours else None

    def growth(self) -> tuple[int, int, float] | None:
        """Return two sizes, 50 and the largest, and the growth of CPU per device between them, as a fraction."""
        small, large = 50, max(self.sizes, default=0)
        before, after = (self.median(size, "ours", "deploy", "cpu") for size in (small, large))
        if before is None or after is None or large <= small:
            return None
        return small, large, (after / (large + 1)) / (before / (small + 1)) - 1

    def targets(self) -> list[tuple[str, str, str, bool | None]]:
        """Return the targets: what, the limit, what was measured, and whether it is met (None: not measured)."""
        found = []
        for key, title, limit in (("wall", "wall", 10), ("cpu", "CPU", 20)):
            ratio = self.ratio(50, "juniper_device", key)
            what = f"50 spokes, first deployment, {title} of ``juniper.device`` over ours"
            found.append((what, f"at least {limit}", *_least(ratio, limit)))
            base = [self.median(50, who, "deploy", key) for who in ("empty", "ncclient")]
            ours = self.median(50, "ours", "deploy", key)
            share = ours / sum(filter(None, base)) if ours is not None and None not in base else None
            what = f"50 spokes, first deployment, our {title} over empty action + bare ncclient"
            found.append((what, "at most 1.5", *_most(share, 1.5)))
        growth = self.growth()
        what = "growth of CPU per device from 50 to 1,000 spokes"
        grown = growth[2] * 100 if growth and growth[1] == 1000 else None
        found.append((what, "less than 25 %", *_most(grown, 25, " %")))
        for work, key, unit, limit in (
            ("deploy", "wall", "s", 60),
            ("deploy", "tree_mb", "MB", 1000),
            ("verify", "wall", "s", 90),
            ("unchanged", "wall", "s", 30),
        ):
            what = f"1,000 spokes, {_NAMES[work]}, {'memory' if unit == 'MB' else 'wall'}"
            found.append(
                (what, f"at most {limit:,} {unit}", *_most(self.median(1000, "ours", work, key), limit, f" {unit}"))
            )
        slow = self.median(1000, "ours_5s", "deploy", "wall")
        share = slow / 10 if slow is not None else None
        found.append(
            ("1,000 spokes, 5 s per commit, wall over the 10 s of the commits", "at most 1.3", *_most(share, 1.3))
        )
        scale = {one["spokes"]: one for one in self.record["scale"]}
        big = scale.get(5000)
        seconds = big["plan"][0] + big["render"][0] if big else None
        found.append(("5,000 spokes, plan and render, wall", "at most 20 s", *_most(seconds, 20, " s")))
        found.append(
            ("5,000 spokes, plan and render, memory", "at most 500 MB", *_most(big and big["process_mb"], 500, " MB"))
        )
        seconds = big["compare"][0] if big and "compare" in big else None
        found.append(("hub of 5,000 tunnels, compared, wall", "at most 10 s", *_most(seconds, 10, " s")))
        return found


_NAMES = {"deploy": "first deployment", "verify": "verify with all checks", "unchanged": "no change"}


def number(value: float) -> str:
    """Return a number with about three digits."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _least(value: float | None, limit: float) -> tuple[str, bool | None]:
    return ("not measured", None) if value is None else (number(value), value >= limit)


def _most(value: float | None, limit: float, unit: str = "") -> tuple[str, bool | None]:
    return ("not measured", None) if value is None else (f"{number(value)}{unit}", value <= limit)
