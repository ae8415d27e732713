# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schema of a report, and the reader that refuses what it does not allow."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from pathlib import Path

import jsonschema
import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._report.read import BadReport, read_report
from ansible_collections.hubspoke.srx.plugins.module_utils._report.schema import SCHEMA
from hypothesis import given
from hypothesis import strategies as st

from tests.utils import reports

CASES = yaml.safe_load((reports.REPORTS / "refused.yml").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def text_of(case: dict[str, t.Any]) -> str:
    """Return the content of the file of a case."""
    if "text" in case:
        return str(case["text"])
    if "nested" in case:
        return "[" * int(case["nested"])
    content = json.loads((reports.REPORTS / "deployed.json").read_text(encoding="utf-8"))
    *above, last = case["at"]
    place = content
    for step in above:
        place = place[step]
    if "value" in case:
        place[last] = case["value"]
    elif "escaped" in case:
        place[last] = json.loads(f'"{case["escaped"]}"')
    else:
        del place[last]
    return json.dumps(content)


def test_the_file_of_the_schema_is_current() -> None:
    assert reports.SCHEMA_FILE.read_text(encoding="utf-8") == reports.schema_text(), "python -m tests.utils.reports"


def test_the_page_has_the_fields_of_the_schema() -> None:
    page = reports.PAGE.read_text(encoding="utf-8")
    assert reports.made(page) == page, "python -m tests.utils.reports"


def test_the_schema_is_one() -> None:
    program = str(Path(sys.executable).parent / "check-jsonschema")
    checked = subprocess.run(
        [program, "--check-metaschema", str(reports.SCHEMA_FILE)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def objects(schema: t.Any) -> t.Iterator[t.Any]:
    """Yield each part of a schema that is about an object."""
    if isinstance(schema, dict):
        if "properties" in schema and "type" in schema:
            yield schema
        for one in schema.values():
            yield from objects(one)


def test_every_object_is_closed_and_every_field_is_described() -> None:
    found = list(objects(SCHEMA))
    assert len(found) > 8
    for schema in found:
        assert schema["additionalProperties"] is False
        for name, field in schema["properties"].items():
            assert field["description"].endswith("."), name


@pytest.mark.parametrize("name", reports.names())
def test_a_report_is_valid(name: str) -> None:
    content = reports.report(name)
    assert list(VALIDATOR.iter_errors(content)) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_another_file_is_refused_with_its_place(case: dict[str, t.Any]) -> None:
    with pytest.raises(BadReport) as refused:
        read_report(text_of(case), "a.json")
    assert case["says"] in str(refused.value)
    assert refused.value.reason == "bad_report"
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 500


VALUES = st.one_of(st.none(), st.booleans(), st.integers(-2, 10**13), st.text(max_size=5), st.just([]), st.just({}))


def places(value: t.Any, above: tuple[t.Any, ...] = ()) -> t.Iterator[tuple[t.Any, ...]]:
    """Yield the path to each value of a report."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in inner:
        yield (*above, step)
        yield from places(one, (*above, step))


@given(data=st.data())
def test_the_reader_refuses_what_the_schema_refuses(data: st.DataObject) -> None:
    content = reports.report("rolled_back")
    path = data.draw(st.sampled_from(sorted(places(content), key=str)))
    place = content
    for step in path[:-1]:
        place = place[step]
    if isinstance(place, dict) and data.draw(st.booleans()):
        del place[path[-1]]
    else:
        place[path[-1]] = data.draw(VALUES)
    valid = not list(VALIDATOR.iter_errors(content))
    words = refusal(json.dumps(content))
    # No schema can tell how many causes there are.
    assert valid is (not words or ": cause: " in words)


def refusal(text: str) -> str:
    """Return the message of the reader; empty where it accepts a text."""
    try:
        read_report(text, "a.json")
    except BadReport as error:
        return str(error)
    return ""
