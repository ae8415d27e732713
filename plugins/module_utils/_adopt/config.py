# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The configuration of a device outside one group: interfaces, zones and address books in effect."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import ANY_ADDRESS
from ansible_collections.hubspoke.srx.plugins.module_utils._config.policy_lookup import Traffic, decide
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Statement, Words, outside


class Config:
    """The statements in effect outside one group: those of the top level and of the other applied groups."""

    def __init__(self, commands: t.Sequence[str], group: str) -> None:
        """``commands`` are set commands as the device prints them, groups not inherited."""
        self.commands = commands
        self.group = group
        self.statements: tuple[Statement, ...] = outside(commands, group)
        self._hierarchy = Hierarchy(statement.words for statement in self.statements)

    @property
    def hierarchy(self) -> Hierarchy:
        """Return these statements as a tree."""
        return self._hierarchy

    def names(self, path: str, *names: str) -> list[str]:
        """Return the words behind those of ``path`` and then ``names``, each once, in the device's order."""
        return self._hierarchy.names(*path.split(), *names)

    def value(self, path: str, *names: str) -> str:
        """Return the first word behind those of ``path`` and then ``names``; empty without one."""
        found = self.names(path, *names)
        return found[0] if found else ""

    def below(self, place: Words) -> list[Words]:
        """Return the statements below a place, each as the words behind those of the place."""
        return self._hierarchy.below(*place)

    # --- interfaces and zones ---

    def addresses(self, interface: str) -> list[str]:
        """Return the IPv4 addresses of a logical interface, with prefix lengths."""
        physical, _dot, unit = interface.partition(".")
        return self.names("interfaces", physical, "unit", unit or "0", "family", "inet", "address")

    def asks_for_lease(self, interface: str) -> bool:
        """Return whether a logical interface gets its address by DHCP."""
        physical, _dot, unit = interface.partition(".")
        return "dhcp" in self.names("interfaces", physical, "unit", unit or "0", "family", "inet")

    def underlying_of(self, interface: str) -> str:
        """Return the Ethernet interface under a PPPoE interface that negotiates its address; empty for another one."""
        physical, _dot, unit = interface.partition(".")
        place = ("interfaces", physical, "unit", unit or "0")
        negotiates = "negotiate-address" in self.names(*place, "family", "inet")
        return logical(self.value(*place, "pppoe-options", "underlying-interface")) if negotiates else ""

    def zone_of(self, interface: str) -> str:
        """Return the zone of a logical interface; empty without one."""
        zones = self.names("security zones security-zone")
        return next((zone for zone in zones if interface in self.interfaces(zone)), "")

    def interfaces(self, zone: str) -> list[str]:
        """Return the logical interfaces of a zone."""
        members = self.names("security zones security-zone", zone, "interfaces")
        return [logical(name) for name in members]

    def networks_of(self, interface: str) -> dict[str, str]:
        """Return the networks of an interface, each with the interface's address in it."""
        return {str(ipaddress.IPv4Interface(address).network): address for address in self.addresses(interface)}

    # --- address books ---

    @property
    def book_kind(self) -> str:
        """Return ``zone``, ``attached`` or ``global``, empty without any address book."""
        books = self.names("security address-book")
        if any(self.names("security address-book", one, "attach", "zone") for one in books):
            return "attached"
        if books:
            return "global"
        zones = self.names("security zones security-zone")
        return "zone" if any(self.names("security zones security-zone", zone, "address-book") for zone in zones) else ""

    def prefixes(self, zone: str, names: t.Iterable[str]) -> list[str]:
        """Return the prefixes of address book names in a zone, with ``any`` as it is and unknown names omitted."""
        found: list[str] = []
        for name in names:
            if name in ANY_ADDRESS:
                found.append("any")
            for place in self._books(zone):
                entry = self.value(" ".join(place), "address", name)
                members = self.names(" ".join(place), "address-set", name, "address")
                members += self.names(" ".join(place), "address-set", name, "address-set")
                if entry or members:
                    found += [entry] if entry else self.prefixes(zone, members)
                    break
        return found

    def decide(self, from_zone: str, to_zone: str, source: str, destination: str) -> tuple[str, str]:
        """Return the policy that decides about packets between two networks, and its action."""
        return decide(self._hierarchy, Traffic(from_zone, to_zone, source, destination))

    def _books(self, zone: str) -> t.Iterator[Words]:
        yield ("security", "zones", "security-zone", zone, "address-book")
        for book in self.names("security address-book"):
            if book == "global" or zone in self.names("security address-book", book, "attach", "zone"):
                yield ("security", "address-book", book)


def logical(interface: str) -> str:
    """Return the name with its unit. Junos reads a name without a unit as unit 0. Empty stays empty."""
    return interface if "." in interface or not interface else f"{interface}.0"
