# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The texts of the plan's problems: each stands once, in a file that names the part of the plan that notes it."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._plan import problem_texts
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import KINDS

FOLDER = Path(str(problem_texts.__file__)).parent
FILES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in ("__init__", "kind"))


def kinds_of(name: str) -> set[str]:
    return set(importlib.import_module(f"{problem_texts.__name__}.{name}").KINDS)


def words_of(part: str) -> set[str]:
    """Return the strings of a module of the plan."""
    tree = ast.parse(FOLDER.parent.joinpath(f"{part}.py").read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


@pytest.mark.parametrize("name", FILES)
def test_a_text_is_in_the_file_of_the_part_that_notes_it(name: str) -> None:
    tree = ast.parse(FOLDER.joinpath(f"{name}.py").read_text(encoding="utf-8"))
    parts = re.findall(r"``(\w+)``", ast.get_docstring(tree) or "")
    assert kinds_of(name) - set().union(*map(words_of, parts)) == set()


def test_no_text_stands_twice() -> None:
    assert sorted(kind for name in FILES for kind in kinds_of(name)) == sorted(KINDS)
