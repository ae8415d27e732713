# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``show security ike security-associations`` and ``show security ike active-peer``."""

from __future__ import annotations

import typing as t

from lxml import etree

from tests.lab.network.proposals import IKE_ENCRYPTION, IKE_INTEGRITY, IKE_PRF, METHODS, dh_name
from tests.lab.network.results import IkeRow
from tests.lab.network.view import sure
from tests.lab.operational.reply import Maker, OperationalError, Reply, Request, joined

INDEX = ("show-index-ike-security-association", "index")


def security_associations(request: Request) -> Reply:
    rows = request.network.ike_sas(request.host)
    index, peer = request.number(*INDEX), request.text("peer-address")
    if index is not None:
        rows = [row for row in rows if row.index == index]
        if not rows:
            raise OperationalError(f"No IKE security association with index {index}", kind="application")
    if peer is not None:
        rows = [row for row in rows if row.remote == peer]
    make = Maker(request)
    # With an index the device always shows the association in detail.
    detail = request.flag("detail") or index is not None
    style = "detail" if detail else "brief"
    children = [_detail_xml(make, row) if detail else _brief_xml(make, row) for row in rows]
    text = "\n".join(_detail_text(row) for row in rows) if detail else _brief_text(request, rows)
    return Reply(make("ike-security-associations-information", children, style=style), text)


def active_peers(request: Request) -> Reply:
    """Show the peers with an association, as text in both formats: the reply's XML elements are not public."""
    peer = request.text("peer-address")
    rows = [row for row in request.network.ike_sas(request.host) if row.state == "UP" and peer in (None, row.remote)]
    lines = (
        ["Remote Address                      Port     Peer IKE-ID                         AAA username"]
        if rows
        else []
    )
    lines += [f"{row.remote:<36}{500:<9}{row.peer_id:<36}not available" for row in rows]
    text = joined(lines)
    return Reply(Maker(request)("output", f"\n{text}"), text, padded=False)


# --- brief ---------------------------------------------------------------------------------------


def _brief_xml(make: Maker, row: IkeRow) -> etree._Element:
    return make("ike-security-associations", make.rows((
        ("ike-sa-remote-address", row.remote),
        ("ike-sa-index", row.index),
        ("ike-sa-state", row.state),
        ("ike-sa-initiator-cookie", row.cookies[0]),
        ("ike-sa-responder-cookie", row.cookies[1]),
        ("ike-sa-exchange-type", row.exchange),
    )))  # fmt: skip


def _brief_text(request: Request, rows: t.Sequence[IkeRow]) -> str:
    if not rows:
        return ""
    if request.release < (11, 0):
        lines = ["Index   Remote Address  State  Initiator cookie  Responder cookie  Mode"]
        lines += [f"{row.index:<7} {row.remote:<15} {row.state:<6} {row.cookies[0]}  {row.cookies[1]}  {row.exchange}"
                  for row in rows]  # fmt: skip
    else:
        lines = ["Index   State  Initiator cookie  Responder cookie  Mode           Remote Address   "]
        for row in rows:
            # An index of eight digits fills the blank of its column, and does not move the others.
            head = f"{row.index:<7} {row.state}".ljust(15)
            lines.append(f"{head}{row.cookies[0]}  {row.cookies[1]}  {row.exchange:<15}{row.remote:<17}")
    return joined(lines)


# --- detail --------------------------------------------------------------------------------------


def _detail_xml(make: Maker, row: IkeRow) -> etree._Element:
    inner = make("ike-security-associations", make.rows((
        ("ike-sa-role", row.role),
        ("ike-sa-state", row.state),
        ("ike-sa-initiator-cookie", row.cookies[0]),
        ("ike-sa-responder-cookie", row.cookies[1]),
        ("ike-sa-exchange-type", row.exchange),
        ("ike-sa-authentication-method", METHODS[row.proposal.method] if row.proposal else "Pre-shared-keys"),
        ("ike-sa-local-address", row.local),
        ("ike-sa-local-port", row.ports[0]),
        ("ike-sa-remote-address", row.remote),
        ("ike-sa-remote-port", row.ports[1]),
        ("ike-sa-lifetime", f"Expires in {row.remaining} seconds"),
        ("ike-sa-reauthlifetime", "Disabled"),
        ("ike-sa-ike-frag", _fragmentation(row)[0]),
        ("ike-sa-frag-size", _fragmentation(row)[1]),
    )))  # fmt: skip
    if row.proposal is not None:
        inner.append(make("ike-xauth-user-info", make.rows((("ike-ike-id", row.peer_id),))))
        inner.append(make("ike-sa-algorithms", make.rows((
            ("ike-sa-authentication-algorithm", _integrity(row)),
            ("ike-sa-encryption-algorithm", _encryption(row)),
            ("ike-sa-prf-algorithm", _prf(row)),
            ("ike-sa-dhgroup", dh_name(row.proposal.dh_group)),
        ))))  # fmt: skip
    return make("ike-security-associations-block", make.rows((
        ("ike-sa-remote-address", row.remote),
        ("ike-sa-index", row.index),
        ("ike-gw-name", row.gateway),
    )), inner)  # fmt: skip


def _fragmentation(row: IkeRow) -> tuple[str, int]:
    return ("Enabled", 576) if row.version == 2 else ("Disabled", 0)


def _encryption(row: IkeRow) -> str:
    return IKE_ENCRYPTION.get(row.proposal.encryption, row.proposal.encryption) if row.proposal else ""


def _integrity(row: IkeRow) -> str:
    """Return the hash; for GCM, which has none, the replies name the cipher twice."""
    if row.proposal is None:
        return ""
    if row.proposal.encryption.endswith("gcm"):
        return _encryption(row)
    return IKE_INTEGRITY.get(row.proposal.authentication or "", "")


def _prf(row: IkeRow) -> str:
    if row.proposal is None:
        return ""
    implied = "sha-384" if row.proposal.encryption == "aes-256-gcm" else "sha-256"
    return IKE_PRF[row.proposal.authentication or implied]


def _detail_text(row: IkeRow) -> str:
    method = METHODS[row.proposal.method] if row.proposal else "Pre-shared-keys"
    frag = _fragmentation(row)
    lines = [
        f"IKE peer {row.remote}, Index {row.index}, Gateway Name: {row.gateway}",
        f"  Role: {row.role.capitalize()}, State: {row.state}",
        f"  Initiator cookie: {row.cookies[0]}, Responder cookie: {row.cookies[1]}",
        f"  Exchange type: {row.exchange}, Authentication method: {method}",
        f"  Local: {row.local}:{row.ports[0]}, Remote: {row.remote}:{row.ports[1]}",
        f"  Lifetime: Expires in {row.remaining} seconds",
        "  Reauth Lifetime: Disabled",
        f"  IKE Fragmentation: {frag[0]}, Size: {frag[1]}",
        "  Remote Access Client Info: Unknown Client",
        f"  Peer ike-id: {row.peer_id or 'not available'}",
        "  AAA assigned IP: 0.0.0.0",
    ]
    if row.proposal is not None:
        lines += _algorithms_text(row)
    created = f"{row.created} created, {row.deleted} deleted"
    lines += [
        f"  IPSec security associations: {created}",
        f"  Phase 2 negotiations in progress: {int(row.negotiating)}",
    ]
    if row.negotiating:
        lines += ["", *_negotiation_text(row)]
    return joined(lines)


def _algorithms_text(row: IkeRow) -> list[str]:
    count = row.packets
    return [
        "  Algorithms:",
        f"   Authentication        : {_integrity(row)} ",
        f"   Encryption            : {_encryption(row)}",
        f"   Pseudo random function: {_prf(row)}",
        f"   Diffie-Hellman group  : {dh_name(sure(row.proposal).dh_group)}",
        "  Traffic statistics:",
        f"   Input  bytes  : {count.decrypted_bytes:>20}",
        f"   Output bytes  : {count.encrypted_bytes:>20}",
        f"   Input  packets: {count.decrypted_packets:>20}",
        f"   Output packets: {count.encrypted_packets:>20}",
        "   Input  fragmentated packets:       0",
        "   Output fragmentated packets:       0",
    ]


def _negotiation_text(row: IkeRow) -> list[str]:
    return [
        f"    Negotiation type: Quick mode, Role: {row.role.capitalize()}, Message ID: 0",
        f"    Local: {row.local}:{row.ports[0]}, Remote: {row.remote}:{row.ports[1]}",
        f"    Local identity: {row.local}",
        f"    Remote identity: {row.remote}",
        "    Flags: IKE SA is created",
    ]
