# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Count what playbooks cost on emulated devices, and what the plan and the report of their fleet cost in memory."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tracemalloc
import typing as t
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.module_utils._report.content import report
from ansible_collections.hubspoke.srx.plugins.module_utils._report.markdown import markdown
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import DOCUMENTED
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from tests.integration.conftest import Network, environment
from tests.lab.client import Lab
from tests.performance import fleet
from tests.utils.patience import PATIENCE
from tests.utils.ports import free_ports

HERE = Path(__file__).resolve().parent
# The runs of the table, each with its playbook, in their order: the second finds the work of the first.
RUNS = {"deploy": "deploy", "no change": "deploy", "drift": "drift", "verify": "verify"}
# Networks in few prefixes, as every fleet of more than 32 spokes has them.
SUMMARY = {"nhtb_summary": True}
HUB = "hub"
# What the lab counts of an RPC that arrives, and the name of the row: RPCs by the stage of the run, and commits.
_ROWS = {
    ("rpcs_after", "login"): "RPCs until the commit check",
    ("rpcs_after", "check"): "RPCs until commit confirmed",
    ("rpcs_after", "confirmed"): "RPCs until the confirming commit",
    ("rpcs_after", "confirm"): "RPCs after it",
    ("rpcs", "ping"): "pings",
    ("rpcs", "lock-configuration"): "locks",
    ("rpcs", "load-configuration"): "loads",
    ("commit_kinds", "check"): "commit checks",
    ("commit_kinds", "confirmed"): "commits confirmed",
    ("commit_kinds", "confirm"): "confirming commits",
}
_TIMES = 3

Counts = dict[str, float]


@dataclass(frozen=True)
class Cost:
    """What one run costs: by device, and for the controller."""

    devices: dict[str, Counts]
    controller: Counts

    @property
    def by_role(self) -> dict[str, Counts]:
        """Return the counts of the hub, the highest ones of a spoke, and those of the controller."""
        spokes = [counts for host, counts in self.devices.items() if host != HUB]
        highest = {name: max(one[name] for one in spokes) for name in spokes[0]}
        return {"hub": self.devices[HUB], "spoke": highest, "controller": self.controller}


@contextmanager
def network(folder: Path, spokes: int) -> t.Iterator[Network]:
    """Start a lab of one hub and so many Junos spokes."""
    state = folder / "lab"
    inventory = fleet.write(folder / "fleet.yml", spokes, free_ports(spokes + 1), state / "ssh_config")
    with Lab.start(inventory, state_dir=state) as lab:
        yield Network([inventory], folder, lab, {"nhtb_ssh_config": lab.ssh_config, **SUMMARY})


def cost_of(network: Network, run: str) -> Cost:
    """Run a playbook, and return what it costs."""
    before = network.lab.status()["devices"]
    sizes = network.folder / "result_sizes.json"
    sizes.unlink(missing_ok=True)
    own = {"ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"), "ANSIBLE_CALLBACKS_ENABLED": "result_sizes"}
    ended = subprocess.run(
        network.command(RUNS[run]),
        cwd=network.folder, env=environment(network.folder) | own, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout
    after = network.lab.status()["devices"]
    findings = {host["host"]: len(host["findings"]) for host in network.report()["hosts"]}
    results = json.loads(sizes.read_text(encoding="utf-8"))
    # A result that is the only one of its task is the fleet's: Ansible registers it for every host.
    for_all = sum(sum(found.values()) for found in results.values() if len(found) == 1)
    by_host = [found for found in results.values() if len(found) > 1]
    return Cost(
        {
            host: {
                **_counted(before[host], after[host]),
                "findings": findings[host],
                "bytes of its results": sum(found.get(host, 0) for found in by_host),
            }
            for host in after
        },
        {
            "bytes of results for all": for_all,
            "bytes printed": len(ended.stdout.encode()),
            "bytes of the report": (network.artifacts / "report.json").stat().st_size,
        },
    )


def _counted(before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> Counts:
    """Return what has arrived at a device between two states of the lab."""
    counts = {row: after[kind].get(name, 0) - before[kind].get(name, 0) for (kind, name), row in _ROWS.items()}
    return {"sessions": after["logins"] - before["logins"], **counts}


# --- in this process ---


def plan_of(network: Network) -> tuple[dict[str, dict[str, t.Any]], FleetPlan]:
    """Return the variables and the plan of the fleet of a lab."""
    groups = yaml.safe_load(network.inventories[0].read_text(encoding="utf-8"))["nhtb"]
    hosts = {
        host: {**groups["vars"], **own, **SUMMARY}
        for group in groups["children"].values()
        for host, own in group["hosts"].items()
    }
    variables = {
        host: {name: value for name, value in own.items() if name.startswith("nhtb_")} for host, own in hosts.items()
    }
    return variables, _planned(variables)


def _planned(variables: dict[str, dict[str, t.Any]]) -> FleetPlan:
    return plan_fleet(variables, [HUB], [host for host in variables if host != HUB], DOCUMENTED, shipped())


def costs_of(folder: Path, spokes: int) -> dict[str, dict[str, Counts]]:
    """Return all counts of a fleet of so many spokes: by run and role, and by what the controller makes in memory."""
    with network(folder, spokes) as found:
        runs = {run: cost_of(found, run).by_role for run in RUNS}
        return {**runs, "memory": memory_of(found)}


def memory_of(network: Network) -> dict[str, Counts]:
    """Return what plan, texts and report of the last run, a verification, keep and take."""
    variables, plan = plan_of(network)
    outcomes = [_outcome(host) for host in network.report()["hosts"]]
    content = report(plan, "run", "verify", outcomes, {})
    made: dict[str, t.Callable[[], object]] = {
        "plan": lambda: _planned(variables),
        "texts": lambda: [render(device) for device in plan.devices],
        "report": lambda: report(plan, "run", "verify", outcomes, {}),
        "markdown": lambda: markdown(content),
    }
    # A text is one object.
    return {name: _memory(make, objects=name in ("plan", "report")) for name, make in made.items()}


def _outcome(host: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the outcome of a host from which its entry in a report was made."""
    findings = [{name: value for name, value in one.items() if name != "cause"} for one in host["findings"]]
    return {**{name: value for name, value in host.items() if name != "cause"}, "findings": findings}


def _memory(make: t.Callable[[], object], *, objects: bool) -> Counts:
    """Return the blocks of memory that a result keeps, and the most bytes that were in use while it was made.

    The least of a few times: other threads of this process allocate too. The first time fills caches.
    """
    make()
    gc.collect()
    gc.disable()
    try:
        kept = {"objects kept": min(_kept(make) for _time in range(_TIMES))} if objects else {}
        return {**kept, "most bytes": min(_peak(make) for _time in range(_TIMES))}
    finally:
        gc.enable()


def _kept(make: t.Callable[[], object]) -> int:
    before = sys.getallocatedblocks()
    made = make()
    blocks = sys.getallocatedblocks() - before
    del made
    return blocks


def _peak(make: t.Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        made = make()
        peak = tracemalloc.get_traced_memory()[1]
        del made
    finally:
        tracemalloc.stop()
    return peak
