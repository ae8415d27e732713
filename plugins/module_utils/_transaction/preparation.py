# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The candidate of one device on its way to the commit: locked, loaded, compared, and commit checked."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.earlier_groups import under_new_name
from ansible_collections.hubspoke.srx.plugins.module_utils._config.group_difference import is_as_planned
from ansible_collections.hubspoke.srx.plugins.module_utils._config.negotiated import ChangedTunnel, changed_tunnels
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import key_reader
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import FILTER
from ansible_collections.hubspoke.srx.plugins.module_utils._device.candidate import check_whole, group_statements, load
from ansible_collections.hubspoke.srx.plugins.module_utils._device.commit_history import (
    pending_confirmation,
    require_none_pending,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.locked_device import LockedDevice
from ansible_collections.hubspoke.srx.plugins.module_utils._device.observe import Comparison
from ansible_collections.hubspoke.srx.plugins.module_utils._device.prechecks import (
    check_conflicts,
    check_earlier_group,
    find_overrides,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ConflictError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.key_change import only_keys_differ

Database = t.Literal["committed", "candidate"]


class Preparation:
    """The preparation of one device, in the shared candidate or in a private one. Steps raise HubspokeError.

    ``diff`` is the masked comparison with the committed configuration. ``changes`` are the tunnels whose negotiated
    statements change. ``check_seconds`` is how long the commit check took. ``would_change`` says that the run ends
    after the check, with a difference. ``group`` is the group of the plan, and ``settings`` are those for the device.
    """

    def __init__(self, device: LockedDevice, group: str, settings: Settings) -> None:
        self.diff = ""
        self.changes: tuple[ChangedTunnel, ...] = ()
        self.check_seconds = 0.0
        self.would_change = False
        self._device = device
        self._group = group
        self._settings = settings
        self._is_private = False
        # The statements of the group before the run.
        self._before: tuple[str, ...] = ()

    def prepare(self, job: Job) -> None:
        """Put the configuration into the candidate, compare it with the committed one, and commit check it.

        A device that has the configuration already is not locked. May be done again with another job; then the
        candidate is ours already.
        """
        session, settings = self._device.session, self._settings
        self.diff, self.changes, self.would_change = "", (), False
        if settings.mode == "check":
            if not self._is_private:
                session.open_private()
                self._is_private = True
        elif not self._device.is_locked:
            if self._is_as_planned(job):
                return
            self._lock_first()
        if settings.move_group:
            check_earlier_group(session, job, settings.move_group)
        self._before = self._of_group()
        if job.is_hub and not settings.drop_sites:
            check_whole(job, settings.leaving, self._before)
        self.diff = self._load(job)
        if settings.rotated:
            only_keys_differ(session, job.plan, settings.rotated, self._before)
        candidate = session.statements(FILTER, "candidate")
        self._note_warnings(check_conflicts(job, candidate, self._before, settings.keys, settings.codec))
        if self.diff:
            if not job.remove and settings.mode == "apply" and not settings.stop_after_check:
                before = self._renamed(self._before) if settings.deletions is None else self.statements()
                self.note_changes(before, self.statements("candidate"))
            started = time.monotonic()
            session.check()
            self.check_seconds = time.monotonic() - started
            self.would_change = settings.mode == "check" or settings.stop_after_check

    def load_again(self, job: Job) -> str:
        """Load another job after the commit of this run: unchanged keys keep their encoding."""
        return self._load(job, self._of_group())

    def comparison(self, job: Job) -> Comparison:
        """Return how the check ``configuration`` compares the device with a job."""

        def overrides() -> list[Finding]:
            return find_overrides(self._device.session, job, self._settings.keys, self._settings.codec)

        # A run that changes devices has refused to go on with any override.
        return Comparison(lambda: self._difference(job), overrides if self._settings.mode == "verify" else None)

    def note_changes(self, before: t.Sequence[str], after: t.Sequence[str]) -> None:
        """Note the tunnels whose negotiated statements differ between two configurations, from ``statements``."""
        self.changes = changed_tunnels(before, after, self._group, key_reader({}, self._settings.codec))

    def statements(self, database: Database = "committed") -> tuple[str, ...]:
        """Return the statements that the run may change: a take-over deletes some outside the group too.

        Those of an earlier group that is moved have the name of the new one: a name alone is no change.
        """
        if self._settings.deletions is not None:
            return self._renamed(tuple(self._device.session.statements(FILTER, database)))
        return self._renamed(self._of_group(database))

    def leave(self) -> None:
        """Note that the private candidate ends with the session."""
        self._is_private = False

    def _is_as_planned(self, job: Job) -> bool:
        """Return whether the committed configuration certainly is all that the job asks for, and note its warnings.

        Then nothing is to be locked or loaded. Wherever there is a doubt the device compares, under the lock: in a run
        that changes more than the group, where parts of the group stay, where a key cannot be decoded, where a
        statement is in conflict, where a commit is pending.
        """
        session, settings = self._device.session, self._settings
        if job.keeps_parts or settings.rotated or settings.move_group or settings.deletions is not None:
            return False
        committed = session.statements(FILTER)
        if not is_as_planned(job, committed, settings.keys, settings.codec):
            return False
        try:
            found = check_conflicts(job, committed, committed, settings.keys, settings.codec)
        except ConflictError:
            return False
        # Asked after the configuration: a commit that came since the pre-checks may roll back.
        if pending_confirmation(session) is not None:
            return False
        self._note_warnings(found)
        return True

    def _lock_first(self) -> None:
        """Take the lock before anything is sent. Another user may have committed since the pre-checks."""
        self._device.lock()
        require_none_pending(self._device.session)

    def _of_group(self, database: Database = "committed") -> tuple[str, ...]:
        """Return the statements of the group, after those of an earlier group that is moved."""
        groups = filter(None, (self._settings.move_group, self._group))
        return tuple(line for group in groups for line in group_statements(self._device.session, group, database))

    def _renamed(self, statements: tuple[str, ...]) -> tuple[str, ...]:
        earlier = self._settings.move_group
        return tuple(under_new_name(statements, earlier, self._group)) if earlier else statements

    def _load(self, job: Job, held: t.Sequence[str] | None = None) -> str:
        return load(self._device.session, job, self._settings, self._before, held)

    def _difference(self, job: Job) -> str:
        """Load and compare in a private candidate: no other user sees it, and the device then discards it."""
        session, held = self._device.session, self._of_group()
        self._before = self._before or held
        session.open_private()
        try:
            return self._load(job, held)
        finally:
            session.close_private()

    def _note_warnings(self, found: t.Iterable[str]) -> None:
        warnings = self._device.warnings
        warnings += [warning for warning in found if warning not in warnings]
