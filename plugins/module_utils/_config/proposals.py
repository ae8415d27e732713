# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The proposals of a policy, and dead peer detection of a gateway, as a configuration has them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import (
    IKE_LIFETIME,
    IKE_SETS,
    IPSEC_LIFETIME,
    IPSEC_SETS,
    DeadPeerDetection,
    Proposal,
)

Phase = t.Literal["ike", "ipsec"]
# Junos has these values where nothing is configured (CLI reference of each statement).
_METHODS = {"ike": ("authentication-method", "pre-shared-keys"), "ipsec": ("protocol", "esp")}
_LIFETIMES = {"ike": IKE_LIFETIME, "ipsec": IPSEC_LIFETIME}
_SETS = {"ike": IKE_SETS, "ipsec": IPSEC_SETS}
_PROBES = ("optimized", "probe-idle-tunnel", "always-send")


@dataclass(frozen=True)
class Offer:
    """The proposal set of a policy, empty without one, and its own proposals in order."""

    phase: Phase
    proposal_set: str
    proposals: tuple[Proposal, ...]

    @property
    def all(self) -> tuple[Proposal, ...] | None:
        """Return the own proposals, or those of the set; ``None`` for a set that is not known."""
        return _SETS[self.phase].get(self.proposal_set) if self.proposal_set else self.proposals

    def __str__(self) -> str:
        if self.proposal_set:
            return f"proposal-set {self.proposal_set}"
        return "; ".join(map(self._text, self.proposals)) or "none"

    def _text(self, one: Proposal) -> str:
        words = [one.dh_group, one.encryption, one.authentication]
        return " ".join(filter(None, [None if one.method == _METHODS[self.phase][1] else one.method, *words]))


def offer(config: Hierarchy, phase: Phase, policy: str) -> Offer:
    """Return what a policy offers."""
    place = ("security", phase, "policy", policy)
    names = config.names(*place, "proposals")
    return Offer(
        phase, config.value(*place, "proposal-set") or "", tuple(_proposal(config, phase, name) for name in names)
    )


def _proposal(config: Hierarchy, phase: Phase, name: str) -> Proposal:
    def value(leaf: str) -> str | None:
        return config.value("security", phase, "proposal", name, leaf)

    method, default = _METHODS[phase]
    size = value("lifetime-kilobytes")
    return Proposal(
        name=name,
        encryption=value("encryption-algorithm") or "",
        authentication=value("authentication-algorithm"),
        dh_group=value("dh-group"),
        lifetime_seconds=int(value("lifetime-seconds") or _LIFETIMES[phase]),
        lifetime_kilobytes=int(size) if size else None,
        method=value(method) or default,
    )


def dead_peer_detection(config: Hierarchy, gateway: str) -> DeadPeerDetection | None:
    """Return how a gateway detects that its peer is gone, with the defaults of Junos; ``None`` where it does not."""
    place = ("security", "ike", "gateway", gateway, "dead-peer-detection")
    if not config.has(*place):
        return None
    mode = next((word for word in _PROBES if config.has(*place, word)), "optimized")
    return DeadPeerDetection(
        int(config.value(*place, "interval") or 10), int(config.value(*place, "threshold") or 5), mode
    )
