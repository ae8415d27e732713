# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The tunnels whose negotiation a run changes: only associations made after all commits verify them.

Associations may outlive the commit, and renew themselves meanwhile: a renewal of phase 2 asks for no key, nor does one
of phase 1 in IKEv2. So both ends clear, after all commits, every association that a changed tunnel then has.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._config.negotiated import ChangedTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._device.security_associations import (
    Association,
    associations,
    belonging_to,
    clear_associations,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import OlderAssociations
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

# The hosts at the two ends of a tunnel.
Ends = frozenset[str]
Pause = t.Callable[[float], object]
# How often a device is asked that refuses the question, a second apart: its IKE daemon starts with its first VPN.
_TURNS = 6


def ends_of(plan: DevicePlan, changes: t.Iterable[ChangedTunnel]) -> set[Ends]:
    """Return the ends of the planned tunnels that are among the changed ones."""
    changed = {change.vpn for change in changes}
    return {frozenset((plan.host, tunnel.peer_host)) for tunnel in plan.tunnels if tunnel.vpn in changed}


@dataclass(frozen=True)
class _Part:
    """One end of a changed tunnel, as it is here and was here."""

    peer: str
    vpn: str
    gateways: frozenset[str]
    addresses: frozenset[str]


class Renewal:
    """The changed tunnels of one device, and the associations that they had before the commit."""

    def __init__(self) -> None:
        self._parts: tuple[_Part, ...] = ()
        self._noted: frozenset[Association] = frozenset()
        self._older: frozenset[Association] = frozenset()

    def __bool__(self) -> bool:
        return bool(self._parts)

    @property
    def older(self) -> OlderAssociations:
        """The associations that verify nothing."""
        return OlderAssociations(
            frozenset(one.cookies for one in self._older if one.phase == "ike"),
            frozenset((one.direction, one.spi) for one in self._older if one.phase == "ipsec"),
        )

    def choose(self, plan: DevicePlan, changed: t.Collection[Ends], changes: t.Iterable[ChangedTunnel]) -> None:
        """Take the tunnels that change at one end at least. ``changes`` are those of this end."""
        here = {change.vpn: change for change in changes}
        parts = []
        for tunnel in plan.tunnels:
            if frozenset((plan.host, tunnel.peer_host)) not in changed:
                continue
            gateways, addresses = {tunnel.gateway}, set(tunnel.peer_addresses)
            if (change := here.get(tunnel.vpn)) is not None:
                gateways |= change.gateways
                addresses |= change.addresses
            parts.append(_Part(tunnel.peer_host, tunnel.vpn, frozenset(gateways), frozenset(addresses)))
        self._parts = tuple(parts)

    def note(self, session: Session) -> None:
        """Note the associations before the commit. Raise SessionError where the session breaks.

        A refusal notes none: a device without a VPN has no IKE daemon that could answer. The careful side is kept:
        ``clear`` asks again.
        """
        try:
            self._noted = self._older = frozenset(self._of_peers(associations(session)))
        except SessionError as error:
            if error.reason == "lost":
                raise

    def clear(self, session: Session, pause: Pause, without: t.Collection[str] = ()) -> list[str]:
        """Clear what the tunnels have now, except those of some peers; return the refusals.

        An association that stays is seen by the verification. Raise SessionError.
        """
        refusals = self._clear(session, pause, self._of_peers(_patiently(session, pause), without))
        now = [one for one in self._of_peers(associations(session), without) if one not in self._older]
        negotiated = {one.remote_address for one in now if one.phase == "ike"}
        # Renewed under an old phase 1 while that was cleared: no new phase 1 has made it.
        renewed = [one for one in now if one.remote_address not in negotiated]
        return refusals + (self._clear(session, pause, renewed) if renewed else [])

    def _clear(self, session: Session, pause: Pause, found: t.Collection[Association]) -> list[str]:
        self._older |= frozenset(found)
        _remaining, refusals = clear_associations(session, found, pause)
        return refusals

    def clear_attempt(self, session: Session, pause: Pause, peers: t.Collection[str] | None = None) -> list[str]:
        """Clear what was made after ``note``, where the configuration of before is in force again.

        ``peers`` are the peers of these tunnels, all where it is ``None``. Return the refusals, and a sentence where
        an association stays. Raise SessionError.
        """
        without = () if peers is None else {part.peer for part in self._parts} - set(peers)
        made = [one for one in self._of_peers(associations(session), without) if one not in self._noted]
        remaining, refusals = clear_associations(session, made, pause)
        if remaining:
            refusals.append(
                f"{session.target.host}: associations after the rollback: expected those of the previous configuration,"
                " actual one of the failed attempt is still up. Clear it with hubspoke.srx.clear_security_associations."
            )
        return refusals

    def _of_peers(self, found: t.Iterable[Association], without: t.Collection[str] = ()) -> list[Association]:
        parts = [part for part in self._parts if part.peer not in without]
        return belonging_to(
            found,
            {part.vpn for part in parts},
            {name for part in parts for name in part.gateways},
            {address for part in parts for address in part.addresses},
        )


def _patiently(session: Session, pause: Pause) -> list[Association]:
    """Return the associations of a device that may refuse the question at first."""
    for _turn in range(_TURNS - 1):
        try:
            return associations(session)
        except SessionError as error:
            if error.reason == "lost":
                raise
        pause(1.0)
    return associations(session)
