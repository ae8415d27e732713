# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The root causes: the first thing to read after a failure."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.marks import mark, words
from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.markup import Html, element, join

Row = t.Mapping[str, t.Any]
# More causes than these are folded: nobody reads fifty at once.
_OPEN = 6
# A host that stops with the others has no check that follows: the list of hosts names it.
_RUN = "run"


def causes(report: Row) -> Html | None:
    """Return the section with a card per root cause, and what follows from it."""
    rows = report["causes"]
    if not rows:
        return None
    cards = [_card(index, row) for index, row in enumerate(rows)]
    more = cards[_OPEN:]
    folded = element("div", *more, class_="cards")
    return element(
        "section",
        element("h2", "Root cause" if len(rows) == 1 else f"{len(rows)} root causes", id="causes-title"),
        element("div", *cards[:_OPEN], class_="cards"),
        element("details", element("summary", f"{len(more)} more root causes"), folded) if more else None,
        id="causes", aria_labelledby="causes-title",
    )  # fmt: skip


def _card(index: int, row: Row) -> Html:
    shown = "bad" if row["state"] == "failed" else "open"
    name = row["tunnel"] or row["host"] or "the run"
    facts = [f"{row['host']} → {row['peer']}" if row["peer"] else "", row["object"], words(row["check"])]
    where = " · ".join(str(fact) for fact in facts if fact and fact != name)
    return element(
        "article",
        element("h3", mark(shown), element("span", index + 1, class_="no"), name),
        element("p", where, class_="where"),
        element(
            "dl",
            element("dt", "Expected"), element("dd", row["expected"]),
            element("dt", "Actual"), element("dd", row["actual"], class_="actual"),
        ),
        element("ol", *(element("li", step) for step in row["remedy"]), class_="steps") if row["remedy"] else None,
        _follows(row),
        id=f"c{index}", class_=f"card {shown}",
    )  # fmt: skip


def _follows(row: Row) -> Html:
    counts = [f"{count} {words(check)}" for check, count in row["follows"].items() if count and check != _RUN]
    follows = element("p", element("b", "Follows from it "), ", ".join(counts)) if counts else None
    hosts = row["hosts"]
    if len(hosts) <= 4:  # noqa: PLR2004 - as many as fit a line
        return join((follows, element("p", element("b", "Fails on "), ", ".join(hosts)) if hosts else None))
    summary = element("summary", f"{len(hosts)} hosts fail because of it")
    return join((follows, element("details", summary, element("p", ", ".join(hosts)))))
