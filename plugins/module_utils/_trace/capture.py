# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A capture: traces on everywhere, something to be seen, traces off everywhere, and only then the files.

A device that fails does not keep the others from being traced, and nothing that happens keeps any from being switched
off again.
"""

from __future__ import annotations

import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._device.observe import send, start
from ansible_collections.hubspoke.srx.plugins.module_utils._device.security_associations import (
    associations,
    end,
    of_tunnels,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Ping
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.files import (
    TraceFile,
    copy_to,
    delete,
    failures,
    fetch,
    names_in_effect,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import TracePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.traceoptions import Switch

_COPY_SECONDS = 600


@dataclass(frozen=True)
class Course:
    """What happens while the traces are on, and with the files after that. C(seconds) are waited for at the end.

    C(negotiate) clears the associations of the tunnels in question, so that they are negotiated anew; C(ping) sends
    pings from LAN to LAN. C(hide) masks what is fetched, C(keep) stores a host's files, C(url) is where devices copy
    them to.
    """

    hide: t.Callable[[str], str] = field(repr=False)
    keep: t.Callable[[str, t.Sequence[TraceFile]], object] = field(repr=False)
    negotiate: bool = False
    ping: bool = True
    seconds: float = 5.0
    url: str = field(default="", repr=False)
    delete_files: bool = True


class Captured:
    """One device in a capture, and what came of it."""

    def __init__(self, wanted: TracePlan, text: str, switch: Switch) -> None:
        self.wanted = wanted
        self.text = text
        self.switch = switch
        self.host = wanted.host
        self.error: HubspokeError | None = None
        self.files: list[TraceFile] = []
        self.pings: list[dict[str, t.Any]] = []
        self.failures: list[dict[str, t.Any]] = []
        self.was_on = False
        self._names: dict[str, str] = {}

    def reach(self) -> None:
        self.switch.log_in()

    def switch_on(self) -> None:
        """From here on there is something to switch off."""
        self.switch.switch_on(self.text)
        self.was_on = True
        if self.switch.found_kept:
            self.switch.warnings.append("traces that an earlier run had kept were on: they are off after this capture")
        self._names = names_in_effect(self.switch.session, self.wanted)
        self.switch.warnings += [
            f"traceoptions of the device's own say file {actual}: the trace stands there and not in {asked}"
            for asked, actual in self._names.items()
            if actual != asked
        ]

    def negotiate(self, pause: t.Callable[[float], bool]) -> None:
        """End the associations of the tunnels in question, and no others."""
        session = self.switch.session
        left, said = end(session, of_tunnels(associations(session), self.wanted.plan.tunnels), pause)
        if left:
            words = f" ({'; '.join(said)})" if said else ""
            raise SessionError(
                f"{self.host}: associations of the tunnels in question: expected to be cleared, actual"
                f" {len(left)} still there{words}. See whether the user may clear (permission 'clear').",
            )

    def ping(self) -> None:
        """A packet for each tunnel that starts with traffic, then one from LAN to LAN for each flow."""
        session, plan = self.switch.session, self.wanted.plan
        start(session, plan, {tunnel.vpn for tunnel in plan.tunnels})
        for probe in self.wanted.probes:
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
        if self.was_on or self.switch.state in ("on", "unknown"):
            self.switch.switch_off()

    def take(self, course: Course) -> None:
        """Fetch the files and keep them, let the device copy them, and only then delete them there."""
        session, most = self.switch.session, self.wanted.wishes.files
        found = fetch(session, self._names.values(), most, course.hide)
        files = [file for file in found if not file.unread]
        course.keep(self.host, files)
        self.files = files
        ike = self._names.get(self.wanted.wishes.ike.file) if self.wanted.wishes.ike else None
        self.failures = failures(file for file in files if file.stem == ike)
        names = [file.name for file in found]
        problems = [file.unread for file in found if file.unread]
        if course.url:
            # What cannot be read here may be fetched so.
            problems = copy_to(session, names, course.url, self.host, _COPY_SECONDS)
        if problems:
            raise SessionError(" ".join(problems) + " The files stay on the device.", "copy")
        if course.delete_files:
            ours = {asked for asked, actual in self._names.items() if asked == actual}
            self.switch.warnings += delete(session, [file.name for file in found if file.stem in ours])


class Capture:
    """All devices of a capture, stage after stage."""

    def __init__(
        self,
        devices: t.Sequence[Captured],
        course: Course,
        sessions_at_once: int,
        progress: t.Callable[[str], None],
        stop: threading.Event,
    ) -> None:
        self._devices = devices
        self._course = course
        self._progress = progress
        self._stop = stop
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(devices)))
        self._logins = threading.Semaphore(sessions_at_once)

    def run(self) -> None:
        """Walk all stages. Raises nothing of the devices' doing: what became of each stands with it."""
        try:
            self._stage("reached", self._reach, self._devices)
            self._stage("traced, until undone", Captured.switch_on, self._sound)
            if self._course.negotiate:
                self._stage("negotiating anew", lambda device: device.negotiate(self._stop.wait), self._traced)
            if self._course.ping:
                self._stage("with traffic", Captured.ping, self._traced)
            if self._traced:
                self._stop.wait(self._course.seconds)
        finally:
            try:
                self._off()
            finally:
                self._each(lambda device: device.switch.leave(), self._devices)
                self._pool.shutdown()

    def _off(self) -> None:
        """Off first, whatever has failed and even after an interrupt; the files wait for us, the traces must not."""
        traced = [device for device in self._devices if device.was_on or device.switch.state in ("on", "unknown")]
        self._stage("not traced any more", Captured.switch_off, traced, anyway=True)
        readable = [device for device in traced if device.switch.state == "off"]
        self._stage("read", lambda device: device.take(self._course), readable, anyway=True)

    def _reach(self, device: Captured) -> None:
        with self._logins:
            device.reach()

    @property
    def _sound(self) -> list[Captured]:
        return [device for device in self._devices if device.error is None]

    @property
    def _traced(self) -> list[Captured]:
        return [device for device in self._sound if device.was_on]

    def _stage(
        self, done: str, step: t.Callable[[Captured], None], devices: t.Sequence[Captured], anyway: bool = False
    ) -> None:
        if not devices or (self._stop.is_set() and not anyway):
            return
        well = self._each(step, devices)
        self._progress(f"{well} of {len(devices)} devices {done}")

    def _each(self, step: t.Callable[[Captured], None], devices: t.Sequence[Captured]) -> int:
        """How many took the step well; the first error of each is what is told of it."""

        def guarded(device: Captured) -> bool:
            try:
                step(device)
            except HubspokeError as error:
                device.error = device.error or error
                return False
            return True

        return sum(self._pool.map(guarded, devices))
