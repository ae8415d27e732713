# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``show security ipsec security-associations``."""

from __future__ import annotations

import typing as t

from lxml import etree

from tests.lab.network.associations import SaPair
from tests.lab.network.proposals import BRIEF_ENCRYPTION, BRIEF_HASH, DETAIL_ENCRYPTION, dh_name
from tests.lab.network.results import TunnelRow
from tests.lab.network.view import sure
from tests.lab.operational.reply import Maker, OperationalError, Reply, Request, joined, moment

INDEX = ("show-index-ipsec-security-association", "index")
VPN = ("show-vpnname-ipsec-security-association", "vpn-name")
SELECTOR = ("show-trafficselectorname-ipsec-security-association", "traffic-selector")
ESTABLISH = {"immediately": "establish-tunnels-immediately", "on-traffic": "establish-tunnels-on-traffic",
             "responder-only": "establish-tunnels-responder-only"}  # fmt: skip


def picked(request: Request, up: bool) -> list[TunnelRow]:
    """Return the tunnels that the arguments select, of those that are up or of those that are down."""
    rows = [row for row in request.network.tunnel_rows(request.host) if row.up == up]
    index, vpn, selector = request.number(*INDEX), request.text(*VPN), request.text(*SELECTOR)
    if vpn is not None and vpn not in request.view.vpns:
        # An unknown name is an error, a name without association is not.
        raise OperationalError(f"VPN {vpn} is not configured", kind="application")
    return [
        row
        for row in rows
        if index in (None, row.index) and vpn in (None, row.vpn.name) and selector in (None, row.selector.name)
    ]


def security_associations(request: Request) -> Reply:
    rows = picked(request, up=True)
    detail = request.flag("detail", "extensive") or request.number(*INDEX) is not None
    make = Maker(request)
    totals = make.rows((
        ("total-active-tunnels", None if detail else len(rows)),
        # It counts pairs, and does not exist before 12.1.
        ("total-ipsec-sas", sum(len(row.pairs) for row in rows) if not detail and request.release >= (12, 1) else None),
    ))  # fmt: skip
    blocks = [_detail_xml(request, make, row) if detail else _brief_xml(request, make, row) for row in rows]
    style = "detail" if detail else "brief"
    text = "\n".join(_detail_text(request, row) for row in rows) if detail else _brief_text(request, rows)
    return Reply(make("ipsec-security-associations-information", totals, blocks, style=style), text)


def spi_text(request: Request, spi: str) -> str:
    """Return an SPI as the daemon prints it: kmd without leading zeros and 0x, iked with both."""
    return f"0x{spi}" if request.iked else spi.lstrip("0")


def _remaining(row: TunnelRow, brief: bool) -> str:
    lifesize = row.proposal.lifesize if row.proposal else None
    if lifesize is not None:
        return str(lifesize)
    return "unlim" if brief else "Unlimited"


def _monitor(row: TunnelRow) -> str:
    return row.monitor[0]


def _directions(pair: SaPair) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    return ("<", "inbound", pair.inbound), (">", "outbound", pair.outbound)


def _algorithms(row: TunnelRow) -> tuple[str, str]:
    proposal = sure(row.proposal)
    encryption = BRIEF_ENCRYPTION.get(proposal.encryption or "", "None")
    return encryption, BRIEF_HASH.get(proposal.authentication or "", "None")


# --- brief ---------------------------------------------------------------------------------------


def _brief_xml(request: Request, make: Maker, row: TunnelRow) -> etree._Element:
    encryption, authentication = _algorithms(row)
    # Older releases glue the punctuation of the text on the values.
    glued = request.release < (17, 3)
    leaves = [
        make("ipsec-security-associations", make.rows((
            ("sa-direction", sign),
            ("sa-tunnel-index", row.index),
            ("sa-spi", spi_text(request, spi)),
            ("sa-aux-spi", 0),
            ("sa-remote-gateway", row.remote),
            ("sa-port", row.port),
            ("sa-vpn-monitoring-state", _monitor(row)),
            ("sa-protocol", f"{_protocol(row)}:" if glued else _protocol(row)),
            ("sa-esp-encryption-algorithm", f"{encryption}/" if glued else encryption),
            ("sa-hmac-algorithm", authentication),
            ("sa-hard-lifetime", f"{pair.hard}/" if glued else pair.hard),
            ("sa-lifesize-remaining", _remaining(row, brief=True)),
            ("sa-virtual-system", "root"),
        )))
        for pair in row.pairs
        for sign, _word, spi in _directions(pair)
    ]  # fmt: skip
    return make("ipsec-security-associations-block", make("sa-block-state", "up"), leaves)


def _protocol(row: TunnelRow) -> str:
    return row.proposal.protocol.upper() if row.proposal else "ESP"


def _brief_text(request: Request, rows: t.Sequence[TunnelRow]) -> str:
    if request.release < (12, 1):
        return _old_text(rows)
    total = "Total IPsec sas" if request.iked else "Total Ipsec sas"
    lines = [f"  Total active tunnels: {len(rows)}     {total}: {sum(len(row.pairs) for row in rows)}"]
    if rows:
        gap = "      " if request.iked else "    "
        lines.append(f"  ID{gap}Algorithm       SPI      Life:sec/kb  Mon lsys Port  Gateway   ")
    for row in rows:
        algorithm = f"{_protocol(row)}:{'/'.join(_algorithms(row))}"
        for pair in row.pairs:
            for sign, _word, spi in _directions(pair):
                life = f"{pair.hard}/ {_remaining(row, brief=True)}"
                lines.append(f"  {sign}{row.index:<6} {algorithm} {spi_text(request, spi):<8} {life} {_monitor(row)} "
                             f"root {row.port} {row.remote:<15} ")  # fmt: skip
    return joined(lines)


def _old_text(rows: t.Sequence[TunnelRow]) -> str:
    lines = [f"Total active tunnels: {len(rows)}"]
    if rows:
        lines.append("ID      Gateway        Port  Algorithm        SPI      Life:sec/kb Mon vsys")
    for row in rows:
        encryption, authentication = _algorithms(row)
        algorithm = f"{_protocol(row)}:{encryption.replace('aes-cbc-', 'aes-')}/{authentication}"
        for pair in row.pairs:
            for sign, _word, spi in _directions(pair):
                life = f"{pair.hard}/ {_remaining(row, brief=True)}"
                lines.append(f"{sign}{row.index:<6} {row.remote:<14} {row.port:<5} {algorithm:<16} {spi} {life:<12} "
                             f"{_monitor(row)}   0")  # fmt: skip
    return joined(lines)


# --- detail --------------------------------------------------------------------------------------


def _identity(request: Request, network: t.Any) -> str:
    if request.iked:
        return f"ipv4({network.network_address}-{network.broadcast_address})"
    return f"ipv4_subnet(any:0,[0..7]={network})"


def _event_time(request: Request, at: float) -> str:
    when = moment(at)
    return f"{when:%a %b %d %Y %H:%M:%S}" + ("" if request.iked else " +0000")


def block_head(request: Request, make: Maker, row: TunnelRow, state: str) -> list[etree._Element]:
    """Return the head of a detailed block about a tunnel, up or down, before its associations."""
    newer = request.iked and request.release >= (23, 2)
    head = make.rows((
        ("sa-block-state", state),
        ("sa-tunnel-index", row.index),
        ("sa-virtual-system", "root"),
        ("sa-vpn-name", row.vpn.name),
        ("sa-local-gateway", row.local),
        ("sa-remote-gateway", row.remote),
        ("sa-traffic-selector-name", row.selector.name or None),
        ("sa-local-identity", _identity(request, row.selector.local)),
        ("sa-remote-identity", _identity(request, row.selector.remote)),
        ("sa-ts-type", ("traffic-selector" if row.selector.name else "proxy-id") if newer else None),
        ("sa-ike-version", f"IKEv{row.version}"),
        ("sa-pfs-group", dh_name(row.group) if newer else None),
    ))  # fmt: skip
    head.append(make("sa-df-bit-policy-name", make.rows((
        ("sa-df-bit", row.vpn.df_bit),
        ("sa-copy-outer-dscp", "Enabled" if row.vpn.copy_dscp else "Disabled"),
        ("sa-policy-name", row.vpn.install_policy if request.iked else None),
        ("sa-bind-interface", row.vpn.bind_interface),
    ))))  # fmt: skip
    head.append(make("sa-dev-info", make.rows((
        ("sa-port", row.port),
        ("sa-nego-num", row.negotiations),
        ("sa-nego-fail", row.failures),
        ("sa-del-num", row.deletions),
        ("sa-flag", "0" if request.iked else "0x600a29"),
    ))))  # fmt: skip
    return head


def _detail_xml(request: Request, make: Maker, row: TunnelRow) -> etree._Element:
    events = [leaf for event in row.events for leaf in make.rows((
        ("sa-tunnel-event-time", _event_time(request, event.at)),
        ("sa-tunnel-event", event.text),
        ("sa-tunnel-event-num-times", event.times),
    ))]  # fmt: skip
    leaves = [make("ipsec-security-associations", make.rows(_sa_leaves(request, row, pair, word, spi)))
              for pair in row.pairs for _sign, word, spi in _directions(pair)]  # fmt: skip
    head = block_head(request, make, row, "up")
    return make("ipsec-security-associations-block", head, make("sa-ipsec-tunnel-events", events), leaves)


def _sa_leaves(
    request: Request, row: TunnelRow, pair: SaPair, word: str, spi: str
) -> tuple[tuple[str, str | int | None], ...]:
    newer = request.iked and request.release >= (23, 2)
    authentication, encryption = _detail_algorithms(request, row)
    return (
        ("sa-direction", word),
        ("sa-spi", spi_text(request, spi)),
        ("sa-aux-spi", 0),
        ("sa-vpn-monitoring-state", row.monitor),
        ("sa-hard-lifetime", f"Expires in {pair.hard} seconds"),
        ("sa-lifesize-remaining", _remaining(row, brief=False)),
        ("sa-soft-lifetime", _soft(pair)),
        ("sa-mode", "Tunnel(0 0)"),
        ("sa-type", "dynamic"),
        ("sa-state", "installed"),
        ("sa-protocol", _protocol(row)),
        ("sa-authentication-algorithm", authentication),
        ("sa-encryption-algorithm", encryption),
        ("sa-anti-replay-service", "counter-based enabled" if row.vpn.replay_window else "disabled"),
        ("sa-replay-window-size", row.vpn.replay_window or 0),
        ("sa-tunnel-establishment", ESTABLISH[row.vpn.establish] if newer else None),
        ("sa-ike-index", row.ike_index if newer else None),
    )


def _soft(pair: SaPair) -> str:
    return f"Expires in {pair.soft} seconds" if pair.soft else "Expired"


def _detail_algorithms(request: Request, row: TunnelRow) -> tuple[str, str]:
    proposal = sure(row.proposal)
    cipher = proposal.encryption or "None"
    encryption = DETAIL_ENCRYPTION.get(cipher, cipher)
    if proposal.authentication is not None:
        return proposal.authentication, encryption
    # iked names the cipher in the place of the hash that GCM does not need.
    return (f"aes{cipher.split('-')[1]}-gcm" if request.iked and cipher.endswith("gcm") else "None"), encryption


def _detail_text(request: Request, row: TunnelRow) -> str:
    lines = [
        f"ID: {row.index} Virtual-system: root, VPN Name: {row.vpn.name}",
        f"  Local Gateway: {row.local}, Remote Gateway: {row.remote}",
    ]
    if row.selector.name:
        lines.append(f"  Traffic Selector Name: {row.selector.name}")
    lines += [
        f"  Local Identity: {_identity(request, row.selector.local)}",
        f"  Remote Identity: {_identity(request, row.selector.remote)}",
        *_head_text(request, row),
        "  Tunnel events:",
        *(f"    {_event_time(request, event.at)}: {event.text} ({event.times} times)" for event in row.events),
    ]
    if request.iked:
        lines += ["  Location: FPC 0, PIC 0", "  Anchorship: Thread 1", "  Distribution-Profile: default-profile"]
    for pair in row.pairs:
        for _sign, word, spi in _directions(pair):
            lines += _sa_text(request, row, pair, word, spi)
    return joined(lines)


def _head_text(request: Request, row: TunnelRow) -> list[str]:
    dscp = "Enabled" if row.vpn.copy_dscp else "Disabled"
    counts = f"Nego#: {row.negotiations}, Fail#: {row.failures}, Def-Del#: {row.deletions} Flag: "
    if not request.iked:
        return [
            f"  Version: IKEv{row.version}",
            f"  DF-bit: {row.vpn.df_bit}, Copy-Outer-DSCP {dscp}, Bind-interface: {row.vpn.bind_interface}",
            f"  Port: {row.port}, {counts}0x600a29 ",
            f"  Multi-sa, Configured SAs# 1, Negotiated SAs#: {len(row.pairs)} ",
        ]
    return [
        f"  TS Type: {'traffic-selector' if row.selector.name else 'proxy-id'}",
        f"  Version: IKEv{row.version}",
        f"  PFS group: {dh_name(row.group)}, Packet Encapsulation: None, Dest port: 0",
        "  Passive mode tunneling: Disabled",
        f"  DF-bit: {row.vpn.df_bit}, Copy-Outer-DSCP: {dscp}, Bind-interface: {row.vpn.bind_interface}, "
        f"Policy-name: {row.vpn.install_policy}",
        f"  Port: {row.port}, {counts}0 ",
    ]


def _sa_text(request: Request, row: TunnelRow, pair: SaPair, word: str, spi: str) -> list[str]:
    authentication, encryption = _detail_algorithms(request, row)
    lines = [
        f"  Direction: {word}, SPI: {spi_text(request, spi)}, AUX-SPI: 0",
        f"                              , VPN Monitoring: {row.monitor}",
        f"    Hard lifetime: Expires in {pair.hard} seconds",
        f"    Lifesize Remaining:  {_remaining(row, brief=False)}",
        f"    Soft lifetime: {_soft(pair)}",
        "    Mode: Tunnel(0 0), Type: dynamic, State: installed",
        f"    Protocol: {_protocol(row)}, Authentication: {authentication}, Encryption: {encryption}",
        f"    Anti-replay service: {'counter-based enabled' if row.vpn.replay_window else 'disabled'}, "
        f"Replay window size: {row.vpn.replay_window or 0}",
    ]
    if request.iked:
        lines += [
            "    Extended-Sequence-Number: Disabled",
            f"    tunnel-establishment: {ESTABLISH[row.vpn.establish]}",
            f"    IKE SA Index: {row.ike_index}",
        ]
    return lines
