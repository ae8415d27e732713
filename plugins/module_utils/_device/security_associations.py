# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read the security associations of a device, and clear chosen ones. Nothing here clears all of them."""

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
# How often the device is asked whether cleared associations are gone, a second apart.
_TURNS = 6


@dataclass(frozen=True)
class Association:
    """One association that is up. In phase 2 it is one direction, and ``index`` is that of its tunnel.

    Indexes, cookies and SPIs make two of them equal, and tell an old one from its successor.
    """

    phase: Phase
    index: int | None
    remote_address: str = field(compare=False)
    vpn: str | None = field(default=None, compare=False)
    gateway: str | None = field(default=None, compare=False)
    cookies: tuple[str, str] = ("", "")
    direction: str = ""
    spi: str = ""

    def request(self, shared: t.Collection[str] = ()) -> str:
        """Return the RPC that clears it: by its peer, or by its index where other peers share the address; by tunnel.

        Peers behind one NAT have one address.
        """
        if self.phase == "ike" and self.remote_address in shared:
            return f"<clear-ike-security-association><index>{self.index}</index></clear-ike-security-association>"
        if self.phase == "ike":
            return (
                f"<clear-ike-security-association><peer-address>{escape(self.remote_address)}</peer-address>"
                "</clear-ike-security-association>"
            )
        return f"<clear-ipsec-security-association><index>{self.index}</index></clear-ipsec-security-association>"


def associations(session: Session) -> list[Association]:
    """Return all associations that are up, phase 1 first. Raise SessionError."""
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
    # Both nodes of a cluster may list the same association.
    return list(dict.fromkeys(found))


def of_tunnels(found: t.Iterable[Association], tunnels: t.Iterable[Tunnel]) -> list[Association]:
    """Return those of the planned tunnels: phase 1 by the gateway, phase 2 by the name of the VPN.

    A gateway with another name may have the address of a planned peer.
    """
    planned = list(tunnels)
    return belonging_to(
        found,
        {one.vpn for one in planned},
        {one.gateway for one in planned},
        {address for one in planned for address in one.peer_addresses},
    )


def belonging_to(
    found: t.Iterable[Association],
    vpns: t.Collection[str],
    gateways: t.Collection[str],
    addresses: t.Collection[str],
) -> list[Association]:
    """Return those of these VPNs, and the phase 1 with these gateways or peers. Brief replies name neither."""

    def belongs(one: Association) -> bool:
        if one.phase == "ike":
            return one.gateway in gateways or one.remote_address in addresses
        return one.vpn in vpns or (one.vpn is None and one.remote_address in addresses)

    return list(filter(belongs, found))


def clear_associations(
    session: Session, old: t.Collection[Association], pause: t.Callable[[float], object]
) -> tuple[list[Association], list[str]]:
    """Clear these associations and no others; return the remaining ones, and the device's refusals.

    Phase 1 first: most of phase 2 ends with it; then the rest. The peer may clear at the same time, and a new
    association may get an old index meanwhile, so every turn begins with a question for the remaining ones. Raise
    SessionError where the session breaks.
    """
    refusals: list[str] = []
    remaining: list[Association] = []
    for turn in range(_TURNS):
        found = associations(session)
        remaining = [one for one in found if one in old]
        if not remaining:
            break
        if turn > 1:
            pause(1.0)
        phase1 = [one for one in remaining if one.phase == "ike"]
        # The text of Junos 9 does not number tunnels.
        named = [one for one in phase1 or remaining if one.phase == "ike" or one.index is not None]
        shared = {one.remote_address for one in found if one.phase == "ike" and one not in old}
        for request in dict.fromkeys(one.request(shared) for one in named):
            try:
                session.rpc(request)
            except ReplyRefused as error:
                # The next turn shows whether the association is gone all the same.
                refusals.append(str(error))
    return remaining, list(dict.fromkeys(refusals))


def _items(session: Session, question: str) -> tuple[t.Any, ...]:
    answer = ask(session, question, {"detail": True})
    if answer.state != "ok":
        raise SessionError(
            f"{session.target.host}: {question}: expected a reply, actual {answer.state}: {answer.reason}", "rejected"
        )
    return answer.items
