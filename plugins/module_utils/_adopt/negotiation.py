# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Turn the proposals, lifetimes and dead peer detection of a VPN into ``nhtb_ike`` and ``nhtb_ipsec``."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config
from ansible_collections.hubspoke.srx.plugins.module_utils._config.proposals import Offer, dead_peer_detection, offer
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import (
    KEYED_SETS,
    NO_PFS,
    PFS_OF_SET,
    WEAK,
    DeadPeerDetection,
    Proposal,
    weak_of,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.crypto import profile_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.proposals import IkeDraft, IpsecDraft, is_planned

Variables = dict[str, t.Any]


def negotiation_variables(config: Config, vpn: str, syntax: t.Literal["classic", "modern"], dh_group: str) -> Variables:
    """Return the variables of a VPN that the defaults of the syntax do not give.

    ``dh_group`` is that of ``nhtb_dh_group``. What no variable can say gets the defaults: a plan then shows it as
    a difference.
    """
    tree = config.hierarchy
    default = profile_of(syntax, dh_group, IkeDraft(), IpsecDraft(), "")
    gateway = config.value("security ipsec vpn", vpn, "ike", "gateway")
    policy = config.value("security ike gateway", gateway, "ike-policy")
    phase2 = config.value("security ipsec vpn", vpn, "ike", "ipsec-policy")
    first, second = offer(tree, "ike", policy), offer(tree, "ipsec", phase2)
    ike = _offered(first, default.ike_policy.proposal_set, default.ike_policy.proposals)
    is_v2 = config.value("security ike gateway", gateway, "version") == "v2-only"
    version, mode = "v2" if is_v2 else "v1", config.value("security ike policy", policy, "mode")
    if version != default.ike_version:
        ike["version"] = version
    if mode == "aggressive" and not is_v2:
        ike["mode"] = mode
    probes = dead_peer_detection(tree, gateway)
    if probes != default.dead_peer_detection:
        ike["dead_peer_detection"] = _probes(probes)
    ipsec = _offered(second, default.ipsec_policy.proposal_set, default.ipsec_policy.proposals)
    group = config.value("security ipsec policy", phase2, "perfect-forward-secrecy", "keys")
    if (group or PFS_OF_SET.get(second.proposal_set, NO_PFS)) != default.ipsec_policy.pfs_group:
        ipsec["pfs_group"] = group or NO_PFS
    weak = weak_of((*(first.all or ()), *(second.all or ()))) or group in WEAK or "mode" in ike
    found = {"nhtb_ike": ike, "nhtb_ipsec": ipsec}
    variables: Variables = {name: value for name, value in found.items() if value}
    return variables | ({"nhtb_allow_weak": True} if weak and variables and syntax == "modern" else {})


def _offered(found: Offer, proposal_set: str | None, proposals: tuple[Proposal, ...]) -> Variables:
    """Return the key with the set or the proposals, none where it is the default one or cannot be said."""
    if found.proposal_set:
        sayable = found.phase == "ipsec" or found.proposal_set in KEYED_SETS
        return {"proposal_set": found.proposal_set} if sayable and found.proposal_set != proposal_set else {}
    same = [_content(one) for one in found.proposals] == [_content(one) for one in proposals]
    if same or not found.proposals or not all(is_planned(found.phase, one) for one in found.proposals):
        return {}
    return {"proposals": [_row(one) for one in found.proposals]}


def _content(one: Proposal) -> tuple[t.Any, ...]:
    return (one.encryption, one.authentication, one.dh_group, one.lifetime_seconds, one.lifetime_kilobytes, one.method)


def _row(one: Proposal) -> Variables:
    fields = {
        "encryption": one.encryption,
        "authentication": one.authentication,
        "dh_group": one.dh_group,
        "lifetime_seconds": one.lifetime_seconds,
        "lifetime_kilobytes": one.lifetime_kilobytes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _probes(found: DeadPeerDetection | None) -> Variables | bool:
    if found is None:
        return False
    return {"mode": found.mode, "interval": found.interval, "threshold": found.threshold}
