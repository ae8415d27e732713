# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The problems of a load or a commit: the parts of an rpc-error, without its XML."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

Severity = t.Literal["error", "warning"]

SYNTAX_ERROR = "syntax error"
RECOVERY = "error recovery ignores input until this point"
NOT_FOUND = "statement not found"
CHECK_FAILED = "configuration check-out failed"
MANDATORY_FAILED = "configuration check-out failed: (missing mandatory statements)"


@dataclass(frozen=True)
class Problem:
    """One message. ``edit_path`` is as the device writes it (``[edit security ike]``); lines count from 1."""

    message: str
    severity: Severity = "error"
    edit_path: str = ""
    bad_element: str = ""
    source_daemon: str = ""
    error_type: str = "protocol"
    error_tag: str = "operation-failed"
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        where = f"{self.edit_path}\n" if self.edit_path else ""
        what = f"  '{self.bad_element}'\n" if self.bad_element else ""
        return f"{where}{what}    {self.message}"


@dataclass(frozen=True)
class LoadResult:
    """The result of a load. With errors, the valid part may be loaded all the same, as on a device."""

    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Return whether the load has no error."""
        return not self.errors

    @classmethod
    def of(cls, problems: t.Iterable[Problem]) -> LoadResult:
        """Split problems by severity, each in the same order."""
        every = list(problems)
        return cls(
            tuple(problem for problem in every if problem.severity == "error"),
            tuple(problem for problem in every if problem.severity == "warning"),
        )
