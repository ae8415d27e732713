# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Plan against observation: one finding per check and object, each with what to do next."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._compare import ike, ipsec, next_hop_tunnels, routes
from ansible_collections.hubspoke.srx.plugins.module_utils._model import DevicePlan, Finding, Observation

Verdict = t.Literal["ok", "failed", "unknown"]


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Judge one device: IKE, IPsec and next-hop tunnel of each VPN, and the route to each remote network.

    Every planned object has its finding, also where a lower layer has failed already: then with its own actual
    value and a remedy that points down. A question that got no usable answer yields ``unknown``, never ``failed``.
    Counts are not looked at: Junos counts pairs, and twice as many while it rekeys.
    """
    return [
        *ike.findings(plan, observation),
        *ipsec.findings(plan, observation),
        *next_hop_tunnels.findings(plan, observation),
        *routes.findings(plan, observation),
    ]


def verdict(found: t.Iterable[Finding]) -> Verdict:
    """One word for many findings. Nothing found, or everything skipped, proves nothing: ``unknown``."""
    states = {finding.state for finding in found}
    if "failed" in states:
        return "failed"
    return "ok" if "ok" in states and "unknown" not in states else "unknown"
