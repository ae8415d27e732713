# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""How the two ends of a hand-made VPN find and know each other: addresses, identities, DHCP and NAT."""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.device import Device, Peer
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.routes import gateway_to
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.identities import KINDS
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.sites import NAT_KEEPALIVE

Variables = dict[str, t.Any]
_WORDS = {kind: word for word, kind in KINDS.items()}


def leads_to(hub: Device, at_hub: Peer, one: Peer) -> bool:
    """Return whether a VPN of a spoke is the other end of a VPN of the hub, by address or identity."""
    if hub.wan_ip in one.addresses:
        return True
    if at_hub.remote_identity is not None and at_hub.remote_identity == one.local_identity:
        return True
    return at_hub.local_identity is not None and at_hub.local_identity == one.remote_identity


def sends(peers: t.Iterable[Peer], at_hub: Peer) -> bool:
    """Return whether a VPN of a device sends the identity, or the public address, that a gateway of the hub expects."""
    expected = at_hub.remote_identity or (("inet", at_hub.address) if at_hub.address else None)
    return expected is not None and any(one.local_identity == expected for one in peers)


def wan_variables(device: Device, found_at: t.Sequence[str], given: t.Mapping[str, t.Any]) -> Variables:
    """Return address, gateway and NAT of a WAN. ``found_at`` are the addresses that gateways of its peers name."""
    underlying = device.config.underlying_of(device.wan_interface)
    asks = bool(underlying) or device.config.asks_for_lease(device.wan_interface)
    own: Variables = {"address": device.wan_address or given.get("address", ""), "gateway": _gateway(device)}
    ip = device.wan_ip or str(own["address"]).partition("/")[0]
    first = ip if ip and ip in found_at else next(iter(found_at), "")
    keepalive = _keepalive(device)
    if asks and (not first or first != ip):
        own = {"addressing": "pppoe", "underlying_interface": underlying} if underlying else {"addressing": "dhcp"}
    if first and first != ip:
        own["public_address"] = first
    elif not first and (not asks or keepalive is not None):
        own["behind_nat"] = True
    own["backup_addresses"] = [one for one in found_at if one != first] or None
    is_behind = "behind_nat" in own or ("public_address" in own and "addressing" not in own)
    if keepalive is not None and keepalive != (NAT_KEEPALIVE if is_behind else None):
        own["nat_keepalive"] = keepalive
    return own


def identity_variable(
    peers: t.Sequence[Peer], expected: tuple[str, str] | None, site: str, wan: Variables
) -> Variables | None:
    """Return ``nhtb_identity``; ``None`` where the plan has the identity without it.

    ``peers`` are the VPNs of the device, ``expected`` is the identity that the other end expects.
    """
    counted = Counter(one.local_identity for one in peers if one.local_identity and one.local_identity[1])
    sent = counted.most_common(1)[0][0] if counted else expected
    if wan.get("public_address"):
        default = ("inet", wan["public_address"])
    elif "addressing" in wan or wan.get("behind_nat"):
        default = ("hostname", site)
    else:
        default = ("inet", str(wan.get("address", "")).partition("/")[0])
    if sent is None or sent == default or sent[0] not in _WORDS:
        return None
    return {"type": _WORDS[t.cast(t.Any, sent[0])], "value": sent[1]}


def _gateway(device: Device) -> str:
    """Return the provider's address. Where the default route leads into the tunnel, the peer has a route of its own."""
    addresses = (address for one in device.peers for address in one.addresses)
    hops = (gateway_to(device.config, address) for address in addresses)
    return device.wan_gateway or next(filter(None, hops), "")


def _keepalive(device: Device) -> int | None:
    found = {device.config.value("security ike gateway", one.gateway, "nat-keepalive") for one in device.peers}
    value = next(iter(found)) if len(found) == 1 else ""
    return int(value) if value.isdecimal() else None
