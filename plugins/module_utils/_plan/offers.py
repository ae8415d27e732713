# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What an end of a tunnel offers in each phase, with the proposal sets of Junos as the proposals they stand for."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import IkePolicy, IpsecPolicy, Proposal


class Offer(t.NamedTuple):
    """One proposal in the words of Junos. ``authentication`` is ``None`` with AES-GCM, ``dh_group`` without PFS."""

    encryption: str
    authentication: str | None
    dh_group: str | None
    lifetime_seconds: int


# The sets of Junos and ScreenOS for pre-shared keys (proposal-set, sec-level); lifetimes are the defaults of Junos.
_IKE_SECONDS, _IPSEC_SECONDS = 28800, 3600
_IKE_SETS = {
    "basic": (("des-cbc", "sha1", "group1"), ("des-cbc", "md5", "group1")),
    "compatible": (
        ("3des-cbc", "sha1", "group2"),
        ("3des-cbc", "md5", "group2"),
        ("des-cbc", "sha1", "group2"),
        ("des-cbc", "md5", "group2"),
    ),
    "standard": (("3des-cbc", "sha1", "group2"), ("aes-128-cbc", "sha1", "group2")),
}
_IPSEC_SETS = {
    "basic": (("des-cbc", "hmac-sha1-96"), ("des-cbc", "hmac-md5-96")),
    "compatible": (
        ("3des-cbc", "hmac-sha1-96"),
        ("3des-cbc", "hmac-md5-96"),
        ("des-cbc", "hmac-sha1-96"),
        ("des-cbc", "hmac-md5-96"),
    ),
    "standard": (("3des-cbc", "hmac-sha1-96"), ("aes-128-cbc", "hmac-sha1-96")),
}


def phase1_offers(policy: IkePolicy) -> tuple[Offer, ...]:
    """Return what an IKE policy offers, in its order; nothing for a set that is not for pre-shared keys."""
    named = _IKE_SETS.get(policy.proposal_set or "", ())
    return (
        *(Offer(encryption, authentication, group, _IKE_SECONDS) for encryption, authentication, group in named),
        *(_own(proposal, proposal.dh_group) for proposal in _proposals(policy)),
    )


def phase2_offers(policy: IpsecPolicy) -> tuple[Offer, ...]:
    """Return what an IPsec policy offers, in its order, each with the group of its perfect forward secrecy."""
    group = None if policy.pfs_group in (None, "none") else policy.pfs_group
    named = _IPSEC_SETS.get(policy.proposal_set or "", ())
    return (
        *(Offer(encryption, authentication, group, _IPSEC_SECONDS) for encryption, authentication in named),
        *(_own(proposal, group) for proposal in _proposals(policy)),
    )


def _proposals(policy: IkePolicy | IpsecPolicy) -> tuple[Proposal, ...]:
    return () if policy.proposal is None else (policy.proposal,)


def _own(proposal: Proposal, group: str | None) -> Offer:
    return Offer(proposal.encryption, proposal.authentication, group, proposal.lifetime_seconds)
