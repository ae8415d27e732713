# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show security ipsec inactive-tunnels``: the tunnels that are down, and why.

No recorded XML reply with rows is public; the element names are from Juniper's schema.
"""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import InactiveTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Rows,
    address,
    child_number,
    child_text,
    fail,
    needed,
    number,
    seconds,
)

_TOTAL = re.compile(r"Total inactive tunnels:\s*(\d+)", re.IGNORECASE)
_IMMEDIATELY = re.compile(r"Total inactive tunnels with establish immediately:\s*\d+", re.IGNORECASE)
_HEADER = re.compile(r"ID\s+Port\s+Gateway\s+Pending SAs\s+Tunnel Down Reason", re.IGNORECASE)
_ROW = re.compile(r"(\d+)\s+(\d+)\s+(\S+)\s+(\d+)(?:\s+(\S.*))?")
_TIMES = re.compile(r"(?<!\s)\s*\(([0-9]{1,9}) times\)")


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    rows: list[InactiveTunnel] = []
    total: int | None = None
    header = False
    for line in (line.strip() for line in lines):
        if count := _TOTAL.fullmatch(line):
            total = number(count.group(1), "Total inactive tunnels")
        elif _HEADER.fullmatch(line):
            header = True
        elif not _IMMEDIATELY.fullmatch(line):
            row = _ROW.fullmatch(line)
            if row is None or not header:
                fail("an inactive tunnel under its header", line)
            reason, times = _reason(row.group(5) or "")
            index, port, gateway, pending = row.group(1, 2, 3, 4)
            rows.append(
                InactiveTunnel(
                    tunnel_index=number(index, "ID"),
                    remote_gateway=address(gateway, "Gateway"),
                    port=number(port, "Port"),
                    pending_sas=number(pending, "Pending SAs"),
                    reason=reason,
                    times=times,
                    node=node,
                )
            )
    return Rows(rows, _count_notes(total, rows))


def _reason(text: str) -> tuple[str, int | None]:
    """Return the reason and how often it occurred; Junos prints the count anywhere in the reason."""
    counts = _TIMES.findall(text)
    return _TIMES.sub("", text).strip(), int(counts[-1]) if counts else None


def _xml(root: ET.Element, node: str | None) -> Rows:
    rows: list[InactiveTunnel] = []
    notes: list[str] = []
    for child in root:
        if child.tag == "ipsec-security-associations-block":
            rows.append(_block(child, node))
        elif not child.tag.startswith("total-inactive-tunnels"):
            notes.append(f"the element <{child.tag}> is not known")
    if notes and not rows:
        fail("inactive tunnels", root[0].tag)
    return Rows(rows, notes + _count_notes(child_number(root, "total-inactive-tunnels"), rows))


def _block(block: ET.Element, node: str | None) -> InactiveTunnel:
    def value(name: str) -> str | None:
        return child_text(block, f"ipsec-security-associations/{name}") or child_text(block, name)

    def count(name: str) -> int | None:
        found = value(name)
        return number(found, name) if found else None

    index = needed(value("sa-tunnel-index"), "sa-tunnel-index", block.tag)
    reason, times = _reason(value("sa-tunnel-event") or value("sa-ipsec-tunnel-events/sa-tunnel-event") or "")
    return InactiveTunnel(
        tunnel_index=number(index, "sa-tunnel-index"),
        remote_gateway=address(needed(value("sa-remote-gateway"), "sa-remote-gateway", index), "sa-remote-gateway"),
        port=count("sa-port"),
        pending_sas=count("sa-pending-sas"),
        reason=reason,
        times=seconds(value("sa-tunnel-event-num-times")) or times,
        vpn=value("sa-vpn-name"),
        node=node,
    )


def _count_notes(total: int | None, rows: t.Sequence[InactiveTunnel]) -> list[str]:
    if total is None or total == len(rows):
        return []
    return [f"the header counts {total} inactive tunnels, the rows show {len(rows)}"]


COMMAND = Command(
    rpc="get-inactive-tunnels",
    roots=("ipsec-unestablished-tunnel-information",),
    xml=_xml,
    text=_text,
    silent_text=True,
)
