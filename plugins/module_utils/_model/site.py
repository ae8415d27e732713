# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Sites of the plan: their networks, WANs and tunnel units, and the two of them that a tunnel joins."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from string import digits

from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import JUNOS, DeviceProfile

Role = t.Literal["hub", "spoke"]
# The name of a profile: junos, screenos, strongswan, generic or that of a user's.
Platform: t.TypeAlias = str
Addressing = t.Literal["static", "dhcp", "pppoe"]
IdentityKind = t.Literal["inet", "hostname", "user-at-hostname", "key-id", "distinguished-name"]


@dataclass(frozen=True)
class Identity:
    """The name by which IKE knows an end of a tunnel, of a kind in the words of Junos."""

    kind: IdentityKind
    value: str

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


@dataclass(frozen=True)
class Lan:
    """A network of a site. ``interface`` is logical (``ge-0/0/0.0``), ``address`` has its prefix length.

    ``book_name`` is the name of the network in the address books of the other sites (``westford-net``), and on its own
    device too where it is ``named`` in the inventory. ``internet`` says whether policies permit it to the Internet.
    """

    interface: str
    address: str
    network: str
    zone: str
    book_name: str
    internet: bool = True
    named: bool = False
    vlan_id: int | None = None


@dataclass(frozen=True)
class InsideNetwork:
    """A network behind a router on a LAN. ``interface`` and ``zone`` are the LAN's, ``next_hop`` is the router."""

    interface: str
    network: str
    next_hop: str
    zone: str
    book_name: str
    internet: bool = True
    named: bool = False


Network: t.TypeAlias = "Lan | InsideNetwork"
"""A network that other sites reach through the VPN, or that is outside it."""


@dataclass(frozen=True)
class Loopback:
    """A loopback interface from which IKE speaks. ``address`` has its prefix length."""

    interface: str
    address: str
    zone: str


@dataclass(frozen=True)
class Wan:
    """The connection of a site to the Internet. ``address`` has its prefix length, ``ip`` has none.

    Both are ``None`` where the provider gives the address. ``ip`` is the address that the peers use: that of the
    ``loopback``, where there is one. ``gateway`` may be ``None`` there, and where the default route is unmanaged.
    ``public_address`` is where peers reach the WAN, if that is not ``ip``: NAT translates it. ``backup_addresses`` lead
    to the site too. ``nat_keepalive`` is in seconds. ``underlying`` is the Ethernet interface that carries a PPPoE
    interface.
    """

    interface: str
    address: str | None
    ip: str | None
    gateway: str | None
    zone: str
    addressing: Addressing = "static"
    behind_nat: bool = False
    public_address: str | None = None
    backup_addresses: tuple[str, ...] = ()
    nat_keepalive: int | None = None
    underlying: str | None = None
    loopback: Loopback | None = None
    vlan_id: int | None = None

    @property
    def ike_interface(self) -> str:
        """Return the interface from which IKE speaks."""
        return self.loopback.interface if self.loopback else self.interface

    @property
    def reached_at(self) -> tuple[str, ...]:
        """Return the addresses at which peers reach the WAN, the first one first; none where no fixed one is known."""
        first = self.public_address or (None if self.behind_nat else self.ip)
        return (first, *self.backup_addresses) if first else ()

    @property
    def described(self) -> str:
        """Return the address, or where it comes from, and the public one where that is another, for a table."""
        own = self.ip or self.addressing
        return f"{own} ({self.public_address})" if self.public_address else own


@dataclass(frozen=True)
class TunnelUnit:
    """A logical tunnel interface: ``st0.N`` on Junos, ``tunnel.N`` on ScreenOS, as the profile names it.

    ``address`` has its prefix length, ``ip`` has none. Several tunnels share a ``multipoint`` unit.
    ``mtu`` is in bytes of an IP packet, ``None`` for the platform's default.
    An ``unnumbered`` unit has no address on its device: ``address`` is the next hop that the hub binds to its tunnel.
    """

    interface: str
    address: str
    ip: str
    zone: str
    multipoint: bool
    mtu: int | None = None
    unnumbered: bool = False

    @property
    def number(self) -> str:
        """Return the number at the end of the interface."""
        return self.interface[len(self.interface.rstrip(digits)) :]


Attachment: t.TypeAlias = "Lan | Wan | Loopback | TunnelUnit"
"""A logical interface of a site, with its address and its zone."""


@dataclass(frozen=True)
class Site:
    """One host of the inventory with its addresses and networks.

    ``lans`` are the networks of the VPN, ``other_lans`` those that the site has besides; ``inside`` and
    ``other_inside`` are those behind a router on one of them. ``wans`` and ``units`` have at least one each.
    """

    host: str
    name: str
    role: Role
    lans: tuple[Lan, ...]
    wans: tuple[Wan, ...]
    units: tuple[TunnelUnit, ...]
    host_name: str | None = None
    release: str | None = None
    other_lans: tuple[Lan, ...] = ()
    inside: tuple[InsideNetwork, ...] = ()
    other_inside: tuple[InsideNetwork, ...] = ()
    profile: DeviceProfile = field(default=JUNOS, repr=False)

    @property
    def platform(self) -> Platform:
        """Return the name of the kind of device."""
        return self.profile.name

    @property
    def all_lans(self) -> tuple[Lan, ...]:
        """Return the networks behind the site, whether in the VPN or not."""
        return (*self.lans, *self.other_lans)

    @property
    def networks(self) -> tuple[Network, ...]:
        """Return the networks of the VPN, those behind routers included."""
        return (*self.lans, *self.inside)

    @property
    def all_networks(self) -> tuple[Network, ...]:
        """Return the networks of the site, whether in the VPN or not, those behind routers included."""
        return (*self.lans, *self.other_lans, *self.inside, *self.other_inside)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """Return the logical interfaces of LANs, WANs and tunnels."""
        return (*self.all_lans, *self.wans, *self.loopbacks, *self.units)

    @property
    def loopbacks(self) -> tuple[Loopback, ...]:
        """Return the loopback interfaces from which IKE speaks."""
        return tuple(wan.loopback for wan in self.wans if wan.loopback)

    @property
    def wan_zones(self) -> tuple[str, ...]:
        """Return each zone of a WAN once."""
        return tuple(dict.fromkeys(wan.zone for wan in self.wans))

    @property
    def tunnel_zones(self) -> tuple[str, ...]:
        """Return each zone of a tunnel unit once."""
        return tuple(dict.fromkeys(unit.zone for unit in self.units))

    @property
    def own_tunnel_zones(self) -> tuple[str, ...]:
        """Return the zones of tunnel units with neither a LAN nor a WAN."""
        shared = {*(lan.zone for lan in self.all_lans), *self.wan_zones}
        return tuple(zone for zone in self.tunnel_zones if zone not in shared)


@dataclass(frozen=True)
class End:
    """One end of a tunnel: a WAN of a site, and the unit of the site that the tunnel is bound to."""

    site: Site
    wan: Wan
    unit: TunnelUnit
