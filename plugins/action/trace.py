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
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.capture import (
    Capture,
    CapturedDevice,
    CaptureSettings,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.report import host_result
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.traceoptions import TracedDevice
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import write_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import Result
from ansible_collections.hubspoke.srx.plugins.plugin_utils._interrupts import Interrupts
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render_trace
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec
from ansible_collections.hubspoke.srx.plugins.plugin_utils._trace_action import (
    TraceAction,
    TraceRequest,
    failed,
    trace_settings,
)

display = Display()

_LONGEST = 3600
# Minutes that a confirm window has beyond the capture's own time.
_MARGIN = 3


class ActionModule(TraceAction):
    name = "trace"
    spec = argument_spec(name)

    def check(self, arguments: t.Mapping[str, t.Any]) -> None:
        """Refuse a capture of more than an hour."""
        if not 0 <= arguments["seconds"] <= _LONGEST:
            raise BadArgument(
                f"controller: seconds: expected 0 to {_LONGEST}, actual {arguments['seconds']:g}. For longer use"
                " hubspoke.srx.traceoptions."
            )

    def trace(self, request: TraceRequest, arguments: dict[str, t.Any]) -> list[Result]:
        """Capture on all devices; in check mode go as far as private candidates go."""
        minutes = math.ceil(arguments["seconds"] / 60) + _MARGIN
        settings = trace_settings(request.run, minutes, arguments)
        with Interrupts() as stop:
            devices = [
                CapturedDevice(
                    one, render_trace(one), TracedDevice(one.plan, one.group, settings, request.connect, stop.wait)
                )
                for one in request.plans
            ]
            if self._task.check_mode:
                return [_would(device) for device in devices]
            folder = Path(arguments["artifacts_dir"]) / self.name / request.run
            capture = _capture_settings(arguments, request, folder)
            Capture(devices, capture, arguments["sessions"], self.progress, stop).run()
            results = [_result(device, folder) for device in devices]
            if stop.is_set():
                display.error("Interrupted. " + "; ".join(f"{one['host']}: {one['message']}" for one in results))
                raise KeyboardInterrupt
        return results


def _would(device: CapturedDevice) -> Result:
    traced = device.traced
    try:
        device.reach()
        traced.would_switch_on(device.text)
    except HubspokeError as error:
        return failed(traced, error)
    finally:
        traced.leave()
    words = "would be traced and switched off again"
    return host_result(device.host, "would_change", words, diff=traced.diff, warnings=traced.warnings)


def _capture_settings(arguments: t.Mapping[str, t.Any], request: TraceRequest, folder: Path) -> CaptureSettings:
    return CaptureSettings(
        request.hide,
        lambda host, files: write_files(str(folder / host), {file.name: file.text for file in files}),
        negotiate=arguments["negotiate"],
        ping=arguments["ping"],
        seconds=arguments["seconds"],
        url=str(arguments["copy_to"] or ""),
        delete_files=arguments["delete_files"],
    )


def _result(device: CapturedDevice, folder: Path) -> Result:
    """Return the result of a device; one that failed in a part has the files of the rest."""
    files = [
        {"name": file.name, "path": str(folder / device.host / file.name), "lines": file.lines} for file in device.files
    ]
    more = {"files": files, "pings": device.pings, "failures": device.failures}
    if device.error is not None:
        off = " Traces are off." if device.traced.state == "off" and device.was_on else ""
        result = failed(device.traced, device.error)
        return {**result, **more, "message": f"{result['message']}{off}"}
    message = "captured, and not traced any more" if files else "traced and switched off; nothing was written"
    return host_result(device.host, "captured", message, warnings=device.traced.warnings, **more)
