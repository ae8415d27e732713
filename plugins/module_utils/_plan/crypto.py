# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Phase 1 and phase 2 of a tunnel, and the first releases that have them."""

from __future__ import annotations

import typing as t
from functools import lru_cache

from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import (
    DeadPeerDetection,
    IkePolicy,
    IpsecPolicy,
    Proposal,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Syntax

# First releases that Juniper published these statements for.
MODERN_SINCE = (17, 4)
DH_GROUP_SINCE = {"group15": (18, 3), "group16": (18, 3), "group21": (23, 2)}
ESTABLISH_SINCE = {"responder-only": (23, 2), "responder-only-no-rekey": (23, 2)}


class Profile(t.NamedTuple):
    """Phase 1 and phase 2 of one tunnel. ``ike_policy`` is for all peers with the hub's key."""

    ike_version: t.Literal["v1", "v2"]
    ike_policy: IkePolicy
    ipsec_policy: IpsecPolicy
    dead_peer_detection: DeadPeerDetection | None


def profile_of(syntax: Syntax, dh_group: str, hub: str) -> Profile:
    """Return phase 1 and phase 2 of a syntax."""
    return _classic(hub) if syntax == "classic" else _modern(dh_group, hub)


@lru_cache
def _classic(hub: str) -> Profile:
    return Profile(
        ike_version="v1",
        ike_policy=IkePolicy("ike-policy1", mode="main", proposal_set="standard", proposal=None, key_of=hub),
        ipsec_policy=IpsecPolicy("vpn-policy1", pfs_group="group2", proposal_set="standard", proposal=None),
        dead_peer_detection=None,
    )


@lru_cache
def _modern(dh_group: str, hub: str) -> Profile:
    # Names state the content, so that they stay the same when spokes are added or removed or change their group.
    ike = Proposal(f"ike-aes-256-gcm-{dh_group}", "aes-256-gcm", None, dh_group, lifetime_seconds=28800)
    ipsec = Proposal("esp-aes-256-gcm", "aes-256-gcm", None, None, lifetime_seconds=3600)
    return Profile(
        ike_version="v2",
        ike_policy=IkePolicy(f"ike-policy-{dh_group}", mode=None, proposal_set=None, proposal=ike, key_of=hub),
        ipsec_policy=IpsecPolicy(f"vpn-policy-{dh_group}", pfs_group=dh_group, proposal_set=None, proposal=ipsec),
        # Detects a dead peer of an idle tunnel too, so that Junos removes its next-hop tunnel entry and routes soon.
        dead_peer_detection=DeadPeerDetection(interval=10, threshold=3),
    )
