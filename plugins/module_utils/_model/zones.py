# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The zones of a device, their address books, the policies between them, and the source NAT from them."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass

AddressBook = t.Literal["global", "zone", "attached"]
Purpose = t.Literal["internet", "tunnel", "spokes", "closed"]
PolicyAction = t.Literal["permit", "deny", "reject"]


@dataclass(frozen=True)
class ZoneInterface:
    """An interface with host-inbound services and protocols of its own, which replace those of its zone."""

    name: str
    system_services: tuple[str, ...]
    protocols: tuple[str, ...] = ()


@dataclass(frozen=True)
class Zone:
    """Interfaces, host-inbound services and protocols of a zone; unmanaged zones have the tunnel units alone."""

    name: str
    interfaces: tuple[str, ...]
    system_services: tuple[str, ...]
    protocols: tuple[str, ...] = ()
    of_interfaces: tuple[ZoneInterface, ...] = ()

    def inbound(self, interface: str) -> Zone | ZoneInterface:
        """Return where the services and protocols of an interface are: on itself, or on the zone."""
        return next((one for one in self.of_interfaces if one.name == interface), self)


@dataclass(frozen=True)
class AddressEntry:
    """One entry of an address book. ``zone`` is the zone of the network."""

    zone: str
    name: str
    prefix: str

    @property
    def ip(self) -> str:
        """Return the address of the network."""
        return self.prefix.partition("/")[0]

    @property
    def netmask(self) -> str:
        """Return the mask of the network, as ScreenOS writes it (``255.255.255.0``)."""
        return str(ipaddress.IPv4Network(self.prefix).netmask)


@dataclass(frozen=True)
class Book:
    """An address book at ``security address-book``. ``zones`` are those that it is attached to, none for ``global``."""

    name: str
    zones: tuple[str, ...]
    entries: tuple[AddressEntry, ...]


@dataclass(frozen=True)
class SecurityPolicy:
    """A policy: to the Internet, between a LAN and the tunnels, or from spoke to spoke.

    Those with purpose ``closed`` deny, and log, packets to networks behind the VPN that would leave through the WAN.
    ``rule`` is the place in ``nhtb_policies`` of a policy that an operator has stated (``nhtb_policies[0]``).
    """

    name: str
    from_zone: str
    to_zone: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    purpose: Purpose = "tunnel"
    action: PolicyAction = "permit"
    applications: tuple[str, ...] = ("any",)
    log: tuple[str, ...] = ()
    count: bool = False
    rule: str = ""


@dataclass(frozen=True)
class SourceNat:
    """Source NAT to the address of the outgoing interface, for traffic to the Internet, from 8 zones at most.

    ``to_interface`` is the WAN where its zone, ``to_zone``, has tunnels too, which nothing translates.
    """

    rule_set: str
    rule: str
    from_zones: tuple[str, ...]
    to_zone: str
    to_interface: str | None = None

    @property
    def to(self) -> str:
        """Return the target of the context, as Junos writes it."""
        return f"interface {self.to_interface}" if self.to_interface else f"zone {self.to_zone}"


def attached_books(entries: t.Iterable[AddressEntry], names: t.Mapping[str, str]) -> tuple[Book, ...]:
    """Return the address books that are attached to the zones of the entries; ``names`` are names of books by zone."""
    books: dict[str, dict[str, AddressEntry]] = {}
    zones: dict[str, dict[str, None]] = {}
    for entry in entries:
        book = names.get(entry.zone, entry.zone)
        # Zones that share a book share its entries.
        books.setdefault(book, {}).setdefault(entry.name, entry)
        zones.setdefault(book, {})[entry.zone] = None
    return tuple(Book(name, tuple(zones[name]), tuple(entries_of.values())) for name, entries_of in books.items())
