# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The variable ``nhtb_vpn``: the options of the VPN object at one end, and on a spoke also at the hub's end.

The hub's ``nhtb_vpn`` is for its end of every tunnel. A key of ``at_hub`` in a spoke's ``nhtb_vpn`` precedes it for the
tunnel of that spoke. Only the proxy identity is negotiated: an end without one gets the mirror of the other's.
"""

from __future__ import annotations

import typing as t
from ipaddress import IPv4Address, IPv4Network

from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import JUNOS, DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._model.vpn_options import (
    NO_TIMERS,
    DfBit,
    MonitorTimers,
    ProxyIdentity,
    VerifyPath,
    VpnMonitor,
    VpnOptions,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft, EndDraft, LanDraft, VpnDraft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.names import source_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table

END_KEYS = ("monitor", "df_bit", "copy_outer_dscp", "anti_replay_window", "idle_time")
SPOKE_KEYS = (*END_KEYS, "proxy_identity", "at_hub")
HUB_KEYS = (*END_KEYS, "proxy_identity")
_MONITOR_KEYS = ("destination", "source_interface", "optimized", "verify_path", "interval", "threshold")
_DF_BITS = ("clear", "set", "copy")
# Junos has no window between none and 64 packets.
_SMALLEST_WINDOW, _LARGEST_WINDOW = 64, 8192
_SERVICE_LIMIT = 32
# Devices of Juniper, for which VPN monitoring without a destination was made.
_ANSWERS_AT_IKE_ADDRESS = ("junos", "screenos")
# First releases that Juniper published these statements for.
WINDOW_SINCE = (23, 2)
PACKET_SIZE_SINCE = (18, 2)

T = t.TypeVar("T")


# --- one host ---


def read_vpn(table: Table, profile: DeviceProfile, lans: t.Sequence[LanDraft]) -> VpnDraft:
    """Return the variable ``nhtb_vpn``, and note each problem."""
    row = table.table("nhtb_vpn", SPOKE_KEYS, "")
    if row is None:
        return VpnDraft()
    source = next((lan.interface for lan in lans if lan.vpn), None)
    at_hub = row.table("at_hub", END_KEYS, "")
    return VpnDraft(
        own=_end(row, profile, source),
        # The hub is a Junos device, whose LAN is not known here.
        at_hub=_end(at_hub, JUNOS, None) if at_hub else EndDraft(),
        proxy_identity=_proxy_identity(row),
        has_at_hub=row.values.get("at_hub") is not None,
    )


def _end(row: Table, profile: DeviceProfile, source: str | None) -> EndDraft:
    df_bit: DfBit | None = t.cast(t.Any, row.choice("df_bit", _DF_BITS))
    monitor, timers = _monitor(row, profile, source)
    return EndDraft(
        monitor=monitor,
        timers=timers,
        df_bit=df_bit,
        copy_outer_dscp=row.flag("copy_outer_dscp"),
        anti_replay_window=_window(row),
        idle_time=row.integer("idle_time", 60, 999999, "Choose seconds of the range, or leave it out"),
    )


def _monitor(row: Table, profile: DeviceProfile, source: str | None) -> tuple[VpnMonitor | None, MonitorTimers]:
    inner = row.table("monitor", _MONITOR_KEYS, "")
    if inner is None:
        return None, NO_TIMERS
    destination = inner.ip("destination", "10.1.0.1", "")
    named = inner.values.get("source_interface") is not None
    interface = source_of(inner, "source_interface", profile)
    path = inner.table("verify_path", ("destination", "packet_size"), "")
    verify_path = None
    if path is not None:
        size = path.integer("packet_size", 64, 1350, "Choose bytes of the range")
        target = path.ip("destination", "192.0.2.2", "")
        verify_path = VerifyPath(None if target is None else str(target), size)
    monitor = VpnMonitor(
        destination=None if destination is None else str(destination),
        # From the WAN address, the answer of a host behind the peer would not come back through the tunnel.
        source_interface=interface if named or destination is None else source,
        optimized=inner.flag("optimized") is True,
        verify_path=verify_path,
    )
    timers = MonitorTimers(
        inner.integer("interval", 2, 3600, "Choose seconds of the range"),
        inner.integer("threshold", 1, 65536, "Choose a number of probes"),
    )
    return monitor, timers


def _window(row: Table) -> int | None:
    window = row.integer("anti_replay_window", 0, _LARGEST_WINDOW, "Choose packets of the range, or 0 for none")
    if window is not None and 0 < window < _SMALLEST_WINDOW:
        row.note("small_window", "anti_replay_window", window, low=_SMALLEST_WINDOW, high=_LARGEST_WINDOW)
        return None
    return window


def _proxy_identity(row: Table) -> ProxyIdentity | None:
    inner = row.table("proxy_identity", ("local", "remote", "service"), "")
    if inner is None:
        return None
    local, remote = (_network(inner, name) for name in ("local", "remote"))
    service = inner.name("service", "an application", _SERVICE_LIMIT)
    if local is None or remote is None:
        return None
    # The word of Junos for no service is the same as none.
    return ProxyIdentity(local, remote, None if service == "any" else service)


def _network(row: Table, name: str) -> str | None:
    text = row.text(name)
    if text is None:
        return ProxyIdentity().local
    try:
        network = IPv4Network(text)
    except ValueError:
        row.note("not_a_network", name, text, example="10.1.0.0/24")
        return None
    return str(network)


# --- the fleet ---


def check_vpn_options(hub: Draft, spokes: t.Sequence[Draft], problems: Problems) -> None:
    """Check the options of both ends of each tunnel, and those that all tunnels of the hub share."""
    if hub.vpn.has_at_hub:
        problems.add("at_hub_on_hub", hub.host, "nhtb_vpn.at_hub", "(a mapping)")
    for spoke in spokes:
        ours, theirs = spoke.vpn.proxy_identity, hub.vpn.proxy_identity
        if ours is not None and theirs is not None and ours != theirs.mirrored:
            facts = {"hub": hub.host, "other": theirs, "wanted": theirs.mirrored}
            problems.add("not_mirrored", spoke.host, "nhtb_vpn.proxy_identity", ours, **facts)
        _check_destination(spoke, "nhtb_vpn", spoke.vpn.own, hub, problems)
        if spoke.vpn.at_hub.monitor is not None:
            _check_destination(spoke, "nhtb_vpn.at_hub", spoke.vpn.at_hub, spoke, problems)
        else:
            _check_destination(hub, "nhtb_vpn", hub.vpn.own, spoke, problems)
        _check_answers(spoke, spoke.vpn.at_hub.monitor or hub.vpn.own.monitor, problems)
        if spoke.platform == "junos":
            _check_release(spoke, spoke.host, "nhtb_vpn", spoke.vpn.own, problems)
        _check_release(hub, spoke.host, "nhtb_vpn.at_hub", spoke.vpn.at_hub, problems)
    _check_release(hub, hub.host, "nhtb_vpn", hub.vpn.own, problems)
    _check_timers(hub, spokes, problems)


def _check_destination(host: Draft, prefix: str, end: EndDraft, peer: Draft, problems: Problems) -> None:
    """Check that the monitor of an end probes an address of a network of the other site."""
    destination = end.monitor.destination if end.monitor else None
    if destination is None:
        return
    address = IPv4Address(destination)
    held = [lan.address for lan in peer.lans if lan.vpn] + [peer.tunnel.address, peer.wan.address]
    networks = [one.network for one in held if one]
    networks += [one.network for lan in peer.lans if lan.vpn for one in lan.networks if one.network]
    if not any(address in one for one in networks):
        variable = f"{prefix}.monitor.destination"
        problems.add("monitor_off_site", host.host, variable, destination, other=peer.host)


def _check_answers(spoke: Draft, monitor: VpnMonitor | None, problems: Problems) -> None:
    """Check that the hub's monitor of a third-party spoke has a destination."""
    if monitor is not None and monitor.destination is None and spoke.platform not in _ANSWERS_AT_IKE_ADDRESS:
        facts = {"other": spoke.host, "platform": spoke.profile.title}
        problems.add("silent_peer", spoke.host, "nhtb_vpn.at_hub.monitor.destination", None, **facts)


def _check_release(device: Draft, host: str, prefix: str, end: EndDraft, problems: Problems) -> None:
    number = device.release_number
    path = end.monitor.verify_path if end.monitor else None
    wanted = (
        ("anti_replay_window", end.anti_replay_window, "anti-replay-window-size", WINDOW_SINCE),
        ("monitor.verify_path.packet_size", path and path.packet_size, "verify-path packet-size", PACKET_SIZE_SINCE),
    )
    for name, value, feature, since in wanted:
        # Without a window there is a statement that each release has.
        if value and number is not None and number < since:
            facts = {"release": device.release, "feature": feature, "first": f"{since[0]}.{since[1]}R1"}
            problems.add("release_lacks", host, f"{prefix}.{name}", value, **facts)


def _check_timers(hub: Draft, spokes: t.Sequence[Draft], problems: Problems) -> None:
    """Check that no two monitors of the hub have different timers: a device has one interval and one threshold."""
    seen: dict[str, tuple[int, str]] = {}
    own = hub.vpn.own.timers
    for host, prefix, timers in (
        (hub.host, "nhtb_vpn.monitor", own),
        *((spoke.host, "nhtb_vpn.at_hub.monitor", spoke.vpn.at_hub.timers) for spoke in spokes),
    ):
        for name, value in (("interval", timers.interval), ("threshold", timers.threshold)):
            if value is None:
                continue
            first, other = seen.setdefault(name, (value, host))
            if first != value:
                problems.add("timer_differs", host, f"{prefix}.{name}", value, first=first, other=other, hub=hub.host)


# --- the plan ---


def at_spoke(hub: Draft, spoke: Draft) -> VpnOptions:
    """Return the options of the spoke's end."""
    theirs = hub.vpn.proxy_identity
    return _options(spoke.vpn.own, spoke.vpn.proxy_identity or (theirs and theirs.mirrored))


def at_hub(hub: Draft, spoke: Draft) -> VpnOptions:
    """Return the options of the hub's end of one tunnel."""
    theirs = spoke.vpn.proxy_identity
    return _options(_at_hub(spoke, hub), hub.vpn.proxy_identity or (theirs and theirs.mirrored))


def timers_of_hub(hub: Draft, spokes: t.Iterable[Draft]) -> MonitorTimers:
    """Return the timers of the hub's monitors; no two of them differ."""
    found = [hub.vpn.own.timers, *(spoke.vpn.at_hub.timers for spoke in spokes)]
    intervals, thresholds = [one.interval for one in found], [one.threshold for one in found]
    return MonitorTimers(_first(intervals), _first(thresholds))


def _at_hub(spoke: Draft, hub: Draft) -> EndDraft:
    ours, theirs = spoke.vpn.at_hub, hub.vpn.own
    monitor = ours.monitor or theirs.monitor
    if monitor is not None and monitor.destination and monitor.source_interface is None:
        source = next((lan.interface for lan in hub.lans if lan.vpn), None)
        monitor = VpnMonitor(monitor.destination, source, monitor.optimized, monitor.verify_path)
    return EndDraft(
        monitor=monitor,
        df_bit=ours.df_bit or theirs.df_bit,
        copy_outer_dscp=_first((ours.copy_outer_dscp, theirs.copy_outer_dscp)),
        anti_replay_window=_first((ours.anti_replay_window, theirs.anti_replay_window)),
        idle_time=_first((ours.idle_time, theirs.idle_time)),
    )


def _options(end: EndDraft, proxy_identity: ProxyIdentity | None) -> VpnOptions:
    return VpnOptions(
        monitor=end.monitor,
        proxy_identity=proxy_identity,
        df_bit=end.df_bit,
        copy_outer_dscp=end.copy_outer_dscp is True,
        anti_replay_window=end.anti_replay_window,
        idle_time=end.idle_time,
    )


def _first(values: t.Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)
