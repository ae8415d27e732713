# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The packets about which a device is asked, so that each planned policy into and out of the tunnels is looked up."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from itertools import pairwise

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
    from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import SecurityPolicy

# Pairs of networks that are asked about besides those of policies, so that what is not permitted is seen too.
_PAIRS = 4
_BOTH = 2
# Packets of applications by protocol and port. The policy lookup takes no type of ICMP.
# fmt: off
_PACKETS = {
    "any": ("tcp", 443), "junos-bgp": ("tcp", 179), "junos-dns-tcp": ("tcp", 53), "junos-dns-udp": ("udp", 53),
    "junos-ftp": ("tcp", 21), "junos-http": ("tcp", 80), "junos-https": ("tcp", 443), "junos-imap": ("tcp", 143),
    "junos-ldap": ("tcp", 389), "junos-ntp": ("udp", 123), "junos-pop3": ("tcp", 110), "junos-smtp": ("tcp", 25),
    "junos-ssh": ("tcp", 22), "junos-syslog": ("udp", 514), "junos-telnet": ("tcp", 23), "junos-tftp": ("udp", 69),
}
# fmt: on


@dataclass(frozen=True)
class PolicyQuestion:
    """A packet between two zones. Source and destination are networks."""

    from_zone: str
    to_zone: str
    source: str
    destination: str
    protocol: str
    port: int

    @property
    def applications(self) -> frozenset[str]:
        """Return the applications that a policy may have for the packet."""
        named = {name for name, packet in _PACKETS.items() if packet == (self.protocol, self.port)}
        return frozenset({"any", f"junos-{self.protocol}-any"} | named)

    def __str__(self) -> str:
        return f"{self.source} to {self.destination} {self.protocol}/{self.port}"


def questions(plan: DevicePlan) -> tuple[PolicyQuestion, ...]:
    """Return a packet for each planned policy and application, and packets between further networks."""
    prefixes = {entry.name: entry.prefix for entry in plan.address_book}
    found: dict[PolicyQuestion, None] = {}
    for policy in plan.policies:
        if policy.purpose not in ("tunnel", "spokes"):
            continue
        ends = _ends(plan, policy, prefixes)
        packets = dict.fromkeys(_PACKETS[name] for name in policy.applications if name in _PACKETS)
        if len(ends) == _BOTH:
            for packet in packets:
                found[PolicyQuestion(policy.from_zone, policy.to_zone, ends[0], ends[1], *packet)] = None
    for from_zone, to_zone, source, destination in _further(plan):
        found[PolicyQuestion(from_zone, to_zone, source, destination, *_PACKETS["any"])] = None
    return tuple(found)


def _ends(plan: DevicePlan, policy: SecurityPolicy, prefixes: t.Mapping[str, str]) -> list[str]:
    """Return a source and a destination of a policy, fewer where its zones have no known network."""
    far = [tunnel.remote_networks[0] for tunnel in plan.tunnels if tunnel.remote_networks]
    sides: list[str] = []
    for zone, names in ((policy.from_zone, policy.sources), (policy.to_zone, policy.destinations)):
        held = [prefixes[name] for name in names if name in prefixes]
        if not held:
            held = [lan.network for lan in plan.site.lans if lan.zone == zone]
            held += far if zone in plan.site.tunnel_zones else []
        # From spoke to spoke the two sides are different networks.
        held = [network for network in held if network not in sides]
        sides += held[:1]
    return sides


def _further(plan: DevicePlan) -> t.Iterator[tuple[str, str, str, str]]:
    """Yield zones and networks: from a LAN into a tunnel, and on a hub from spoke to spoke."""
    far = [(tunnel.local.unit.zone, tunnel.remote_networks) for tunnel in plan.tunnels if tunnel.remote_networks]
    for lan in plan.site.lans[:1]:
        for zone, networks in far[:_PAIRS]:
            for network in dict.fromkeys((networks[0], networks[-1])):
                yield lan.zone, zone, lan.network, network
    if plan.site.role == "hub":
        for (zone, networks), (other_zone, others) in pairwise(far[: _PAIRS + 1]):
            yield zone, other_zone, networks[0], others[0]
