# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tunnels of all devices together: they come up and go down, and the daemons log it."""

from __future__ import annotations

import typing as t

from tests.lab.network import messages
from tests.lab.network.associations import (
    Event,
    IkeSa,
    Pair,
    TunnelKey,
    TunnelState,
    digest,
    number,
)
from tests.lab.network.daemon import Daemon
from tests.lab.network.fabric import End, Fabric
from tests.lab.network.failing import Failing
from tests.lab.network.failure import WAITING, Failure
from tests.lab.network.links import Links
from tests.lab.network.outliving import Outliving
from tests.lab.network.peering import Attempt, attempt, renegotiate
from tests.lab.network.told import ENDED, Told
from tests.lab.network.view import DeviceView, Selector, sure

IKE_DONE = "IKE SA negotiation successfully completed"
IPSEC_DONE = "IPSec SA negotiation successfully completed"
CHANGED = "Tunnel configuration changed. Corresponding IKE/IPSec SAs are deleted"
STALE = "Initial-Contact received from peer. Stale IKE/IPSec SAs cleared"
DELETED_BY_PEER = "IPSec SA delete payload received from peer, corresponding IPSec SAs cleared"


class Tunnels:
    """Associations between devices. They exist as long as the lab; ``adopt`` gives them new configurations."""

    def __init__(self, daemons: t.Mapping[str, Daemon]) -> None:
        self.daemons = daemons
        self.fabric = Fabric({})
        self.attempts: dict[End, Attempt] = {}
        self.states: dict[TunnelKey, TunnelState] = {}
        self.pairs: dict[TunnelKey, Pair] = {}
        self.ike: dict[tuple[str, str], dict[str, IkeSa]] = {}
        self.held: dict[str, float] = {}
        self.held_vpns: dict[End, float] = {}
        self.told: dict[End, Told] = {}
        self.settled_at: dict[str, float] = {}
        self._generation = 0
        self._outliving = Outliving(self)
        self._links = Links(self)
        self._failing = Failing(self)

    # --- configurations --------------------------------------------------------------------------

    def adopt(self, views: t.Mapping[str, DeviceView], changed: t.Collection[str], at: float) -> None:
        """Use new configurations: take down tunnels that end with them, start those that establish immediately."""
        for host, view in views.items():
            self.daemons[host].log.host_name = view.host_name
        self.settled_at.update(dict.fromkeys(changed, at))
        self.fabric = Fabric(views)
        self.attempts = {(host, vpn): self._attempt((host, vpn)) for host, view in views.items() for vpn in view.vpns}
        for pair in {id(pair): pair for pair in self.pairs.values()}.values():
            if self._is_unchanged(pair) and pair.lost is None:
                if pair.attempt.later is None:
                    self._outliving.unwatch(pair)
            elif self._outliving.survives(pair) and self._outlives(pair, changed):
                self._outliving.watch(pair, at)
            else:
                self.drop(pair, at, CHANGED)
        self._links.discard()
        self._discard_old_states(views)
        for end, found in self.attempts.items():
            for selector in found.vpn.selectors if found.vpn else ():
                self.state((*end, selector.name), at)
        self.start(at, changed)

    def start(self, at: float, changed: t.Collection[str] = ()) -> None:
        """Start every VPN that does not wait for traffic. Of two devices the one with fewer VPNs starts first."""
        waiting = [end for end, found in self.attempts.items() if found.vpn and found.vpn.establish == "immediately"]
        for end in sorted(waiting, key=lambda end: (len(self.fabric.views[end[0]].vpns), end)):
            if not self.is_up(end):
                news = end[0] in changed or self.attempts[end].responder in changed
                if self.bring_up(end, at, quiet=not news) is None:
                    self._start_too(end, at)

    def tell(self, end: End, told: Told | None, at: float) -> Failure | None:
        """Use the outcome that another source tells of a VPN, now and whenever it negotiates; ``None`` ends that.

        Return why the lab computes that the VPN is down, though it is told to be up.
        """
        if self.told.get(end) == told:
            return None
        self.told.pop(end, None)
        if told is not None:
            self.told[end] = told
        if end not in self.attempts:
            return None
        peer = attempt(self.fabric, end).peer
        self.attempts.update({one: self._attempt(one) for one in (end, peer) if one is not None})
        for pair in {id(pair): pair for key, pair in self.pairs.items() if key[:2] == end}.values():
            self.drop(pair, at, ENDED)
        starts = peer if told is not None and told.peer_starts and peer is not None else end
        failure = self.bring_up(starts, at)
        return failure if told is not None and not told.code else None

    def _attempt(self, end: End) -> Attempt:
        found = attempt(self.fabric, end)
        told = self._told(found)
        return found if told is None else told.applied(found)

    def _told(self, found: Attempt) -> Told | None:
        return self.told.get(found.initiator) or (self.told.get(found.peer) if found.peer else None)

    def _outlives(self, pair: Pair, changed: t.Collection[str]) -> bool:
        """Return whether the devices whose part has changed, or may have, keep associations over a commit."""
        then = pair.attempt
        parts = {pair.initiator: (then.gateway, then.vpn), pair.responder: (then.peer_gateway, then.peer_vpn)}
        for (host, name), part in parts.items():
            vpn = self.fabric.vpn((host, name))
            is_concerned = host in changed or (self.fabric.gateway(host, vpn.gateway), vpn) != part
            if is_concerned and not self.daemons[host].lasting:
                return False
        return True

    def _is_unchanged(self, pair: Pair) -> bool:
        now = self.attempts.get(pair.initiator)
        if now is None or now.failure is not None or pair.selectors not in now.selectors:
            return False
        then = pair.attempt
        return (now.gateway, now.vpn, now.local, now.remote, now.peer_gateway, now.peer_vpn) == (
            then.gateway, then.vpn, then.local, then.remote, then.peer_gateway, then.peer_vpn)  # fmt: skip

    def _discard_old_states(self, views: t.Mapping[str, DeviceView]) -> None:
        known = {(host, name, selector.name) for host, view in views.items()
                 for name, vpn in view.vpns.items() for selector in vpn.selectors}  # fmt: skip
        self.states = {key: state for key, state in self.states.items() if key in known}
        for sa in {id(sa): sa for found in self.ike.values() for sa in found.values()}.values():
            if not sa.pairs:
                self.drop_ike(sa)

    def state(self, key: TunnelKey, at: float) -> TunnelState:
        """Return the state of a tunnel, a new one where there is none."""
        state = self.states.get(key)
        if state is None:
            index = self.daemons[key[0]].next_tunnel_index()
            state = self.states[key] = TunnelState(key, index, since=at)
            state.events.append(Event(at, WAITING))
        return state

    # --- queries ---------------------------------------------------------------------------------

    def is_up(self, end: End) -> bool:
        vpn = self.fabric.views[end[0]].vpns.get(end[1])
        return vpn is not None and any((*end, selector.name) in self.pairs for selector in vpn.selectors)

    def states_of(self, end: End) -> list[TunnelState]:
        """Return one state per traffic selector of the VPN."""
        keys = ((*end, selector.name) for selector in self.fabric.vpn(end).selectors)
        return [self.states[key] for key in keys]

    def is_silent(self, end: End) -> bool:
        """Return whether the tunnel has its associations, and no packet arrives any more."""
        keys = ((*end, selector.name) for selector in self.fabric.vpn(end).selectors)
        return any((pair := self.pairs.get(key)) is not None and pair.silent is not None for key in keys)

    def sent_in_vain(self, end: End, at: float) -> None:
        """Note that packets into a tunnel have no answer."""
        for selector in self.fabric.vpn(end).selectors:
            if (pair := self.pairs.get((*end, selector.name))) is not None and pair.silent is not None:
                pair.unanswered.setdefault(end[0], at)

    def peer_of(self, end: End) -> End | None:
        """Return the VPN at the other end, if the two match or a pair is up between them."""
        return self._links.peer_of(end)

    def advertised(self, host: str, interface: str) -> t.Mapping[str, list[str]]:
        """Return the next hops that Junos peers of a unit advertise, with their VPNs."""
        return self._links.advertised(host, interface)

    def ike_of(self, host: str, gateway: str) -> list[IkeSa]:
        return list(self.ike.get((host, gateway), {}).values())

    # --- up --------------------------------------------------------------------------------------

    def bring_up(self, end: End, at: float, quiet: bool = False) -> Failure | None:
        """Initiate from the VPN's device. Return the failure, if any; ``quiet`` does not log a repeated one."""
        found = self.attempts[end]
        found = self._next_attempt(end)
        failure = found.failure or self._held(found, at)
        if failure is not None:
            self.failed(found, failure, at, quiet)
            return failure
        sa = self._ike_up(found, at)
        for selectors in found.selectors:
            if (*end, selectors[0].name) not in self.pairs:
                self._pair_up(found, sa, selectors, at)
        self._failing.record_lonely(found, at)
        return None

    def obstacle(self, end: End, at: float) -> Failure | None:
        """Return why a negotiation from this end would fail now."""
        found = self._next_attempt(end)
        return found.failure or self._held(found, at)

    def _next_attempt(self, end: End) -> Attempt:
        """Return what a negotiation from this end compares."""
        found = self.attempts[end]
        known = self.ike_of(end[0], found.vpn.gateway) if found.vpn else []
        standing = next((sa for sa in known if sa.lost is None), None)
        if standing is not None and found.failure is not None and not found.phase1:
            # Phase 1 is up and not negotiated again: only what phase 2 needs is compared.
            return renegotiate(self.fabric, standing.attempt, end)
        return found

    def _held(self, found: Attempt, at: float) -> Failure | None:
        """Return the failure of a device that is booting, or of a tunnel that a fault holds down."""
        for host in (found.initiator[0], found.responder or ""):
            if self.held.get(host, 0.0) > at:
                return Failure(host, "phase1", host, "the device is not up", "peer-down")
        for end in (found.initiator, found.peer):
            if end is not None and self.held_vpns.get(end, 0.0) > at:
                return Failure(end[0], "phase1", end[1], "the tunnel is flapping", "held")
        return None

    def ike_between(self, found: Attempt) -> IkeSa | None:
        """Return the phase 1 association of an attempt, if it is up at one end at least."""
        hosts = (found.initiator[0], found.responder or "")
        gateways = (sure(found.gateway).name, found.peer_gateway.name if found.peer_gateway else "")
        one = self.ike.get((hosts[0], gateways[0]), {}).get(hosts[1])
        return one or self.ike.get((hosts[1], gateways[1]), {}).get(hosts[0])

    def _ike_up(self, found: Attempt, at: float) -> IkeSa:
        sa = self.ike_between(found)
        if sa is not None and sa.lost is not None:
            # The device that has lost it begins anew, and says so.
            for pair in list(sa.pairs):
                self.drop(pair, at, STALE)
            self.drop_ike(sa)
            sa = None
        if sa is None:
            hosts = (found.initiator[0], sure(found.responder))
            self._generation += 1
            generation = number(1 << 30, found.initiator, found.responder) + self._generation
            sa = IkeSa(*hosts, found, at, generation, self._ike_indices(hosts))
            told = self._told(found)
            sa.told = told.cookies if told else None
            self.ike.setdefault((hosts[0], sure(found.gateway).name), {})[hosts[1]] = sa
            self.ike.setdefault((hosts[1], sure(found.peer_gateway).name), {})[hosts[0]] = sa
        return sa

    def _start_too(self, end: End, at: float) -> None:
        """Add the associations that the peer has started at the same time, where such ones last."""
        mine = self.attempts[end]
        if mine.failure is not None:
            return
        found = self.attempts[sure(mine.peer)]
        lasting = any(self.fabric.views[host].switches.both_start == "two" for host in (end[0], found.initiator[0]))
        if not lasting or found.failure is not None or sure(found.vpn).establish != "immediately":
            return
        sa, hosts = self._ike_up(mine, at), (found.initiator[0], end[0])
        self._generation += 1
        sa.twin = IkeSa(*hosts, found, at, self._generation, self._ike_indices(hosts))
        for selectors in found.selectors:
            key = (*found.initiator, selectors[0].name)
            pair = self.pairs[key]
            self._generation += 1
            pair.twin = Pair(found.initiator, end, found, selectors, at, self._generation)

    def _ike_indices(self, hosts: t.Iterable[str]) -> dict[str, int]:
        return {host: self.daemons[host].next_ike_index() for host in hosts}

    def _pair_up(self, found: Attempt, sa: IkeSa, selectors: tuple[Selector, Selector], at: float) -> None:
        self._generation += 1
        pair = Pair(found.initiator, sure(found.peer), found, selectors, at, self._generation)
        pair.advertised = self._links.told_by(pair)
        for one, peer in ((pair.initiator, pair.responder), (pair.responder, pair.initiator)):
            if (told := self.told.get(one)) is not None and told.spis is not None:
                pair.told = dict(zip((one[0], peer[0]), told.spis, strict=True))
        sa.created += 1
        sa.pairs.append(pair)
        if found.later is not None or found != self.attempts[found.initiator]:
            self._outliving.watch(pair, at)
            self._links.discard()
        for key in pair.tunnels():
            self.pairs[key] = pair
            state = self.state(key, at)
            state.failure, state.tried, state.since = None, None, at
            state.negotiations += 1
            state.record(at, IKE_DONE)
            state.record(at, IPSEC_DONE)
        for host in pair.hosts():
            newest = pair.installed(host, at)[0]
            self.write(host, messages.succeeded(self._end_of(pair, sa, host, at), newest.inbound, newest.outbound), at)

    # --- failures --------------------------------------------------------------------------------

    def failed(self, found: Attempt, failure: Failure, at: float, quiet: bool) -> None:
        """Record a failed negotiation at both ends, and write its lines to their logs."""
        if found.phase1 and failure.code not in ("held", "peer-down", "lost"):
            self._ike_up(found, at)
        self._failing.record(found, failure, at, quiet)

    def cookies(self, found: Attempt, at: float) -> tuple[str, str]:
        """Return the cookies of the phase 1 association, or of an attempt that failed before it."""
        if found.phase1 and (sa := self.ike_between(found)) is not None:
            return sa.cookies(at)
        seed = (*found.initiator, int(at))
        return digest("initiator", *seed)[:16], digest("responder", *seed)[:16]

    # --- down ------------------------------------------------------------------------------------

    def lose(self, host: str, at: float, reason: str) -> None:
        """Let a device lose all its associations without a word: its peers keep theirs."""
        self._outliving.lose(host, at, reason)
        self._links.discard()

    def drop(self, pair: Pair, at: float, reason: str, by: str | None = None, keep_ike: bool = False) -> None:
        """Take a pair down. ``by`` is the host that does so; its peer receives a delete."""
        if pair.outdated is not None or pair.advertised != self._links.told_by(pair):
            self._links.discard()
        self._outliving.unwatch(pair)
        sa = self.ike_between(pair.attempt)
        for key in pair.tunnels():
            host = key[0]
            if self.pairs.get(key) is pair:
                del self.pairs[key]
            text = reason if by in (None, host) else DELETED_BY_PEER
            if host == pair.lost:
                continue
            if key in self.states:
                state = self.states[key]
                state.since = at
                state.deletions += 1
                state.record(at, text)
            if sa is not None and host in self.daemons:
                self.write(host, messages.went_down(self._end_of(pair, sa, host, at), text), at)
        if sa is not None:
            sa.pairs = [other for other in sa.pairs if other is not pair]
            if not sa.pairs and (not keep_ike or sa.lost is not None):
                self.drop_ike(sa)

    def end_all(self, at: float) -> None:
        """End every association, as if all devices had restarted at once."""
        for pair in list(self.pairs.values()):
            self.drop(pair, at, CHANGED)
        for sa in [sa for found in self.ike.values() for sa in found.values()]:
            self.drop_ike(sa)

    def drop_ike(self, sa: IkeSa) -> None:
        """Remove a phase 1 association."""
        for host in (sa.initiator, sa.responder):
            key = (host, sa.gateway_name(host))
            self.ike.get(key, {}).pop(sa.peer_of(host), None)
            if not self.ike.get(key, True):
                del self.ike[key]

    def expire(self, at: float) -> None:
        """Fail the due rekeys of pairs whose ends differ by now. IKEv2 does not compare PFS groups at first."""
        self._outliving.expire(at)

    # --- logs ------------------------------------------------------------------------------------

    def _end_of(self, pair: Pair, sa: IkeSa, host: str, at: float) -> messages.Talk:
        state = self.states.get((*pair.end(host), pair.selector(host).name))
        return self.daemons[host].end_of(pair, sa, at, state.index if state else 0)

    def write(self, host: str, lines: t.Iterable[messages.Line], at: float, repeated: bool = False) -> None:
        """Write to the device's log; a repeated failure to its trace only."""
        view = self.fabric.views.get(host)
        if view is not None and view.kind == "junos":
            self.daemons[host].write(lines, at, view.ike_trace, repeated=repeated)
