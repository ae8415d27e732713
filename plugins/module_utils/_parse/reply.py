# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The reply of a device as one part per routing engine: XML elements, or lines of text."""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET
from dataclasses import replace
from xml.parsers import expat

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Doubt, child_text, excerpt, fail
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.part import Part
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.screen import command_in, is_decoration, text_parts

MAYBE_CUT = "the text does not end with a line end: its last row may be cut"

# Rows of "show security ipsec security-associations" begin with "<131073" too.
_MARKUP = re.compile(r"<[A-Za-z_?!/]")
_ENVELOPE = re.compile(r"<((?:[\w-]{1,64}:)?rpc-reply)\b")
_END_OF_TAG = re.compile(r"\s*>")
# No Junos reply is nested that deep; deeper XML would exhaust the stack of the reader.
_DEEPEST = 100
_ENGINES = "multi-routing-engine-results"
_ENGINE = "multi-routing-engine-item"
# Elements next to a table that say nothing of it.
_NEXT_TO_TABLE = ("re-name", "cli", "ok")


def read(reply: str | bytes, roots: t.Collection[str], echo: str, *, prose: bool = False) -> list[Part]:
    """Split a reply into parts. ``roots`` are the elements that hold the table, ``echo`` is the command as typed.

    In ``prose`` a line in the form of an error is a refusal only where it is the only line. Raise ReplyNotUnderstood
    where the XML is not well-formed or holds another table.
    """
    text = decoded(reply)
    if found := _envelope(text):
        parts = _xml_parts(tree(text), roots, echo, prose=prose)
        return _with_notes(parts, _outside(text, found, echo))
    if _MARKUP.match(text.lstrip()):
        return _xml_parts(tree(text), roots, echo, prose=prose)
    parts = text_parts(text, echo, prose=prose)
    if text.strip() and not text.rstrip(" \t").endswith("\n"):
        parts[-1] = replace(parts[-1], notes=(*parts[-1].notes, Doubt(MAYBE_CUT)))
    return parts


def _envelope(text: str) -> str:
    """Return the text from the first opening tag of a reply to its last closing one; empty where one is missing."""
    begin = _ENVELOPE.search(text)
    closing = f"</{begin[1]}" if begin else ""
    place = text.rfind(closing) if begin else -1
    while begin and place >= begin.end():
        if end := _END_OF_TAG.match(text, place + len(closing)):
            return text[begin.start() : end.end()]
        place = text.rfind(closing, 0, place)
    return ""


def decoded(reply: str | bytes) -> str:
    """Return a reply as text with Unix line ends, without a byte-order mark."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return text.lstrip("\ufeff").replace("\r\n", "\n")


def tree(text: str) -> ET.Element:
    """Return the root of a Junos XML reply, tags and attributes without prefix and namespace.

    Raise ReplyNotUnderstood. Expat reads without namespaces, because saved replies often lack the declaration of
    ``junos:`` or ``nc:``. A document type is refused: no Junos reply has one, and its entities could exhaust memory.
    """
    document = _envelope(text) or text.strip().removesuffix("]]>]]>")
    builder = ET.TreeBuilder()
    names: dict[str, str] = {}
    open_elements = 0

    def local(name: str) -> str:
        # A reply of megabytes has a few dozen names.
        if name not in names:
            names[name] = name.rpartition(":")[2]
        return names[name]

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal open_elements
        open_elements += 1
        if open_elements > _DEEPEST:
            raise ReplyNotUnderstood(f"expected a Junos reply, actual XML nested more than {_DEEPEST} deep")
        builder.start(local(tag), {local(name): value for name, value in attributes.items()} if attributes else {})

    def end(tag: str) -> None:
        nonlocal open_elements
        open_elements -= 1
        builder.end(local(tag))

    def doctype(*_unused: t.Any) -> None:
        raise ReplyNotUnderstood("expected a Junos reply, actual XML with a document type")

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(document.encode("utf-8", "replace"), True)  # noqa: FBT003  expat takes no keyword: the last piece
    except expat.ExpatError as error:
        lines = document.splitlines()
        line = lines[error.lineno - 1] if 0 < error.lineno <= len(lines) else ""
        reason = expat.ErrorString(error.code)
        raise ReplyNotUnderstood(f"expected well-formed XML, actual {reason} at {excerpt(line)}") from error
    root: ET.Element = builder.close()
    return root


def text_of(reply: str) -> str:
    """Return the text of an XML reply without its elements, such as a file. Raise ReplyNotUnderstood."""
    return "".join(tree(decoded(reply)).itertext())


def errors_in(element: ET.Element) -> list[ET.Element]:
    """Return every ``rpc-error`` or ``xnm:error`` whose severity is not warning."""
    return [
        found
        for found in element.iter()
        if (found.tag == "rpc-error" and (child_text(found, "error-severity") or "error") != "warning")
        or (found.tag == "error" and found.find("message") is not None)
    ]


def error_message(error: ET.Element) -> str:
    """Return the device's own message with the path and the element, secrets masked."""
    words = child_text(error, "error-message") or child_text(error, "message") or "error without a message"
    where = child_text(error, "error-path") or child_text(error, "edit-path")
    statement = child_text(error, "error-info/bad-element") or child_text(error, "statement")
    return mask(" ".join(filter(None, (where, words.removeprefix("error: "), f"({statement})" if statement else None))))


def _outside(text: str, envelope: str, echo: str) -> list[str]:
    """Return a note for each line around the reply that neither the CLI nor NETCONF adds."""
    before, _found, after = text.partition(envelope)
    lines = [*before.splitlines(), *after.splitlines()]
    plain = (line.strip() for line in lines if not is_decoration(line) and command_in(line, echo) is None)
    return [Doubt(f"the line {excerpt(line)} next to the reply is not known") for line in plain if line[0] != "<"]


def _xml_parts(root: ET.Element, roots: t.Collection[str], echo: str, *, prose: bool) -> list[Part]:
    parts: list[Part] = []
    others: list[ET.Element] = []
    names: set[str | None] = set()
    notes: list[str] = []
    for child in list(root) if root.tag == "rpc-reply" else [root]:
        engines = _engines(child, roots)
        if engines is None:
            others.append(child)
            continue
        for engine in engines:
            name = child_text(engine, "re-name")
            if name in names or len(engine.findall("re-name")) > 1:
                notes.append(Doubt(f"the reply of {name} occurs again"))
            names.add(name)
            parts += _xml_part(name, list(engine), _loose(engine), roots, echo, prose=prose)
    loose = _loose(root) if root.tag == "rpc-reply" else ""
    if not parts or loose.strip() or any(child.tag not in _NEXT_TO_TABLE for child in others):
        parts += _xml_part(None, others, loose, roots, echo, prose=prose)
    return _with_notes(parts, notes)


def _engines(child: ET.Element, roots: t.Collection[str]) -> list[ET.Element] | None:
    """Return the replies of the routing engines in an element; ``None`` where it is the reply of one.

    On a cluster the wrapper encloses the table; the schema of some replies also allows it inside.
    """
    inner = child.find(_ENGINES)
    holder = child if child.tag == _ENGINES or inner is None else inner
    engines = holder.findall(_ENGINE)
    if holder.tag != _ENGINES and not (holder.tag in roots and engines):
        return None
    others = [one.tag for one in (*child, *holder) if one is not holder and one.tag != _ENGINE]
    if others or _loose(holder).strip():
        fail(f"only <{_ENGINE}> in <{_ENGINES}>", f"<{others[0]}>" if others else _loose(holder))
    return engines


def _loose(element: ET.Element) -> str:
    """Return the text of an element that is in none of its children."""
    return "".join(filter(None, (element.text, *(child.tail for child in element))))


def _xml_part(
    node: str | None,
    children: list[ET.Element],
    loose: str,
    roots: t.Collection[str],
    echo: str,
    *,
    prose: bool,
) -> list[Part]:
    if errors := [error for child in children for error in errors_in(child)]:
        return [Part(node, refusal="; ".join(error_message(error) for error in errors))]
    notes = [error_message(child) for child in children if child.tag == "rpc-error"]
    parts: list[Part] = []
    for child in children:
        if child.tag in (*_NEXT_TO_TABLE, "rpc-error"):
            continue
        if child.tag not in (*roots, "output"):
            _refuse(child.tag, roots)
        text = _text_in(child, notes, prose=prose)
        parts += [Part(node, element=child)] if text is None else text_parts(text, echo, prose=prose)
    if len(parts) > 1 and any(part.element is not None for part in parts):
        notes.append(Doubt(f"the reply has {len(parts)} tables"))
    if loose.strip() and parts:
        notes.append(Doubt(f"the text {excerpt(loose)} next to the table is not known"))
    elif loose.strip():
        # Some RPCs return text without an element around it.
        parts = text_parts(loose, echo, prose=prose)
    return _with_notes([replace(part, node=part.node or node) for part in parts] or [Part(node)], notes)


def _refuse(tag: str, roots: t.Collection[str]) -> t.NoReturn:
    if "services-" in tag or tag == "security-associations-information":
        fail("the reply of an SRX", f"<{tag}> of a services card")
    fail(f"<{next(iter(roots))}>", f"<{tag}>")


def _text_in(child: ET.Element, notes: list[str], *, prose: bool) -> str | None:
    """Return the text that an element has instead of a table; ``None`` where it has elements, and for a file."""
    printed = [child] if child.tag == "output" else child.findall("output")
    if not printed:
        return child.text if not prose and not len(child) and (child.text or "").strip() else None
    inside = [one for output in printed for one in output]
    others = inside if child in printed else [*inside, *(one for one in child if one not in printed)]
    notes += [Doubt(f"the element <{one.tag}> next to <output> is not known") for one in others]
    if child not in printed and _loose(child).strip():
        notes.append(Doubt(f"the text {excerpt(_loose(child))} next to <output> is not known"))
    return "\n".join("".join(one.itertext()) for one in printed)


def _with_notes(parts: list[Part], notes: t.Iterable[str]) -> list[Part]:
    return [replace(parts[0], notes=(*parts[0].notes, *notes)), *parts[1:]]
