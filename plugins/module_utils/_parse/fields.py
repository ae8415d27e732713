# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Single values of a reply: stripped, checked, turned into the form the observations use."""

from __future__ import annotations

import ipaddress
import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood

_LONGEST = 80
_NUMBER = re.compile(r"[0-9]{1,20}")
_SPI = re.compile(r"[0-9a-f]{1,8}")
_COOKIE = re.compile(r"[0-9a-f]{16}")

# What a parser of one reply hands back: its rows and what looked odd.
Rows = tuple[list[t.Any], list[str]]


def unreadable(line: str, quoted: bool = True) -> str:
    """A line of a reply as it may stand in a message: one line, short, no secret, no control characters."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in line).split())
    plain = mask(plain)
    short = plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}..."
    return f"'{short}'" if quoted else short


def fail(expected: str, actual: str) -> t.NoReturn:
    """Raise ReplyNotUnderstood for a line or value that no known layout explains."""
    raise ReplyNotUnderstood(f"expected {expected}, actual {unreadable(actual)}")


def child_text(element: ET.Element, path: str) -> str | None:
    """The stripped text below ``path``; ``None`` where it is absent or blank. Junos 24 pads values with newlines."""
    value = element.findtext(path)
    return " ".join(value.split()) or None if value else None


def child_number(element: ET.Element, path: str) -> int | None:
    """A number below ``path``; ``None`` where it is absent."""
    value = child_text(element, path)
    return None if value is None else number(value, path)


def needed(value: str | None, what: str, where: str) -> str:
    """The value itself. Raises ReplyNotUnderstood where a reply that must have it has it not."""
    if not value:
        fail(f"{what} in every row", where)
    return value


def number(value: str, what: str) -> int:
    """A decimal number."""
    value = value.strip()
    if not _NUMBER.fullmatch(value):
        fail(f"a number as {what}", value)
    return int(value)


def seconds(value: str | None) -> int | None:
    """C(Expires in 27590 seconds), C(27590) or C(264/) as seconds; ``None`` where no number stands (C(unlim))."""
    found = _NUMBER.search(value or "")
    return int(found.group(0)) if found else None


def address(value: str, what: str) -> str:
    """An IP address in its shortest spelling."""
    try:
        return str(ipaddress.ip_address(value.strip()))
    except ValueError:
        fail(f"an IP address as {what}", value)


def is_address(value: str) -> bool:
    """Whether the text is one IP address."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def spi(value: str, decimal: bool = False) -> str:
    """Eight lower-case hexadecimal digits. kmd drops leading zeros, iked prefixes 0x, and Junos 9 printed decimals."""
    digits = value.strip().lower().removeprefix("0x")
    if decimal and _NUMBER.fullmatch(digits):
        digits = f"{int(digits):x}"
    if not _SPI.fullmatch(digits):
        fail("an SPI", value)
    return digits.zfill(8)


def cookie(value: str, what: str) -> str:
    """Sixteen lower-case hexadecimal digits."""
    digits = value.strip().lower().removeprefix("0x")
    if not _COOKIE.fullmatch(digits):
        fail(f"sixteen hexadecimal digits as {what}", value)
    return digits


def labelled(block: str, label: str) -> str | None:
    """The value after C(label:) in detail text, where a line may hold several, separated by a comma and a blank."""
    title = rf"(?:^[ \t]*(?:,[ \t]*)?|,\s+){re.escape(label)}\s*:[ \t]*"
    found = re.search(rf"{title}(.*?)[ \t]*(?=,\s|,?$)", block, re.MULTILINE)
    return found.group(1) or None if found else None


def column_order(header: str, titles: t.Mapping[str, str]) -> list[str] | None:
    """Keys in the order in which their titles stand in a header line; ``None`` if one is missing.

    ``titles`` maps key to regular expression. Columns changed places between releases: never count on positions.
    """
    places: dict[str, int] = {}
    for key, title in titles.items():
        found = re.search(rf"(?<!\w){title}(?!\w)", header, re.IGNORECASE)
        if found is None:
            return None
        places[key] = found.start()
    return sorted(places, key=lambda key: places[key])
