# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Plan against observation: one finding per check and object, each with what to do next."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import BASIC_CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import (
    configuration,
    ike,
    ipsec,
    next_hop_tunnels,
    pings,
    routes,
    security,
    statistics,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.pings import probes

__all__ = ["CHECKS", "findings", "probes"]

# Every check by its name, from the lowest layer up.
CHECKS: dict[str, t.Callable[[DevicePlan, Observation], list[Finding]]] = {
    "configuration": configuration.findings,
    "ike": ike.findings,
    "ike_algorithms": security.ike_algorithms,
    "ipsec": ipsec.findings,
    "ipsec_algorithms": security.ipsec_algorithms,
    "proxy_identities": security.proxy_identities,
    "lifetimes": security.lifetimes,
    "monitoring": security.monitoring,
    "next_hop_tunnels": next_hop_tunnels.findings,
    "routes": routes.findings,
    "statistics": statistics.findings,
    "pings": pings.findings,
}
# What must hold before a commit is confirmed.


def findings(plan: DevicePlan, observation: Observation, checks: t.Collection[str] = BASIC_CHECKS) -> list[Finding]:
    """Judge one device by the named checks, in the order of ``CHECKS``.

    Every planned object has its finding, also where a lower layer has failed already: then with its own actual
    value and a remedy that points down, or C(skipped) where there is nothing to look at. A question that got no
    usable answer yields C(unknown), never C(failed). Counts are not looked at: Junos counts pairs, and twice as
    many while it rekeys.
    """
    return [finding for name, check in CHECKS.items() if name in checks for finding in check(plan, observation)]
