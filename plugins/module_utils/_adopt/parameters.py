# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""One VPN with all that it refers to, as parameters without names of objects, and the strength of its algorithms."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config, logical
from ansible_collections.hubspoke.srx.plugins.module_utils._config.proposals import Phase, dead_peer_detection, offer
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import Proposal

# Statements without a meaning for the other end, or compared elsewhere: keys by their decoded value, names of objects.
_NO_PARAMETERS = {
    "vpn": ("bind-interface", "ike gateway", "ike ipsec-policy", "description"),
    "gateway": ("ike-policy", "address", "dead-peer-detection", "description"),
    "ike policy": ("pre-shared-key", "proposals", "proposal-set", "description"),
    "ipsec policy": ("proposals", "proposal-set", "description"),
}
# Junos has these values where nothing is configured (CLI reference of each statement).
_DEFAULTS = {"gateway version": "v1-only", "ike policy mode": "main"}
# Bits of strength. A hash counts as much as its collisions cost; AES-GCM needs none.
_ENCRYPTION = {"des": 56, "3des": 112, "aes-128": 128, "aes-192": 192, "aes-256": 256}
_AUTHENTICATION = {"md5": 64, "sha1": 80, "sha-256": 128, "sha-384": 192, "sha-512": 256}
_DH = {
    "group1": 56, "group2": 80, "group5": 90, "group14": 112, "group24": 112, "group15": 128, "group19": 128,
    "group16": 150, "group20": 192, "group21": 256,
}  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    """The negotiated and local settings of a VPN. ``values`` are texts by name, as in ``gateway version``.

    ``strength`` are the bits of the weakest choice by the name of the parameter that makes it.
    ``addresses`` are those of the peer, the first one and its backups. ``unknown`` are statements that no inventory can
    express.
    """

    values: dict[str, str]
    strength: dict[str, int]
    addresses: tuple[str, ...]
    unknown: tuple[str, ...]


def parameters(config: Config, vpn: str) -> Parameters:
    """Return the parameters of a VPN, those of its gateway, policies and proposals included."""
    gateway = config.value("security ipsec vpn", vpn, "ike", "gateway")
    ike = config.value("security ike gateway", gateway, "ike-policy")
    ipsec = config.value("security ipsec vpn", vpn, "ike", "ipsec-policy")
    values = dict(_DEFAULTS)
    for kind, path in (
        ("vpn", ("security", "ipsec", "vpn", vpn)),
        ("gateway", ("security", "ike", "gateway", gateway)),
        ("ike policy", ("security", "ike", "policy", ike)),
        ("ipsec policy", ("security", "ipsec", "policy", ipsec)),
    ):
        for words in config.below(path):
            text = " ".join(words)
            if not text.startswith(_NO_PARAMETERS[kind]):
                name, value = (" ".join(words[:-1]), words[-1]) if len(words) > 1 else (text, "set")
                name = f"{kind} {name}"
                values[name] = f"{values[name]}, {value}" if name in values and name not in _DEFAULTS else value
    if (probes := dead_peer_detection(config.hierarchy, gateway)) is not None:
        values["gateway dead-peer-detection"] = f"{probes.mode} interval {probes.interval} threshold {probes.threshold}"
    proxy = "vpn ike proxy-identity"
    if any(name.startswith(proxy) for name in values):
        # Without one of them Junos names all addresses.
        values = {f"{proxy} local": "0.0.0.0/0", f"{proxy} remote": "0.0.0.0/0"} | values
    for interface in ("gateway external-interface", "vpn vpn-monitor source-interface"):
        if interface in values:
            values[interface] = logical(values[interface])
    strength: dict[str, int] = {"gateway version": 2 if values["gateway version"] == "v2-only" else 1}
    policies: tuple[tuple[Phase, str], ...] = (("ike", ike), ("ipsec", ipsec))
    for phase, policy in policies:
        values[f"{phase} proposals"], bits = _proposals(config, phase, policy)
        strength |= {f"{phase} proposals {what}": number for what, number in bits.items()}
    pfs = values.get("ipsec policy perfect-forward-secrecy keys", "")
    strength["ipsec policy perfect-forward-secrecy keys"] = _DH.get(pfs, 0)
    strength["ike policy mode"] = 0 if values["ike policy mode"] == "aggressive" else 1
    addresses = tuple(config.names("security ike gateway", gateway, "address"))
    return Parameters(values, strength, addresses, tuple(_unknown(config, vpn, gateway, ike)))


def _proposals(config: Config, phase: Phase, policy: str) -> tuple[str, dict[str, int]]:
    """Return the proposals of a policy as a text, in their order, and the strength of the weakest choices."""
    found = offer(config.hierarchy, phase, policy)
    texts = [f"proposal-set {found.proposal_set}"] if found.proposal_set else list(map(_text, found.proposals))
    offered = found.all or ()
    bits = {
        "encryption": min((_bits(_ENCRYPTION, one.encryption) for one in offered), default=0),
        "authentication": min(
            (
                256 if one.encryption.endswith("gcm") else _bits(_AUTHENTICATION, one.authentication or "")
                for one in offered
            ),
            default=0,
        ),
    }
    if phase == "ike":
        bits["dh-group"] = min((_DH.get(one.dh_group or "", 0) for one in offered), default=0)
    return "; ".join(texts), bits


def _text(one: Proposal) -> str:
    words = {
        "authentication-algorithm": one.authentication,
        "dh-group": one.dh_group,
        "encryption-algorithm": one.encryption,
        "lifetime-kilobytes": one.lifetime_kilobytes,
        "lifetime-seconds": one.lifetime_seconds,
        "method": one.method,
    }
    return " ".join(f"{name} {value}" for name, value in words.items() if value)


def _bits(table: t.Mapping[str, int], algorithm: str) -> int:
    """Return the bits of the longest name of a table in an algorithm; 0 without one."""
    return max((bits for name, bits in table.items() if name in algorithm), default=0)


# The identities by which an inventory tells spokes without a fixed address apart.
_KNOWN_BY = ("hostname", "inet", "user-at-hostname")


def _unknown(config: Config, vpn: str, gateway: str, ike: str) -> t.Iterator[str]:
    """Yield the statements without which the VPN is another one, and which no inventory has a variable for."""
    place = ("security", "ike", "gateway", gateway)
    for words in config.below(place):
        if words[0] in ("aaa", "xauth", "advpn") or (words[0] == "dynamic" and words[1] not in _KNOWN_BY):
            yield " ".join((*place, *words))
    place = ("security", "ike", "policy", ike)
    yield from (" ".join((*place, *words)) for words in config.below(place) if words[0] == "certificate")
    for name in config.names("security ike policy", ike, "proposals"):
        method = config.value("security ike proposal", name, "authentication-method")
        if method not in ("", "pre-shared-keys"):
            yield f"security ike proposal {name} authentication-method {method}"
    if config.names("security ipsec vpn", vpn, "manual"):
        yield f"security ipsec vpn {vpn} manual"
