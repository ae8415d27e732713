# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The traceoptions of one device: on by a commit confirmed, off whatever fails in between."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._device.candidate import group_statements, removal
from ansible_collections.hubspoke.srx.plugins.module_utils._device.commit_history import (
    ROLLBACK_DELAY,
    newest_run_commit,
    require_none_pending,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.locked_device import LockedDevice
from ansible_collections.hubspoke.srx.plugins.module_utils._device.prechecks import run_prechecks
from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import STORAGE, ask
from ansible_collections.hubspoke.srx.plugins.module_utils._device.storage import require_space
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, SessionError, in_minutes
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import KeyCodec
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run_comment import RunComment
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.pending_commit import (
    PendingCommit,
    PendingState,
)

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

OnDevice = t.Literal["off", "on", "kept", "unknown"]
_ON_DEVICE: dict[PendingState, OnDevice] = {"none": "off", "pending": "on", "confirmed": "kept"}
_PAUSE = 3.0


@dataclass(frozen=True, kw_only=True)
class TraceSettings:
    """The settings of all devices. ``minutes`` is the confirm window, ``lock_wait`` is in seconds.

    ``need`` is the size of all trace files once they are full, ``margin`` the space that must stay free then, in bytes.
    """

    run: str
    minutes: int
    codec: KeyCodec = field(repr=False)
    need: int = 0
    margin: int = 0
    lock_wait: float = 30.0

    @property
    def comment(self) -> RunComment:
        """Return the comment of the commit that switches the traces on."""
        return RunComment(run=self.run, is_trace=True, minutes=self.minutes)


class TracedDevice(LockedDevice):
    """The traceoptions of one device. Each step raises HubspokeError, and updates ``state``.

    It is ``off``, ``on`` (until the automatic rollback), ``kept``, or ``unknown`` after a lost reply. ``pause`` sleeps
    for a number of seconds, and returns early and true once the run is interrupted.
    """

    def __init__(
        self,
        plan: DevicePlan,
        group: str,
        settings: TraceSettings,
        connect: t.Callable[[str], Session],
        pause: t.Callable[[float], bool],
    ) -> None:
        super().__init__(plan.host, lambda: connect(plan.host), pause, settings.lock_wait)
        self.plan = plan
        self.state: OnDevice = "off"
        self.diff = ""
        # Whether the device had the traces of an earlier run, kept.
        self.found_kept = False
        self._group = group
        self._settings = settings

    def would_switch_on(self, text: str) -> None:
        """Compare the traces in a private candidate, which changes nothing on the device."""
        self.warnings += run_prechecks(self.session, self.plan)
        self._check_space()
        self.session.open_private()
        self.session.load_replace(text)
        self.diff = mask(self.session.compare())
        self.session.close_private()

    def switch_on(self, text: str, *, keep: bool = False) -> None:
        """Commit the traces; the device rolls back automatically unless ``keep`` confirms them.

        First remove the pending traces of an earlier run. Commit nothing where the device has the same traces, kept.
        """
        # Locked while traces are on: another user's commit would keep them.
        self.lock()
        if self._is_pending():
            self._remove()
        self.warnings += run_prechecks(self.session, self.plan)
        self._check_space()
        session = self.session
        self.found_kept = bool(removal(self._group, group_statements(session, self._group)))
        session.load_replace(text)
        self.diff = mask(session.compare())
        if not self.diff:
            self.state = "kept"
            return
        session.check()
        pending = PendingCommit(self, self._settings.codec)
        try:
            pending.commit(self._settings.comment)
            self.state = "on"
            if keep:
                pending.confirm(time.monotonic() + self._settings.minutes * 60, "keep")
                self.state = "kept"
        except HubspokeError:
            self.state = _ON_DEVICE.get(pending.state, "unknown")
            raise

    def switch_off(self) -> None:
        """Remove the traces, a pending commit of them included; return once the device has none.

        Open a lost session again, and repeat a refused step until the automatic rollback must have happened. Commit
        nothing where the device has no traces.
        """
        until = time.monotonic() + self._settings.minutes * 60 + ROLLBACK_DELAY.total_seconds()
        while True:
            try:
                if not self.is_open:
                    self.log_in()
                if self._is_on():
                    self.lock()
                    self._remove()
                if not self._is_on():
                    self.state = "off"
                    self.unlock()
                    return
            except HubspokeError as error:
                if self.state == "off" or time.monotonic() >= until:
                    raise SessionError(
                        f"{self.host}: traceoptions: expected off, actual unknown: {error} The device rolls back a"
                        f" commit that was not kept {in_minutes(self._settings.minutes)} after it; see"
                        f" 'show configuration groups {self._group}' there.",
                        error.reason,
                    ) from None
                self.leave()
            time.sleep(_PAUSE)

    def would_switch_off(self) -> None:
        """Note the commands that would remove the traces, without a candidate."""
        present = group_statements(self.session, self._group)
        self.diff = "".join(f"{command}\n" for command in removal(self._group, present))

    def _check_space(self) -> None:
        require_space(self.host, self._settings.need, self._settings.margin, ask(self.session, STORAGE))

    def _remove(self) -> None:
        """Delete the group and commit. This settles our pending commit; that of another user it would confirm."""
        if not self._is_pending():
            require_none_pending(self.session)
        commands = removal(self._group, group_statements(self.session, self._group))
        if commands:
            self.session.load_set(commands)
            self.diff = self.diff or mask(self.session.compare())
            self.session.commit(str(self._settings.comment.of("remove")))

    def _is_on(self) -> bool:
        return bool(removal(self._group, group_statements(self.session, self._group))) or self._is_pending()

    def _is_pending(self) -> bool:
        """Return whether the newest commit, of any run, switched traces on and is still pending."""
        newest = newest_run_commit(self.session)
        return newest is not None and newest.pending and newest.comment.is_trace
