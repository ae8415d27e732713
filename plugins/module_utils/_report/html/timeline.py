# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The stages of the run on one axis of time, with the devices that took longest."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.marks import words
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.markup import Html, element, number

Row = t.Mapping[str, t.Any]
_SLOWEST = 3
# A bar that is thinner cannot be seen. In percent.
_THINNEST = 0.6


def timeline(report: Row) -> Html | None:
    """Return the section with a bar per stage."""
    stages = report["stages"]
    if not stages:
        return None
    starts = _starts([parsed(str(stage["started"])) for stage in stages], stages)
    whole = max((start + stage["seconds"] for start, stage in zip(starts, stages, strict=True)), default=0.0) or 1.0
    rounds = len({stage["round"] for stage in stages}) > 1
    rows = [_stage(stage, start / whole, whole, rounds=rounds) for start, stage in zip(starts, stages, strict=True)]
    ticks = (element("span", f"{seconds:.0f} s") for seconds in (0, whole / 2, whole))
    axis = element("p", *ticks, class_="axis", aria_hidden="true")
    return element(
        "section",
        element("h2", "Timeline", id="timeline-title"),
        element("ol", *rows, class_="stages"),
        axis,
        id="timeline", aria_labelledby="timeline-title",
    )  # fmt: skip


def parsed(text: str) -> datetime.datetime | None:
    """Return a time of a report, or None where it has none."""
    try:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None


def _starts(times: t.Sequence[datetime.datetime | None], stages: t.Sequence[Row]) -> list[float]:
    """Return the seconds from the first stage to each; a stage without a time starts with the end of the one before."""
    known = [time for time in times if time is not None]
    starts: list[float] = []
    for index, time in enumerate(times):
        if time is None:
            starts.append(starts[-1] + stages[index - 1]["seconds"] if starts else 0.0)
        else:
            starts.append(max((time - known[0]).total_seconds(), 0.0))
    return starts


def _stage(stage: Row, start: float, whole: float, *, rounds: bool) -> Html:
    width = max(100 * stage["seconds"] / whole, _THINNEST)
    x = min(100 * start, 100 - width)
    name = words(stage["name"]).capitalize() + (f", round {stage['round']}" if rounds else "")
    complete = stage["done"] == stage["devices"]
    drawn = element(
        "svg",
        element("rect", width="100%", height=10, y=1, rx=2, class_="track"),
        element("rect", x=f"{number(x)}%", width=f"{number(width)}%", height=10, y=1, rx=2,
                class_="bar back" if stage["name"] == "roll_back" else "bar"),
        class_="gantt", aria_hidden="true",
    )  # fmt: skip
    return element(
        "li",
        element("b", name),
        element("span", f"{stage['done']} of {stage['devices']}", class_="n" if complete else "n bad"),
        element("span", f"{stage['seconds']:.1f} s", class_="t"),
        drawn,
        element("small", _slowest(stage["by_host"])),
    )


def _slowest(by_host: t.Mapping[str, float]) -> str:
    first = sorted(by_host.items(), key=lambda item: -item[1])[:_SLOWEST]
    return "slowest: " + ", ".join(f"{host} {seconds:.1f} s" for host, seconds in first) if len(by_host) > 1 else ""
