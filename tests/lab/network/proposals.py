# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The predefined proposal sets, and the names of algorithms in the different replies.

The sets are from the command references of ``proposal-set`` (Junos, ike and ipsec) and of ``sec-level`` (ScreenOS),
which name the same proposals. Lifetimes are the documented defaults.
"""

from __future__ import annotations

from tests.lab.network.view import IkeProposal, IpsecProposal

IKE_LIFETIME = 28800
IPSEC_LIFETIME = 3600


def _ike(group: str, encryption: str, hash_: str | None, method: str = "pre-shared-keys") -> IkeProposal:
    return IkeProposal(method, group, encryption, hash_, IKE_LIFETIME)


def _esp(encryption: str, authentication: str | None, pfs: str | None = None) -> IpsecProposal:
    return IpsecProposal("esp", encryption, authentication, pfs, IPSEC_LIFETIME)


IKE_SETS: dict[str, tuple[IkeProposal, ...]] = {
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

IPSEC_SETS: dict[str, tuple[IpsecProposal, ...]] = {
    "basic": (_esp("des-cbc", "hmac-sha1-96"), _esp("des-cbc", "hmac-md5-96")),
    "compatible": (
        _esp("3des-cbc", "hmac-sha1-96"),
        _esp("3des-cbc", "hmac-md5-96"),
        _esp("des-cbc", "hmac-sha1-96"),
        _esp("des-cbc", "hmac-md5-96"),
    ),
    "standard": (_esp("3des-cbc", "hmac-sha1-96", "group2"), _esp("aes-128-cbc", "hmac-sha1-96", "group2")),
    "suiteb-gcm-128": (_esp("aes-128-gcm", None),),
    "suiteb-gcm-256": (_esp("aes-256-gcm", None),),
    "prime-128": (_esp("aes-128-gcm", None),),
    "prime-256": (_esp("aes-256-gcm", None),),
}

# ScreenOS words of `set ike p1-proposal` and `set ike p2-proposal`.
SCREENOS_ENCRYPTION = {
    "des": "des-cbc", "3des": "3des-cbc", "aes128": "aes-128-cbc", "aes192": "aes-192-cbc", "aes256": "aes-256-cbc",
}  # fmt: skip
SCREENOS_IKE_HASH = {"md5": "md5", "sha-1": "sha1", "sha1": "sha1", "sha2-256": "sha-256"}
SCREENOS_IPSEC_HASH = {
    "md5": "hmac-md5-96", "sha-1": "hmac-sha1-96", "sha1": "hmac-sha1-96", "sha2-256": "hmac-sha-256-128",
}  # fmt: skip

# Brief IPsec replies: `aes-cbc-256`, `aes-gcm-256`, `3des`, `des`.
BRIEF_ENCRYPTION = {
    "des-cbc": "des", "3des-cbc": "3des",
    "aes-128-cbc": "aes-cbc-128", "aes-192-cbc": "aes-cbc-192", "aes-256-cbc": "aes-cbc-256",
    "aes-128-gcm": "aes-gcm-128", "aes-192-gcm": "aes-gcm-192", "aes-256-gcm": "aes-gcm-256",
    "chacha20-poly1305": "chacha20-poly1305",
}  # fmt: skip
BRIEF_HASH = {
    "hmac-md5-96": "md5", "hmac-sha1-96": "sha1", "hmac-sha-256-128": "sha256", "hmac-sha-256-96": "sha256",
    "hmac-sha-384": "sha384", "hmac-sha-512": "sha512",
}  # fmt: skip
# Detailed IPsec replies: `aes-gcm (256 bits)`, `3des-cbc`.
DETAIL_ENCRYPTION = {
    "aes-128-cbc": "aes-cbc (128 bits)", "aes-192-cbc": "aes-cbc (192 bits)", "aes-256-cbc": "aes-cbc (256 bits)",
    "aes-128-gcm": "aes-gcm (128 bits)", "aes-192-gcm": "aes-gcm (192 bits)", "aes-256-gcm": "aes-gcm (256 bits)",
}  # fmt: skip
# Detailed IKE replies: `aes256-cbc`, `hmac-sha256-128`, `hmac-sha256`.
IKE_ENCRYPTION = {
    "aes-128-cbc": "aes128-cbc", "aes-192-cbc": "aes192-cbc", "aes-256-cbc": "aes256-cbc",
    "aes-128-gcm": "aes128-gcm", "aes-256-gcm": "aes256-gcm",
}  # fmt: skip
IKE_INTEGRITY = {
    "md5": "hmac-md5-96", "sha1": "hmac-sha1-96", "sha-256": "hmac-sha256-128", "sha-384": "hmac-sha384-192",
    "sha-512": "hmac-sha512-256",
}  # fmt: skip
IKE_PRF = {
    "md5": "hmac-md5", "sha1": "hmac-sha1", "sha-256": "hmac-sha256", "sha-384": "hmac-sha384",
    "sha-512": "hmac-sha512",
}  # fmt: skip
METHODS = {
    "pre-shared-keys": "Pre-shared-keys", "rsa-signatures": "RSA-signatures", "dsa-signatures": "DSS-signatures",
    "ecdsa-signatures-256": "ECDSA-256-signatures", "ecdsa-signatures-384": "ECDSA-384-signatures",
    "ecdsa-signatures-521": "ECDSA-521-signatures", "certificates": "Certificates",
    "digital-signature": "Digital-signature",
}  # fmt: skip


def dh_name(group: str | None) -> str:
    """Return ``group20`` as the replies print it."""
    return f"DH-group-{group[len('group') :]}" if group else "N/A"
