# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The text of ``show security ipsec security-associations``: three brief layouts and two of detail."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import IpsecSa, IpsecTunnel, TunnelEvent
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Rows,
    address,
    column_order,
    fail,
    labelled,
    needed,
    number,
    seconds,
    spi,
)

_TITLES = {
    "id": "ID",
    "gateway": "Gateway",
    "port": "Port",
    "algorithm": "Algorithm",
    "spi": r"SPI",
    "life": "Life:sec/kb",
    "monitoring": "Mon",
    "system": r"[lv]sys",
}
_COUNTS = re.compile(r"Total active tunnels:\s*(\d+)(?:\s+Total IPsec sas:\s*(\d+))?", re.IGNORECASE)
_CONFIGURED = re.compile(r"total configured sa:\s*\d+", re.IGNORECASE)
_ID = re.compile(r"([<>])\s*(\d+)")
_DETAIL = re.compile(r"(?:ID: (\d+),? )?Virtual-system: ([^\s,]+)(?:, VPN Name: (\S.*))?")
_TIMES = re.compile(r"(\S.*) \(([0-9]{1,9}) times\)")
_CLOCK = re.compile(r"\d\d:\d\d:\d\d")


def text(lines: t.Sequence[str], node: str | None) -> Rows:
    """Return the tunnels of one node, brief or detail as the first line shows. Raise ReplyNotUnderstood."""
    if _DETAIL.match(lines[0].strip()):
        return Rows(_detail(lines, node))
    return _brief(lines, node)


def count_notes(active: int | None, pairs: int | None, rows: t.Sequence[IpsecTunnel]) -> list[str]:
    """Return a note for each count of the header that differs from the rows; Junos counts pairs of associations."""
    notes: list[str] = []
    seen = sum(1 for row in rows for association in row.security_associations if association.direction == "inbound")
    if active is not None and active != len(rows):
        notes.append(f"the header counts {active} active tunnels, the rows show {len(rows)}")
    if pairs is not None and pairs != seen:
        notes.append(f"the header counts {pairs} pairs of security associations, the rows show {seen}")
    return notes


def _brief(lines: t.Sequence[str], node: str | None) -> Rows:
    tunnels: dict[int, IpsecTunnel] = {}
    columns: list[str] | None = None
    active = pairs = None
    for line in lines:
        if counts := _COUNTS.fullmatch(line.strip()):
            active = number(counts.group(1), "Total active tunnels")
            pairs = number(counts.group(2), "Total IPsec sas") if counts.group(2) else None
        elif found := column_order(line, _TITLES):
            columns = found
        elif not _CONFIGURED.fullmatch(line.strip()):
            if columns is None:
                fail("the header of the IPsec security associations", line)
            _add_row(line, columns, tunnels, node)
    rows = list(tunnels.values())
    return Rows(rows, count_notes(active, pairs, rows))


def _add_row(line: str, columns: list[str], tunnels: dict[int, IpsecTunnel], node: str | None) -> None:
    # "326/ unlim" is one value with a blank in it; a blank may separate the direction from the number.
    values = re.sub(r"/\s+", "/", re.sub(r"^([<>])\s+", r"\1", line.strip())).split()
    row = dict(zip(columns, values, strict=False))
    head = _ID.fullmatch(row.get("id", ""))
    if len(values) != len(columns) or head is None:
        fail("an IPsec security association under its header", line)
    protocol, _colon, algorithms = row["algorithm"].partition(":")
    encryption, slash, authentication = algorithms.partition("/")
    life = re.fullmatch(r"(\d+|unlim)/(\d+|unlim)", row["life"])
    if not slash or not authentication or life is None:
        fail("PROTOCOL:ENCRYPTION/AUTHENTICATION and SECONDS/KILOBYTES", line)
    association = IpsecSa(
        direction="inbound" if head.group(1) == "<" else "outbound",
        spi=spi(row["spi"]),
        protocol=protocol,
        encryption_algorithm=encryption,
        authentication_algorithm=authentication,
        lifetime_seconds=seconds(life.group(1)),
        monitoring=row["monitoring"],
    )
    index = number(head.group(2), "ID")
    gateway, port = address(row["gateway"], "Gateway"), number(row["port"], "Port")
    known = tunnels.get(index)
    if known is not None and known.remote_gateway != gateway:
        fail(f"the gateway {known.remote_gateway} for tunnel {index}", line)
    before = known.security_associations if known else ()
    tunnels[index] = IpsecTunnel(index, gateway, (*before, association), port=port, node=node)


def _detail(lines: t.Sequence[str], node: str | None) -> list[IpsecTunnel]:
    blocks: list[list[str]] = []
    for line in lines:
        if _DETAIL.match(line.strip()):
            blocks.append([])
        blocks[-1].append(line.strip())
    return [_detail_tunnel("\n".join(block), node) for block in blocks]


def _detail_tunnel(block: str, node: str | None) -> IpsecTunnel:
    head = _DETAIL.match(block)
    if head is None:
        fail("Virtual-system", block)
    common, *associations = re.split(r"(?m)^(?=Direction:)", block)
    # The layout without an ID is that of Junos 9, which prints SPIs in decimal.
    decimal = head.group(1) is None
    port = labelled(common, "Port")
    return IpsecTunnel(
        tunnel_index=None if decimal else number(head.group(1), "ID"),
        remote_gateway=needed(labelled(common, "Remote Gateway"), "Remote Gateway", block),
        security_associations=tuple(_detail_association(one, decimal=decimal) for one in associations),
        vpn=head.group(3),
        bind_interface=labelled(common, "Bind-interface"),
        local_gateway=labelled(common, "Local Gateway"),
        local_identity=labelled(common, "Local Identity"),
        remote_identity=labelled(common, "Remote Identity"),
        ike_version=labelled(common, "Version"),
        port=number(port, "Port") if port else None,
        pfs_group=labelled(common, "PFS group"),
        events=tuple(event for line in common.splitlines() if (event := _event(line))),
        node=node,
    )


def _event(line: str) -> TunnelEvent | None:
    """Return the event of a line, as in ``Wed Oct 14 2026 10:00:00: IPSec SA negotiation succeeds (1 times)``."""
    found = _TIMES.fullmatch(line)
    clock = _CLOCK.search(found[1], 1) if found else None
    if not found or not clock:
        return None
    colon = found[1].find(": ", clock.end())
    what = found[1][colon + 2 :]
    return TunnelEvent(found[1][:colon], what, int(found[2])) if colon > 0 and what else None


def _detail_association(block: str, *, decimal: bool) -> IpsecSa:
    direction = labelled(block, "Direction")
    if direction not in ("inbound", "outbound"):
        fail("Direction: inbound or outbound", block)
    return IpsecSa(
        direction="inbound" if direction == "inbound" else "outbound",
        spi=spi(needed(labelled(block, "SPI"), "SPI", block), decimal=decimal),
        protocol=labelled(block, "Protocol"),
        encryption_algorithm=labelled(block, "Encryption"),
        authentication_algorithm=labelled(block, "Authentication"),
        lifetime_seconds=seconds(labelled(block, "Hard lifetime")),
        soft_lifetime_seconds=seconds(labelled(block, "Soft lifetime")),
        monitoring=labelled(block, "VPN Monitoring"),
        state=labelled(block, "State"),
    )
