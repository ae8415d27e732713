# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What the associations that are up have agreed on: algorithms, lifetimes, proxy identities, monitoring."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import IkeSa, IpsecTunnel, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import (
    DevicePlan,
    IkePolicy,
    IpsecPolicy,
    Tunnel,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import algorithms, ike, ipsec
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

# Route-based VPNs negotiate everything; what goes through is for routes and policies to say.
_PROXY = "0.0.0.0/0"


def ike_algorithms(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Phase 1: encryption, authentication and group of each tunnel, with the role this device has."""
    return [_ike_algorithms(plan, tunnel, observation) for tunnel in plan.tunnels]


def ipsec_algorithms(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Phase 2: encryption and authentication of each tunnel, and its group where the device tells it."""
    return [_ipsec_algorithms(plan, tunnel, observation) for tunnel in plan.tunnels]


def lifetimes(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """No association of a tunnel may have longer to live than the plan gives it."""
    return [_lifetimes(plan, tunnel, observation) for tunnel in plan.tunnels]


def proxy_identities(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Both ends must have agreed on all addresses."""
    return [_proxy_identities(plan, tunnel, observation) for tunnel in plan.tunnels]


def monitoring(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """VPN monitoring, where somebody has switched it on, must not say that the peer is gone."""
    return [_monitoring(plan, tunnel, observation) for tunnel in plan.tunnels]


def _ike_algorithms(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    offers, group = _offers(tunnel.ike_policy)
    expected = f"{_either(offers)}, {group}"
    subject = Subject.of(plan, "ike_algorithms", tunnel, expected)
    one = _ike_up(tunnel, observation)
    if isinstance(one, str):
        return _without(subject, one, observation.ike.state == "ok")
    if not offers:
        return subject.unknown(f"proposal set {tunnel.ike_policy.proposal_set}", "This set is not known here.")
    if one.encryption_algorithm is None:
        return subject.unknown("algorithms not told", "Ask for the detail reply.")
    suite = algorithms.suite(one.encryption_algorithm, one.authentication_algorithm)
    found_group = algorithms.group(one.dh_group)
    actual = f"{suite}, {found_group or 'group not told'}, as {one.role or 'role not told'}"
    if suite not in offers or found_group not in (None, group):
        return subject.failed(actual, _other_proposal(tunnel, "IKE", tunnel.ike_policy.name), suite)
    return subject.ok(actual, suite)


def _ipsec_algorithms(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    policy = tunnel.ipsec_policy
    offers, _group = _offers(policy)
    subject = Subject.of(plan, "ipsec_algorithms", tunnel, f"{_either(offers)}, {policy.pfs_group}")
    one = _ipsec_up(tunnel, observation)
    if isinstance(one, str):
        return _without(subject, one, observation.ipsec.state == "ok")
    if not offers:
        return subject.unknown(f"proposal set {policy.proposal_set}", "This set is not known here.")
    suites = sorted(
        {
            algorithms.suite(association.encryption_algorithm, association.authentication_algorithm)
            for association in one.security_associations
        }
    )
    group = algorithms.group(one.pfs_group)
    actual = f"{' and '.join(suites)}, {group or 'group not told'}"
    if any("?" in suite for suite in suites):
        return subject.unknown(actual, "Ask for the detail reply.")
    if not set(suites) <= set(offers) or group not in (None, policy.pfs_group):
        return subject.failed(actual, _other_proposal(tunnel, "IPsec", policy.name), suites[0])
    return subject.ok(actual, suites[0])


def _lifetimes(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    ike_most, ipsec_most = (_lifetime(policy) for policy in (tunnel.ike_policy, tunnel.ipsec_policy))
    subject = Subject.of(
        plan, "lifetimes", tunnel, f"at most {ike_most} s for IKE and {ipsec_most} s for IPsec to live"
    )
    phase1, phase2 = _ike_up(tunnel, observation), _ipsec_up(tunnel, observation)
    if isinstance(phase1, str):
        return _without(subject, phase1, observation.ike.state == "ok")
    if isinstance(phase2, str):
        return _without(subject, phase2, observation.ipsec.state == "ok")
    left = [association.lifetime_seconds for association in phase2.security_associations]
    longest = max((seconds for seconds in left if seconds is not None), default=None)
    actual = f"{_seconds(phase1.lifetime_seconds)} for IKE and {_seconds(longest)} for IPsec"
    if phase1.lifetime_seconds is None or longest is None:
        return subject.unknown(actual, "Ask for the detail reply.")
    if phase1.lifetime_seconds > ike_most or longest > ipsec_most:
        return subject.failed(
            actual, f"Look for statements outside group {plan.group} that give other lifetime-seconds.", "too long"
        )
    return subject.ok(actual, f"{phase1.lifetime_seconds}/{longest}")


def _proxy_identities(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    subject = Subject.of(plan, "proxy_identities", tunnel, f"local {_PROXY}, remote {_PROXY}")
    one = _ipsec_up(tunnel, observation)
    if isinstance(one, str):
        return _without(subject, one, observation.ipsec.state == "ok")
    actual = f"local {one.local_identity or 'not told'}, remote {one.remote_identity or 'not told'}"
    ranges = [algorithms.identity(words) for words in (one.local_identity, one.remote_identity)]
    if None in ranges:
        return subject.unknown(actual, "Ask for the detail reply.")
    if any(found != algorithms.network_range(_PROXY) for found in ranges):
        return subject.failed(
            actual,
            f"Remove the proxy-identity or traffic-selector of {tunnel.vpn} here and at {tunnel.peer_host}.",
            "narrower",
        )
    return subject.ok(actual, "any")


def _monitoring(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    subject = Subject.of(plan, "monitoring", tunnel, "off or up")
    one = _ipsec_up(tunnel, observation)
    if isinstance(one, str):
        return _without(subject, one, observation.ipsec.state == "ok")
    marks = {association.monitoring for association in one.security_associations}
    if marks <= {"-"}:
        return subject.ok("off", "off")
    if marks <= {"U", "UP"}:
        return subject.ok("up", "up")
    if marks & {"D", "DOWN"}:
        return subject.failed(
            "down",
            f"The peer does not answer the probes of vpn-monitor: see that {tunnel.peer_host} answers pings at its"
            f" destination, or set 'vpn-monitor optimized' for {tunnel.vpn}.",
            "down",
        )
    return subject.unknown(f"mark {', '.join(sorted(str(mark) for mark in marks))}", "Ask again in a few seconds.")


def _ike_up(tunnel: Tunnel, observation: Observation) -> IkeSa | str:
    """The association that works, or why there is none to look at."""
    if observation.ike.state != "ok":
        return f"IKE associations {observation.ike.state.replace('_', ' ')}: {observation.ike.reason}"
    up = (association for association in ike.of_tunnel(tunnel, observation.ike.items) if association.state == "UP")
    return next(up, "IKE is not up")


def _ipsec_up(tunnel: Tunnel, observation: Observation) -> IpsecTunnel | str:
    if observation.ipsec.state != "ok":
        return f"IPsec associations {observation.ipsec.state.replace('_', ' ')}: {observation.ipsec.reason}"
    pairs = (one for one in ipsec.of_tunnel(tunnel, observation.ipsec.items) if ipsec.has_pair(one))
    return next(pairs, "IPsec is not up")


def _without(subject: Subject, reason: str, answered: bool) -> Finding:
    """What is down has agreed on nothing, and the checks of IKE and IPsec have said so already."""
    return subject.skipped(reason) if answered else subject.unknown(reason, "Run the command on the device by hand.")


def _offers(policy: IkePolicy | IpsecPolicy) -> tuple[list[str], str]:
    """Suites that the plan allows, and the group; no suite for a set that is not known."""
    group = policy.pfs_group if isinstance(policy, IpsecPolicy) else (policy.proposal and policy.proposal.dh_group)
    if policy.proposal is not None:
        return [algorithms.suite(policy.proposal.encryption, policy.proposal.authentication)], group or "any group"
    suites, set_group = algorithms.offered_by_set(policy.proposal_set or "") or ([], "any group")
    return suites, group or set_group


def _lifetime(policy: IkePolicy | IpsecPolicy) -> int:
    return policy.proposal.lifetime_seconds if policy.proposal else algorithms.SET_LIFETIME


def _other_proposal(tunnel: Tunnel, phase: str, name: str) -> str:
    return (
        f"Compare the {phase} proposals of policy {name} here and at {tunnel.peer_host}, and clear the association:"
        " one that is up keeps what it has agreed on until it ends."
    )


def _either(offers: t.Sequence[str]) -> str:
    return " or ".join(offers) or "as its proposal set"


def _seconds(value: int | None) -> str:
    return "not told" if value is None else f"{value} s"
