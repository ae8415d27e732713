# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""An XML element that records which of its content was read, so that the rest becomes notes."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import (
    Doubt,
    excerpt,
    fail,
    needed,
    number,
    plain_text,
)


class _Read(t.NamedTuple):
    """The elements of one reply that were read, and those whose text, and text behind them, was read."""

    elements: set[ET.Element]
    texts: set[ET.Element]
    tails: set[ET.Element]


class Element:
    """One element of a reply. Every method that returns content records it as read."""

    def __init__(self, element: ET.Element, read: _Read | None = None) -> None:
        self._element = element
        self._read = read or _Read(set(), set(), set())

    @property
    def tag(self) -> str:
        return self._element.tag

    @property
    def own_text(self) -> str:
        """Return the text of the element itself, in one line."""
        self._read.texts.add(self._element)
        return plain_text(self._element.text) or ""

    def attribute(self, name: str) -> str | None:
        """Return an attribute; ``None`` where absent."""
        return self._element.get(name)

    def children(self, *tags: str) -> list[Element]:
        """Return the children with one of the tags, in the order of the reply."""
        found = [child for child in self._element if child.tag in tags]
        self._read.elements.update(found)
        return [Element(child, self._read) for child in found]

    def child(self, path: str) -> Element | None:
        """Return the first element at a path; ``None`` where absent."""
        element: ET.Element | None = self._element
        for tag in path.split("/"):
            element = element.find(tag) if element is not None else None
            if element is not None:
                self._read.elements.add(element)
        return None if element is None else Element(element, self._read)

    def text(self, path: str) -> str | None:
        """Return the text at a path; ``None`` where absent or blank."""
        found = self.child(path)
        return found.own_text or None if found else None

    def number(self, path: str) -> int | None:
        """Return the number at a path; ``None`` where absent. Raise ReplyNotUnderstood."""
        value = self.text(path)
        return None if value is None else number(value, path)

    def needed(self, path: str, where: str | None = None) -> str:
        """Return the text at a path. Raise ReplyNotUnderstood where it is missing."""
        return needed(self.text(path), path, where or self.tag)

    def all_text(self) -> t.Iterator[str]:
        """Yield every piece of text in the element, in the order of the reply."""
        self._read.elements.update(self._element.iter())
        self._read.texts.update(self._element.iter())
        self._read.tails.update(self._element.iter())
        return self._element.itertext()

    def unread(self, unused: t.Collection[str]) -> list[str]:
        """Return a note for everything that was not read. Elements named in ``unused`` have nothing that is needed."""
        return list(_unread(self._element, self._read, unused))

    def require_nothing_unread(self, unused: t.Collection[str]) -> None:
        """Raise ReplyNotUnderstood where the element has content that was not read."""
        for child in self._element:
            if child not in self._read.elements and child.tag not in unused:
                fail(f"rows in <{self.tag}>", f"<{child.tag}>")
        if note := next(iter(self.unread(unused)), None):
            fail(f"rows in <{self.tag}>", note)


def _unread(element: ET.Element, read: _Read, unused: t.Collection[str]) -> t.Iterator[str]:
    children = list(element)
    loose = [child.tail for child in children if child not in read.tails]
    if element not in read.texts:
        loose.append(element.text)
    for text in loose:
        if text and text.strip():
            yield Doubt(f"the text {excerpt(text)} in <{element.tag}> is not known")
    known = {child.tag for child in children if child in read.elements}
    for child in children:
        if child in read.elements:
            yield from _unread(child, read, unused)
        elif child.tag in known:
            yield Doubt(f"the element <{child.tag}> occurs again")
        elif child.tag not in unused:
            note = f"the element <{excerpt(child.tag, quoted=False)}> is not known"
            # A leaf adds a value to a row. An element with children may be a row.
            yield Doubt(note) if len(child) else note
