# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""A capture: traces on, a negotiation and a ping, traces off whatever happens, and the files."""

from __future__ import annotations

import math
import typing as t
from pathlib import Path

from ansible.utils.display import Display
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument, HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.capture import Capture, Captured, Course
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.report import host_result
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.traceoptions import Switch
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import write_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import Interrupts
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render_trace
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec
from ansible_collections.hubspoke.srx.plugins.plugin_utils._trace_action import (
    Asked,
    Result,
    TraceAction,
    failed,
    terms,
    wishes,
)

display = Display()

# Minutes that the pings, the clearing and a slow commit may take beside the time that is waited for.
_MARGIN = 3


class ActionModule(TraceAction):
    name = "trace"
    spec = argument_spec(name)

    def check(self, arguments: t.Mapping[str, t.Any]) -> None:
        if not 0 <= arguments["seconds"] <= 3600:
            raise BadArgument(
                f"controller: seconds: expected 0 to 3600, actual {arguments['seconds']:g}. For longer use"
                " hubspoke.srx.traceoptions."
            )

    def work(self, asked: Asked, arguments: dict[str, t.Any]) -> list[Result]:
        minutes = math.ceil(arguments["seconds"] / 60) + _MARGIN
        held = terms(asked.run, minutes, wishes(arguments), arguments)
        with Interrupts() as stop:
            devices = [
                Captured(
                    wanted,
                    render_trace(wanted),
                    Switch(wanted.plan, wanted.group, held, asked.connect, stop.wait),
                )
                for wanted in asked.plans
            ]
            if self._task.check_mode:
                return [self._would(device) for device in devices]
            folder = Path(arguments["artifacts_dir"]) / self.name / asked.run
            Capture(devices, _course(arguments, asked, folder), arguments["sessions"], self._progress, stop).run()
            results = [_result(device, folder) for device in devices]
            if stop.is_set():
                display.error("Interrupted. " + "; ".join(f"{one['host']}: {one['message']}" for one in results))
                raise KeyboardInterrupt
        return results

    def _would(self, device: Captured) -> Result:
        try:
            device.reach()
            device.switch.would_switch_on(device.text)
        except HubspokeError as error:
            return failed(device.switch, error)
        finally:
            device.switch.leave()
        switch = device.switch
        words = "would be traced and switched off again"
        return host_result(device.host, "would_change", words, diff=switch.diff, warnings=switch.warnings)


def _course(arguments: t.Mapping[str, t.Any], asked: Asked, folder: Path) -> Course:
    return Course(
        asked.hide,
        lambda host, files: write_files(str(folder / host), {file.name: file.text for file in files}),
        negotiate=arguments["negotiate"],
        ping=arguments["ping"],
        seconds=arguments["seconds"],
        url=str(arguments["copy_to"] or ""),
        delete_files=arguments["delete_files"],
    )


def _result(device: Captured, folder: Path) -> Result:
    """A device of which only a part went well has its files all the same."""
    files = [
        {"name": file.name, "path": str(folder / device.host / file.name), "lines": file.lines} for file in device.files
    ]
    more = {"files": files, "pings": device.pings, "failures": device.failures}
    if device.error is not None:
        off = " Traces are off." if device.switch.state == "off" and device.was_on else ""
        result = failed(device.switch, device.error)
        return {**result, **more, "message": f"{result['message']}{off}"}
    message = "captured, and not traced any more" if files else "traced and switched off; nothing was written"
    return host_result(device.host, "captured", message, warnings=device.switch.warnings, **more)
