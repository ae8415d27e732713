# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures of docs/docsite/rst/performance.rst and README.md, made from the record of the bench.

``python -m tests.performance.page`` writes them anew, and the picture of the page.
"""

from __future__ import annotations

import json
import math
import re
import textwrap
import typing as t
from pathlib import Path

from tests.performance import plot
from tests.performance.contestants import CONTESTANTS, WORKS
from tests.performance.figures import Figures, number

ROOT = Path(__file__).resolve().parents[2]
RECORD = Path(__file__).parent / "record.json"
PAGE = ROOT / "docs" / "docsite" / "rst" / "performance.rst"
PICTURE = PAGE.with_suffix(".svg")
README = ROOT / "README.md"
_BLOCK = re.compile(r"(^\.\. bench: (\w+)\n\n)(?:.*?\n)??(\.\. bench end\n)", re.DOTALL | re.MULTILINE)
_README = re.compile(r"(<!-- bench -->\n)(?:.*?\n)??(<!-- bench end -->\n)", re.DOTALL)
_COSTS = ("wall", "cpu", "tree_mb", "process_mb", "lab_cpu", "sessions", "rpcs")
_HEADINGS = (
    "Wall, s", "CPU, s", "All processes, MB", "Largest process, MB", "Lab's CPU, s", "Sessions per device",
    "RPCs per device",
)  # fmt: skip


def blocks(figures: Figures) -> dict[str, str]:
    """Return the generated blocks of the page by their names."""
    return {
        "ratios": _fill(ratios(figures, "``")) + _load(figures),
        "picture": ".. figure:: performance.svg\n   :alt: Seconds of a first deployment by the number of spokes\n",
        "deploy": "\n".join(_deploy(figures, size) for size in figures.sizes),
        "memory": _memory(figures),
        "lab": _lab(figures),
        "works": "\n".join(_works(figures, size) for size in figures.sizes),
        "slow": _slow(figures),
        "scale": _scale(figures),
        "compare": _compare(figures),
        "targets": _targets(figures),
        "controllers": _controllers(figures),
        "machine": _machine(figures),
    }


def ratios(figures: Figures, quote: str) -> str:
    """Return the three ratios: two of a first deployment by others, and the growth of ours."""
    size = 50 if 50 in figures.sizes else max(figures.sizes)
    found = []
    for who in ("juniper_device", "junos"):
        wall, cpu = figures.ratio(size, who, "wall"), figures.ratio(size, who, "cpu")
        if wall is not None and cpu is not None:
            name = f"{quote}{CONTESTANTS[who].title.partition(',')[0]}{quote}"
            times = f"{_times(wall)} times as long and {_times(cpu)} times the CPU"
            found.append(f"{name} {times}")
    words = (
        f"A first deployment of {size} spokes takes {', '.join(found)}, compared with this collection." if found else ""
    )
    growth = figures.growth()
    if growth:
        small, large, share = growth
        way = "falls" if share < 0 else "grows"
        words += f" From {small} to {large:,} spokes our CPU per device {way} by {abs(100 * share):.0f} %."
    return words.strip()


def made(page: str, figures: Figures) -> str:
    """Return the page with its blocks made anew."""
    content = blocks(figures)
    return _BLOCK.sub(lambda found: f"{found[1]}{content[found[2]]}\n{found[3]}", page)


def readme(text: str, figures: Figures) -> str:
    """Return the README with its ratios made anew."""
    words = textwrap.fill(ratios(figures, "`"), 116, break_on_hyphens=False)
    return _README.sub(lambda found: f"{found[1]}{words}\n{found[2]}", text)


def read() -> Figures:
    """Return the figures of the record."""
    return Figures(json.loads(RECORD.read_text(encoding="utf-8")))


def write() -> None:
    """Write the page, the picture and the README anew."""
    figures = read()
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")
    PICTURE.write_text(plot.draw(figures), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8"), figures), encoding="utf-8")


def _times(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _load(figures: Figures) -> str:
    # The load at the end is that of the bench itself.
    load, cores = figures.record["settings"]["load"][0], figures.record["machine"]["cores"]
    if load < cores:
        return ""
    return "\n" + _fill(
        f"The load average was {load} at the beginning, on {cores} cores: other work ran on the machine, and wall times"
        " are longer than alone. CPU tells more."
    )


def _fill(words: str) -> str:
    return textwrap.fill(words, 116, break_on_hyphens=False) + "\n"


def table(headings: t.Sequence[str], rows: t.Iterable[t.Sequence[str]]) -> str:
    """Return a table of reStructuredText with headings and one stub column."""
    lines = [".. list-table::", "   :header-rows: 1", "   :stub-columns: 1", ""]
    for row in (headings, *rows):
        lines += [f"   {'* ' if index == 0 else '  '}- {cell}".rstrip() for index, cell in enumerate(row)]
    return "\n".join(lines) + "\n"


def _title(words: str) -> str:
    return f"{words}\n{'~' * len(words)}\n"


def _spokes(size: int) -> str:
    return f"{size:,} spokes"


def _costs(figures: Figures, size: int, who: str, work: str) -> list[str]:
    values = [figures.median(size, who, work, key) for key in _COSTS]
    return ["" if value is None else number(value) for value in values]


def _deploy(figures: Figures, size: int) -> str:
    rows, notes = [], []
    for who in figures.contestants("deploy", size):
        if who == "ours_5s":
            continue
        reason = figures.reason(size, who, "deploy")
        times = [figures.ratio(size, who, key) for key in ("wall", "cpu")]
        rounds = figures.rounds(size, who, "deploy")
        if reason:
            notes.append(f"{CONTESTANTS[who].title}: ``{reason}``")
        rows.append(
            [
                CONTESTANTS[who].title,
                *_costs(figures, size, who, "deploy"),
                *["" if one is None else number(one) for one in times],
                str(rounds) if rounds else "failed",
            ]
        )
    headings = ("", *_HEADINGS, "Wall over ours", "CPU over ours", "Rounds")
    said = [f"Without a figure:\n\n{chr(10).join(f'- {note}' for note in notes)}\n"] if notes else []
    return "\n".join([_title(_spokes(size)), table(headings, rows), *said])


def _works(figures: Figures, size: int) -> str:
    rows = []
    for who in ("ours", "ours_pyez"):
        for work, one in WORKS.items():
            reason = figures.reason(size, who, work)
            if reason is not None:
                cells = _costs(figures, size, who, work)
                title = f"{one.title}, {'pyez' if who == 'ours_pyez' else 'asyncssh'}"
                rows.append([f"{title} (failed: ``{reason}``)" if reason else title, *cells])
    return "\n".join([_title(f"{_spokes(size)}, every playbook"), table(("", *_HEADINGS), rows)])


def _memory(figures: Figures) -> str:
    small, large = figures.sizes[0], figures.sizes[-1]
    least, most = (figures.median(size, "ours", "deploy", "tree_mb") for size in (small, large))
    if least is None or most is None or small == large:
        return ""
    return _fill(
        f"From {small} to {large:,} spokes our memory grows from {number(least)} to {number(most)} MB, by"
        f" {number((most - least) / (large - small) * 1000)} MB per 1,000."
    )


def _lab(figures: Figures) -> str:
    rows = []
    for size in figures.sizes:
        cpu, ours, mb = (figures.median(size, "ours", "deploy", key) for key in ("lab_cpu", "cpu", "lab_mb"))
        if cpu is not None and ours is not None and mb is not None:
            rows.append([f"{size:,}", number(cpu), f"{100 * cpu / (cpu + ours):.0f} %", number(mb)])
    return table(("Spokes", "CPU, s", "Share of the CPU of both", "Memory, MB"), rows)


def _slow(figures: Figures) -> str:
    rows = []
    for size in figures.sizes:
        if (wall := figures.median(size, "ours_5s", "deploy", "wall")) is not None:
            rows.append([f"{size:,}", *_costs(figures, size, "ours_5s", "deploy"), number(wall / 10)])
    return table(("Spokes", *_HEADINGS, "Wall over 10 s"), rows)


def _scale(figures: Figures) -> str:
    rows = [
        [
            f"{one['spokes']:,}",
            *[number(value) for step in ("plan", "render") for value in one[step]],
            *[number(one[key]) for key in ("process_mb", "text_mb")],
            f"{one['hub_lines']:,}",
            f"{one['spoke_lines']:,}",
        ]
        for one in figures.record["scale"]
    ]
    headings = (
        "Spokes", "Plan, s wall", "CPU", "Render, s wall", "CPU", "Memory, MB", "Text, MB", "Lines of the hub",
        "Most lines of a spoke",
    )  # fmt: skip
    return table(headings, rows)


def _compare(figures: Figures) -> str:
    rows = [
        [f"{one['spokes']:,}", *map(number, one["compare"]), number(one["replies_mb"]), f"{one['findings']:,}",
         number(one["compare_mb"])]
        for one in figures.record["scale"]
        if "compare" in one
    ]  # fmt: skip
    if not rows:
        return "Not measured."
    return table(("Tunnels", "Wall, s", "CPU, s", "Replies, MB", "Findings", "Memory, MB"), rows)


def _targets(figures: Figures) -> str:
    verdicts = {True: "yes", False: "**no**", None: ""}
    rows = [[what, limit, found, verdicts[met]] for what, limit, found, met in figures.targets()]
    return table(("Target", "Limit", "Measured", "Met"), rows)


def _controllers(figures: Figures) -> str:
    """Return what 100 VPNs of the largest measured size take, by the formula of the page."""
    size = max(figures.sizes)
    wall, cpu, memory = (figures.median(size, "ours", "deploy", key) for key in ("wall", "cpu", "tree_mb"))
    if wall is None or cpu is None or memory is None:
        return "Not measured."
    processors = 2
    at_once = max(1.0, processors * wall / cpu)
    minutes = 100 * wall / at_once / 60
    words = (
        f"{100 * size:,} spokes in hub groups of {size:,} are 100 VPNs. In the table above one of them takes"
        f" {number(wall)} s wall, {number(cpu)} s of CPU and {number(memory)} MB, of devices that commit at once. A"
        f" controller with {processors} such processors runs {number(at_once)} jobs at once, in"
        f" {number(at_once * memory)} MB, and deploys all in {number(minutes)} minutes; so a window of one hour takes"
        f" {math.ceil(minutes / 60)}. Where the devices take 30 s for each of the two commits, *W* is"
        f" {number(wall + 60)} s with the same *C*: {number(processors * (wall + 60) / cpu)} jobs at once take"
        f" {number(processors * (wall + 60) / cpu * memory)} MB, and as many minutes."
    )
    return _fill(words)


def _machine(figures: Figures) -> str:
    record = figures.record
    machine, settings = record["machine"], record["settings"]
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    rounds = ", ".join(f"{count} at {_spokes(int(size))}" for size, count in settings["rounds"].items())
    items = {
        "Machine": f"{machine['cores']} cores ({machine['cpu']}), {machine['memory_gb']} GB of memory, Python"
        f" {machine['python']}. Load average before the first turn {settings['load'][0]}, after the last"
        f" {settings['load'][1]}.",
        "Versions": f"{versions}.",
        "Rounds": f"{rounds}; of our pyez transport and of tools that take minutes {settings['slow_rounds']} at most.",
    }
    return "\n".join(f"{title}\n{textwrap.indent(_fill(words), '    ')}" for title, words in items.items())


if __name__ == "__main__":
    write()
