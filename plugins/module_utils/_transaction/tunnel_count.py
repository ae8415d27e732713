# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""How many tunnels are verified so far, and what is missing at the others."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.device_run import DeviceRun


class TunnelCount(t.NamedTuple):
    """``done`` of ``total`` tunnels are verified at each end that was asked; ``missing`` has a finding of each other.

    Findings that are of no tunnel follow.
    """

    done: int
    total: int
    missing: tuple[Finding, ...]


def count_tunnels(devices: t.Iterable[DeviceRun]) -> TunnelCount:
    """Return the count of the tunnels of these devices; a device that loses its part of the VPN has none."""
    ends: dict[frozenset[str], bool] = {}
    missing: dict[t.Hashable, Finding] = {}
    for device in devices:
        if device.job.remove:
            continue
        wrong = device.wrong
        first_of = {finding.peer: finding for finding in reversed(wrong)}
        is_answered = device.error is None and bool(device.findings)
        for tunnel in device.plan.tunnels:
            pair = frozenset((device.host, tunnel.peer_host))
            first = first_of.get(tunnel.peer_host)
            ends[pair] = ends.get(pair, True) and is_answered and first is None
            if first is not None:
                missing.setdefault(pair, first)
        for finding in wrong:
            if not finding.peer:
                missing.setdefault((finding.host, finding.object), finding)
    return TunnelCount(sum(ends.values()), len(ends), tuple(missing.values()))
