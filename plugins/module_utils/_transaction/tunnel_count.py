# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""How many tunnels are verified so far, and what is missing at the others."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import BASIC_CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.device_run import DeviceRun


class TunnelCount(t.NamedTuple):
    """``done`` of ``total`` tunnels are verified at each end that was asked; ``missing`` has a finding of each other.

    Where all are verified, ``missing`` has what the other checks found: pings and counters make no tunnel's state.
    """

    done: int
    total: int
    missing: tuple[Finding, ...]


def count_tunnels(devices: t.Iterable[DeviceRun]) -> TunnelCount:
    """Return the count of the tunnels that the run verifies on these devices; one that loses its part has none."""
    ends: dict[frozenset[str], bool] = {}
    missing: dict[t.Hashable, Finding] = {}
    others: list[Finding] = []
    for device in devices:
        of_tunnels = [finding for finding in device.wrong if _is_of_tunnel(finding)]
        others += [finding for finding in device.wrong if not _is_of_tunnel(finding)]
        first_of = {finding.peer: finding for finding in reversed(of_tunnels)}
        is_answered = device.error is None and bool(device.findings)
        for tunnel in device.tunnels:
            pair = frozenset((device.host, tunnel.peer_host))
            first = first_of.get(tunnel.peer_host)
            ends[pair] = ends.get(pair, True) and is_answered and first is None
            if first is not None:
                missing.setdefault(pair, first)
    done = sum(ends.values())
    return TunnelCount(done, len(ends), tuple(missing.values() if done < len(ends) else others))


def _is_of_tunnel(finding: Finding) -> bool:
    return bool(finding.peer) and finding.check in BASIC_CHECKS
