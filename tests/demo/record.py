# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the demo in the documentation: its whole output in demo.rst, the first result in the README."""

from __future__ import annotations

import re
import textwrap
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "docsite" / "rst" / "demo.rst"
README = ROOT / "README.md"
SITE = "inventories/document/host_vars/westford.yml"

# What differs from run to run, and the text that stands for it in the documentation.
_VARYING = (
    (re.escape(f"{ROOT}/"), ""),
    (r"\d{8}T\d{6}-[0-9a-f]{6}", "20260312T091502-4be07a"),
    (r"\((?:once|\d+ times)\)", "(3 times)"),
    (r"rollback at \d\d:\d\d:\d\d", "rollback at 03:37:12"),
    (r"; \d+ s remaining$", "; 12 s remaining"),
    (r"[ \t]+$", ""),
    # ansible-core says it once more from 2.19 on, with the place in the role.
    (r"^\[ERROR\]: Task failed: (?:.*\n)+? +\^ column \d+\n\n", ""),
)
_RESULT = re.compile(r"^TASK \[\S+ : Report\] \*+\n(.*?\n)Report: ", re.MULTILINE | re.DOTALL)


def documents(steps: t.Mapping[str, t.Sequence[str]]) -> dict[Path, str]:
    """Return the text that each document must have after a demo with these steps, by its path.

    Raise LookupError where a document has no place for one of them.
    """
    page = PAGE.read_text(encoding="utf-8")
    for name, lines in steps.items():
        page = with_step(page, name, lines)
    readme = README.read_text(encoding="utf-8")
    site = re.sub(r"^(---| *#.*)\n", "", (ROOT / SITE).read_text(encoding="utf-8"), flags=re.MULTILINE)
    result = _RESULT.search(without_variation(steps["deploy"]))
    if result is None:
        raise LookupError("the first deployment printed no report")
    for name, text in {f"of {SITE}": site, "result of the demo": result.group(1)}.items():
        readme = _replaced(readme, rf"<!-- {re.escape(name)} -->\n```\w+\n", "```\n", text)
    return {PAGE: page, README: readme}


def with_step(page: str, name: str, lines: t.Iterable[str]) -> str:
    """Return the page with the output of a step. Raise LookupError where it has no place for it."""
    start = rf"\.\. recorded: {name}\n\n\.\. code-block:: text\n\n"
    return _replaced(page, start, r"(?=\n\S|\Z)", _indented(without_variation(lines)))


def without_variation(lines: t.Iterable[str]) -> str:
    text = "\n".join(lines).strip("\n") + "\n"
    for pattern, stand_in in _VARYING:
        text = re.sub(pattern, stand_in, text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" ?\*{8,}$", " ***", text, flags=re.MULTILINE))


def block(name: str) -> list[str]:
    """Return the lines of a step as the page has them. Raise LookupError where it has no such step."""
    start = re.escape(f".. recorded: {name}\n\n.. code-block:: text\n\n")
    found = re.search(rf"{start}(.*?)(?=\n\S|\Z)", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    if found is None:
        raise LookupError(f"expected a step {name!r} on the page, actual none")
    return textwrap.dedent(found[1]).strip("\n").split("\n")


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ")


def _replaced(document: str, start: str, end: str, text: str) -> str:
    """Return the document with a new text between two patterns."""
    changed, count = re.subn(
        f"({start}).*?({end})", lambda found: f"{found.group(1)}{text}{found.group(2)}", document, flags=re.DOTALL
    )
    if count != 1:
        raise LookupError(f"expected one place for {start!r}, actual {count}")
    return changed
