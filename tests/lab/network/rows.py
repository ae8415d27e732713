# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of the tunnels as rows of the ``show`` commands."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from ipaddress import IPv4Address

from tests.lab.network.associations import Counters, IkeSa, TunnelKey
from tests.lab.network.core import Tunnels
from tests.lab.network.fabric import End
from tests.lab.network.failure import SYMPTOMS, WAITING, Failure
from tests.lab.network.logs import clock_text
from tests.lab.network.monitoring import Monitors
from tests.lab.network.peering import Attempt
from tests.lab.network.results import IkeRow, NhtbRow, RouteRow, TunnelRow
from tests.lab.network.routing import Route
from tests.lab.network.view import Gateway, Interface, Selector, Vpn

Up = t.Callable[[End], bool]
# Seconds between two attempts to negotiate a tunnel that is wanted.
RETRY = 60.0


class Rows:
    """Reads ``Tunnels`` for one device at a time, without changes."""

    def __init__(self, tunnels: Tunnels) -> None:
        self._tunnels = tunnels
        self.monitors = Monitors(tunnels, self)

    # --- phase 1 ---------------------------------------------------------------------------------

    def ike(self, host: str, now: float) -> list[IkeRow]:
        """Return the associations that are up, and those of gateways whose attempts keep failing, by index."""
        view = self._tunnels.fabric.views[host]
        up = [sa for name in view.gateways for sa in self._tunnels.ike_of(host, name)]
        rows = [self._up(host, one, now) for sa in up for one in (sa, sa.twin) if one is not None]
        trying: dict[str, IkeRow] = {}
        for vpn in view.vpns.values():
            if not self._tunnels.ike_of(host, vpn.gateway):
                row = self._down((host, vpn.name), self._tunnels.attempts[(host, vpn.name)], now)
                if row is not None:
                    trying.setdefault(vpn.gateway, row)
        return sorted((*rows, *trying.values()), key=lambda row: row.index)

    def _up(self, host: str, sa: IkeSa, now: float) -> IkeRow:
        local, remote = sa.addresses(host)
        name = sa.gateway_name(host)
        gateway = sa.gateway(host)
        ends = [(host, vpn) for vpn in self._tunnels.fabric.vpns_of.get((host, name), ())]
        states = [state for end in ends for state in self._tunnels.states_of(end)]
        age = sa.cycle(now)[1]
        messages = 5 + sa.created + int(age // 60)
        return IkeRow(
            index=sa.index(host, now), state="UP", role="initiator" if host == sa.initiator else "responder",
            version=gateway.version, mode=gateway.mode, gateway=name, local=local, remote=remote,
            cookies=sa.cookies(now), remaining=int(sa.lifetime(host) - age), proposal=sa.proposal,
            peer_id=sa.peer_identity(host), ports=sa.ports(host), created=sa.created,
            deleted=sum(state.deletions for state in states),
            negotiating=not any(self._tunnels.is_up(end) for end in ends),
            packets=Counters(messages, messages * 198, messages + 1, (messages + 1) * 188),
        )  # fmt: skip

    def _down(self, end: End, found: Attempt, now: float) -> IkeRow | None:
        state = self._tunnels.states.get((*end, found.vpn.selectors[0].name)) if found.vpn else None
        if state is None or state.tried is None or found.failure is None or found.remote is None or found.local is None:
            return None
        if SYMPTOMS[found.failure.code].initiator == WAITING or found.gateway is None:
            return None
        if found.vpn is not None and found.vpn.establish != "immediately" and now - state.tried > RETRY:
            return None
        initiator, responder = self._tunnels.cookies(found, state.tried)
        # Only in main mode's third message does the initiator know the peer's cookie before the failure.
        known = found.failure.code == "key"
        return IkeRow(
            index=state.index * 3 + state.failures, state="DOWN", role="initiator", version=found.gateway.version,
            mode=found.gateway.mode, gateway=found.gateway.name, local=found.local, remote=found.remote,
            cookies=(initiator, responder if known else "0" * 16),
        )  # fmt: skip

    # --- phase 2 ---------------------------------------------------------------------------------

    def tunnels(self, host: str, now: float) -> list[TunnelRow]:
        """Return one row per VPN and selector, in the order of their indices."""
        view = self._tunnels.fabric.views[host]
        rows = [self._tunnel(host, vpn, selector, now) for vpn in view.vpns.values() for selector in vpn.selectors]
        return sorted(rows, key=lambda row: row.index)

    def _tunnel(self, host: str, vpn: Vpn, selector: Selector, now: float) -> TunnelRow:
        end, key = (host, vpn.name), (host, vpn.name, selector.name)
        found, pair, state = self._tunnels.attempts[end], self._tunnels.pairs.get(key), self._tunnels.states[key]
        gateway = self._tunnels.fabric.gateway(host, vpn.gateway)
        local, remote = self._addresses(host, gateway, found)
        sa, port = None, 500
        if pair is not None:
            sa = next(iter(self._tunnels.ike_of(host, vpn.gateway)), None)
            if sa is not None:
                local, remote = sa.addresses(host)
                port = sa.ports(host)[1]
        failing = found.failure if found.failure is not None else state.failure
        return TunnelRow(
            index=state.index, vpn=vpn, gateway=gateway, selector=selector, local=local, remote=remote, port=port,
            up=pair is not None, pairs=tuple(pair.installed(host, now)) if pair else (),
            proposal=replace(pair.proposal, lifesize=pair.lifesize(host)) if pair else None,
            group=(pair.vpn(host) if pair else vpn).group,
            events=tuple(state.events),
            negotiations=state.negotiations + (pair.rekeys(now) if pair else 0), failures=state.failures,
            deletions=state.deletions, counters=state.counters, ike_index=sa.index(host, now) if sa else None,
            pending=int(pair is None and failing is not None and vpn.establish == "immediately"),
            reason=self._reason(vpn, key, found, now) if pair is None else "",
            monitor=self._monitor(end),
        )  # fmt: skip

    def _monitor(self, end: End) -> str:
        if not self._tunnels.fabric.vpn(end).monitored:
            return "-"
        return "DOWN" if self.monitors.is_down(end) else "UP"

    def _addresses(self, host: str, gateway: Gateway | None, found: Attempt) -> tuple[str, str]:
        """Return the local and remote address of an attempt, or as configured."""
        interface = self._tunnels.fabric.interface(host, gateway.external_interface) if gateway else None
        local = found.local or (interface.ip if interface else None)
        remote = found.remote or (gateway.addresses[0] if gateway and gateway.addresses else None)
        return local or "0.0.0.0", remote or "0.0.0.0"

    def _reason(self, vpn: Vpn, key: TunnelKey, found: Attempt, now: float) -> str:
        """Return the last event, with a count that includes the retries since."""
        newest = self._tunnels.states[key].events[0]
        times = newest.times
        trying = found.failure is not None and vpn.establish == "immediately" and newest.text != WAITING
        if trying:
            times += int(max(0.0, now - newest.at) // RETRY)
        return f"{newest.text} ({times} times)"

    # --- next-hop tunnels and routes -------------------------------------------------------------

    def next_hop_tunnels(self, host: str) -> list[NhtbRow]:
        """Return the table of a device, by next hop: of multipoint units, and of tunnels that are up."""
        rows: dict[str, NhtbRow] = {}
        view = self._tunnels.fabric.views[host]
        for interface in view.interfaces.values():
            if not interface.multipoint:
                continue
            for next_hop, vpn in interface.bindings:
                if self.monitors.carries((host, vpn)):
                    rows[next_hop] = NhtbRow(next_hop, interface.name, vpn, "Static")
            configured = dict(interface.bindings)
            for next_hop, vpns in self._tunnels.advertised(host, interface.name).items():
                up = next((vpn for vpn in vpns if self.monitors.carries((host, vpn))), None)
                if up is not None and next_hop not in configured:
                    rows[next_hop] = NhtbRow(next_hop, interface.name, up, "Auto")
        return sorted(rows.values(), key=lambda row: IPv4Address(row.next_hop))

    def binding(self, host: str, interface: str, next_hop: str, up: Up) -> str | None:
        """Return the VPN to which a next hop is bound. A static entry counts even if its tunnel is down."""
        found = self._tunnels.fabric.interface(host, interface)
        static = dict(found.bindings).get(next_hop) if found else None
        if static is not None:
            return static if (host, static) in self._tunnels.attempts else None
        return next(
            (vpn for vpn in self._tunnels.advertised(host, interface).get(next_hop, ()) if up((host, vpn))), None
        )

    def usable(self, host: str, route: Route, up: Up | None = None) -> bool:
        """Return whether a route is active: its next hop resolves, on a multipoint unit by a next-hop tunnel entry."""
        if route.kind != "next-hop":
            return True
        interface = self._tunnels.fabric.interface(host, route.via)
        if interface is None:
            return False
        if not interface.tunnel or route.protocol != "Static":
            return True
        if interface.multipoint:
            return route.next_hop is not None and (
                self.binding(host, interface.name, route.next_hop, up or self.monitors.carries) is not None
            )
        return self._link_up(host, interface, up or self.monitors.carries)

    def _link_up(self, host: str, interface: Interface, up: Up) -> bool:
        """Return whether a point-to-point unit is up: it follows its tunnel, unless that one waits for traffic."""
        for name in self._tunnels.fabric.bound.get((host, interface.name), ()):
            vpn = self._tunnels.fabric.vpn((host, name))
            if up((host, name)) or (vpn.establish == "on-traffic" and not vpn.monitored):
                return True
        return False

    def interface_up(self, host: str, interface: Interface) -> bool:
        """Return whether a logical interface's link is up."""
        if not interface.enabled:
            return False
        if not interface.tunnel or interface.multipoint:
            return not interface.tunnel or bool(self._tunnels.fabric.bound.get((host, interface.name)))
        return self._link_up(host, interface, self.monitors.carries)

    def routes(self, host: str, since: float) -> list[RouteRow]:
        """Return inet.0 of a device without hidden routes, in the order of prefixes."""
        table = self._tunnels.fabric.tables[host]
        rows = []
        best: set[t.Any] = set()
        for route in sorted(table.routes, key=lambda one: (one.prefix, one.preference, one.last_resort)):
            if not self.usable(host, route) or (route.last_resort and route.prefix in best):
                continue
            active = route.prefix not in best
            best.add(route.prefix)
            rows.append(RouteRow(
                route.prefix, route.protocol, route.preference, route.next_hop, route.via, active,
                max(since, self._route_since(host, route)), route.kind,
            ))  # fmt: skip
        return rows

    def hidden(self, host: str) -> int:
        """Return the number of routes that are hidden because their next hop does not resolve."""
        routes = self._tunnels.fabric.tables[host].routes
        kept = {route.prefix for route in routes if route.last_resort}
        return sum(not self.usable(host, route) and route.prefix not in kept for route in routes)

    def _route_since(self, host: str, route: Route) -> float:
        interface = self._tunnels.fabric.interface(host, route.via)
        if interface is None or not interface.multipoint or route.next_hop is None:
            return self._tunnels.settled_at.get(host, 0.0)
        vpn = self.binding(host, interface.name, route.next_hop, self._tunnels.is_up)
        states = self._tunnels.states_of((host, vpn)) if vpn else []
        return max((state.since for state in states), default=0.0)

    def has_route(self, end: End) -> bool:
        """Return whether an active route leads into a VPN, so that traffic can bring it up."""
        host, name = end
        bound = self._tunnels.fabric.vpn(end).bind_interface
        for route in self._tunnels.fabric.tables[host].routes:
            if route.via != bound or route.protocol != "Static" or not self.usable(host, route):
                continue
            interface = self._tunnels.fabric.interface(host, bound)
            if interface is None or not interface.multipoint:
                return True
            if route.next_hop and self.binding(host, interface.name, route.next_hop, self._tunnels.is_up) == name:
                return True
        return False

    # --- flow trace ------------------------------------------------------------------------------

    def trace(
        self, host: str, flow: tuple[str, str], way: tuple[str, str], failure: Failure | None, now: float
    ) -> None:
        """Write the lines of ``security flow traceoptions`` about a packet, if they are on and a filter matches it."""
        view = self._tunnels.fabric.views[host]
        if view.trace is None or view.kind != "junos":
            return
        source, destination = IPv4Address(flow[0]), IPv4Address(flow[1])
        names = [name for name, origin, target in view.trace.filters if source in origin and destination in target]
        if view.trace.filters and not names:
            return
        lines = [f"<{flow[0]}/0->{flow[1]}/0;1,0x0> matched filter {name}:" for name in names]
        zones = [view.interfaces[name].zone if name in view.interfaces else "junos-host" for name in way]
        lines.append(f"  routed (x_dst_ip {flow[1]}) from {zones[0]} ({way[0]} in 0) to {way[1] or 'N/A'}")
        if way[1]:
            lines.append(f"flow_first_policy_search: policy search from zone {zones[0]}-> zone {zones[1]}")
        if failure is None:
            lines.append("  flow_first_create_session")
        else:
            denied = failure.layer in ("policy", "address-book", "zone")
            lines.append(f"  packet dropped, {'denied by policy' if denied else failure.reason}")
        stamp = f"{clock_text(now)[-8:]}.{int(now % 1 * 1000000):06d}:CID-0:RT:"
        for line in lines:
            self._tunnels.daemons[host].log.trace(now, f"{stamp}{line}", view.trace.file)
