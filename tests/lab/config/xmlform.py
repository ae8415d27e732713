# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The XML form, without namespaces, which belong to the protocol."""

from __future__ import annotations

from lxml import etree

from tests.lab.config.problems import RECOVERY, Problem
from tests.lab.config.schema import Schema, Statement, schema_for
from tests.lab.config.tree import Edit, Node, Operation, new_root, words_of
from tests.lab.config.words import BadInput, Place, Token, checked, revive, stored, syntax_error

WRAPPERS = ("config", "data", "load-configuration", "edit-config")
_OPERATIONS: tuple[Operation, ...] = ("merge", "replace", "create", "delete", "remove", "none")


def local(element: etree._Element) -> str:
    """Return the tag without its namespace; "" for comments and processing instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


class _Parser:
    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def inside(self, element: etree._Element, place: Place) -> None:
        """Read the children of ``element``, except the keys of the list entry itself."""
        keys = place.node.statement.keys
        for child in element:
            name = local(child)
            if not name or name in keys:
                continue
            token = Token(name, _line(child))
            try:
                statement = place.node.statement.children.get(name)
                if statement is None:
                    raise syntax_error(token, place.path)
                self._statement(child, statement, place)
            except BadInput as exc:
                self.problems.append(exc.problem)
                if exc.fatal:
                    self.problems.append(Problem(RECOVERY, bad_element=name, line=token.line))

    def _statement(self, element: etree._Element, statement: Statement, place: Place) -> None:
        if statement.is_list:
            node = self._entry(element, statement, place)
        elif statement.kind == "container":
            node = revive(place.node, statement)
        else:
            node = self._value(element, statement, place)
        edit = _edit_of(element)
        if edit is not None:
            node.edit = edit
            node.inactive = edit.activity == "inactive"
            node.protected = edit.protection == "protect"
        if not statement.is_value and node.keys != ("*",):
            wild = place.wild or statement.name == "groups"
            self.inside(element, Place(node, (*place.path, *words_of(node)), None, wild))

    def _entry(self, element: etree._Element, statement: Statement, place: Place) -> Node:
        found = {local(child): child for child in element if local(child) in statement.keys}
        keys = []
        for key, kind in zip(statement.keys, statement.key_types, strict=True):
            if key not in found:
                if not found and _deletes(element):
                    return place.node.put(Node(statement, ("*",)))
                raise syntax_error(Token(local(element), _line(element)), place.path)
            keys.append(
                checked(kind, _text(found[key]), statement.word, place.path, place.wild or statement.name == "groups")
            )
        return revive(place.node, statement, tuple(keys))

    def _value(self, element: etree._Element, statement: Statement, place: Place) -> Node:
        for child in element:
            if local(child):
                raise syntax_error(Token(local(child), _line(child)), place.path)
        token = _text(element)
        if not token.text and not statement.type.empty and _deletes(element):
            return place.node.put(Node(statement, ("*",) if statement.kind == "leaf-list" else ()))
        value = checked(statement.type, token, statement.word, place.path, place.wild)
        if statement.kind == "leaf-list":
            return revive(place.node, statement, (value,))
        node = revive(place.node, statement)
        node.text = stored(statement, value)
        return node


def _line(element: etree._Element) -> int:
    return int(element.sourceline) if isinstance(element.sourceline, int) else 0


def _text(element: etree._Element) -> Token:
    return Token((element.text or "").strip(), _line(element))


def _attributes(element: etree._Element) -> dict[str, str]:
    return {etree.QName(str(name)).localname: str(value) for name, value in element.attrib.items()}


def _deletes(element: etree._Element) -> bool:
    attributes = _attributes(element)
    return "delete" in attributes or attributes.get("operation") in ("delete", "remove")


def _edit_of(element: etree._Element) -> Edit | None:
    """Return the edit mark of an element's attributes; None if there is none."""
    if not element.attrib:
        return None
    attributes = _attributes(element)
    edit = Edit()
    for operation in _OPERATIONS:
        if attributes.get("operation") == operation:
            edit.operation = operation
    if "delete" in attributes:
        edit.operation = "delete"
    edit.tagged = "replace" in attributes
    edit.activity = "inactive" if "inactive" in attributes else "active" if "active" in attributes else ""
    edit.protection = next((word for word in ("protect", "unprotect") if word in attributes), "")
    if "rename" in attributes and "name" in attributes:
        edit.operation, edit.rename = "none", (attributes["name"],)
    if "insert" in attributes:
        edit.operation, edit.insert = "none", attributes["insert"]
        edit.anchor = (local(element), attributes.get("name", attributes.get("key", attributes.get("value", ""))))
    every = edit.operation in ("delete", "remove") and not len(element) and not (element.text or "").strip()
    edit.every = every and edit.operation != ""
    return edit


def configuration_of(element: etree._Element) -> etree._Element | None:
    """Return the ``configuration`` element: ``element`` or one inside ``config`` and the like; None if absent."""
    if local(element) == "configuration":
        return element
    for child in element:
        if local(child) == "configuration":
            return child
        if local(child) in WRAPPERS:
            return configuration_of(child)
    return None


def parse(source: etree._Element | str, schema: Schema | None = None) -> tuple[Node, list[Problem]]:
    """Return an element or XML text, in any namespace, as a tree with edit marks."""
    root = new_root(schema or schema_for())
    parser = _Parser()
    try:
        element = etree.fromstring(source.strip().encode()) if isinstance(source, str) else source
    except etree.XMLSyntaxError as exc:
        return root, [Problem("syntax error", bad_element="configuration", line=exc.lineno or 0)]
    configuration = configuration_of(element)
    if configuration is None:
        parser.problems.append(syntax_error(Token(local(element), _line(element)), ()).problem)
        return root, parser.problems
    root.edit = _edit_of(configuration)
    parser.inside(configuration, Place(root))
    return root, parser.problems


# --- printing -------------------------------------------------------------------------------------


def render(node: Node, *, groups: bool = False) -> etree._Element:
    """Return the tree as a ``configuration`` element; ``groups`` adds ``group`` attributes to inherited statements."""
    root = etree.Element(node.statement.name)
    _fill(root, node, groups)
    return root


def _fill(element: etree._Element, node: Node, groups: bool) -> None:
    for key, value in zip(node.statement.keys, node.keys, strict=False):
        etree.SubElement(element, key).text = value
    for child in node.ordered():
        inner = etree.SubElement(element, child.statement.name)
        if child.inactive:
            inner.set("inactive", "inactive")
        if child.protected:
            inner.set("protect", "protect")
        if groups and child.origin:
            inner.set("group", child.origin)
        if child.statement.kind == "leaf-list":
            inner.text = child.keys[0]
        elif child.statement.is_value:
            inner.text = child.text or None
        else:
            _fill(inner, child, groups)


def select(node: Node, wanted: etree._Element) -> Node:
    """Return the part of a configuration that a subtree filter selects; an empty filter selects everything."""
    result = Node(node.statement, node.keys, node.text)
    result.inactive, result.protected, result.origin = node.inactive, node.protected, node.origin
    asked = [child for child in wanted if local(child)]
    keys = {local(child): (child.text or "").strip() for child in asked if local(child) in node.statement.keys}
    rest = [child for child in asked if local(child) not in node.statement.keys]
    if any(text and text != node.keys[node.statement.keys.index(key)] for key, text in keys.items()):
        return result
    if not rest:
        # A filter that names only the key of an entry selects the whole entry; an empty key tag selects the keys alone.
        result.children = {} if keys and not any(keys.values()) else dict(node.children)
        return result
    for child in node.children.values():
        for request in rest:
            if local(request) != child.statement.name or not _matches(child, request):
                continue
            part = select(child, request)
            if ident_taken := result.children.get(child.ident):
                ident_taken.children.update(part.children)
            else:
                result.put(part)
    return result


def _matches(node: Node, request: etree._Element) -> bool:
    if node.statement.is_value:
        text = (request.text or "").strip()
        return not text or text == (node.keys[0] if node.keys else node.text)
    for child in request:
        name = local(child)
        if name in node.statement.keys:
            text = (child.text or "").strip()
            if text and text != node.keys[node.statement.keys.index(name)]:
                return False
    return True


def to_text(element: etree._Element) -> str:
    """Return an element as indented text."""
    etree.indent(element, space="    ")
    return etree.tostring(element, encoding="unicode") + "\n"
