# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The log of the key daemon as evidence, in addition to the comparison of the configurations."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import LOG, request
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood, ReplyRefused
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import LogEvent
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.events import names
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.table import TELLING, cause_of
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import Case, End
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import ike

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

_LONGEST = 240
_FAILURES = ("phase1_failed", "phase2_failed", "negotiation_failed", "selector_mismatch", "dpd_dead", "vpn_down")
# Events after which earlier failures no longer count.
_SUCCESS = ("vpn_up", "negotiation_up", "phase2_up")
_PHASES = {"phase1": 1, "phase2": 2}


def key_daemon_log(session: Session) -> tuple[LogEvent, ...]:
    """Return the events of the key daemon, the newest last; none where the device has no such file.

    The daemons kmd and iked write files of their names. Without tracing, their syslog messages are in ``messages``.
    """
    for name in ("kmd", "iked", "messages"):
        try:
            events = parse(LOG, session.rpc(request(LOG, {"filename": name}))).items
        except (ReplyRefused, ReplyNotUnderstood):
            continue
        if any(event.kind != "daemon" for event in events):
            return events
    return ()


def newest_failure(log: t.Sequence[LogEvent], end: End) -> LogEvent | None:
    """Return the newest failure of an end's tunnel since the tunnel was last up.

    One failure writes several lines within a second: return the most specific one. A line about a packet says less than
    one of the daemon, and counts only without the latter.
    """
    failures: list[LogEvent] = []
    packets: list[LogEvent] = []
    for event in reversed(log):
        if _about(event, end):
            if event.kind in _SUCCESS:
                break
            if event.kind in _FAILURES:
                failures.append(event)
            elif event.cause:
                packets.append(event)
    found = failures or packets
    last = [event for event in found if event.time == found[0].time]
    return max(last, key=lambda event: _weight(event, end), default=None)


def _weight(event: LogEvent, end: End) -> tuple[bool, bool, bool, bool, bool]:
    """Return how specific a failure is.

    It has a cause at the peers, any cause, in its own line, the name of the VPN, or what the peer proposes.
    """
    cause = event.cause or "other"
    own = cause_of(event.reason or "", event.phase) == cause
    return cause in TELLING, cause != "other", own, event.vpn == end.tunnel.vpn, event.remote_proxy is not None


def newest_about(log: t.Sequence[LogEvent], end: End) -> LogEvent | None:
    """Return the newest event about an end's tunnel, of any kind."""
    return next((event for event in reversed(log) if _about(event, end)), None)


def responder(case: Case) -> End:
    """Return the responder: by its role where phase 1 is up, else the end that does not start the negotiation.

    Its log says more, since the initiator only learns that it was refused (advice of Juniper's document).
    """
    for end in case.readable:
        for association in ike.of_tunnel(end.tunnel, end.observation.ike):
            role = (association.role or "").lower()
            if association.state == "UP" and role in ("initiator", "responder"):
                return end if role == "responder" else case.other(end)
    immediate = {end.host: end.establish not in (None, "on-traffic") for end in case.ends}
    if immediate[case.hub.host] and not immediate[case.spoke.host]:
        return case.spoke
    return case.hub


def evidence(case: Case) -> tuple[str, LogEvent | None]:
    """Return a host and an event of its log: a failure in the responder's log, then in the other's, then any event."""
    first = responder(case)
    for newest in (newest_failure, newest_about):
        for end in (first, case.other(first)):
            if event := newest(end.log, end):
                return end.host, event
    return first.host, None


def line(event: LogEvent) -> str:
    """Return the line of an event, cut to the length that a report shows."""
    return event.line[:_LONGEST]


def advice(case: Case, name: str) -> str:
    """Return the cause of a step's failure in the log, and its remedy, as a sentence; empty without a known cause."""
    host, event = evidence(case)
    if event is None or event.cause in (None, "other") or event.phase not in (None, _PHASES[name]):
        return ""
    return f" The log of {host} says '{event.reason}'. {event.remedy}"


def _about(event: LogEvent, end: End) -> bool:
    tunnel = end.tunnel
    if event.vpn is not None:
        return event.vpn == tunnel.vpn
    if event.gateway is not None:
        return event.gateway == tunnel.gateway
    if event.remote_address is not None:
        return event.remote_address in end.peer_addresses
    identity = () if tunnel.remote_identity is None else (tunnel.remote_identity.value,)
    return any(names(event, word) for word in (*end.peer_addresses, *identity, tunnel.vpn, tunnel.gateway))
