# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Associations that outlive the commit which has changed their configuration, or the peer.

They end when they are cleared, when dead peer detection misses an answer, or when a renewal fails. A renewal of phase 2
compares phase 2 only. A renewal of phase 1 authenticates in IKEv1, and does not in IKEv2 (RFC 7296, 1.3.2 and 2.8.3):
there another key is noticed by nobody. A refused renewal of phase 2 ends nothing either: the associations are used up
to their hard lifetime.
"""

from __future__ import annotations

import math
import typing as t

from tests.lab.network.associations import IkeSa, Pair, TunnelKey, TunnelState
from tests.lab.network.fabric import Fabric
from tests.lab.network.failure import SYMPTOMS, Failure
from tests.lab.network.peering import Attempt, renegotiate
from tests.lab.network.view import Gateway, Vpn, sure

DEAD = "DPD detected peer as down. Existing IKE/IPSec SAs cleared"
EXPIRED = "IPSec SA hard lifetime expired"
# The failures of phase 1 that only an authentication finds.
_AUTHENTICATION = frozenset({"key", "key-v2", "peer-id", "own-id"})
# The initiator's own restrictions: the peer may renew all the same.
_ONE_SIDED = frozenset({"responder-only", "dynamic-peer"})


class Tunnels(t.Protocol):
    """The part of the tunnels that an association depends on."""

    fabric: Fabric
    attempts: dict[tuple[str, str], Attempt]
    pairs: dict[TunnelKey, Pair]
    ike: dict[tuple[str, str], dict[str, IkeSa]]

    def ike_between(self, found: Attempt) -> IkeSa | None:
        """Return the phase 1 association of an attempt."""

    def state(self, key: TunnelKey, at: float) -> TunnelState:
        """Return the state of a tunnel."""

    def drop(self, pair: Pair, at: float, reason: str, by: str | None = None) -> None:
        """Take a pair down."""

    def drop_ike(self, sa: IkeSa) -> None:
        """Remove a phase 1 association."""

    def failed(self, found: Attempt, failure: Failure, at: float, quiet: bool) -> None:
        """Record and log a failed negotiation."""


class Outliving:
    """The pairs whose next renewal may fail. ``expire`` lets them reach it."""

    def __init__(self, tunnels: Tunnels) -> None:
        self._tunnels = tunnels
        self._pairs: list[Pair] = []

    def survives(self, pair: Pair) -> bool:
        """Return whether everything that the pair hangs on still exists at both ends, with whatever content."""
        for host in pair.hosts():
            then, now = pair.vpn(host), self._vpn(pair, host)
            if now is None or (now.gateway, now.bind_interface) != (then.gateway, then.bind_interface):
                return False
            fabric = self._tunnels.fabric
            if fabric.gateway(host, now.gateway) is None or fabric.interface(host, now.bind_interface) is None:
                return False
            if pair.selector(host).name not in [selector.name for selector in now.selectors]:
                return False
        return True

    def watch(self, pair: Pair, at: float) -> None:
        """Compare the configurations at the renewals of this pair after a time."""
        if pair not in self._pairs:
            self._pairs.append(pair)
            pair.outdated = at
        if not self.is_silent(pair):
            pair.silent = None
            pair.unanswered.clear()
        elif pair.silent is None:
            pair.silent = at

    def unwatch(self, pair: Pair) -> None:
        """Stop watching a pair, because it is gone or its configurations are those of its negotiation again."""
        if pair in self._pairs:
            self._pairs.remove(pair)
        pair.outdated = pair.silent = pair.renewed = None
        pair.unanswered.clear()

    def lose(self, host: str, at: float, reason: str) -> None:
        """Take the associations of a device away, and leave those of its peers, which nothing answers from now on."""
        for key, pair in list(self._tunnels.pairs.items()):
            if key[0] != host:
                continue
            if pair.lost is not None:
                self._tunnels.drop(pair, at, reason)
                continue
            del self._tunnels.pairs[key]
            pair.lost = host
            self.watch(pair, at)
            state = self._tunnels.state(key, at)
            state.since = at
            state.deletions += 1
            state.record(at, reason)
        for place, found in list(self._tunnels.ike.items()):
            for sa in list(found.values()) if place[0] == host else ():
                if sa.lost is not None or not sa.pairs:
                    self._tunnels.drop_ike(sa)
                    continue
                sa.lost = host
                del found[sa.peer_of(host)]
                if not found:
                    del self._tunnels.ike[place]

    def expire(self, at: float) -> None:
        """End or renew every watched pair whose time has come."""
        for pair in list(self._pairs):
            while pair in self._pairs and self._step(pair, at):
                pass

    def _step(self, pair: Pair, at: float) -> bool:
        """Take the next step of a pair that is due. Return whether there was one."""
        since = sure(pair.outdated)
        sa = self._tunnels.ike_between(pair.attempt)
        renewals = {
            "dead": min((self._noticed(pair, host) for host in pair.hosts()), default=math.inf),
            "expired": math.inf if pair.renewed is None else pair.end_of_use(at),
            "child": math.inf if pair.renewed is not None else _next(pair.started, pair.renewal(), since),
            "ike": math.inf if sa is None else _next(sa.started, sa.renewal(), since),
        }
        step = min(renewals, key=lambda name: renewals[name])
        when = renewals[step]
        if when > at:
            return False
        pair.outdated = when
        if step == "dead":
            self._tunnels.drop(pair, when, DEAD)
        elif step == "expired":
            self._expire(pair, when)
        elif step == "child":
            self._renew(pair, when)
        elif sa is not None:
            self._renew_ike(pair, when)
        return True

    # --- the steps -------------------------------------------------------------------------------

    def _renew(self, pair: Pair, at: float) -> None:
        found = renegotiate(self._tunnels.fabric, pair.attempt, pair.initiator)
        failure = self._unanswered(pair) or found.failure
        if failure is not None:
            # Not counted: that renewal did not happen.
            pair.renewed = pair.rekeys(at) - 1
            self._tunnels.failed(found, failure, at, False)
            return
        pair.attempt = found
        if self._current(pair).failure is None:
            self.unwatch(pair)

    def _renew_ike(self, pair: Pair, at: float) -> None:
        failure = self._unanswered(pair)
        current = self._current(pair)
        wrong = current.failure
        if failure is None and wrong is not None and not current.phase1:
            is_noticed = pair.attempt.version == 1 or wrong.code not in _AUTHENTICATION
            failure = wrong if is_noticed else None
        if failure is not None:
            self._tunnels.drop(pair, at, SYMPTOMS[failure.code].initiator)
            self._tunnels.failed(current, failure, at, False)

    def _expire(self, pair: Pair, at: float) -> None:
        found = renegotiate(self._tunnels.fabric, pair.attempt, pair.initiator)
        failure = self._unanswered(pair) or found.failure
        self._tunnels.drop(pair, at, EXPIRED if failure is None else SYMPTOMS[failure.code].initiator)
        if failure is not None:
            self._tunnels.failed(found, failure, at, False)

    # --- questions -------------------------------------------------------------------------------

    def is_silent(self, pair: Pair) -> bool:
        """Return whether no packet between the two ends of the pair arrives any more."""
        if pair.lost is not None:
            return True
        found = pair.attempt
        for host in pair.hosts():
            local, remote = found.addresses(host)
            route = self._tunnels.fabric.underlay(host, remote)
            if not self._tunnels.fabric.holds(host, local) or route is None or route.kind != "next-hop":
                return True
        return False

    def _unanswered(self, pair: Pair) -> Failure | None:
        """Return why IKE gets no answer: the peer is silent, or an end does not accept IKE."""
        if pair.lost is not None:
            return Failure(pair.lost, "phase1", pair.attempt.remote or "", "it does not know the association", "lost")
        if self.is_silent(pair):
            return Failure(pair.responder[0], "route", pair.attempt.remote or "", "nothing arrives", "no-such-peer")
        for host in pair.hosts():
            interface = self._tunnels.fabric.views[host].interface_of(pair.attempt.addresses(host)[0])
            own = self._tunnels.fabric.views[host].switches.inbound_ike == "answered" and host == pair.initiator[0]
            if interface is not None and not interface.accepts("ike") and not own:
                code = "own-no-ike" if host == pair.initiator[0] else "peer-no-ike"
                return Failure(host, "host-inbound", interface.name, "host-inbound ike is not allowed", code)
        return None

    def _current(self, pair: Pair) -> Attempt:
        """Return the attempt by today's configurations, from the end that may start one."""
        found = self._tunnels.attempts[pair.initiator]
        one_sided = found.failure is not None and found.failure.code in _ONE_SIDED
        return self._tunnels.attempts[pair.responder] if one_sided else found

    def _noticed(self, pair: Pair, host: str) -> float:
        """Return when a host notices by dead peer detection that nothing arrives."""
        gateway, vpn = self._gateway(pair, host), self._vpn(pair, host)
        if pair.silent is None or gateway is None or gateway.dead_after is None or host == pair.lost:
            return math.inf
        # The pings of a monitor are packets too.
        is_asking = gateway.probes_idle or (vpn is not None and vpn.monitored)
        since = pair.silent if is_asking else pair.unanswered.get(host, math.inf)
        return since + gateway.dead_after

    def _vpn(self, pair: Pair, host: str) -> Vpn | None:
        view = self._tunnels.fabric.views.get(host)
        return None if view is None else view.vpns.get(pair.end(host)[1])

    def _gateway(self, pair: Pair, host: str) -> Gateway | None:
        vpn = self._vpn(pair, host)
        return None if vpn is None else self._tunnels.fabric.gateway(host, vpn.gateway)


def _next(started: float, period: float, since: float) -> float:
    """Return the first renewal after a time."""
    return started + (math.floor((since - started) / period) + 1) * period
