# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``ping``: one run, complete, interrupted, or without statistics."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyRefused
from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Ping
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Doubt,
    Rows,
    excerpt,
    fail,
    number,
)

_START = re.compile(r"PING6? (\S+) \((\S+)\): \d+ data bytes|PING6\([^)]*bytes\)[^>]* --> (\S+)")
_REPLY = re.compile(r"\d+ bytes from \S+ (?:icmp_seq|hlim)=[\w= ]*time=[\d.]+ ms(?: \(DUP!\))?")
_TOTALS = re.compile(r"(\d+) packets transmitted, (\d+) packets received,(?: \+\d+ \w+,)? ([\d.]+)% packet loss")
_TIMES = re.compile(r"round-trip min/avg/max/(?:stddev|std-dev) = ([\d.]+)/([\d.]+)/([\d.]+)/([\d.]+) ms")
_RAPID = re.compile(r"[!.]+")
_REASON = re.compile(r"(?:ping6?: (.*)|\d+ bytes from \S+ (\S.*))")
_TITLE = re.compile(r"--- \S+ ping6? statistics ---")
_MICROSECONDS = 1000  # in a millisecond, the unit of the text reply; the XML reply has microseconds


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    start = _START.fullmatch(lines[0].strip())
    if start is None:
        if (reason := _REASON.fullmatch(lines[0].strip())) and reason.group(1):
            raise ReplyRefused(excerpt(reason.group(1), quoted=False))
        fail("the heading of a ping", lines[0])
    replies = 0
    totals: re.Match[str] | None = None
    times: re.Match[str] | None = None
    failure_words: str | None = None
    for line in (line.strip() for line in lines[1:]):
        if _REPLY.fullmatch(line):
            replies += 1
        elif _RAPID.fullmatch(line):
            replies += line.count("!")
        elif (found := _TOTALS.fullmatch(line)) and totals is None:
            totals = found
        elif (found := _TIMES.fullmatch(line)) and times is None:
            times = found
        elif found := _REASON.fullmatch(line):
            failure_words = excerpt(found.group(1) or found.group(2), quoted=False)
        elif not _TITLE.fullmatch(line):
            fail("a line of ping", line)
    ping = Ping(
        target=start.group(1) or start.group(3),
        target_ip=start.group(2) or start.group(3),
        replies=replies,
        sent=number(totals.group(1), "packets transmitted") if totals else None,
        received=number(totals.group(2), "packets received") if totals else None,
        loss_percent=round(float(totals.group(3))) if totals else None,
        rtt_minimum=_microseconds(times, 1),
        rtt_average=_microseconds(times, 2),
        rtt_maximum=_microseconds(times, 3),
        rtt_stddev=_microseconds(times, 4),
        failure=failure_words,
        node=node,
    )
    return Rows([ping], [] if totals else ["the run printed no statistics: sent and received are unknown"])


def _microseconds(times: re.Match[str] | None, group: int) -> int | None:
    if times is None:
        return None
    whole, _point, fraction = times.group(group).partition(".")
    return number(whole or "0", "time") * _MICROSECONDS + number(f"{fraction}000"[:3], "time")


def _xml(root: Element, node: str | None) -> Rows:
    summary = root.child("probe-results-summary")
    success, failure = root.child("ping-success"), root.child("ping-failure")
    if success and failure:
        fail("success or failure", "both")
    probes = root.children("probe-result")
    ping = Ping(
        target=root.needed("target-host"),
        target_ip=root.text("target-ip"),
        replies=sum(probe.child("probe-success") is not None for probe in probes),
        failure=None if failure is None else failure.own_text or "no response",
        node=node,
        **(_summary(summary) if summary else {}),
    )
    notes = [] if summary else ["the run has no summary: sent and received are unknown"]
    if probes and ping.sent not in (None, len(probes)):
        notes.append(f"the summary counts {ping.sent} packets, the run shows {len(probes)}")
    if not success and not failure:
        notes.append(Doubt("the run reports neither success nor failure"))
    return Rows([ping], notes)


def _summary(summary: Element) -> dict[str, t.Any]:
    return {
        "sent": summary.number("probes-sent"),
        "received": summary.number("responses-received"),
        "loss_percent": summary.number("packet-loss"),
        "rtt_minimum": summary.number("rtt-minimum"),
        "rtt_average": summary.number("rtt-average"),
        "rtt_maximum": summary.number("rtt-maximum"),
        "rtt_stddev": summary.number("rtt-stddev"),
    }


COMMAND = Command(
    rpc="ping",
    roots=("ping-results",),
    xml=_xml,
    text=_text,
    unused=frozenset(
        (
            "source", "packet-size", "date-determined", "probe-index", "sequence-number", "ip-address", "host-name",
            "time-to-live", "response-size", "rtt", "ingress-interface", "probe-reached", "probe-duplicate",
            "probe-failure", "icmp-type", "icmp-code", "ip-options", "response-duplicates",
            "response-unexpected-sequence",
        )
    ),
)  # fmt: skip
