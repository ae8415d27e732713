# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The associations that are up, for the checks of the values that they have negotiated."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import IkePolicy, IpsecPolicy
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import (
    Answer,
    IkeSa,
    IpsecTunnel,
    Observation,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import algorithms, ike, ipsec
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject


def ike_up(tunnel: Tunnel, observation: Observation) -> IkeSa | None:
    """Return the IKE association of a tunnel that is up."""
    return next((one for one in ike.of_tunnel(tunnel, observation.ike.items) if one.state == "UP"), None)


def ipsec_up(tunnel: Tunnel, observation: Observation) -> IpsecTunnel | None:
    """Return the pair of IPsec associations of a tunnel."""
    return next((one for one in ipsec.of_tunnel(tunnel, observation.ipsec.items) if ipsec.has_pair(one)), None)


def without_ike(subject: Subject, observation: Observation) -> Finding:
    """Return the finding of a check that has no IKE association to examine."""
    return _without(subject, "IKE", observation.ike)


def without_ipsec(subject: Subject, observation: Observation) -> Finding:
    """Return the finding of a check that has no IPsec associations to examine."""
    return _without(subject, "IPsec", observation.ipsec)


def offers(policy: IkePolicy | IpsecPolicy) -> tuple[list[str], str]:
    """Return the suites that a policy allows, and its group; no suite for a proposal set that is not known."""
    group = policy.pfs_group if isinstance(policy, IpsecPolicy) else (policy.proposal and policy.proposal.dh_group)
    if policy.proposal is not None:
        return [algorithms.suite(policy.proposal.encryption, policy.proposal.authentication)], group or "any group"
    suites, set_group = algorithms.offered_by_set(policy.proposal_set or "") or ([], "any group")
    return suites, group or set_group


def format_suites(suites: t.Sequence[str]) -> str:
    """Return the suites that a policy allows as an expected value."""
    return " or ".join(suites) or "as its proposal set"


def other_proposal(tunnel: Tunnel, phase: str, policy: str) -> str:
    """Return the remedy for an association with other algorithms than the plan's."""
    return (
        f"Compare the {phase} proposals of policy {policy} here and at {tunnel.peer_host}, and clear the association:"
        " an association keeps the algorithms that it has negotiated."
    )


def _without(subject: Subject, phase: str, answer: Answer[t.Any]) -> Finding:
    """Skip the check where nothing is up, which the checks ``ike`` and ``ipsec`` report."""
    if answer.state != "ok":
        return subject.unanswered(answer, f"{phase} associations ")
    return subject.skipped(f"{phase} is not up")
