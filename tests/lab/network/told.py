# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outcomes of negotiations that the lab does not compute: another source, such as a real IKE daemon, tells them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from tests.lab.network.failure import SYMPTOMS
from tests.lab.network.peering import Attempt

_PHASE2 = ("ipsec-proposal", "pfs", "proxy-id")
ENDED = "IPSec SA delete payload received from peer, corresponding IPSec SAs cleared"


@dataclass(frozen=True)
class Told:
    """The state of a VPN: up, or down by a ``code`` of ``failure.SYMPTOMS``.

    ``cookies`` are the initiator's and the responder's, ``spis`` those of the inbound and the outbound association, all
    as hexadecimal digits; without them the lab makes its own. ``peer_starts`` says that the peer is the initiator.
    """

    code: str = ""
    cookies: tuple[str, str] | None = None
    spis: tuple[str, str] | None = None
    peer_starts: bool = False

    @classmethod
    def of(cls, request: t.Mapping[str, t.Any]) -> Told | None:
        """Return what a request tells, ``None`` where the lab computes again. Raise ValueError for a wrong one."""
        outcome = request["outcome"]
        if outcome == "computed":
            return None
        if outcome == "up":
            pairs = {name: _pair(name, request[name]) for name in ("cookies", "spis") if request.get(name)}
            return cls(**pairs, peer_starts=bool(request.get("peer_starts")))  # type: ignore[arg-type]
        if outcome == "down" and request.get("code") in SYMPTOMS:
            return cls(request["code"])
        raise ValueError(f"expected up, computed, or down with a code of {', '.join(SYMPTOMS)}, actual {outcome}")

    def applied(self, found: Attempt) -> Attempt:
        """Return an attempt with this outcome. What the lab computes to fail stays failed."""
        if not self.code or found.failure is not None:
            return found
        layer = "phase2" if self.code in _PHASE2 else "phase1"
        return found.failed(found.initiator[0], layer, found.initiator[1], "another source says so", self.code)


def _pair(name: str, values: t.Sequence[str]) -> tuple[str, str]:
    one, other = values
    for value in (one, other):
        int(value, 16)
    return one, other
