# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""End the associations of exactly one peer or one VPN. A device asked to clear without a word more drops everybody."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy, in_effect
from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import INACTIVE_TUNNELS, ask
from ansible_collections.hubspoke.srx.plugins.module_utils._device.security_associations import (
    Association,
    associations,
    end,
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
    """Whose associations are meant: phase 1 with these peers, and phase 2 with them or of one VPN."""

    whose: str
    peers: frozenset[str]
    vpn: str = ""
    notes: tuple[str, ...] = ()

    def of(self, up: t.Iterable[Association]) -> list[Association]:
        return [
            one
            for one in up
            if (one.vpn == self.vpn if self.vpn and one.phase == "ipsec" else one.remote_address in self.peers)
        ]


def clear(session: Session, arguments: t.Mapping[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    """Clear what ``peer_address`` or ``vpn`` has up, both phases or the one named by ``phase``.

    Raises BadArgument before anything is sent where not exactly one of the two is given, or where the device knows
    nothing of that name; SessionError where an association stays.
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
    start = f"{host}: {choice.whose}:"
    if not old:
        return result | {"msg": f"{start} nothing is up that could be cleared"}
    if check_mode:
        return result | {"msg": f"{start} would clear {_count(old)}"}
    left, said = end(session, old, time.sleep)
    if left:
        words = f" ({'; '.join(said)})" if said else ""
        raise SessionError(
            f"{start} expected {_count(old)} to be gone, actual {_count(left)} still there{words}."
            " See whether the user may clear (permission 'clear'), and the log of kmd or iked.",
            "rejected",
        )
    now = choice.of(associations(session))
    new = [one for one in now if one not in before]
    again = f"{_count(new)} up anew" if new else "nothing is up anew yet"
    return result | {"msg": f"{start} cleared {_count(old)}; {again}", "after": _after(now, before)}


def _one_of(host: str, arguments: t.Mapping[str, t.Any]) -> tuple[str, str]:
    """The peer's address or the VPN's name, the other one empty."""
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
            " Give the peer's own; 'vpn' takes the name of a VPN."
        )
    return address(peer, "peer_address") if peer else "", vpn


def _of_peer(session: Session, peer: str, up: t.Sequence[Association]) -> _Choice:
    choice = _Choice(f"peer {peer}", frozenset((peer,)))
    if choice.of(up):
        return choice
    there = in_effect(session.effective())
    gateways = {name: _addresses(there, name) for name in there.names(*_GATEWAYS)}
    known = {one for addresses in gateways.values() for one in addresses} | {one.remote_address for one in up}
    known |= {tunnel.remote_gateway for tunnel in ask(session, INACTIVE_TUNNELS).items}
    if peer in known:
        return choice
    # A gateway without an address takes its peer from anywhere, so that no address is wrong.
    anybody = [name for name, addresses in gateways.items() if not addresses]
    if not anybody:
        raise _unknown(session.target.host, "peer_address", "a peer", peer, known)
    note = f"no gateway names {peer}, and {', '.join(anybody)} may have a peer of any address"
    return replace(choice, notes=(note,))


def _of_vpn(session: Session, vpn: str, up: t.Sequence[Association]) -> _Choice:
    host = session.target.host
    if any(one.phase == "ipsec" and one.vpn is None for one in up):
        raise SessionError(
            f"{host}: show security ipsec security-associations detail: expected each with the name of its VPN,"
            " actual some without. Clear by peer_address.",
            "rejected",
        )
    there = in_effect(session.effective())
    known = {*there.names(*_VPNS), *(one.vpn for one in up if one.vpn)}
    if vpn not in known:
        raise _unknown(host, "vpn", "a VPN", vpn, known)
    gateway = there.value(*_VPNS, vpn, "ike", "gateway") or ""
    peers = {one.remote_address for one in up if one.vpn == vpn or (gateway and one.gateway == gateway)}
    others = {peer: _others(there, up, vpn, peer) for peer in sorted(peers | _addresses(there, gateway))}
    phase1 = {one.remote_address for one in up if one.phase == "ike"}
    return _Choice(
        f"VPN {vpn}",
        frozenset(peer for peer, names in others.items() if not names),
        vpn,
        tuple(
            f"phase 1 with {peer} is left as it is, since {', '.join(names)} {'use' if names[1:] else 'uses'} it too"
            for peer, names in others.items()
            if names and peer in phase1
        ),
    )


def _addresses(there: Hierarchy, gateway: str) -> set[str]:
    """The addresses of a gateway's peers; none where it names a host, or takes peers from anywhere."""
    return {address(one, "address") for one in there.names(*_GATEWAYS, gateway, "address") if is_address(one)}


def _others(there: Hierarchy, up: t.Sequence[Association], vpn: str, peer: str) -> list[str]:
    """The other VPNs whose tunnels go to a peer, by the configuration or by what is up."""
    found = {one.vpn for one in up if one.phase == "ipsec" and one.remote_address == peer and one.vpn}
    gateways_up = {one.gateway for one in up if one.phase == "ike" and one.remote_address == peer}
    for name in there.names(*_VPNS):
        gateway = there.value(*_VPNS, name, "ike", "gateway")
        if gateway and (gateway in gateways_up or peer in _addresses(there, gateway)):
            found.add(name)
    return sorted(found - {vpn})


def _unknown(host: str, option: str, what: str, actual: str, known: t.Collection[str]) -> BadArgument:
    names = sorted(known)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return BadArgument(
        f"{host}: {option}: expected {what} of this device, actual {actual}, which is neither up nor configured there."
        f" Known: {', '.join(names[:_LISTED]) or 'none'}{more}."
    )


def _rows(found: t.Iterable[Association]) -> list[dict[str, t.Any]]:
    """A row for each phase 1 association and each tunnel."""
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
