# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check the algorithms and the group of the IKE associations (phase 1)."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import algorithms
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.negotiated import (
    format_offer,
    ike_up,
    other_proposal,
    suite_of,
    without_ike,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "ike_algorithms"


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per tunnel; its actual value names the role of this device too."""
    return [_finding(plan, tunnel, observation) for tunnel in plan.tunnels]


def _finding(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    offered = {(suite_of(one), one.dh_group) for one in tunnel.ike_policy.offered}
    subject = Subject.of(plan, CHECK, tunnel, format_offer(tunnel.ike_policy))
    association = ike_up(tunnel, observation)
    if association is None:
        return without_ike(subject, observation)
    if association.encryption_algorithm is None:
        return subject.unknown("algorithms not reported", "Ask for the detail reply.")
    suite = algorithms.suite(association.encryption_algorithm, association.authentication_algorithm)
    found_group = algorithms.group(association.dh_group)
    role = association.role or "role not reported"
    actual = f"{suite}, {found_group or 'group not reported'}, as {role}"
    if not any(suite == planned and found_group in (None, group) for planned, group in offered):
        return subject.failed(actual, other_proposal(tunnel, "IKE", tunnel.ike_policy.name), suite)
    return subject.ok(actual, suite)
