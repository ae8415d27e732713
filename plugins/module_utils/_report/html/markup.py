# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""HTML by construction: everything is escaped that an element of this file did not make."""

from __future__ import annotations

import html
import re
import typing as t

Value: t.TypeAlias = "str | int | float | bool | None"

# Characters that HTML does not allow, that a browser does not show, or that change the order of others: a device or an
# inventory may hold them. A tab and a line break stay.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_VOID = frozenset({"br", "hr", "input", "link", "meta"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def escape(value: object) -> Html:
    """Return a value as HTML: markup is text, and a character that cannot be seen is shown by its number."""
    visible = _INVISIBLE.sub(lambda found: f"\\u{ord(found.group()):04x}", str(value))
    return Html(html.escape(visible))


def join(parts: t.Iterable[object]) -> Html:
    """Return the parts as HTML, one after the other. None is nothing."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts if part is not None))


def element(tag: str, /, *children: object, **attributes: Value) -> Html:
    """Return an element. A child is HTML, or a value that is escaped; None is nothing.

    An attribute's name is written with underscores for hyphens and may end in one: ``class_``, ``aria_label``. An
    attribute of True has no value; one of None or False is absent.
    """
    opening = tag
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        opening += f" {attribute}" if value is True else f' {attribute}="{escape(value)}"'
    if tag in _VOID:
        return Html(f"<{opening}>")
    return Html(f"<{opening}>{join(children)}</{tag}>")


def number(value: float) -> str:
    """Return a number of SVG, in as few digits as a picture needs."""
    return f"{value:.1f}".removesuffix(".0")
