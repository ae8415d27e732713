# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show system commit``: time, user and client of each commit, and whether a commit confirmed is pending."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import CommitEntry
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Rows,
    fail,
    number,
)

_ROW = re.compile(
    r"(\d+)\s+(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+) by (\S+) via (\S+)(?:\s+(commit confirmed, rollback in \d+ ?mins?))?"
)
_CONFIRMED = re.compile(r"commit confirmed, rollback in ([0-9]{1,9}) ?mins?")
_RESCUE = re.compile(r"rescue\s+\d{4}-.*")


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    rows: list[CommitEntry] = []
    for line in lines:
        if row := _ROW.fullmatch(line.strip()):
            minutes = _minutes(row.group(5))
            sequence = number(row.group(1), "sequence number")
            rows.append(
                CommitEntry(
                    sequence=sequence,
                    date_time=row.group(2),
                    user=row.group(3),
                    client=row.group(4),
                    confirmed_minutes=minutes,
                    pending=_pending(sequence, minutes),
                    node=node,
                )
            )
        elif rows and line[:1].isspace() and not re.match(r"\s*\d+\s+\d{4}-", line):
            before = rows[-1].comment
            comment = mask(line.strip())
            rows[-1] = replace(rows[-1], comment=f"{before} {comment}" if before else comment)
        elif not _RESCUE.fullmatch(line.strip()):
            fail("a commit", line)
    return Rows(rows)


def _xml(root: Element, node: str | None) -> Rows:
    return Rows([_entry(element, node) for element in root.children("commit-history")])


def _entry(element: Element, node: str | None) -> CommitEntry:
    where = element.text("sequence-number") or element.tag
    sequence = number(element.needed("sequence-number", where), "sequence-number")
    comment, log = element.text("comment"), element.text("log")
    minutes = _minutes(comment)
    confirmed = element.text("commit-confirmed")
    date_time = element.child("date-time")
    epoch = date_time.attribute("seconds") if date_time else None
    return CommitEntry(
        sequence=sequence,
        date_time=element.needed("date-time", where),
        user=element.needed("user", where),
        client=element.needed("client", where),
        # Junos keeps the user's comment in <log> and writes its own remark on a commit confirmed into <comment>.
        comment=" ".join(filter(None, (log, comment if not _CONFIRMED.fullmatch(comment or "") else None))) or None,
        confirmed_minutes=minutes,
        pending=confirmed == "rollback pending" if confirmed else _pending(sequence, minutes),
        epoch_seconds=number(epoch, "seconds") if epoch else None,
        node=node,
    )


def _minutes(remark: str | None) -> int | None:
    found = _CONFIRMED.search(remark or "")
    return int(found.group(1)) if found else None


def _pending(sequence: int, minutes: int | None) -> bool | None:
    """Return ``False`` where the commit is not pending, ``None`` where the list does not tell.

    A commit confirmed with a later entry above it is settled. The newest entry keeps its remark when a commit check
    has confirmed it.
    """
    return None if sequence == 0 and minutes is not None else False


COMMAND = Command(
    rpc="get-commit-information",
    roots=("commit-information",),
    xml=_xml,
    text=_text,
    unused=frozenset(("configuration-revision", "rescue-configuration")),
)
