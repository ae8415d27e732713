# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show security ipsec security-associations``, brief and detail, in XML; ``ipsec_text`` reads the text."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import IpsecSa, IpsecTunnel, TunnelEvent
from ansible_collections.hubspoke.srx.plugins.module_utils._parse import ipsec_text
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Rows,
    child_number,
    child_text,
    fail,
    needed,
    number,
    seconds,
    spi,
)

_DIRECTIONS: dict[str, t.Literal["inbound", "outbound"]] = {
    "<": "inbound",
    ">": "outbound",
    "inbound": "inbound",
    "outbound": "outbound",
}


def _xml(root: ET.Element, node: str | None) -> Rows:
    rows: list[IpsecTunnel] = []
    notes: list[str] = []
    for child in root:
        if child.tag == "ipsec-security-associations-block":
            rows += _block(child, node)
        elif child.tag not in ("total-active-tunnels", "total-ipsec-sas"):
            notes.append(f"the element <{child.tag}> is not known")
    if notes and not rows:
        fail("IPsec security associations", root[0].tag)
    active, pairs = child_number(root, "total-active-tunnels"), child_number(root, "total-ipsec-sas")
    return Rows(rows, notes + ipsec_text.count_notes(active, pairs, rows))


def _block(block: ET.Element, node: str | None) -> list[IpsecTunnel]:
    """Return the tunnels of a block: one, or in old releases several."""
    by_index: dict[int, list[ET.Element]] = {}
    for inner in block.findall("ipsec-security-associations"):
        index = child_number(inner, "sa-tunnel-index") or child_number(block, "sa-tunnel-index")
        if index is None:
            fail("sa-tunnel-index in every block", child_text(block, "sa-vpn-name") or block.tag)
        by_index.setdefault(index, []).append(inner)
    alone = child_number(block, "sa-tunnel-index")
    if not by_index and alone is not None:
        by_index[alone] = []
    if not by_index:
        fail("a tunnel in every block", child_text(block, "sa-vpn-name") or block.tag)
    return [_tunnel(index, block, associations, node) for index, associations in by_index.items()]


def _tunnel(index: int, block: ET.Element, associations: list[ET.Element], node: str | None) -> IpsecTunnel:
    def value(name: str) -> str | None:
        return child_text(block, name) or next(
            (found for inner in associations if (found := child_text(inner, name))), None
        )

    port = value("sa-port") or value("sa-dev-info/sa-port")
    return IpsecTunnel(
        tunnel_index=index,
        remote_gateway=needed(value("sa-remote-gateway"), "sa-remote-gateway", f"tunnel {index}"),
        security_associations=tuple(_association(inner) for inner in associations),
        state=value("sa-block-state"),
        vpn=value("sa-vpn-name"),
        bind_interface=value("sa-df-bit-policy-name/sa-bind-interface") or value("sa-bind-interface"),
        local_gateway=value("sa-local-gateway"),
        local_identity=value("sa-local-identity"),
        remote_identity=value("sa-remote-identity"),
        ike_version=value("sa-ike-version"),
        port=number(port, "sa-port") if port else None,
        pfs_group=value("sa-pfs-group"),
        events=_events(block),
        node=node,
    )


def _association(inner: ET.Element) -> IpsecSa:
    def need(name: str) -> str:
        return needed(child_text(inner, name), name, child_text(inner, "sa-spi") or inner.tag)

    direction = need("sa-direction")
    if direction not in _DIRECTIONS:
        fail("inbound or outbound as sa-direction", direction)
    # Junos 12 appends the punctuation of the text reply to the values: "ESP:", "aes-cbc-192/", "264/".
    return IpsecSa(
        direction=_DIRECTIONS[direction],
        spi=spi(need("sa-spi")),
        protocol=_unglued(child_text(inner, "sa-protocol")),
        encryption_algorithm=_unglued(
            child_text(inner, "sa-esp-encryption-algorithm") or child_text(inner, "sa-encryption-algorithm")
        ),
        authentication_algorithm=_unglued(
            child_text(inner, "sa-hmac-algorithm") or child_text(inner, "sa-authentication-algorithm")
        ),
        lifetime_seconds=seconds(child_text(inner, "sa-hard-lifetime")),
        soft_lifetime_seconds=seconds(child_text(inner, "sa-soft-lifetime")),
        monitoring=child_text(inner, "sa-vpn-monitoring-state"),
        state=child_text(inner, "sa-state"),
    )


def _events(block: ET.Element) -> tuple[TunnelEvent, ...]:
    """Return the events of a tunnel. A container holds one event, or all in sequence, each after the time of it."""
    events: list[TunnelEvent] = []
    for container in block:
        if container.tag not in ("sa-ipsec-tunnel-events", "sa-ipsec-tunnel-event"):
            continue
        when = ""
        for field in container:
            words = " ".join((field.text or "").split())
            if field.tag.endswith("event-time"):
                when = words
            elif field.tag in ("sa-tunnel-event", "sa-tunnel-event-description"):
                events.append(TunnelEvent(when, words, 1))
            elif field.tag.endswith("num-times") and events:
                events[-1] = replace(events[-1], count=seconds(words) or 1)
    return tuple(events)


def _unglued(value: str | None) -> str | None:
    return value.rstrip(":/ ") if value else None


COMMAND = Command(
    rpc="get-security-associations-information",
    roots=("ipsec-security-associations-information",),
    xml=_xml,
    text=ipsec_text.text,
    silent_text=True,
)
