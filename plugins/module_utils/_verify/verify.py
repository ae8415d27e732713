# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Compare a plan with an observation: one finding per check and object, each with its remedy."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import BASIC_CHECKS, CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import (
    configuration,
    ike,
    ike_algorithms,
    internet_exit,
    ipsec,
    ipsec_algorithms,
    leak,
    lifetimes,
    monitoring,
    next_hop_tunnels,
    pings,
    policies,
    proxy_identities,
    routes,
    statistics,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.pings import probes

__all__ = ["CHECK_FUNCTIONS", "findings", "probes"]

CHECK_FUNCTIONS: t.Mapping[str, t.Callable[[DevicePlan, Observation], list[Finding]]] = {
    configuration.CHECK: configuration.findings,
    ike.CHECK: ike.findings,
    ike_algorithms.CHECK: ike_algorithms.findings,
    ipsec.CHECK: ipsec.findings,
    ipsec_algorithms.CHECK: ipsec_algorithms.findings,
    proxy_identities.CHECK: proxy_identities.findings,
    lifetimes.CHECK: lifetimes.findings,
    monitoring.CHECK: monitoring.findings,
    next_hop_tunnels.CHECK: next_hop_tunnels.findings,
    routes.CHECK: routes.findings,
    leak.CHECK: leak.findings,
    internet_exit.CHECK: internet_exit.findings,
    policies.CHECK: policies.findings,
    statistics.CHECK: statistics.findings,
    pings.CHECK: pings.findings,
}
"""The function of every check; ``_model/checks.py`` has the same names for packages that must not import this one."""


def findings(plan: DevicePlan, observation: Observation, checks: t.Collection[str] = BASIC_CHECKS) -> list[Finding]:
    """Return the findings of the named checks for one device, in the order of ``CHECKS``.

    Every planned object has a finding. Where a lower layer has failed, the finding has its own actual value and a
    remedy that names that layer, or it is ``skipped`` where there is nothing to examine. A question without a usable
    answer yields ``unknown``, never ``failed``. Header counts are not compared: Junos counts pairs of associations,
    and twice as many while it rekeys.
    """
    return [finding for name in CHECKS if name in checks for finding in CHECK_FUNCTIONS[name](plan, observation)]
