# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Capture traces: on, a negotiation and pings, off whatever fails, and then the files."""

from __future__ import annotations

import math
import threading
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument, HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.capture import (
    Capture,
    CapturedDevice,
    CaptureSettings,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.files import TraceFile
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.report import ended_early, host_result
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import file_name, write_files
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

    def trace(self, request: TraceRequest, arguments: dict[str, t.Any], stop: threading.Event) -> Traced:
        """Capture on all devices; in check mode go as far as private candidates go."""
        minutes = math.ceil(arguments["seconds"] / 60) + _MARGIN
        settings = trace_settings(request.run, minutes, arguments)
        devices = [
            CapturedDevice(one, render_trace(one), self.traced(one, settings, request, stop.wait))
            for one in request.plans
        ]
        if self._task.check_mode:
            return Traced([_would(device, stop) for device in devices])
        artifacts, folder = arguments["artifacts_dir"], f"{self.name}/{request.run}"
        capture = Capture(
            devices, _capture_settings(arguments, request, folder), arguments["sessions"], self.progress, stop
        )
        ended_by = capture.run()
        reason = "the run was interrupted" if stop.is_set() else ended_early(ended_by) if ended_by else ""
        return Traced([_result(device, artifacts, folder, reason) for device in devices], ended_by)


def _would(device: CapturedDevice, stop: threading.Event) -> Result:
    traced = device.traced
    if stop.is_set():
        return host_result(device.host, "failed", "not asked: the run was interrupted")
    try:
        device.reach()
        traced.would_switch_on(device.text)
    except HubspokeError as error:
        return failed(traced, error)
    finally:
        traced.leave()
    message = "would be traced and switched off again"
    return host_result(device.host, "would_change", message, diff=traced.diff, warnings=traced.warnings)


def _capture_settings(arguments: t.Mapping[str, t.Any], request: TraceRequest, folder: str) -> CaptureSettings:
    def keep(host: str, files: t.Sequence[TraceFile]) -> None:
        write_files(arguments["artifacts_dir"], {_path(folder, host, file): file.text for file in files})

    return CaptureSettings(
        request.hide,
        keep,
        negotiate=arguments["negotiate"],
        ping=arguments["ping"],
        seconds=arguments["seconds"],
        url=str(arguments["copy_to"] or ""),
        delete_files=arguments["delete_files"],
    )


def _with(detail: str, more: str) -> str:
    return f"{detail}{more}" if detail else ""


def _path(folder: str, host: str, file: TraceFile) -> str:
    """Return where a file of a device is kept. The device may name its files as it likes."""
    return f"{folder}/{file_name(host)}/{file_name(file.name)}"


def _result(device: CapturedDevice, artifacts: str, folder: str, ended: str) -> Result:
    """Return the result of a device; one that failed in a step has the files of the others.

    ``ended`` says why the run ended early, empty where it did not.
    """
    files = [
        {"name": file.name, "path": str(Path(artifacts) / _path(folder, device.host, file)), "lines": file.lines}
        for file in device.files
    ]
    more: Result = {"files": files, "pings": device.pings, "failures": device.failures}
    is_off = device.traced.state == "off"
    if device.error is not None:
        off = " Traces are off." if is_off and device.was_on else ""
        result = failed(device.traced, device.error)
        return {**result, **more, "remedy": f"{result['remedy']}{off}".strip(), "detail": _with(result["detail"], off)}
    warnings = device.traced.warnings
    if ended:
        state = "not traced any more" if device.was_on and is_off else "not traced" if is_off else "traces may be on"
        return host_result(device.host, "failed", f"{state}: {ended}", warnings=warnings, **more)
    message = "captured, and not traced any more" if files else "traced and switched off; nothing was written"
    return host_result(device.host, "captured", message, warnings=warnings, **more)
