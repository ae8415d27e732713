# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The traces of each device: the document's recommended settings, with filters made from a pair of sites."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Probe
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Lan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import Flow, Scope
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import probes

# By the document, section "Configure Packet Filters to Reduce the Resource Usage".
MOST_FILTERS = 64
_ESP = "50"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SIZE = re.compile(r"([0-9]{1,10})([kmg]?)", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
# The range of Junos, in bytes.
_SIZES = range(10240, 1073741824 + 1)
_FILES = range(2, 1000 + 1)
# By Juniper's documentation, the first releases with these flags of the flow trace.
_SINCE = {"jexec": (20, 4), "packet-track": (24, 4)}
# Logs of the device itself: a run reads them and never deletes them.
DEVICE_LOGS = frozenset({"kmd", "iked", "messages", "security-trace", "interactive-commands", "chassisd", "dcd"})


@dataclass(frozen=True)
class PacketFilter:
    """A filter of the flow trace: a packet must match every field that is set; without any, all packets match."""

    name: str
    protocol: str = ""
    source: str = ""
    destination: str = ""


@dataclass(frozen=True)
class Trace:
    """One of the two traces: its file in ``/var/log``, and the flags that choose its contents."""

    file: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class TraceOptions:
    """The options of the user. ``size`` in the form of Junos (``1m``). Prefixes narrow the networks of a pair."""

    ike: Trace | None
    flow: Trace | None
    size: str
    files: int
    source_prefix: str = ""
    destination_prefix: str = ""

    @property
    def traces(self) -> tuple[Trace, ...]:
        """Return the traces that are switched on."""
        return tuple(trace for trace in (self.ike, self.flow) if trace)

    @property
    def bytes(self) -> int:
        """Return the size of all files once they are full, in bytes."""
        number, unit = t.cast(re.Match[str], _SIZE.fullmatch(self.size)).groups()
        return int(number) * _UNITS[unit.lower()] * self.files * len(self.traces)


@dataclass(frozen=True)
class TracePlan:
    """The traces of one device. ``plan`` has the traced tunnels only; ``probes`` are pings along the flows."""

    plan: DevicePlan
    group: str
    options: TraceOptions
    filters: tuple[PacketFilter, ...]
    probes: tuple[Probe, ...]

    @property
    def host(self) -> str:
        """Return the inventory name of the device."""
        return self.plan.host


def group_of(plan: DevicePlan) -> str:
    """Return the group of the traces. It is not the VPN's group, so that each can be removed without the other."""
    return f"{plan.group}-trace"


def trace_plans(fleet: FleetPlan, scope: Scope, options: TraceOptions) -> tuple[TracePlan, ...]:
    """Return a plan for each Junos device of the chosen tunnels, the hub first. Raise BadArgument."""
    _check(options)
    flows = _narrowed(scope, options)
    spokes = {spoke.host for spoke in scope.spokes}
    plans = []
    for device in (fleet.hub, *scope.spokes):
        if device.site.profile.by_operator:
            continue
        tunnels = tuple(one for one in device.tunnels if device.host in spokes or one.peer_host in spokes)
        plan = replace(device, tunnels=tunnels)
        _check_release(device, options)
        mine = _flows_at(fleet, device, flows)
        filters = _filters(plan, mine) if options.flow else ()
        if len(filters) > MOST_FILTERS:
            raise BadArgument(
                f"{device.host}: packet filters: expected at most {MOST_FILTERS}, actual {len(filters)} for these"
                " sites. Name a pair of sites, limit the play to fewer spokes, or trace IKE alone."
            )
        plans.append(TracePlan(plan, group_of(device), options, filters, _probes(fleet, plan, mine)))
    return tuple(plans)


def _check(options: TraceOptions) -> None:
    if not options.traces:
        raise BadArgument("controller: traceoptions: expected ike or flow to be traced, actual neither. Choose one.")
    found = _SIZE.fullmatch(options.size)
    if not found or int(found[1]) * _UNITS[found[2].lower()] not in _SIZES:
        raise BadArgument(
            f"controller: file size: expected 10k to 1g, as in 1m, actual {options.size!r}. Junos takes nothing else."
        )
    if options.files not in _FILES:
        raise BadArgument(f"controller: files: expected 2 to 1000, actual {options.files}. Junos takes nothing else.")
    for trace in options.traces:
        if not _NAME.fullmatch(trace.file):
            raise BadArgument(
                "controller: trace file: expected a name in /var/log of letters, digits and ._-, actual"
                f" {trace.file!r}. Give a plain file name."
            )
        if not trace.flags:
            raise BadArgument(f"controller: flags of {trace.file}: expected at least one, actual none. Give a flag.")
    if len({trace.file for trace in options.traces}) < len(options.traces):
        raise BadArgument(
            "controller: trace files: expected one for IKE and another for the flow, actual"
            f" {options.traces[0].file} for both. Give them different names."
        )


def _check_release(device: DevicePlan, options: TraceOptions) -> None:
    release = device.site.release
    if options.flow is None or not release:
        return
    number = tuple(int(part) for part in re.findall(r"[0-9]+", release)[:2])
    lacks = [flag for flag in options.flow.flags if number < _SINCE.get(flag, (0, 0))]
    if lacks:
        first = ".".join(map(str, _SINCE[lacks[0]]))
        raise BadArgument(
            f"{device.host}: flow flag {lacks[0]}: expected Junos {first} or newer, actual nhtb_release {release}."
            " Remove the flag."
        )


# --- flows ---


@dataclass(frozen=True)
class _Way:
    """Packets from one network to another, between the two sites of a ``flow``."""

    flow: Flow
    source: str
    destination: str


def _narrowed(scope: Scope, options: TraceOptions) -> list[_Way]:
    """Return all ways between the networks of the chosen sites, narrowed to the prefixes of a pair."""
    flows = dict.fromkeys(flow for flows in scope.flows.values() for flow in flows)
    ends = {}
    for option, prefix, host in (
        ("source_prefix", options.source_prefix, scope.pair[0] if scope.pair else ""),
        ("destination_prefix", options.destination_prefix, scope.pair[1] if scope.pair else ""),
    ):
        if prefix and not host:
            raise BadArgument(
                f"controller: {option}: expected with a pair of sites only, actual {prefix} without. Name both sites."
            )
        if prefix:
            site = next(one for flow in flows for one in (flow.source, flow.destination) if one.host == host)
            ends[host] = _within(option, prefix, site)
    return [
        _Way(flow, source, destination)
        for flow in flows
        for source in ends.get(flow.source.host, _networks(flow.source))
        for destination in ends.get(flow.destination.host, _networks(flow.destination))
    ]


def _networks(plan: DevicePlan) -> list[str]:
    return [lan.network for lan in plan.site.networks]


def _within(option: str, prefix: str, plan: DevicePlan) -> list[str]:
    try:
        wanted = ipaddress.IPv4Network(prefix, strict=True)
        if any(wanted.subnet_of(ipaddress.IPv4Network(lan.network)) for lan in plan.site.networks):
            return [str(wanted)]
    except ValueError:
        pass
    raise BadArgument(
        f"controller: {option}: expected a host or a network within {', '.join(_networks(plan))} of {plan.host}, as in"
        f" {_example(plan.site.lans[0])}, actual {prefix!r}. Packets of other networks do not take this tunnel."
    )


def _example(lan: Lan) -> str:
    return f"{lan.address.partition('/')[0]}/32"


def _flows_at(fleet: FleetPlan, device: DevicePlan, ways: t.Sequence[_Way]) -> list[_Way]:
    """Return the ways through a device: all at the hub, its own at a spoke."""
    if device.host == fleet.hub.host:
        return list(ways)
    return [way for way in ways if device.host in (way.flow.source.host, way.flow.destination.host)]


def _filters(plan: DevicePlan, ways: t.Sequence[_Way]) -> tuple[PacketFilter, ...]:
    """Return one filter per way, since a filter shows replies only to packets it has matched; and filters for ESP."""
    numbers: dict[str, int] = {}
    used: set[str] = set()

    def free(name: str) -> str:
        # Sites may be called b and b-2, or end in -esp: filters of one name would be one filter.
        while True:
            numbers[name] = numbers.get(name, 0) + 1
            numbered = name if numbers[name] == 1 else f"{name}-{numbers[name]}"
            if numbered not in used:
                used.add(numbered)
                return numbered

    found = []
    for way in ways:
        name = free(f"{way.flow.source.site.name}-to-{way.flow.destination.site.name}")
        found.append(PacketFilter(name, source=way.source, destination=way.destination))
    # A peer without a fixed address sends from any: no filter can name it.
    peers = {tunnel.peer_site: tunnel.peer_address for tunnel in plan.tunnels}
    found += [PacketFilter(free(f"{site}-esp"), _ESP, f"{address}/32") for site, address in peers.items() if address]
    return tuple(found)


def _probes(fleet: FleetPlan, plan: DevicePlan, ways: t.Sequence[_Way]) -> tuple[Probe, ...]:
    """Return the pings from this device's own networks to those of the far sites, as in a verification."""
    far = [lan.network for way in ways if way.flow.source.host == plan.host for lan in way.flow.destination.site.lans]
    return tuple(probes(fleet, plan, dict.fromkeys(far)))
