# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of docs/docsite/rst/connections.rst, made from the features that are tried.

``python -m tests.ssh.page`` writes them anew.
"""

from __future__ import annotations

from pathlib import Path

from tests.ssh.features import GROUPS, Feature

PAGE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "connections.rst"
START = ".. The tables are made from tests/ssh/features.py by python -m tests.ssh.page: change them there.\n"
END = ".. End of the tables.\n"
HEADER = """\
.. list-table::
   :header-rows: 1
   :widths: 30 34 10 10 16

   * - Feature
     - How it was tried
     - ssh
     - asyncssh
     - pyez
"""


def row(feature: Feature) -> str:
    """Return the lines of one feature."""
    verdict = "refuses" if feature.refused else "connects"
    pyez = f"no: {feature.pyez}" if feature.pyez else "as ssh"
    how = feature.how.replace("${{", "${").replace("}}", "}")
    cells = (feature.title, how, verdict, "as ssh", pyez)
    return "".join(f"   {'* ' if number == 0 else '  '}- {cell}\n" for number, cell in enumerate(cells))


def tables() -> str:
    """Return a table for each group of features."""
    return "\n".join(
        f"{title}\n{'~' * len(title)}\n\n{HEADER}{''.join(map(row, features))}" for title, features in GROUPS
    )


def made(page: str) -> str:
    """Return the page with its tables made anew."""
    before, _start, rest = page.partition(START)
    _tables, _end, after = rest.partition(END)
    return f"{before}{START}\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
