# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab computes the cases, from the configurations as its devices read them."""

from __future__ import annotations

from tests.lab.clock import Clock
from tests.lab.network import Network
from tests.lab.switches import HOSTILE, Switches
from tests.lab_tests.network.support import START, FakeDevice, Options
from tests.oracle.cases import BOTH, ENDS, PUBLIC, Case
from tests.oracle.strongswan import earliest
from tests.oracle.verdict import EARLY, NOTICED, UNNOTICED, Phase, Reason, Verdict

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
    "own-no-ike": ("1", "silence"),
    "peer-no-ike": ("1", "silence"),
    "ipsec-proposal": ("2", "proposal"),
    "pfs": ("2", "proposal"),
    "proxy-id": ("2", "selectors"),
}
# Ends that start nothing, and renew what the peer has started: "peer-no-ike" is one whose peer has opened the way.
_PASSIVE = ("responder-only", "dynamic-peer", "no-such-peer", "peer-no-ike")
# Seconds after which every dead peer detection of the cases has ended, and no association is renewed yet.
_UNNOTICED = 600
_FOR_EVER = 1e9
_IMMEDIATELY = "set security ipsec vpn peer establish-tunnels immediately"


def compute(case: Case, switches: Switches = HOSTILE) -> Verdict:
    """Return the verdict of the lab about a case."""
    clock = Clock(start=START, speed=0)
    network = Network({end: _device(case, end, switches) for end in ENDS}, clock)
    initiator = ENDS[0] if case.initiator == BOTH else case.initiator
    rows = network.tunnel_rows(initiator)
    attempt = network.tunnels.attempts[initiator, "peer"]
    if attempt.failure is not None:
        return Verdict(False, *_REASONS.get(attempt.failure.code, ("1", "other")))
    if not all(row.up for row in rows):
        return Verdict(False, *_REASONS["proxy-id"])
    # A phase 1 of IKEv1 is made anew from either end, as if that end had started.
    other = next(end for end in ENDS if end != initiator)
    again = network.tunnels.attempts[other, "peer"].failure if attempt.version == 1 else None
    is_lasting = again is None or again.code in _PASSIVE
    then = _death(network, clock, case) if case.dies else ""
    return Verdict(True, rekey=attempt.later is None and is_lasting, then=then)


def _device(case: Case, end: str, switches: Switches) -> FakeDevice:
    nat = PUBLIC[end] if end in case.nat else ""
    # Only the end that starts does so by itself: otherwise the other one would, too.
    starts = (_IMMEDIATELY,) if case.initiator in (end, BOTH) else ()
    options = Options(nat=nat, nat_forwards=case.nat.get(end) == "forwards", switches=switches)
    return FakeDevice(end, "\n".join((*case.lines[end], *starts)), options)


def _death(network: Network, clock: Clock, case: Case) -> str:
    other = next(end for end in ENDS if end != case.dies)
    network.reboot(case.dies, _FOR_EVER)
    clock.advance(max(0, earliest(case.lines[other])))
    if not network.tunnel_rows(other)[0].up:
        return EARLY
    clock.advance(_UNNOTICED)
    return UNNOTICED if network.tunnel_rows(other)[0].up else NOTICED
