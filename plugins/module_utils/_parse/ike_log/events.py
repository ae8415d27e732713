# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show log kmd``, ``show log iked``, ``show log messages``: the messages of the IKE daemons as events."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import LogEvent
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Rows
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.entries import (
    Entry,
    entries,
    foreign,
    shared,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.table import (
    TELLING,
    Form,
    cause_of,
    remedy_for,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.values import Values, tidy, values
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.when import date_time

UNRECOGNISED = "unrecognised"
# Names of the counts of a log.
OTHER_LINES = "lines of other processes, not shown"
UNKNOWN_LINES = "lines not recognised"

_NAT_T_PORT = 4500
# The causes that another line of the same failure may state more closely.
_GENERAL = ("no_proposal", "authentication_failed")
_FAILURES = ("phase1_failed", "phase2_failed", "negotiation_failed", "packet")
# A name or an address that is not a part of a longer one.
_WORD = r"(?<![\w.-])(?<![\da-fA-F]:){}(?![\w-]|\.\w)"
_ADDRESS = re.compile(
    r"(?<![\w.-])(?<![\da-fA-F]:)\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\w)"
    r"|(?<![\w.:-])[\da-fA-F]{0,4}(?::[\da-fA-F]{0,4}){2,8}(?![\w:-])"
)
# The name of a message of kmd or iked.
_OWN_NAME = re.compile(r"(?:KMD|IKED?)_[A-Z0-9_]+\b")
_Key = tuple[str, str, bool]
# kmd prints a code after the reason: No proposal chosen (14).
_CODE = re.compile(r"\s*\(\d+\)$")


def events(lines: t.Iterable[str], node: str | None = None) -> Rows:
    """Return the events of a log file in its order, unrecognised lines included. Raise nothing.

    The counts have the lines of other processes, which are no events, and the unrecognised lines.
    """
    found = entries(lines)
    mixed = shared(found)
    kept: list[LogEvent] = []
    others = 0
    for entry in found:
        known = entry.known
        if foreign(entry) and not (known and known[0].kind == "daemon"):
            others += 1
        elif known:
            kept.append(_event(entry, *known, node))
        elif mixed and entry.process is None and not _OWN_NAME.match(entry.text):
            # The kernel and cards write without a process number.
            others += 1
        else:
            kept.append(_base(entry, node, kind=UNRECOGNISED))
    unknown = sum(event.kind == UNRECOGNISED for event in kept)
    counts = {OTHER_LINES: others, UNKNOWN_LINES: unknown}
    return Rows(_explained(kept), counts={name: lines for name, lines in counts.items() if lines})


def _base(entry: Entry, node: str | None, **fields: t.Any) -> LogEvent:
    return LogEvent(
        line=entry.line,
        time=entry.time,
        date_time=date_time(entry.time),
        host=entry.host,
        process=entry.process,
        node=node,
        **fields,
    )


def _event(entry: Entry, form: Form, found: t.Mapping[str, str], node: str | None) -> LogEvent:
    fields: Values = {}
    for name, value in found.items():
        if (tidied := tidy(name, value)) is not None:
            fields[name] = tidied
    fields = values(entry.text) | fields
    if "reason" in fields:
        fields["reason"] = _CODE.sub("", fields["reason"])
    cause = form.cause or _cause(form.kind, fields.get("reason", ""), form.phase)
    ports = {fields.get("local_port"), fields.get("remote_port")} - {None}
    return _base(
        entry,
        node,
        kind=form.kind,
        phase=form.phase,
        cause=cause or None,
        remedy=remedy_for(cause, form.phase, fields.get("role")) or None,
        nat_t=_NAT_T_PORT in ports if ports else None,
        **fields,
    )


def _cause(kind: str, reason: str, phase: int | None) -> str:
    """Return the cause of a failure, empty for an event that is none.

    Not every packet in a log reports a failure, and a tunnel may go down without one.
    """
    if kind not in (*_FAILURES, "vpn_down"):
        return ""
    cause = cause_of(reason, phase)
    return "" if cause == "other" and kind not in ("phase1_failed", "phase2_failed", "negotiation_failed") else cause


def _explained(found: list[LogEvent]) -> list[LogEvent]:
    """Give failures with a general reason the cause that another line of the same moment states.

    Junos gives ``No proposal chosen`` also to a peer that it does not recognise, and for a proxy identity that it does
    not accept; with IKEv2 ``Authentication failed`` is the answer to an unknown identity too (RFC 7296, 2.21.2).
    """
    moments: dict[tuple[str | None, str | None], _Moment] = {}
    for event in found:
        if event.kind in (*_FAILURES, "selector_mismatch") and event.cause in TELLING:
            moments.setdefault((event.node, event.time), _Moment()).add(event)
    return [_explain(event, moments.get((event.node, event.time))) for event in found]


class _Moment:
    """The failures of one second by their peer: many peers may fail at once, so each is found by its name."""

    def __init__(self) -> None:
        # For each key the event that tells most, by phase.
        self._best: dict[_Key, dict[int | None, LogEvent]] = {}

    def add(self, event: LogEvent) -> None:
        """Add a failure."""
        if event.remote_address:
            self._put(("address", event.remote_address, event.vpn is not None), event)
        else:
            for address in _addresses(event.line):
                self._put(("mention", address, event.vpn is not None), event)
        if event.vpn:
            self._put(("vpn", event.vpn, event.remote_address is not None), event)

    def _put(self, key: _Key, event: LogEvent) -> None:
        of_phase = self._best.setdefault(key, {})
        known = of_phase.get(event.phase)
        if known is None or _rank(event) < _rank(known):
            of_phase[event.phase] = event

    def of_peer(self, event: LogEvent) -> list[LogEvent]:
        """Return the failures of an event's peer that tell most: by address, else by VPN, else by a mention of it."""
        keys: list[_Key] = []
        if event.remote_address:
            keys += [("address", event.remote_address, named) for named in (True, False)]
            keys += [("mention", event.remote_address, named) for named in (True, False) if not (named and event.vpn)]
        else:
            keys += [
                ("address", address, named)
                for address in _addresses(event.line)
                for named in (True, False)
                if not (named and event.vpn)
            ]
        if event.vpn:
            keys += [("vpn", event.vpn, known) for known in (True, False) if not (known and event.remote_address)]
        return [other for key in keys for other in self._best.get(key, {}).values()]


def _rank(event: LogEvent) -> tuple[int, bool]:
    return TELLING.index(event.cause or ""), event.phase is None


def _addresses(line: str) -> t.Iterator[str]:
    """Yield every address in an entry, with and without the number behind it, which may be a port."""
    for found in _ADDRESS.finditer(line):
        yield found.group(0)
        if "." not in found.group(0):
            yield found.group(0).rpartition(":")[0]


def _explain(event: LogEvent, moment: _Moment | None) -> LogEvent:
    if event.cause not in _GENERAL or event.time is None or moment is None:
        return event
    same = [other for other in moment.of_peer(event) if event.phase is None or other.phase == event.phase]
    best = min([event, *same], key=_rank)
    phase = event.phase if event.phase is not None else best.phase
    cause = best.cause or event.cause
    return replace(event, cause=cause, phase=phase, remedy=remedy_for(cause, phase, event.role))


def names(event: LogEvent, word: str | None) -> bool:
    """Return whether an entry contains a name or an address as a whole word: 3.3.3.2 is not in 3.3.3.20."""
    return bool(word and re.search(_WORD.format(re.escape(word)), event.line))


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    return events(lines, node)


def _xml(root: Element, node: str | None) -> Rows:
    return events("".join(root.all_text()).split("\n"), node)


COMMAND = Command(
    rpc="get-log",
    roots=("file-content",),
    xml=_xml,
    text=_text,
    silent_text=True,
    silent_xml=True,
    prose=True,
)
