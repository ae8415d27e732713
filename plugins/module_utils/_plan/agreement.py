# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that both ends of each tunnel can do what it negotiates: by their releases, and by the spoke's platform."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.capabilities import (
    GCM_IN_IKE_SINCE,
    SHORT_PROBES_SINCE,
    SINCE,
    Capabilities,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import Proposal
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems

# The least seconds between two probes that every release takes.
_EVERY_INTERVAL = 10


class Need(t.NamedTuple):
    """What a tunnel needs of the releases of its ends, and the variable of the spoke that asks for it."""

    variable: str
    value: object
    feature: str
    since: tuple[int, int]


def check_proposals(hub: Draft, spokes: t.Iterable[Draft], problems: Problems) -> None:
    """Note what an end of a tunnel cannot negotiate; the hub's first tunnel with a need stands for all."""
    at_hub: dict[str, tuple[str, Need]] = {}
    for spoke in (one for one in spokes if one.ike.is_valid and one.ipsec.is_valid):
        known = spoke.profile.capabilities
        if known is not None:
            _check_platform(spoke, known, problems)
        needs = list(_needs(spoke))
        for need in needs:
            at_hub.setdefault(need.feature, (spoke.host, need))
        if known is None:
            _check_release(spoke, [(spoke.host, need) for need in needs], problems)
    _check_release(hub, at_hub.values(), problems)


def _check_release(draft: Draft, needs: t.Iterable[tuple[str, Need]], problems: Problems) -> None:
    number = draft.release_number
    for host, need in needs:
        if number is not None and number < need.since:
            feature, first = f"{need.feature} (tunnel of {host})", f"{need.since[0]}.{need.since[1]}R1"
            facts = {"release": draft.release, "feature": feature, "first": first}
            problems.add("release_lacks", draft.host, need.variable, need.value, **facts)


def _needs(spoke: Draft) -> t.Iterator[Need]:
    """Yield what not every release has, of the choices of a spoke and of the defaults of its syntax."""
    ike, ipsec = spoke.ike, spoke.ipsec
    modern = spoke.profile.has_modern and spoke.syntax == "modern"
    own_phase1 = bool(ike.proposals or ike.proposal_set)
    if modern and not own_phase1:
        yield Need("nhtb_syntax", "modern", "aes-256-gcm for IKE", GCM_IN_IKE_SINCE)
    if modern and spoke.dh_group and spoke.dh_group in SINCE and not (own_phase1 and ipsec.pfs_group):
        yield Need("nhtb_dh_group", spoke.dh_group, spoke.dh_group, SINCE[spoke.dh_group])
    for variable, proposals in (("nhtb_ike", ike.proposals), ("nhtb_ipsec", ipsec.proposals)):
        for index, one in enumerate(proposals):
            yield from _of_proposal(f"{variable}.proposals[{index}]", one)
            if variable == "nhtb_ike" and one.encryption.endswith("gcm"):
                yield Need(
                    f"{variable}.proposals[{index}].encryption",
                    one.encryption,
                    f"{one.encryption} for IKE",
                    GCM_IN_IKE_SINCE,
                )
    if ipsec.pfs_group and ipsec.pfs_group in SINCE:
        yield Need("nhtb_ipsec.pfs_group", ipsec.pfs_group, ipsec.pfs_group, SINCE[ipsec.pfs_group])
    probes = ike.dead_peer_detection
    if probes and probes.interval < _EVERY_INTERVAL:
        feature = f"dead peer detection every {probes.interval} seconds"
        yield Need("nhtb_ike.dead_peer_detection.interval", probes.interval, feature, SHORT_PROBES_SINCE)


def _of_proposal(variable: str, proposal: Proposal) -> t.Iterator[Need]:
    for key in ("encryption", "authentication", "dh_group"):
        value = getattr(proposal, key)
        if value in SINCE:
            yield Need(f"{variable}.{key}", value, value, SINCE[value])


def _check_platform(spoke: Draft, known: Capabilities, problems: Problems) -> None:
    """Note what the platform of a spoke does not have: one proposal of each phase must be common to both ends."""
    ike, ipsec = spoke.ike, spoke.ipsec
    for variable, value, choices in (
        ("nhtb_ike.version", ike.version, known.versions),
        ("nhtb_ike.mode", ike.mode, known.modes),
        ("nhtb_ike.proposal_set", ike.proposal_set, known.proposal_sets),
        ("nhtb_ipsec.proposal_set", ipsec.proposal_set, known.proposal_sets),
        ("nhtb_ipsec.pfs_group", ipsec.pfs_group, known.pfs_groups),
    ):
        if value is not None and choices and value not in choices:
            problems.add("peer_lacks", spoke.host, variable, value, platform=known.name, choices=" or ".join(choices))
    for variable, proposals, lacks in (
        ("nhtb_ike.proposals", ike.proposals, known.lacks_ike),
        ("nhtb_ipsec.proposals", ipsec.proposals, known.lacks_ipsec),
    ):
        lacking = [lacks(one) for one in proposals]
        if lacking and all(lacking):
            facts = {"platform": known.name, "lacking": ", ".join(dict.fromkeys(lacking))}
            problems.add("no_common_proposal", spoke.host, variable, list(proposals), **facts)
