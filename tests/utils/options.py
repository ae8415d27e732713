# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the options that shape the VPN, and the table of the example inventories.

``python -m tests.utils.options`` writes docs/docsite/rst/options.rst and the table in README.md anew, from the argument
specification of the role, options.yml in this folder, and the first comment of each inventory's hosts.yml.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

import yaml

# First, since it shows this checkout under the collection's name.
from tests.utils.variables import ROOT, SPECIFICATION  # isort: skip
from tests.golden.networks import NETWORKS, OWN, inventory, read_inventory, syntaxes

PAGE = ROOT / "docs" / "docsite" / "rst" / "options.rst"
README = ROOT / "README.md"
DATA = ROOT / "tests" / "utils" / "options.yml"
INVENTORIES = ROOT / "inventories"
REPOSITORY = "https://github.com/hubspoke/hubspoke.srx/tree/main/inventories"
SYNTAXES = ("modern", "classic")
TOP = """\
..
  Copyright (c) The hubspoke.srx authors
  GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

.. Made from roles/nhtb/meta/argument_specs.yml and tests/utils/options.yml by python -m tests.utils.options.

.. _ansible_collections.hubspoke.srx.docsite.options:

Options
=======

These options shape the VPN: what each device gets, and how both ends agree.
:ref:`ansible_collections.hubspoke.srx.docsite.variables` describes each of them, with those that steer a run.

*Releases* names what an older Junos release lacks: the plan refuses it for a device whose ``nhtb_release`` is older.
*Check* is the check of the playbook ``verify`` that fails when a device, or the tunnel between two devices, is not as
the option says. The check ``configuration`` finds every other difference of the group, and
statements outside it that override an option, for all options. *Example* is an
inventory of the repository that sets the option.

"""
EXAMPLES = """
Example inventories
-------------------

Each folder under ``inventories/`` of the repository is a small network of a shape that people have. The tests deploy
it, break it at each end, and adopt it from a hand-made configuration.

"""
TABLE = re.compile(r"(<!-- Made by python -m tests\.utils\.options -->\n).*?(?=<!-- End -->)", re.DOTALL)
# It says where the devices of the lab listen.
PORTS = re.compile(r" *The ports are those of the lab's devices\.")

Options = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Row:
    """What options.yml says of an option, and of those within it that have no row of their own."""

    check: tuple[str, ...] = ()
    example: str = ""
    releases: str = "all"
    default: str = ""
    # Syntaxes without a golden file that sets the option, and why.
    not_golden: t.Mapping[str, str] | None = None


def network_options(specification: str) -> Options:
    """Return the options that describe the network: those before the options of a module."""
    described = specification.partition("      # From plugins/modules/")[0]
    options: Options = yaml.safe_load(described)["argument_specs"]["main"]["options"]
    return options


def paths(options: Options, place: str = "") -> t.Iterator[tuple[str, Options]]:
    """Yield the path of every option, and its entry; a list of dictionaries has ``[]``."""
    for name, option in options.items():
        within = option.get("options", {})
        path = f"{place}{name}{'[]' if within and option['type'] == 'list' else ''}"
        yield path, option
        yield from paths(within, f"{path}.")


def load() -> tuple[dict[str, Row], dict[str, str]]:
    """Return the rows of the table by path, and the options of the network that shape no VPN, with the reason."""
    data = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    rows = {}
    for path, row in data["options"].items():
        check = row.pop("check", [])
        rows[path] = Row(check=tuple([check] if isinstance(check, str) else check), **row)
    return rows, data["others"]


def row_of(path: str, rows: t.Mapping[str, Row]) -> str:
    """Return the path of the row that covers an option, or nothing."""
    parts = path.split(".")
    covering = (".".join(parts[:number]) for number in range(len(parts), 0, -1))
    return next((one for one in covering if one in rows), "")


def is_set(variables: t.Any, path: str) -> bool:
    """Return whether variables set the option of a path."""
    name, _dot, rest = path.partition(".")
    value = variables.get(name.removesuffix("[]")) if isinstance(variables, t.Mapping) else None
    values = value if name.endswith("[]") and isinstance(value, list) else [value]
    return any(is_set(one, rest) if rest else one is not None for one in values)


def golden(path: str) -> set[str]:
    """Return the syntaxes with a golden file of a network that sets an option."""
    found: set[str] = set()
    for network in NETWORKS:
        hosts = inventory(network).hosts.values()
        for syntax in syntaxes(network):
            for own in hosts:
                if is_set(own, path):
                    found.add(own.get("nhtb_syntax", "modern") if syntax == OWN else syntax)
    return found


def examples(path: str) -> list[str]:
    """Return the inventories that set an option."""
    hosts = {one: read_inventory(str(INVENTORIES / one / "hosts.yml")).hosts.values() for one in inventories()}
    return [name for name, own in hosts.items() if any(is_set(one, path) for one in own)]


def inventories() -> dict[str, str]:
    """Return the first comment of each example inventory's hosts.yml."""
    return {path.parent.name: _comment(path.read_text("utf-8")) for path in sorted(INVENTORIES.glob("*/hosts.yml"))}


def _comment(text: str) -> str:
    lines = text.removeprefix("---\n").splitlines()
    comment = lines[: next(number for number, line in enumerate(lines) if not line.startswith("#"))]
    return PORTS.sub("", " ".join(line.removeprefix("# ") for line in comment))


def _default(option: Options, row: Row) -> str:
    if row.default:
        return row.default
    value = option.get("default")
    if value is None:
        return "required" if option.get("required") else "none"
    return f"``{str(value).lower() if isinstance(value, bool) else value}``"


def render(specification: str) -> str:
    """Return the whole page from the text of the specification."""
    rows, _others = load()
    table = [("Option", "Default", "Releases", "Check", "Example")]
    for path, option in paths(network_options(specification)):
        if row := rows.get(path):
            checks = ", ".join(f"``{one}``" for one in row.check or ("configuration",))
            table.append((f"``{path}``", _default(option, row), row.releases, checks, row.example or "none"))
    return TOP + _table(table) + EXAMPLES + _table([("Inventory", "Network"), *_linked("`{0} <{1}/{0}>`__")])


def _linked(form: str) -> list[tuple[str, str]]:
    return [(form.format(name, REPOSITORY), comment) for name, comment in inventories().items()]


def _table(rows: t.Sequence[t.Sequence[str]]) -> str:
    lines = "".join(f"    {'  ' if column else '* '}- {cell}\n" for row in rows for column, cell in enumerate(row))
    return f".. list-table::\n    :header-rows: 1\n\n{lines}"


def readme(text: str) -> str:
    """Return README.md with the table of the example inventories."""
    rows = "".join(f"| {name} | {comment} |\n" for name, comment in _linked("[`{0}`]({1}/{0})"))
    return TABLE.sub(lambda found: f"{found[1]}\n| Inventory | Network |\n|---|---|\n{rows}\n", text)


def main() -> None:
    """Write both files anew."""
    PAGE.write_text(render(SPECIFICATION.read_text(encoding="utf-8")), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
