# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show route``: every next hop of every entry of every table."""

from __future__ import annotations

import ipaddress
import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Route
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Rows,
    child_number,
    child_text,
    fail,
    needed,
)

_TABLE = re.compile(r"([\w.:-]+): \d+ destinations?, \d+ routes? \(.*\)")
_LEGEND = re.compile(r"(?:Restart (?:Complete|Pending).*|[+@] = .*|Limit/Threshold: .*)")
_ENTRY = re.compile(r"(?:(\S+)\s+)?([*+-])?\[([\w-]+)(?:/(-?[0-9]{1,10}))?(?:/-?\d+)?\](.*)")
_DESTINATION = re.compile(r"[0-9a-fA-F:.]+(?:/\d+)?")
_HOP = re.compile(r"(?:>\s*)?(?:to (\S+)(?: via (\S+?))?|via (\S+?))(?:,.*)?")
_NO_HOP = re.compile(
    r"(?:>\s*)?(Reject|Discard|Receive|MultiRecv|Unusable|Indirect|Local(?: via (\S+))?)(?:,.*)?", re.IGNORECASE
)
# Lines between an entry and its next hops, printed for routes that a routing protocol has learned.
_ATTRIBUTE = re.compile(r"(?:AS path|Localpref|from|to table|validation-state|unverified).*", re.IGNORECASE)


class _Entry(t.NamedTuple):
    table: str
    destination: str
    active: bool
    protocol: str
    preference: int | None


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    rows: list[Route] = []
    table = destination = ""
    entry: _Entry | None = None
    for line in (line.strip() for line in lines):
        if found := _TABLE.fullmatch(line):
            table, destination, entry = found.group(1), "", None
        elif (found := _ENTRY.fullmatch(line)) and table:
            destination = _network(found.group(1)) if found.group(1) else destination
            if not destination:
                fail("a destination in front of the entry", line)
            preference = int(found.group(4)) if found.group(4) else None
            entry = _Entry(table, destination, found.group(2) in ("*", "+"), found.group(3), preference)
        elif found := _HOP.fullmatch(line):
            rows.append(_route(entry, line, found.group(1), found.group(2) or found.group(3), None, node))
        elif found := _NO_HOP.fullmatch(line):
            rows.append(_route(entry, line, None, found.group(2), found.group(1).split()[0].capitalize(), node))
        elif _DESTINATION.fullmatch(line) and table:
            # Junos prints a long IPv6 destination on its own line.
            destination, entry = _network(line), None
        elif not _LEGEND.fullmatch(line) and not (entry and _ATTRIBUTE.match(line)):
            fail("a table, an entry or a next hop of 'show route'", line)
    return Rows(rows)


def _route(
    entry: _Entry | None, line: str, next_hop: str | None, via: str | None, kind: str | None, node: str | None
) -> Route:
    if entry is None:
        fail("an entry in front of the next hop", line)
    return Route(*entry, next_hop, via, kind, node)


def _xml(root: ET.Element, node: str | None) -> Rows:
    rows: list[Route] = []
    notes: list[str] = []
    for table in root:
        if table.tag != "route-table":
            notes.append(f"the element <{table.tag}> is not known")
            continue
        name = needed(child_text(table, "table-name"), "table-name", table.tag)
        for rt in table.findall("rt"):
            rows += _xml_rows(name, rt, node)
    if notes and not rows:
        fail("route tables", root[0].tag)
    return Rows(rows, notes)


def _xml_rows(table: str, rt: ET.Element, node: str | None) -> list[Route]:
    destination = needed(child_text(rt, "rt-destination"), "rt-destination", table)
    length = child_text(rt, "rt-prefix-length")
    destination = _network(f"{destination}/{length}" if length and "/" not in destination else destination)
    rows: list[Route] = []
    for element in rt.findall("rt-entry"):
        entry = _Entry(
            table,
            destination,
            element.find("current-active") is not None or child_text(element, "active-tag") in ("*", "+"),
            needed(child_text(element, "protocol-name"), "protocol-name", destination),
            child_number(element, "preference"),
        )
        kind = child_text(element, "nh-type")
        hops = element.findall("nh")
        rows += [
            Route(*entry, child_text(hop, "to"), _via(hop), child_text(hop, "nh-type") or kind, node) for hop in hops
        ]
        if not hops:
            rows.append(Route(*entry, None, None, kind, node))
    return rows


def _via(hop: ET.Element) -> str | None:
    return child_text(hop, "via") or child_text(hop, "nh-local-interface")


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        fail("a network as destination", value)


COMMAND = Command(
    rpc="get-route-information",
    roots=("route-information",),
    xml=_xml,
    text=_text,
    silent_text=True,
)
