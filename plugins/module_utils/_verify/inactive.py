# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The device's own reason for a tunnel that is down."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import InactiveTunnel


def of_tunnel(tunnel: Tunnel, observation: Observation) -> InactiveTunnel | None:
    """Return the row with a reason for a planned tunnel in the list of inactive tunnels; ``None`` without one."""
    named, unnamed = observation.inactive.by("vpn"), observation.inactive.by("vpn", "remote_gateway")
    rows = (one for address in tunnel.peer_addresses for one in unnamed.get((None, address), ()))
    return next((row for row in (*named.get((tunnel.vpn,), ()), *rows) if row.reason), None)


def reason(tunnel: Tunnel, observation: Observation) -> str:
    """Return the device's reason with its count; empty without one."""
    row = of_tunnel(tunnel, observation)
    if row is None:
        return ""
    if not row.times:
        return row.reason
    return f"{row.reason} ({'once' if row.times == 1 else f'{row.times} times'})"


def with_reason(actual: str, tunnel: Tunnel, observation: Observation) -> str:
    """Return an actual value followed by the device's reason, if there is one."""
    words = reason(tunnel, observation)
    return f"{actual}: {words}" if words else actual
