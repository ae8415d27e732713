# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happened to a negotiation, in the same few words for daemons and lab."""

from __future__ import annotations

import typing as t

Phase = t.Literal["", "1", "2"]
Reason = t.Literal[
    "", "key", "proposal", "identity", "unknown peer", "mode", "selectors", "certificate", "silence", "other"
]


class Verdict(t.NamedTuple):
    """Whether a tunnel comes up, else the phase and the reason; ``rekey`` says whether it is up after rekeying.

    ``then`` is what follows from the event of the case.
    """

    up: bool
    phase: Phase = ""
    reason: Reason = ""
    rekey: bool = False
    then: str = ""

    def __str__(self) -> str:
        if self.up:
            words = ("up", "" if self.rekey else "down after rekey", self.then)
            return ", ".join(filter(None, words))
        return f"down in phase {self.phase}: {self.reason}"


# What follows from the death of a peer.
EARLY = "the other end goes down before interval times threshold"
NOTICED, UNNOTICED = "the other end goes down", "the other end stays up"
