# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The expected end of a run after a fault: the rules that the tables in the documentation show."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from tests.matrix.stages import BEFORE_THE_COMMIT, Stage

State = t.Literal["unchanged", "confirmed", "rolled_back", "unknown"]

HARMLESS = frozenset({"none", "delay", "flap", "fill-storage", "commit"})
# The device is unreachable for the rest of the window.
UNREACHABLE = frozenset({"reboot for good", "swallow", "cut-before, no login", "cut-after, no login"})
# The device has not executed the request of the stage.
_NOT_DONE = frozenset({"cut-before", "fail-check", "reboot", "cut-before, another commits"})
_ANOTHER = frozenset({"cut-before, another commits", "cut-after, another commits"})


@dataclass(frozen=True)
class Ending:
    """The outcome of the device with the fault, and of the others."""

    faulty: State
    others: State

    @property
    def ends_before_the_commit(self) -> bool:
        return self.others == "unchanged"


def expected(fault: str, stage: Stage, verified: bool) -> Ending:
    """Return the end of a run with this fault at this stage, by the first rule that applies."""
    usual: State = "confirmed" if verified else "rolled_back"
    if fault == "fill-storage" and stage == "login":
        return Ending("unchanged", "unchanged")
    if fault in HARMLESS or stage == "unlock":
        return Ending(usual, usual)
    if fault == "flap for good":
        # The run has verified the device before the tunnel goes down.
        return Ending(usual, usual) if stage == "confirm" else Ending("rolled_back", "rolled_back")
    if stage in BEFORE_THE_COMMIT:
        return Ending("unchanged", "unchanged")
    return _AFTER_THE_CHECK[stage](fault, usual)


def _commit(fault: str, usual: State) -> Ending:
    if fault in UNREACHABLE or fault == "cut-after, lock taken":
        return Ending("unknown", "rolled_back")
    if fault in _NOT_DONE:
        return Ending("unchanged", "rolled_back")
    # The other user's commit has confirmed that of the run: only an operator can decide which configuration stays.
    return Ending("unknown", "rolled_back") if fault in _ANOTHER else Ending(usual, usual)


def _verify(fault: str, usual: State) -> Ending:
    if fault in UNREACHABLE or fault == "cut-after, lock taken":
        return Ending("unknown", "rolled_back")
    # A device that loses its session during verification is not verified.
    return Ending("unknown" if fault in _ANOTHER else "rolled_back", "rolled_back")


def _confirm(fault: str, usual: State) -> Ending:
    # The others confirm at the same time.
    if fault in UNREACHABLE or fault in ("fail-check", "cut-before, another commits"):
        return Ending("unknown", "confirmed")
    # A device that restarts rolls back a pending commit.
    return Ending("rolled_back" if fault == "reboot" else "confirmed", "confirmed")


def _roll_back(stage: Stage) -> t.Callable[[str, State], Ending]:
    def rule(fault: str, usual: State) -> Ending:
        done = stage == "rollback" and fault.startswith("cut-after")
        if fault in UNREACHABLE or fault == "fail-check" or (fault == "cut-after, lock taken" and not done):
            return Ending("unknown", "rolled_back")
        return Ending("unknown" if fault in _ANOTHER and not done else "rolled_back", "rolled_back")

    return rule


_AFTER_THE_CHECK: t.Mapping[Stage, t.Callable[[str, State], Ending]] = {
    "commit": _commit,
    "verify": _verify,
    "confirm": _confirm,
    "restore": _roll_back("restore"),
    "rollback": _roll_back("rollback"),
}
