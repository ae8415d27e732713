# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that no association has more time remaining than its planned lifetime."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import IkeSa, IpsecSa
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import algorithms
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.negotiated import (
    ike_up,
    ipsec_up,
    kilobytes,
    lifetime,
    without_ike,
    without_ipsec,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "lifetimes"


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per tunnel, for both phases; times in seconds."""
    return [_finding(plan, tunnel, observation) for tunnel in plan.tunnels]


def _finding(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    association, pair = ike_up(tunnel, observation), ipsec_up(tunnel, observation)
    ike_limit = lifetime(tunnel.ike_policy, () if association is None else [_suite(association)])
    suites = () if pair is None else tuple(map(_suite, pair.security_associations))
    ipsec_limit, size_limit = lifetime(tunnel.ipsec_policy, suites), kilobytes(tunnel.ipsec_policy, suites)
    size = f" and {size_limit} kB" if size_limit else ""
    expected = f"at most {ike_limit} s remaining for IKE, {ipsec_limit} s{size} for IPsec"
    subject = Subject.of(plan, CHECK, tunnel, expected)
    if association is None:
        return without_ike(subject, observation)
    if pair is None:
        return without_ipsec(subject, observation)
    remaining = [one.lifetime_seconds for one in pair.security_associations if one.lifetime_seconds is not None]
    longest = max(remaining, default=None)
    actual = f"{_seconds(association.lifetime_seconds)} for IKE and {_seconds(longest)} for IPsec"
    if association.lifetime_seconds is None or longest is None:
        return subject.unknown(actual, "Ask for the detail reply.")
    if association.lifetime_seconds > ike_limit or longest > ipsec_limit:
        return subject.failed(actual, _remedy(plan, "lifetime-seconds"), "too long")
    sizes = [one.lifetime_kilobytes for one in pair.security_associations if one.lifetime_kilobytes is not None]
    if size_limit is not None and max(sizes, default=0) > size_limit:
        return subject.failed(f"{actual}, {max(sizes)} kB", _remedy(plan, "lifetime-kilobytes"), "too long")
    # A peer may have given phase 1 less than the planned lifetime: then it is younger. A renewal makes it young again.
    age = ike_limit - association.lifetime_seconds
    actual += f"; phase 1 negotiated at most {age} s ago"
    return subject.ok(actual, f"{association.lifetime_seconds}/{longest}")


def _remedy(plan: DevicePlan, statement: str) -> str:
    return f"Look for statements outside group {plan.group} that set other {statement}."


def _suite(association: IkeSa | IpsecSa) -> str:
    return algorithms.suite(association.encryption_algorithm, association.authentication_algorithm)


def _seconds(value: int | None) -> str:
    return "not reported" if value is None else f"{value} s"
