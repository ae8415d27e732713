# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The picture of hub, spokes and tunnels: drawn twice, for a wide and for a narrow screen, or as a matrix of cells."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.links import Link, culprits_of, links_of
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.marks import STATES, look, mark, words
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.markup import Html, element, join, number


class Place(t.NamedTuple):
    """The place of a spoke: its box from ``x``, around ``y``; where the line meets its edge; the middle of the pill."""

    x: float
    y: float
    edge: float
    pill: float
    height: float
    width: float


class Hub(t.NamedTuple):
    """The box in the middle: its name, the row of the table it leads to, its look, and its number of spokes."""

    name: str
    target: str | None
    look: str
    spokes: int


DRAWN = 60
"""The most spokes that are drawn as boxes: beyond it, names are too small to read at a glance."""
_NAMED = 40
# With more spokes than this, a box has one line of text.
_ROOMY = 16
# A column of so few boxes has more space between them.
_FEW = 3
_TWO_LINES = 40
# The characters of a name and an address that fit on one line.
_BESIDES = 25

_WIDE, _BOX, _HUB = 860.0, 236.0, 150.0
_NARROW, _TRUNK, _STEM = 350.0, 16.0, 108.0

# A script fills it. On a phone it lies over the end of the page while a spoke is selected.
_PANEL = element(
    "div",
    element("p", "Point at, tap or focus a spoke to read its findings here. The arrow keys move between spokes."),
    id="panel", class_="panel", hidden=True,
)  # fmt: skip


def topology(report: t.Mapping[str, t.Any]) -> Html | None:
    """Return the section with the picture, and a panel for the tunnel that the reader selects."""
    hubs = links_of(report)
    if not any(hubs.values()):
        return None
    few = len(hubs) == 1 and all(len(links) <= 2 * _FEW for links in hubs.values())
    rows = {row["host"]: f"#h{index}" for index, row in enumerate(report["hosts"])}
    culprits = culprits_of(report)
    pictures = [
        _picture(Hub(name, rows.get(name), culprits.get(name, ""), len(links)), links) for name, links in hubs.items()
    ]
    return element(
        "section",
        element("h2", "Topology", id="topology-title"),
        element("a", "Skip the picture", class_="skip", href="#after-topology"),
        _legend(report),
        element("div", element("div", *pictures, class_="pictures"), _PANEL, class_="map few" if few else "map"),
        element("span", id="after-topology"),
        id="topology", aria_labelledby="topology-title",
    )  # fmt: skip


def _picture(hub: Hub, links: t.Sequence[Link]) -> Html:
    label = f"{hub.name or 'Hosts'}: {_count(len(links))}"
    if len(links) > DRAWN:
        return element("div", _named(links), _matrix(hub, links, label), class_="picture")
    return element("div", _wide(hub, links, label), _narrow(hub, links, label), class_="picture")


def _legend(report: t.Mapping[str, t.Any]) -> Html | None:
    if not report["tunnels"]:
        return None
    counts = report["counts"]["tunnels"]
    items = [
        element(
            "li",
            element("svg", element("path", d="M0 8H32", class_=f"l {look(state)}"), class_="key", aria_hidden="true"),
            mark(look(state)), words(state).capitalize(), element("b", counts[state]),
        )
        for state in STATES if counts.get(state)
    ]  # fmt: skip
    return element("ul", *items, class_="legend")


def _wide(hub: Hub, links: t.Sequence[Link], label: str) -> Html:
    """Draw the hub in the middle and the spokes in a column on either side of it."""
    half = len(links) // 2
    columns = [(links[:half], -1), (links[half:], 1)]
    rows = len(links) - half
    tall, row = (48.0, 84.0 if rows <= _FEW else 64.0) if len(links) <= _ROOMY else (26.0, 32.0)
    height = max(rows * row, 96.0) + 16
    middle = height / 2
    hub_height = min(max(64.0, rows * 10.0), height - 24)
    parts: list[Html] = []
    for column, side in columns:
        top = middle - len(column) * row / 2 + row / 2
        for index, link in enumerate(column):
            y = top + index * row
            port = middle + (index - (len(column) - 1) / 2) * min(10.0, hub_height / max(len(column), 1))
            start, end = _WIDE / 2 + side * _HUB / 2, _WIDE / 2 + side * (_WIDE / 2 - _BOX)
            elbow = end - side * 62
            bend = (start + elbow) / 2
            path = (
                f"M{number(start)} {number(port)}C{number(bend)} {number(port)} {number(bend)} {number(y)} "
                f"{number(elbow)} {number(y)}H{number(end)}"
            )
            x = end if side > 0 else end - _BOX
            parts.append(_spoke(link, path, Place(x, y, end, end - side * 36, tall, _BOX)))
    centre = _hub(hub, _WIDE / 2 - _HUB / 2, middle - hub_height / 2, _HUB, hub_height)
    # A single spoke has the hub at the other end.
    start = 0.0 if half else (_WIDE - _HUB) / 2 - 12
    return _svg("wide" if half else "wide one", start, _WIDE, height, label, [centre, *parts])


def _narrow(hub: Hub, links: t.Sequence[Link], label: str) -> Html:
    """Draw the hub on top and the spokes below it, for a phone."""
    tall, row = (44.0, 54.0) if len(links) <= _ROOMY else (28.0, 36.0)
    top = 64.0 + row / 2
    last = top + (len(links) - 1) * row
    trunk = element("path", d=f"M{number(_TRUNK)} 56V{number(last)}", class_="trunk")
    parts = []
    for index, link in enumerate(links):
        y = top + index * row
        path = f"M{number(_TRUNK)} {number(y)}H{number(_STEM)}"
        parts.append(_spoke(link, path, Place(_STEM, y, _STEM, 60, tall, _NARROW - _STEM)))
    return _svg("narrow", 0, _NARROW, last + row / 2, label, [trunk, _hub(hub, 1, 4, 348, 52), *parts])


def _svg(name: str, start: float, end: float, height: float, label: str, parts: t.Sequence[Html]) -> Html:
    box = f"{number(start)} 0 {number(end - start)} {number(height)}"
    return element("svg", *parts, class_=f"net {name}", viewBox=box, role="group", aria_label=label)


def _hub(hub: Hub, x: float, y: float, width: float, height: float) -> Html:
    middle = y + height / 2
    return element(
        "a",
        element("title", f"{hub.name or 'no hub'}: {_count(hub.spokes)}"),
        element("rect", x=number(x), y=number(y), width=number(width), height=number(height), rx=6),
        element("text", _short(hub.name or "no hub", 17), x=number(x + width / 2), y=number(middle - 2), class_="n"),
        element("text", _count(hub.spokes), x=number(x + width / 2), y=number(middle + 15), class_="a"),
        class_=f"hub {hub.look}".rstrip(),
        href=hub.target,
    )


def _spoke(link: Link, path: str, place: Place) -> Html:
    """Draw one line, its binding and its end: a link to the row of the table that has the details."""
    x, y, edge, pill, height, width = place
    roomy = height >= _TWO_LINES
    mark_look = _shown(link)
    # The mark lies over the edge of the box.
    inner, outer = (x + 18, x + width - 12) if edge == x else (x + 12, x + width - 18)
    texts = [element("text", _short(link.name, 25), x=number(inner), y=number(y - 3 if roomy else y + 4.5), class_="n")]
    if roomy:
        texts.append(element("text", _short(link.note, 32), x=number(inner), y=number(y + 14), class_="a"))
    elif len(link.name) + len(link.address) <= _BESIDES:
        texts.append(element("text", link.address, x=number(outer), y=number(y + 4), class_="a e"))
    box = element("rect", x=number(x), y=number(y - height / 2), width=number(width), height=number(height), rx=5,
                  class_=f"box-{link.box}")  # fmt: skip
    return element(
        "a",
        element("title", link.title),
        element("path", d=path, class_=f"l {link.look}"),
        _binding(link.binding, pill, y) if link.binding else None,
        box,
        *texts,
        element("circle", cx=number(edge), cy=number(y), r=9, class_=mark_look),
        element("use", href=f"#m-{mark_look}", class_=mark_look, x=number(edge - 7), y=number(y - 7), width=14,
                height=14),
        href=f"#{link.target}", class_=f"spoke {link.look}{_wrong(mark_look)}",
    )  # fmt: skip


def _binding(word: str, x: float, y: float) -> Html:
    return join(
        (
            element("rect", x=number(x - 19), y=number(y - 8), width=38, height=16, rx=8, class_="pill"),
            element("text", word, x=number(x), y=number(y + 3.8), class_="b"),
        )
    )


def _matrix(hub: Hub, links: t.Sequence[Link], label: str) -> Html:
    cells = [
        element("a", mark(shown), href=f"#{link.target}", class_=f"cell {shown}{_wrong(shown)}", title=link.title,
                aria_label=link.title)
        for link in links
        for shown in (_shown(link),)
    ]  # fmt: skip
    heading = element(
        "p", element("b", hub.name or "Hosts"), f" {_count(len(links))}, in the order of the plan", class_="of"
    )
    return join((heading, element("ul", *(element("li", cell) for cell in cells), class_="matrix", aria_label=label)))


def _shown(link: Link) -> str:
    return link.box if link.look == "none" else link.look


def _wrong(shown: str) -> str:
    """Return the class of what the script selects first."""
    return " wrong" if shown in ("bad", "open") else ""


def _named(links: t.Sequence[Link]) -> Html | None:
    """Return the names of the spokes that are not up: a cell of the matrix has no room for its name."""
    wrong = [link for link in links if _wrong(_shown(link))]
    if not wrong:
        return None
    chips = [
        element(
            "li",
            element("a", mark(_shown(link)), link.name, href=f"#{link.target}", class_=f"chip {_shown(link)} wrong"),
        )
        for link in wrong[:_NAMED]
    ]
    more = len(wrong) - _NAMED
    return element("ul", *chips, element("li", f"and {more} more") if more > 0 else None, class_="chips")


def _count(spokes: int) -> str:
    return f"{spokes} spoke" + ("" if spokes == 1 else "s")


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
