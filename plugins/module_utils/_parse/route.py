# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show route``: every next hop of every entry of every table."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Route
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Doubt,
    Rows,
    address,
    excerpt,
    fail,
    network,
)

_TABLE = re.compile(r"([\w.:-]+): \d+ destinations?, \d+ routes? \(.*\)")
# Tables of networks. Other tables have groups with their sources (inet.1), labels (mpls.0), distinguishers
# (bgp.l3vpn.0) or NSAPs (iso.0) as destinations.
_OF_NETWORKS = re.compile(r"(?:.*\.)?inet6?\.(?!1$)\d+")
_LEGEND = re.compile(r"(?:Restart (?:Complete|Pending).*|[+@] = .*|Limit/Threshold: .*)")
_ENTRY = re.compile(r"(?:(\S+)\s+)?([*+@#-])?\[([\w-]+)(?:/(-?[0-9]{1,10}))?(?:/-?\d+)?\](.*)")
_DESTINATION = re.compile(r"[0-9a-fA-F:.xX*#?]+(?:/\d+)?")
_HOP = re.compile(r"(?:>\s*)?(?:to (\S+?)(?: via (\S+?))?|via (\S+?))(,.*)?")
_NO_HOP = re.compile(
    r"(?:>\s*)?(Reject|Discard|Receive|MultiRecv|Unusable|Indirect|Local(?: via (\S+?))?)(,.*)?", re.IGNORECASE
)
_NEXT_TABLE = re.compile(r"(?:>\s*)?to table ([\w.:-]+)(,.*)?", re.IGNORECASE)
# The age of an entry, then attributes of its protocol; after a next hop the labels of MPLS.
_AGE = re.compile(r"\s*(?:(?:\d+[ywd]\s?){0,3}(?:\d+:\d\d(?::\d\d)?)?)?")
_SAID = re.compile(
    r"\s*(?:(?:metric2?|localpref|tag2?|color2?|MED|weight|from|area|validation-state|label-switched-path"
    r"|AS path)[ :]*\S*(?: [IE?])?|Push .*|Pop.*|Swap .*|Bypass.*|anchor \S+)\s*",
    re.IGNORECASE,
)
# Lines between an entry and its next hops, printed for routes that a routing protocol has learned.
_ATTRIBUTE = re.compile(r"(?:AS path|Localpref|from|validation-state|unverified|Communities)\b.*", re.IGNORECASE)
_TABLE_HOP = "Table"
# Both, active, and for forwarding only; "-" was the last active one, "@" is for routing only.
_ACTIVE = ("*", "+", "#")


class _Entry(t.NamedTuple):
    table: str
    destination: str
    active: bool
    protocol: str
    preference: int | None


class _Reader:
    """The state of reading a text: the table, the destination and the entry of the next line."""

    def __init__(self, node: str | None) -> None:
        self.rows: list[Route] = []
        self.notes: list[str] = []
        self._node = node
        self._table = ""
        self._destination = ""
        self._entry: _Entry | None = None
        self._hops = 0
        self._tables: set[str] = set()
        self._bare = False

    def read(self, line: str) -> None:
        """Read one line. Raise ReplyNotUnderstood."""
        if found := _TABLE.fullmatch(line):
            self.end_entry()
            self._table, self._destination = found.group(1), ""
            if self._table in self._tables:
                self.notes.append(Doubt(f"the table {self._table} occurs again"))
            self._tables.add(self._table)
            if not _OF_NETWORKS.fullmatch(self._table):
                self.notes.append(not_read(self._table))
        elif self._table and not _OF_NETWORKS.fullmatch(self._table):
            return
        elif (found := _ENTRY.fullmatch(line)) and self._table:
            self._begin(line, found)
        elif not self._hop(line):
            if _DESTINATION.fullmatch(line) and self._table:
                # Junos prints a long IPv6 destination on its own line.
                self.end_entry()
                self._destination, self._bare = network(line, "destination"), True
            elif not _LEGEND.fullmatch(line) and not (self._entry and _ATTRIBUTE.fullmatch(line)):
                fail("a table, an entry or a next hop of 'show route'", line)

    def _begin(self, line: str, found: re.Match[str]) -> None:
        if found.group(1):
            self.end_entry()
            self._destination = network(found.group(1), "destination")
        self._bare = False
        self.end_entry()
        if not self._destination:
            fail("a destination in front of the entry", line)
        preference = int(found.group(4)) if found.group(4) else None
        active = found.group(2) in _ACTIVE
        self._entry = _Entry(self._table, self._destination, active, found.group(3), preference)
        rest = found.group(5)
        age = _AGE.match(rest)
        self._said(rest[age.end() if age else 0 :].removeprefix(","), line)

    def _hop(self, line: str) -> bool:
        # "to table" looks like a next hop with the name "table".
        if found := _NEXT_TABLE.fullmatch(line):
            self._add(line, None, None, _TABLE_HOP, found.group(1))
        elif found := _HOP.fullmatch(line):
            self._add(line, found.group(1), found.group(2) or found.group(3))
        elif found := _NO_HOP.fullmatch(line):
            self._add(line, None, found.group(2), found.group(1).split()[0].capitalize())
        else:
            return False
        self._said((found.group(found.re.groups) or "").removeprefix(","), line)
        return True

    def _add(
        self, line: str, next_hop: str | None, via: str | None, kind: str | None = None, table: str | None = None
    ) -> None:
        if self._entry is None:
            fail("an entry in front of the next hop", line)
        next_hop = address(next_hop, "next hop") if next_hop else None
        self.rows.append(Route(*self._entry, next_hop, via, kind, self._node, table))
        self._hops += 1

    def _said(self, words: str, line: str) -> None:
        if any(piece.strip() and not _SAID.fullmatch(piece) for piece in words.split(",")):
            self.notes.append(Doubt(f"the end of the line {excerpt(line)} is not known"))

    def end_entry(self) -> None:
        """Add a row for an entry without a next hop, and a note for a destination without an entry."""
        if self._bare:
            self.notes.append(Doubt(f"the destination {self._destination} has no entry"))
            self._bare = False
        if self._entry is not None and not self._hops:
            self.rows.append(Route(*self._entry, None, None, None, self._node))
            self.notes.append(Doubt(f"the route {self._entry.destination} has no known next hop"))
        self._entry, self._hops = None, 0


def not_read(table: str) -> str:
    """Return the note on a table whose destinations are no networks."""
    return f"the table {table} has no networks as destinations and is not read"


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    reader = _Reader(node)
    for line in lines:
        reader.read(line.strip())
    reader.end_entry()
    return Rows(reader.rows, reader.notes)


def _xml(root: Element, node: str | None) -> Rows:
    rows: list[Route] = []
    notes: list[str] = []
    names: set[str] = set()
    for table in root.children("route-table"):
        name = table.needed("table-name")
        if name in names:
            notes.append(Doubt(f"the table {name} occurs again"))
        names.add(name)
        if not _OF_NETWORKS.fullmatch(name):
            notes.append(not_read(name))
            list(table.all_text())
            continue
        for rt in table.children("rt"):
            rows += _xml_rows(name, rt, node, notes)
    return Rows(rows, notes)


def _xml_rows(table: str, rt: Element, node: str | None, notes: list[str]) -> list[Route]:
    destination = rt.needed("rt-destination", table)
    length = rt.text("rt-prefix-length")
    destination = network(
        f"{destination}/{length}" if length and "/" not in destination else destination, "rt-destination"
    )
    rows: list[Route] = []
    entries = rt.children("rt-entry")
    for element in entries:
        # In the order of the reply: both marks are read.
        tag, current = element.text("active-tag"), element.child("current-active")
        entry = _Entry(
            table,
            destination,
            current is not None or tag in _ACTIVE,
            element.needed("protocol-name", destination),
            element.number("preference"),
        )
        if tag not in (None, *_ACTIVE, "-", "@"):
            fail("a known sign as active-tag", tag)
        kind = element.text("nh-type")
        hops = element.children("nh")
        rows += [_xml_route(entry, hop, kind, node) for hop in hops]
        if not hops:
            rows.append(Route(*entry, None, None, kind, node))
            if kind is None:
                notes.append(Doubt(f"the route {destination} has no known next hop"))
    if not entries:
        fail("an entry in every route", destination)
    return rows


def _xml_route(entry: _Entry, hop: Element, kind: str | None, node: str | None) -> Route:
    to, table, own = hop.text("to"), hop.text("nh-table"), hop.text("nh-type")
    via, local = hop.text("via"), hop.text("nh-local-interface")
    kind = own or kind or (_TABLE_HOP if table else None)
    return Route(*entry, address(to, "to") if to else None, via or local, kind, node, table)


COMMAND = Command(
    rpc="get-route-information",
    roots=("route-information",),
    xml=_xml,
    text=_text,
    unused=frozenset(
        (
            "destination-count", "total-route-count", "active-route-count", "holddown-route-count",
            "hidden-route-count", "restart-state", "prefix-max", "prefix-threshold", "prefix-label", "route-max",
            "route-threshold", "route-limit-label", "protocols", "as-number", "router-id", "maximum-ecmp",
            "rt-entry-count", "rt-announced-count", "rt-state", "tsi", "age", "metric", "metric2",
            "as-path", "local-preference", "learned-from", "validation-state", "last-active", "selected-next-hop",
            "announce-bits", "announce-tasks", "task-name", "rt-entry-state", "rt-ospf-area", "nh-address",
            "nh-index", "nh-reference-count", "nh-kernel-id", "nh-string", "nh-weight", "weight", "nh-label",
            "mpls-label", "lsp-name", "gateway", "peer-as", "local-as", "med", "communities", "rt-tag", "rt-tag2",
            "protocol-nh", "session-id", "label-ttl-action", "load-balance-label", "label-element", "rt-isis-level",
            "rt-nexthops", "rt-color", "bgp-rt-flag", "cluster-list", "peer-id", "peer-type", "rt-preference2",
            "preference2", "indirect-nh-count", "inactive-reason", "nh-local-label", "forwarding-nh-count",
        )
    ),
    silent_text=True,
)  # fmt: skip
