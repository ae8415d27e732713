# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make what is made from the schema of a report, and from the reports of the tests.

``python -m tests.utils.reports`` writes docs/report.schema.json, the tables of docs/docsite/rst/report.rst, and in
tests/unit/fixtures/reports the other formats of each report. A new case is a report there, or an empty file in the
folder ``compare`` whose name has the names of two reports.
"""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The checkout under the collection's name. pytest has it already.
sys.path.insert(0, str(ROOT / ".venv" / "dev"))

from ansible_collections.hubspoke.srx.plugins.module_utils._report.compare import (  # noqa: E402
    compare,
    comparison_markdown,
    comparison_text,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._report.junit import junit  # noqa: E402
from ansible_collections.hubspoke.srx.plugins.module_utils._report.markdown import markdown  # noqa: E402
from ansible_collections.hubspoke.srx.plugins.module_utils._report.prometheus import prometheus  # noqa: E402
from ansible_collections.hubspoke.srx.plugins.module_utils._report.read import read_report  # noqa: E402
from ansible_collections.hubspoke.srx.plugins.module_utils._report.schema import SCHEMA  # noqa: E402

SCHEMA_FILE = ROOT / "docs" / "report.schema.json"
PAGE = ROOT / "docs" / "docsite" / "rst" / "report.rst"
START = ".. The tables are made from plugins/module_utils/_report/schema.py by python -m tests.utils.reports.\n"
END = ".. End of the tables.\n"
HEADER = """\
.. list-table::
   :header-rows: 1
   :widths: 22 26 52

"""
REPORTS = ROOT / "tests" / "unit" / "fixtures" / "reports"
COMPARED = REPORTS / "compare"
FORMATS: dict[str, t.Callable[[t.Mapping[str, t.Any]], str]] = {".md": markdown, ".prom": prometheus, ".xml": junit}
_TYPES = {
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "text",
}

Schema = t.Mapping[str, t.Any]


def schema_text() -> str:
    """Return the content of the file with the schema."""
    return json.dumps(SCHEMA, indent=2) + "\n"


def tables() -> str:
    """Return a table of the fields of each object."""
    objects = {"report": SCHEMA, **SCHEMA["$defs"]}
    return "\n".join(_table(name, schema) for name, schema in objects.items())


def made(page: str) -> str:
    """Return the page with its tables made anew."""
    before, _start, rest = page.partition(START)
    _tables, _end, after = rest.partition(END)
    return f"{before}{START}\n{tables()}\n{END}{after}"


def report(name: str) -> dict[str, t.Any]:
    """Return a report of the tests."""
    return read_report((REPORTS / f"{name}.json").read_text(encoding="utf-8"), name)


def names() -> list[str]:
    """Return the names of the reports of the tests."""
    return sorted(path.stem for path in REPORTS.glob("*.json"))


def pairs() -> list[tuple[str, str]]:
    """Return the names of the reports that the tests compare."""
    found = [path.stem.partition("--") for path in sorted(COMPARED.glob("*.md"))]
    return [(before, after) for before, _dashes, after in found]


def golden() -> dict[Path, str]:
    """Return the text of each file that is made from the reports of the tests."""
    files = {REPORTS / f"{name}{end}": make(report(name)) for name in names() for end, make in FORMATS.items()}
    for before, after in pairs():
        found = compare(report(before), report(after))
        files[COMPARED / f"{before}--{after}.md"] = comparison_markdown(found)
        files[COMPARED / f"{before}--{after}.txt"] = f"{comparison_text(found)}\n"
    return files


def _table(name: str, schema: Schema) -> str:
    title = f"``{name}``"
    head = f"{title}\n{'~' * len(title)}\n\n{schema['description']}\n\n{HEADER}"
    rows = [("Field", "Type", "Meaning"), *_rows(schema, "")]
    return head + "".join(f"   * - {field}\n     - {kind}\n     - {about}\n" for field, kind, about in rows)


def _rows(schema: Schema, above: str) -> t.Iterator[tuple[str, str, str]]:
    for name, field in schema["properties"].items():
        yield f"``{above}{name}``", _kind(field), field["description"]
        if "properties" in field:
            yield from _rows(field, f"{above}{name}.")


def _kind(field: Schema) -> str:
    """Return the type of a value in words."""
    if "$ref" in field:
        return f"``{field['$ref'].rpartition('/')[2]}``"
    if "const" in field:
        return f"``{field['const']}``"
    if "enum" in field:
        return "one of " + ", ".join(f"``{one}``" if one else "empty" for one in field["enum"])
    if field["type"] == "array":
        return f"a list, of each {_kind(field['items'])}"
    if isinstance(field.get("additionalProperties"), dict):
        return f"an object, of each key {_kind(field['additionalProperties'])}"
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    return " or ".join(_TYPES[kind] for kind in kinds)


def main() -> None:
    """Write all files anew."""
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    for path, text in golden().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
