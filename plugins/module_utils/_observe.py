# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What to ask a device about its tunnels, and how to give an on-traffic tunnel its first packet."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood, ReplyRefused
from ansible_collections.hubspoke.srx.plugins.module_utils._model import Answer, DevicePlan, Finding, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._parse import parse

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._session import Session

NEXT_HOP_TUNNELS = "show security ipsec next-hop-tunnels"
IKE_SECURITY_ASSOCIATIONS = "show security ike security-associations"
IPSEC_SECURITY_ASSOCIATIONS = "show security ipsec security-associations"
ROUTE = "show route"


def _request(name: str, arguments: str) -> str:
    return f"<{name}>{arguments}</{name}>"


# The reply to next-hop-tunnels is asked for as text: its XML elements are published nowhere.
REQUESTS: dict[str, str] = {
    NEXT_HOP_TUNNELS: '<get-ipsec-next-hop-tunnel-information format="text"/>',
    IKE_SECURITY_ASSOCIATIONS: _request("get-ike-security-associations-information", "<detail/>"),
    IPSEC_SECURITY_ASSOCIATIONS: _request("get-security-associations-information", "<detail/>"),
    ROUTE: _request("get-route-information", "<table>inet.0</table><protocol>static</protocol>"),
}


def ask(session: Session, command: str) -> Answer[t.Any]:
    """Put one question; a refusal or an unknown layout is an answer too, told apart from an empty one."""
    try:
        parsed = parse(command, session.rpc(REQUESTS[command]))
    except ReplyRefused as error:
        return Answer("refused", reason=str(error))
    except ReplyNotUnderstood as error:
        return Answer("not_understood", reason=str(error))
    return Answer("ok", parsed.items, parsed.source)


def observe(session: Session, plan: DevicePlan) -> Observation:
    """One sample of everything that verification judges. Raises SessionError where the session breaks."""
    return Observation(
        plan.host,
        next_hop_tunnels=ask(session, NEXT_HOP_TUNNELS),
        ike=ask(session, IKE_SECURITY_ASSOCIATIONS),
        ipsec=ask(session, IPSEC_SECURITY_ASSOCIATIONS),
        routes=ask(session, ROUTE),
    )


def wake(session: Session, plan: DevicePlan, found: t.Iterable[Finding]) -> None:
    """Send one ping into every on-traffic tunnel that is not up, from the end that can start the negotiation.

    A hub cannot start one towards a Junos spoke without a static binding: its route there is not active yet.
    """
    down = {finding.tunnel for finding in found if finding.state != "ok"}
    for tunnel in plan.tunnels:
        on_traffic = tunnel.establish in (None, "on-traffic")
        can_start = not plan.multipoint or tunnel.static_binding
        if on_traffic and can_start and tunnel.vpn in down:
            try:
                session.rpc(f"<ping><host>{tunnel.next_hop}</host><count>1</count><wait>1</wait></ping>")
            except ReplyRefused:
                # The first packet may itself be lost: verification judges the tunnel, not the ping.
                continue
