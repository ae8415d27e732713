# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cases in ``cases/*.txt``: a configuration, changes to it, and the device's replies.

A case begins with ``#### title``. ``=== start`` holds the set commands of the committed configuration, ``=== load
FORMAT ACTION`` and ``=== edit FORMAT DEFAULT`` change the candidate, in order. All other sections are expected at the
end: ``problems`` of loading and ``check`` (one a line: severity, path, 'element', message), ``compare``, ``set``,
``text``, ``effective`` (set commands with groups inherited) and ``lines`` (line:column of the problems).
"""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.lab.config import setform, text
from tests.lab.config.database import Database
from tests.lab.config.groups import inherited
from tests.lab.config.problems import Problem

CASES = Path(__file__).parent / "cases"
Section = tuple[str, str]


class StoppedClock:
    """A clock that does not move."""

    def now(self) -> float:
        return 1_700_000_000.0


def read_cases() -> t.Iterator[t.Any]:
    """Return the sections of every case."""
    for path in sorted(CASES.glob("*.txt")):
        title = ""
        sections: list[list[str]] = []
        for line in [*path.read_text(encoding="utf-8").splitlines(), "#### "]:
            if line.startswith("#### "):
                if title:
                    yield pytest.param([(s[0], "\n".join(s[1:])) for s in sections], id=f"{path.stem}: {title}")
                title, sections = line[5:], []
            elif line.startswith("=== "):
                sections.append([line[4:]])
            elif sections:
                sections[-1].append(line)


def said(problem: Problem) -> str:
    return f"{problem.severity} {problem.edit_path} '{problem.bad_element}' {problem.message}".replace("  ", " ")


def shown(database: Database, section: str, problems: list[Problem]) -> str:
    if section == "problems":
        return "\n".join(map(said, problems))
    if section == "lines":
        return "\n".join(f"{problem.line}:{problem.column} {problem.bad_element}" for problem in problems)
    if section == "check":
        return "\n".join(map(said, database.check()))
    if section == "compare":
        return database.compare()
    if section == "set":
        return setform.render(database.candidate)
    if section == "text":
        return text.render(database.candidate)
    if section == "effective":
        return setform.render(inherited(database.candidate))
    raise ValueError(f"unknown section {section!r}")


@pytest.mark.parametrize("sections", list(read_cases()))
def test_case(sections: list[Section]) -> None:
    database = Database("device", StoppedClock())
    problems: list[Problem] = []
    expectations = 0
    for name, body in sections:
        kind, *words = name.split()
        if kind == "start":
            start, troubles = setform.parse(body)
            assert troubles == []
            database = Database("device", StoppedClock(), configuration=text.render(start))
        elif kind == "load":
            result = database.load(1, body, words[0], words[1])  # type: ignore[arg-type]
            problems += [*result.errors, *result.warnings]
        elif kind == "edit":
            result = database.edit(1, body, words[0], words[1])  # type: ignore[arg-type]
            problems += [*result.errors, *result.warnings]
        else:
            expectations += 1
            assert shown(database, name, problems).strip("\n") == body.strip("\n"), name
    assert expectations
