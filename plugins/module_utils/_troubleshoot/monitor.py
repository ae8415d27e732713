# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The step of VPN monitors: without an answer the routes of an end go, although its associations are up."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import (
    Case,
    End,
    Expectation,
    Fault,
    Step,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import monitoring


def monitor(case: Case) -> Step:
    """Check that no monitor of an end that can be read reports the peer down."""
    expected = Expectation(case, "monitor", "no VPN monitor reports the peer down")
    notes: list[str] = []
    for end in case.readable:
        if monitoring.is_down(end.tunnel, end.observation):
            [finding] = monitoring.findings(end.plan, end.observation)
            if faults := _differences(end) or _refused_pings(end, case.other(end)):
                return expected.failed_by(faults)
            place = Fault(end.host, _place(end), "up", "down", certain=False)
            return expected.failed(f"{end.host}: {finding.actual}", finding.remedy, [place])
        notes += [f"{fault.difference}: no effect while the peer answers" for fault in _differences(end)]
    return expected.ok(notes=notes)


def _place(end: End) -> str:
    return f"security ipsec vpn {end.tunnel.vpn} vpn-monitor"


def _differences(end: End) -> list[Fault]:
    """Return the statements by which the monitor of an end differs from the plan."""
    place = tuple(_place(end).split())
    if not end.planned.has(*place):
        return [Fault(end.host, _place(end), "not set", "set")] if end.now.has(*place) else []
    if not end.now.has(*place):
        return [Fault(end.host, _place(end), "set", "not set")]
    found = []
    for name in dict.fromkeys([*end.planned.names(*place), *end.now.names(*place)]):
        planned, actual = (
            _words(one.below(*place, name), there=one.has(*place, name)) for one in (end.planned, end.now)
        )
        if planned != actual:
            found.append(Fault(end.host, f"{_place(end)} {name}", planned, actual))
    return found


def _words(statements: list[tuple[str, ...]], *, there: bool) -> str:
    return ", ".join(" ".join(words) for words in statements) or ("set" if there else "not set")


def _refused_pings(end: End, peer: End) -> list[Fault]:
    """Return the services of the destination's zone that the peer lacks."""
    planned = end.tunnel.options.monitor
    if planned is None or planned.destination is None or not peer.read:
        return []
    address = IPv4Address(planned.destination)
    for lan in peer.plan.site.lans:
        if address in IPv4Network(lan.network):
            place = ("security", "zones", "security-zone", lan.zone, "host-inbound-traffic", "system-services")
            return [
                Fault(peer.host, " ".join((*place, name)), "set", "not set")
                for name in ("ping", "all", "any-service")
                if peer.planned.has(*place, name) and not peer.now.has(*place, name)
            ]
    return []
