# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Associations from before a commit: they say nothing about statements that the commit has changed."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation, OlderAssociations
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Tunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import IkeSa, IpsecTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.subject import Subject

_EXPECTED = "associations made after the commit"


def set_aside(seen: Observation, older: OlderAssociations) -> Observation:
    """Return the observation with the older associations apart, so that no check counts them."""
    if not older.cookies and not older.spis:
        return seen
    ike = tuple(one for one in seen.ike.items if _is_older(one, older))
    divided = [(_of_age(one, older, is_older=True), _of_age(one, older, is_older=False)) for one in seen.ipsec.items]
    # A tunnel that has none at all stays in the answer.
    tunnels = [new for old, new in divided if new.security_associations or not old.security_associations]
    return replace(
        seen,
        ike=replace(seen.ike, items=tuple(one for one in seen.ike.items if not _is_older(one, older))),
        ipsec=replace(seen.ipsec, items=tuple(tunnels)),
        older_ike=Answer("ok", ike),
        older_ipsec=Answer("ok", tuple(old for old, _new in divided if old.security_associations)),
    )


def _is_older(one: IkeSa, older: OlderAssociations) -> bool:
    return (one.initiator_cookie, one.responder_cookie) in older.cookies


def ike_in_use(subject: Subject, tunnel: Tunnel, found: IkeSa) -> Finding:
    """Return the finding of a tunnel that has no phase 1 but that of before."""
    name = f"cookies {found.initiator_cookie} and {found.responder_cookie}"
    return _in_use(subject, tunnel, name, found.remote_address)


def ipsec_in_use(subject: Subject, tunnel: Tunnel, found: IpsecTunnel) -> Finding:
    """Return the finding of a tunnel that has no phase 2 but that of before."""
    return _in_use(subject, tunnel, f"SPI {found.security_associations[0].spi}", found.remote_gateway)


def _in_use(subject: Subject, tunnel: Tunnel, name: str, address: str) -> Finding:
    return replace(subject, expected=_EXPECTED).failed(
        f"the association of before ({name}) is still in use",
        f"See whether the user may clear it (permission 'clear') here and on {tunnel.peer_host}:"
        f" 'clear security ike security-associations {address}'.",
        "older",
    )


def _of_age(one: IpsecTunnel, older: OlderAssociations, *, is_older: bool) -> IpsecTunnel:
    found = [sa for sa in one.security_associations if ((sa.direction, sa.spi) in older.spis) is is_older]
    return replace(one, security_associations=tuple(found))
