# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure contestants in turn, each with a lab of its own, and return the record of it."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sys
import tempfile
import typing as t
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import yaml

from tests.lab.client import Lab
from tests.performance import environment, fleet, meter
from tests.performance.contestants import CONTESTANTS, KEY, WORKS, Contestant, Place
from tests.utils.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
# A client with threads takes this many devices at a time, as many as ours logs in to.
AT_ONCE = 30

Record = dict[str, t.Any]


class Wrong(Exception):
    """A contestant has not done its work. The text is what was found."""


@dataclass(frozen=True)
class Plan:
    """What to measure."""

    rounds: t.Mapping[int, int]
    contestants: t.Sequence[str]
    works: t.Sequence[str]
    forks: int = 10
    # At sizes beyond their own, too.
    beyond: bool = False
    slow_rounds: int = 1
    juniper_device: Path | None = None

    def turns(self, size: int, turn: int) -> list[str]:
        """Return whose turn it is in a round, counted from 0."""
        found = [name for name in self.contestants if self.beyond or size <= CONTESTANTS[name].most]
        return [name for name in found if turn < self.slow_rounds or not CONTESTANTS[name].slow]


def run(plan: Plan, say: t.Callable[[str], None], save: t.Callable[[Record], None] = lambda _record: None) -> Record:
    """Measure everything of the plan. The rounds are interleaved: one of every contestant, then the next.

    Each line goes to ``say``, and after each turn the record to ``save``.
    """
    rows: dict[tuple[int, str, str], Record] = {}
    reasons = install(plan)
    before = os.getloadavg()[0]
    for size, rounds in plan.rounds.items():
        with contextlib.ExitStack() as stack:
            turns = _Turns(stack, size, plan)
            for turn in range(rounds):
                for name in plan.turns(size, turn):
                    for work, row in turns.take(name, reasons.get(name, "")).items():
                        found = rows.setdefault((size, name, work), {"rounds": [], "reason": ""})
                        if isinstance(row, str):
                            found["reason"] = row
                        else:
                            found["rounds"].append(row)
                        say(f"{size:5} {name:15} {work:13} {_short(row)}")
                    save(_record(plan, rows, before))
    return _record(plan, rows, before)


def _record(plan: Plan, rows: t.Mapping[tuple[int, str, str], Record], before: float) -> Record:
    return {
        "machine": machine(),
        "versions": _versions(plan.contestants),
        "settings": {
            "rounds": {str(size): count for size, count in plan.rounds.items()},
            "slow_rounds": plan.slow_rounds,
            "forks": plan.forks,
            "at_once": AT_ONCE,
            "load": [round(before, 1), round(os.getloadavg()[0], 1)],
        },
        "rows": [{"size": size, "who": who, "work": work, **row} for (size, who, work), row in rows.items()],
        "scale": [],
    }


def install(plan: Plan) -> dict[str, str]:
    """Install what the contestants need. Return, by name, why one cannot be had."""
    reasons = {}
    for name in plan.contestants:
        contestant = CONTESTANTS[name]
        try:
            if contestant.packages:
                environment.install(contestant.packages)
            if name == "juniper_device":
                environment.take_juniper_device(plan.juniper_device)
        except environment.CannotInstall as error:
            reasons[name] = f"not installed: {error}"
    return reasons


def machine() -> Record:
    """Return what the seconds depend on. Nothing says which machine it is."""
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    memory = next(int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal:"))
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": cpu,
        "memory_gb": round(memory / 1024**2),
        "python": platform.python_version(),
    }


class _Turns:
    """The turns of one size: the same inventory and the same texts for every contestant."""

    def __init__(self, stack: contextlib.ExitStack, size: int, plan: Plan) -> None:
        self.size = size
        self.plan = plan
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        self.state = self.folder / "lab"
        self.inventory = fleet.write(
            self.folder / "fleet.yml", size, free_ports(size + 1), self.state / "ssh_config"
        )  # fmt: skip
        self.texts = self._render()

    def _render(self) -> Path:
        """Write the configurations of all devices, with the key in them. Return their folder."""
        variables = {"nhtb_artifacts_dir": str(self.folder / "rendered")}
        program = str(Path(sys.executable).parent / "ansible-playbook")
        command = [program, "hubspoke.srx.render", "-i", str(self.inventory), "-e", json.dumps(variables)]
        log = self.folder / "render.log"
        env = CONTESTANTS["ours"].env(self._place())
        if meter.measure(command, folder=self.folder, env=env, log=log).status:
            raise SystemExit(log.read_text(encoding="utf-8"))
        texts = self.folder / "texts"
        texts.mkdir()
        for path in (self.folder / "rendered" / "latest").glob("*.conf"):
            text = path.read_text(encoding="utf-8")
            (texts / path.name).write_text(text.replace("<pre-shared-key of hub>", KEY), encoding="utf-8")
        return texts

    def _place(self, folder: Path | None = None) -> Place:
        folder = folder or self.folder
        return Place(
            folder, self.inventory, self.folder / "texts", str(self.state / "ssh_config"),
            str(self.state / "id_ed25519"), str(self.state / "known_hosts"), folder / "job.json", self.plan.forks,
        )  # fmt: skip

    def take(self, name: str, reason: str) -> dict[str, Record | str]:
        """Let one contestant do its works on a new lab. Return a row for each, or why there is none."""
        contestant = CONTESTANTS[name]
        works = [work for work in contestant.works if work in self.plan.works or work == "deploy"]
        if reason:
            return dict.fromkeys(works, reason)
        rows: dict[str, Record | str] = {}
        with (
            tempfile.TemporaryDirectory(prefix="turn-", dir=self.folder) as folder,
            Lab.start(self.inventory, state_dir=self.state) as lab,
        ):
            place = self._place(Path(folder))
            self._write_job(place)
            if contestant.commit_seconds:
                lab.fault("all", "delay", rpc="commit", seconds=contestant.commit_seconds)
            for work in works:
                try:
                    rows[work] = self._measure(contestant, work, place, lab)
                except Wrong as error:
                    # Those that come after it begin with what it leaves.
                    return {**rows, **dict.fromkeys(works[works.index(work) :], str(error))}
        return rows

    def _write_job(self, place: Place) -> None:
        group = yaml.safe_load(self.inventory.read_text(encoding="utf-8"))["nhtb"]
        hosts = {name: host for child in group["children"].values() for name, host in child["hosts"].items()}
        devices = [
            {"name": name, "port": host["ansible_port"], "path": str(place.texts / f"{name}.conf")}
            for name, host in hosts.items()
        ]
        content = {
            "devices": devices,
            "user": group["vars"]["ansible_user"],
            "key": place.client_key,
            "ssh_config": place.ssh_config,
            "known_hosts": place.known_hosts,
            "at_once": AT_ONCE,
        }
        place.job.write_text(json.dumps(content), encoding="utf-8")

    def _measure(self, contestant: Contestant, work: str, place: Place, lab: Lab) -> Record:
        log = place.folder / f"{work}.log"
        before, pid = lab.status()["devices"], lab.status()["pid"]
        lab_cpu = meter.cpu_seconds(pid)
        cost = meter.measure(contestant.command(work, place), folder=place.folder, env=contestant.env(place), log=log)
        lab_cpu = meter.cpu_seconds(pid) - lab_cpu
        if cost.status:
            raise Wrong(_failure(log))
        after = lab.status()["devices"]
        if contestant.logs_in:
            self._check(work, before, after, lab)
        counts = {
            name: round(sum(_count(after[host][key]) - _count(before[host][key]) for host in after) / len(after), 2)
            for name, key in (("sessions", "logins"), ("rpcs", "rpcs"), ("commits", "commits"))
        }
        costs = {key: round(value, 2) for key, value in asdict(cost).items() if key != "status"}
        return {**costs, "lab_cpu": round(lab_cpu, 2), "lab_mb": round(meter.resident_mb(pid)), **counts}

    def _check(self, work: str, before: Record, after: Record, lab: Lab) -> None:
        """Compare the devices with what the work is to leave. Raise ``Wrong``."""
        for host, device in after.items():
            if device["state"] != "up" or device["sessions"]:
                raise Wrong(f"{host}: expected no pending commit and no session, actual {device['state']}")
            commits = device["commits"] - before[host]["commits"]
            if WORKS[work].commits and not commits:
                raise Wrong(f"{host}: expected a commit, actual none")
            if WORKS[work].commits == 0 and commits:
                raise Wrong(f"{host}: expected no commit, actual {commits}")
        if work != "deploy":
            return
        for host in ("hub", "spoke0001", f"spoke{self.size:04}"):
            wanted = (self.folder / "rendered" / "latest" / f"{host}.set").read_text(encoding="utf-8").splitlines()
            has = set(lab.show(host, "set").splitlines())
            # The device encrypts keys anew each time.
            missing = [line for line in wanted if line not in has and "pre-shared-key ascii-text" not in line]
            if missing:
                raise Wrong(f"{host}: expected {missing[0]!r}, actual none; {len(missing)} of these")


def _count(value: int | t.Mapping[str, int]) -> int:
    return value if isinstance(value, int) else sum(value.values())


def _failure(log: Path) -> str:
    """Return the line of an output that says most about a failure."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("fatal:", "ERROR", "[ERROR]"))]
    said = (told or lines or ["no output"])[0 if told else -1]
    return said.replace(f"{ROOT}/", "").replace("`", "'")[:300]


def _short(row: Record | str) -> str:
    if isinstance(row, str):
        return row
    return (
        f"{row['wall']:7.1f} s wall {row['cpu']:7.1f} s CPU {row['tree_mb']:6.0f} MB, lab {row['lab_cpu']:.1f} s CPU;"
        f" per device {row['sessions']:g} sessions, {row['rpcs']:g} RPCs"
    )


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()


def _versions(names: t.Iterable[str]) -> dict[str, str]:
    """Return the versions of this collection and of the peers."""
    own = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    found = {"hubspoke.srx": own, **{name: version(name) for name in ("ansible-core", "asyncssh", "junos-eznc")}}
    wanted = [name for contestant in names for name in CONTESTANTS[contestant].names]
    found |= environment.versions(wanted)
    for name in wanted:
        if "." in name and (is_there := environment.collection_version(name)):
            found[name] = is_there
    return found
