# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One step of the transaction on many devices; each device keeps its first error."""

from __future__ import annotations

import threading
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.device_run import DeviceRun

Step = t.Callable[[DeviceRun], object]
Facts = t.Callable[[], dict[str, t.Any]]


class Steps:
    """The steps of one run, over its threads."""

    def __init__(self, fan_out: FanOut) -> None:
        self._fan_out = fan_out
        self.progress = fan_out.progress

    def on(
        self,
        stage: str,
        devices: t.Sequence[DeviceRun],
        step: Step,
        *,
        until: threading.Event | None = None,
        quiet: bool = False,
        facts: Facts = dict,
    ) -> dict[str, str]:
        """Take one step on all devices as a stage; return the errors by host. The arguments are those of FanOut."""
        _note(self._fan_out.stage(stage, devices, _noting(step), until=until, quiet=quiet, facts=facts))
        return {device.host: str(device.error) for device in devices if device.error is not None}

    def each(self, devices: t.Sequence[DeviceRun], step: Step, *, until: threading.Event | None = None) -> None:
        """Take one step on all devices, in the stage that is open."""
        _note(zip(devices, self._fan_out.each(devices, _noting(step), until=until), strict=True))


def described(error: BaseException) -> str:
    """Return an exception in one line."""
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _note(answers: t.Iterable[tuple[DeviceRun, object]]) -> None:
    for device, answer in answers:
        if isinstance(answer, HubspokeError):
            device.note_error(answer)


def _noting(step: Step) -> t.Callable[[DeviceRun], None]:
    """Return the step, which keeps its error on the device: an exception in the calling thread loses the answers."""

    def noted(device: DeviceRun) -> None:
        try:
            step(device)
        except HubspokeError as error:
            device.note_error(error)
            raise

    return noted
