# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Ask a device which policies decide about packets into and out of the tunnels. No packet is sent."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.queries import MATCH_POLICIES, ask
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, PolicyLookup
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import INTERNET, DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.policy_questions import questions

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

_SOURCE_PORT = 49152


def policy_lookups(session: Session, plan: DevicePlan) -> Answer[PolicyLookup]:
    """Return the device's answer about each packet. Raise SessionError where the session breaks."""
    found = []
    for one in questions(plan):
        arguments = {
            "from-zone": one.from_zone,
            "to-zone": one.to_zone,
            "source-ip": address_in(one.source),
            "destination-ip": address_in(one.destination),
            "source-port": _SOURCE_PORT,
            "destination-port": one.port,
            "protocol": one.protocol,
        }
        found.append(PolicyLookup(one, ask(session, MATCH_POLICIES, arguments)))
    return Answer("ok", tuple(found))


def address_in(network: str) -> str:
    """Return the first address of a host in a network; for all of them one that nobody has (RFC 5737)."""
    if network == INTERNET:
        return "192.0.2.1"
    found = ipaddress.ip_network(network)
    return str(found[1] if found.num_addresses > 1 else found[0])
