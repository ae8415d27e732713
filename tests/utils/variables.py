# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's variables, made from the options of the modules, and the page on them.

``python -m tests.utils.variables`` writes both anew. In roles/nhtb/meta/argument_specs.yml it replaces what follows a
line that names a module, up to the next entry point; docs/docsite/rst/variables.rst it writes whole.
"""

from __future__ import annotations

import re
import sys
import textwrap
import typing as t
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
# The checkout under the collection's name. pytest has it already.
sys.path.insert(0, str(ROOT / ".venv" / "dev"))

from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import (  # noqa: E402
    PER_HOST,
    SECRETS,
    documented_options,
    variables_of,
)

SPECIFICATION = ROOT / "roles" / "nhtb" / "meta" / "argument_specs.yml"
PAGE = ROOT / "docs" / "docsite" / "rst" / "variables.rst"
WIDTH = 120

Option = t.Mapping[str, t.Any]

MADE = re.compile(
    r"(      # From plugins/modules/(\w+)\.py by python -m tests\.utils\.variables:\n)(?:(?! {0,2}\w).*\n)*"
)
REFERENCE = re.compile(r"\bO\((\w+)(?=[=)])")
RETURNED = re.compile(r"\bRV\((?=\w+\))")
MARKUP = re.compile(r"\b(?P<kind>[BCIMOV]|RV)\((?:[\w.]+#\w+:(?:\w+:)?)?(?P<text>[^)]*)\)")
# A value that YAML takes for the text that it is, whatever stands in it.
PLAIN = re.compile(r"[A-Za-z0-9](?:(?!: | #)[^\n])*(?<!:)")
TYPES = {
    "bool": "true or false",
    "dict": "a dictionary",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "path": "a path",
    "raw": "a value of one of several types",
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

The playbooks take these variables from the inventory; they are also the options of the role
:ansplugin:`hubspoke.srx.nhtb#role`. Each section is an entry point of the role and of the playbook with its name, which
is ``deploy`` for ``main``. The first section has the variables that describe the network, for all entry points.

A variable that steers a run is an option of a module. Where the task of the module gives the option, or
``module_defaults`` do, the variable does not count; where nothing gives it, the default does. Among variables Ansible's
own precedence holds.

Whose a variable is
-------------------

A variable may stand wherever Ansible lets one stand: in the inventory, ``group_vars`` and ``host_vars``, in ``vars``,
``vars_files`` and ``vars_prompt`` of a play, in a role, with ``import_role`` and ``include_role``, in a block or a
task, from ``set_fact``, and on the command line with ``-e``. Ansible's order of precedence holds in each case.

A variable of the fleet steers the whole run. All hosts of the two groups in the play must have the same value, or none
must have one; another host of the groups must have the same value if it has one. A difference is an error that names
both hosts and both values. A variable of a host is taken from each host. Hosts in neither group are passed over.

A template that has no value is an error, and so is a value with ``{{``: neither gets into a configuration.
Binary data, a date without quotes, and a value that contains itself are errors too. A variable that is null is not set.

Ansible evaluates an option of a task for the first host of the play only. An option of a module for the fleet that is a
template must have the same value on all hosts of the groups in the play; a difference is an error. A host on which it
cannot be evaluated has no say, so that a result that another task has registered can be given.

The fleet is one run. ``serial`` is refused, for which ``nhtb_batch_size`` deploys in rounds, and so are
``strategy: free`` and a ``when`` that is false for some hosts of the groups, for which ``--limit`` chooses hosts.
``delegate_to`` on a module for one device chooses the device.

The tasks of the role use the connection plugin ``local``, whatever ``ansible_connection`` and ``ansible_become`` of the
inventory say, so that none of another collection is started. So do all playbooks. Ansible's own check of a role's
arguments does not: a play that imports or includes the role sets ``rolespec_validate: false``, as the playbooks do. A
role in ``roles`` cannot; give it ``ansible_connection: ansible.builtin.local`` and ``ansible_become: false`` in its
``vars``, which do not reach the other tasks of the play. The same ``vars`` are for a task or a block with the modules.
"""
# The plan refuses a difference in these. They are no options of a module.
OF_THE_FLEET = ("nhtb_confirm_minutes",)


def specified(specification: str) -> str:
    """Return the text of the argument specification with the options of the modules as they are documented now."""
    made = {found[2]: _variables(found[2]) for found in MADE.finditer(specification)}
    every = [item for options in made.values() for item in options.items()]
    first = dict(reversed(every))
    done: set[str] = set()

    def block(module: str) -> t.Iterator[str]:
        for variable, option in made[module].items():
            if option != first[variable]:
                yield f"      {variable}:"
                yield from _entry(option)
            elif variable in done:
                yield f"      {variable}: *{variable}"
            else:
                done.add(variable)
                yield f"      {variable}:{f' &{variable}' if every.count((variable, option)) > 1 else ''}"
                yield from _entry(option)

    return MADE.sub(lambda found: found[1] + "".join(f"{line}\n" for line in block(found[2])), specification)


def _variables(module: str) -> dict[str, Option]:
    """Return the options of a module under the names of their variables."""
    options = documented_options(module)
    names = variables_of(module, options)
    return {variable: _renamed(module, variable, options[option], names) for option, variable in names.items()}


def _renamed(module: str, variable: str, option: Option, names: t.Mapping[str, str]) -> Option:
    """Return an option with the names of variables for those of the module's options."""
    described = option["description"]
    texts = [described] if isinstance(described, str) else described
    texts = [REFERENCE.sub(lambda found: f"O({names[found[1]]}", text) for text in texts]
    texts = [RETURNED.sub(f"RV(hubspoke.srx.{module}#module:", text) for text in texts]
    kept = {key: option[key] for key in ("type", "elements", "choices", "default") if key in option}
    return {**kept, **({"no_log": True} if variable in SECRETS else {}), "description": texts}


def _entry(option: Option) -> t.Iterator[str]:
    indent = " " * 8
    for key, value in option.items():
        if key != "description":
            yield from _item(f"{indent}{key}: ", value)
    yield f"{indent}description:"
    for text in option["description"]:
        start, rest = f"{indent}  - ", f"{indent}    "
        if not PLAIN.fullmatch(text):
            yield f"{start}>-"
            start = rest
        yield from textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=rest, break_on_hyphens=False)


def _item(start: str, value: t.Any) -> t.Iterator[str]:
    if not isinstance(value, list) or len(start + _flow(value)) <= WIDTH:
        yield start + _flow(value)
    else:
        yield start.rstrip()
        yield from (f"{' ' * 10}- {one}" for one in value)


def _flow(value: t.Any) -> str:
    """Return a value as YAML on one line."""
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def to_rst(text: str) -> str:
    """Return Ansible's documentation markup as reStructuredText."""
    form = {"B": "**{}**", "I": "*{}*"}
    return MARKUP.sub(lambda found: form.get(found["kind"], "``{}``").format(found["text"]), text)


def paragraphs(description: str | t.Sequence[str], depth: int) -> str:
    """Return wrapped paragraphs, indented by four spaces a level."""
    indent = "    " * depth
    texts = [description] if isinstance(description, str) else description
    wrapped = (
        textwrap.fill(to_rst(text), 116, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False,
                      break_long_words=False)
        for text in texts
    )  # fmt: skip
    return "\n\n".join(wrapped)


def nature(option: Option) -> str:
    """Return the type, the choices and the default of a value, in a sentence."""
    kind = TYPES[option["type"]]
    if option["type"] == "list" and "options" in option:
        kind = "a list of dictionaries"
    words = [kind[0].upper() + kind[1:]]
    if "choices" in option:
        words = ["One of " + ", ".join(f"``{choice}``" for choice in option["choices"])]
    if "default" in option:
        words.append(f"default ``{_flow(option['default'])}``")
    return "; ".join(words) + "."


def describe(name: str, option: Option, depth: int = 0) -> str:
    """Return an entry of a definition list, with the entries of what it contains."""
    parts = [f"{'    ' * depth}``{name}``", paragraphs(option["description"], depth + 1), ""]
    parts.append(paragraphs(nature(option), depth + 1))
    for inner, definition in option.get("options", {}).items():
        parts += ["", describe(inner, definition, depth + 1)]
    return "\n".join(parts)


def owners(specification: str) -> str:
    """Return a table that tells of each variable whether it is the fleet's or a host's."""
    options: dict[str, set[str]] = {}
    for found in MADE.finditer(specification):
        for option, variable in variables_of(found[2], documented_options(found[2])).items():
            options.setdefault(variable, set()).add(option)
    entries = yaml.safe_load(specification)["argument_specs"].values()
    rows = [("Variable", "Whose", "Option of a module")]
    for name in sorted({name for entry in entries for name in entry["options"]}):
        of_fleet = name in OF_THE_FLEET or not options.get(name, set(PER_HOST)) <= set(PER_HOST)
        whose = "the fleet's" if of_fleet else "a host's"
        same = ", ".join(f"``{option}``" for option in sorted(options.get(name, ()))) or "none"
        rows.append((f"``{name}``", whose, same))
    table = "".join(f"    * - {first}\n      - {second}\n      - {third}\n" for first, second, third in rows)
    return f".. list-table::\n    :header-rows: 1\n\n{table}"


def render(specification: str) -> str:
    """Return the whole page from the text of the specification. A variable is described where it comes first."""
    parts = [TOP, owners(specification)]
    known: dict[str, Option] = {}
    for name, entry in yaml.safe_load(specification)["argument_specs"].items():
        title = f"``{name}``: {entry['short_description']}"
        parts.append(f"{title}\n{'-' * len(title)}\n\n{paragraphs(entry['description'], 0)}\n")
        options = entry["options"]
        parts += [describe(one, option) + "\n" for one, option in options.items() if known.get(one) != option]
        if same := [f"``{one}``" for one, option in options.items() if known.get(one) == option]:
            parts.append(paragraphs(f"As above: {', '.join(same)}.", 0) + "\n")
        known = {**options, **known}
    return "\n".join(parts)


def main() -> None:
    """Write both files anew."""
    SPECIFICATION.write_text(specified(SPECIFICATION.read_text(encoding="utf-8")), encoding="utf-8")
    PAGE.write_text(render(SPECIFICATION.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
