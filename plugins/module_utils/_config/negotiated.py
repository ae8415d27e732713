# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The statements that decide the negotiation of a tunnel, and the tunnels for which a change concerns them.

Whether a commit that changes them ends the associations depends on the statement and the release. Associations that
outlive it say nothing about the new statements.
"""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import KEY_STATEMENTS
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Words, active

# A stored key as plain text; ``None`` where only the device can decode it.
KeyReader = t.Callable[[str], "str | None"]
_Object = tuple[str, ...]

# Statements of a gateway or a VPN that only its own device uses. Another value neither needs nor changes a negotiation.
_LOCAL = frozenset(
    {"description", "dead-peer-detection", "vpn-monitor", "establish-tunnels", "df-bit", "copy-outer-dscp"}
)
# The same of the hierarchy "ike" of a VPN.
_LOCAL_IKE = frozenset({"idle-time", "install-interval"})
_IKE_SERVICES = frozenset({"ike", "all", "any-service"})
# Of the external interface, and of the tunnel interface: a device tells its peer that address when it negotiates.
_OF_INTERFACE = frozenset({"address", "dhcp", "dhcp-client", "disable", "multipoint", "vlan-id"})


@dataclass(frozen=True)
class ChangedTunnel:
    """A VPN with other statements than before. ``gateways`` and ``addresses`` are those of before and after."""

    vpn: str
    gateways: frozenset[str]
    addresses: frozenset[str]


def changed_tunnels(
    before: t.Iterable[str], after: t.Iterable[str], group: str, read_key: KeyReader
) -> tuple[ChangedTunnel, ...]:
    """Return the VPNs of a configuration whose negotiation another configuration would decide otherwise.

    Both are set commands; a statement of the group counts as one of the top level. A VPN that only one of them has is
    not among these: without it there is no association, and its deletion ends them.
    """
    old, new = _Negotiated(before, group, read_key), _Negotiated(after, group, read_key)
    routes = _Prefixes(old.routes_that_differ(new))
    found = []
    for vpn in sorted(new.vpns & old.vpns):
        gateways = frozenset(filter(None, (old.gateway(vpn), new.gateway(vpn))))
        addresses = old.addresses(vpn) | new.addresses(vpn)
        if old.parts(vpn) != new.parts(vpn) or routes.cover(addresses):
            found.append(ChangedTunnel(vpn, gateways, addresses))
    return tuple(found)


@dataclass
class _Negotiated:
    """The statements of one configuration by the object that has them."""

    commands: t.Iterable[str]
    group: str
    read_key: KeyReader = field(repr=False)

    def __post_init__(self) -> None:
        self._objects: dict[_Object, set[Words]] = {}
        self._zones: dict[str, str] = {}
        self._routes: dict[str, set[Words]] = {}
        self._parts: dict[_Object, frozenset[t.Any]] = {}
        statements = active(self.commands)
        is_applied = ("apply-groups", self.group) in statements
        own = ("groups", self.group)
        for words in statements:
            if words[:2] == own and is_applied:
                self._add(words[2:])
            elif words[0] not in ("groups", "apply-groups"):
                self._add(words)

    def _add(self, words: Words) -> None:
        if words[:2] in (("security", "ike"), ("security", "ipsec")) and words[4:]:
            self._keep(words[1:4], words[4:])
        elif words[:3] == ("security", "zones", "security-zone"):
            self._add_of_zone(words[3:])
        elif words[:1] == ("interfaces",) and words[2:3] == ("unit",):
            self._keep(("interface", f"{words[1]}.{words[3]}"), words[4:])
        elif words[:1] == ("interfaces",):
            # Disabled, it takes its units down with it.
            self._keep(("interface", words[1]), words[2:])
        elif words[:3] == ("routing-options", "static", "route") and words[3:]:
            self._routes.setdefault(words[3], set()).add(words[4:])

    def _keep(self, owner: _Object, words: Words) -> None:
        if words[:2] in KEY_STATEMENTS and words[2:]:
            words = (*words[:2], self.read_key(words[2]) or words[2])
        kept = self._objects.setdefault(owner, set())
        # The first common proposal is chosen, so their order counts.
        if words[:1] == ("proposals",):
            words = (*words, str(sum(one[0] == "proposals" for one in kept)))
        kept.add(words)

    def _add_of_zone(self, words: Words) -> None:
        zone, rest = words[0], words[1:]
        owner: _Object = ("zone", zone)
        if rest[:1] == ("interfaces",):
            self._zones[rest[1]] = zone
            owner, rest = ("zone", zone, rest[1]), rest[2:]
        if rest[:2] == ("host-inbound-traffic", "system-services") and rest[2:3] and rest[2] in _IKE_SERVICES:
            self._keep(owner, rest[2:])

    # --- questions -------------------------------------------------------------------------------

    @property
    def vpns(self) -> set[str]:
        return {owner[2] for owner in self._objects if owner[:2] == ("ipsec", "vpn")}

    def gateway(self, vpn: str) -> str | None:
        return self._value(("ipsec", "vpn", vpn), "ike", "gateway")

    def addresses(self, vpn: str) -> frozenset[str]:
        gateway = self._objects.get(("ike", "gateway", self.gateway(vpn) or ""), set())
        return frozenset(words[1] for words in gateway if words[:1] == ("address",) and len(words) > 1)

    def routes_that_differ(self, other: _Negotiated) -> list[str]:
        prefixes = {*self._routes, *other._routes}
        return [prefix for prefix in sorted(prefixes) if self._routes.get(prefix) != other._routes.get(prefix)]

    def parts(self, vpn: str) -> tuple[t.Any, ...]:
        """Return all statements that the negotiation of a VPN depends on, the routes excepted."""
        owner: _Object = ("ipsec", "vpn", vpn)
        gateway: _Object = ("ike", "gateway", self.gateway(vpn) or "")
        external = _logical(self._value(gateway, "external-interface"))
        zone = self._zones.get(external, "")
        return (
            self._without_local(owner),
            self._without_local(gateway),
            self._policy("ike", self._value(gateway, "ike-policy")),
            self._policy("ipsec", self._value(owner, "ike", "ipsec-policy")),
            self._interface(external),
            (zone, self._of(("zone", zone)), self._of(("zone", zone, external))),
            self._interface(_logical(self._value(owner, "bind-interface"))),
        )

    def _policy(self, phase: str, name: str | None) -> frozenset[t.Any]:
        """Return the statements of a policy and of its proposals; many tunnels share one."""
        owner: _Object = (phase, "policy", name or "")
        if owner not in self._parts:
            own = self._of(owner)
            proposals = [words[1] for words in own if words[:1] == ("proposals",)]
            self._parts[owner] = own | {(one, self._of((phase, "proposal", one))) for one in proposals}
        return self._parts[owner]

    def _interface(self, name: str) -> frozenset[t.Any]:
        owner: _Object = ("interface", name)
        if owner not in self._parts:
            found = self._of(owner) | self._of(("interface", name.partition(".")[0]))
            self._parts[owner] = frozenset(words for words in found if not _OF_INTERFACE.isdisjoint(words[:3]))
        return self._parts[owner]

    def _of(self, owner: _Object) -> frozenset[t.Any]:
        return frozenset(self._objects.get(owner, ()))

    def _without_local(self, owner: _Object) -> frozenset[t.Any]:
        return frozenset(
            words
            for words in self._objects.get(owner, ())
            if words[0] not in _LOCAL and not (words[0] == "ike" and words[1:2] and words[1] in _LOCAL_IKE)
        )

    def _value(self, owner: _Object, *place: str) -> str | None:
        size = len(place)
        found = (words[size] for words in self._objects.get(owner, ()) if words[:size] == place and len(words) > size)
        return next(found, None)


class _Prefixes:
    """Prefixes by their length: a hub has thousands of routes and of peers, and each pair of them is too many."""

    def __init__(self, prefixes: t.Iterable[str]) -> None:
        self._numbers: dict[tuple[int, int], set[int]] = {}
        for prefix in prefixes:
            network = ipaddress.ip_network(prefix, strict=False)
            shift = network.max_prefixlen - network.prefixlen
            self._numbers.setdefault((network.version, shift), set()).add(int(network.network_address) >> shift)

    def cover(self, addresses: t.Iterable[str]) -> bool:
        """Return whether one of the prefixes has one of the addresses in it."""
        return bool(self._numbers) and any(map(self._covers, addresses))

    def _covers(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            # The peer is given by its host name: any route may lead to it.
            return True
        return any(
            version == found.version and int(found) >> shift in numbers
            for (version, shift), numbers in self._numbers.items()
        )


def _logical(interface: str | None) -> str:
    """Return the name of a logical interface: unit 0 where none is written."""
    return interface or "" if not interface or "." in interface else f"{interface}.0"
