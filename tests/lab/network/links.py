# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which VPN is at the other end of a VPN, and the st0 addresses that Junos peers tell each other."""

from __future__ import annotations

import typing as t

from tests.lab.network.associations import Pair, TunnelKey
from tests.lab.network.fabric import End, Fabric
from tests.lab.network.peering import Attempt


class Tunnels(t.Protocol):
    """The part of the tunnels that links follow from."""

    fabric: Fabric
    attempts: dict[End, Attempt]
    pairs: dict[TunnelKey, Pair]


class Links:
    """The links between VPNs. A pair that is up decides, then the configurations of today."""

    def __init__(self, tunnels: Tunnels) -> None:
        self._tunnels = tunnels
        self._is_old = True
        self._peers: dict[End, End] = {}
        self._advertised: dict[tuple[str, str], dict[str, list[str]]] = {}

    def discard(self) -> None:
        """Compute the links anew at the next question: configurations or pairs have changed."""
        self._is_old = True

    def peer_of(self, end: End) -> End | None:
        self._refresh()
        return self._peers.get(end)

    def advertised(self, host: str, interface: str) -> t.Mapping[str, list[str]]:
        """Return the next hops that the peers of a unit have told, or would tell, with their VPNs."""
        self._refresh()
        return self._advertised.get((host, interface), {})

    def told_by(self, pair: Pair) -> tuple[str | None, str | None]:
        """Return the st0 addresses that the two ends tell each other in a negotiation now, the initiator's first."""
        return self._address_of(pair.initiator), self._address_of(pair.responder)

    def _address_of(self, end: End) -> str | None:
        """Return the st0 address that an end tells its peer: only Junos does."""
        view = self._tunnels.fabric.views[end[0]]
        vpn = view.vpns.get(end[1])
        if view.kind != "junos" or vpn is None:
            return None
        interface = view.interfaces.get(vpn.bind_interface or "")
        return None if interface is None else interface.ip

    def _refresh(self) -> None:
        if not self._is_old:
            return
        self._is_old = False
        self._peers, self._advertised = {}, {}
        for end, found in self._tunnels.attempts.items():
            if found.peer is not None and found.failure is None:
                self._peers[end] = found.peer
                self._peers.setdefault(found.peer, end)
        told: dict[End, str | None] = {}
        for pair in self._tunnels.pairs.values():
            self._peers |= {pair.initiator: pair.responder, pair.responder: pair.initiator}
            told |= {pair.initiator: pair.advertised[0], pair.responder: pair.advertised[1]}
        for end, peer in self._peers.items():
            address = told[peer] if peer in told else self._address_of(peer)
            if address is not None:
                bound = self._tunnels.fabric.vpn(end).bind_interface or ""
                self._advertised.setdefault((end[0], bound), {}).setdefault(address, []).append(end[1])
