# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show security ike security-associations``, brief and detail."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import IkeSa
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Doubt,
    Rows,
    address,
    column_order,
    cookie,
    fail,
    lifetime,
    needed,
    number,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.labels import Labels

_TITLES = {
    "index": "Index",
    "state": "State",
    "initiator": "Initiator cookie",
    "responder": "Responder cookie",
    "mode": "Mode",
    "remote": "Remote Address",
}
_MODES = ("Main", "Aggressive", "IKEv2")
_PEER = re.compile(r"IKE peer (\S+), Index ?(\d+),(?: Gateway Name: (\S.*))?")
# Labels and elements that no row has.
_OF_ASSOCIATION = {
    "Reauth Lifetime": r"Disabled|Expires in \d+ seconds",
    "IKE Fragmentation": r"Enabled|Disabled",
    "Size": r"\d+",
    "Remote Access Client Info": r"[\w .-]+",
    "Peer ike-id": r"\S+(?:, \S+=.*)?",
    "AAA assigned IP": r"[\w.:]+",
    "XAUTH assigned IP": r"[\w.:]+",
    "Xauth assigned IP": r"[\w.:]+",
    "XAUTH username": r"\S+",
    "AAA username": r"\S+",
    "Algorithms": "",
    "Traffic statistics": "",
    "Input bytes": r"\d+",
    "Output bytes": r"\d+",
    "Input packets": r"\d+",
    "Output packets": r"\d+",
    "Input fragmentated packets": r"\d+",
    "Output fragmentated packets": r"\d+",
    "Input fragmented packets": r"\d+",
    "Output fragmented packets": r"\d+",
    "Flags": r"[A-Z][\w. ]*",
    "IPSec security associations": r"\d+ created, \d+ deleted",
    "IPsec security associations": r"\d+ created, \d+ deleted",
    "Phase 2 negotiations in progress": r"\d+",
    "IPSec Tunnel IDs": r"[\d, ]*",
    "IPsec Tunnel IDs": r"[\d, ]*",
    "Location": r"FPC \d+, PIC \d+(?:, KMD-Instance \d+)?",
    "Local gateway interface": r"\S+",
    "Routing instance": r"\S+",
    "SRG ID": r"\d+",
    "Quantum Secured": r"Yes|No",
    "Anchorship": r"Thread \d+",
}
_OF_NEGOTIATION = {
    "Negotiation type": r"[\w -]+ mode",
    "Role": r"Initiator|Responder",
    "Message ID": r"\d+",
    "Local": r"[\w.:]+",
    "Remote": r"[\w.:]+",
    "Local identity": r"\S+",
    "Remote identity": r"\S+",
    "Flags": r"[A-Z][\w. ]*",
}
_UNUSED = frozenset(
    (
        "ike-sa-reauthlifetime", "ike-sa-ike-frag", "ike-sa-frag-size", "ike-sa-remote-client-info",
        "ike-sa-traffic-statistics", "ike-sa-misc", "ike-sa-phase2-information",
        "ike-sa-payload-statistics", "ike-sa-stats-information", "ike-sa-routing-instance", "ike-sa-srg-id",
        "ike-sa-local-gateway-interface", "ike-trusted-ca-profile-name", "ike-trusted-ca-group-name",
        "ike-ppk-profile", "ike-sa-location", "ike-sa-advpn-info", "ike-sa-advpn-suggester-shortcut-statistics",
        "ike-sa-advpn-partner-shortcut-statistics", "ike-sa-sig-key-length", "ike-sa-sign-hash-algo", "ike-sa-flags",
    )
)  # fmt: skip


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    if lines[0].strip().startswith("IKE peer"):
        return _detail(lines, node)
    rows: list[IkeSa] = []
    columns: list[str] | None = None
    for line in lines:
        if found := column_order(line, _TITLES):
            columns = found
            continue
        values = line.split()
        if columns is None or len(values) != len(columns):
            fail("an IKE security association under its header", line)
        row = dict(zip(columns, values, strict=True))
        state = _state(row["state"])
        rows.append(
            IkeSa(
                index=number(row["index"], "Index"),
                remote_address=address(row["remote"], "Remote Address"),
                state=state,
                initiator_cookie=cookie(row["initiator"], "Initiator cookie"),
                responder_cookie=cookie(row["responder"], "Responder cookie"),
                exchange_type=_mode(row["mode"], state),
                node=node,
            )
        )
    return Rows(rows)


def _detail(lines: t.Sequence[str], node: str | None) -> Rows:
    rows: list[IkeSa] = []
    notes: list[str] = []
    for block in _blocks(lines):
        found, association, negotiations = block
        row, unread = _detail_row(found, association, node)
        rows.append(row)
        notes += unread
        for negotiation in negotiations:
            notes += Labels(negotiation).unread(_OF_NEGOTIATION)
    return Rows(rows, notes)


def _blocks(lines: t.Sequence[str]) -> t.Iterator[tuple[re.Match[str], list[str], list[list[str]]]]:
    """Yield the heading, the lines of the association, and those of each phase 2 negotiation after it."""
    blocks: list[tuple[re.Match[str], list[str], list[list[str]]]] = []
    for line in (line.strip() for line in lines):
        if found := _PEER.fullmatch(line):
            blocks.append((found, [], []))
        elif line.startswith("IKE peer"):
            fail("IKE peer ADDRESS, Index NUMBER", line)
        elif line.startswith("Negotiation type:"):
            # Its fields have the names of fields of the association.
            blocks[-1][2].append([line])
        elif blocks[-1][2]:
            blocks[-1][2][-1].append(line)
        else:
            blocks[-1][1].append(line)
    yield from blocks


def _detail_row(head: re.Match[str], lines: list[str], node: str | None) -> tuple[IkeSa, list[str]]:
    block = Labels(lines, head.group(0))
    local, local_port = _endpoint(block.get("Local"), "Local")
    remote, remote_port = _endpoint(block.get("Remote"), "Remote")
    peer = address(head.group(1), "IKE peer")
    notes = (
        [Doubt(f"the heading names the peer {peer}, the association {remote}")] if remote not in (None, peer) else []
    )
    state = _state(block.needed("State"))
    row = IkeSa(
        index=number(head.group(2), "Index"),
        remote_address=peer,
        state=state,
        initiator_cookie=cookie(block.needed("Initiator cookie"), "cookie"),
        responder_cookie=cookie(block.needed("Responder cookie"), "cookie"),
        exchange_type=_mode(block.needed("Exchange type"), state),
        gateway=head.group(3),
        role=_lower(block.get("Role")),
        local_address=local,
        local_port=local_port,
        remote_port=remote_port,
        lifetime_seconds=lifetime(block.get("Lifetime"), "Lifetime"),
        authentication_method=block.get("Authentication method"),
        authentication_algorithm=block.get("Authentication"),
        encryption_algorithm=block.get("Encryption"),
        prf_algorithm=block.get("Pseudo random function"),
        dh_group=block.get("Diffie-Hellman group"),
        peer_identity=block.get("Peer ike-id"),
        node=node,
    )
    return row, notes + block.unread(_OF_ASSOCIATION)


def _xml(root: Element, node: str | None) -> Rows:
    rows = [_xml_row(element, element, node) for element in root.children("ike-security-associations")]
    for block in root.children("ike-security-associations-block"):
        inner = block.children("ike-security-associations")
        rows += [_xml_row(block, one, node) for one in inner]
        if not inner:
            fail("an association in every block", block.text("ike-sa-remote-address") or block.tag)
    return Rows(rows)


def _xml_row(block: Element, inner: Element, node: str | None) -> IkeSa:
    def value(name: str) -> str | None:
        # In detail replies some fields are in the block, others in the association, some in both.
        found = {element.text(name) for element in (block, inner)} - {None}
        if len(found) > 1:
            fail(f"one {name} in a block", " and ".join(sorted(filter(None, found))))
        return next(iter(found), None)

    def need(name: str) -> str:
        return needed(value(name), name, block.text("ike-sa-remote-address") or block.tag)

    local, remote = value("ike-sa-local-port"), value("ike-sa-remote-port")
    local_address = value("ike-sa-local-address")
    state = _state(need("ike-sa-state"))
    return IkeSa(
        index=number(need("ike-sa-index"), "ike-sa-index"),
        remote_address=address(need("ike-sa-remote-address"), "ike-sa-remote-address"),
        state=state,
        initiator_cookie=cookie(need("ike-sa-initiator-cookie"), "ike-sa-initiator-cookie"),
        responder_cookie=cookie(need("ike-sa-responder-cookie"), "ike-sa-responder-cookie"),
        exchange_type=_mode(need("ike-sa-exchange-type"), state),
        gateway=value("ike-gw-name"),
        role=_lower(value("ike-sa-role")),
        local_address=address(local_address, "ike-sa-local-address") if local_address else None,
        local_port=number(local, "ike-sa-local-port") if local else None,
        remote_port=number(remote, "ike-sa-remote-port") if remote else None,
        lifetime_seconds=lifetime(value("ike-sa-lifetime"), "ike-sa-lifetime"),
        authentication_method=value("ike-sa-authentication-method"),
        authentication_algorithm=value("ike-sa-algorithms/ike-sa-authentication-algorithm"),
        encryption_algorithm=value("ike-sa-algorithms/ike-sa-encryption-algorithm"),
        prf_algorithm=value("ike-sa-algorithms/ike-sa-prf-algorithm"),
        dh_group=value("ike-sa-algorithms/ike-sa-dhgroup"),
        peer_identity=value("ike-xauth-user-info/ike-ike-id"),
        node=node,
    )


def _state(value: str) -> str:
    # The services card of an MX prints "Matured": another command with the same root element.
    if value not in ("UP", "DOWN"):
        fail("UP or DOWN as the state on an SRX", value)
    return value


def _mode(value: str, state: str) -> str:
    # An association that never came up has negotiated no mode, so any word is accepted there.
    if value not in _MODES and (state != "DOWN" or not value.isalnum()):
        fail(f"one of {', '.join(_MODES)} as exchange type", value)
    return value


def _endpoint(value: str | None, name: str) -> tuple[str | None, int | None]:
    if not value:
        return None, None
    host, _colon, port = value.rpartition(":")
    return address(host, name), number(port, "port")


def _lower(value: str | None) -> str | None:
    return value.lower() if value else None


COMMAND = Command(
    rpc="get-ike-security-associations-information",
    roots=("ike-security-associations-information",),
    xml=_xml,
    text=_text,
    unused=_UNUSED,
    silent_text=True,
)
