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

from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import InactiveTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Doubt,
    Rows,
    address,
    fail,
    needed,
    number,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.tunnel_events import element_events, in_words

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
    """Return the reason and its number of occurrences, which Junos prints anywhere in the reason."""
    counts = _TIMES.findall(text)
    return _TIMES.sub("", text).strip(), int(counts[-1]) if counts else None


def _xml(root: Element, node: str | None) -> Rows:
    rows = [_block(block, node) for block in root.children("ipsec-security-associations-block")]
    return Rows(rows, _count_notes(root.number("total-inactive-tunnels"), rows))


def _block(block: Element, node: str | None) -> InactiveTunnel:
    inner = block.child("ipsec-security-associations")
    elements = (inner, block) if inner else (block,)

    def value(name: str) -> str | None:
        return next((found for element in elements if (found := element.text(name))), None)

    def count(name: str) -> int | None:
        found = value(name)
        return number(found, name) if found else None

    index = needed(value("sa-tunnel-index"), "sa-tunnel-index", block.tag)
    events = [event for element in elements for event in element_events(element)]
    reason, times = _reason(in_words(events))
    return InactiveTunnel(
        tunnel_index=number(index, "sa-tunnel-index"),
        remote_gateway=address(needed(value("sa-remote-gateway"), "sa-remote-gateway", index), "sa-remote-gateway"),
        port=count("sa-port"),
        pending_sas=count("sa-pending-sas"),
        reason=reason,
        times=times or (events[0].count if events else None),
        vpn=value("sa-vpn-name"),
        node=node,
    )


def _count_notes(total: int | None, rows: t.Sequence[InactiveTunnel]) -> list[str]:
    if total is None:
        return ["the header does not count the inactive tunnels"] if rows else []
    if total == len(rows):
        return []
    return [Doubt(f"the header counts {total} inactive tunnels, the rows show {len(rows)}")]


COMMAND = Command(
    rpc="get-inactive-tunnels",
    roots=("ipsec-unestablished-tunnel-information",),
    xml=_xml,
    text=_text,
    unused=frozenset(
        (
            "total-inactive-tunnels-with-establish-immediately", "sa-virtual-system", "sa-nego-num", "sa-nego-fail",
            "sa-del-num", "sa-flag", "stats-name", "sa-installation-state", "sa-pair-location", "sa-pair-anchorship",
            "sa-configuration-type", "sa-location", "sa-anchorship", "sa-df-bit-policy-name", "sa-dev-info",
            "sa-tunnel-dist", "sa-tunnel-dist-key", "sa-advpn-info", "multi-sa-info", "sa-ha-link-encryption",
            "sa-ts-remote-identity", "sa-ts-local-identity", "sa-tunnel-establishment", "sa-ike-index", "sa-fc-name",
            "sa-srg-id", "sa-traffic-selector-name", "sa-local-gateway", "sa-local-identity", "sa-remote-identity",
        )
    ),
    silent_text=True,
)  # fmt: skip
