# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The largest TCP MSS of a tunnel, against ESP packets that are built byte by byte."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import IpsecPolicy, Proposal
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import TunnelUnit
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.mss import PPPOE, largest_mss
from ansible_collections.hubspoke.srx.plugins.module_utils._report.segment_sizes import segment_sizes

from .sample_fleet import FLEET

# Encryption, authentication, bytes of the initialization vector, of a block and of the check value.
CIPHERS = [
    ("aes-256-gcm", None, 8, 4, 16),
    ("aes-128-gcm", None, 8, 4, 16),
    ("chacha20-poly1305", None, 8, 4, 16),
    ("aes-256-cbc", "hmac-sha-256-128", 16, 16, 16),
    ("aes-192-cbc", "hmac-sha-384", 16, 16, 24),
    ("aes-128-cbc", "hmac-sha1-96", 16, 16, 12),
    ("aes-128-cbc", "hmac-sha-256-96", 16, 16, 12),
    ("3des-cbc", "hmac-md5-96", 8, 8, 12),
    ("des-cbc", "hmac-sha-512", 8, 8, 32),
]


def policy(encryption: str, authentication: str | None) -> IpsecPolicy:
    return IpsecPolicy("p", "group19", None, (Proposal("q", encryption, authentication, None, 3600),))


def unit(mtu: int | None) -> TunnelUnit:
    return TunnelUnit("st0.0", "10.255.0.1/24", "10.255.0.1", "vpn", multipoint=False, mtu=mtu)


def packet(segment: int, vector: int, block: int, check: int, *, natted: bool) -> int:
    """Return the bytes of the outer packet for a TCP segment, with headers of IP and TCP inside, padded by RFC 4303."""
    inner = segment + 20 + 20
    padding = -(inner + 2) % block
    return 20 + (8 if natted else 0) + 8 + vector + inner + padding + 2 + check


@pytest.mark.parametrize("cipher", CIPHERS, ids=lambda cipher: f"{cipher[0]} {cipher[1]}")
@pytest.mark.parametrize("natted", [False, True])
@pytest.mark.parametrize("path", [1500, PPPOE])
def test_the_largest_segment_fills_the_path(
    cipher: tuple[str, str | None, int, int, int], natted: bool, path: int
) -> None:
    encryption, authentication, vector, block, check = cipher
    found = largest_mss(policy(encryption, authentication), [unit(None)], path, natted=natted)
    assert packet(found, vector, block, check, natted=natted) <= path
    assert packet(found + 1, vector, block, check, natted=natted) > path


def test_the_smaller_mtu_of_the_two_tunnel_interfaces_limits_it() -> None:
    wanted = policy("aes-256-gcm", None)
    assert largest_mss(wanted, [unit(1400), unit(1380)], natted=False) == 1340
    assert largest_mss(wanted, [unit(9192), unit(None)], natted=False) == 1406


def test_of_a_proposal_set_the_suite_with_most_overhead_counts() -> None:
    standard = IpsecPolicy("p", "group2", "standard", ())
    by_aes = largest_mss(policy("aes-128-cbc", "hmac-sha1-96"), [unit(None)], natted=False)
    by_3des = largest_mss(policy("3des-cbc", "hmac-sha1-96"), [unit(None)], natted=False)
    assert largest_mss(standard, [unit(None)], natted=False) == min(by_aes, by_3des) == 1398


def test_an_mss_or_an_mtu_of_its_own_is_told_with_the_largest_that_fits() -> None:
    hub, *spokes = FLEET.devices
    assert segment_sizes(FLEET) == []
    units = tuple(replace(unit, mtu=1400) for unit in hub.site.units)
    with_mtu = replace(hub, site=replace(hub.site, units=units), largest_mss=1360)
    large = [replace(spoke, mss=1450, largest_mss=1398) for spoke in spokes]
    names = ", ".join(spoke.host for spoke in spokes)
    assert segment_sizes(replace(FLEET, devices=(with_mtu, *large))) == [
        f"TCP MSS 1350, at most 1360 needs no fragments: {hub.host}.",
        f"TCP MSS 1450, more than the 1398 that need no fragments: {names}.",
    ]
