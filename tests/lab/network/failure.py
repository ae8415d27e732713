# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reasons for which a tunnel or traffic fails, and their symptoms on a device."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

Layer = t.Literal[
    "interface", "route", "host-inbound", "phase1", "phase2", "nhtb", "zone", "policy", "nat", "address-book"
]


@dataclass(frozen=True)
class Failure:
    """A failure on ``device`` at ``object``. ``code`` is a key of ``SYMPTOMS``."""

    device: str
    layer: Layer
    object: str
    reason: str
    code: str = ""

    def __str__(self) -> str:
        return f"{self.device}: {self.layer} {self.object}: {self.reason}"


NO_RESPONSE = "No response from peer. Negotiation failed"
NO_PROPOSAL = "Negotiation failed with error code NO_PROPOSAL_CHOSEN received from peer"
WAITING = "Tunnel is ready. Waiting for trigger event or peer to trigger negotiation"


@dataclass(frozen=True)
class Symptom:
    """The symptoms of a failed negotiation at its two ends.

    ``initiator`` and ``responder`` are tunnel events (empty: that end does not notice), ``error`` is IKE's text for
    the failure, ``answered`` says whether the initiator knows the peer's cookie.
    """

    initiator: str
    responder: str = ""
    error: str = "Timed out"
    answered: bool = False


# "No response from peer…", "Tunnel is ready…" and the success texts are recorded; the others are documented. For a
# wrong exchange mode there is no record: it is a phase 1 mismatch and shown as one.
SYMPTOMS: dict[str, Symptom] = {
    "no-gateway": Symptom("IKE gateway configuration lookup failed"),
    "no-external-address": Symptom("External interface's address is not available"),
    "no-route": Symptom(NO_RESPONSE),
    "no-such-peer": Symptom(NO_RESPONSE),
    "peer-down": Symptom(NO_RESPONSE),
    "own-no-ike": Symptom(NO_RESPONSE),
    "peer-no-ike": Symptom(NO_RESPONSE),
    "peer-no-route": Symptom(NO_RESPONSE),
    "not-recognized": Symptom(NO_PROPOSAL, "", "No proposal chosen", True),
    "version": Symptom(NO_PROPOSAL, "", "No proposal chosen", True),
    "mode": Symptom(NO_PROPOSAL, "IKE proposal mismatch", "No proposal chosen", True),
    "ike-proposal": Symptom(NO_PROPOSAL, "IKE proposal mismatch", "No proposal chosen", True),
    "key": Symptom(NO_RESPONSE, "Authentication failed with peer", "Invalid payload type", True),
    "key-v2": Symptom(
        "Negotiation failed with error code AUTHENTICATION_FAILED received from peer",
        "Authentication failed with peer", "Authentication failed", True,
    ),
    "peer-id": Symptom(
        "Negotiation failed with error code AUTHENTICATION_FAILED received from peer",
        "Peer's IKE-ID validation failed during negotiation", "No proposal chosen", True,
    ),
    "own-id": Symptom(
        "Peer's IKE-ID validation failed during negotiation",
        "Negotiation failed with error code AUTHENTICATION_FAILED received from peer", "Authentication failed", True,
    ),
    "no-bind-interface": Symptom("Bind-interface is not configured"),
    "peer-no-bind-interface": Symptom(NO_PROPOSAL, "Bind-interface is not configured", "No proposal chosen", True),
    "ipsec-proposal": Symptom(NO_PROPOSAL, "IPSec proposal mismatch", "No proposal chosen", True),
    "pfs": Symptom(NO_PROPOSAL, "IPSec proposal mismatch", "No proposal chosen", True),
    "proxy-id": Symptom(
        NO_PROPOSAL, "Peer proposed traffic-selectors are not in configured range", "No proposal chosen", True,
    ),
    "lost": Symptom(NO_RESPONSE),
    "responder-only": Symptom(WAITING),
    "dynamic-peer": Symptom(WAITING),
    "held": Symptom(NO_RESPONSE),
}  # fmt: skip
