# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read a report again, which another user may have written: accept what the schema allows, and nothing else."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._report.schema import FORMAT, SCHEMA, Schema

_TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
_REMEDY = "Choose the report.json of a run, as it was written"


class BadReport(HubspokeError):
    """A file that is no report of this format."""

    reason = "bad_report"

    def __init__(self, source: str, place: str, expected: str, actual: str, remedy: str = _REMEDY) -> None:
        super().__init__(f"controller: {source}: {place}: expected {expected}, actual {actual}. {remedy}.")


def read_report(text: str, source: str) -> dict[str, t.Any]:
    """Return the report that a text has. ``source`` names it in messages. Raise BadReport."""
    try:
        content = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        words = "one that is nested too deeply" if isinstance(error, RecursionError) else "another text"
        raise BadReport(source, "content", "a JSON document", words) from None
    found = content.get("format") if isinstance(content, dict) else None
    if isinstance(found, int) and not isinstance(found, bool) and found != FORMAT:
        remedy = "Run the command again" if found < FORMAT else "Use the release of the collection that wrote it"
        raise BadReport(source, "format", str(FORMAT), shortened(str(found)), remedy)
    for place, expected, actual in _mismatches("report", SCHEMA, content):
        raise BadReport(source, shortened(place), expected, actual)
    _check_causes(source, content)
    return dict(content)


def _no_number(word: str) -> float:
    raise ValueError(word)


def _mismatches(place: str, schema: Schema, value: t.Any) -> t.Iterator[tuple[str, str, str]]:
    """Yield place, expected and actual of each value that the schema does not allow."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    expected = _expected(schema, value)
    if expected:
        yield place, expected, _shown(value)
    elif isinstance(value, dict):
        fields, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{place}.{name}", "a value", "none"
        for name, one in value.items():
            inner = fields.get(name, others)
            if inner:
                yield from _mismatches(f"{place}.{name}", inner, one)
            else:
                yield place, "the fields of the format", f"the field {shortened(repr(name))}"
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _mismatches(f"{place}[{number}]", schema["items"], one)


def _expected(schema: Schema, value: t.Any) -> str:
    """Return the words for what a value should be; empty where it is that."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    # For Python true is an integer.
    if not any(isinstance(value, _TYPES[kind]) and (kind == "boolean") is isinstance(value, bool) for kind in kinds):
        return " or ".join(kinds)
    if isinstance(value, str):
        if value not in schema.get("enum", [value]):
            return f"one of {', '.join(one or '(empty)' for one in schema['enum'])}"
        # JSON may have half of a surrogate pair, which no file can.
        if any("\ud800" <= char <= "\udfff" for char in value):
            return "text"
        pattern = schema.get("pattern")
        return "" if pattern is None or re.fullmatch(pattern, value) else f"text like {pattern}"
    if isinstance(value, (int, float)) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return f"{schema['minimum']} to {schema['maximum']}"
    return "" if value == schema.get("const", value) else str(schema["const"])


def _shown(value: t.Any) -> str:
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    return shortened(repr(value))


def _check_causes(source: str, content: t.Mapping[str, t.Any]) -> None:
    """Raise BadReport where an index names no cause."""
    findings = [finding for host in content["hosts"] for finding in host["findings"]]
    for row in (*content["tunnels"], *content["hosts"], *findings):
        if row["cause"] is not None and row["cause"] >= len(content["causes"]):
            raise BadReport(source, "cause", f"an index of {len(content['causes'])} causes", str(row["cause"]))
