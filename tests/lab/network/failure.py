# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why something does not work: the words for it, and what a device says of it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

Layer = t.Literal["interface", "route", "host-inbound", "phase1", "phase2", "nhtb", "zone", "policy", "address-book"]


@dataclass(frozen=True)
class Failure:
    """``device`` is where it shows, ``object`` what is wrong there. ``code`` is one of the words of this module."""

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
    """What the two ends of a failed negotiation show.

    ``initiator`` and ``responder`` are tunnel events (an empty one: that end notices nothing), ``error`` is the
    text that IKE gives to the failure, ``answered`` says whether the peer's cookie is known to the initiator.
    """

    initiator: str
    responder: str = ""
    error: str = "Timed out"
    answered: bool = False


# Recorded are "No response from peer…", "Tunnel is ready…" and the success texts; the others are the
# documented ones. For a wrong exchange mode nothing is recorded: it is shown as the phase 1 mismatch it is.
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
    "responder-only": Symptom(WAITING),
    "dynamic-peer": Symptom(WAITING),
    "held": Symptom(NO_RESPONSE),
}  # fmt: skip
