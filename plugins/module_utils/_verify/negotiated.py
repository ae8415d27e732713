# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The associations that are up, for the checks of the values that they have negotiated."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import (
    NO_PFS,
    IkePolicy,
    IpsecPolicy,
    Proposal,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import IkeSa, IpsecTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import algorithms, ike, ipsec
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject


def ike_up(tunnel: Tunnel, observation: Observation) -> IkeSa | None:
    """Return the IKE association of a tunnel that is up."""
    return next((one for one in ike.of_tunnel(tunnel, observation.ike) if one.state == "UP"), None)


def ipsec_up(tunnel: Tunnel, observation: Observation) -> IpsecTunnel | None:
    """Return the pair of IPsec associations of a tunnel."""
    return next((one for one in ipsec.of_tunnel(tunnel, observation.ipsec) if ipsec.has_pair(one)), None)


def without_ike(subject: Subject, observation: Observation) -> Finding:
    """Return the finding of a check that has no IKE association to examine."""
    return _without(subject, "IKE", observation.ike)


def without_ipsec(subject: Subject, observation: Observation) -> Finding:
    """Return the finding of a check that has no IPsec associations to examine."""
    return _without(subject, "IPsec", observation.ipsec)


def suite_of(proposal: Proposal) -> str:
    """Return the algorithms of a planned proposal in the form of negotiated ones."""
    return algorithms.suite(proposal.encryption, proposal.authentication)


def format_offer(policy: IkePolicy | IpsecPolicy) -> str:
    """Return what a policy allows as an expected value: the suites with their group, which may be one for all."""
    offered = policy.offered
    if isinstance(policy, IpsecPolicy):
        return f"{' or '.join(map(suite_of, offered))}, {policy.pfs_group if policy.pfs_group != NO_PFS else 'no PFS'}"
    groups = dict.fromkeys(one.dh_group for one in offered)
    if len(groups) == 1:
        return f"{' or '.join(map(suite_of, offered))}, {offered[0].dh_group}"
    return " or ".join(f"{suite_of(one)} {one.dh_group}" for one in offered)


def lifetime(policy: IkePolicy | IpsecPolicy, suites: t.Collection[str]) -> int:
    """Return the longest planned lifetime in seconds of proposals with these suites, or of all where none has them."""
    if not policy.proposals:
        return algorithms.SET_LIFETIME
    chosen = [one for one in policy.proposals if suite_of(one) in suites]
    return max(one.lifetime_seconds for one in chosen or policy.proposals)


def kilobytes(policy: IpsecPolicy, suites: t.Collection[str]) -> int | None:
    """Return the largest planned lifetime in kilobytes of proposals with these suites; ``None`` without a limit."""
    chosen = [one.lifetime_kilobytes for one in policy.proposals if suite_of(one) in suites]
    return max(filter(None, chosen), default=None) if all(chosen) else None


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
