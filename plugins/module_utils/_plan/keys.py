# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read pre-shared keys. Only the draft has their values; no message shows one."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import KeyFormat
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Platform
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import EMPTY, HIDDEN, MISSING, kind_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table


class _Limits(t.NamedTuple):
    """The keys that a platform accepts; ``length`` in characters."""

    platform: str
    length: int
    pattern: re.Pattern[str]
    allowed: str


_LIMITS: dict[Platform, _Limits] = {
    "junos": _Limits("Junos", 255, re.compile(r"[ -~]*"), "printable ASCII characters only"),
    # The ScreenOS command line ends a string at the next double quote and shows its help at a question mark.
    "screenos": _Limits(
        "ScreenOS",
        128,
        re.compile(r"[!#->@-~]*"),
        "printable ASCII characters without spaces, double quotes and question marks",
    ),
}
# Junos takes 255 characters, and two of them are a byte.
_HEX_LIMIT = 254
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
# Junos decodes a key with one of these prefixes.
_ENCODED = ("$8$", "$9$")


def key_sharers(spokes: t.Iterable[Draft]) -> tuple[tuple[str, ...], ...]:
    """Return the spokes that have one key together, for each such key."""
    hosts: dict[tuple[str | None, KeyFormat], list[str]] = {}
    for spoke in spokes:
        hosts.setdefault((spoke.key, spoke.key_format), []).append(spoke.host)
    return tuple(tuple(names) for names in hosts.values() if len(names) > 1)


def read_format(table: Table, platform: Platform) -> KeyFormat:
    """Return how the keys of a host are written, and note a format that the platform does not take."""
    if table.choice("nhtb_key_format", ("ascii", "hexadecimal")) != "hexadecimal":
        return "ascii"
    if platform != "junos":
        table.note("text_keys_only", "nhtb_key_format", "hexadecimal", platform=_LIMITS[platform].platform)
        return "ascii"
    return "hexadecimal"


def read_key(
    table: Table, platform: Platform, key_format: KeyFormat, *, needed: bool, variable: str = "nhtb_pre_shared_key"
) -> str | None:
    """Return the pre-shared key of a host, ``None`` where there is none or it is not text; note each problem."""
    value = table.value(variable)
    if value is None:
        if needed:
            table.note("no_key", variable, MISSING)
        return None
    if not isinstance(value, str):
        table.note("key_not_text", variable, HIDDEN, actual=kind_of(value))
        return None
    key = str(value)
    limits = _LIMITS[platform]
    if not key.strip():
        table.note("empty_key", variable, EMPTY)
    elif key_format == "hexadecimal":
        if len(key) > _HEX_LIMIT or not _HEX.fullmatch(key):
            table.note("bad_hex_key", variable, HIDDEN, limit=_HEX_LIMIT)
    elif len(key) > limits.length:
        facts = {"length": len(key), "platform": limits.platform, "limit": limits.length}
        table.note("long_key", variable, HIDDEN, **facts)
    elif not limits.pattern.fullmatch(key):
        table.note("bad_key", variable, HIDDEN, platform=limits.platform, allowed=limits.allowed)
    elif key.startswith(_ENCODED):
        table.note("encoded_key", variable, HIDDEN)
    return key
