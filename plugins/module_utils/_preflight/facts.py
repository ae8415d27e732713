# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The facts about a device before the first run, as frozen data."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import LockHolder

# ready: nothing is known that would stop a deployment. not_ready: the device was read, and something would.
State = t.Literal["ready", "not_ready", "unreachable", "failed", "skipped"]
STATES: tuple[State, ...] = t.get_args(State)
UNKNOWN: t.Final = "unknown"
# The advice about a part that may be in our group as well.
AGREES = "agrees, may stay"


@dataclass(frozen=True)
class Pending:
    """A pending commit: its user, and the device's time of the automatic rollback, empty where it is not known."""

    user: str
    until: str


@dataclass(frozen=True)
class Part:
    """A part of the plan that the device has already outside our group, and the switch that fits.

    ``settles`` are the conflicts that the advice is about, each by its object and the start of what it expects.
    """

    name: str
    planned: str
    actual: str
    advice: str
    settles: tuple[tuple[str, str], ...] = ()

    def is_about(self, conflict: Finding) -> bool:
        """Whether the advice is about a conflict."""
        return any(conflict.object == place and conflict.expected.startswith(start) for place, start in self.settles)


@dataclass(frozen=True)
class Facts:
    """The facts about a device that was reached. ``None`` is an answer that the device did not give.

    ``clock_seconds`` is the device's time minus the controller's. ``pending`` and ``lock`` are ``unknown`` where the
    device did not tell. ``parts`` are compared with the plan; without a plan, ``present`` are the same parts by name.
    """

    release: str | None = None
    model: str | None = None
    uptime_seconds: int | None = None
    clock_seconds: int | None = None
    free_bytes: int | None = None
    pending: Pending | t.Literal["unknown"] | None = None
    lock: LockHolder | t.Literal["unknown"] | None = None
    has_group: bool = False
    parts: tuple[Part, ...] = ()
    present: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Checked:
    """The result of one host. ``short`` is why it was not reached, ``error`` the same whole, with its remedy.

    ``obstacles`` would stop a deployment; ``unanswered`` are the questions without an answer. ``unknown_keys`` are
    lines of a file of known hosts, and ``known_hosts`` is the file that has none of them.
    """

    host: str
    state: State
    short: str = ""
    error: str = ""
    remedy: str = ""
    reason: str = ""
    facts: Facts | None = None
    obstacles: tuple[Finding, ...] = ()
    unanswered: tuple[str, ...] = ()
    unknown_keys: tuple[str, ...] = ()
    known_hosts: str = ""
