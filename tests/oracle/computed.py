# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab computes the cases, from the configurations as its devices read them."""

from __future__ import annotations

from tests.lab.clock import Clock
from tests.lab.network import Network
from tests.lab_tests.network.support import START, FakeDevice, Options
from tests.oracle.cases import Case
from tests.oracle.verdict import Phase, Reason, Verdict

# The lab's codes for failures.
_REASONS: dict[str, tuple[Phase, Reason]] = {
    "key": ("1", "key"),
    "key-v2": ("1", "key"),
    "ike-proposal": ("1", "proposal"),
    "peer-id": ("1", "identity"),
    "own-id": ("1", "identity"),
    "mode": ("1", "mode"),
    "version": ("1", "unknown peer"),
    "not-recognized": ("1", "unknown peer"),
    "no-such-peer": ("1", "silence"),
    "ipsec-proposal": ("2", "proposal"),
    "pfs": ("2", "proposal"),
    "proxy-id": ("2", "selectors"),
}
# Ends that start nothing, and renew what the peer has started.
_PASSIVE = ("responder-only", "dynamic-peer")


def compute(case: Case) -> Verdict:
    """Return the verdict of the lab about a case."""
    devices = {end: FakeDevice(end, "\n".join(lines), Options()) for end, lines in case.lines.items()}
    network = Network(devices, Clock(start=START, speed=0))
    network.tunnel_rows(case.initiator)
    attempt = network.tunnels.attempts[case.initiator, "peer"]
    if attempt.failure is not None:
        phase, reason = _REASONS.get(attempt.failure.code, ("1", "other"))
        return Verdict(False, phase, reason)
    # A phase 1 of IKEv1 is made anew from either end, as if that end had started.
    other = next(end for end in case.lines if end != case.initiator)
    again = network.tunnels.attempts[other, "peer"].failure if attempt.version == 1 else None
    is_lasting = again is None or again.code in _PASSIVE
    return Verdict(True, rekey=attempt.later is None and is_lasting)
