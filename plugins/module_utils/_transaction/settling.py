# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The end of a run that does not confirm: the decision after an exception, and the associations after a rollback."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.device_run import DeviceRun
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.steps import Steps, described


class Settling:
    """``confirms`` says whether the run has begun to confirm.

    ``decided`` are the runs that had begun to, once a recovery has asked all devices.
    """

    def __init__(self, devices: t.Sequence[DeviceRun], settings: Settings, fan_out: FanOut, steps: Steps) -> None:
        self.confirms = False
        self.decided: frozenset[str] | None = None
        self._devices = devices
        self._settings = settings
        self._fan_out = fan_out
        self._steps = steps

    def after(self, error: BaseException, deadline: float) -> str:
        """Carry out the decision after an exception that is none of ours: a task timeout, a fault in this code.

        The steps that are still running end first: their results decide. Return why the run ended.
        """
        reasons = [described(error)]
        begun: set[str] = set()
        while time.monotonic() < deadline:
            try:
                self._fan_out.join()
                self._settle_rest(deadline, begun)
                break
            except BaseException as another:
                # A second Ctrl-C, for instance.
                reasons.append(described(another))
        return f"the run ended early: {'; '.join(reasons)}"

    def clear_attempts(self, devices: t.Sequence[DeviceRun], peers: frozenset[str] | None = None) -> None:
        """Clear the associations of the failed attempt, which would outlive it, at both ends of its tunnels.

        ``peers`` limit this to the tunnels with them, at their own ends too. A failure of this is a warning: the
        previous configuration is in force.
        """
        changed = frozenset(ends for device in devices for ends in device.changed)
        is_recovery = self._settings.mode == "recover"
        if not changed or not (is_recovery or any(device.state == "rolled_back" for device in devices)):
            return
        for device in devices if is_recovery else ():
            # A recovery knows the tunnels only now.
            device.choose_renewed(changed)
        reached = [device for device in devices if device.renewal and device.is_open]
        self._steps.on("clear", reached, lambda device: device.clear_attempt(peers), quiet=True)

    def _settle_rest(self, deadline: float, begun: set[str]) -> None:
        """Confirm or roll back each device that is still pending, once: ``begun`` are those that had their turn."""

        def settle(device: DeviceRun, step: t.Callable[[DeviceRun, float], None]) -> None:
            begun.add(device.host)
            step(device, deadline)

        pending = [device for device in self._devices if device.state == "pending" and device.host not in begun]
        confirmed = [device for device in pending if self._is_to_be_confirmed(device)]
        # A recovery must have asked all devices before it rolls back one.
        is_known = self._settings.mode != "recover" or self.decided is not None
        rest = [device for device in pending if device not in confirmed] if is_known else []
        self._steps.on("confirm", confirmed, lambda device: settle(device, DeviceRun.confirm))
        self._steps.on("roll_back", rest, lambda device: settle(device, DeviceRun.roll_back))
        if not self.confirms:
            self.clear_attempts(self._devices)

    def _is_to_be_confirmed(self, device: DeviceRun) -> bool:
        """Whether the decision for a pending device was made before the run ended early, and is to confirm it."""
        if self._settings.mode == "recover":
            return device.found is not None and device.found.comment.label in (self.decided or ())
        # The hub confirms first where spokes are excluded, and decides for the others.
        taking_part = [one for one in self._devices if not one.excluded]
        confirms = self.confirms or any(one.state == "confirmed" for one in taking_part)
        return confirms and not device.excluded
