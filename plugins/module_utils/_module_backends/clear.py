# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Clear the associations of exactly one peer or one VPN. A clear command without either ends all tunnels."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy, in_effect
from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import INACTIVE_TUNNELS, ask
from ansible_collections.hubspoke.srx.plugins.module_utils._device.security_associations import (
    Association,
    associations,
    clear_associations,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import address, is_address

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

_GATEWAYS = ("security", "ike", "gateway")
_VPNS = ("security", "ipsec", "vpn")
_LISTED = 10


@dataclass(frozen=True)
class _Choice:
    """The associations of a ``subject``: phase 1 with these peers, and phase 2 with them or of one VPN.

    Phase 1 is that of the ``gateway`` alone where it knows its peer by identity: others may have the same address.
    """

    subject: str
    peers: frozenset[str]
    vpn: str = ""
    notes: tuple[str, ...] = ()
    gateway: str = ""

    def of(self, up: t.Iterable[Association]) -> list[Association]:
        """Return the chosen ones of those that are up."""
        return [one for one in up if self._has(one)]

    def _has(self, one: Association) -> bool:
        if self.vpn and one.phase == "ipsec":
            return one.vpn == self.vpn
        return one.remote_address in self.peers and (not self.gateway or one.gateway == self.gateway)


def clear(session: Session, arguments: t.Mapping[str, t.Any], *, check_mode: bool) -> dict[str, t.Any]:
    """Clear the associations of ``peer_address`` or ``vpn``, in both phases or the one named by ``phase``.

    Raise BadArgument before any command is sent where not exactly one of the two is given, or the device has no such
    peer or VPN. Raise SessionError where an association stays.
    """
    host = session.target.host
    peer, vpn = _one_of(host, arguments)
    phase = arguments.get("phase") or "both"
    up = associations(session)
    choice = _of_peer(session, peer, up) if peer else _of_vpn(session, vpn, up)
    before = choice.of(up)
    old = [one for one in before if phase in ("both", one.phase)]
    result = {
        "changed": bool(old),
        "cleared": _rows(old),
        "after": _after(before, before),
        "notes": [note for note in choice.notes if phase != "ipsec"],
    }
    start = f"{host}: {choice.subject}:"
    if not old:
        return result | {"msg": f"{start} nothing to clear is up"}
    if check_mode:
        return result | {"msg": f"{start} would clear {_count(old)}"}
    remaining, refusals = clear_associations(session, old, time.sleep)
    if remaining:
        words = f" ({'; '.join(refusals)})" if refusals else ""
        raise SessionError(
            f"{start} expected {_count(old)} to be gone, actual {_count(remaining)} still up{words}."
            " See whether the user may clear (permission 'clear'), and the log of kmd or iked.",
            "rejected",
        )
    now = choice.of(associations(session))
    new = [one for one in now if one not in before]
    again = f"{_count(new)} up anew" if new else "none is up anew yet"
    return result | {"msg": f"{start} cleared {_count(old)}; {again}", "after": _after(now, before)}


def _one_of(host: str, arguments: t.Mapping[str, t.Any]) -> tuple[str, str]:
    """Return the peer's address and the VPN's name, one of them empty. Raise BadArgument."""
    peer, vpn = (str(arguments.get(name) or "").strip() for name in ("peer_address", "vpn"))
    if bool(peer) == bool(vpn):
        actual = f"both ({peer} and {vpn})" if peer else "neither, which would clear every tunnel of the device"
        raise BadArgument(
            f"{host}: peer_address and vpn: expected exactly one of them, actual {actual}."
            " Give the address of one peer or the name of one VPN."
        )
    if peer and not is_address(peer):
        raise BadArgument(
            f"{host}: peer_address: expected an IP address, actual {peer!r}."
            " Give the address of the peer; 'vpn' takes the name of a VPN."
        )
    return address(peer, "peer_address") if peer else "", vpn


def _of_peer(session: Session, peer: str, up: t.Sequence[Association]) -> _Choice:
    choice = _Choice(f"peer {peer}", frozenset((peer,)))
    if choice.of(up):
        return choice
    config = in_effect(session.effective())
    gateways = {name: _addresses(config, name) for name in config.names(*_GATEWAYS)}
    known = {one for addresses in gateways.values() for one in addresses} | {one.remote_address for one in up}
    known |= {tunnel.remote_gateway for tunnel in ask(session, INACTIVE_TUNNELS).items}
    if peer in known:
        return choice
    # A gateway without an address accepts a peer of any address, so every address may be right.
    any_peer = [name for name, addresses in gateways.items() if not addresses]
    if not any_peer:
        raise _unknown(session.target.host, "peer_address", "a peer", peer, known)
    note = f"no gateway has the address {peer}; {', '.join(any_peer)} may have a peer of any address"
    return replace(choice, notes=(note,))


def _of_vpn(session: Session, vpn: str, up: t.Sequence[Association]) -> _Choice:
    host = session.target.host
    if any(one.phase == "ipsec" and one.vpn is None for one in up):
        raise SessionError(
            f"{host}: show security ipsec security-associations detail: expected each with the name of its VPN,"
            " actual some without. Clear by peer_address.",
            "rejected",
        )
    config = in_effect(session.effective())
    known = {*config.names(*_VPNS), *(one.vpn for one in up if one.vpn)}
    if vpn not in known:
        raise _unknown(host, "vpn", "a VPN", vpn, known)
    gateway = config.value(*_VPNS, vpn, "ike", "gateway") or ""
    is_dynamic = config.has(*_GATEWAYS, gateway, "dynamic")
    peers = {one.remote_address for one in up if one.vpn == vpn or (gateway and one.gateway == gateway)}
    addresses = sorted(peers | _addresses(config, gateway))
    others = {
        peer: _of_gateway(config, vpn, gateway) if is_dynamic else _others(config, up, vpn, peer) for peer in addresses
    }
    phase1 = {one.remote_address for one in up if one.phase == "ike"}
    return _Choice(
        f"VPN {vpn}",
        frozenset(peer for peer, names in others.items() if not names),
        vpn,
        tuple(
            f"phase 1 with {peer} is not cleared: {', '.join(names)} {'use' if names[1:] else 'uses'} it too"
            for peer, names in others.items()
            if names and peer in phase1
        ),
        gateway if is_dynamic else "",
    )


def _addresses(config: Hierarchy, gateway: str) -> set[str]:
    """Return the addresses of a gateway's peers; none where it has a host name, or accepts peers of any address."""
    return {address(one, "address") for one in config.names(*_GATEWAYS, gateway, "address") if is_address(one)}


def _of_gateway(config: Hierarchy, vpn: str, gateway: str) -> list[str]:
    """Return the other VPNs of a gateway."""
    return [
        name for name in config.names(*_VPNS) if name != vpn and config.value(*_VPNS, name, "ike", "gateway") == gateway
    ]


def _others(config: Hierarchy, up: t.Sequence[Association], vpn: str, peer: str) -> list[str]:
    """Return the other VPNs with tunnels to a peer, by the configuration or by the associations that are up."""
    found = {one.vpn for one in up if one.phase == "ipsec" and one.remote_address == peer and one.vpn}
    gateways_up = {one.gateway for one in up if one.phase == "ike" and one.remote_address == peer}
    for name in config.names(*_VPNS):
        gateway = config.value(*_VPNS, name, "ike", "gateway")
        if gateway and (gateway in gateways_up or peer in _addresses(config, gateway)):
            found.add(name)
    return sorted(found - {vpn})


def _unknown(host: str, option: str, kind: str, actual: str, known: t.Collection[str]) -> BadArgument:
    names = sorted(known)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return BadArgument(
        f"{host}: {option}: expected {kind} of this device, actual {actual}, which is neither up nor configured there."
        f" Known: {', '.join(names[:_LISTED]) or 'none'}{more}."
    )


def _rows(found: t.Iterable[Association]) -> list[dict[str, t.Any]]:
    """Return a row for each phase 1 association and each tunnel."""
    rows = [
        {"phase": one.phase, "index": one.index, "remote_address": one.remote_address, "vpn": one.vpn} for one in found
    ]
    return [row for number, row in enumerate(rows) if row not in rows[:number]]


def _after(now: t.Sequence[Association], before: t.Sequence[Association]) -> list[dict[str, t.Any]]:
    rows = _rows(now)
    stayed = _rows([one for one in now if one in before])
    return [row | {"new": row not in stayed} for row in rows]


def _count(found: t.Sequence[Association]) -> str:
    rows = _rows(found)
    counts = {"phase 1": sum(row["phase"] == "ike" for row in rows)}
    counts["phase 2"] = len(rows) - counts["phase 1"]
    return " and ".join(f"{number} of {phase}" for phase, number in counts.items() if number)
