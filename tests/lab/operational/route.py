# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``show route``."""

from __future__ import annotations

import typing as t
from ipaddress import IPv4Network

from lxml import etree

from tests.lab.network.results import RouteRow
from tests.lab.operational.reply import Maker, OperationalError, Reply, Request, duration, joined

NO_NEXT_HOP = {"Local": "Local", "discard": "Discard", "reject": "Reject"}


def information(request: Request) -> Reply:
    if request.cluster and request.text("node") == "1":
        # The routing daemon runs on the primary node only.
        raise OperationalError("\nthe routing subsystem is not running\n")
    every = request.network.routes(request.host)
    rows = _matching(request, every)
    table = request.text("table")
    if table not in (None, "inet.0"):
        rows = []
    make = Maker(request, "routing")
    xml = make("route-information", etree.Comment(" keepalive "))
    # Without a match the reply is empty, without a table.
    if rows:
        xml.append(_table_xml(request, make, every, rows))
    return Reply(xml, _text(request, every, rows) if rows else "", padded=False, wrapped=False)


def _matching(request: Request, rows: list[RouteRow]) -> list[RouteRow]:
    wanted = request.text("destination")
    protocol = request.text("protocol")
    if wanted is not None:
        rows = _towards(rows, wanted, request.flag("exact"))
    if protocol is not None:
        rows = [row for row in rows if row.protocol.lower() == protocol.lower()]
    if request.flag("active-path"):
        rows = [row for row in rows if row.active]
    return rows


def _towards(rows: list[RouteRow], wanted: str, exact: bool) -> list[RouteRow]:
    """Return the best rows for an address, or those of a prefix and all within; with ``exact`` of the prefix only."""
    try:
        network = IPv4Network(wanted, strict=False)
    except ValueError as error:
        raise OperationalError(f"invalid value '{wanted}' in ip address", "destination") from error
    if exact:
        return [row for row in rows if row.prefix == network]
    if "/" in wanted:
        return [row for row in rows if row.prefix.subnet_of(network)]
    covering = [row for row in rows if network.subnet_of(row.prefix)]
    best = max((row.prefix.prefixlen for row in covering), default=0)
    return [row for row in covering if row.prefix.prefixlen == best]


def _counts(request: Request, rows: t.Sequence[RouteRow]) -> tuple[int, int, int, int, int]:
    hidden = request.network.rows.hidden(request.host)
    destinations = len({row.prefix for row in rows})
    return destinations + hidden, len(rows) + hidden, sum(row.active for row in rows), 0, hidden


def _grouped(rows: t.Sequence[RouteRow]) -> dict[IPv4Network, list[RouteRow]]:
    groups: dict[IPv4Network, list[RouteRow]] = {}
    for row in rows:
        groups.setdefault(row.prefix, []).append(row)
    return groups


def _table_xml(
    request: Request, make: Maker, every: t.Sequence[RouteRow], rows: t.Sequence[RouteRow]
) -> etree._Element:
    names = (
        "destination-count",
        "total-route-count",
        "active-route-count",
        "holddown-route-count",
        "hidden-route-count",
    )
    table = make(
        "route-table", make("table-name", "inet.0"), make.rows(zip(names, _counts(request, every), strict=True))
    )
    for prefix, group in _grouped(rows).items():
        entry = make("rt", make("rt-destination", str(prefix)), style="brief")
        entry.extend(_entry_xml(request, make, row) for row in group)
        table.append(entry)
    return table


def _entry_xml(request: Request, make: Maker, row: RouteRow) -> etree._Element:
    age = max(0, int(request.now - row.since))
    flags = [make("current-active"), make("last-active")] if row.active else []
    entry = make(
        "rt-entry",
        make("active-tag", "*" if row.active else " "),
        flags,
        make("protocol-name", row.protocol),
        make("preference", row.preference),
        make("age", duration(age), seconds=age),
    )
    kind = NO_NEXT_HOP.get(row.protocol) or NO_NEXT_HOP.get(row.kind)
    if kind is not None:
        entry.append(make("nh-type", kind))
    if row.via is not None:
        selected = None if kind else make("selected-next-hop")
        name = "nh-local-interface" if kind else "via"
        entry.append(make("nh", selected, make.rows((("to", row.next_hop), (name, row.via)))))
    return entry


def _text(request: Request, every: t.Sequence[RouteRow], rows: t.Sequence[RouteRow]) -> str:
    destinations, total, active, holddown, hidden = _counts(request, every)
    lines = [
        "",
        f"inet.0: {destinations} destinations, {total} routes ({active} active, {holddown} holddown, {hidden} hidden)",
        "+ = Active Route, - = Last Active, * = Both",
        "",
    ]
    for prefix, group in _grouped(rows).items():
        shown = str(prefix)
        for row in group:
            mark = "*" if row.active else " "
            lines.append(f"{shown:<18} {mark}[{row.protocol}/{row.preference}] {duration(request.now - row.since)}")
            lines.append(" " * 20 + _hop_text(row))
            shown = ""
    return joined(lines)


def _hop_text(row: RouteRow) -> str:
    kind = NO_NEXT_HOP.get(row.protocol) or NO_NEXT_HOP.get(row.kind)
    if kind is not None:
        return f"   {kind} via {row.via}" if row.via else f"   {kind}"
    to = f"to {row.next_hop} " if row.next_hop else ""
    return f">  {to}via {row.via}"
