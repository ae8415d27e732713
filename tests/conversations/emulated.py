# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What devices of the lab log in a case, and the causes that the collection names for it."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.events import events
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.table import TELLING

from tests.lab.clock import Clock
from tests.lab.network import Network
from tests.lab.network.told import Told
from tests.lab_tests.network.support import START, FakeDevice, Options
from tests.oracle.cases import ENDS, PUBLIC, Case

# Seconds, the default of phase 2.
_LIFETIME = 3600
# The lab has no certificates. It is told of one that its peer refuses.
_REFUSED = Told("key-v2")
_TELLING = (*TELLING, "timeout")


def lines(case: Case) -> dict[str, list[str]]:
    """Return the lines in the log of the IKE daemon at both ends."""
    routers = {end: Options(nat=PUBLIC[end] if end in case.nat else "") for end in ENDS}
    devices = {end: FakeDevice(end, "\n".join(case.lines[end]), routers[end]) for end in ENDS}
    clock = Clock(start=START, speed=0)
    network = Network(devices, clock)
    if any(case.certificates.values()):
        # A device that refuses a certificate notifies AUTHENTICATION_FAILED (RFC 7296, 2.21.2).
        network.tunnels.tell((case.initiator, "peer"), _REFUSED, START)
    network.tunnel_rows(case.initiator)
    if network.tunnels.bring_up((case.initiator, "peer"), START) is None:
        # What is up at first fails at its renewal, before the end of the shortest lifetime.
        clock.advance(_LIFETIME)
    return {end: list(network.log(end).lines("kmd") or ()) for end in ENDS}


def cause(log: t.Sequence[str]) -> str:
    """Return the cause that the module ``ike_log_info`` names for a failure, the most specific one of its lines."""
    causes = {event.cause for event in events(log).items} - {None}
    return next((one for one in _TELLING if one in causes), "none")
