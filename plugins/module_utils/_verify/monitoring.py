# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that VPN monitoring, where it is configured, does not report the peer down."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.negotiated import ipsec_up, without_ipsec
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "monitoring"

# The column Mon of Junos, in brief and in detail replies.
_OFF = {"-"}
_UP = {"U", "UP"}
_DOWN = {"D", "DOWN"}


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per tunnel."""
    return [_finding(plan, tunnel, observation) for tunnel in plan.tunnels]


def _finding(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    subject = Subject.of(plan, CHECK, tunnel, "off or up")
    one = ipsec_up(tunnel, observation)
    if one is None:
        return without_ipsec(subject, observation)
    marks = {association.monitoring for association in one.security_associations}
    if marks <= _OFF:
        return subject.ok("off", "off")
    if marks <= _UP:
        return subject.ok("up", "up")
    if marks & _DOWN:
        return subject.failed(
            "down",
            f"The peer does not answer the probes of vpn-monitor: check that {tunnel.peer_host} answers pings to its"
            f" destination, or set 'vpn-monitor optimized' for {tunnel.vpn}.",
            "down",
        )
    return subject.unknown(f"mark {', '.join(sorted(str(mark) for mark in marks))}", "Ask again in a few seconds.")
