# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kills at random moments of a run, each followed by what settles it."""

from __future__ import annotations

import os
import random
import typing as t
from collections import Counter
from dataclasses import dataclass

from tests.matrix.controller import controlled
from tests.matrix.judge import left_open
from tests.matrix.lab import Truth, spoken
from tests.matrix.network import HOSTS
from tests.matrix.run import Bench

KILLS = 200
# Wall seconds that a commit takes at most, another time on each device: enough to be killed in the middle of it.
_SLOWEST = 0.4
MOMENTS = ("before the commit", "while it committed", "before the decision", "while it decided", "over")
# Another seed is another 200 moments: HUBSPOKE_KILL_SEED=7 pytest tests/matrix -k kill
SEED = os.environ.get("HUBSPOKE_KILL_SEED", "1")


@dataclass(frozen=True)
class Kill:
    """The kill of one run, ``share`` of its whole duration after its beginning."""

    number: int
    share: float
    verified: bool
    commit_seconds: tuple[float, ...]

    def __str__(self) -> str:
        return f"{self.number} at {self.share:.3f}, {'verified' if self.verified else 'not verified'}, seed {SEED}"


def kill(number: int) -> Kill:
    """The kill of that number; the same for the same seed."""
    chance = random.Random(f"{SEED} {number}")
    seconds = tuple(chance.uniform(0.0, _SLOWEST) for _host in HOSTS)
    return Kill(number, chance.uniform(0.0, 1.2), chance.random() < 0.5, seconds)


def duration(bench: Bench, verified: bool) -> float:
    """How many seconds a run takes that nobody kills."""
    bench.lab.put_back(bench.before)
    for host in HOSTS:
        _slow_down(bench, host, _SLOWEST / 2)
    return controlled(bench.network, "20260104T000000-whole", verified, None)


def _slow_down(bench: Bench, host: str, seconds: float) -> None:
    watch = bench.lab.watch(host)
    bench.lab.do(lambda: watch.add("delay", rpc="commit", seconds=seconds))


def suffer(bench: Bench, one: Kill, whole: float, moments: Counter[str]) -> list[str]:
    """Kill a run, recover, and say what is wrong then; counts the moment of the kill."""
    run = f"20260104T000000-kill{one.number}"
    bench.lab.put_back(bench.before)
    for host, seconds in zip(HOSTS, one.commit_seconds, strict=True):
        _slow_down(bench, host, seconds)
    controlled(bench.network, run, one.verified, one.share * whole)
    # Nobody waits for what is still under way on a device.
    found = bench.lab.truth()
    moments[_moment(found)] += 1
    said: list[str] = []
    settings = bench.network.settings(
        bench.network.after, f"20260105T000000-recover{one.number}", mode="recover", lock_wait=30.0
    )
    outcomes = {one.host: one for one in bench.transact(bench.network.jobs(bench.network.after), settings, said.append)}
    bench.lab.let_go()
    now = bench.lab.truth()
    wrong = left_open(now, outcomes)
    holds = {host: _what_it_holds(bench, host, now[host]) for host in HOSTS}
    if len(set(holds.values())) > 1 or "neither" in holds.values():
        wrong.append(f"half done: {holds}")
    was_confirmed = any("verified, confirmed" in log for truth in found.values() for log in truth.logs)
    if was_confirmed and "plan" not in holds.values():
        wrong.append("what the run had confirmed is lost")
    for host, outcome in outcomes.items():
        # What recover leaves alone it calls unchanged, and says what the killed run had made of it.
        is_plan = outcome.state == "confirmed" or outcome.message.endswith(" was confirmed")
        if outcome.failed or outcome.state == "unknown" or holds[host] != ("plan" if is_plan else "before"):
            wrong.append(f"{host}: {outcome.state}, failed={outcome.failed}, holds {holds[host]}: {outcome.message}")
    return wrong and [f"killed at: {[truth.met for truth in found.values()]}", *wrong, *said]


def _moment(found: t.Mapping[str, Truth]) -> str:
    """How far the run had come when it was killed."""
    decided = sum(": verified," in truth.logs[0] or ": not verified," in truth.logs[0] for truth in found.values())
    if decided:
        return "over" if decided == len(found) else "while it decided"
    waiting = sum(truth.pending for truth in found.values())
    if not waiting:
        return "before the commit"
    return "before the decision" if waiting == len(found) else "while it committed"


def _what_it_holds(bench: Bench, host: str, truth: Truth) -> str:
    if truth.configuration == bench.configuration_before[host]:
        return "before"
    return "plan" if spoken(truth.configuration) == bench.configuration_after[host] else "neither"
