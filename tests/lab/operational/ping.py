# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``ping``: echoes through the network, which bring tunnels up."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address

from lxml import etree

from tests.lab.network.results import PingResult
from tests.lab.operational.reply import Maker, OperationalError, Reply, Request, joined

SIZE, COUNT, HEADER = 56, 5, 8
# The ranges of Junos; and what the lab sends at most, since it holds the replies in memory.
COUNTS, SIZES = range(1, 2_000_000_000 + 1), range(65468 + 1)
MOST = 10_000


def ping(request: Request) -> Reply:
    host = request.text("host")
    if host is None:
        raise OperationalError("missing argument", "host")
    try:
        IPv4Address(host)
    except AddressValueError:
        return _failed(request, host, f"cannot resolve {host}: Host name lookup failure")
    interface, source = request.text("interface"), request.text("source")
    if interface is not None and "." not in interface:
        interface = f"{interface}.0"
    if interface is not None and interface not in request.view.interfaces:
        raise OperationalError(f"interface {interface} not found", "interface", kind="application")
    if source is not None and request.view.interface_of(source) is None:
        return _failed(request, host, "bind: Can't assign requested address")
    count, size = _within(request, "count", COUNTS, COUNT), _within(request, "size", SIZES, SIZE)
    if count > MOST:
        raise OperationalError(f"the lab sends {MOST} requests at most, not {count}", "count", kind="application")
    result = request.network.ping(request.host, host, source, interface, count)
    return Reply(_xml(request, result, size), _text(result, size, request.flag("rapid")), wrapped=False)


def _within(request: Request, name: str, values: range, otherwise: int) -> int:
    number = request.number(name)
    if number is None:
        return otherwise
    if number not in values:
        raise OperationalError(f"Value {number} is not within range ({values[0]}..{values[-1]})", name)
    return number


def _failed(request: Request, host: str, reason: str) -> Reply:
    make = Maker(request, "probe-tests")
    return Reply(make("ping-results", make("target-host", host), make("ping-failure", reason)), f"ping: {reason}\n",
                 wrapped=False)  # fmt: skip


def _xml(request: Request, result: PingResult, size: int) -> etree._Element:
    make = Maker(request, "probe-tests")
    root = make("ping-results", make.rows((
        ("target-host", result.target), ("target-ip", result.target), ("packet-size", size),
    )))  # fmt: skip
    for probe in range(result.sent):
        entry = make("probe-result", make("probe-index", probe + 1))
        entry.set("date-determined", str(int(request.now) + probe))
        if probe < result.received:
            entry.append(make("probe-success"))
            entry.extend(make.rows((
                ("sequence-number", probe), ("ip-address", result.target), ("time-to-live", result.ttl),
                ("response-size", size + HEADER), ("rtt", result.rtts[probe]),
            )))  # fmt: skip
        else:
            entry.append(make("probe-failure", "no response"))
        root.append(entry)
    low, mean, high, spread = _summary(result)
    lost = 100 * (result.sent - result.received) // result.sent
    figures = (("rtt-minimum", low), ("rtt-maximum", high), ("rtt-average", mean), ("rtt-stddev", spread))
    root.append(make("probe-results-summary", make.rows((
        ("probes-sent", result.sent), ("responses-received", result.received), ("packet-loss", lost),
        *(figures if result.rtts else ()),
    ))))  # fmt: skip
    root.append(make("ping-success") if result.received else make("ping-failure", "no response"))
    return root


def _summary(result: PingResult) -> tuple[int, int, int, int]:
    """Return minimum, mean, maximum and standard deviation in microseconds."""
    if not result.rtts:
        return 0, 0, 0, 0
    mean = sum(result.rtts) / len(result.rtts)
    spread = (sum((rtt - mean) ** 2 for rtt in result.rtts) / len(result.rtts)) ** 0.5
    return min(result.rtts), round(mean), max(result.rtts), round(spread)


def _text(result: PingResult, size: int, rapid: bool) -> str:
    lines = [f"PING {result.target} ({result.target}): {size} data bytes"]
    if rapid:
        lines.append("!" * result.received + "." * (result.sent - result.received))
    else:
        lines += [
            f"{size + HEADER} bytes from {result.target}: icmp_seq={probe} ttl={result.ttl} time={rtt / 1000:.3f} ms"
            for probe, rtt in enumerate(result.rtts)
        ]
    lost = 100 * (result.sent - result.received) // result.sent
    counts = f"{result.sent} packets transmitted, {result.received} packets received"
    lines += ["", f"--- {result.target} ping statistics ---", f"{counts}, {lost}% packet loss"]
    if result.rtts:
        figures = "/".join(f"{value / 1000:.3f}" for value in _summary(result))
        lines.append(f"round-trip min/avg/max/stddev = {figures} ms")
    return joined(lines)
