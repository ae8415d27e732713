# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that VPN monitors are up where they are planned, and that no other one reports its peer down."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.vpn_options import VpnMonitor
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.negotiated import ipsec_up, without_ipsec
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "monitoring"

FIRST = "Fix the VPN monitor first: it reports the peer down, and Junos withdraws the routes of this VPN."

# The column Mon of Junos, in brief and in detail replies.
_OFF = {"-"}
_UP = {"U", "UP"}
_DOWN = {"D", "DOWN"}


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per tunnel."""
    return [_finding(plan, tunnel, observation) for tunnel in plan.tunnels]


def is_down(tunnel: Tunnel, observation: Observation) -> bool:
    """Return whether the monitor of a tunnel reports its peer down: its routes do not follow its associations then."""
    one = ipsec_up(tunnel, observation)
    return one is not None and any(association.monitoring in _DOWN for association in one.security_associations)


def _finding(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    monitor = tunnel.options.monitor
    subject = Subject.of(plan, CHECK, tunnel, _expected(monitor))
    one = ipsec_up(tunnel, observation)
    if one is None:
        return without_ipsec(subject, observation)
    marks = {association.monitoring for association in one.security_associations}
    if marks <= _OFF and monitor is not None:
        return subject.failed("off", f"Look for a deactivated vpn-monitor of {tunnel.vpn}, and deploy again.", "off")
    if marks <= _OFF:
        return subject.ok("off", "off")
    if marks <= _UP:
        return subject.ok("up", "up")
    if marks & _DOWN:
        return subject.failed("down", _remedy(tunnel, monitor), "down")
    return subject.unknown(f"mark {', '.join(sorted(str(mark) for mark in marks))}", "Ask again in a few seconds.")


def _expected(monitor: VpnMonitor | None) -> str:
    if monitor is None:
        return "off or up"
    source = f" from {monitor.source_interface}" if monitor.source_interface else ""
    return f"up by probes to {monitor.destination or 'the peer'}{source}"


def _remedy(tunnel: Tunnel, monitor: VpnMonitor | None) -> str:
    """Return what to look at where no probe is answered."""
    peer, vpn = tunnel.peer_host, tunnel.vpn
    if monitor is None:
        return (
            f"The peer does not answer the probes of vpn-monitor: check that {peer} answers pings to its destination,"
            f" or set 'vpn-monitor optimized' for {vpn}."
        )
    if monitor.destination is None:
        return (
            f"Set nhtb_vpn.monitor.destination to an address behind {peer} that answers pings: only devices of Juniper"
            " answer at their IKE address."
        )
    return (
        f"Check that {peer} has host-inbound ping on the interface with {monitor.destination}, allows it from its"
        f" tunnel zone, and has a route back to {monitor.source_interface or 'the source'}; or correct"
        " nhtb_vpn.monitor.destination."
    )
