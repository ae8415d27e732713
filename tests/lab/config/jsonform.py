# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON form: the XML form's elements as members, lists as arrays, attributes behind ``@``."""

from __future__ import annotations

import json
import typing as t

from lxml import etree

from tests.lab.config import xmlform
from tests.lab.config.problems import SYNTAX_ERROR, Problem
from tests.lab.config.schema import Schema, schema_for
from tests.lab.config.tree import Node, new_root

Json = t.Any
_FLAGS = ("delete", "inactive", "active", "protect", "unprotect")


def parse(source: str, schema: Schema | None = None) -> tuple[Node, list[Problem]]:
    """Return JSON text as a tree with edit marks, and its problems."""
    schema = schema or schema_for()
    try:
        data = json.loads(source)
        body = data["configuration"]
        root = etree.Element("configuration")
        # Device output wraps the object in an array; a client may send either.
        _fill(root, body[0] if isinstance(body, list) and body else body)
    except json.JSONDecodeError as exc:
        return new_root(schema), [Problem(SYNTAX_ERROR, bad_element=exc.msg, line=exc.lineno, column=exc.colno)]
    except (KeyError, TypeError, ValueError, AttributeError):
        return new_root(schema), [Problem(SYNTAX_ERROR, bad_element="configuration")]
    return xmlform.parse(root, schema)


def _fill(element: etree._Element, body: Json) -> None:
    for name, value in body.items():
        if name == "@":
            _attributes(element, value)
        elif not name.startswith("@"):
            items = value if isinstance(value, list) else [value]
            marks = body.get(f"@{name}", {})
            for number, item in enumerate(items):
                child = etree.SubElement(element, name)
                if isinstance(item, dict):
                    _fill(child, item)
                elif item is not None:
                    child.text = str(item).lower() if isinstance(item, bool) else str(item)
                _attributes(child, marks[number] if isinstance(marks, list) and number < len(marks) else marks)


def _attributes(element: etree._Element, marks: Json) -> None:
    for name, value in marks.items() if isinstance(marks, dict) else ():
        if name in _FLAGS and value:
            element.set(name, name)
        elif name in ("operation", "insert", "name"):
            element.set(name, str(value))


def render(node: Node) -> str:
    """Return the tree as the device's JSON text."""
    return json.dumps({"configuration": _object(node)}, indent=4) + "\n"


def _object(node: Node) -> dict[str, Json]:
    body: dict[str, Json] = {}
    marks = _marks(node)
    if marks:
        body["@"] = marks
    body.update(zip(node.statement.keys, node.keys, strict=False))
    for child in node.ordered():
        name = child.statement.name
        if child.statement.kind == "leaf-list":
            body.setdefault(name, []).append(child.keys[0])
        elif child.statement.is_list:
            body.setdefault(name, []).append(_object(child))
        elif child.statement.is_value:
            body[name] = _scalar(child)
            if marks := _marks(child):
                body[f"@{name}"] = marks
        else:
            body[name] = _object(child) or [None]
    return body


def _marks(node: Node) -> dict[str, bool]:
    return {name: True for name, on in (("inactive", node.inactive), ("protect", node.protected)) if on}


def _scalar(node: Node) -> Json:
    if node.statement.type.empty:
        return [None]
    return int(node.text) if node.statement.type.numeric and node.text.lstrip("-").isdigit() else node.text
