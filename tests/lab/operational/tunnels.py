# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``show security ipsec`` next-hop-tunnels, statistics, inactive-tunnels and tunnel-events-statistics."""

from __future__ import annotations

from lxml import etree

from tests.lab.network.associations import NOTHING
from tests.lab.operational.ipsec import block_head, picked
from tests.lab.operational.reply import Maker, OperationalError, Reply, Request, joined, moment

# Element of the reply and label of the text, in their order.
ERRORS = (
    ("ah-authentication-failures", "AH authentication failures"),
    ("replay-errors", "Replay errors"),
    ("esp-authentication-failures", "ESP authentication failures"),
    ("esp-decryption-failures", "ESP decryption failures"),
    ("bad-headers", "Bad headers"),
    ("bad-trailers", "Bad trailers"),
)
# Documented for newer releases, recorded from iked.
NEWER_ERRORS = (
    ("invalid-spi-errors", "Invalid SPI"),
    ("ts-check-fail-errors", "TS check fail"),
    ("exceeds-tunnel-mtu", "Exceeds tunnel MTU"),
    ("discard-errors", "Discarded"),
)


def next_hop_tunnels(request: Request) -> Reply:
    """Show the table, as text in both formats: no public source has its XML elements, and the lab invents none."""
    rows = request.network.next_hop_tunnels(request.host)
    interface = request.text("interface-name")
    if interface is not None:
        rows = [row for row in rows if row.interface == interface]
    index = request.number("show-index-ipsec-security-association", "index")
    if index is not None:
        vpns = {row.vpn.name for row in request.network.tunnel_rows(request.host) if row.index == index}
        rows = [row for row in rows if row.vpn in vpns]
    lines = ["Next-hop gateway  interface   IPsec VPN name                    Flag"] if rows else []
    lines += [f"{row.next_hop:<17} {row.interface:<11} {row.vpn:<33} {row.flag}" for row in rows]
    text = joined(lines)
    return Reply(Maker(request)("output", f"\n{text}"), text, padded=False)


def statistics(request: Request) -> Reply:
    index = request.number("show-index-ipsec-statistics", "index")
    rows = [row for row in request.network.tunnel_rows(request.host) if index in (None, row.index)]
    if index is not None and not rows:
        raise OperationalError(f"No IPsec tunnel with index {index}", kind="application")
    total = NOTHING
    for row in rows:
        total += row.counters
    esp = (
        ("esp-encrypted-bytes", "Encrypted bytes", total.encrypted_bytes),
        ("esp-decrypted-bytes", "Decrypted bytes", total.decrypted_bytes),
        ("esp-encrypted-packets", "Encrypted packets", total.encrypted_packets),
        ("esp-decrypted-packets", "Decrypted packets", total.decrypted_packets),
    )
    ah = (("ah-input-bytes", "Input bytes", 0), ("ah-output-bytes", "Output bytes", 0),
          ("ah-input-packets", "Input packets", 0), ("ah-output-packets", "Output packets", 0))  # fmt: skip
    known = ERRORS + (NEWER_ERRORS if request.iked else ())
    make = Maker(request)
    xml = make(
        "usp-ipsec-total-statistics-information",
        make("esp-statistics", make.rows((name, value) for name, _label, value in esp)),
        make("ah-statistics", make.rows((name, value) for name, _label, value in ah)),
        # No packet of the lab is ever damaged.
        make("error-statistics", make.rows((name, 0) for name, _label in known)),
    )
    lines = ["ESP Statistics:", *(f"  {label + ':':<19}{value:>15}" for _name, label, value in esp)]
    lines += ["AH Statistics:", *(f"  {label + ':':<19}{value:>15}" for _name, label, value in ah), "Errors:"]
    shown = [f"{label}: 0" for _name, label in known]
    lines += [f"  {', '.join(shown[at : at + 2])}" for at in range(0, 8 if request.iked else 6, 2)]
    lines += [f"  {text}" for text in shown[8:]]
    return Reply(xml, joined(lines))


def inactive(request: Request) -> Reply:
    rows = picked(request, up=False)
    immediate = sum(row.vpn.establish == "immediately" for row in rows)
    make = Maker(request)
    totals = make.rows((("total-inactive-tunnels", len(rows)),
                        ("total-inactive-tunnels-with-establish-immediately", immediate)))  # fmt: skip
    detail = request.flag("detail")
    blocks: list[etree._Element] = []
    for row in rows:
        text, _sep, times = row.reason.rpartition(" (")
        leaves = make("ipsec-security-associations", make.rows((
            ("sa-tunnel-index", row.index),
            ("sa-port", 500),
            ("sa-remote-gateway", row.remote),
            ("sa-pending-sas", row.pending),
            ("sa-tunnel-event", text),
            ("sa-tunnel-event-num-times", times.split(" ")[0]),
            ("sa-tunnel-event-time", f"{moment(row.events[0].at):%a %b %d %Y %H:%M:%S} +0000"),
        )))  # fmt: skip
        head = block_head(request, make, row, "down") if detail else []
        blocks.append(make("ipsec-security-associations-block", head, leaves))
    lines = [f"  Total inactive tunnels: {len(rows)}",
             f"  Total inactive tunnels with establish immediately: {immediate}"]  # fmt: skip
    if rows:
        lines.append("  ID           Port   Gateway          Pending SAs   Tunnel Down Reason")
    lines += [f"  {row.index:<12} {500:<6} {row.remote:<16} {row.pending:<13} {row.reason}" for row in rows]
    return Reply(make("ipsec-unestablished-tunnel-information", totals, blocks), joined(lines))


def tunnel_events(request: Request) -> Reply:
    """Show the number of each tunnel event, as text in both formats: the reply's XML elements are not public."""
    counts: dict[str, int] = {}
    for row in request.network.tunnel_rows(request.host):
        for event in row.events:
            counts[event.text] = counts.get(event.text, 0) + event.times
    text = "".join(f"{name:<76}: {count}\n" for name, count in counts.items())
    return Reply(Maker(request)("output", f"\n{text}"), text, padded=False)
