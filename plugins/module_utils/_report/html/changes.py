# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The differences between configurations, folded and coloured."""

from __future__ import annotations

import typing as t
from itertools import groupby

from ansible_collections.hubspoke.srx.plugins.module_utils._report.html.markup import Html, element, escape

Row = t.Mapping[str, t.Any]
# The page stays one that a phone opens: the rest is in the file of the host. In characters.
_OF_A_HOST = 150_000
_OF_ALL = 800_000
_KINDS = {"+": "ins", "-": "del", "[": "b"}


def changes(report: Row) -> Html | None:
    """Return the section with the difference of each host that has one."""
    remaining = _OF_ALL
    items: list[Html] = []
    for index, row in enumerate(report["hosts"]):
        if not row["diff"]:
            continue
        shown = row["diff"][: min(remaining, _OF_A_HOST)]
        remaining -= len(shown)
        items.append(_change(index, row, shown))
    if not items:
        return None
    return element(
        "section", element("h2", "Changes", id="changes-title"), *items, id="changes", aria_labelledby="changes-title"
    )


def _change(index: int, row: Row, shown: str) -> Html:
    omitted = len(row["diff"]) - len(shown)
    where = f" {row['file']} has them." if row["file"] else ""
    counts = (element("ins", f"+{row['added']}"), " ", element("del", f"-{row['removed']}"))
    return element(
        "details",
        element("summary", element("b", row["host"]), " ", *counts, " ", element("small", row["file"])),
        element("pre", *_lines(shown), tabindex=0, role="region", aria_label=f"Changes of {row['host']}")
        if shown else None,
        element("p", f"{omitted:,} more characters are not on this page.{where}", class_="quiet") if omitted else None,
        id=f"d{index}", class_="diff",
    )  # fmt: skip


def _lines(text: str) -> t.Iterator[Html]:
    """Return the lines of a difference, those of one kind that follow each other in one element."""
    for kind, lines in groupby(text.splitlines(), key=lambda line: _KINDS.get(line[:1], "")):
        block = escape("\n".join(lines) + "\n")
        yield element(kind, block) if kind else block
