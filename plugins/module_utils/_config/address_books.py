# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Conflicts between address books: two kinds of them, or an attached one with another prefix for a planned name."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import Conflict, begins_like
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import quoted
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Statement
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan

_ZONE_BOOK = ("security", "zones", "security-zone", "*", "address-book")
_BOOK = ("security", "address-book", "*")
# Of a message about a whole book.
_SHOWN = 3


def address_book_conflicts(plan: DevicePlan, others: t.Sequence[Statement]) -> t.Iterator[Conflict]:
    """Yield conflicts of the planned address book with statements outside our group."""
    if not plan.address_book:
        return
    zone_books = [one for one in others if begins_like(one.words, _ZONE_BOOK)]
    books = [one for one in others if begins_like(one.words, _BOOK) and len(one.words) > len(_BOOK)]
    if plan.address_book_kind == "global":
        yield from _other_kind(plan, zone_books, len(_ZONE_BOOK), "the global address book", "zone")
        yield from _attached(plan, books)
    elif plan.address_book_kind == "attached":
        yield from _other_kind(plan, zone_books, len(_ZONE_BOOK), "address books attached to zones", "zone")
        yield from _other_names(plan, books)
    else:
        yield from _other_kind(plan, books, len(_BOOK), "the zone address books", "global")


def _other_kind(
    plan: DevicePlan, found: t.Sequence[Statement], size: int, ours: str, other: str
) -> t.Iterator[Conflict]:
    """Yield one conflict for all address books of the kind that is not planned: Junos accepts one kind only."""
    if found:
        yield Conflict(
            " ".join(found[0].words[:size]),
            f"only {ours} of group {plan.group}",
            ", ".join(f"{quoted(one.words)} {one.where}" for one in found[:_SHOWN]),
            f"Junos accepts one kind of address book: move these entries, or set nhtb_address_book to {other}.",
        )


def _other_names(plan: DevicePlan, books: t.Sequence[Statement]) -> t.Iterator[Conflict]:
    """Yield the zones of planned books to which another book is attached: Junos attaches one book to a zone."""
    planned = {zone: book.name for book in plan.books for zone in book.zones}
    for one in books:
        book, zone = one.words[2], one.words[5] if one.words[3:5] == ("attach", "zone") else ""
        if zone in planned and planned[zone] != book:
            yield Conflict(
                f"security address-book {planned[zone]} attach zone {zone}",
                f"zone {zone} in this book only",
                f"{quoted(one.words)} {one.where}",
                f"Set nhtb_address_book_name for zone {zone} to {book}, or delete the attachment there.",
            )


def _attached(plan: DevicePlan, books: t.Sequence[Statement]) -> t.Iterator[Conflict]:
    """Yield planned names with another prefix in an attached book, which Junos prefers to the global one."""
    attached = {one.words[2]: one.words[5] for one in books if one.words[3:5] == ("attach", "zone")}
    prefixes = {(entry.zone, entry.name): entry.prefix for entry in plan.address_book}
    for one in books:
        book, (kind, *rest) = one.words[2], one.words[3:]
        zone = attached.get(book, "")
        planned = prefixes.get((zone, rest[0])) if kind == "address" and rest else None
        if planned is not None and rest[-1] != planned and rest[1:2] != ["description"]:
            yield Conflict(
                f"address {rest[0]} in zone {zone}",
                planned,
                f"{quoted(rest[1:])} in address book {book} {one.where}",
                "Rename it there: Junos prefers a book attached to the zone to the global one.",
            )
