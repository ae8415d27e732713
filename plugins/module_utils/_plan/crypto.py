# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Phase 1 and phase 2 of a tunnel: those of the syntax, and what the spoke chooses instead."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from functools import lru_cache

from ansible_collections.hubspoke.srx.plugins.module_utils._model.capabilities import Capabilities
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import (
    DeadPeerDetection,
    IkePolicy,
    IkeVersion,
    IpsecPolicy,
    Proposal,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Syntax
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.proposals import IkeDraft, IpsecDraft, policy_name

# First releases that Juniper published these statements for.
ESTABLISH_SINCE = {"responder-only": (23, 2), "responder-only-no-rekey": (23, 2)}


class Profile(t.NamedTuple):
    """Phase 1 and phase 2 of one tunnel. ``ike_policy`` is for all peers with the hub's key."""

    ike_version: IkeVersion
    ike_policy: IkePolicy
    ipsec_policy: IpsecPolicy
    dead_peer_detection: DeadPeerDetection | None


@lru_cache
def profile_of(syntax: Syntax, dh_group: str, ike: IkeDraft, ipsec: IpsecDraft, hub: str) -> Profile:
    """Return phase 1 and phase 2 of a syntax, with what the spoke chooses instead."""
    base = _classic(hub) if syntax == "classic" else _modern(dh_group, hub)
    version = ike.version or base.ike_version
    probes = base.dead_peer_detection if ike.dead_peer_detection is None else ike.dead_peer_detection or None
    return Profile(version, _ike_policy(base, ike, version), _ipsec_policy(base, ipsec), probes)


def for_platform(profile: Profile, known: Capabilities | None) -> Profile:
    """Return a profile with those of its own proposals that a device has."""
    if known is None:
        return profile
    ike, ipsec = profile.ike_policy, profile.ipsec_policy
    return profile._replace(
        ike_policy=replace(ike, proposals=tuple(one for one in ike.proposals if not known.lacks_ike(one))),
        ipsec_policy=replace(ipsec, proposals=tuple(one for one in ipsec.proposals if not known.lacks_ipsec(one))),
    )


def _ike_policy(base: Profile, ike: IkeDraft, version: IkeVersion) -> IkePolicy:
    policy = base.ike_policy
    # IKEv2 has no modes, and Junos has one where none is written.
    mode = ike.mode or (None if version == "v2" else "main")
    if ike.proposals:
        own = replace(policy, proposal_set=None, proposals=ike.proposals)
    elif ike.proposal_set is not None:
        own = replace(policy, proposal_set=ike.proposal_set, proposals=())
    else:
        own = policy
    own = replace(own, mode=mode)
    if own == policy:
        return policy
    # Policies of one device that differ in any of these need different names.
    words = (mode, own.proposal_set)
    return replace(own, name=policy_name("ike-policy", own.proposals, *words))


def _ipsec_policy(base: Profile, ipsec: IpsecDraft) -> IpsecPolicy:
    policy = base.ipsec_policy
    group = ipsec.pfs_group or policy.pfs_group
    if ipsec.proposals:
        own = replace(policy, pfs_group=group, proposal_set=None, proposals=ipsec.proposals)
    elif ipsec.proposal_set is not None:
        own = replace(policy, pfs_group=group, proposal_set=ipsec.proposal_set, proposals=())
    else:
        own = replace(policy, pfs_group=group)
    if own == policy:
        return policy
    words = (None if group == "none" else group, own.proposal_set)
    return replace(own, name=policy_name("vpn-policy", own.proposals, *words))


@lru_cache
def _classic(hub: str) -> Profile:
    return Profile(
        ike_version="v1",
        ike_policy=IkePolicy("ike-policy1", mode="main", proposal_set="standard", proposals=(), key_of=hub),
        ipsec_policy=IpsecPolicy("vpn-policy1", pfs_group="group2", proposal_set="standard", proposals=()),
        dead_peer_detection=None,
    )


@lru_cache
def _modern(dh_group: str, hub: str) -> Profile:
    # Names state the content, so that they stay the same when spokes are added or removed or change their group.
    ike = Proposal(f"ike-aes-256-gcm-{dh_group}", "aes-256-gcm", None, dh_group, lifetime_seconds=28800)
    ipsec = Proposal("esp-aes-256-gcm", "aes-256-gcm", None, None, lifetime_seconds=3600, method="esp")
    return Profile(
        ike_version="v2",
        ike_policy=IkePolicy(f"ike-policy-{dh_group}", mode=None, proposal_set=None, proposals=(ike,), key_of=hub),
        ipsec_policy=IpsecPolicy(f"vpn-policy-{dh_group}", pfs_group=dh_group, proposal_set=None, proposals=(ipsec,)),
        # Detects a dead peer of an idle tunnel too, so that Junos removes its next-hop tunnel entry and routes soon.
        dead_peer_detection=DeadPeerDetection(interval=10, threshold=3),
    )
