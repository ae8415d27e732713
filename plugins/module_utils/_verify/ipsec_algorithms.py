# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check the algorithms of the IPsec associations (phase 2), and their group where the device reports it."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import algorithms
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.negotiated import (
    format_offer,
    ipsec_up,
    other_proposal,
    suite_of,
    without_ipsec,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "ipsec_algorithms"


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per tunnel."""
    return [_finding(plan, tunnel, observation) for tunnel in plan.tunnels]


def _finding(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    policy = tunnel.ipsec_policy
    allowed = set(map(suite_of, policy.offered))
    subject = Subject.of(plan, CHECK, tunnel, format_offer(policy))
    one = ipsec_up(tunnel, observation)
    if one is None:
        return without_ipsec(subject, observation)
    suites = sorted(
        {
            algorithms.suite(association.encryption_algorithm, association.authentication_algorithm)
            for association in one.security_associations
        }
    )
    group = algorithms.group(one.pfs_group)
    actual = f"{' and '.join(suites)}, {group or 'group not reported'}"
    if not all(algorithms.is_complete(suite) for suite in suites):
        return subject.unknown(actual, "Ask for the detail reply.")
    if not set(suites) <= allowed or group not in (None, policy.pfs_group):
        return subject.failed(actual, other_proposal(tunnel, "IPsec", policy.name), suites[0])
    return subject.ok(actual, suites[0])
