# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Single values of a reply: stripped, validated, converted to the form that observations use."""

from __future__ import annotations

import ipaddress
import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyNotUnderstood

# Characters of a reply that a message quotes.
_QUOTED = 80
_NUMBER = re.compile(r"[0-9]{1,20}")
_SPI = re.compile(r"[0-9a-f]{1,8}")
_LIFESIZE = re.compile(
    r"(?:Expires in )?\d+(?: kilobytes)?/?|Expired|Unlimited|unlim|Infinite|Disabled|None|N/A|-", re.IGNORECASE
)
_LIFETIME = re.compile(
    r"(?:Expires in )?\d+(?: seconds)?/?|Expired|Unlimited|unlim|Infinite|Disabled|None|N/A|-", re.IGNORECASE
)
_COOKIE = re.compile(r"[0-9a-f]{16}")
# An address with digits replaced before publication: X.X.X.X, 203.0.113.xxx, *.*.*.*, 2001:db8:xxxx::x.
_MASK = r"(?:[xX]{1,4}|[*#?]{1,4}|[A-Za-z])"
_MASKED = re.compile(
    rf"(?=.*[A-Za-z*#?])(?:(?:\d{{1,3}}|{_MASK})\.){{3}}(?:\d{{1,3}}|{_MASK})"
    r"|(?=.*[xX*#?])(?:[0-9a-fA-F]{0,4}|[xX]{1,4}|[*#?]{1,4})(?::(?:[0-9a-fA-F]{0,4}|[xX]{1,4}|[*#?]{1,4})){2,7}"
)


class Doubt(str):
    """A note on a part of a reply that was not read, or that contradicts another: rows may be missing or wrong."""

    __slots__ = ()


class Rows(t.NamedTuple):
    """The rows of a reply, ``notes`` on oddities of the reply, and ``counts`` of lines by their kind."""

    items: t.Sequence[t.Any]
    notes: t.Sequence[str] = ()
    counts: t.Mapping[str, int] = {}


def excerpt(line: str, *, quoted: bool = True) -> str:
    """Return text of a reply for a message: one line of at most 80 characters, masked, without control characters."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in line).split())
    plain = mask(plain)
    short = plain if len(plain) <= _QUOTED else f"{plain[:_QUOTED]}..."
    return f"'{short}'" if quoted else short


def fail(expected: str, actual: str) -> t.NoReturn:
    """Raise ReplyNotUnderstood for a line or value that no known layout explains."""
    raise ReplyNotUnderstood(f"expected {expected}, actual {excerpt(actual)}")


def plain_text(value: str | None) -> str | None:
    """Return a value in one line; ``None`` where it is absent or blank. Junos 24 pads values with newlines."""
    return " ".join(value.split()) or None if value else None


def child_text(element: ET.Element, path: str) -> str | None:
    """Return the stripped text at ``path``; ``None`` where absent or blank."""
    return plain_text(element.findtext(path))


def needed(value: str | None, name: str, where: str) -> str:
    """Return the value. Raise ReplyNotUnderstood where it is empty; ``name`` and ``where`` are for the message."""
    if not value:
        fail(f"{name} in every row", where)
    return value


def number(value: str, name: str) -> int:
    """Return a decimal number. Raise ReplyNotUnderstood."""
    value = value.strip()
    if not _NUMBER.fullmatch(value):
        fail(f"a number as {name}", value)
    return int(value)


def seconds(value: str | None) -> int | None:
    """Return the seconds in ``Expires in 27590 seconds``, ``27590`` or ``264/``; ``None`` for ``unlim``."""
    found = _NUMBER.search(value or "")
    return int(found.group(0)) if found else None


def lifetime(value: str | None, name: str) -> int | None:
    """Return the remaining seconds; ``None`` where absent, over or without a limit. Raise ReplyNotUnderstood."""
    if value and not _LIFETIME.fullmatch(value):
        fail(f"seconds as {name}", value)
    return seconds(value)


def kilobytes(value: str | None, name: str) -> int | None:
    """Return the remaining kilobytes; ``None`` where absent or without a limit. Raise ReplyNotUnderstood."""
    if value and not _LIFESIZE.fullmatch(value):
        fail(f"kilobytes as {name}", value)
    return seconds(value)


def address(value: str, name: str) -> str:
    """Return an IP address in its shortest spelling, a masked one as printed. Raise ReplyNotUnderstood."""
    value = value.strip()
    if is_masked(value):
        return value
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        fail(f"an IP address as {name}", value)


def network(value: str, name: str) -> str:
    """Return a network without host bits, a masked one as printed. Raise ReplyNotUnderstood."""
    if is_masked(value.partition("/")[0]):
        return value
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        fail(f"a network as {name}", value)


def is_masked(value: str) -> bool:
    """Return whether digits of an address were replaced by letters or signs, as in X.X.X.X."""
    return not is_address(value) and _MASKED.fullmatch(value) is not None


def is_address(value: str) -> bool:
    """Return whether the text is one IP address."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def spi(value: str, *, decimal: bool = False) -> str:
    """Return an SPI as eight lower-case hexadecimal digits. Raise ReplyNotUnderstood.

    kmd drops leading zeros, iked prefixes 0x, and Junos 9 prints ``decimal`` numbers.
    """
    digits = value.strip().lower().removeprefix("0x")
    if decimal and _NUMBER.fullmatch(digits):
        digits = f"{int(digits):x}"
    if not _SPI.fullmatch(digits):
        fail("an SPI", value)
    return digits.zfill(8)


def cookie(value: str, name: str) -> str:
    """Return a cookie as sixteen lower-case hexadecimal digits. Raise ReplyNotUnderstood."""
    digits = value.strip().lower().removeprefix("0x")
    if not _COOKIE.fullmatch(digits):
        fail(f"sixteen hexadecimal digits as {name}", value)
    return digits


def column_order(header: str, titles: t.Mapping[str, str]) -> list[str] | None:
    """Return the keys in the order of their titles in a header line; ``None`` where a title is missing or unknown.

    ``titles`` maps each key to the regular expression of its title. Releases order the columns differently.
    """
    places: dict[str, tuple[int, int]] = {}
    for key, title in titles.items():
        found = re.search(rf"(?<!\S){title}(?!\S)", header, re.IGNORECASE)
        if found is None:
            return None
        places[key] = found.span()
    rest = header
    for begin, end in places.values():
        rest = f"{rest[:begin]}{' ' * (end - begin)}{rest[end:]}"
    return None if rest.strip() else sorted(places, key=lambda key: places[key])
