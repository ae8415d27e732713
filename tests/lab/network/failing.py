# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failed negotiations: the state that both ends keep of one, and the lines in their logs."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from tests.lab.network import messages
from tests.lab.network.associations import Pair, TunnelKey, TunnelState
from tests.lab.network.daemon import Daemon
from tests.lab.network.fabric import Fabric
from tests.lab.network.failure import SYMPTOMS, WAITING, Failure
from tests.lab.network.peering import Attempt, identity_of
from tests.lab.network.view import Selector, sure


class Tunnels(t.Protocol):
    """The part of the tunnels that a failure changes or depends on."""

    daemons: t.Mapping[str, Daemon]
    fabric: Fabric
    pairs: dict[TunnelKey, Pair]

    def state(self, key: TunnelKey, at: float) -> TunnelState:
        """Return the state of a tunnel."""

    def cookies(self, found: Attempt, at: float) -> tuple[str, str]:
        """Return the cookies of an attempt."""

    def write(self, host: str, lines: t.Iterable[messages.Line], at: float, repeated: bool = False) -> None:
        """Write to the log of a device."""


class Failing:
    """Records failures in the states of tunnels."""

    def __init__(self, tunnels: Tunnels) -> None:
        self._tunnels = tunnels

    def record(self, found: Attempt, failure: Failure, at: float, quiet: bool) -> None:
        """Record a failed negotiation at both ends, and write its lines to their logs."""
        symptom = SYMPTOMS[failure.code]
        host, name = found.initiator
        states = [self._tunnels.state((host, name, selector.name), at) for selector in sure(found.vpn).selectors]
        repeated = quiet and all(state.failure == failure for state in states)
        for state in states:
            if state.failure != failure:
                state.since = at
            state.failure, state.tried = failure, at
            state.failures += 1
            if symptom.initiator != WAITING:
                state.record(at, symptom.initiator)
        if failure.code in ("responder-only", "dynamic-peer", "no-bind-interface", "no-gateway"):
            return
        self._tunnels.write(
            host, messages.failed(self._initiator_of(found, at), failure.code, symptom.error), at, repeated
        )
        if found.responder is not None and symptom.answered:
            self._responder_failed(found, failure, at, repeated)

    def _responder_failed(self, found: Attempt, failure: Failure, at: float, repeated: bool) -> None:
        """Record the failure on the responder."""
        symptom, peer = SYMPTOMS[failure.code], sure(found.responder)
        names = [found.peer_vpn.name] if found.peer_vpn else []
        if not names and found.peer_gateway is not None:
            names = list(self._tunnels.fabric.vpns_of.get((peer, found.peer_gateway.name), ()))
        for name in names if symptom.responder else ():
            for selector in self._tunnels.fabric.vpn((peer, name)).selectors:
                state = self._tunnels.state((peer, name, selector.name), at)
                if (peer, name, selector.name) not in self._tunnels.pairs and not repeated:
                    state.failure = failure
                    state.failures += 1
                    state.record(at, symptom.responder)
        self._tunnels.write(
            peer, messages.failed(self._responder_of(found, at), failure.code, symptom.error), at, repeated
        )

    def _initiator_of(self, found: Attempt, at: float) -> messages.Talk:
        gateway, vpn, host = sure(found.gateway), sure(found.vpn), found.initiator[0]
        local, remote = found.local or "0.0.0.0", found.remote or "0.0.0.0"
        return messages.Talk(
            flavour=self._tunnels.daemons[host].name,
            role="initiator",
            version=gateway.version,
            local=local,
            remote=remote,
            gateway=gateway.name,
            vpn=vpn.name,
            cookies=self._tunnels.cookies(found, at),
            local_id=identity_of(gateway, local),
            remote_id=("inet", "Not-Available"),
            local_net=vpn.selectors[0].local,
            remote_net=vpn.selectors[0].remote,
        )

    def _responder_of(self, found: Attempt, at: float) -> messages.Talk:
        peer, gateway, vpn = sure(found.responder), sure(found.gateway), sure(found.vpn)
        theirs = found.peer_gateway
        return messages.Talk(
            flavour=self._tunnels.daemons[peer].name,
            role="responder",
            version=gateway.version,
            local=found.inside or "",
            remote=found.seen or "",
            gateway=theirs.name if theirs else "Not-Available",
            vpn=found.peer_vpn.name if found.peer_vpn else "Not-Available",
            cookies=self._tunnels.cookies(found, at),
            local_id=identity_of(theirs, found.inside or "") if theirs else ("inet", "Not-Available"),
            remote_id=identity_of(gateway, found.local or ""),
            # The peer's local network is remote here.
            local_net=vpn.selectors[0].remote,
            remote_net=vpn.selectors[0].local,
        )

    def record_lonely(self, found: Attempt, at: float) -> None:
        """Record the selectors without a counterpart at the peer: each is a negotiation of its own, which fails."""
        agreed = {pair[0].name for pair in found.selectors}
        (host, name), peer = found.initiator, sure(found.peer)
        symptom = SYMPTOMS["proxy-id"]
        for selector in sure(found.vpn).selectors:
            if selector.name in agreed:
                continue
            reason = f"no selector mirrors {selector.local} to {selector.remote}"
            failure = Failure(peer[0], "phase2", peer[1], reason, "proxy-id")
            state = self._tunnels.state((host, name, selector.name), at)
            if state.failure != failure:
                state.since = at
                self._write_lonely(found, selector, at)
            state.failure, state.tried = failure, at
            state.failures += 1
            state.record(at, symptom.initiator)

    def _write_lonely(self, found: Attempt, selector: Selector, at: float) -> None:
        here = replace(self._initiator_of(found, at), local_net=selector.local, remote_net=selector.remote)
        there = replace(self._responder_of(found, at), local_net=selector.remote, remote_net=selector.local)
        for host, talk in ((found.initiator[0], here), (sure(found.responder), there)):
            self._tunnels.write(host, messages.failed(talk, "proxy-id", SYMPTOMS["proxy-id"].error), at)
