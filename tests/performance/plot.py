# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A picture of first deployments: seconds by spokes, both logarithmic, wall and CPU next to each other."""

from __future__ import annotations

import math
import typing as t
from xml.sax.saxutils import escape

from tests.performance.contestants import CONTESTANTS
from tests.performance.figures import Figures

_WIDTH, _HEIGHT = 900, 470
_TOP, _BOTTOM, _PANEL = 50, 300, 370
_ORIGINS = (60, 500)
# Distinct also for those who do not see all colours; ours are thick.
_COLOURS = (
    "#c0392b", "#e08e79", "#7f8c8d", "#2c3e50", "#2980b9", "#16a085", "#8e44ad", "#27ae60", "#d68910", "#6e2c00",
)  # fmt: skip
_SHOWN = [name for name in CONTESTANTS if name != "ours_5s"]


def draw(figures: Figures) -> str:
    """Return the picture as SVG."""
    points = {
        key: {who: _points(figures, who, key) for who in _SHOWN if _points(figures, who, key)}
        for key in ("wall", "cpu")
    }
    values = [value for lines in points.values() for line in lines.values() for _size, value in line]
    axes = _Axes(figures.sizes, min(values, default=1), max(values, default=10))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        ' font-family="sans-serif" font-size="12">',
        "<title>First deployment: seconds by number of spokes</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    for origin, lines, title in zip(_ORIGINS, points.values(), ("wall, s", "CPU, s"), strict=True):
        parts += [f'<text x="{origin}" y="30" font-size="14" font-weight="bold">First deployment: {title}</text>']
        parts += axes.frame(origin)
        for who, line in lines.items():
            parts += axes.line(origin, line, _COLOURS[_SHOWN.index(who)], 3 if who.startswith("ours") else 1.5)
    shown = [who for who in _SHOWN if any(who in lines for lines in points.values())]
    parts += [one for index, who in enumerate(shown) for one in _key(index, who)]
    return "\n".join([*parts, "</svg>", ""])


def _points(figures: Figures, who: str, key: str) -> list[tuple[int, float]]:
    found = [(size, figures.median(size, who, "deploy", key)) for size in figures.sizes]
    return [(size, max(value, 0.1)) for size, value in found if value is not None]


def _key(index: int, who: str) -> t.Iterator[str]:
    x, y = 60 + 280 * (index % 3), _BOTTOM + 60 + 24 * (index // 3)
    width = 3 if who.startswith("ours") else 1.5
    colour = _COLOURS[_SHOWN.index(who)]
    yield f'<line x1="{x}" y1="{y}" x2="{x + 28}" y2="{y}" stroke="{colour}" stroke-width="{width}"/>'
    yield f'<text x="{x + 36}" y="{y + 4}">{escape(CONTESTANTS[who].title)}</text>'


class _Axes:
    """Logarithmic axes over all sizes and all values."""

    def __init__(self, sizes: t.Sequence[int], least: float, most: float) -> None:
        self.sizes = sizes
        self.decades = range(math.floor(math.log10(least)), max(math.ceil(math.log10(most)), 1) + 1)
        self._first, self._last = math.log10(sizes[0]), math.log10(max(sizes[-1], 2 * sizes[0]))

    def x(self, origin: int, size: int) -> float:
        return round(origin + _PANEL * (math.log10(size) - self._first) / (self._last - self._first), 1)

    def y(self, value: float) -> float:
        share = (math.log10(value) - self.decades[0]) / (self.decades[-1] - self.decades[0])
        return round(_BOTTOM - (_BOTTOM - _TOP) * share, 1)

    def frame(self, origin: int) -> t.Iterator[str]:
        for decade in self.decades:
            y = self.y(10**decade)
            yield f'<line x1="{origin}" y1="{y}" x2="{origin + _PANEL}" y2="{y}" stroke="#dddddd"/>'
            yield f'<text x="{origin - 6}" y="{y + 4}" text-anchor="end">{10**decade:,g}</text>'
        for size in self.sizes:
            x = self.x(origin, size)
            yield f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{_BOTTOM}" stroke="#eeeeee"/>'
            yield f'<text x="{x}" y="{_BOTTOM + 18}" text-anchor="middle">{size:,}</text>'
        yield f'<text x="{origin + _PANEL / 2}" y="{_BOTTOM + 36}" text-anchor="middle">spokes</text>'

    def line(self, origin: int, points: t.Sequence[tuple[int, float]], colour: str, width: float) -> t.Iterator[str]:
        places = [(self.x(origin, size), self.y(value)) for size, value in points]
        path = " ".join(f"{x},{y}" for x, y in places)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
        for x, y in places:
            yield f'<circle cx="{x}" cy="{y}" r="{width + 1}" fill="{colour}"/>'
