# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a run must end after a fault: the rules that the table in the documentation shows."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from tests.matrix.stages import BEFORE_THE_COMMIT, Stage

State = t.Literal["unchanged", "confirmed", "rolled_back", "unknown"]

HARMLESS = frozenset({"none", "delay", "flap", "fill-storage", "commit"})
# Nobody can get at the device any more for the rest of the window.
AWAY = frozenset({"reboot for good", "cut-before, no login", "cut-after, no login"})
# What the stage asked for was not done.
_NOT_DONE = frozenset({"cut-before", "fail-check", "reboot", "cut-before, another commits"})
_ANOTHER = frozenset({"cut-before, another commits", "cut-after, another commits"})


@dataclass(frozen=True)
class Ending:
    """The outcome of the device that the fault strikes, and of the others."""

    struck: State
    others: State

    @property
    def ends_before_the_commit(self) -> bool:
        return self.others == "unchanged"


def expected(fault: str, stage: Stage, verified: bool) -> Ending:
    """The ending of a run with this fault at this stage, by the rules below, the first that fits."""
    well: State = "confirmed" if verified else "rolled_back"
    if fault == "fill-storage" and stage == "login":
        return Ending("unchanged", "unchanged")
    if fault in HARMLESS or stage == "unlock":
        return Ending(well, well)
    if fault == "flap for good":
        # What is verified when the tunnel goes down stays verified.
        return Ending(well, well) if stage == "confirm" else Ending("rolled_back", "rolled_back")
    if stage in BEFORE_THE_COMMIT:
        return Ending("unchanged", "unchanged")
    return _AFTER_THE_CHECK[stage](fault, well)


def _commit(fault: str, well: State) -> Ending:
    if fault in AWAY or fault == "cut-after, lock taken":
        return Ending("unknown", "rolled_back")
    if fault in _NOT_DONE:
        return Ending("unchanged", "rolled_back")
    # Another user's commit on top of ours has confirmed it: what is to stay only people can tell.
    return Ending("unknown", "rolled_back") if fault in _ANOTHER else Ending(well, well)


def _verify(fault: str, well: State) -> Ending:
    if fault in AWAY or fault == "cut-after, lock taken":
        return Ending("unknown", "rolled_back")
    # A device whose session is lost while its tunnels are asked about is not verified.
    return Ending("unknown" if fault in _ANOTHER else "rolled_back", "rolled_back")


def _confirm(fault: str, well: State) -> Ending:
    # The others are confirmed at the same time.
    if fault in AWAY or fault in ("fail-check", "cut-before, another commits"):
        return Ending("unknown", "confirmed")
    # A device that restarts undoes what nobody has confirmed.
    return Ending("rolled_back" if fault == "reboot" else "confirmed", "confirmed")


def _undo(stage: Stage) -> t.Callable[[str, State], Ending]:
    def rule(fault: str, well: State) -> Ending:
        undone = stage == "rollback" and fault.startswith("cut-after")
        if fault in AWAY or fault == "fail-check" or (fault == "cut-after, lock taken" and not undone):
            return Ending("unknown", "rolled_back")
        return Ending("unknown" if fault in _ANOTHER and not undone else "rolled_back", "rolled_back")

    return rule


_AFTER_THE_CHECK: t.Mapping[Stage, t.Callable[[str, State], Ending]] = {
    "commit": _commit,
    "verify": _verify,
    "confirm": _confirm,
    "restore": _undo("restore"),
    "rollback": _undo("rollback"),
}
