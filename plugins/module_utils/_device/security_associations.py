# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The security associations that a device has, and how chosen ones are ended. Nothing here clears all of them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import (
    IKE_SECURITY_ASSOCIATIONS,
    IPSEC_SECURITY_ASSOCIATIONS,
    ask,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyRefused, SessionError

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session
    from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Tunnel

Phase = t.Literal["ike", "ipsec"]
# How often associations that are to go are asked after, a second apart.
_TURNS = 6


@dataclass(frozen=True)
class Association:
    """One that is up; in phase 2, where ``index`` is the tunnel's, one direction of it.

    Two are the same by their numbers, cookies and SPIs, which tell an old one from what has come in its place.
    """

    phase: Phase
    index: int | None
    remote_address: str = field(compare=False)
    vpn: str | None = field(default=None, compare=False)
    gateway: str | None = field(default=None, compare=False)
    cookies: tuple[str, str] = ("", "")
    direction: str = ""
    spi: str = ""

    @property
    def request(self) -> str:
        """What ends it, by its peer or by its tunnel."""
        if self.phase == "ike":
            return (
                f"<clear-ike-security-association><peer-address>{escape(self.remote_address)}</peer-address>"
                "</clear-ike-security-association>"
            )
        return f"<clear-ipsec-security-association><index>{self.index}</index></clear-ipsec-security-association>"


def associations(session: Session) -> list[Association]:
    """All that are up, phase 1 first. Raises SessionError where the device does not answer as it should."""
    ike = _items(session, IKE_SECURITY_ASSOCIATIONS)
    ipsec = _items(session, IPSEC_SECURITY_ASSOCIATIONS)
    found = [
        Association(
            "ike", sa.index, sa.remote_address, gateway=sa.gateway, cookies=(sa.initiator_cookie, sa.responder_cookie)
        )
        for sa in ike
        if sa.state.upper() == "UP"
    ]
    found += [
        Association("ipsec", entry.tunnel_index, entry.remote_gateway, entry.vpn, direction=sa.direction, spi=sa.spi)
        for entry in ipsec
        for sa in entry.security_associations
    ]
    # Both nodes of a cluster may name the same one.
    return list(dict.fromkeys(found))


def of_tunnels(found: t.Iterable[Association], tunnels: t.Iterable[Tunnel]) -> list[Association]:
    """Those of the planned tunnels: phase 1 by the peer's address, phase 2 by the name of the VPN."""
    there = list(tunnels)
    peers, vpns = {one.peer_address for one in there}, {one.vpn for one in there}
    return [one for one in found if (one.remote_address in peers if one.phase == "ike" else one.vpn in vpns)]


def end(
    session: Session, old: t.Collection[Association], pause: t.Callable[[float], object]
) -> tuple[list[Association], list[str]]:
    """End these associations and no others; answers those that have stayed, and what the device said to that.

    Phase 1 first, with which the others mostly go; then what is left. The peer may be clearing at the same time, and a
    new association may stand under an old number meanwhile: so the device is asked before each turn what is left.
    Raises SessionError where the session breaks.
    """
    said: list[str] = []
    left: list[Association] = []
    for turn in range(_TURNS):
        left = [one for one in associations(session) if one in old]
        if not left:
            break
        if turn > 1:
            pause(1.0)
        phase1 = [one for one in left if one.phase == "ike"]
        # The text of Junos 9 does not number tunnels.
        named = [one for one in phase1 or left if one.phase == "ike" or one.index is not None]
        for request in dict.fromkeys(one.request for one in named):
            try:
                session.rpc(request)
            except ReplyRefused as error:
                # Whether it is gone all the same is asked next.
                said.append(str(error))
    return left, list(dict.fromkeys(said))


def _items(session: Session, question: str) -> tuple[t.Any, ...]:
    answer = ask(session, question, {"detail": True})
    if answer.state != "ok":
        raise SessionError(
            f"{session.target.host}: {question}: expected a reply, actual {answer.state}: {answer.reason}", "rejected"
        )
    return answer.items
