# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read pre-shared keys. Only the draft has their values; no message shows one."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import KeyFormat
from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import EMPTY, HIDDEN, MISSING, kind_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table

# Junos takes 255 characters, and two of them are a byte.
_HEX_LIMIT = 254
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
# Junos decodes a key with one of these prefixes.
_ENCODED = ("$8$", "$9$")


def key_sharers(spokes: t.Iterable[Draft]) -> tuple[tuple[str, ...], ...]:
    """Return the spokes that have one key together, for each such key."""
    hosts: dict[bytes, list[str]] = {}
    for spoke in spokes:
        key = spoke.key or ""
        # The letter case of digits makes no other key.
        octets = bytes.fromhex(key) if spoke.key_format == "hexadecimal" else key.encode()
        hosts.setdefault(octets, []).append(spoke.host)
    return tuple(tuple(names) for names in hosts.values() if len(names) > 1)


def read_format(table: Table, profile: DeviceProfile) -> KeyFormat:
    """Return how the keys of a host are written, and note a format that the device does not take."""
    if table.choice("nhtb_key_format", ("ascii", "hexadecimal")) != "hexadecimal":
        return "ascii"
    if profile.by_operator:
        table.note("text_keys_only", "nhtb_key_format", "hexadecimal", platform=profile.title)
        return "ascii"
    return "hexadecimal"


def read_key(
    table: Table, profile: DeviceProfile, key_format: KeyFormat, *, needed: bool, variable: str = "nhtb_pre_shared_key"
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
    rules = profile.key
    if not key.strip():
        table.note("empty_key", variable, EMPTY)
    elif key_format == "hexadecimal":
        if len(key) > _HEX_LIMIT or not _HEX.fullmatch(key):
            table.note("bad_hex_key", variable, HIDDEN, limit=_HEX_LIMIT)
    elif len(key) > rules.longest:
        facts = {"length": len(key), "platform": profile.title, "limit": rules.longest}
        table.note("long_key", variable, HIDDEN, **facts)
    elif not re.fullmatch(rules.pattern, key):
        table.note("bad_key", variable, HIDDEN, platform=profile.title, allowed=rules.allowed)
    elif key.startswith(_ENCODED):
        table.note("encoded_key", variable, HIDDEN)
    return key
