# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page on the role's variables, made from the role's argument specification.

``python -m tests.utils.variables`` writes docs/docsite/rst/variables.rst anew.
"""

from __future__ import annotations

import re
import textwrap
import typing as t
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
SPECIFICATION = ROOT / "roles" / "nhtb" / "meta" / "argument_specs.yml"
PAGE = ROOT / "docs" / "docsite" / "rst" / "variables.rst"
MARKUP = re.compile(r"\b(?P<kind>[BCIMOV])\((?P<text>[^)]*)\)")
TYPES = {
    "bool": "true or false",
    "dict": "a dictionary",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "path": "a path",
    "str": "a string",
}
TOP = """\
..
  Copyright (c) The hubspoke.srx authors
  GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

.. Made from roles/nhtb/meta/argument_specs.yml by python -m tests.utils.variables: change it there.

.. _ansible_collections.hubspoke.srx.docsite.variables:

Variables
=========

What the inventory says of the network. The playbooks take these variables from the inventory; they are also the
options of the role :ansplugin:`hubspoke.srx.nhtb#role`.
"""


def to_rst(text: str) -> str:
    """Ansible's documentation markup as reStructuredText."""
    form = {"B": "**{}**", "I": "*{}*"}
    return MARKUP.sub(lambda found: form.get(found["kind"], "``{}``").format(found["text"]), text)


def paragraphs(description: str | t.Sequence[str], depth: int) -> str:
    """Wrapped paragraphs, indented by four spaces a level."""
    indent = "    " * depth
    texts = [description] if isinstance(description, str) else description
    wrapped = (
        textwrap.fill(to_rst(text), 116, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False,
                      break_long_words=False)
        for text in texts
    )  # fmt: skip
    return "\n\n".join(wrapped)


def nature(option: t.Mapping[str, t.Any]) -> str:
    """What a value may be, in a sentence."""
    kind = TYPES[option["type"]]
    if option["type"] == "list" and "options" in option:
        kind = "a list of dictionaries"
    words = [kind[0].upper() + kind[1:]]
    if "choices" in option:
        words = ["One of " + ", ".join(f"``{choice}``" for choice in option["choices"])]
    if "default" in option:
        value = option["default"]
        words.append(f"default ``{str(value).lower() if isinstance(value, bool) else value}``")
    return "; ".join(words) + "."


def describe(name: str, option: t.Mapping[str, t.Any], depth: int = 0) -> str:
    """An entry of a definition list, with the entries of what it contains."""
    parts = [f"{'    ' * depth}``{name}``", paragraphs(option["description"], depth + 1), ""]
    parts.append(paragraphs(nature(option), depth + 1))
    for inner, definition in option.get("options", {}).items():
        parts += ["", describe(inner, definition, depth + 1)]
    return "\n".join(parts)


def render(specification: str) -> str:
    """The whole page from the text of the specification."""
    entries = yaml.safe_load(specification)["argument_specs"]
    parts = [TOP]
    for name, option in entries["main"]["options"].items():
        parts.append(describe(name, option) + "\n")
    parts.append("Entry points of the role\n------------------------\n")
    for name, entry in entries.items():
        parts.append(f"``{name}``: {entry['short_description']}\n{paragraphs(entry['description'], 1)}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render(SPECIFICATION.read_text(encoding="utf-8")), encoding="utf-8")
