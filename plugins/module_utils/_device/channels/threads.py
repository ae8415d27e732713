# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Threads: how many a run takes, and the limits of this user and of its cgroup, before the first login."""

from __future__ import annotations

import os
import resource
import typing as t
from contextlib import suppress
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import login_error
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.target import Target

# Of each open session, besides the thread of the run that each device has.
COST = {"asyncssh": 0, "pyez": 2}
# The event loop, name look-ups, the processes of logins (``ssh -G``).
_OTHERS = 64
_CGROUPS = Path("/sys/fs/cgroup")
_OWN_CGROUPS = Path("/proc/self/cgroup")
_PROCESSES = Path("/proc")


class _Limit(t.NamedTuple):
    """A limit on threads, and how many of them exist."""

    name: str
    most: int
    in_use: int
    remedy: str

    @property
    def free(self) -> int:
        return self.most - self.in_use


def require(targets: t.Sequence[Target], devices: int, sessions: int, variable: str = "") -> None:
    """Raise SessionError where a run may not start a thread for so many devices at once, and its open sessions.

    ``variable`` lowers the number of devices. The soft limit of the user is raised as far as the hard one allows.
    """
    costs = sorted((COST[target.transport] for target in targets), reverse=True)[:sessions]
    if not costs:
        return
    needed = devices + sum(costs) + _OTHERS
    for limit in _limits(needed):
        if limit.free >= needed:
            continue
        # The hub takes part in every batch.
        fewer = (limit.free - _OTHERS) // (1 + costs[0]) - 1
        ways = [limit.remedy.format(most=limit.in_use + needed)]
        ways += [f"set {variable} to at most {fewer}"] if variable and fewer > 0 else ["name fewer hosts with --limit"]
        ways += ["use nhtb_transport: asyncssh"] if costs[0] else []
        facts = {"needed": needed, "count": devices, "free": max(limit.free, 0), "limit": limit.most}
        transport = next(name for name, cost in COST.items() if cost == costs[0])
        raise login_error(
            "controller", "too_few_threads", **facts, transport=transport, name=limit.name, ways=", or ".join(ways)
        )


def _limits(needed: int) -> t.Iterator[_Limit]:
    """Yield the limits that can be read."""
    # Linux does not hold the superuser to it.
    if os.geteuid() != 0:
        soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
        if soft != resource.RLIM_INFINITY:
            in_use = _threads_of_user()
            soft = _raised(soft, hard, in_use + needed)
            yield _Limit("user", soft, in_use, "Raise the limit before the run: ulimit -u {most}")
    for folder in _pids_cgroups():
        with suppress(OSError, ValueError):
            # "max" where there is no limit.
            most = int((folder / "pids.max").read_text(encoding="ascii"))
            in_use = int((folder / "pids.current").read_text(encoding="ascii"))
            remedy = "Raise pids.max of the cgroup to {most} (podman and docker: --pids-limit; systemd: TasksMax)"
            yield _Limit("cgroup", most, in_use, remedy)


def _raised(soft: int, hard: int, wanted: int) -> int:
    """Return the soft limit, raised to the number where the hard one allows it."""
    if soft >= wanted:
        return soft
    wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NPROC, (wanted, hard))
        return wanted
    return soft


def _threads_of_user() -> int:
    """Return the number of threads of this user, 0 where that cannot be read."""
    user, count = os.getuid(), 0
    with suppress(OSError):
        for process in _PROCESSES.iterdir():
            # A process may end meanwhile. The folder of its threads has a link for each.
            with suppress(OSError):
                if process.name.isdigit() and process.stat().st_uid == user:
                    count += (process / "task").stat().st_nlink - 2
    return count


def _pids_cgroups() -> t.Iterator[Path]:
    """Yield the folders of this process's cgroup and of those above it, as far as they are mounted here."""
    lines: list[str] = []
    with suppress(OSError):
        lines = _OWN_CGROUPS.read_text(encoding="utf-8").splitlines()
    for line in lines:
        _number, controllers, path = line.split(":", 2)
        if controllers not in ("", "pids"):
            continue
        # Version 2 has one tree for all controllers. A container sees its own part of the tree as the whole.
        root = _CGROUPS / controllers
        own = root / path.lstrip("/")
        yield from (folder for folder in (own, *own.parents) if folder == root or root in folder.parents)
