# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One comparable form for the different spellings of an algorithm, a group and a proxy identity."""

from __future__ import annotations

import ipaddress
import re
import typing as t

_Range = tuple[int, int]

# The longest lifetime of the predefined sets in seconds: Junos 9 uses 28800 for both phases.
SET_LIFETIME = 28800
# The part of a suite that the device does not report.
_UNKNOWN = "?"

_ADDRESSES = re.compile(r"(?:^|[(=])([0-9a-fA-F:.]+)(?:([-/])([0-9a-fA-F:.]+))?$")


def encryption(name: str | None) -> str | None:
    """Return ``aes256-cbc``, ``aes-256-cbc``, ``aes-cbc (256 bits)`` as ``aes-cbc-256``; ``None`` where unknown."""
    words = (name or "").lower()
    bits = re.search(r"128|192|256", words)
    if "3des" in words:
        return "3des"
    if "chacha20" in words:
        return "chacha20-poly1305"
    if "aes" in words:
        return f"aes-{'gcm' if 'gcm' in words else 'cbc'}-{bits.group(0) if bits else _UNKNOWN}"
    return "des" if re.match(r"des\b", words) else None


def authentication(name: str | None) -> str | None:
    """Return ``hmac-sha-256-128``, ``sha256`` as ``sha256``; ``None`` where unknown or part of the encryption."""
    words = (name or "").lower()
    if "md5" in words:
        return "md5"
    found = re.search(r"sha-?(256|384|512|1)?", words)
    return f"sha{found.group(1) or '1'}" if found else None


def group(name: str | None) -> str | None:
    """Return ``DH-group-19`` as ``group19``; ``None`` where it is not reported (``N/A``)."""
    found = re.search(r"group-?(\d+)", name or "")
    return f"group{found.group(1)}" if found else None


def suite(encryption_name: str | None, authentication_name: str | None) -> str:
    """Return both algorithms as one word, with ``?`` for an unknown part.

    AES-GCM and ChaCha20 authenticate by themselves; an authentication algorithm with them is ignored.
    """
    cipher = encryption(encryption_name) or encryption_name or _UNKNOWN
    if "gcm" in cipher or "poly1305" in cipher:
        return cipher
    return f"{cipher}/{authentication(authentication_name) or _UNKNOWN}"


def is_complete(name: str) -> bool:
    """Return whether every part of a suite is known."""
    return _UNKNOWN not in name


def identity(words: str | None) -> _Range | None:
    """Return the first and last address of a proxy identity as numbers; ``None`` where it is no range of addresses.

    kmd prints ``ipv4_subnet(any:0,[0..7]=192.0.2.0/24)``, iked ``ipv4(192.0.2.0-192.0.2.255)``.
    """
    found = _ADDRESSES.search((words or "").rstrip(") "))
    if found is None:
        return None
    first, sign, last = found.groups()
    try:
        if sign == "/":
            network = ipaddress.ip_network(f"{first}/{last}", strict=False)
            return int(network.network_address), int(network.broadcast_address)
        return int(ipaddress.ip_address(first)), int(ipaddress.ip_address(last if sign else first))
    except ValueError:
        return None


def network_range(network: str) -> _Range:
    """Return the first and last address of a network as numbers."""
    return t.cast(_Range, identity(network))
