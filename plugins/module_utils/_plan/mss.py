# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The largest TCP segment that a tunnel carries in one packet: ESP in tunnel mode (RFC 4303), with NAT-T or without."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import IpsecPolicy
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import TunnelUnit

# Bytes of the largest IP packet of an Ethernet WAN, and of one with PPPoE (RFC 2516).
ETHERNET, PPPOE = 1500, 1492
_IP, _TCP, _UDP = 20, 20, 8
# SPI and sequence number before the encrypted part, length of the padding and next header at its end.
_ESP_HEADER, _ESP_TRAILER = 8, 2
_ALIGNMENT = 4


class _Cipher(t.NamedTuple):
    """Bytes of the initialization vector of each packet, of a block, and of the check value of an AEAD cipher."""

    vector: int
    block: int
    check: int = 0


_CIPHERS = {
    "des": _Cipher(8, 8),
    "3des": _Cipher(8, 8),
    "aes": _Cipher(16, 16),
    "gcm": _Cipher(8, _ALIGNMENT, 16),
    "chacha20": _Cipher(8, _ALIGNMENT, 16),
}
# Bytes of the check value by hash: half of it, except for those that are cut to 96 bits.
_CHECKS = {"md5": 12, "sha1": 12, "sha-256-96": 12, "sha-256": 16, "sha-384": 24, "sha-512": 32}


def mss_of(tunnel: Tunnel) -> int:
    """Return the largest MSS in bytes that needs no fragment in a tunnel, by its WANs and by NAT between them."""
    ends = (tunnel.local, tunnel.peer)
    path = PPPOE if any(end.wan.addressing == "pppoe" for end in ends) else ETHERNET
    natted = any(end.wan.behind_nat or end.wan.public_address for end in ends)
    return largest_mss(tunnel.ipsec_policy, [end.unit for end in ends], path, natted=natted)


def largest_mss(policy: IpsecPolicy, units: t.Iterable[TunnelUnit], path: int = ETHERNET, *, natted: bool) -> int:
    """Return the largest MSS in bytes that needs no fragment: over the path, and on the st0 units of both ends.

    ``path`` is the largest IP packet of the way between the peers. Of several proposals the one with most overhead
    counts, since either end may choose it.
    """
    room = path - _IP - (_UDP if natted else 0)
    inner = min(_inner(room, one.encryption, one.authentication) for one in policy.offered)
    return min(inner, *(unit.mtu or inner for unit in units)) - _IP - _TCP


def _inner(room: int, encryption: str, authentication: str | None) -> int:
    """Return the largest inner packet for an ESP packet of ``room`` bytes behind the outer headers."""
    cipher = next(_CIPHERS[name] for name in ("gcm", "chacha20", "aes", "3des", "des") if name in encryption)
    check = cipher.check or next(size for name, size in _CHECKS.items() if name in (authentication or "sha1"))
    encrypted = room - _ESP_HEADER - cipher.vector - check
    return encrypted - encrypted % cipher.block - _ESP_TRAILER
