# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What the responder's log says of a peer, as evidence beside the comparison of the configurations."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._compare import ike
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyRefused
from ansible_collections.hubspoke.srx.plugins.module_utils._secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import Case, End

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._session import Session

_LONGEST = 240


def key_daemon_log(session: Session) -> tuple[str, ...]:
    """The lines of the key daemon's log as they are, the newest last; none where the device has no such file.

    kmd and iked write files of their own names, and their syslog messages stand in C(messages) without any tracing.
    """
    for name in ("kmd", "iked", "messages"):
        try:
            reply = session.rpc(f"<get-log><filename>{name}</filename></get-log>")
        except ReplyRefused:
            continue
        if lines := "".join(ET.fromstring(reply).itertext()).splitlines():
            return tuple(lines)
    return ()


def newest_about(lines: t.Sequence[str], end: End) -> str:
    """The newest of a log's lines that names the peer, the gateway or the VPN of an end; empty where none does."""
    names = (end.tunnel.peer_address, end.tunnel.vpn, end.tunnel.gateway)
    for line in reversed(lines):
        if any(_named(name, line) for name in names):
            return mask(" ".join(line.split()))[:_LONGEST]
    return ""


def responder(case: Case) -> End:
    """The end that answers: by its role where phase 1 is up, else the one that does not start by itself.

    Its log tells more (the document's advice: the initiator only hears that it was refused).
    """
    for end in case.readable:
        for association in ike.of_tunnel(end.tunnel, end.observation.ike.items):
            role = (association.role or "").lower()
            if association.state == "UP" and role in ("initiator", "responder"):
                return end if role == "responder" else case.other(end)
    immediate = {end.host: end.tunnel.establish not in (None, "on-traffic") for end in case.ends}
    if immediate[case.hub.host] and not immediate[case.spoke.host]:
        return case.spoke
    return case.hub


def evidence(case: Case) -> tuple[str, str]:
    """The host whose log was read, and its newest line about the peer: the responder's first, then the other's."""
    first = responder(case)
    for end in (first, case.other(first)):
        if line := newest_about(end.log, end):
            return end.host, line
    return first.host, ""


def _named(name: str, line: str) -> bool:
    before, found, after = line.partition(name)
    # 3.3.3.2 is not in 3.3.3.20.
    return bool(found) and not before[-1:].isalnum() and not (after[:1].isalnum() or after[:1] in ("-", "_"))
