# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kills at random moments of a run, each followed by a recovery."""

from __future__ import annotations

import os
import random
import typing as t
from collections import Counter
from dataclasses import dataclass

from tests.matrix.controller import controlled
from tests.matrix.expectations import find_unreleased
from tests.matrix.hosts import HOSTS
from tests.matrix.lab import DeviceState, decode_keys
from tests.matrix.run import Bench

KILLS = 200
# Maximum wall-clock seconds of a commit, random on each device: long enough for a kill in the middle of it.
_SLOWEST = 0.4
MOMENTS = ("before the commit", "during the commit", "before the decision", "during the decision", "after the end")
# Another seed gives another 200 moments: HUBSPOKE_KILL_SEED=7 pytest tests/matrix -k kill
SEED = os.environ.get("HUBSPOKE_KILL_SEED", "1")


@dataclass(frozen=True)
class Kill:
    """The kill of one run, after the fraction ``share`` of its whole duration."""

    number: int
    share: float
    verified: bool
    commit_seconds: tuple[float, ...]

    def __str__(self) -> str:
        return f"{self.number} at {self.share:.3f}, {'verified' if self.verified else 'not verified'}, seed {SEED}"


def kill(number: int) -> Kill:
    """Return the kill of that number, the same for the same seed."""
    chance = random.Random(f"{SEED} {number}")
    seconds = tuple(chance.uniform(0.0, _SLOWEST) for _host in HOSTS)
    return Kill(number, chance.uniform(0.0, 1.2), chance.random() < 0.5, seconds)


def duration(bench: Bench, verified: bool) -> float:
    """Return the seconds of a run without a kill."""
    bench.lab.reset(bench.before)
    for host in HOSTS:
        _slow_down(bench, host, _SLOWEST / 2)
    return controlled(bench.network, "20260104T000000-whole", verified, None)


def _slow_down(bench: Bench, host: str, seconds: float) -> None:
    watch = bench.lab.watch(host)
    bench.lab.call(lambda: watch.add("delay", rpc="commit", seconds=seconds))


def kill_and_recover(bench: Bench, one: Kill, whole: float, moments: Counter[str]) -> list[str]:
    """Kill a run, count the moment of the kill, and recover. Return the faults of the recovered devices."""
    run = f"20260104T000000-kill{one.number}"
    bench.lab.reset(bench.before)
    for host, seconds in zip(HOSTS, one.commit_seconds, strict=True):
        _slow_down(bench, host, seconds)
    controlled(bench.network, run, one.verified, one.share * whole)
    # A commit may still be in progress on a device: recover must wait for it.
    found = bench.lab.states()
    moments[_moment(found)] += 1
    said: list[str] = []
    settings = bench.network.settings(
        bench.network.after, f"20260105T000000-recover{one.number}", mode="recover", lock_wait=30.0
    )
    outcomes = {one.host: one for one in bench.transact(bench.network.jobs(bench.network.after), settings, said.append)}
    bench.lab.wait_for_sessions()
    now = bench.lab.states()
    wrong = find_unreleased(now, outcomes)
    holds = {host: _configuration_of(bench, host, now[host]) for host in HOSTS}
    if len(set(holds.values())) > 1 or "neither" in holds.values():
        wrong.append(f"devices differ: {holds}")
    wrong += [f"{vpn}: uses associations of another configuration" for vpn in bench.lab.outdated()]
    was_confirmed = any("verified, confirmed" in log for device in found.values() for log in device.logs)
    if was_confirmed and "plan" not in holds.values():
        wrong.append("the killed run had confirmed the plan, and it is lost")
    for host, outcome in outcomes.items():
        # A device on which recover does nothing is unchanged, and its message names the end of the killed run.
        is_plan = outcome.state == "confirmed" or outcome.message.endswith(" was confirmed")
        if (
            outcome.failed
            or outcome.state in ("pending", "unknown")
            or holds[host] != ("plan" if is_plan else "before")
        ):
            wrong.append(f"{host}: {outcome.state}, failed={outcome.failed}, has {holds[host]}: {outcome.message}")
    return wrong and [f"killed at: {[device.stages for device in found.values()]}", *wrong, *said]


def _moment(found: t.Mapping[str, DeviceState]) -> str:
    """Return the moment of the kill."""
    decided = sum(": verified," in device.logs[0] or ": not verified," in device.logs[0] for device in found.values())
    if decided:
        return "after the end" if decided == len(found) else "during the decision"
    pending = sum(device.pending for device in found.values())
    if not pending:
        return "before the commit"
    return "before the decision" if pending == len(found) else "during the commit"


def _configuration_of(bench: Bench, host: str, device: DeviceState) -> str:
    if device.configuration == bench.configuration_before[host]:
        return "before"
    return "plan" if decode_keys(device.configuration) == bench.configuration_after[host] else "neither"
