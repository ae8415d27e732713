# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that both ends have negotiated the planned proxy identities: all addresses where none are planned."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.vpn_options import ProxyIdentity
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import algorithms
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.negotiated import ipsec_up, without_ipsec
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "proxy_identities"

# A route-based VPN negotiates all addresses; routes and policies select the traffic.
_ANY = ProxyIdentity()


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per tunnel."""
    return [_finding(plan, tunnel, observation) for tunnel in plan.tunnels]


def _finding(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    planned = tunnel.options.proxy_identity or _ANY
    subject = Subject.of(plan, CHECK, tunnel, f"local {planned.local}, remote {planned.remote}")
    one = ipsec_up(tunnel, observation)
    if one is None:
        return without_ipsec(subject, observation)
    actual = f"local {one.local_identity or 'not reported'}, remote {one.remote_identity or 'not reported'}"
    ranges = [algorithms.identity(words) for words in (one.local_identity, one.remote_identity)]
    if None in ranges:
        return subject.unknown(actual, "Ask for the detail reply.")
    wanted = [algorithms.network_range(network) for network in (planned.local, planned.remote)]
    if ranges == wanted:
        return subject.ok(actual, "any" if planned == _ANY else "as planned")
    if planned == _ANY:
        remedy = f"Remove the proxy-identity or traffic-selector of {tunnel.vpn} here and at {tunnel.peer_host}."
        return subject.failed(actual, remedy, "narrower")
    remedy = (
        f"Clear the associations of {tunnel.vpn}, which were negotiated before, or look for a proxy-identity or"
        f" traffic-selector outside the plan, here and at {tunnel.peer_host} (nhtb_vpn.proxy_identity)."
    )
    return subject.failed(actual, remedy, "differs")
