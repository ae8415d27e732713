# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""File descriptors: the cost of the sessions of a run, and the limit of this process, before the first login."""

from __future__ import annotations

import os
import resource
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import login_error
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.target import Target

# As counted on open sessions, each with a ProxyCommand in front.
COST = {"asyncssh": 2, "pyez": 6}
# For the time of a login: the agent, key files, the pipes of ``ssh -G``.
_LOGIN = 6
_LOGINS_AT_ONCE = 30
_OTHERS = 32
_BEFORE = 64


def require(targets: t.Sequence[Target], at_once: int, variable: str = "") -> None:
    """Raise the soft limit as far as so many open sessions need it. Raise SessionError where the hard one is too low.

    ``variable`` lowers the number of sessions that are open at once.
    """
    costs = sorted((COST[target.transport] for target in targets), reverse=True)[:at_once]
    if not costs:
        return
    base = _in_use() + _OTHERS + _LOGIN * min(len(costs), _LOGINS_AT_ONCE)
    needed = base + sum(costs)
    limit = _raised_to(needed)
    if limit >= needed:
        return
    # The hub takes part in every batch.
    fewer = (limit - base) // costs[0] - 1
    ways = [f"Raise the limit before the run: ulimit -n {needed}"]
    ways += [f"set {variable} to at most {fewer}"] if variable and fewer > 0 else []
    ways += ["use nhtb_transport: asyncssh"] if costs[0] > COST["asyncssh"] else []
    transport = next(name for name, cost in COST.items() if cost == costs[0])
    raise login_error("controller", "too_few_descriptors", needed=needed, count=len(costs), cost=costs[0], limit=limit,
                      transport=transport, ways=", or ".join(ways))  # fmt: skip


def _raised_to(needed: int) -> int:
    """Return the soft limit, raised to the number where the hard one allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return needed
    wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (ValueError, OSError):
        return soft
    return wanted


def _in_use() -> int:
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return _BEFORE
