# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The statements of a tunnel that a device does not have in effect."""

from __future__ import annotations

from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import Tunnel


def lacks_gateway(tunnel: Tunnel, observation: Observation) -> bool:
    """Return whether no statement of the gateway is in effect; false where the configuration is not known."""
    return _lacks(("ike", "gateway", tunnel.gateway), observation)


def lacks_vpn(tunnel: Tunnel, observation: Observation) -> bool:
    """Return whether no statement of the VPN is in effect; false where the configuration is not known."""
    return _lacks(("ipsec", "vpn", tunnel.vpn), observation)


def lacks_binding(tunnel: Tunnel, observation: Observation) -> bool:
    """Return whether a planned static entry has no statement in effect; false where the configuration is not known."""
    return tunnel.nhtb == "Static" and _lacks(("inet", "next-hop-tunnel", tunnel.next_hop), observation)


def lacks_route(network: str, observation: Observation) -> bool:
    """Return whether no static route to a network is in effect; false where the configuration is not known.

    A route that is configured, whatever its next hop, may become active later.
    """
    return _lacks(("static", "route", network), observation)


def _lacks(words: tuple[str, str, str], observation: Observation) -> bool:
    answer = observation.configured
    # An account that may not see the configuration gets an empty reply: every device has something in the parts that
    # are asked for.
    return answer.state == "ok" and bool(answer.items) and words not in answer.view(_places)


def _places(lines: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """Return all that stands in these statements in three words."""
    split = (line.split() for line in lines)
    return frozenset(place for words in split for place in zip(words, words[1:], words[2:], strict=False))
