# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The part that the modules traceoptions and trace share: plans from options, results for hosts."""

from __future__ import annotations

import threading
import typing as t
from abc import abstractmethod
from dataclasses import dataclass, field, replace

from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9
from ansible_collections.hubspoke.srx.plugins.module_utils._device.storage import MIB
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.report import ended_early, host_result, report, table
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import (
    Trace,
    TraceOptions,
    TracePlan,
    trace_plans,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.traceoptions import TracedDevice, TraceSettings
from ansible_collections.hubspoke.srx.plugins.plugin_utils._connect import Connector
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import FleetAction, Result, Variables
from ansible_collections.hubspoke.srx.plugins.plugin_utils._interrupts import Interrupted, Interrupts
from ansible_collections.hubspoke.srx.plugins.plugin_utils._results import reasons_outside

# The role's variables for the pair.
_NAMES = ("nhtb_trace_source", "nhtb_trace_destination")


@dataclass(frozen=True, kw_only=True)
class TraceRequest:
    """The devices to trace, and the results of those that the run does not contact. ``hide`` masks secrets."""

    run: str
    pair: tuple[str, str] | None
    plans: tuple[TracePlan, ...]
    untouched: dict[str, Result]
    connect: Connector = field(repr=False)
    hide: t.Callable[[str], str] = field(repr=False)


@dataclass(frozen=True)
class Traced:
    """One result per plan; ``ended_by`` is the exception, none of this collection's, that ended the run early."""

    results: list[Result]
    ended_by: BaseException | None = None


class TraceAction(FleetAction):
    """Plan the traces of the chosen sites, trace each device, store the result of each host."""

    name: t.ClassVar[str]

    def work(self, fleet: Fleet, arguments: dict[str, t.Any], variables: Variables) -> Result:
        """Trace the devices of the chosen sites."""
        self.check(arguments)
        run, file = self.begin_run(arguments), f"{self.name}.json"
        request = self._request(run, fleet, arguments, variables)
        if not self._task.check_mode:
            # A report that cannot be written fails the run before any device is contacted.
            self.folder.check(file)
            self.write_texts(fleet, by_operators=True)
        with Interrupts() as stop:
            done = self.trace(request, arguments, stop)
            hosts = request.untouched | {result["host"]: self.hidden(result) for result in done.results}
            order = dict.fromkeys(device.host for device in (*fleet.plan.devices, *fleet.removed))
            content = report(run, self.name, request.pair, [hosts[host] for host in order if host in hosts])
            path = "" if self._task.check_mode else str(self.folder.path / file)
            shown = {**content, "path": path}
            if self.name == "traceoptions":
                self.show_pulled_in(hosts)
            # A host outside the play has no outcome task that could fail.
            reasons = reasons_outside(
                {
                    host: one["message"]
                    for host, one in hosts.items()
                    if (one["failed"] or one["unreachable"]) and host not in self.play.present
                }
            )
            keep = (lambda: self.write_report(file, content, arguments)) if path else _nothing
            result = self.handed_over(hosts, shown, keep, table, reasons)
            if stop.is_set():
                raise Interrupted("\n".join(filter(None, [table(content), path and f"Report: {path}"])))
        if done.ended_by is not None:
            # The hosts whose traces it ended fail in their own outcomes.
            self.warnings.append(ended_early(done.ended_by))
        return {**result, "devices": content["hosts"], "summary": content["counts"]}

    def hosts(self, fleet: Fleet) -> set[str]:
        return self.with_hub(fleet)

    @abstractmethod
    def check(self, arguments: t.Mapping[str, t.Any]) -> None:
        """Raise BadArgument for an option that no device can follow."""

    def traced(
        self, one: TracePlan, settings: TraceSettings, request: TraceRequest, pause: t.Callable[[float], bool]
    ) -> TracedDevice:
        """Return the device of a plan, with the settings that differ for its host."""
        own = replace(settings, **self.per_host.get(one.host, {}))
        return TracedDevice(one.plan, one.group, own, request.connect, pause)

    @abstractmethod
    def trace(self, request: TraceRequest, arguments: dict[str, t.Any], stop: threading.Event) -> Traced:
        """Return one result per plan, in the same order. A failure of a device is in its result.

        ``stop`` is set by an interrupt. Raise nothing once a device may be traced.
        """

    def _request(self, run: str, fleet: Fleet, arguments: dict[str, t.Any], variables: Variables) -> TraceRequest:
        """Return the devices to trace. Raise HubspokeError for an unknown pair or an impossible option."""
        scope = self.scope(fleet, arguments, _NAMES)
        self.check_hub(fleet)
        chosen = self.hosts(fleet)
        plans = trace_plans(fleet.plan, scope, trace_options(arguments))
        planned = {plan.host for plan in plans}
        untouched = {
            device.host: host_result(device.host, "skipped", f"not touched: {self._why_not(device)}")
            for device in (*fleet.plan.devices, *fleet.removed)
            if device.host not in chosen & planned
        }
        taking_part = tuple(plan for plan in plans if plan.host in chosen)
        return TraceRequest(
            run=run,
            pair=scope.pair,
            plans=taking_part,
            untouched=untouched,
            connect=self.connector(variables, [plan.host for plan in taking_part]),
            hide=self.hide,
        )

    def _why_not(self, device: DevicePlan) -> str:
        if device.host not in self.play.present:
            return self.play.why_not(device.host)
        profile = device.site.profile
        if profile.operator is not None:
            return f"it runs {profile.title}: {profile.operator.trace}"
        return "the run concerns none of its tunnels"


def _nothing() -> None:
    """Write nothing, in check mode."""


def trace_options(arguments: t.Mapping[str, t.Any]) -> TraceOptions:
    """Return the traces of the modules' options. With state absent they do not matter: the whole group is removed."""
    if arguments.get("state") == "absent":
        return TraceOptions(Trace("hubspoke-ike", ("ike",)), None, "1m", 2)

    def trace(kind: str) -> Trace | None:
        flags = tuple(arguments[f"{kind}_flags"])
        return Trace(str(arguments[f"{kind}_file"]), flags) if arguments[kind] else None

    return TraceOptions(
        ike=trace("ike"),
        flow=trace("flow"),
        size=str(arguments["file_size"]),
        files=int(arguments["files"]),
        source_prefix=str(arguments["source_prefix"] or ""),
        destination_prefix=str(arguments["destination_prefix"] or ""),
    )


def trace_settings(run: str, minutes: int, arguments: t.Mapping[str, t.Any]) -> TraceSettings:
    """Return the settings of all devices from the options of the modules."""
    return TraceSettings(
        run=run,
        minutes=minutes,
        codec=KeyCodec9(),
        need=trace_options(arguments).bytes,
        margin=int(arguments["storage_margin"]) * MIB,
        lock_wait=float(arguments["lock_wait"]),
    )


def failed(traced: TracedDevice, error: HubspokeError) -> Result:
    """Return the result of a device whose step failed."""
    away = isinstance(error, SessionError) and error.is_away and traced.state == "off"
    return host_result(traced.host, "unreachable" if away else "failed", str(error), warnings=traced.warnings)
