# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show security ipsec security-associations``, brief and detail, in XML; ``ipsec_text`` reads the text."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import IpsecSa, IpsecTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._parse import ipsec_text
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Rows,
    address,
    fail,
    kilobytes,
    lifetime,
    needed,
    number,
    spi,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.tunnel_events import element_events

_DIRECTIONS: dict[str, t.Literal["inbound", "outbound"]] = {
    "<": "inbound",
    ">": "outbound",
    "inbound": "inbound",
    "outbound": "outbound",
}


# Elements that no row has, up to the schema of 24.4.
_UNUSED = frozenset(
    (
        "sa-virtual-system", "sa-aux-spi", "sa-traffic-selector-name", "sa-df-bit",
        "sa-copy-outer-dscp", "sa-policy-name", "sa-nego-num", "sa-nego-fail", "sa-del-num", "sa-flag", "sa-mode",
        "sa-type", "sa-anti-replay-service", "sa-replay-window-size", "sa-extended-seq-number", "sa-fc-name",
        "sa-tunnel-establishment", "sa-ike-index", "sa-ts-type", "sa-is-quantum-secured", "sa-hardware-offloaded",
        "sa-packet-encapsulation-protocol", "sa-dest-port", "sa-passive-mode-tunneling", "sa-location",
        "sa-anchorship", "sa-srg-id", "sa-tunnel-mtu", "sa-tunnel-dist", "sa-tunnel-dist-key", "sa-advpn-info",
        "multi-sa-info", "stats-name", "sa-ha-link-encryption", "sa-pair-location", "sa-pair-anchorship",
        "sa-installation-state", "sa-configuration-type", "sa-vpn-monitoring-mode", "sa-vpn-monitoring-interval",
        "sa-vpn-monitoring-threshold", "sa-ts-remote-identity", "sa-ts-local-identity", "sa-recovery-probe",
    )
)  # fmt: skip


def _xml(root: Element, node: str | None) -> Rows:
    rows = [tunnel for block in root.children("ipsec-security-associations-block") for tunnel in _block(block, node)]
    active, pairs = root.number("total-active-tunnels"), root.number("total-ipsec-sas")
    if active is None and root.attribute("style") == "brief":
        return Rows(rows, [ipsec_text.NOT_COUNTED])
    return Rows(rows, ipsec_text.count_notes(active, pairs, rows))


def _block(block: Element, node: str | None) -> list[IpsecTunnel]:
    """Return the tunnels of a block: one, or in old releases several."""
    by_index: dict[int, list[Element]] = {}
    alone = block.number("sa-tunnel-index")
    for inner in block.children("ipsec-security-associations"):
        index = inner.number("sa-tunnel-index")
        index = alone if index is None else index
        if index is None:
            fail("sa-tunnel-index in every block", block.text("sa-vpn-name") or block.tag)
        by_index.setdefault(index, []).append(inner)
    if not by_index and alone is not None:
        by_index[alone] = []
    if not by_index:
        fail("a tunnel in every block", block.text("sa-vpn-name") or block.tag)
    return [_tunnel(index, block, associations, node) for index, associations in by_index.items()]


def _tunnel(index: int, block: Element, associations: list[Element], node: str | None) -> IpsecTunnel:
    def value(*paths: str) -> str | None:
        # A brief reply repeats the values of a tunnel in its associations.
        texts = {element.text(path) for path in paths for element in (block, *associations)} - {None}
        if len(texts) > 1:
            fail(f"one {paths[0]} for tunnel {index}", " and ".join(sorted(filter(None, texts))))
        return next(iter(texts), None)

    port, local = value("sa-port", "sa-dev-info/sa-port"), value("sa-local-gateway")
    gateway = needed(value("sa-remote-gateway"), "sa-remote-gateway", f"tunnel {index}")
    return IpsecTunnel(
        tunnel_index=index,
        remote_gateway=address(gateway, "sa-remote-gateway"),
        security_associations=tuple(_association(inner) for inner in associations),
        state=value("sa-block-state"),
        vpn=value("sa-vpn-name"),
        bind_interface=value("sa-df-bit-policy-name/sa-bind-interface", "sa-bind-interface"),
        local_gateway=address(local, "sa-local-gateway") if local else None,
        local_identity=value("sa-local-identity"),
        remote_identity=value("sa-remote-identity"),
        ike_version=value("sa-ike-version"),
        port=number(port, "sa-port") if port else None,
        pfs_group=value("sa-pfs-group"),
        events=tuple(event for element in (block, *associations) for event in element_events(element)),
        node=node,
    )


def _association(inner: Element) -> IpsecSa:
    def need(name: str) -> str:
        return inner.needed(name, inner.text("sa-spi"))

    direction = need("sa-direction")
    if direction not in _DIRECTIONS:
        fail("inbound or outbound as sa-direction", direction)
    encryption, authentication = inner.text("sa-encryption-algorithm"), inner.text("sa-authentication-algorithm")
    # Junos 12 appends the punctuation of the text reply to the values: "ESP:", "aes-cbc-192/", "264/".
    return IpsecSa(
        direction=_DIRECTIONS[direction],
        spi=spi(need("sa-spi")),
        protocol=_unglued(inner.text("sa-protocol")),
        encryption_algorithm=_unglued(inner.text("sa-esp-encryption-algorithm") or encryption),
        authentication_algorithm=_unglued(inner.text("sa-hmac-algorithm") or authentication),
        lifetime_seconds=lifetime(inner.text("sa-hard-lifetime"), "sa-hard-lifetime"),
        soft_lifetime_seconds=lifetime(inner.text("sa-soft-lifetime"), "sa-soft-lifetime"),
        lifetime_kilobytes=kilobytes(inner.text("sa-lifesize-remaining"), "sa-lifesize-remaining"),
        monitoring=inner.text("sa-vpn-monitoring-state"),
        state=inner.text("sa-state"),
    )


def _unglued(value: str | None) -> str | None:
    return value.rstrip(":/ ") if value else None


COMMAND = Command(
    rpc="get-security-associations-information",
    roots=("ipsec-security-associations-information",),
    xml=_xml,
    text=ipsec_text.text,
    unused=_UNUSED,
    silent_text=True,
)
