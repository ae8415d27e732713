# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which fault can occur at which stage, and how such a run must end."""

from __future__ import annotations

import itertools
import typing as t
from dataclasses import dataclass

from tests.matrix.expect import expected
from tests.matrix.faults import FAULTS
from tests.matrix.network import HUB, NEAR
from tests.matrix.stages import BEFORE_THE_COMMIT, STAGES, Stage

Role = t.Literal["hub", "spoke"]
ROLES: t.Mapping[Role, str] = {"hub": HUB, "spoke": NEAR}

_COMMITS: tuple[Stage, ...] = ("check", "commit", "confirm", "rollback")
_FOREIGN = frozenset({"hold-lock", "dirty", "commit", "commit confirmed by another"})


@dataclass(frozen=True)
class Case:
    """One run: ``fault`` strikes ``role`` at ``stage``, and the tunnels can be verified or cannot."""

    fault: str
    stage: Stage
    role: Role
    verified: bool

    def __str__(self) -> str:
        return f"{self.fault} at {self.stage}, {self.role}, {'verified' if self.verified else 'not verified'}"

    @property
    def host(self) -> str:
        return ROLES[self.role]


def impossible(case: Case) -> str | None:
    """Why the fault cannot occur at the stage, or says nothing new there; None if it can and does."""
    fault, stage = case.fault, case.stage
    if case.verified and stage in ("restore", "rollback"):
        return "what is verified is not rolled back"
    if not case.verified and stage == "confirm":
        return "what is not verified is not confirmed"
    if fault in _FOREIGN and stage not in ("login", "lock"):
        return "our own lock keeps every other user out of the candidate and from committing"
    if fault == "malformed-commit" and stage not in _COMMITS:
        return "only replies to a commit or a check are malformed so"
    if fault == "fail-check" and stage not in _COMMITS:
        return "only a commit or a check is refused so"
    if fault == "refuse-login" and stage != "login":
        return "the session stands: a refused login counts with a cut only"
    if fault == "fill-storage" and stage not in ("login", "commit"):
        return "the file systems are looked at once, at the login; later nothing asks for them"
    if "," in fault and stage in BEFORE_THE_COMMIT | {"unlock"}:
        return "nothing of ours waits for a confirmation: as the cut alone"
    if not case.verified and stage in BEFORE_THE_COMMIT and expected(fault, stage, True).ends_before_the_commit:
        return "as with verified tunnels: the run ends before anybody asks for them"
    return None


def _pairs() -> t.Iterator[Case]:
    faults = [name for name in FAULTS if name != "none"]
    for fault, stage, role, verified in itertools.product(faults, STAGES, ROLES, (True, False)):
        yield Case(fault, stage, role, verified)


ALL = tuple(_pairs())
REASONS: t.Mapping[Case, str] = {case: reason for case in ALL if (reason := impossible(case)) is not None}
CASES = tuple(case for case in ALL if case not in REASONS)
