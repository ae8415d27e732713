# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Sites of the plan: their networks, WANs and tunnel units, and the two of them that a tunnel joins."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

Role = t.Literal["hub", "spoke"]
Platform = t.Literal["junos", "screenos"]


@dataclass(frozen=True)
class Lan:
    """A network of a site. ``interface`` is logical (``ge-0/0/0.0``), ``address`` has its prefix length.

    ``book_name`` is the name of the network in the address books of the other sites (``westford-net``). ``internet``
    says whether policies permit it to the Internet.
    """

    interface: str
    address: str
    network: str
    zone: str
    book_name: str
    internet: bool = True


@dataclass(frozen=True)
class Wan:
    """The connection of a site to the Internet. ``address`` has its prefix length, ``ip`` has none.

    ``gateway`` may be ``None`` where the default route is unmanaged.
    """

    interface: str
    address: str
    ip: str
    gateway: str | None
    zone: str


@dataclass(frozen=True)
class TunnelUnit:
    """A logical tunnel interface: ``st0.N`` on Junos, ``tunnel.N`` on ScreenOS.

    ``address`` has its prefix length, ``ip`` has none. Several tunnels share a ``multipoint`` unit. An ``unnumbered``
    unit has no address on its device: ``address`` is the next hop that the hub binds to its tunnel.
    """

    interface: str
    address: str
    ip: str
    zone: str
    multipoint: bool
    unnumbered: bool = False

    @property
    def number(self) -> str:
        """Return the number after the dot of the interface."""
        return self.interface.partition(".")[2]


Attachment: t.TypeAlias = "Lan | Wan | TunnelUnit"
"""A logical interface of a site, with its address and its zone."""


@dataclass(frozen=True)
class Site:
    """One host of the inventory with its addresses and networks.

    ``lans`` are the networks of the VPN, ``other_lans`` those that the site has besides. ``wans`` and ``units`` have
    at least one each.
    """

    host: str
    name: str
    role: Role
    platform: Platform
    lans: tuple[Lan, ...]
    wans: tuple[Wan, ...]
    units: tuple[TunnelUnit, ...]
    host_name: str | None = None
    release: str | None = None
    other_lans: tuple[Lan, ...] = ()

    @property
    def all_lans(self) -> tuple[Lan, ...]:
        """Return the networks behind the site, whether in the VPN or not."""
        return (*self.lans, *self.other_lans)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """Return the logical interfaces of LANs, WANs and tunnels."""
        return (*self.all_lans, *self.wans, *self.units)

    @property
    def wan_zones(self) -> tuple[str, ...]:
        """Return each zone of a WAN once."""
        return tuple(dict.fromkeys(wan.zone for wan in self.wans))

    @property
    def tunnel_zones(self) -> tuple[str, ...]:
        """Return each zone of a tunnel unit once."""
        return tuple(dict.fromkeys(unit.zone for unit in self.units))


@dataclass(frozen=True)
class End:
    """One end of a tunnel: a WAN of a site, and the unit of the site that the tunnel is bound to."""

    site: Site
    wan: Wan
    unit: TunnelUnit
