# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that the next-hop tunnel table binds every next hop to the VPN of its spoke."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import NextHopTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import configured, ipsec, monitoring
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "next_hop_tunnels"


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per tunnel: a hub must have its entry, a spoke must have none."""
    return [
        _spoke_finding(plan, tunnel, observation) if tunnel.nhtb is None else _hub_finding(plan, tunnel, observation)
        for tunnel in plan.tunnels
    ]


def is_planned(entry: NextHopTunnel, tunnel: Tunnel) -> bool:
    """Return whether an entry binds the tunnel's next hop to its VPN and unit, whatever its flag."""
    return (entry.next_hop, entry.interface, entry.vpn) == (tunnel.next_hop, tunnel.bind_interface, tunnel.vpn)


def _hub_finding(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    expected = f"{tunnel.next_hop} on {tunnel.bind_interface} into {tunnel.vpn}, {tunnel.nhtb}"
    subject = Subject.of(plan, CHECK, tunnel, expected)
    answer = observation.next_hop_tunnels
    if answer.state != "ok":
        return subject.unanswered(answer)
    ours = answer.by("next_hop").get((tunnel.next_hop,), ())
    if not ours:
        return _without_entry(subject, tunnel, observation)
    if foreign := [entry for entry in ours if not is_planned(entry, tunnel)]:
        return subject.failed(_format_entries(foreign), _foreign_remedy(plan, tunnel, foreign[0]), foreign[0].vpn)
    if any(entry.flag != tunnel.nhtb for entry in ours):
        return subject.failed(_format_entry(ours[0]), _flag_remedy(plan, tunnel), f"{tunnel.next_hop} {ours[0].flag}")
    return subject.ok(expected, f"{tunnel.next_hop} {tunnel.nhtb}")


def _without_entry(subject: Subject, tunnel: Tunnel, observation: Observation) -> Finding:
    elsewhere = observation.next_hop_tunnels.by("vpn").get((tunnel.vpn,))
    if elsewhere:
        actual = f"{_format_entry(elsewhere[0])}; no entry for {tunnel.next_hop}"
        remedy = (
            f"Give {tunnel.peer_host} the tunnel address {tunnel.next_hop}, or look for a statement outside the plan"
            f" that binds {tunnel.vpn} to {elsewhere[0].next_hop}: a VPN can be bound to one next hop only."
        )
        return subject.failed(actual, remedy, elsewhere[0].next_hop)
    actual = f"no entry for {tunnel.next_hop}"
    if configured.lacks_binding(tunnel, observation):
        actual += ", and none is configured"
    in_effect = (
        f"Check that 'next-hop-tunnel {tunnel.next_hop} ipsec-vpn {tunnel.vpn}' under interfaces"
        f" {tunnel.bind_interface} is in effect: 'show configuration interfaces st0 | display inheritance'."
    )
    up = any(ipsec.has_pair(one) for one in ipsec.of_tunnel(tunnel, observation.ipsec))
    if observation.ipsec.state == "ok" and not up:
        remedy = "Fix IPsec of this VPN first: Junos adds the entry with the associations."
        return subject.failed(actual, f"{remedy} {in_effect}" if tunnel.static_binding else remedy, "none")
    if monitoring.is_down(tunnel, observation):
        remedy = monitoring.FIRST
    elif tunnel.nhtb == "Static":
        remedy = in_effect
    else:
        remedy = (
            f"Check that {tunnel.bind_interface} is multipoint here and that {tunnel.peer_host} runs Junos and has"
            f" {tunnel.next_hop} on its st0 unit; only Junos advertises it. Otherwise bind it statically."
        )
    return subject.failed(actual, remedy, "none")


def _foreign_remedy(plan: DevicePlan, tunnel: Tunnel, entry: NextHopTunnel) -> str:
    if entry.flag == "Static":
        return (
            f"Traffic for {tunnel.peer_host} would go into {entry.vpn}. Delete the statement 'next-hop-tunnel"
            f" {entry.next_hop} ipsec-vpn {entry.vpn}' outside group {plan.group} under interfaces"
            f" {entry.interface}: it overrides the statement of the group."
        )
    return (
        f"Traffic for {tunnel.peer_host} would go into {entry.vpn}: its peer advertises {entry.next_hop} as its own."
        " Give each spoke a tunnel address of its own."
    )


def _flag_remedy(plan: DevicePlan, tunnel: Tunnel) -> str:
    if tunnel.nhtb == "Static":
        return (
            f"The entry exists because the peer advertised it, not because it is configured. Check that"
            f" 'next-hop-tunnel {tunnel.next_hop} ipsec-vpn {tunnel.vpn}' is in effect."
        )
    return (
        f"Another user has bound {tunnel.next_hop} by hand: delete that statement outside group {plan.group},"
        " or plan a static binding for this spoke."
    )


def _spoke_finding(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    """Check that there is no entry for a tunnel of a spoke: its st0 unit must be point-to-point."""
    subject = Subject.of(plan, CHECK, tunnel, f"no entry on {tunnel.bind_interface}")
    answer = observation.next_hop_tunnels
    if answer.state != "ok":
        return subject.unanswered(answer)
    entries = [entry for entry in answer.items if entry.interface == tunnel.bind_interface or entry.vpn == tunnel.vpn]
    if not entries:
        return subject.ok(f"no entry on {tunnel.bind_interface}", "none needed")
    return subject.failed(
        _format_entries(entries),
        f"Look for 'multipoint' or 'next-hop-tunnel' outside group {plan.group} under interfaces"
        f" {entries[0].interface} and delete it.",
        entries[0].vpn,
    )


def _format_entry(entry: NextHopTunnel) -> str:
    return f"{entry.next_hop} on {entry.interface} into {entry.vpn}, {entry.flag}"


def _format_entries(entries: t.Iterable[NextHopTunnel]) -> str:
    return "; ".join(_format_entry(entry) for entry in entries)
