# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The combinations of faults, stages and devices, and the reasons not to run some of them."""

from __future__ import annotations

import itertools
import typing as t
from dataclasses import dataclass

from tests.matrix.endings import expected
from tests.matrix.faults import FAULTS
from tests.matrix.hosts import HUB, NEAR
from tests.matrix.stages import BEFORE_THE_COMMIT, STAGES, Stage

Role = t.Literal["hub", "spoke"]
ROLES: t.Mapping[Role, str] = {"hub": HUB, "spoke": NEAR}

_COMMITS: tuple[Stage, ...] = ("check", "commit", "confirm", "rollback")
_FOREIGN = frozenset({"hold-lock", "dirty", "commit", "commit confirmed by another"})


@dataclass(frozen=True)
class Case:
    """One run: ``fault`` on ``role`` at ``stage``, with tunnels that can be verified or cannot."""

    fault: str
    stage: Stage
    role: Role
    verified: bool

    def __str__(self) -> str:
        return f"{self.fault} at {self.stage}, {self.role}, {'verified' if self.verified else 'not verified'}"

    @property
    def host(self) -> str:
        return ROLES[self.role]


def reason_not_run(case: Case) -> str | None:
    """Return why the fault cannot occur at the stage, or would repeat another case; None if the case is run."""
    fault, stage = case.fault, case.stage
    reasons = {
        "a verified device is not rolled back": case.verified and stage in ("restore", "rollback"),
        "a device that is not verified is not confirmed": not case.verified and stage == "confirm",
        "the run's lock prevents changes and commits of other users": (
            fault in _FOREIGN and stage not in ("login", "lock")
        ),
        "only replies to a commit or a check are malformed in this way": (
            fault == "malformed-commit" and stage not in _COMMITS
        ),
        "the device refuses only a commit or a check": fault == "fail-check" and stage not in _COMMITS,
        "the session is open: a refused login matters only after a cut": fault == "refuse-login" and stage != "login",
        "the run reads the file systems once, after the login": (
            fault == "fill-storage" and stage not in ("login", "commit")
        ),
        "the run has no pending commit: same as the cut alone": (
            "," in fault and stage in BEFORE_THE_COMMIT | {"unlock"}
        ),
        "the device rolls back automatically only while its commit is pending": (
            fault == "window ends" and stage not in ("verify", "confirm", "restore", "rollback")
        ),
        "the run keeps a part of the window for the last commit": fault == "window ends" and stage == "confirm",
        "the run ends before it reads the tunnels: same as with tunnels that can be verified": (
            not case.verified and stage in BEFORE_THE_COMMIT and expected(fault, stage, True).ends_before_the_commit
        ),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _pairs() -> t.Iterator[Case]:
    faults = [name for name in FAULTS if name != "none"]
    for fault, stage, role, verified in itertools.product(faults, STAGES, ROLES, (True, False)):
        yield Case(fault, stage, role, verified)


def runs(role: Role, verified: bool) -> list[tuple[str, Case]]:
    """Return the cases of a kind of device, each with the transport of its run.

    asyncssh runs all. What PyEZ sees of a fault does not depend on the kind of device: it runs each fault at each stage
    once per table, on hub and spoke in turn.
    """
    chosen = [case for case in CASES if (case.role, case.verified) == (role, verified)]
    return [("asyncssh", case) for case in chosen] + [("pyez", case) for case in chosen if _has_turn(case)]


def _has_turn(case: Case) -> bool:
    turn = list(FAULTS).index(case.fault) + list(STAGES).index(case.stage) + case.verified
    return list(ROLES)[turn % len(ROLES)] == case.role


ALL = tuple(_pairs())
REASONS: t.Mapping[Case, str] = {case: reason for case in ALL if (reason := reason_not_run(case)) is not None}
CASES = tuple(case for case in ALL if case not in REASONS)
