# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The events of a tunnel, in text and in XML."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import TunnelEvent
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import fail, number

# iked marks the first and the last of several events that recur together.
_LINE = re.compile(r"(\S.*) \(([0-9]{1,9}) times?\)(?: <- \[repeated sequence (START|END)\])?")
_MARK = re.compile(r"(?:<- )?\[?repeated sequence (START|END)\]?")
_CLOCK = re.compile(r"\d\d:\d\d:\d\d")

# A container has one event, or all in sequence, each after the time of it. From 24.4 on a list may be around them.
_CONTAINERS = ("sa-ipsec-tunnel-events", "sa-ipsec-tunnel-event", "sa-ipsec-tunnel-event-list")
_TIME = "sa-tunnel-event-time"
_TEXTS = ("sa-tunnel-event", "sa-tunnel-event-description")
_TIMES = "sa-tunnel-event-num-times"
_SEQUENCE = "sa-tunnel-event-repeat-seq-description"


def line_event(line: str) -> TunnelEvent | None:
    """Return the event of a line, as in ``Wed Oct 14 2026 10:00:00: IPSec SA negotiation succeeds (1 times)``."""
    found = _LINE.fullmatch(line)
    clock = _CLOCK.search(found[1], 1) if found else None
    if not found or not clock:
        return None
    colon = found[1].find(": ", clock.end())
    text = found[1][colon + 2 :]
    return TunnelEvent(found[1][:colon], text, int(found[2]), found[3]) if colon > 0 and text else None


def element_events(element: Element) -> tuple[TunnelEvent, ...]:
    """Return the events in an element. Raise ReplyNotUnderstood."""
    events: list[TunnelEvent] = []
    when = ""
    told: set[str] = set()
    for field in element.children(*_CONTAINERS, _TIME, *_TEXTS, _TIMES, _SEQUENCE):
        if field.tag in _CONTAINERS:
            events += element_events(field)
        elif field.tag in _TEXTS:
            events.append(TunnelEvent(when, field.own_text, 1))
            when, told = "", set()
        elif field.tag in told or (field.tag == _TIME and when) or not (events or field.tag == _TIME):
            fail(f"one <{field.tag}> for an event", field.own_text)
        elif field.tag == _TIME and (not events or events[-1].time):
            when = field.own_text
        else:
            told.add(field.tag)
            events[-1] = _completed(events[-1], field)
    if when:
        fail("an event after the time of it", when)
    return tuple(events)


def _completed(event: TunnelEvent, field: Element) -> TunnelEvent:
    if field.tag == _TIME:
        return replace(event, time=field.own_text)
    if field.tag == _TIMES:
        return replace(event, count=number(field.own_text, _TIMES))
    return replace(event, sequence=_sequence(field.own_text))


def _sequence(words: str) -> str | None:
    found = _MARK.fullmatch(words)
    if words and not found:
        fail("the start or the end of a repeated sequence", words)
    return found.group(1) if found else None


def in_words(events: t.Iterable[TunnelEvent]) -> str:
    """Return the texts of events in one line."""
    return "; ".join(event.text for event in events)
