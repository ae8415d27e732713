# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The text of ``show security ipsec security-associations``: three brief layouts and two of detail."""

from __future__ import annotations

import itertools
import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import IpsecSa, IpsecTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Doubt,
    Rows,
    address,
    column_order,
    fail,
    kilobytes,
    lifetime,
    number,
    seconds,
    spi,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.labels import Labels
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.tunnel_events import line_event

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
NOT_COUNTED = "the header does not count the tunnels"
_HEAD = ("ID:", "Virtual-system:")
# Labels that no row has.
_OF_TUNNEL = {
    "TS Type": r"[\w-]+",
    "Traffic Selector Name": r"\S*",
    "Traffic-selector name": r"\S*",
    "Quantum Secured": r"Yes|No",
    "Hardware Offloaded": r"Yes|No",
    "Packet Encapsulation": r"\w+",
    "Dest port": r"\d+",
    "Passive mode tunneling": r"Enabled|Disabled",
    "DF-bit": r"(?:clear|copy|set)(?:, Copy-Outer-DSCP (?:Enabled|Disabled))?",
    "Copy-Outer-DSCP": r"Enabled|Disabled",
    "Policy-name": r"\S+",
    "Nego#": r"\d+",
    "Fail#": r"\d+",
    "Def-Del#": r"\d+(?: Flag: \w+)?",
    "Flag": r"\w+",
    "Multi-sa": r"Multi-sa, Configured SAs#:? \d+, Negotiated SAs#:? \d+",
    "Negotiated SAs#": r"\d+",
    "Tunnel events": "",
    "Location": r"FPC \d+, PIC \d+(?:, KMD-Instance \d+)?",
    "Anchorship": r"Thread \d+",
    "Distribution-Profile": r"\S+",
    "Tunnel MTU": r"\d+",
    "SRG ID": r"\d+",
    "HA Link Encryption Mode": r"[\w -]+",
}
_OF_DIRECTION = {
    "AUX-SPI": r"\w+",
    "Mode": r"\w+(?:\(\d+ \d+\))?",
    "Type": r"\w+",
    "Anti-replay service": r"(?:counter-based )?(?:enabled|disabled)",
    "Replay window size": r"\d+",
    "Extended-Sequence-Number": r"Enabled|Disabled",
    "tunnel-establishment": r"[\w-]+",
    "IKE SA Index": r"\d+",
    "FC Name": r"\S+",
}


def text(lines: t.Sequence[str], node: str | None) -> Rows:
    """Return the tunnels of one node, brief or detail as the first line shows. Raise ReplyNotUnderstood."""
    if lines[0].strip().startswith(_HEAD):
        return _detail(lines, node)
    return _brief(lines, node)


def count_notes(active: int | None, pairs: int | None, rows: t.Sequence[IpsecTunnel]) -> list[str]:
    """Return a note for each count of the header that differs from the rows; Junos counts pairs of associations."""
    notes: list[str] = []
    seen = sum(1 for row in rows for association in row.security_associations if association.direction == "inbound")
    if active is not None and active != len(rows):
        notes.append(Doubt(f"the header counts {active} active tunnels, the rows show {len(rows)}"))
    if pairs is not None and pairs != seen:
        notes.append(Doubt(f"the header counts {pairs} pairs of security associations, the rows show {seen}"))
    return notes


def _brief(lines: t.Sequence[str], node: str | None) -> Rows:
    tunnels: dict[int, IpsecTunnel] = {}
    columns: list[str] | None = None
    active = pairs = None
    counted = False
    for line in lines:
        if counts := _COUNTS.fullmatch(line.strip()):
            active = number(counts.group(1), "Total active tunnels")
            pairs = number(counts.group(2), "Total IPsec sas") if counts.group(2) else None
        elif found := column_order(line, _TITLES):
            columns = found
        elif _CONFIGURED.fullmatch(line.strip()):
            counted = True
        else:
            if columns is None:
                fail("the header of the IPsec security associations", line)
            _add_row(line, columns, tunnels, node)
    rows = list(tunnels.values())
    if active is None and not counted:
        return Rows(rows, [NOT_COUNTED])
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
        lifetime_kilobytes=seconds(life.group(2)),
        monitoring=row["monitoring"],
    )
    index = number(head.group(2), "ID")
    gateway, port = address(row["gateway"], "Gateway"), number(row["port"], "Port")
    known = tunnels.get(index)
    if known is not None and known.remote_gateway != gateway:
        fail(f"the gateway {known.remote_gateway} for tunnel {index}", line)
    before = known.security_associations if known else ()
    tunnels[index] = IpsecTunnel(index, gateway, (*before, association), port=port, node=node)


def _detail(lines: t.Sequence[str], node: str | None) -> Rows:
    blocks: list[tuple[re.Match[str], list[str]]] = []
    for line in (line.strip() for line in lines):
        if line.startswith(_HEAD):
            head = _DETAIL.fullmatch(line)
            if head is None:
                fail("ID: NUMBER Virtual-system: NAME, VPN Name: NAME", line)
            blocks.append((head, []))
        else:
            blocks[-1][1].append(line)
    notes: list[str] = []
    return Rows([_detail_tunnel(head, block, node, notes) for head, block in blocks], notes)


def _detail_tunnel(head: re.Match[str], lines: list[str], node: str | None, notes: list[str]) -> IpsecTunnel:
    starts = [place for place, line in enumerate(lines) if line.startswith("Direction:")] + [len(lines)]
    found = {line: line_event(line) for line in lines[: starts[0]]}
    common = Labels((line for line in lines[: starts[0]] if found[line] is None), head.group(0))
    # The layout without an ID is that of Junos 9, which prints SPIs in decimal.
    decimal = head.group(1) is None
    port, local = common.get("Port"), common.get("Local Gateway")
    tunnel = IpsecTunnel(
        tunnel_index=None if decimal else number(head.group(1), "ID"),
        remote_gateway=address(common.needed("Remote Gateway"), "Remote Gateway"),
        security_associations=tuple(
            _detail_association(lines[begin:end], decimal=decimal, notes=notes)
            for begin, end in itertools.pairwise(starts)
        ),
        vpn=head.group(3),
        bind_interface=common.get("Bind-interface"),
        local_gateway=address(local, "Local Gateway") if local else None,
        local_identity=common.get("Local Identity"),
        remote_identity=common.get("Remote Identity"),
        ike_version=common.get("Version"),
        port=number(port, "Port") if port else None,
        pfs_group=common.get("PFS group"),
        events=tuple(event for line in lines[: starts[0]] if (event := found[line])),
        node=node,
    )
    notes += common.unread(_OF_TUNNEL)
    return tunnel


def _detail_association(lines: list[str], *, decimal: bool, notes: list[str]) -> IpsecSa:
    block = Labels(lines, lines[0])
    direction = block.needed("Direction")
    if direction not in ("inbound", "outbound"):
        fail("Direction: inbound or outbound", lines[0])
    association = IpsecSa(
        direction="inbound" if direction == "inbound" else "outbound",
        spi=spi(block.needed("SPI"), decimal=decimal),
        protocol=block.get("Protocol"),
        encryption_algorithm=block.get("Encryption"),
        authentication_algorithm=block.get("Authentication"),
        lifetime_seconds=lifetime(block.get("Hard lifetime"), "Hard lifetime"),
        soft_lifetime_seconds=lifetime(block.get("Soft lifetime"), "Soft lifetime"),
        lifetime_kilobytes=kilobytes(block.get("Lifesize Remaining"), "Lifesize Remaining"),
        monitoring=block.get("VPN Monitoring"),
        state=block.get("State"),
    )
    notes += block.unread(_OF_DIRECTION)
    return association
