# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show security ipsec next-hop-tunnels``: the table that binds a next hop to a VPN."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import NextHopTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Rows, address, fail, is_address

_HEADER = re.compile(r"next-hop gateway\s+interface\s+ipsec vpn name\s+flag(\s+\S.*)?", re.IGNORECASE)
_ROW = re.compile(r"(\S+)\s+(st0\.\d+)\s+(\S+(?:\s+\S+)*?)\s+(Static|Auto)(\s+\S.*)?", re.IGNORECASE)
_INTERFACE = re.compile(r"st0\.\d+")
_FLAG = re.compile(r"static|auto", re.IGNORECASE)
_BY_SHAPE = "read by the shape of its values, since the element names of this reply are not published"


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    rows: list[NextHopTunnel] = []
    header: re.Match[str] | None = None
    for line in lines:
        if found := _HEADER.fullmatch(line.strip()):
            header = found
            continue
        row = _ROW.fullmatch(line.strip())
        # AutoVPN hubs print an identity after the flag, under its own title.
        if header is None or row is None or (row.group(5) and not header.group(1)):
            fail("a next-hop tunnel under its header", line)
        rows.append(_entry(row.group(1), row.group(2), row.group(3), row.group(4), node))
    more = (header.group(1) or "").strip() if header else ""
    return Rows(rows, [f"the columns after 'Flag' are not read: {more}"] if more else [])


def _xml(root: Element, node: str | None) -> Rows:
    """Return the rows of an XML reply, read by the shape of its values: Juniper publishes no element names.

    A row begins with an address and has one st0 unit, one flag and one name; bare numbers are ignored.
    """
    rows: list[NextHopTunnel] = []
    pending: list[str] = []
    for value in (" ".join(text.split()) for text in root.all_text() if text.strip()):
        if is_address(value) and pending:
            rows.append(_row_of(pending, node))
            pending = []
        if not value.isdigit():
            pending.append(value)
    if pending:
        rows.append(_row_of(pending, node))
    return Rows(rows, [_BY_SHAPE] if rows else [])


def _row_of(values: list[str], node: str | None) -> NextHopTunnel:
    interfaces = [value for value in values[1:] if _INTERFACE.fullmatch(value)]
    flags = [value for value in values[1:] if _FLAG.fullmatch(value)]
    names = [value for value in values[1:] if value not in (*interfaces, *flags)]
    if not is_address(values[0]) or (len(interfaces), len(flags), len(names)) != (1, 1, 1):
        fail("an address, an st0 unit, a VPN name and a flag in a row", " ".join(values))
    return _entry(values[0], interfaces[0], names[0], flags[0], node)


def _entry(next_hop: str, interface: str, vpn: str, flag: str, node: str | None) -> NextHopTunnel:
    return NextHopTunnel(address(next_hop, "next-hop gateway"), interface, vpn, flag.capitalize(), node)


COMMAND = Command(
    rpc="get-ipsec-next-hop-tunnel-information",
    roots=("usp-ipsec-next-hop-tunnel-information",),
    xml=_xml,
    text=_text,
    silent_text=True,
    silent_xml=True,
)
