# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a command and all its descendants cost. Linux only.

``measure`` starts this file as a process of its own, the keeper, which starts the command. The keeper is a subreaper
(``prctl(2)``): a descendant that outlives its parent becomes a child of the keeper, so that at the end the keeper has
waited for every process, and the kernel's own account of its children is that of the whole tree. A process whose parent
ignores SIGCHLD is missing in that account; Ansible, its connection processes and the clients here do not.

wall
    from the start of the command to its end, not to that of processes that outlive it
CPU
    user and system seconds of all descendants (``RUSAGE_CHILDREN``); those that outlive the command, as
    the connection processes of Ansible do, get SIGTERM and count
largest process
    the largest resident set of one of them (``ru_maxrss``)
memory of the tree
    the largest sum of the proportional set sizes (``smaps_rollup``), so that pages which processes share count once; it
    is sampled every 0.1 s, less often where a sample itself takes more than a tenth of that, and is at least the
    largest process
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

_SET_CHILD_SUBREAPER = 36
_SAMPLE_SECONDS = 0.1
_GRACE_SECONDS = 5.0


@dataclass(frozen=True)
class Cost:
    """The cost of one command: seconds, megabytes (of 1,048,576 bytes), exit status."""

    wall: float
    cpu: float
    tree_mb: float
    process_mb: float
    status: int


def measure(
    command: t.Sequence[str], *, folder: Path, env: t.Mapping[str, str], log: Path, timeout: float = 1800
) -> Cost:
    """Run a command in ``folder`` with its output in ``log``, and return its cost. It is killed after ``timeout``."""
    result = log.with_suffix(".cost")
    keeper = [sys.executable, str(Path(__file__).resolve()), str(result), str(timeout), *command]
    with log.open("wb") as output:
        subprocess.run(
            keeper, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=True
        )
    return Cost(**json.loads(result.read_text(encoding="utf-8")))


def cpu_seconds(pid: int) -> float:
    """Return user and system seconds of a running process, with those of its ended children."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Return the largest resident set that a running process has had."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024


def _descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = Path(entry.path, "stat").read_text(encoding="utf-8", errors="replace")
                children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        waiting += (born := children.get(waiting.pop(), []))
        found += born
    return found


def _proportional_mb(pids: t.Iterable[int]) -> float:
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def _sample(peak: list[float], ended: threading.Event) -> None:
    pause = _SAMPLE_SECONDS
    while not ended.wait(pause):
        started = time.monotonic()
        peak[0] = max(peak[0], _proportional_mb(_descendants(os.getpid())))
        pause = max(_SAMPLE_SECONDS, 10 * (time.monotonic() - started))


def _end_the_rest() -> None:
    """End the descendants that have outlived the command, and wait for them."""
    deadline = time.monotonic() + _GRACE_SECONDS
    for pid in _descendants(os.getpid()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    while True:
        try:
            pid, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            if time.monotonic() > deadline:
                for alive in _descendants(os.getpid()):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(alive, signal.SIGKILL)
            time.sleep(0.02)


def _keep(result: Path, timeout: float, command: t.Sequence[str]) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl: PR_SET_CHILD_SUBREAPER")
    peak, ended = [0.0], threading.Event()
    sampler = threading.Thread(target=_sample, args=(peak, ended))
    started = time.monotonic()
    process = subprocess.Popen(command)
    sampler.start()
    try:
        status = process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    wall = time.monotonic() - started
    ended.set()
    sampler.join()
    _end_the_rest()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    largest = used.ru_maxrss / 1024
    cost = {
        "wall": wall,
        "cpu": used.ru_utime + used.ru_stime,
        "tree_mb": max(peak[0], largest),
        "process_mb": largest,
        "status": status,
    }
    result.write_text(json.dumps(cost), encoding="utf-8")


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
