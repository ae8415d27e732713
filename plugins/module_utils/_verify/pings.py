# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that a ping from the LAN interface reaches every remote network."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation, Probe, ProbeResult
from ansible_collections.hubspoke.srx.plugins.module_utils._model.paths import denial
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.policy_decisions import PING
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Lan
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "pings"
# In a fleet with fewer sites each pair is asked.
FEW = 12
# Spokes after a spoke that are looked at: policies may keep it apart from many.
_LOOKED_AT = 16


def probes(
    fleet: FleetPlan, plan: DevicePlan, wanted: t.Collection[str] | None = None, *, every_pair: bool = False
) -> list[Probe]:
    """Return the probes of a device, one per network: to its peers, and from spoke to spoke through the hub.

    A probe goes from the device's first LAN interface to the remote site's address in that network. The hub asks each
    spoke, and each spoke the hub. Of the other spokes a spoke asks all in a small fleet, or with ``every_pair``; else
    those that follow it, see ``_following``. ``wanted`` are the networks to ask instead. A probe is not sent where the
    planned policies deny it.
    """
    return [
        _probe(fleet, plan, tunnel, network)
        for tunnel in plan.tunnels
        for network in _asked(fleet, plan, tunnel, wanted, every_pair=every_pair)
    ]


def _probe(fleet: FleetPlan, plan: DevicePlan, tunnel: Tunnel, network: str) -> Probe:
    lan, end = plan.site.lans[0], fleet.ends[network]
    return Probe(
        network,
        tunnel.vpn,
        lan.interface,
        lan.address.partition("/")[0],
        end[1].address.partition("/")[0],
        denial(fleet, (plan, lan), end, PING) or _unanswered(*end),
    )


def _asked(
    fleet: FleetPlan, plan: DevicePlan, tunnel: Tunnel, wanted: t.Collection[str] | None, *, every_pair: bool
) -> list[str]:
    """Return the far networks that are asked through a tunnel."""
    if wanted is not None:
        return [network for network in wanted if network in fleet.ends and tunnel.prefix_to(network)]
    everyone = every_pair or len(fleet.devices) < FEW or plan.site.role == "hub"
    if everyone and fleet.networks.issuperset(tunnel.remote_networks):
        return [network for network in tunnel.remote_networks if network in fleet.ends]
    others = fleet.devices if everyone else (fleet.hub, *_following(fleet, plan))
    lans = [lan.network for device in others if device.host != plan.host for lan in device.site.lans]
    return [network for network in dict.fromkeys(lans) if tunnel.prefix_to(network)]


def _following(fleet: FleetPlan, plan: DevicePlan) -> list[DevicePlan]:
    """Return the spokes that a spoke asks: those after it in the inventory, up to the first that asks others itself.

    So all spokes together ask each one once, and an answer shows both ways. A third-party spoke asks none. One that the
    policies keep apart from this one is passed over, unless there is no other among the next ones.
    """
    found: list[DevicePlan] = []
    denied: list[DevicePlan] = []
    other = fleet.after(plan.host)
    for _turn in range(min(_LOOKED_AT, len(fleet.devices) - 1)):
        if other.host == plan.host:
            break
        lan = next(iter(other.site.lans), None)
        if lan is None or denial(fleet, (plan, plan.site.lans[0]), (other, lan), PING):
            denied.append(other)
        else:
            found.append(other)
            if not other.site.profile.by_operator:
                break
        other = fleet.after(other.host)
    return found or denied[:1]


def _unanswered(device: DevicePlan, lan: Lan) -> str:
    """Return why a ping has no answer although all is as planned; empty where it must have one."""
    return "" if device.answers_ping(lan) else f"zone {lan.zone} of {device.host} has no host-inbound service ping"


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per probe that was sent."""
    if observation.pings.state != "ok":
        return [Subject(plan.host, CHECK, "all networks", "answers").unanswered(observation.pings)]
    peers = {tunnel.vpn: tunnel.peer_host for tunnel in plan.tunnels}
    return [_finding(plan, result, peers.get(result.probe.tunnel, "")) for result in observation.pings.items]


def _finding(plan: DevicePlan, result: ProbeResult, peer: str) -> Finding:
    probe = result.probe
    expected = f"answers from {probe.target} to {probe.source} on {probe.interface}"
    subject = Subject(plan.host, CHECK, probe.network, expected, probe.tunnel, peer)
    if probe.not_sent:
        return subject.skipped(probe.not_sent)
    if result.answer.state != "ok":
        return subject.unanswered(result.answer)
    if not result.answer.items:
        return subject.unknown("no run of ping", "Ask again.")
    run = result.answer.items[0]
    answered = run.replies if run.received is None else run.received
    counted = f"{answered} of {run.sent} answered" if run.sent is not None else f"{answered} answered"
    # The first packets may be lost while a tunnel comes up; one answer verifies the path.
    if answered:
        return subject.ok(counted, counted)
    if run.sent is None and run.failure is None:
        return subject.unknown("no answer and no statistics", "Ask again with a count.")
    return subject.failed(
        f"{counted}: {run.failure}" if run.failure else counted,
        f"If IKE, IPsec, next-hop tunnel and routes are ok: check the policies from {plan.site.lans[0].zone} to"
        f" {_tunnel_zones(plan)} and back at both ends and the addresses that they name; on the hub the policy within"
        f" {_tunnel_zones(plan)} (spoke to spoke); the route back to {probe.source}; and that {probe.target} allows"
        " ping.",
        "no answer",
    )


def _tunnel_zones(plan: DevicePlan) -> str:
    return " or ".join(plan.site.tunnel_zones)
