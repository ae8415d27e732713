# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network of all devices: the interface between it and the rest of the lab."""

from __future__ import annotations

import typing as t
from collections import Counter, deque

from tests.lab import peers
from tests.lab.network import junos_view
from tests.lab.network.associations import Counters, TunnelKey, number
from tests.lab.network.core import Tunnels
from tests.lab.network.daemon import Daemon
from tests.lab.network.fabric import End, Fabric
from tests.lab.network.failure import Failure
from tests.lab.network.leases import with_lease, with_nat
from tests.lab.network.logs import DeviceLog
from tests.lab.network.results import IkeRow, NhtbRow, PingResult, RouteRow, Session, TunnelRow, Verdict
from tests.lab.network.routing import Route
from tests.lab.network.rows import Rows
from tests.lab.network.told import Told
from tests.lab.network.traffic import Walk
from tests.lab.network.view import DeviceView
from tests.lab.switches import Switches

# Bytes of an ICMP echo of 84 bytes in ESP: with outer header, ESP header, padding and check value.
ESP_BYTES = 152
# Seconds of an ICMP session; a tunnel's own sessions have no timeout.
ICMP_TIMEOUT = 60.0
RESTARTED = "Peer is not reachable"
FLAPPED = "User cleared IPSec SA from CLI, corresponding IPSec SAs cleared"


class Options(t.Protocol):
    """The kind of a device."""

    @property
    def flavour(self) -> str:
        """Return ``kmd`` or ``iked``."""

    @property
    def cluster(self) -> bool:
        """Return whether the device is a cluster."""

    @property
    def release(self) -> str:
        """Return the Junos release."""

    @property
    def padded(self) -> bool:
        """Return whether values in XML have line breaks around them."""

    @property
    def dhcp(self) -> str:
        """Return the address that interfaces with DHCP get, with its prefix length; empty for none."""

    @property
    def nat(self) -> str:
        """Return the address that the router in front of the WAN shows; empty without such a router."""

    @property
    def nat_forwards(self) -> bool:
        """Return whether that router forwards IKE to the device."""

    @property
    def switches(self) -> Switches:
        """Return the chosen behaviours of which nothing is known."""


class NetworkDevice(t.Protocol):
    """The part of a device that the network reads: its committed configuration."""

    @property
    def host(self) -> str:
        """Return its name in the inventory."""

    @property
    def kind(self) -> str:
        """Return junos, or the profile of a third-party device."""

    @property
    def options(self) -> Options:
        """Return the kind of the device."""

    def effective(self) -> junos_view.ConfigNode | None:
        """Return the committed configuration, groups inherited; None for a third-party device."""

    def operator_text(self) -> str | None:
        """Return what the operator of a third-party device has entered; None for a Junos device."""


class Clock(t.Protocol):
    """The devices' clock."""

    def now(self) -> float:
        """Return seconds since 1970 UTC."""


class _Hypothetical:
    """The tunnels, of which those that traffic would bring up count as up."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._raised: set[End] = set()
        self.fabric = network.fabric

    def is_up(self, end: End) -> bool:
        return end in self._raised or self._network.tunnels.is_up(end)

    def negotiate(self, end: End) -> Failure | None:
        failure = self._network.tunnels.obstacle(end, self._network.clock.now())
        if failure is None:
            peer = self._network.tunnels.peer_of(end)
            self._raised |= {end} if peer is None else {end, peer}
        return failure

    def is_silent(self, end: End) -> bool:
        return self._network.tunnels.is_silent(end)

    def peer_of(self, end: End) -> End | None:
        return self._network.tunnels.peer_of(end)

    def binding(self, host: str, interface: str, next_hop: str) -> str | None:
        return self._network.rows.binding(host, interface, next_hop, self._carries)

    def usable(self, host: str, route: Route) -> bool:
        return self._network.rows.usable(host, route, self._carries)

    def _carries(self, end: End) -> bool:
        return end in self._raised or self._network.rows.monitors.carries(end)


class _Real(_Hypothetical):
    """The tunnels themselves: traffic brings them up, and the network records a failed attempt."""

    def negotiate(self, end: End) -> Failure | None:
        return self._network.tunnels.bring_up(end, self._network.clock.now(), quiet=True)


class Network:
    """The state that follows from the committed configurations of all devices together.

    Call ``changed`` after each commit, rollback or reboot; the next query computes the new state. With ``busy`` the
    hosts in the LANs send traffic all the time, so that VPNs which wait for traffic come up at once.
    """

    def __init__(self, devices: t.Mapping[str, NetworkDevice], clock: Clock, busy: bool = False) -> None:
        self.devices = devices
        self.clock = clock
        self.busy = busy
        daemons = {
            host: Daemon(device.options.flavour, host, lasting=device.options.switches.associations == "until-rekey")
            for host, device in devices.items()
        }
        self.tunnels = Tunnels(daemons)
        # Per host the number of clears by an operator: "ike GATEWAY" and "ipsec VPN".
        self.clears: dict[str, Counter[str]] = {host: Counter() for host in devices}
        self.rows = Rows(self.tunnels)
        for daemon in daemons.values():
            daemon.log.refresh = self._update
        self.booted: dict[str, float] = {}
        self._views: dict[str, DeviceView] = {}
        self._sources: dict[str, object] = {}
        self._problems: dict[str, str] = {}
        self._sessions: dict[str, deque[Session]] = {}
        self._session_number = 0
        self._dirty: set[str] = set(devices)
        self._changed_at = clock.now()

    # --- events ----------------------------------------------------------------------------------

    def changed(self, host: str | None = None) -> None:
        """Note that the committed configuration of ``host`` has changed; without ``host``, of any device."""
        if not self._dirty:
            self._changed_at = self.clock.now()
        self._dirty |= set(self.devices) if host is None else {host}

    def flap(self, host: str, vpn: str, seconds: float = 0.0) -> None:
        """Take a tunnel down for ``seconds``; then it comes up as configured."""
        self._update()
        now, end = self.clock.now(), (host, vpn)
        if vpn not in self._views[host].vpns:
            raise KeyError(f"{host}: no VPN {vpn}; there are {', '.join(self._views[host].vpns) or 'none'}")
        if seconds:
            self.tunnels.held_vpns[end] = now + seconds
        self._drop(host, lambda key: key[1] == vpn, FLAPPED, now)
        self.tunnels.start(now, {host})

    def tell(self, host: str, vpn: str, told: Told | None) -> Failure | None:
        """Use the outcome that another source tells of a VPN, which need not be configured yet."""
        self._update()
        return self.tunnels.tell((host, vpn), told, self.clock.now())

    def end_flaps(self, host: str) -> None:
        """Let the tunnels of a device come up that are held down."""
        self._update()
        for end in [end for end in self.tunnels.held_vpns if end[0] == host]:
            del self.tunnels.held_vpns[end]
        self.tunnels.start(self.clock.now(), {host})

    def reboot(self, host: str, seconds: float = 0.0) -> None:
        """Restart a device, which is up again after ``seconds``: end its tunnels and sessions, reset its counters."""
        self._update()
        now = self.clock.now()
        if seconds:
            self.tunnels.held[host] = now + seconds
        self.booted[host] = now + seconds
        if self.devices[host].options.switches.restart == "unnoticed":
            self.tunnels.lose(host, now, RESTARTED)
        else:
            self._drop(host, lambda key: True, RESTARTED, now)
        self._sessions.pop(host, None)
        for key, state in self.tunnels.states.items():
            if key[0] == host:
                state.counters = Counters()
        self.tunnels.start(now, {host})

    def clear_ipsec(self, host: str, wanted: t.Callable[[TunnelRow], bool]) -> int:
        """Clear the pairs of the tunnels that ``wanted`` selects, and not their phase 1. Return their number."""
        self._update()
        now = self.clock.now()
        picked = {(row.vpn.name, row.selector.name) for row in self.rows.tunnels(host, now) if row.up and wanted(row)}
        self.clears[host].update(f"ipsec {vpn}" for vpn, _selector in picked)
        self._drop(host, lambda key: key[1:] in picked, FLAPPED, now, keep_ike=True)
        self.tunnels.start(now, {host})
        return len(picked)

    def clear_ike(self, host: str, wanted: t.Callable[[IkeRow], bool]) -> int:
        """Clear phase 1 associations with their pairs. Return their number."""
        self._update()
        now = self.clock.now()
        picked = {row.gateway for row in self.rows.ike(host, now) if row.state == "UP" and wanted(row)}
        self.clears[host].update(f"ike {name}" for name in picked)
        for name in sorted(picked):
            for sa in self.tunnels.ike_of(host, name):
                self._drop(host, lambda key, name=name: self._gateway_of(key) == name,  # type: ignore[misc]
                           "IKE SA cleared by user, corresponding IPSec SAs cleared", now)  # fmt: skip
                self.tunnels.drop_ike(sa)
        self.tunnels.start(now, {host})
        return len(picked)

    def clear_statistics(self, host: str, index: int | None = None) -> None:
        """Reset the counters of one tunnel, or of all."""
        self._update()
        for key, state in self.tunnels.states.items():
            if key[0] == host and index in (None, state.index):
                state.counters = Counters()

    # --- queries ---------------------------------------------------------------------------------

    @property
    def fabric(self) -> Fabric:
        self._update()
        return self.tunnels.fabric

    def view(self, host: str) -> DeviceView:
        """Return the view of the device's configuration."""
        self._update()
        return self._views[host]

    def problem(self, host: str) -> str | None:
        """Return the reason for which the network cannot read a device's configuration, or ``None``."""
        self._update()
        return self._problems.get(host)

    def log(self, host: str) -> DeviceLog:
        """Return the log files of a device. A read of them computes the new state first, a write does not."""
        return self.tunnels.daemons[host].log

    def ike_sas(self, host: str) -> list[IkeRow]:
        self._update()
        return self.rows.ike(host, self.clock.now())

    def tunnel_rows(self, host: str) -> list[TunnelRow]:
        """Return every configured VPN of a device, up or down, by index."""
        self._update()
        return self.rows.tunnels(host, self.clock.now())

    def next_hop_tunnels(self, host: str) -> list[NhtbRow]:
        self._update()
        return self.rows.next_hop_tunnels(host)

    def routes(self, host: str) -> list[RouteRow]:
        self._update()
        return self.rows.routes(host, self.booted.get(host, 0.0))

    def sessions(self, host: str) -> list[Session]:
        """Return the flows that have not timed out."""
        self._update()
        now = self.clock.now()
        return [session for session in self._sessions.get(host, ()) if now - session.started < session.timeout]

    def reachable(self, source: str, destination: str) -> Verdict:
        """Return whether a host at ``source`` gets an answer from ``destination``, without any traffic or change."""
        return Walk(_Hypothetical(self), source, destination).verdict()

    def ping(self, host: str, destination: str, source: str | None = None, interface: str | None = None,
             count: int = 5) -> PingResult:  # fmt: skip
        """Send echoes from a device, with the address of ``interface`` or ``source``; they bring tunnels up."""
        self._update()
        view = self._views[host]
        ingress = view.interfaces.get(interface or "") or (view.interface_of(source) if source else None)
        address = source or (ingress.ip if ingress else None) or self._egress_address(host, destination)
        walk = Walk(_Real(self), address, destination)
        verdict = walk.verdict(host, ingress.name if ingress else None)
        if verdict.failure is not None and verdict.failure.code == "peer-down":
            self.tunnels.sent_in_vain((verdict.failure.device, verdict.failure.object), self.clock.now())
        self._count(verdict, count)
        self._record(verdict, address, destination, count)
        self._trace(verdict, address, destination)
        rtts = tuple(self._rtt(host, destination, probe, len(verdict.hops)) for probe in range(count if verdict else 0))
        return PingResult(destination, count, rtts, 64 - max(0, len(verdict.crossed) - 1), verdict)

    # --- internals -------------------------------------------------------------------------------

    def _update(self) -> None:
        if self._dirty:
            changed, self._dirty = self._dirty, set()
            really = {host for host in self.devices if host in changed and self._read(host)}
            if really:
                self.tunnels.adopt(dict(self._views), really, self._changed_at)
        now = self.clock.now()
        self.tunnels.expire(now)
        self._release(now)
        if self.busy:
            self._lan_traffic(now)

    def _read(self, host: str) -> bool:
        device = self.devices[host]
        view = self._view_of(device)
        known = self._views.get(host)
        self._views[host] = view
        return view != known

    def _view_of(self, device: NetworkDevice) -> DeviceView:
        self._problems.pop(device.host, None)
        if device.kind != "junos":
            try:
                return peers.read(device.kind, device.host, device.operator_text() or "")
            except peers.PeerTextError as error:
                # A device without a valid text has no configuration.
                self._problems[device.host] = str(error)
                return peers.read(device.kind, device.host, "")
        node = device.effective()
        if node is None:
            return peers.read("screenos", device.host, "")
        options = device.options
        leased = with_lease(junos_view.read(device.host, node, options.switches), node, options.dhcp)
        return with_nat(leased, options.nat, forwards=options.nat_forwards)

    def _release(self, now: float) -> None:
        held: tuple[dict[t.Any, float], ...] = (self.tunnels.held, self.tunnels.held_vpns)
        if any(until <= now for table in held for until in table.values()):
            for table in held:
                for key in [key for key, until in table.items() if until <= now]:
                    del table[key]
            self.tunnels.start(now)

    def _lan_traffic(self, now: float) -> None:
        """Bring up every VPN that a route of its device leads into, as traffic of LAN hosts does."""
        for end, found in self.tunnels.attempts.items():
            vpn = found.vpn
            if vpn is None or found.failure is not None or self.tunnels.is_up(end) or vpn.establish != "on-traffic":
                continue
            if self.rows.has_route(end):
                self.tunnels.bring_up(end, now, quiet=True)

    def _gateway_of(self, key: TunnelKey) -> str:
        return self._views[key[0]].vpns[key[1]].gateway

    def _drop(
        self, host: str, wanted: t.Callable[[TunnelKey], bool], reason: str, now: float, *, keep_ike: bool = False
    ) -> None:
        for key, pair in list(self.tunnels.pairs.items()):
            if key[0] == host and wanted(key):
                self.tunnels.drop(pair, now, reason, by=host, keep_ike=keep_ike)

    def _egress_address(self, host: str, destination: str) -> str:
        """Return the address of the egress interface, which a ping without a source uses."""
        way = Walk(_Hypothetical(self), "0.0.0.0", destination).exit(host, destination)
        address = None if isinstance(way, Failure) else way.interface.ip
        return address or next((i.ip for i in self._views[host].interfaces.values() if i.ip), None) or "0.0.0.0"

    def _count(self, verdict: Verdict, count: int) -> None:
        """Count the requests and their answers in each tunnel on the way."""
        back = count if verdict else 0
        for hop in verdict.hops:
            for end, out, into in (((hop.host, hop.vpn), count, back), ((hop.peer, hop.peer_vpn), back, count)):
                state = self.tunnels.states.get((*end, self.tunnels.fabric.vpn(end).selectors[0].name))
                if state is not None:
                    state.counters += Counters(out, out * ESP_BYTES, into, into * (ESP_BYTES - 68))

    def _record(self, verdict: Verdict, source: str, destination: str, count: int) -> None:
        for host, ingress, egress, policy in verdict.crossed if verdict else ():
            self._session_number += 1
            session = Session(
                identifier=self._session_number, policy=policy or "self-traffic-policy", source=source,
                destination=destination, ingress=ingress or ".local..0", egress=egress, protocol="icmp",
                started=self.clock.now(), timeout=int(ICMP_TIMEOUT), packets=(count, count),
                ports=(number(60000, source, destination, self._session_number), 1),
            )  # fmt: skip
            self._sessions.setdefault(host, deque(maxlen=200)).append(session)

    def _trace(self, verdict: Verdict, source: str, destination: str) -> None:
        for host, ingress, egress, _policy in verdict.crossed:
            failure = verdict.failure if verdict.failure and verdict.failure.device == host else None
            self.rows.trace(host, (source, destination), (ingress, egress), failure, self.clock.now())

    def _rtt(self, host: str, destination: str, probe: int, hops: int) -> int:
        """Return microseconds: some milliseconds per tunnel, more for the first probe, as in the document's output."""
        base = 300 + 3700 * hops + number(1500, "rtt", host, destination, probe)
        return base + (4000 if probe == 0 and hops else 0)
