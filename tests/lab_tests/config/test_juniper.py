# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commit checks compared with Juniper's constraints, configurations of the document, and random input."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.lab.config import jsonform, setform, text, xmlform
from tests.lab.config.constraints import check, rules
from tests.lab.config.groups import inherited
from tests.lab.config.schema import schema_for
from tests.lab.config.tree import new_root
from tests.lab_tests.config.test_cases import read_cases
from tests.lab_tests.config.test_schema import SHARED, validator

ROOT = Path(__file__).resolve().parents[3]
# Messages of the daemons themselves, which are not among the published constraints.
OF_DAEMONS = {
    "Interface $ already assigned to another zone",
    "application or application-set must be defined",
    "Referenced pool must be defined",
    "Referenced application must be defined",
}


def test_messages_are_junipers() -> None:
    juniper = validator().Schema.for_release("24.4R1")
    known = {message for node in juniper.nodes for _expression, message in node.get("must", ())}
    known |= {
        message for kind in juniper.types for musts in kind.get("em", {}).values() for _expression, message in musts
    }
    ours = {rule.message for rule in rules() if rule.message}
    assert ours - known - OF_DAEMONS == set()


def test_constraints_name_statements_that_exist() -> None:
    schema = schema_for()
    for rule in rules():
        at = schema.root
        for word in rule.place:
            found = at.by_word.get(word)
            if word == "*":
                bare = [child for child in at.bare_children if child.is_list]
                at = bare[0] if bare and at.kind != "list" else at
            else:
                assert found is not None, rule.place
                at = found
        assert [word for word in rule.required if word not in at.by_word] == [], rule.place


def committable() -> t.Iterator[t.Any]:
    for case in read_cases():
        sections = dict(case.values[0])
        if sections.get("check", "no check").strip() == "":
            yield pytest.param(sections["start"], id=case.id)


@pytest.mark.parametrize("commands", list(committable()))
def test_juniper_commits_each_configuration_that_the_lab_commits(commands: str) -> None:
    tree, problems = setform.parse(commands)
    assert problems == []
    document = etree.tostring(xmlform.render(tree))
    findings = validator().validate(document, release="24.4R1", form="xml")
    assert [finding.message for finding in findings if finding.level == "error"] == []


@pytest.mark.parametrize("name", ["hub.xml", "hub.modern.xml", "westford.xml"])
def test_configurations_of_the_schema_examples_commit(name: str) -> None:
    path = SHARED / "junos-schema" / "examples" / name
    if not path.exists():
        pytest.skip("../shared/junos-schema is absent: its examples are not loaded")
    # The published releases accept plain web management; the newest has it as a hidden statement only.
    schema = schema_for("20.4R1" if name != "hub.modern.xml" else "24.4R1")
    tree, problems = xmlform.parse(path.read_text(encoding="utf-8"), schema)
    assert problems == []
    tree.ensure(schema.at("system")).ensure(schema.at("system", "root-authentication")).ensure(
        schema.at("system", "root-authentication", "encrypted-password")
    ).text = "x"
    assert check(inherited(tree), tree) == []


def test_the_device_from_the_factory_is_as_juniper_has_it() -> None:
    shipped = (ROOT / "inventories" / "factory" / "branch7.factory.txt").read_text(encoding="utf-8")
    tree, problems = text.parse(shipped)
    assert problems == []
    # It has no root password until the first commit.
    assert [problem.message for problem in check(inherited(tree), tree)] == [
        "mgd: Missing mandatory statement: 'root-authentication'"
    ]
    findings = validator().validate(shipped.encode(), release="24.4R1", form="text")
    assert [finding.message for finding in findings if finding.level == "error"] == []


@pytest.mark.parametrize("name", ["hub-corporate.set", "spoke-westford.set"])
def test_the_document_loads_except_for_its_withdrawn_statement(name: str) -> None:
    path = SHARED / "seed" / name
    if not path.exists():
        pytest.skip("../shared/seed is absent: the document's configurations are not loaded")
    lines = path.read_text(encoding="utf-8").splitlines()
    tree, problems = setform.parse("\n".join(lines))
    assert [(problem.bad_element, problem.message) for problem in problems] == [("source-nat", "syntax error")]
    back = setform.render(tree).splitlines()
    keys = {line for line in lines if "pre-shared-key" in line}
    shown = {line for line in back if "pre-shared-key" not in line}
    assert {line for line in lines if "source-nat" not in line} == shown | keys


WORDS = st.sampled_from(
    (
        *(
            "system",
            "{",
            "}",
            ";",
            "[",
            "]",
            "host-name",
            '"',
            "set",
            "delete",
            "security",
            "ike",
            "gateway",
            "<*>",
            "#",
        ),
        *("inactive:", "replace:", "groups", "interfaces", "st0", "unit", "0", "family", "inet", "address", "10.0.0.1"),
    )
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=30).map(" ".join) | st.text(max_size=80))
@example("groups inactive: {")
def test_any_input_is_parsed_or_refused(source: str) -> None:
    for parse in (text.parse, setform.parse, xmlform.parse, jsonform.parse):
        tree, _problems = parse(source)
        again, problems = text.parse(text.render(tree))
        assert problems == []
        assert setform.render(again) == setform.render(tree)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_truncated_text_is_an_error_or_its_beginning(data: st.DataObject) -> None:
    whole = "system { host-name a; login { user b { uid 2000; } } }\nsnmp { location c; }\n"
    cut = data.draw(st.integers(0, len(whole)))
    tree, problems = text.parse(whole[:cut])
    if not problems:
        assert setform.render(tree) in ("", *(setform.render(text.parse(part)[0]) for part in (whole, whole[:55])))
    assert new_root(schema_for()).same(text.parse("")[0])
