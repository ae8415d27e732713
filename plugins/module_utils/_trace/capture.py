# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A capture: traces on everywhere, a negotiation and pings, traces off everywhere, and only then the files.

A failed device does not stop the traces of the others, and every failure still switches the traces off.
"""

from __future__ import annotations

import threading
import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._device.observe import start
from ansible_collections.hubspoke.srx.plugins.module_utils._device.pings import send
from ansible_collections.hubspoke.srx.plugins.module_utils._device.security_associations import (
    associations,
    clear_associations,
    of_tunnels,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Ping
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.files import (
    TraceFile,
    copy_to,
    delete,
    failures,
    fetch,
    names_in_effect,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import TracePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.traceoptions import TracedDevice

_COPY_SECONDS = 600
# Longer than any step of a capture takes: a copy of every file, or switching off until the automatic rollback.
_LIMIT = 2 * 3600.0
# How often a last step is begun anew that an exception of the calling thread has ended: a user may press Ctrl-C twice.
_TRIES = 3


@dataclass(frozen=True)
class CaptureSettings:
    """The steps of a capture while the traces are on, and the use of the files; ``seconds`` is the wait at the end.

    ``negotiate`` clears the SAs of the traced tunnels, so that they are negotiated anew; ``ping`` sends pings from LAN
    to LAN. ``hide`` masks the fetched text, ``keep`` stores the files of a host, devices copy their files to ``url``.
    """

    hide: t.Callable[[str], str] = field(repr=False)
    keep: t.Callable[[str, t.Sequence[TraceFile]], object] = field(repr=False)
    negotiate: bool = False
    ping: bool = True
    seconds: float = 5.0
    url: str = field(default="", repr=False)
    delete_files: bool = True


class CapturedDevice:
    """One device in a capture, and its result."""

    def __init__(self, trace_plan: TracePlan, text: str, traced: TracedDevice) -> None:
        self.trace_plan = trace_plan
        self.text = text
        self.traced = traced
        self.host = trace_plan.host
        self.error: HubspokeError | None = None
        self.files: list[TraceFile] = []
        self.pings: list[dict[str, t.Any]] = []
        self.failures: list[dict[str, t.Any]] = []
        self.was_on = False
        self._names: dict[str, str] = {}

    @property
    def may_be_on(self) -> bool:
        """Return whether traces may be on."""
        return self.was_on or self.traced.state in ("on", "unknown")

    def reach(self) -> None:
        """Log in."""
        self.traced.log_in()

    def switch_on(self) -> None:
        """Switch the traces on, and read the names of their files."""
        self.traced.switch_on(self.text)
        self.was_on = True
        if self.traced.found_kept:
            self.traced.warnings.append("the traces of an earlier run, kept, were on: this capture switches them off")
        self._names = names_in_effect(self.traced.session, self.trace_plan)
        self.traced.warnings += [
            f"the device has traceoptions of its own with file {actual}: the trace is in that file, not in {asked}"
            for asked, actual in self._names.items()
            if actual != asked
        ]

    def negotiate(self, pause: t.Callable[[float], bool]) -> None:
        """Clear the SAs of the traced tunnels, and no others."""
        session = self.traced.session
        old = of_tunnels(associations(session), self.trace_plan.plan.tunnels)
        remaining, refusals = clear_associations(session, old, pause)
        if remaining:
            words = f" ({'; '.join(refusals)})" if refusals else ""
            raise SessionError(
                f"{self.host}: security associations of the traced tunnels: expected to be cleared, actual"
                f" {len(remaining)} still up{words}. See whether the user may clear (permission 'clear').",
            )

    def ping(self) -> None:
        """Send a packet into each on-traffic tunnel, then pings from LAN to LAN for each flow."""
        session, plan = self.traced.session, self.trace_plan.plan
        start(session, plan, {tunnel.vpn for tunnel in plan.tunnels})
        for probe in self.trace_plan.probes:
            answer = send(session, probe).answer
            one: Ping | None = answer.items[0] if answer.items else None
            self.pings.append(
                {
                    "source": probe.source,
                    "destination": probe.target,
                    "sent": one.sent if one else None,
                    "received": one.received if one else None,
                    "reason": answer.reason,
                }
            )

    def switch_off(self) -> None:
        """Switch the traces off, if they may be on."""
        if self.may_be_on:
            self.traced.switch_off()

    def take(self, settings: CaptureSettings) -> None:
        """Fetch and store the files, let the device copy them, and only then delete them there."""
        session, most = self.traced.session, self.trace_plan.options.files
        found = fetch(session, self._names.values(), most, settings.hide)
        files = [file for file in found if not file.unread]
        settings.keep(self.host, files)
        self.files = files
        ike = self._names.get(self.trace_plan.options.ike.file) if self.trace_plan.options.ike else None
        self.failures = failures(file for file in files if file.stem == ike)
        names = [file.name for file in found]
        problems = [file.unread for file in found if file.unread]
        if settings.url:
            # The device can copy a file that cannot be read over this session.
            problems = copy_to(session, names, settings.url, self.host, _COPY_SECONDS)
        if problems:
            raise SessionError(" ".join(problems) + " The files stay on the device.", "copy")
        if settings.delete_files:
            ours = {asked for asked, actual in self._names.items() if asked == actual}
            self.traced.warnings += delete(session, [file.name for file in found if file.stem in ours])


class Capture:
    """All devices of a capture, stage after stage."""

    def __init__(
        self,
        devices: t.Sequence[CapturedDevice],
        settings: CaptureSettings,
        sessions_at_once: int,
        progress: Progress,
        stop: threading.Event,
    ) -> None:
        self._devices = devices
        self._settings = settings
        self._stop = stop
        self._progress = progress
        self._fan_out = FanOut(sessions_at_once, progress, abandon=lambda device: device.traced.abandon(), limit=_LIMIT)

    def run(self) -> BaseException | None:
        """Run all stages. Raise nothing: a failure of a device is in its own result, and every trace is off.

        Return the exception, none of this collection's, that ended the run in the calling thread; ``None`` without.
        """
        ended_by: BaseException | None = None
        with self._fan_out:
            try:
                self._walk()
            except BaseException as error:
                ended_by = error
            # A second Ctrl-C, for instance, ends what is begun here: it is begun anew.
            for step in (self._switch_off, self._leave):
                for _turn in range(_TRIES):
                    try:
                        step()
                        break
                    except BaseException as error:
                        ended_by = ended_by or error
        return ended_by

    def _walk(self) -> None:
        self._stage("reach", self._fan_out.log_in(CapturedDevice.reach), self._devices)
        self._stage("trace_on", CapturedDevice.switch_on, self._without_error)
        if self._settings.negotiate:
            self._stage("negotiate", lambda device: device.negotiate(self._stop.wait), self._traced)
        if self._settings.ping:
            self._stage("ping", CapturedDevice.ping, self._traced)
        if self._traced:
            self._progress.begin("capture", quiet=True)
            self._progress.pause(self._settings.seconds, self._stop.wait)
            self._progress.end(0)

    def _switch_off(self) -> None:
        """Switch the traces off whatever has failed, even after an interrupt; then read the files."""
        # After an exception in this thread a step may still be running, and about to switch on.
        self._fan_out.join()
        traced = [device for device in self._devices if device.may_be_on]
        self._stage("trace_off", CapturedDevice.switch_off, traced, always=True)
        readable = [device for device in traced if device.traced.state == "off" and not device.files]
        self._stage("fetch", lambda device: device.take(self._settings), readable, always=True)

    def _leave(self) -> None:
        self._fan_out.stage("leave", self._devices, lambda device: device.traced.leave(), quiet=True)

    @property
    def _without_error(self) -> list[CapturedDevice]:
        return [device for device in self._devices if device.error is None]

    @property
    def _traced(self) -> list[CapturedDevice]:
        return [device for device in self._without_error if device.was_on]

    def _stage(
        self,
        name: str,
        step: t.Callable[[CapturedDevice], object],
        devices: t.Sequence[CapturedDevice],
        *,
        always: bool = False,
    ) -> None:
        """Take one step on the devices and note the first error of each; after an interrupt only with ``always``."""
        if self._stop.is_set() and not always:
            return
        for device, error in self._fan_out.stage(name, devices, step):
            device.error = device.error or error
