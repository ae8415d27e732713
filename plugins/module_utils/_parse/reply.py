# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The reply of a device as one part per routing engine: XML elements, or lines of text."""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from xml.parsers import expat

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import child_text, excerpt

MAYBE_CUT = "the text does not end with a line end: its last row may be cut"

# Rows of "show security ipsec security-associations" begin with "<131073" too.
_MARKUP = re.compile(r"<[A-Za-z_?!/]")
_ENVELOPE = re.compile(r"<((?:[\w-]{1,64}:)?rpc-reply)\b")
_END_OF_TAG = re.compile(r"\s*>")
_NODE = re.compile(r"(node\d+):")
# Lines that the CLI adds: rulers, prompts, the pager.
_DECORATION = re.compile(
    r"-{10,}|\{[a-z-]+(?::\w+)?\}(?:\[edit.*\])?|---\(more.*\)---|[^\s@]+@[^\s>#%]+[>#%].*|\^C|\]\]>\]\]>"
)
_REFUSAL = re.compile(
    r"error:\s*(?P<message>.*)|(?:syntax error|unknown command|permission denied|cannot proceed,"
    r"|configuration database (?:locked|modified)|the routing subsystem is not running).*",
    re.IGNORECASE,
)
_WARNING = re.compile(r"warning:\s*(.*)", re.IGNORECASE)
# No Junos reply is nested that deep; deeper XML would exhaust the stack of the reader.
_DEEPEST = 100


@dataclass(frozen=True)
class Part:
    """The reply of one routing engine: an ``element``, ``lines``, or the message of a ``refusal``.

    All three are ``None`` where an XML reply has no table.
    """

    node: str | None = None
    element: ET.Element | None = None
    lines: tuple[str, ...] | None = None
    refusal: str | None = None
    notes: tuple[str, ...] = ()


def read(reply: str | bytes, roots: t.Collection[str], echo: str, *, prose: bool = False) -> list[Part]:
    """Split a reply into parts. ``roots`` are the elements that hold the table, ``echo`` is the command as typed.

    In ``prose`` a line in the form of an error is a refusal only where it is the only line. Raise ReplyNotUnderstood
    where the XML is not well-formed or holds another table.
    """
    text = decoded(reply)
    if _MARKUP.match(text.lstrip()) or _envelope(text):
        return _xml_parts(tree(text), roots, echo)
    parts = _text_parts(text, echo, prose=prose)
    if text.strip() and not text.rstrip(" \t").endswith("\n"):
        parts[-1] = _with_note(parts[-1], MAYBE_CUT)
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
    open_elements = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal open_elements
        open_elements += 1
        if open_elements > _DEEPEST:
            raise ReplyNotUnderstood(f"expected a Junos reply, actual XML nested more than {_DEEPEST} deep")
        builder.start(_local(tag), {_local(name): value for name, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal open_elements
        open_elements -= 1
        builder.end(_local(tag))

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
    what = child_text(error, "error-info/bad-element") or child_text(error, "statement")
    return mask(" ".join(filter(None, (where, words.removeprefix("error: "), f"({what})" if what else None))))


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _xml_parts(root: ET.Element, roots: t.Collection[str], echo: str) -> list[Part]:
    # On a cluster the wrapper encloses the table; the schema of some replies also allows it inside.
    items = list(root.iter("multi-routing-engine-item"))
    if not items:
        return _xml_part(None, [root] if root.tag != "rpc-reply" else list(root), roots, echo)
    parts: list[Part] = []
    for item in items:
        parts += _xml_part(child_text(item, "re-name"), list(item), roots, echo)
    return parts


def _xml_part(node: str | None, children: list[ET.Element], roots: t.Collection[str], echo: str) -> list[Part]:
    for child in children:
        if errors := errors_in(child):
            return [Part(node, refusal="; ".join(error_message(error) for error in errors))]
    parts: list[Part] = []
    for child in children:
        if child.tag in ("re-name", "cli", "ok"):
            continue
        printed = [child] if child.tag == "output" else child.findall("output")
        if child.tag in (*roots, "output") and printed:
            parts += [_named(part, node) for part in _text_parts("\n".join(one.text or "" for one in printed), echo)]
        elif child.tag in roots:
            parts.append(Part(node, element=child))
        elif "services-" in child.tag or child.tag == "security-associations-information":
            raise ReplyNotUnderstood(f"expected the reply of an SRX, actual <{child.tag}> of a services card")
        elif child.tag != "rpc-error":
            raise ReplyNotUnderstood(f"expected <{next(iter(roots))}>, actual <{excerpt(child.tag)}>")
    return parts or [Part(node)]


def _text_parts(text: str, echo: str, *, prose: bool = False) -> list[Part]:
    sections: list[tuple[str | None, list[str]]] = [(None, [])]
    for line in text.splitlines():
        stripped = line.strip()
        if node := _NODE.fullmatch(stripped):
            sections.append((node.group(1), []))
        elif stripped and not _DECORATION.fullmatch(stripped) and not _is_echo(stripped, echo):
            sections[-1][1].append(line.rstrip())
    if len(sections) > 1 and not sections[0][1]:
        del sections[0]
    return [
        Part(node, lines=tuple(lines)) if prose and len(lines) > 1 else _text_part(node, lines)
        for node, lines in sections
    ]


def _text_part(node: str | None, lines: list[str]) -> Part:
    notes: list[str] = []
    kept: list[str] = []
    for line in lines:
        if refusal := _REFUSAL.match(line.strip()):
            return Part(node, refusal=excerpt(refusal.group("message") or refusal.group(0), quoted=False))
        if warning := _WARNING.match(line.strip()):
            notes.append(excerpt(warning.group(1), quoted=False))
        else:
            kept.append(line)
    return Part(node, lines=tuple(kept), notes=tuple(notes))


def _is_echo(line: str, echo: str) -> bool:
    return line == echo or line.startswith((f"{echo} ", f"{echo}|"))


def _named(part: Part, node: str | None) -> Part:
    return Part(part.node or node, None, part.lines, part.refusal, part.notes)


def _with_note(part: Part, note: str) -> Part:
    return Part(part.node, part.element, part.lines, part.refusal, (*part.notes, note))
