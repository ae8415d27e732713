# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The parameters of one end in a negotiation, read from a configuration: the planned one or that in effect."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._config.proposals import Phase, offer
from ansible_collections.hubspoke.srx.plugins.module_utils._model.negotiation import PFS_OF_SET
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Tunnel

# Returns the plain form of a stored key; ``None`` where only the device can decode it.
KeyReader = t.Callable[[str], "str | None"]
Identity = tuple[str, str]

_IDENTITIES = ("inet", "inet6", "hostname", "user-at-hostname", "key-id", "distinguished-name")
_IKE_PARTS = ("authentication-method", "dh-group", "encryption-algorithm", "authentication-algorithm")
_ESP_PARTS = ("protocol", "encryption-algorithm", "authentication-algorithm")


@dataclass(frozen=True)
class Parameter:
    """A parameter: its statement, its value (``None``: unknown or not set), and the text that messages show for it."""

    statement: str
    value: t.Any = field(repr=False)
    shown: str


Parameters = t.Mapping[str, Parameter]


def unit_of(interface: str) -> tuple[str, str, str]:
    """Return the words of a logical interface below ``interfaces``. A name without a unit is unit 0."""
    device, _dot, unit = interface.partition(".")
    return device, "unit", unit or "0"


def addresses(config: Hierarchy, interface: str | None) -> list[str]:
    """Return the inet addresses of a logical interface, with prefix length."""
    return config.names("interfaces", *unit_of(interface), "family", "inet", "address") if interface else []


def phase1(config: Hierarchy, tunnel: Tunnel, key: KeyReader) -> Parameters:
    """Return the parameters of phase 1; empty where the gateway is not configured."""
    gateway = ("security", "ike", "gateway", tunnel.gateway)
    if not config.has(*gateway):
        return {}
    where = " ".join(gateway)
    name = config.value(*gateway, "ike-policy") or ""
    policy = ("security", "ike", "policy", name)
    version = config.value(*gateway, "version") or "v1-only"
    external = config.value(*gateway, "external-interface")
    local = config.value(*gateway, "local-address")
    local = local or next((one.partition("/")[0] for one in addresses(config, external)), None)
    peers = config.names(*gateway, "address")
    dynamic = _identity(config, *gateway, "dynamic")
    mine, theirs = (_identity(config, *gateway, f"{which}-identity") for which in ("local", "remote"))
    remote = "dynamic" if dynamic else "remote-identity"
    expected = theirs or dynamic or (("inet", peers[0]) if peers else None)
    return {
        "ike-policy": Parameter(f"{where} ike-policy", name, name or "not set"),
        "external-interface": _plain(f"{where} external-interface", external),
        "local": _plain(f"{where} local-address", local),
        "address": Parameter(f"{where} address", None if dynamic else tuple(peers), ", ".join(peers) or "not set"),
        "version": Parameter(f"{where} version", version, version),
        "mode": _plain(f"{' '.join(policy)} mode", config.value(*policy, "mode") or "main"),
        "proposals": _proposals(config, "ike", policy, v1=version == "v1-only"),
        "key": _key(config, policy, key),
        "local-identity": _identity_parameter(
            f"{where} local-identity", mine, mine or (("inet", local) if local else None)
        ),
        "remote-identity": _identity_parameter(f"{where} {remote}", theirs or dynamic, expected),
    }


def phase2(config: Hierarchy, tunnel: Tunnel) -> Parameters:
    """Return the parameters of phase 2; empty where the VPN is not configured."""
    vpn = ("security", "ipsec", "vpn", tunnel.vpn)
    if not config.has(*vpn):
        return {}
    where = " ".join(vpn)
    name = config.value(*vpn, "ike", "ipsec-policy") or ""
    policy = ("security", "ipsec", "policy", name)
    chosen = config.value(*policy, "proposal-set") or ""
    group = config.value(*policy, "perfect-forward-secrecy", "keys") or PFS_OF_SET.get(chosen)
    selectors = _selectors(config, vpn)
    inside = "traffic-selector" if config.has(*vpn, "traffic-selector") else "ike proxy-identity"
    return {
        "gateway": _plain(f"{where} ike gateway", config.value(*vpn, "ike", "gateway")),
        "ipsec-policy": Parameter(f"{where} ike ipsec-policy", name, name or "not set"),
        "bind-interface": _plain(f"{where} bind-interface", config.value(*vpn, "bind-interface")),
        "proposals": _proposals(config, "ipsec", policy),
        "pfs": Parameter(f"{' '.join(policy)} perfect-forward-secrecy keys", group or "none", group or "none"),
        "selectors": Parameter(f"{where} {inside}", selectors, ", ".join(f"{one[0]} to {one[1]}" for one in selectors)),
        "establish": Parameter(
            f"{where} establish-tunnels",
            (config.value(*vpn, "establish-tunnels") or "on-traffic").startswith("responder-only"),
            config.value(*vpn, "establish-tunnels") or "on-traffic",
        ),
    }


def differing_proposal(config: Hierarchy, planned: Hierarchy, phase: str, policy: str) -> str:
    """Return the statement by which the proposals of a policy differ from the planned ones."""
    place, parts = ("security", phase, "policy", policy), _IKE_PARTS if phase == "ike" else _ESP_PARTS
    ours, theirs = (one.names(*place, "proposals") for one in (config, planned))
    if config.value(*place, "proposal-set") != planned.value(*place, "proposal-set"):
        return " ".join((*place, "proposal-set"))
    if ours != theirs:
        return " ".join((*place, "proposals"))
    for name in ours:
        proposal = ("security", phase, "proposal", name)
        for part in parts:
            if config.value(*proposal, part) != planned.value(*proposal, part):
                return " ".join((*proposal, part))
    return " ".join((*place, "proposals"))


def _plain(place: str, value: str | None) -> Parameter:
    return Parameter(place, value, value or "not set")


def _identity_parameter(place: str, configured: Identity | None, value: Identity | None) -> Parameter:
    """Return an identity as a parameter. The address is the identity where none is configured."""
    return Parameter(place, (bool(configured), value), " ".join(value) if value else "not set")


def _identity(config: Hierarchy, *place: str) -> Identity | None:
    for kind in _IDENTITIES:
        if config.has(*place, kind):
            parts = (config.value(*place, kind, part) for part in ("container", "wildcard"))
            return kind, next(filter(None, parts), config.value(*place, kind) or "")
    return None


def _key(config: Hierarchy, policy: tuple[str, ...], read: KeyReader) -> Parameter:
    place = (*policy, "pre-shared-key")
    stored, digits = config.value(*place, "ascii-text"), config.value(*place, "hexadecimal")
    where = " ".join(place)
    if stored is None and digits is None:
        return Parameter(where, (), "not set")
    plain = read(stored or digits or "")
    if plain is None:
        return Parameter(where, None, "stored so that only the device can decode it")
    try:
        return Parameter(where, plain.encode() if stored else bytes.fromhex(plain), "another key")
    except ValueError:
        return Parameter(where, None, "no hexadecimal number")


def _proposals(config: Hierarchy, phase: Phase, policy: tuple[str, ...], *, v1: bool = False) -> Parameter:
    """Return the proposals without names and lifetimes: lifetimes may differ."""
    found, where = offer(config, phase, policy[-1]), " ".join(policy)
    if found.all is None:
        return Parameter(f"{where} proposal-set", None, str(found))
    # RFC 5282 has AES-GCM in phase 1 for IKEv2 alone.
    usable = [one for one in found.all if not (v1 and one.encryption.endswith(("gcm", "poly1305")))]
    suites = tuple((one.method, one.dh_group, one.encryption, one.authentication) for one in usable)
    return Parameter(f"{where} {'proposal-set' if found.proposal_set else 'proposals'}", suites, str(found))


def _selectors(config: Hierarchy, vpn: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    anywhere = "0.0.0.0/0"
    if names := config.names(*vpn, "traffic-selector"):
        places = [(*vpn, "traffic-selector", name) for name in names]
        return tuple(
            (config.value(*place, "local-ip") or anywhere, config.value(*place, "remote-ip") or anywhere, "any")
            for place in places
        )
    place = (*vpn, "ike", "proxy-identity")
    local, remote = (config.value(*place, which) or anywhere for which in ("local", "remote"))
    return ((local, remote, config.value(*place, "service") or "any"),)
