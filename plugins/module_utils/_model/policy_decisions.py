# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What planned policies decide about packets from a network to another: the first policy that matches, or none."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import AddressEntry, SecurityPolicy

PING = frozenset({"any", "junos-icmp-all", "junos-icmp-ping", "junos-ping"})
"""The applications that an ICMP echo is of."""


class Decisions:
    """The policies of one plan. Names of address books have one prefix in all zones of a plan."""

    def __init__(self, policies: t.Iterable[SecurityPolicy], entries: t.Iterable[AddressEntry]) -> None:
        prefixes = {entry.name: entry.prefix for entry in entries}
        self._pairs: dict[tuple[str, str], list[tuple[SecurityPolicy, _Side, _Side]]] = {}
        for policy in policies:
            sides = _Side(policy.sources, prefixes), _Side(policy.destinations, prefixes)
            self._pairs.setdefault((policy.from_zone, policy.to_zone), []).append((policy, *sides))

    def first(
        self, zones: tuple[str, str], source: str, destination: str, applications: t.AbstractSet[str]
    ) -> SecurityPolicy | None:
        """Return the first policy that matches packets of one of these applications; ``None`` without one."""
        for policy in self._matching(zones, source, destination):
            if not applications.isdisjoint(policy.applications):
                return policy
        return None

    def allows_some(self, zones: tuple[str, str], source: str, destination: str) -> bool:
        """Return whether packets of some application are permitted."""
        for policy in self._matching(zones, source, destination):
            if policy.action == "permit":
                return True
            if "any" in policy.applications:
                return False
        return False

    def _matching(self, zones: tuple[str, str], source: str, destination: str) -> t.Iterator[SecurityPolicy]:
        for policy, sources, destinations in self._pairs.get(zones, ()):
            if sources.covers(source) and destinations.covers(destination):
                yield policy


class _Side:
    """The sources or the destinations of a policy."""

    def __init__(self, names: t.Sequence[str], prefixes: t.Mapping[str, str]) -> None:
        self._is_any = "any" in names
        self._prefixes = frozenset(prefixes[name] for name in names if name in prefixes)

    def covers(self, network: str) -> bool:
        """Return whether a network is within an address of the side."""
        if self._is_any or network in self._prefixes:
            return True
        wanted = ipaddress.IPv4Network(network)
        return any(str(wanted.supernet(new_prefix=length)) in self._prefixes for length in range(wanted.prefixlen))
