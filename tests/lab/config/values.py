# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Value types of statements, read from the statement data, and their checks of values."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from dataclasses import dataclass
from functools import cache

Release = tuple[int, int]


def release_of(text: str) -> Release:
    """Return ``"23.2R1-S2"`` as ``(23, 2)``: main releases add and remove statements, service releases do not."""
    found = re.match(r"(\d+)\.(\d+)", text)
    if found is None:
        raise ValueError(f"not a Junos release: {text!r}")
    return int(found[1]), int(found[2])


@dataclass(frozen=True)
class Bounds:
    """First and last release that know a statement or value; None is open."""

    since: Release | None = None
    until: Release | None = None

    @classmethod
    def read(cls, text: str) -> Bounds:
        """Return the bounds of ``"23.2"`` (from that release on) or ``"-21.2"`` (up to that release)."""
        if text.startswith("-"):
            return cls(until=release_of(text[1:]))
        return cls(since=release_of(text))

    def hold(self, release: Release) -> bool:
        """Return whether ``release`` is within the bounds."""
        return (self.since is None or release >= self.since) and (self.until is None or release <= self.until)


@dataclass(frozen=True)
class ValueType:
    """The type of a leaf or key.

    ``family`` is text, int, enum, empty or the name of a format; ``low`` and ``high`` bound a number or a length.
    """

    family: str
    low: int = 0
    high: int = 0
    pattern: str = ""
    members: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Return whether a statement of this type has no value."""
        return self.family == "empty"

    @property
    def numeric(self) -> bool:
        """Return whether values are whole numbers."""
        return self.family == "int"

    def problem(self, value: str, wild: bool = False) -> str | None:
        """Return the fault of ``value``, or None; ``wild`` allows ``<pattern>`` as groups do."""
        if wild and value.startswith("<") and value.endswith(">"):
            return None
        return _CHECKS[self.family](self, value)


EMPTY = ValueType("empty")


def _check_empty(_kind: ValueType, value: str) -> str | None:
    return None if value == "" else "syntax error"


def _check_text(kind: ValueType, value: str) -> str | None:
    if kind.high and not kind.low <= len(value) <= kind.high:
        return f"Length {len(value)} is not within range ({kind.low}..{kind.high})"
    if kind.pattern and not _regex(kind.pattern).search(value):
        return f"invalid value '{value}': must match {kind.pattern}"
    return None


def _check_int(kind: ValueType, value: str) -> str | None:
    if not re.fullmatch(r"-?\d{1,20}", value):
        return f"invalid value '{value}': must be a number"
    if not kind.low <= int(value) <= kind.high:
        return f"Value {value} is not within range ({kind.low}..{kind.high})"
    return None


def _check_enum(kind: ValueType, value: str) -> str | None:
    return None if value in kind.members else f"invalid value '{value}': must be one of {', '.join(kind.members)}"


def _address(value: str, version: int, length: str) -> str | None:
    """Return the fault of an address; ``length`` says whether a prefix length may, must or must not follow it."""
    host, slash, bits = value.partition("/")
    if (length == "must" and not slash) or (length == "not" and slash):
        return f"invalid value '{value}': prefix length {'is missing' if length == 'must' else 'is not allowed'}"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"invalid value '{value}': must be an IP address"
    if version and address.version != version:
        return f"invalid value '{value}': must be an IPv{version} address"
    if slash and not (bits.isdigit() and int(bits) <= address.max_prefixlen):
        return f"invalid value '{value}': prefix length must be within 0..{address.max_prefixlen}"
    return None


_UNIT = re.compile(r"[a-z]+[a-z0-9]*(-\d+/\d+/\d+(:\d+)?)?(\.\d+)?\Z")
_HOST = re.compile(r"[A-Za-z0-9._-]+\Z")


def _check_unit(_kind: ValueType, value: str) -> str | None:
    return None if _UNIT.match(value) else f"invalid value '{value}': must be an interface"


def _check_device(_kind: ValueType, value: str) -> str | None:
    return None if _UNIT.match(value) and "." not in value else f"invalid interface type in '{value}'"


def _check_hop(kind: ValueType, value: str) -> str | None:
    if _address(value, 0, "not") is None or (_check_unit(kind, value) is None and not value.isalpha()):
        return None
    return f"invalid value '{value}': must be an IP address or an interface"


def _check_host(_kind: ValueType, value: str) -> str | None:
    if _address(value, 0, "not") is None or _HOST.match(value):
        return None
    return f"invalid ip address or hostname: {value}"


def _check_area(_kind: ValueType, value: str) -> str | None:
    if value.isdigit() or _address(value, 4, "not") is None:
        return None
    return f"invalid value '{value}': must be an area identifier"


_CHECKS: dict[str, t.Callable[[ValueType, str], str | None]] = {
    "empty": _check_empty,
    "text": _check_text,
    "int": _check_int,
    "enum": _check_enum,
    "unit": _check_unit,
    "device": _check_device,
    "hop": _check_hop,
    "host": _check_host,
    "area": _check_area,
    "ip": lambda _kind, value: _address(value, 0, "not"),
    "ip4": lambda _kind, value: _address(value, 4, "not"),
    "ip6": lambda _kind, value: _address(value, 6, "not"),
    "prefix": lambda _kind, value: _address(value, 0, "may"),
    "prefix!": lambda _kind, value: _address(value, 0, "must"),
    "prefix4": lambda _kind, value: _address(value, 4, "may"),
    "prefix6": lambda _kind, value: _address(value, 6, "may"),
}


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def read_type(text: str, release: Release, named: t.Mapping[str, str]) -> ValueType:
    """Return one type of the statement data for one release.

    Forms: ``ip``; ``text(1..32 /regex/)``; ``int(2..60)`` or, with release bounds, ``int(10..60@-17.4 2..60@18.1)``;
    ``enum(group1 group21@23.2)``; the name of a type defined in the data. Raise ValueError.
    """
    text = named.get(text, text)
    found = re.fullmatch(r"([a-z0-9!]+)(?:\((.*)\))?", text)
    if found is None or found[1] not in _CHECKS:
        raise ValueError(f"unknown type {text!r}")
    family, arguments = found[1], found[2] or ""
    if family == "enum":
        return ValueType(family, members=tuple(_bounded(arguments, release)))
    if family == "int":
        low, high = _span(next(iter(_bounded(arguments, release)), ""))
        return ValueType(family, low, high)
    if family == "text" and arguments:
        span, _sep, pattern = arguments.partition(" ")
        low, high = _span(span)
        return ValueType(family, low, high, pattern.strip("/"))
    return ValueType(family)


def _bounded(arguments: str, release: Release) -> t.Iterator[str]:
    for word in arguments.split():
        # "@" is also part of names such as aes128-gcm@openssh.com: a bound is a number after the last one
        found = re.fullmatch(r"(.+)@(-?\d+\.\d+)", word)
        if found is None:
            yield word
        elif Bounds.read(found[2]).hold(release):
            yield found[1]


def _span(text: str) -> tuple[int, int]:
    low, dots, high = text.partition("..")
    if not dots:
        raise ValueError(f"not a range: {text!r}")
    return int(low), int(high)
