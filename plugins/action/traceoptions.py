# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switch traceoptions on, until the automatic rollback or kept, or off."""

from __future__ import annotations

import threading
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument, HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.report import TraceState, host_result
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import TracePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.traceoptions import TracedDevice
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import Result
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render_trace
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec
from ansible_collections.hubspoke.srx.plugins.plugin_utils._trace_action import (
    TraceAction,
    TraceRequest,
    failed,
    trace_settings,
)

# By the schema of commit confirmed.
_MOST_MINUTES = 65535


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

    def trace(self, request: TraceRequest, arguments: dict[str, t.Any]) -> list[Result]:
        """Switch the traces of all devices on or off. A failure of one device is its own result."""
        settings = trace_settings(request.run, int(arguments["minutes"]), arguments)
        pause = threading.Event().wait
        devices = {one.host: self.traced(one, settings, request, pause) for one in request.plans}
        with FanOut(arguments["sessions"]) as fan_out:
            log_in = fan_out.log_in(TracedDevice.log_in)

            def switch(one: TracePlan) -> Result:
                traced = devices[one.host]
                try:
                    log_in(traced)
                    return self._switch(traced, one, arguments)
                finally:
                    traced.leave()

            answers = fan_out.each(request.plans, switch)
        return [
            failed(devices[one.host], answer) if isinstance(answer, HubspokeError) else answer
            for one, answer in zip(request.plans, answers, strict=True)
        ]

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
        "on": f"traced; the device rolls back automatically {minutes} minutes after its commit",
        "kept": "traced until it is switched off",
        "off": "not traced any more",
        "unchanged": "nothing to change",
        "would_change": "would change",
    }[state]
