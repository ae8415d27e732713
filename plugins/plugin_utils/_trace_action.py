# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What the modules traceoptions and trace share: options to plans, one switch per device, results for hosts."""

from __future__ import annotations

import json
import typing as t
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import hider
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session
from ansible_collections.hubspoke.srx.plugins.module_utils._device.storage import MIB
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Mode, State
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.report import host_result, report
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import (
    Trace,
    TracePlan,
    Wishes,
    trace_plans,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.traceoptions import Switch, Terms
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import write_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import FleetAction, new_run
from ansible_collections.hubspoke.srx.plugins.plugin_utils._run_results import leave

Result = dict[str, t.Any]

# What the role calls the pair.
_NAMES = ("nhtb_trace_source", "nhtb_trace_destination")


@dataclass(frozen=True)
class Asked:
    """Which devices are to be traced, and who of the plan is not spoken to, with the reason. C(hide) masks secrets."""

    run: str
    pair: tuple[str, str] | None
    plans: tuple[TracePlan, ...]
    untouched: dict[str, Result]
    connect: t.Callable[[DevicePlan], Session]
    hide: t.Callable[[str], str]


class TraceAction(FleetAction):
    """Plan the traces of the sites in question, do something with each device, tell each host what came of it."""

    name: t.ClassVar[str]

    def mode(self) -> Mode:
        return "verify"

    def _transact(self, fleet: Fleet, arguments: dict[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        self.check(arguments)
        asked = self._asked(fleet, arguments, variables)
        if not self._task.check_mode:
            # A folder that cannot be written to is told of before any device is spoken to.
            write_files(arguments["artifacts_dir"], {})
        results = {result["host"]: result for result in self.work(asked, arguments)}
        hosts = asked.untouched | results
        order = dict.fromkeys(device.host for device in (*fleet.plan.devices, *fleet.removed))
        content = report(asked.run, self.name, asked.pair, [hosts[host] for host in order if host in hosts])
        path = ""
        if not self._task.check_mode:
            path = str(Path(arguments["artifacts_dir"]) / f"{self.name}.json")
            write_files(arguments["artifacts_dir"], {f"{self.name}.json": json.dumps(content, indent=2) + "\n"})
        leave(asked.run, hosts, {**content, "path": path})
        return {
            "run": asked.run,
            "changed": False,
            "msg": content["decision"],
            "decision": content["decision"],
            "devices": content["hosts"],
            "summary": content["counts"],
        }

    @abstractmethod
    def check(self, arguments: t.Mapping[str, t.Any]) -> None:
        """Raise BadArgument for an option that no device can follow."""

    @abstractmethod
    def work(self, asked: Asked, arguments: dict[str, t.Any]) -> list[Result]:
        """One result per plan, in the same order. Raises nothing of the devices' doing."""

    def _asked(self, fleet: Fleet, arguments: t.Mapping[str, t.Any], variables: t.Mapping[str, t.Any]) -> Asked:
        """Raises HubspokeError where there is no such pair, or what is wanted cannot be traced."""
        scope = self.scope(fleet, arguments, dict(variables), _NAMES)
        chosen = self.hosts(dict(variables), fleet)
        plans = trace_plans(fleet.plan, scope, wishes(arguments))
        planned = {plan.host for plan in plans}
        untouched = {
            device.host: host_result(device.host, "skipped", f"not touched: {_why_not(device, planned)}")
            for device in (*fleet.plan.devices, *fleet.removed)
            if device.host not in chosen & planned
        }

        taking_part = tuple(plan for plan in plans if plan.host in chosen)
        connect = self.connector(variables, [wanted.plan for wanted in taking_part])
        return Asked(new_run(), scope.pair, taking_part, untouched, connect, hider(fleet.secrets))


def _why_not(device: DevicePlan, planned: t.Collection[str]) -> str:
    if device.site.platform != "junos":
        return "it runs ScreenOS: 'debug ike detail', then 'get dbuf stream' there"
    if device.host not in planned:
        return "none of its tunnels is in question"
    return "outside this play's hosts (--limit, or failed before)"


def wishes(arguments: t.Mapping[str, t.Any]) -> Wishes:
    """The options of the modules as what is to be traced; what is to go is the whole group, whatever else is said."""
    if arguments.get("state") == "absent":
        return Wishes(Trace("hubspoke-ike", ("ike",)), None, "1m", 2)

    def trace(kind: str) -> Trace | None:
        flags = tuple(arguments[f"{kind}_flags"])
        return Trace(str(arguments[f"{kind}_file"]), flags) if arguments[kind] else None

    return Wishes(
        ike=trace("ike"),
        flow=trace("flow"),
        size=str(arguments["file_size"]),
        files=int(arguments["files"]),
        source_prefix=str(arguments["source_prefix"] or ""),
        destination_prefix=str(arguments["destination_prefix"] or ""),
    )


def terms(run: str, minutes: int, wanted: Wishes, arguments: t.Mapping[str, t.Any]) -> Terms:
    return Terms(run, minutes, wanted.bytes, int(arguments["storage_margin"]) * MIB, float(arguments["lock_wait"]))


def failed(switch: Switch, error: HubspokeError) -> Result:
    """The result of a device on which a step was refused or lost."""
    away = isinstance(error, SessionError) and error.is_away and switch.state == "off"
    state: State = "unreachable" if away else "failed"
    return host_result(switch.host, state, str(error), warnings=switch.warnings)
