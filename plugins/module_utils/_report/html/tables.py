# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The tables of tunnels and of hosts."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.links import BINDINGS, CHECKS, host_look
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.marks import badge, look, mark, words
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.markup import Html, element, join

Row = t.Mapping[str, t.Any]
# A longer table scrolls in a box of its own, so that the sections below it stay near.
_BOXED = 30
# The most findings on the page. After a failure that all tunnels share they would be the larger part of it.
_OF_A_HOST = 60
_OF_ALL = 2000
_SEVERITY = ("down", "unknown", "not_checked", "up")


def tunnels(report: Row) -> Html | None:
    """Return the section with a row per tunnel. A script makes it sortable and adds a filter."""
    rows = report["tunnels"]
    if not rows:
        return None
    wrong = sum(row["state"] != "up" for row in rows)
    headers = ("Tunnel", "State", "End", *CHECKS.values())
    # A spoke that stops the run before its tunnel is checked.
    stopped = {cause["peer"] or cause["host"]: index for index, cause in reversed([*enumerate(report["causes"])])}
    filters = element(
        "form",
        element("label", element("input", type="checkbox", id="wrong"), f" Only those not up ({wrong})"),
        element("label", "Name ", element("input", type="search", id="name", autocomplete="off")),
        element("output", id="shown"),
        class_="filters", hidden=True,
    )  # fmt: skip
    table = element(
        "table",
        element("caption", "Each check has two lines: the hub's end and the spoke's end."),
        element(
            "thead",
            element(
                "tr",
                *(element("th", header, scope="col", class_="end" if header == "End" else None) for header in headers),
            ),
        ),
        element("tbody", *(_tunnel(index, row, stopped.get(row["peer"])) for index, row in enumerate(rows))),
        class_="tunnels",
    )
    return _section("tunnels", "Tunnels", filters, _box(table, len(rows), "Table of tunnels"))


def hosts(report: Row) -> Html | None:
    """Return the section with the state and the messages of each host."""
    rows = report["hosts"]
    if not rows:
        return None
    headers = element(
        "tr",
        element("th", "Host", scope="col"),
        element("th", "State", scope="col"),
        element("th", "Seconds", scope="col", class_="r"),
        element("th", "Lines", scope="col", class_="r"),
    )
    bodies, remaining = [], _OF_ALL
    for index, row in enumerate(rows):
        most = min(_OF_A_HOST, remaining)
        remaining -= min(len(_wrong(row["findings"])), most)
        bodies.append(element("tbody", *_host(index, row, most)))
    table = element("table", element("thead", headers), *bodies, class_="hosts")
    return _section("hosts", "Hosts", _box(table, len(rows), "Table of hosts"))


def cause_link(index: int | None) -> Html | None:
    """Return the link to a root cause."""
    return None if index is None else element("a", f"cause {index + 1}", href=f"#c{index}")


def _section(name: str, title: str, *children: Html | None) -> Html:
    heading = element("h2", title, id=f"{name}-title")
    return element("section", heading, *children, id=name, aria_labelledby=f"{name}-title")


def _box(table: Html, rows: int, label: str) -> Html:
    if rows <= _BOXED:
        return element("div", table, class_="box")
    return element("div", table, class_="box high", tabindex=0, role="region", aria_label=label)


def _tunnel(index: int, row: Row, stopped: int | None) -> Html:
    facts = [
        row["vpn"],
        BINDINGS.get(row["binding"], row["binding"]),
        cause_link(stopped if row["cause"] is None and row["state"] != "up" else row["cause"]),
    ]
    present = [fact for fact in facts if fact]
    between = [part for fact in present for part in (" · ", fact)][1:]
    return element(
        "tr",
        element("th", element("b", row["peer"]), element("small", *between), scope="row"),
        element("td", badge(row["state"]), data_k=_SEVERITY.index(row["state"]) if row["state"] in _SEVERITY else 9),
        element("td", element("small", "hub"), element("small", "spoke"), class_="ends"),
        *(_cells(row, check) for check in CHECKS),
        id=f"t{index}",
    )


def _cells(row: Row, check: str) -> Html:
    spoke = row["spoke"]
    return element(
        "td",
        _cell(row[check]),
        _cell(spoke[check]) if spoke else element("span", mark("none"), "not read", class_="s none"),
        class_="c",
    )


def _cell(cell: Row) -> Html:
    if cell["text"] == "-":
        return element("span", mark("none"), "not checked", class_="s none")
    return badge(cell["text"], look(cell["state"]))


def _host(index: int, row: Row, most: int) -> t.Iterator[Html]:
    facts = [row["role"], row["site"], row["wan"], words(row["platform"]), row["release"]]
    if row["findings"] and not _wrong(row["findings"]):
        facts.append(f"{_number(len(row['findings']), 'check')}, none failed")
    seconds = f"{row['seconds']:.1f}" if row["seconds"] else ""
    quiet = not (row["failed"] or row["detail"] or row["remedy"] or row["cause"] is not None)
    said = element("small", row["message"]) if quiet and row["message"] not in ("", row["state"]) else None
    changes = element("a", _changes(row), href=f"#d{index}") if row["diff"] else _changes(row)
    yield element(
        "tr",
        element("th", element("b", row["host"]), element("small", " · ".join(str(fact) for fact in facts if fact)),
                scope="row"),
        element("td", badge(row["state"], host_look(row)), said),
        element("td", seconds, class_="r"),
        element("td", changes, class_="r"),
        id=f"h{index}",
    )  # fmt: skip
    more = _said(row, most, quiet=quiet)
    if more:
        yield element("tr", element("td", more, colspan=4), class_="said")


def _changes(row: Row) -> Html | str:
    if not (row["added"] or row["removed"]):
        return ""
    return join((element("ins", f"+{row['added']}"), " ", element("del", f"-{row['removed']}")))


def _said(row: Row, most: int, *, quiet: bool) -> Html:
    """Return what is said of a host: message, remedy, warnings, and the findings that are not ok."""
    link = cause_link(row["cause"])
    parts: list[Html] = []
    if (row["message"] or link) and not quiet:
        parts.append(element("p", row["message"], " " if row["message"] else None, link))
    if row["remedy"]:
        parts.append(element("p", element("b", "Remedy "), row["remedy"]))
    if row["detail"]:
        parts.append(element("details", element("summary", "The whole message"), element("p", row["detail"])))
    if row["warnings"]:
        items = (element("li", warning) for warning in row["warnings"])
        parts.append(element("div", element("b", "Warnings of the device"), element("ul", *items)))
    parts += _findings(row["findings"], most)
    return join(parts)


def _findings(found: t.Sequence[Row], most: int) -> list[Html]:
    """Return those findings that are not ok, folded. The others are counted: report.json has them."""
    wrong = _wrong(found)
    if not wrong:
        return []
    items = [
        element(
            "li",
            badge(one["state"]), " ", element("b", words(one["check"])), " ", one["object"],
            element("span", "expected ", element("em", one["expected"]), ", actual ", element("em", one["actual"])),
            element("span", one["remedy"]) if one["remedy"] else None,
        )
        for one in wrong[:most]
    ]  # fmt: skip
    if len(wrong) > most:
        items.append(element("li", f"{len(wrong) - most} more are in report.json."))
    summary = f"{len(wrong)} of {_number(len(found), 'check')} not ok"
    return [element("details", element("summary", summary), element("ul", *items, class_="findings"))]


def _wrong(found: t.Sequence[Row]) -> list[Row]:
    return [one for one in found if one["state"] in ("failed", "unknown")]


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
