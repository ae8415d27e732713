# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A run as data: the job of each device, the settings of all, the outcome of each."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import (
    MESSAGE_CHARACTERS,
    Parts,
    printable,
    shortened,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import BASIC_CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Probe
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Site


class KeyCodec(t.Protocol):
    """Junos's reversible ``$9$`` encoding."""

    def encode(self, plain: str) -> str:
        """Return the encoded form, salted anew each time."""

    def decode(self, encoded: str) -> str:
        """Return the plain form."""


Deletions = t.Callable[[DevicePlan, str, t.Sequence[str]], t.Sequence[str]]
Mode = t.Literal["apply", "check", "verify", "recover"]
DeployState = t.Literal["unchanged", "would_change", "pending", "confirmed", "rolled_back", "unknown", "skipped"]
State = t.TypeVar("State", bound=str)


@dataclass(frozen=True)
class Job:
    """The task of a run for one device. ``text`` is its rendered configuration; it names keys and holds none.

    ``probes`` are the pings that verify its paths, where the checks ask for them. ``kept`` are tunnels outside the plan
    whose statements stay as the device has them. ``remove`` takes the whole group away instead. ``gone`` is ``None``
    where all tunnels outside plan and ``kept`` go; else only those of these sites go, and any other stays.
    ``whole`` is the text with all tunnels of the plan, whose order the statements have.
    """

    plan: DevicePlan
    text: str
    probes: tuple[Probe, ...] = ()
    kept: tuple[Tunnel, ...] = ()
    remove: bool = False
    gone: tuple[Site, ...] | None = None
    whole: str = ""

    @property
    def keeps_parts(self) -> bool:
        """Whether some statements of the group stay as the device has them."""
        return bool(self.kept) or self.gone is not None

    @property
    def host(self) -> str:
        """The inventory name of the device."""
        return self.plan.host

    @property
    def is_hub(self) -> bool:
        """Whether the device is the hub."""
        return self.plan.site.role == "hub"


@dataclass(frozen=True)
class Settings:
    """The settings of the whole run. Times are in seconds, except ``confirm_minutes``.

    ``on_failure`` is ``all``: one failure rolls back everything; or ``site``: up to ``max_failures`` spokes are
    excluded and rolled back. Apart from that, ``tolerate_unreachable`` spokes may be out of reach.
    ``stop_after_check`` ends before the first commit; ``approved_digest`` is the one that an earlier such run has
    shown, to be found again. ``rotated`` are the spokes whose keys a run changes; that run may change nothing else,
    and verifies their tunnels alone. ``deletions`` returns the commands that delete at the top level what the group
    replaces there, from a plan, its rendered text and the statements of the device; without it nothing outside the
    group is touched. ``move_group`` is an earlier name of the group, which the run deletes in the same commit.
    ``leaving`` are the sites that the run removes from the VPN by their names, and ``drop_sites`` says that tunnels of
    other sites, which the inventory does not have, may go however many they are.
    ``per_host`` are the settings that differ for a host, by host and name.
    """

    run: str
    keys: t.Mapping[str, str] = field(repr=False)
    codec: KeyCodec = field(repr=False)
    mode: Mode = "apply"
    confirm_minutes: int = 10
    verify_timeout: float = 120.0
    verify_interval: float = 5.0
    verify_settle: float = 3.0
    sessions_at_once: int = 30
    checks: tuple[str, ...] = BASIC_CHECKS
    sample_interval: float = 5.0
    lock_wait: float = 30.0
    on_failure: t.Literal["all", "site"] = "all"
    max_failures: int = 1
    tolerate_unreachable: int = 0
    stop_after_check: bool = False
    approved_digest: str = ""
    rotated: frozenset[str] = frozenset()
    deletions: Deletions | None = field(default=None, repr=False)
    move_group: str = ""
    ticket: str = ""
    leaving: tuple[Site, ...] = ()
    drop_sites: bool = True
    per_host: t.Mapping[str, t.Mapping[str, t.Any]] = field(default_factory=dict, repr=False)

    def of(self, host: str) -> Settings:
        """Return the settings of a host."""
        return replace(self, **self.per_host.get(host, {}))

    @property
    def checks_more(self) -> bool:
        """Whether checks are asked for beyond those that tell whether the tunnels are up."""
        return not set(self.checks) <= set(BASIC_CHECKS)


@dataclass(frozen=True, kw_only=True)
class Outcome(t.Generic[State]):
    """The facts about a device when a run has ended; each feature has states of its own. ``diff`` is masked.

    ``message`` is a whole text; ``brief``, where it is not empty, is its first sentence in fewer words. ``note`` is the
    part of the text that stays true for this device where its failure is told at another one. A device that
    failed by itself has the ``reason`` of its error and the ``stage`` of the run where it came. Another one has
    ``because_of``, the hosts that kept it from going on, or ``stopped_by``, what ended the run everywhere.
    """

    host: str
    state: State
    failed: bool = False
    unreachable: bool = False
    message: str
    brief: str = ""
    note: str = ""
    reason: str = ""
    stage: str = ""
    because_of: tuple[str, ...] = ()
    stopped_by: str = ""
    diff: str = ""
    warnings: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def as_data(self) -> dict[str, t.Any]:
        """Return the same as plain data, the text in its parts: ``message``, ``remedy`` and ``detail``.

        Not by ``dataclasses.asdict``, whose deep copies cost more than a login (measured).
        """
        parts = Parts.of(self.message)
        if self.brief:
            parts = Parts(shortened(self.brief, MESSAGE_CHARACTERS), parts.remedy, self.message)
        return {
            **{name: value for name, value in vars(self).items() if name != "brief"},
            **parts._asdict(),
            # A description on the device may hold what commands a terminal.
            "diff": printable(self.diff),
            "because_of": list(self.because_of),
            "warnings": list(self.warnings),
            "findings": [dict(vars(one)) for one in self.findings],
        }


DeployOutcome = Outcome[DeployState]
