# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read values of any type. Each method returns a valid value, or ``None`` after it has noted the problem."""

from __future__ import annotations

import difflib
import ipaddress
import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import HIDDEN, Problems, kind_of

# More digits than any range has, so that a number beyond one is told as such, and few enough for a float.
_INTEGER = re.compile(r"-?[0-9]{1,300}")
_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,10})?")
_ADDRESS = re.compile(r"([^/]+)/([0-9]{1,2})")
# The words that Ansible accepts as booleans, as INI inventories and --extra-vars pass them.
_FLAGS = dict.fromkeys(("true", "yes", "on", "1", "y", "t"), True) | dict.fromkeys(
    ("false", "no", "off", "0", "n", "f"), False
)
# The longest text that is no key, such as a path.
LONGEST_TEXT = 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_ADDRESS_BITS = 32
# A /31 has two addresses for hosts and no broadcast address (RFC 3021), a /32 has one.
_POINT_TO_POINT = 31


def nearest(name: str, known: t.Iterable[str], otherwise: str) -> str:
    """Return the remedy for an unknown name: the known name that resembles it, or ``otherwise``."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"Perhaps {close[0]} is meant" if close else otherwise


def reserved_addresses(network: ipaddress.IPv4Network) -> tuple[ipaddress.IPv4Address, ...]:
    """Return the addresses of a network that no host can have: its own and its broadcast address."""
    return () if network.prefixlen >= _POINT_TO_POINT else (network.network_address, network.broadcast_address)


def as_flag(value: t.Any) -> bool | None:
    """Return a boolean that is written as one or as Ansible's words for one; else ``None``."""
    if isinstance(value, bool):
        return value
    return _FLAGS.get(str(value).strip().lower()) if isinstance(value, (str, int)) else None


def as_integer(value: t.Any) -> int | None:
    """Return a whole number that is written as one or as text of ASCII digits; else ``None``."""
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None


def as_number(value: t.Any) -> int | float | None:
    """Return a number that is written as one or as text of ASCII digits; else ``None``."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


class Table:
    """The variables of one host, or a mapping in one of them; ``prefix`` precedes its keys in messages.

    Each reader takes the name of a key. ``needed`` is the remedy for a missing value; without it a value may be
    missing. ``looked_at`` are the names that have been read, ``misspelt`` those that an unknown name resembles.
    """

    def __init__(self, host: str, values: t.Mapping[str, t.Any], problems: Problems, prefix: str = "") -> None:
        self.host = host
        self.values = values
        self.problems = problems
        self.prefix = prefix
        self.looked_at: set[str] = set()
        self.misspelt: set[str] = set()

    def note(self, kind: str, name: str, value: object, **facts: object) -> None:
        """Note one problem of this host. ``facts`` fill the gaps of the kind's texts."""
        self.problems.add(kind, self.host, self.prefix + name, value, **facts)

    def value(self, name: str, needed: str = "") -> t.Any:
        """Return the value unchecked."""
        self.looked_at.add(name)
        value = self.values.get(name)
        if value is None and needed and name not in self.misspelt:
            self.note("missing", name, None, hint=needed)
        return value

    def text(self, name: str, needed: str = "", *, secret: bool = False) -> str | None:
        """Return a text that is not blank. A problem of a ``secret`` text hides its value."""
        value = self.value(name, needed)
        if value is None:
            return None
        if not isinstance(value, str):
            self.note("not_text", name, HIDDEN if secret else value, actual=kind_of(value))
            return None
        # Ansible passes tagged subclasses of str; a plan has plain ones.
        plain = str(value).strip()
        if not plain:
            self.note("missing", name, value, hint=needed or "Set it, or leave the variable out")
            return None
        if not plain.isprintable():
            self.note("unprintable", name, HIDDEN if secret else value)
            return None
        if len(plain) > LONGEST_TEXT:
            self.note("text_too_long", name, HIDDEN if secret else value, length=len(plain), limit=LONGEST_TEXT)
            return None
        return plain

    def name(self, name: str, what: str, limit: int, needed: str = "") -> str | None:
        """Return a name that Junos and ScreenOS accept for an object, of at most ``limit`` characters."""
        text = self.text(name, needed)
        if text is None:
            return None
        if not _NAME.fullmatch(text):
            self.note("bad_name", name, text, what=what)
            return None
        if len(text) > limit:
            facts = {"length": len(text), "limit": limit, "excess": len(text) - limit}
            self.note("name_too_long", name, text, made=shortened(text), **facts)
            return None
        return text

    def integer(
        self, name: str, low: int, high: int, hint: str = "Choose a number of the range", needed: str = ""
    ) -> int | None:
        """Return a whole number of a range."""
        value = self.value(name, needed)
        if value is None:
            return None
        number = as_integer(value)
        if number is None:
            self.note("not_integer", name, value)
            return None
        if not low <= number <= high:
            self.note("out_of_range", name, number, low=low, high=high, hint=hint)
            return None
        return number

    def number(self, name: str, low: float, high: float) -> float | None:
        """Return a number of a range, with or without decimals, such as seconds."""
        value = self.value(name)
        if value is None:
            return None
        number = as_number(value)
        if number is None:
            self.note("not_number", name, value)
            return None
        if not low <= number <= high:
            self.note("out_of_range", name, value, low=low, high=high, hint="Choose a number of the range")
            return None
        return float(number)

    def flag(self, name: str) -> bool | None:
        """Return a boolean."""
        value = self.value(name)
        flag = as_flag(value)
        if flag is None and value is not None:
            self.note("not_flag", name, value)
        return flag

    def choice(self, name: str, choices: t.Sequence[str]) -> str | None:
        """Return one of the choices."""
        text = self.text(name)
        if text is not None and text not in choices:
            self.note("not_a_choice", name, text, choices=", ".join(choices))
            return None
        return text

    def choose(self, name: str, choices: t.Collection[str]) -> None:
        """Check a list of at least one of the choices."""
        value = self.value(name)
        if value is None:
            return
        for one in (list(value) if isinstance(value, (list, tuple)) else [value]) or [None]:
            if not isinstance(one, str) or one not in choices:
                self.note("not_a_choice", name, one, choices=", ".join(choices))

    def interface_address(self, name: str, example: str, needed: str) -> ipaddress.IPv4Interface | None:
        """Return an IPv4 address of a host with its prefix length."""
        text = self.text(name, needed)
        if text is None:
            return None
        parts = _ADDRESS.fullmatch(text)
        if parts is None and self._address(name, text, text, example) is not None:
            self.note("no_prefix_length", name, text, example=example)
        if parts is None or self._address(name, parts[1], text, example) is None:
            return None
        if int(parts[2]) > _ADDRESS_BITS:
            self.note("not_an_address", name, text, example=example, suffix=" with a prefix length up to 32")
            return None
        interface = ipaddress.IPv4Interface(text)
        network = interface.network
        if interface.ip in reserved_addresses(network):
            at_start = interface.ip == network.network_address
            self.note("network_address" if at_start else "broadcast_address", name, text, network=network)
            return None
        return interface

    def ip(self, name: str, example: str, needed: str) -> ipaddress.IPv4Address | None:
        """Return an IPv4 address of a host without a prefix length."""
        text = self.text(name, needed)
        return None if text is None else self._address(name, text, text, example)

    def addresses(self, name: str, example: str, most: int) -> tuple[ipaddress.IPv4Address, ...]:
        """Return a list of at most ``most`` IPv4 addresses of hosts."""
        value = self.value(name)
        if value is None:
            return ()
        texts = list(value) if isinstance(value, (list, tuple)) else [value]
        if len(texts) > most:
            self.note("too_many", name, value, count=len(texts), most=most)
        found = (
            self._address(f"{name}[{index}]", str(text), str(text), example) for index, text in enumerate(texts[:most])
        )
        return tuple(address for address in found if address is not None)

    def _address(self, name: str, address: str, shown: str, example: str) -> ipaddress.IPv4Address | None:
        try:
            parsed = ipaddress.ip_address(address.partition("/")[0] if ":" in address else address)
        except ValueError:
            self.note("not_an_address", name, shown, example=example, suffix="")
            return None
        if isinstance(parsed, ipaddress.IPv6Address):
            self.note("ipv6", name, shown)
            return None
        if parsed.is_multicast or parsed.is_loopback or parsed.is_unspecified or parsed.is_reserved:
            self.note("special_address", name, shown)
            return None
        return parsed

    def table(self, name: str, keys: t.Sequence[str], needed: str) -> Table | None:
        """Return a mapping with the given keys."""
        value = self.value(name, needed)
        if value is None:
            return None
        return self.nested(value, name, keys)

    def tables(self, name: str, keys: t.Sequence[str], needed: str) -> list[Table]:
        """Return a list of mappings with the given keys."""
        value = self.value(name, needed)
        if value is None:
            return []
        if not isinstance(value, (list, tuple)):
            self.note("not_list", name, value, actual=kind_of(value))
            return []
        if not value:
            self.note("no_lan", name, value)
        rows = [self.nested(row, f"{name}[{index}]", keys) for index, row in enumerate(value)]
        return [row for row in rows if row is not None]

    def check_names(
        self,
        names: t.Iterable[object],
        known: t.Collection[str],
        otherwise: str,
        kind: str = "unknown_key",
        **facts: str,
    ) -> None:
        """Note each name that is not known. Where it resembles a known one, that is not missing: it is one mistake."""
        for name in [str(name) for name in names if name not in known]:
            self.misspelt.update(difflib.get_close_matches(name, known, n=1))
            # The value is hidden: a misspelt name may have a secret.
            self.note(kind, name, HIDDEN, hint=nearest(name, known, otherwise), **facts)

    def nested(self, value: object, name: str, keys: t.Sequence[str]) -> Table | None:
        """Return the mapping ``value`` as a table, and note each key that is not known."""
        if not isinstance(value, t.Mapping):
            self.note("not_mapping", name, value, actual=kind_of(value), keys=", ".join(keys))
            return None
        table = Table(self.host, value, self.problems, f"{self.prefix}{name}.")
        table.check_names(value, keys, f"Known are {', '.join(keys)}", parent=name)
        return table
