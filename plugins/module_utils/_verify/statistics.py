# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Check that no error counter rises between two samples. Their values since the last clear mean nothing."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import IpsecStatistics
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import ipsec
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

CHECK = "statistics"

_EXPECTED = "no error counter rising"
# The cause and the remedy when a counter rises.
_MEANINGS = {
    "ah_authentication_failures": "keys or algorithms of the two ends differ, or packets were changed on the way",
    "esp_authentication_failures": "keys or algorithms of the two ends differ, or packets were changed on the way",
    "esp_decryption_failures": "keys or algorithms of the two ends differ",
    "replay_errors": "packets arrive late or twice: look for load sharing or loss on the way",
    "bad_headers": "packets are damaged on the way, or come from no peer of ours",
    "bad_trailers": "packets are damaged on the way, or decrypted with another key",
    "invalid_spi": "the peer still uses an association that is gone here: clear it there",
    "ts_check_failures": "packets are outside the proxy identities: look at routes and policies of the peer",
    "exceeds_tunnel_mtu": "packets are too long: lower the MSS",
    "discarded": "packets were dropped: trace them with 'security flow traceoptions'",
}


def findings(plan: DevicePlan, observation: Observation) -> list[Finding]:
    """Return one finding per tunnel, or one for all tunnels where the samples are for all."""
    samples = (observation.statistics_before, observation.statistics)
    together = any(_first(sample, (None,)) for sample in samples)
    if together or not plan.tunnels:
        subject = Subject(plan.host, CHECK, "all tunnels", _EXPECTED)
        before, after = (_first(sample, (None,)) for sample in samples)
        return [_finding(subject, before, after, samples)]
    return [_tunnel_finding(plan, tunnel, observation) for tunnel in plan.tunnels]


def _tunnel_finding(plan: DevicePlan, tunnel: Tunnel, observation: Observation) -> Finding:
    subject = Subject.of(plan, CHECK, tunnel, _EXPECTED)
    samples = (observation.statistics_before, observation.statistics)
    indexes = {one.tunnel_index for one in ipsec.of_tunnel(tunnel, observation.ipsec)}
    before, after = (_first(sample, indexes) for sample in samples)
    if all(sample.state == "ok" for sample in samples) and before is after is None and not indexes:
        return subject.skipped("IPsec is not up")
    return _finding(subject, before, after, samples)


def _first(sample: Answer[IpsecStatistics], indexes: t.Iterable[int | None]) -> IpsecStatistics | None:
    """Return the counters of the first of the tunnels with these indexes that has some."""
    by_index = sample.by("tunnel_index")
    return next((by_index[(index,)][0] for index in indexes if (index,) in by_index), None)


def _finding(
    subject: Subject,
    before: IpsecStatistics | None,
    after: IpsecStatistics | None,
    samples: t.Sequence[Answer[IpsecStatistics]],
) -> Finding:
    for sample in samples:
        if sample.state != "ok":
            return subject.unanswered(sample)
    if before is None or after is None:
        return subject.unknown("one sample only", "Ask twice, some seconds apart.")
    rises = {field: _value(after, field) - _value(before, field) for field in _MEANINGS}
    if any(rise < 0 for rise in rises.values()):
        return subject.unknown("counters were cleared between the samples", "Ask again.")
    rising = {field: rise for field, rise in rises.items() if rise}
    if not rising:
        return subject.ok(_EXPECTED, "steady")
    actual = ", ".join(f"{field.replace('_', ' ')} +{rise}" for field, rise in rising.items())
    remedy = "; ".join(dict.fromkeys(_MEANINGS[field] for field in rising))
    return subject.failed(actual, f"{remedy[0].upper()}{remedy[1:]}.", "rising")


def _value(sample: IpsecStatistics, field: str) -> int:
    return getattr(sample, field) or 0
