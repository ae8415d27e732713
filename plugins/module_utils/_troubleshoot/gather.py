# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Ask both ends of every tunnel in question, from the lowest layer up. Nothing is sent but questions and pings."""

from __future__ import annotations

import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy, in_effect
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import key_reader
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import planned_words
from ansible_collections.hubspoke.srx.plugins.module_utils._device.observe import examine, observe, wake
from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import INTERFACES, PING, ROUTE, ask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import (
    NOT_ASKED,
    Answer,
    LogEvent,
    Observation,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import KeyCodec
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import Scope
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import STEPS, Case, End
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.steps import WITH_TRAFFIC, Climb, climb
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import ike, ipsec
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import probes

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# What a device's IKE daemon has logged, the newest last; none where there is no log to read.
LogReader = t.Callable[["Session"], t.Sequence[LogEvent]]

_PLATFORMS = {"screenos": "it runs ScreenOS"}
_PROBE = {"count": 2, "wait": 1}
_POLL = 1.0


@dataclass(frozen=True)
class Means:
    """How devices are asked: C(keys) by host, C(wait) and C(sample_interval) in seconds."""

    connect: t.Callable[[DevicePlan], Session]
    texts: t.Mapping[str, str]
    keys: t.Mapping[str, str] = field(repr=False)
    codec: KeyCodec = field(repr=False)
    log: LogReader
    sessions_at_once: int = 30
    wait: float = 10.0
    sample_interval: float = 2.0


@dataclass
class _Device:
    """One device in question: its tunnels there, and all that it has answered."""

    plan: DevicePlan
    planned: Hierarchy
    session: Session | None = None
    config: Hierarchy | None = None
    unread: str = ""
    observation: Observation = field(default_factory=lambda: Observation(""))
    interfaces: Answer[t.Any] = NOT_ASKED
    to_peer: dict[str, Answer[t.Any]] = field(default_factory=dict)
    pings: dict[str, Answer[t.Any]] = field(default_factory=dict)
    log: tuple[LogEvent, ...] = ()

    def end(self, peer: str) -> End:
        """This device as an end of the tunnel to a peer."""
        tunnel = self.tunnel(peer)
        address = tunnel.peer_address
        return End(
            plan=replace(self.plan, tunnels=(tunnel,)),
            tunnel=tunnel,
            planned=self.planned,
            config=self.config,
            unread=self.unread,
            observation=self.observation,
            interfaces=self.interfaces,
            to_peer=self.to_peer.get(address, NOT_ASKED),
            ping=self.pings.get(address, NOT_ASKED),
            log=self.log,
        )

    def tunnel(self, peer: str) -> Tunnel:
        return next(tunnel for tunnel in self.plan.tunnels if tunnel.peer_host == peer)

    @property
    def as_configured(self) -> DevicePlan:
        """The plan, in which each tunnel is negotiated when what is in effect says so."""
        tunnels = (replace(one, establish=self.end(one.peer_host).establish) for one in self.plan.tunnels)
        return replace(self.plan, tunnels=tuple(tunnels))

    def down(self) -> list[Finding]:
        """What is not as it should be about phase 1 and 2 of the tunnels in question."""
        found = ike.findings(self.plan, self.observation) + ipsec.findings(self.plan, self.observation)
        return [finding for finding in found if finding.state != "ok"]


def look(fleet: FleetPlan, scope: Scope, means: Means) -> list[Climb]:
    """Look at every tunnel in question; a device that cannot be asked is an end that cannot be read. Raises nothing."""
    devices = _devices(fleet, scope, means)
    readable = [device for device in devices.values() if not device.unread]
    key = key_reader(means.keys, means.codec)
    with ThreadPoolExecutor(max_workers=max(1, means.sessions_at_once)) as pool:

        def everywhere(work: t.Callable[[_Device], None]) -> None:
            list(pool.map(lambda device: _guarded(device, work), readable))

        try:
            everywhere(lambda device: _read(device, means))
            _wait_for_tunnels(readable, everywhere, means.wait)
            everywhere(lambda device: _why_down(device, means))
            climbs = [climb(case, key) for case in _cases(devices, fleet, scope)]
            wanted = {one.case.spoke.host for one in climbs if _carries_on(one)}
            everywhere(lambda device: _send(device, fleet, scope, wanted, means))
        finally:
            everywhere(_close)
    cases = _cases(devices, fleet, scope)
    failing = _failing(climb(case, key) for case in cases)
    known = [case.spoke.host for case in cases]
    return [climb(case, key, _others(failing, case), known) for case in cases]


def _devices(fleet: FleetPlan, scope: Scope, means: Means) -> dict[str, _Device]:
    peers = {spoke.host for spoke in scope.spokes}
    hub = replace(fleet.hub, tunnels=tuple(one for one in fleet.hub.tunnels if one.peer_host in peers))
    found: dict[str, _Device] = {}
    for plan in (hub, *scope.spokes):
        junos = plan.site.platform == "junos"
        statements = planned_words(means.texts[plan.host], plan.group) if junos else []
        found[plan.host] = _Device(plan, Hierarchy(statements), unread=_PLATFORMS.get(plan.site.platform, ""))
    return found


def _cases(devices: t.Mapping[str, _Device], fleet: FleetPlan, scope: Scope) -> list[Case]:
    hub = devices[fleet.hub.host]
    return [
        Case(hub.end(spoke.host), devices[spoke.host].end(hub.plan.host), tuple(scope.flows[spoke.host]))
        for spoke in scope.spokes
    ]


def _guarded(device: _Device, work: t.Callable[[_Device], None]) -> None:
    """Do something with a device; once it fails to answer it counts as one that cannot be read."""
    if device.unread:
        return
    try:
        work(device)
    except HubspokeError as error:
        device.unread, device.config = str(error), None


def _read(device: _Device, means: Means) -> None:
    device.session = session = means.connect(device.plan)
    session.open()
    device.config = in_effect(session.effective())
    device.interfaces = ask(session, INTERFACES, {"terse": True})
    for tunnel in device.plan.tunnels:
        arguments = {"destination": tunnel.peer_address, "table": "inet.0"}
        device.to_peer[tunnel.peer_address] = ask(session, ROUTE, arguments)
    device.observation = observe(session, device.plan, why_down=True)


def _wait_for_tunnels(
    devices: t.Sequence[_Device], everywhere: t.Callable[[t.Callable[[_Device], None]], None], seconds: float
) -> None:
    """Send the packet that an on-traffic tunnel waits for, and give it time to come up."""
    sleeping = [device for device in devices if _sleeps(device)]
    if not sleeping:
        return
    everywhere(lambda device: wake(_session(device), device.as_configured, device.down()))
    end = time.monotonic() + seconds
    while True:
        everywhere(_observe_again)
        if not any(map(_sleeps, sleeping)) or time.monotonic() >= end:
            return
        time.sleep(min(_POLL, max(0.0, end - time.monotonic())))


def _sleeps(device: _Device) -> bool:
    if device.unread or device.config is None:
        return False
    down = {finding.tunnel for finding in device.down()}
    return any(one.vpn in down and one.establish in (None, "on-traffic") for one in device.as_configured.tunnels)


def _observe_again(device: _Device) -> None:
    device.observation = observe(_session(device), device.plan, why_down=True)


def _why_down(device: _Device, means: Means) -> None:
    """For tunnels that are down: does the peer answer at all, and what does the log say?"""
    session = _session(device)
    down = {finding.tunnel for finding in device.down()}
    for tunnel in device.plan.tunnels:
        if tunnel.vpn in down:
            arguments = {"host": tunnel.peer_address, **_PROBE}
            device.pings[tunnel.peer_address] = ask(session, PING, arguments)
    if down:
        device.log = _logged(device, means)


def _logged(device: _Device, means: Means) -> tuple[LogEvent, ...]:
    """The log is evidence beside others: where reading it breaks the session, a new one goes on without it."""
    try:
        return tuple(means.log(_session(device)))
    except SessionError:
        _close(device)
        device.session = means.connect(device.plan)
        device.session.open()
        return ()


def _carries_on(one: Climb) -> bool:
    """Whether traffic is worth sending: nothing below has failed."""
    return one.failed is None and all(step.state != "skipped" for step in one.steps)


def _send(device: _Device, fleet: FleetPlan, scope: Scope, wanted: t.Collection[str], means: Means) -> None:
    mine = [tunnel for tunnel in device.plan.tunnels if {tunnel.peer_host, device.plan.host} & set(wanted)]
    if not mine:
        return
    spokes = {tunnel.peer_host for tunnel in mine} | {device.plan.host}
    far = {
        lan.network
        for host, flows in scope.flows.items()
        if host in spokes
        for flow in flows
        for site in (flow.source, flow.destination)
        if site.host != device.plan.host and device.plan.host in (flow.source.host, flow.destination.host)
        for lan in site.site.lans
    }
    sent = [one for one in probes(fleet, replace(device.plan, tunnels=tuple(mine))) if one.network in far]
    device.observation = examine(
        _session(device), device.plan, ("statistics", "pings"), sent, means.sample_interval, str
    )


def _failing(climbs: t.Iterable[Climb]) -> dict[str, str]:
    """The step at which each tunnel fails that fails below its traffic, by spoke."""
    found = {}
    for one in climbs:
        failed = one.failed
        if failed is not None and failed.finding.check in STEPS and failed.finding.check not in WITH_TRAFFIC:
            found[one.case.spoke.host] = failed.finding.check
    return found


def _others(failing: t.Mapping[str, str], case: Case) -> dict[str, str]:
    return {host: name for host, name in failing.items() if host != case.spoke.host}


def _close(device: _Device) -> None:
    if device.session is not None:
        device.session.close()


def _session(device: _Device) -> Session:
    return t.cast("Session", device.session)
