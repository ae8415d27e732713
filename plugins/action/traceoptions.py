# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switch traceoptions on, until the automatic rollback or kept, or off."""

from __future__ import annotations

import threading
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument, HubspokeError, in_minutes
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.report import TraceState, ended_early, host_result
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import TracePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.traceoptions import TracedDevice
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import Result
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render_trace
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec
from ansible_collections.hubspoke.srx.plugins.plugin_utils._trace_action import (
    TraceAction,
    Traced,
    TraceRequest,
    failed,
    trace_settings,
)

# By the schema of commit confirmed.
_MOST_MINUTES = 65535
# Longer than any device takes: switching off repeats a refused step until the automatic rollback.
_LIMIT = 2 * 3600.0


class ActionModule(TraceAction):
    name = "traceoptions"
    spec = argument_spec(name)

    def check(self, arguments: t.Mapping[str, t.Any]) -> None:
        """Refuse a confirm window that Junos does not take."""
        if not 1 <= arguments["minutes"] <= _MOST_MINUTES:
            raise BadArgument(
                f"controller: minutes: expected 1 to {_MOST_MINUTES}, actual {arguments['minutes']}. Junos takes"
                " nothing else; for longer use keep."
            )

    def trace(self, request: TraceRequest, arguments: dict[str, t.Any], stop: threading.Event) -> Traced:
        """Switch the traces of all devices on or off. A failure of one device is its own result.

        After an interrupt a device that has begun completes its step, and the others are not touched.
        """
        settings = trace_settings(request.run, int(arguments["minutes"]), arguments)
        devices = {one.host: self.traced(one, settings, request, stop.wait) for one in request.plans}
        # Kept as they come: an exception in this thread, a task timeout for instance, loses the answers of a step.
        results: dict[str, Result] = {}
        ended_by: BaseException | None = None

        def switch(one: TracePlan) -> None:
            traced = devices[one.host]
            try:
                if stop.is_set() or ended_by is not None:
                    return
                log_in(traced)
                results[one.host] = self._switch(traced, one, arguments)
            except HubspokeError as error:
                results[one.host] = failed(traced, error)
            finally:
                traced.leave()

        with FanOut(
            arguments["sessions"], self.progress, abandon=lambda one: devices[one.host].abandon(), limit=_LIMIT
        ) as fan_out:
            log_in = fan_out.log_in(TracedDevice.log_in)
            try:
                answers = fan_out.answers("switch", request.plans, switch, facts=lambda: _failures(results))
                for one, answer in zip(request.plans, answers, strict=True):
                    if isinstance(answer, HubspokeError):
                        results.setdefault(one.host, failed(devices[one.host], answer))
            except BaseException as error:
                ended_by = error
                fan_out.join()
        reason = ended_early(ended_by) if ended_by else "the run was interrupted"
        missing = {
            one.host: host_result(one.host, "failed", f"not touched: {reason}")
            for one in request.plans
            if one.host not in results
        }
        return Traced([(results | missing)[one.host] for one in request.plans], ended_by)

    def _switch(self, traced: TracedDevice, one: TracePlan, arguments: dict[str, t.Any]) -> Result:
        present, keep = arguments["state"] == "present", bool(arguments["keep"])
        state: TraceState
        if self._task.check_mode:
            if present:
                traced.would_switch_on(render_trace(one))
            else:
                traced.would_switch_off()
            state = "would_change" if traced.diff else "unchanged"
        elif present:
            traced.switch_on(render_trace(one), keep=keep)
            state = "kept" if keep else "on"
        else:
            traced.switch_off()
            state = "off"
        if not traced.diff:
            state = "unchanged"
        return host_result(
            traced.host,
            state,
            _message(state, arguments["minutes"]),
            changed=state != "unchanged",
            diff=traced.diff,
            warnings=traced.warnings,
        )


def _message(state: TraceState, minutes: int) -> str:
    return {
        "on": f"traced; the device rolls back automatically {in_minutes(minutes)} after its commit",
        "kept": "traced until it is switched off",
        "off": "not traced any more",
        "unchanged": "nothing to change",
        "would_change": "would change",
    }[state]


def _failures(results: t.Mapping[str, Result]) -> dict[str, t.Any]:
    failed = tuple(host for host, result in results.items() if result["failed"])
    return {"done": len(results) - len(failed), "failed": failed}
