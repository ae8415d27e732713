# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read both ends of every tunnel in scope, start idle tunnels, and diagnose them. Devices are only read and pinged."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy, in_effect
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import key_reader
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import planned_words
from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._device.observe import answer_of, examine, observe, wake
from ansible_collections.hubspoke.srx.plugins.module_utils._device.prechecks import find_overrides
from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import INTERFACES, PING, ROUTE, ask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, Sentence, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import NOT_ASKED, Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, KeyCodec
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import LogEvent
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import Scope
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import STEPS, Case, End
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.steps import WITH_TRAFFIC, Diagnosis, diagnose
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import ike, ipsec
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import probes

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# Returns the events of a device's IKE daemon, the newest last; none without a log.
LogReader = t.Callable[["Session"], t.Sequence[LogEvent]]

_PROBE = {"count": 2, "wait": 1}
_POLL = 1.0
# Stages that show their waits alone.
_QUIET = ("wake", "log")
# Seconds for a device to take its leave.
_CLOSING = 10.0


@dataclass(frozen=True)
class Access:
    """Access to the devices. ``texts`` and ``keys`` are by host, ``wait`` and ``sample_interval`` in seconds.

    ``outside`` has the reason of each host that the run must not contact.
    """

    connect: t.Callable[[str], Session]
    texts: t.Mapping[str, str]
    keys: t.Mapping[str, str] = field(repr=False)
    codec: KeyCodec = field(repr=False)
    log: LogReader
    sessions_at_once: int = 30
    progress: Progress = field(default_factory=Progress, repr=False)
    wait: float = 10.0
    sample_interval: float = 2.0
    outside: t.Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Device:
    """One device in scope: its plan with the tunnels to diagnose, and its replies so far."""

    plan: DevicePlan
    planned: Hierarchy
    session: Session | None = None
    config: Hierarchy | None = None
    unread: str = ""
    error: HubspokeError | None = None
    observation: Observation = field(default_factory=lambda: Observation(""))
    interfaces: Answer[t.Any] = NOT_ASKED
    to_peer: dict[str, Answer[t.Any]] = field(default_factory=dict)
    pings: dict[str, Answer[t.Any]] = field(default_factory=dict)
    log: tuple[LogEvent, ...] = ()
    overrides: Answer[Finding] = NOT_ASKED

    @property
    def host(self) -> str:
        """Return the device's name in the inventory."""
        return self.plan.host

    def end(self, peer: str) -> End:
        """Return this device as an end of the tunnel to a peer."""
        tunnel = self.tunnel(peer)
        return End(
            plan=replace(self.plan, tunnels=(tunnel,)),
            tunnel=tunnel,
            planned=self.planned,
            config=self.config,
            unread=self.unread,
            error=self.error,
            observation=self.observation,
            interfaces=self.interfaces,
            to_peer=self.to_peer.get(tunnel.vpn, NOT_ASKED),
            ping=self.pings.get(tunnel.vpn, NOT_ASKED),
            log=self.log,
            overrides=self.overrides,
        )

    def tunnel(self, peer: str) -> Tunnel:
        """Return the planned tunnel to a peer."""
        return next(tunnel for tunnel in self.plan.tunnels if tunnel.peer_host == peer)

    @property
    def as_configured(self) -> DevicePlan:
        """Return the plan with ``establish`` of each tunnel as the configuration in effect has it."""
        tunnels = (replace(one, establish=self.end(one.peer_host).establish) for one in self.plan.tunnels)
        return replace(self.plan, tunnels=tuple(tunnels))

    def down(self) -> list[Finding]:
        """Return the findings about phase 1 and phase 2 that are not ok."""
        found = ike.findings(self.plan, self.observation) + ipsec.findings(self.plan, self.observation)
        return [finding for finding in found if finding.state != "ok"]


def diagnose_tunnels(fleet: FleetPlan, scope: Scope, access: Access) -> list[Diagnosis]:
    """Return the diagnosis of every tunnel in scope. A device without a session is an end that cannot be read."""
    devices = _devices(fleet, scope, access)
    readable = [device for device in devices.values() if not device.unread]
    key = key_reader(access.keys, access.codec)
    # With all tunnels of a hub: its group has them too.
    hosts = {device.host for device in readable}
    jobs = {plan.host: Job(plan, access.texts[plan.host]) for plan in fleet.devices if plan.host in hosts}
    try:
        with FanOut(access.sessions_at_once, access.progress, abandon=_abandon) as fan_out:

            def everywhere(name: str, work: t.Callable[[_Device], None]) -> None:
                """Do work with the devices as a stage, without a name in the one that is open.

                A device that fails counts as one that cannot be read from then on.
                """
                devices, step = [device for device in readable if not device.unread], fan_out.log_in(work)
                quiet = name in _QUIET
                answers = fan_out.answers(name, devices, step, quiet=quiet) if name else fan_out.each(devices, step)
                for device, answer in zip(devices, answers, strict=True):
                    if isinstance(answer, HubspokeError):
                        device.unread = Sentence.of(str(answer), device.host).fact
                        device.error, device.config = answer, None

            everywhere("read", lambda device: _read(device, jobs[device.host], access))
            _wait_for_tunnels(readable, everywhere, access)
            everywhere("log", lambda device: _why_down(device, access))
            first = [diagnose(case, key) for case in _cases(devices, fleet, scope)]
            wanted = {one.case.spoke.host for one in first if _can_carry_traffic(one)}
            everywhere("traffic", lambda device: _send(device, fleet, scope, wanted, access))
    finally:
        # After an interrupt no step is running any more: its session was closed under it.
        with FanOut(access.sessions_at_once, access.progress, abandon=_abandon, limit=_CLOSING) as closing:
            closing.stage("leave", readable, _close, quiet=True)
    cases = _cases(devices, fleet, scope)
    failing = _failing(diagnose(case, key) for case in cases)
    known = [case.spoke.host for case in cases]
    return [diagnose(case, key, _others(failing, case), known) for case in cases]


def _devices(fleet: FleetPlan, scope: Scope, access: Access) -> dict[str, _Device]:
    peers = {spoke.host for spoke in scope.spokes}
    hub = replace(fleet.hub, tunnels=tuple(one for one in fleet.hub.tunnels if one.peer_host in peers))
    found: dict[str, _Device] = {}
    for plan in (hub, *scope.spokes):
        junos = not plan.site.profile.by_operator
        statements = planned_words(access.texts[plan.host], plan.group) if junos else []
        found[plan.host] = _Device(plan, Hierarchy(statements), unread=_unread(plan, access))
    return found


def _unread(plan: DevicePlan, access: Access) -> str:
    """Return why a device is not read, empty where it is."""
    profile = plan.site.profile
    return f"it runs {profile.title}" if profile.by_operator else access.outside.get(plan.host, "")


def _cases(devices: t.Mapping[str, _Device], fleet: FleetPlan, scope: Scope) -> list[Case]:
    hub = devices[fleet.hub.host]
    return [
        Case(hub.end(spoke.host), devices[spoke.host].end(hub.plan.host), tuple(scope.flows[spoke.host]))
        for spoke in scope.spokes
    ]


def _read(device: _Device, job: Job, access: Access) -> None:
    device.session = session = access.connect(device.plan.host)
    session.open()
    device.config = in_effect(session.effective())
    device.overrides = answer_of(lambda: find_overrides(session, job, access.keys, access.codec))
    device.interfaces = ask(session, INTERFACES, {"terse": True})
    for tunnel in device.plan.tunnels:
        # Where the address of the peer is not known, nothing can be asked about the way to it.
        if tunnel.peer_address is not None:
            arguments = {"destination": tunnel.peer_address, "table": "inet.0"}
            device.to_peer[tunnel.vpn] = ask(session, ROUTE, arguments)
    device.observation = observe(session, device.plan, why_down=True)


def _wait_for_tunnels(
    devices: t.Sequence[_Device], everywhere: t.Callable[[str, t.Callable[[_Device], None]], None], access: Access
) -> None:
    """Send the first packet into each on-traffic tunnel that is down, and wait for all to come up, not for ever."""
    idle = [device for device in devices if _has_idle_tunnel(device)]
    if not idle:
        return
    everywhere("wake", lambda device: wake(_session(device), device.as_configured, device.down()))
    end = time.monotonic() + access.wait
    access.progress.begin("wait", len(idle), quiet=True)
    access.progress.expect(0, len(idle), "", (), access.wait)
    while True:
        everywhere("", _observe_again)
        if not any(map(_has_idle_tunnel, idle)) or time.monotonic() >= end:
            return
        access.progress.pause(min(_POLL, max(0.0, end - time.monotonic())), _sleep)


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def _has_idle_tunnel(device: _Device) -> bool:
    if device.unread or device.config is None:
        return False
    down = {finding.tunnel for finding in device.down()}
    return any(
        one.vpn in down and one.establish in (None, "on-traffic") and not one.is_dynamic
        for one in device.as_configured.tunnels
    )


def _observe_again(device: _Device) -> None:
    device.observation = observe(_session(device), device.plan, why_down=True)


def _why_down(device: _Device, access: Access) -> None:
    """Ping the peer of each tunnel that is down, and read the log."""
    session = _session(device)
    down = {finding.tunnel for finding in device.down()}
    for tunnel in device.plan.tunnels:
        if tunnel.vpn in down and tunnel.peer_address is not None:
            arguments = {"host": tunnel.peer_address, **_PROBE}
            device.pings[tunnel.vpn] = ask(session, PING, arguments)
    if down:
        device.log = _logged(device, access)


def _logged(device: _Device, access: Access) -> tuple[LogEvent, ...]:
    """Return the events of the log; none where reading it breaks the session, which is then opened again."""
    try:
        return tuple(access.log(_session(device)))
    except SessionError:
        _close(device)
        device.session = access.connect(device.plan.host)
        device.session.open()
        return ()


def _can_carry_traffic(one: Diagnosis) -> bool:
    """Return whether no step has failed or is skipped, so that traffic can be sent."""
    return one.failed is None and all(step.state != "skipped" for step in one.steps)


def _send(device: _Device, fleet: FleetPlan, scope: Scope, wanted: t.Collection[str], access: Access) -> None:
    mine = [tunnel for tunnel in device.plan.tunnels if {tunnel.peer_host, device.plan.host} & set(wanted)]
    if not mine:
        return
    spokes = {tunnel.peer_host for tunnel in mine} | {device.plan.host}
    far = dict.fromkeys(
        lan.network
        for host, flows in scope.flows.items()
        if host in spokes
        for flow in flows
        for site in (flow.source, flow.destination)
        if site.host != device.plan.host and device.plan.host in (flow.source.host, flow.destination.host)
        for lan in site.site.lans
    )
    sent = probes(fleet, replace(device.plan, tunnels=tuple(mine)), far)
    device.observation = examine(
        _session(device), device.plan, ("statistics", "pings"), sent, access.sample_interval, None
    )


def _failing(diagnoses: t.Iterable[Diagnosis]) -> dict[str, str]:
    """Return, by spoke, the step at which a tunnel fails before any traffic is sent."""
    found = {}
    for one in diagnoses:
        failed = one.failed
        if failed is not None and failed.finding.check in STEPS and failed.finding.check not in WITH_TRAFFIC:
            found[one.case.spoke.host] = failed.finding.check
    return found


def _others(failing: t.Mapping[str, str], case: Case) -> dict[str, str]:
    return {host: name for host, name in failing.items() if host != case.spoke.host}


def _close(device: _Device) -> None:
    if device.session is not None:
        device.session.close()


def _abandon(device: _Device) -> None:
    if device.session is not None:
        device.session.abandon()


def _session(device: _Device) -> Session:
    return t.cast("Session", device.session)
