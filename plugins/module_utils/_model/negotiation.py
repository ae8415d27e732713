# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What the two ends of a tunnel negotiate, as planned."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

IkeVersion = t.Literal["v1", "v2"]
KeyFormat = t.Literal["ascii", "hexadecimal"]
NO_PFS = "none"
"""The group that stands for phase 2 without a key exchange of its own."""


@dataclass(frozen=True)
class Proposal:
    """A proposal of phase 1 or 2, in the words of Junos.

    ``authentication`` is ``None`` where the encryption authenticates, ``dh_group`` is ``None`` in phase 2. ``method``
    is the authentication method of phase 1, and the protocol of phase 2. ``name`` is empty in a predefined set.
    """

    name: str
    encryption: str
    authentication: str | None
    dh_group: str | None
    lifetime_seconds: int
    lifetime_kilobytes: int | None = None
    method: str = "pre-shared-keys"


@dataclass(frozen=True)
class IkePolicy:
    """A phase 1 policy with ``proposal_set`` or ``proposals`` in order.

    ``key_of`` is the host whose pre-shared key it has, in ``key_format``.
    """

    name: str
    mode: str | None
    proposal_set: str | None
    proposals: tuple[Proposal, ...]
    key_of: str
    key_format: KeyFormat = "ascii"

    @property
    def offered(self) -> tuple[Proposal, ...]:
        """Return the own proposals, or those of the set."""
        return self.proposals or IKE_SETS.get(self.proposal_set or "", ())

    @property
    def weak(self) -> tuple[str, ...]:
        """Return the weak choices that phase 1 may come to."""
        return weak_of(self.offered) + (("aggressive mode",) if self.mode == "aggressive" else ())


@dataclass(frozen=True)
class IpsecPolicy:
    """A phase 2 policy with ``proposal_set`` or ``proposals`` in order; ``pfs_group`` may be ``none``."""

    name: str
    pfs_group: str
    proposal_set: str | None
    proposals: tuple[Proposal, ...]

    @property
    def offered(self) -> tuple[Proposal, ...]:
        """Return the own proposals, or those of the set."""
        return self.proposals or IPSEC_SETS.get(self.proposal_set or "", ())

    @property
    def weak(self) -> tuple[str, ...]:
        """Return the weak choices that phase 2 may come to."""
        found = weak_of(self.offered)
        return found if self.pfs_group not in WEAK or WEAK[self.pfs_group] in found else (*found, WEAK[self.pfs_group])


@dataclass(frozen=True)
class DeadPeerDetection:
    """``interval`` in seconds between probes; ``threshold`` unanswered probes mean a dead peer."""

    interval: int
    threshold: int
    mode: str = "probe-idle-tunnel"


WEAK = {
    "des-cbc": "DES",
    "3des-cbc": "3DES",
    "md5": "MD5",
    "hmac-md5-96": "MD5",
    "sha1": "SHA-1",
    "hmac-sha1-96": "SHA-1",
    "group1": "group1",
    "group2": "group2",
    "group5": "group5",
}
"""The algorithms and groups that are broken or soon will be, with the name that messages have for each."""


def weak_of(proposals: t.Iterable[Proposal]) -> tuple[str, ...]:
    """Return the weak algorithms and groups of proposals, each once."""
    words = (word for one in proposals for word in (one.encryption, one.authentication, one.dh_group))
    return tuple(dict.fromkeys(WEAK[word] for word in words if word in WEAK))


# --- the predefined sets ---

# Where no lifetime is configured: 28800 seconds in phase 1, 3600 in phase 2 (CLI reference).
IKE_LIFETIME, IPSEC_LIFETIME = 28800, 3600


def _ike(group: str, encryption: str, authentication: str | None, method: str = "pre-shared-keys") -> Proposal:
    return Proposal("", encryption, authentication, group, IKE_LIFETIME, method=method)


def _esp(encryption: str, authentication: str | None) -> Proposal:
    return Proposal("", encryption, authentication, None, IPSEC_LIFETIME, method="esp")


# What each has: CLI reference, proposal-set (Security IKE) and proposal-set (Security IPsec).
IKE_SETS: t.Mapping[str, tuple[Proposal, ...]] = {
    "basic": (_ike("group1", "des-cbc", "sha1"), _ike("group1", "des-cbc", "md5")),
    "compatible": (
        _ike("group2", "3des-cbc", "sha1"),
        _ike("group2", "3des-cbc", "md5"),
        _ike("group2", "des-cbc", "sha1"),
        _ike("group2", "des-cbc", "md5"),
    ),
    "standard": (_ike("group2", "3des-cbc", "sha1"), _ike("group2", "aes-128-cbc", "sha1")),
    "suiteb-gcm-128": (_ike("group19", "aes-128-cbc", "sha-256", "ecdsa-signatures-256"),),
    "suiteb-gcm-256": (_ike("group20", "aes-256-cbc", "sha-384", "ecdsa-signatures-384"),),
    "prime-128": (_ike("group19", "aes-128-gcm", None, "ecdsa-signatures-256"),),
    "prime-256": (_ike("group20", "aes-256-gcm", None, "ecdsa-signatures-384"),),
}
IPSEC_SETS: t.Mapping[str, tuple[Proposal, ...]] = {
    "basic": (_esp("des-cbc", "hmac-sha1-96"), _esp("des-cbc", "hmac-md5-96")),
    "compatible": (
        _esp("3des-cbc", "hmac-sha1-96"),
        _esp("3des-cbc", "hmac-md5-96"),
        _esp("des-cbc", "hmac-sha1-96"),
        _esp("des-cbc", "hmac-md5-96"),
    ),
    "standard": (_esp("3des-cbc", "hmac-sha1-96"), _esp("aes-128-cbc", "hmac-sha1-96")),
    "suiteb-gcm-128": (_esp("aes-128-gcm", None),),
    "suiteb-gcm-256": (_esp("aes-256-gcm", None),),
    "prime-128": (_esp("aes-128-gcm", None),),
    "prime-256": (_esp("aes-256-gcm", None),),
}
PFS_OF_SET = {"standard": "group2"}
"""The sets of phase 2 that have a group of their own."""
KEYED_SETS = ("basic", "compatible", "standard")
"""The sets of phase 1 that a pre-shared key can have: the others are for certificates."""
