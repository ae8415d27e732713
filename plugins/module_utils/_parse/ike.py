# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show security ike security-associations``, brief and detail."""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import IkeSa
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Rows,
    address,
    child_text,
    column_order,
    cookie,
    fail,
    labelled,
    needed,
    number,
    seconds,
)

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


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    if _PEER.match(lines[0].strip()):
        return Rows(_detail(lines, node))
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


def _detail(lines: t.Sequence[str], node: str | None) -> list[IkeSa]:
    blocks: list[list[str]] = []
    negotiation = False
    for line in lines:
        if _PEER.match(line.strip()):
            blocks.append([])
            negotiation = False
        # A block about a phase 2 negotiation follows the association, with fields of the same names.
        negotiation = negotiation or line.strip().startswith("Negotiation type:")
        if not negotiation:
            blocks[-1].append(line.strip())
    return [_detail_row("\n".join(block), node) for block in blocks]


def _detail_row(block: str, node: str | None) -> IkeSa:
    head = _PEER.match(block)
    if head is None:
        fail("IKE peer ADDRESS, Index NUMBER", block)
    local, local_port = _endpoint(labelled(block, "Local"))
    _remote, remote_port = _endpoint(labelled(block, "Remote"))
    state = _state(needed(labelled(block, "State"), "State", block))
    return IkeSa(
        index=number(head.group(2), "Index"),
        remote_address=head.group(1),
        state=state,
        initiator_cookie=cookie(needed(labelled(block, "Initiator cookie"), "Initiator cookie", block), "cookie"),
        responder_cookie=cookie(needed(labelled(block, "Responder cookie"), "Responder cookie", block), "cookie"),
        exchange_type=_mode(needed(labelled(block, "Exchange type"), "Exchange type", block), state),
        gateway=head.group(3),
        role=_lower(labelled(block, "Role")),
        local_address=local,
        local_port=local_port,
        remote_port=remote_port,
        lifetime_seconds=seconds(labelled(block, "Lifetime")),
        authentication_method=labelled(block, "Authentication method"),
        authentication_algorithm=labelled(block, "Authentication"),
        encryption_algorithm=labelled(block, "Encryption"),
        prf_algorithm=labelled(block, "Pseudo random function"),
        dh_group=labelled(block, "Diffie-Hellman group"),
        node=node,
    )


def _xml(root: ET.Element, node: str | None) -> Rows:
    rows: list[IkeSa] = []
    notes: list[str] = []
    for child in root:
        if child.tag == "ike-security-associations":
            rows.append(_xml_row(child, child, node))
        elif child.tag == "ike-security-associations-block":
            rows += [_xml_row(child, inner, node) for inner in child.findall("ike-security-associations")]
            if child.find("ike-security-associations") is None:
                fail("an association in every block", child_text(child, "ike-sa-remote-address") or child.tag)
        else:
            notes.append(f"the element <{child.tag}> is not known")
    if notes and not rows:
        fail("IKE security associations", root[0].tag)
    return Rows(rows, notes)


def _xml_row(block: ET.Element, inner: ET.Element, node: str | None) -> IkeSa:
    def value(name: str) -> str | None:
        # In detail replies some fields are in the block, others in the association, some in both.
        return child_text(inner, name) or child_text(block, name)

    def need(name: str) -> str:
        return needed(value(name), name, child_text(block, "ike-sa-remote-address") or block.tag)

    local, remote = value("ike-sa-local-port"), value("ike-sa-remote-port")
    state = _state(need("ike-sa-state"))
    return IkeSa(
        index=number(need("ike-sa-index"), "ike-sa-index"),
        remote_address=address(
            child_text(block, "ike-sa-remote-address") or need("ike-sa-remote-address"), "ike-sa-remote-address"
        ),
        state=state,
        initiator_cookie=cookie(need("ike-sa-initiator-cookie"), "ike-sa-initiator-cookie"),
        responder_cookie=cookie(need("ike-sa-responder-cookie"), "ike-sa-responder-cookie"),
        exchange_type=_mode(need("ike-sa-exchange-type"), state),
        gateway=value("ike-gw-name"),
        role=_lower(value("ike-sa-role")),
        local_address=value("ike-sa-local-address"),
        local_port=number(local, "ike-sa-local-port") if local else None,
        remote_port=number(remote, "ike-sa-remote-port") if remote else None,
        lifetime_seconds=seconds(value("ike-sa-lifetime")),
        authentication_method=value("ike-sa-authentication-method"),
        authentication_algorithm=value("ike-sa-algorithms/ike-sa-authentication-algorithm"),
        encryption_algorithm=value("ike-sa-algorithms/ike-sa-encryption-algorithm"),
        prf_algorithm=value("ike-sa-algorithms/ike-sa-prf-algorithm"),
        dh_group=value("ike-sa-algorithms/ike-sa-dhgroup"),
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


def _endpoint(value: str | None) -> tuple[str | None, int | None]:
    if not value:
        return None, None
    host, _colon, port = value.rpartition(":")
    return host, number(port, "port")


def _lower(value: str | None) -> str | None:
    return value.lower() if value else None


COMMAND = Command(
    rpc="get-ike-security-associations-information",
    roots=("ike-security-associations-information",),
    xml=_xml,
    text=_text,
    silent_text=True,
)
