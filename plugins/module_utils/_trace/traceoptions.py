# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Traceoptions of one device: on by a commit that undoes itself, off whatever has happened in between."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._device.candidate import group_statements, removal
from ansible_collections.hubspoke.srx.plugins.module_utils._device.commit_history import (
    left_by_a_run,
    pending_confirmation,
    position,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.locked_device import LockedDevice
from ansible_collections.hubspoke.srx.plugins.module_utils._device.prechecks import run_prechecks
from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import STORAGE, ask
from ansible_collections.hubspoke.srx.plugins.module_utils._device.storage import room_for
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# Stands in the comments of the commits, so that a later run knows whose they are.
_MARK = "trace"
# A device was measured to fire the automatic rollback up to 45 seconds after its time.
_LATENESS = 60.0
_PAUSE = 3.0


@dataclass(frozen=True)
class Terms:
    """What holds for every device. C(minutes) is the time after which a device undoes what was not kept.

    C(margin) is what must stay free in bytes once the trace files, C(need) bytes, are full.
    """

    run: str
    minutes: int
    need: int = 0
    margin: int = 0
    lock_wait: float = 30.0

    @property
    def label(self) -> str:
        return f"hubspoke {self.run} {_MARK}"


class Switch(LockedDevice):
    """The traceoptions of one device. Each step raises HubspokeError; C(state) is what is known after it.

    C(off), C(on) (and undone by the device unless kept), C(kept), or C(unknown) after a reply was lost. C(pause) sleeps
    for so many seconds, and answers early and with true once the run is interrupted.
    """

    def __init__(
        self,
        plan: DevicePlan,
        group: str,
        terms: Terms,
        connect: t.Callable[[DevicePlan], Session],
        pause: t.Callable[[float], bool],
    ) -> None:
        super().__init__(plan.host, lambda: connect(plan), pause, terms.lock_wait)
        self.plan = plan
        self.state: t.Literal["off", "on", "kept", "unknown"] = "off"
        self.diff = ""
        # Whether an earlier run's traces, kept, were there before.
        self.found_kept = False
        self._group = group
        self._terms = terms

    def would_switch_on(self, text: str) -> None:
        """The same as far as a private candidate goes, which leaves nothing behind."""
        self.warnings += run_prechecks(self.session, self.plan)
        self._check_room()
        self.session.open_private()
        self.session.load_replace(text)
        self.diff = mask(self.session.compare())
        self.session.close_private()

    def switch_on(self, text: str, keep: bool = False) -> None:
        """Commit the traces, to be undone by the device itself unless C(keep).

        What an earlier run has left on, and has not kept, is taken off first. Nothing is sent where the device already
        has the same, kept.
        """
        # Held while traces are on: another's commit would keep them.
        self.lock()
        if self._is_pending():
            self._take_off()
        self.warnings += run_prechecks(self.session, self.plan)
        self._check_room()
        session, terms = self.session, self._terms
        self.found_kept = bool(removal(self._group, group_statements(session, self._group)))
        session.load_replace(text)
        self.diff = mask(session.compare())
        if not self.diff:
            self.state = "kept"
            return
        session.check()
        self._commit(f"{terms.label}: confirm within {terms.minutes} minutes")
        if keep:
            session.commit(f"{terms.label}: kept")
            self.state = "kept"

    def switch_off(self) -> None:
        """Take the traces away, and what is pending of them with it; return once the device has none.

        A lost session is opened again, and a refusal is tried again until the device must have undone its commit.
        Nothing is sent where there is nothing to take away.
        """
        until = time.monotonic() + self._terms.minutes * 60 + _LATENESS
        while True:
            try:
                if self._session is None:
                    self.log_in()
                if self._is_on():
                    self.lock()
                    self._take_off()
                if not self._is_on():
                    self.state = "off"
                    self.unlock()
                    return
            except HubspokeError as error:
                if self.state == "off" or time.monotonic() >= until:
                    raise SessionError(
                        f"{self.host}: traceoptions: expected to be off, actual not known: {error} A commit that was"
                        f" not kept is undone by the device {self._terms.minutes} minutes after it;"
                        f" 'show configuration groups {self._group}' there tells.",
                        error.reason,
                    ) from None
                self.leave()
            time.sleep(_PAUSE)

    def would_switch_off(self) -> None:
        """What taking the traces away would change, without a candidate."""
        there = group_statements(self.session, self._group)
        self.diff = "".join(f"{command}\n" for command in removal(self._group, there))

    def _check_room(self) -> None:
        room_for(self.host, self._terms.need, self._terms.margin, ask(self.session, STORAGE))

    def _commit(self, comment: str) -> None:
        """Commit confirmed. After a lost reply the device is asked whether it has committed."""
        self.state = "unknown"
        try:
            self.session.commit_confirmed(self._terms.minutes, comment)
        except SessionError as error:
            if error.reason != "lost":
                self.state = "off"
                raise
            self.leave()
            self.log_in()
            self.lock()
            if position(self.session, comment) != 0:
                raise
        self.state = "on"

    def _take_off(self) -> None:
        """Delete the group and commit. This settles a pending commit of ours; another's would be confirmed by it."""
        if not self._is_pending():
            pending = pending_confirmation(self.session)
            if pending is not None:
                raise SessionError(
                    f"{self.host}: commit confirmed: expected none pending but of traces, actual {pending}. Confirm"
                    " it or let it roll back, then run again; anything sent now would confirm it.",
                    "pending",
                )
        commands = removal(self._group, group_statements(self.session, self._group))
        if commands:
            self.session.load_set(commands)
            self.diff = self.diff or mask(self.session.compare())
            self.session.commit(f"{self._terms.label}: not kept, off")

    def _is_on(self) -> bool:
        return bool(removal(self._group, group_statements(self.session, self._group))) or self._is_pending()

    def _is_pending(self) -> bool:
        """Whether the newest commit switched traces on, of whichever run, and waits to be kept or undone."""
        left = left_by_a_run(self.session)
        return left is not None and left.pending and left.label.endswith(f" {_MARK}")
