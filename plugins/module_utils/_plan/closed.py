# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Keep traffic for networks behind the VPN from leaving in clear through the WAN while a tunnel is down."""

from __future__ import annotations

import ipaddress
import typing as t
from bisect import bisect
from itertools import groupby

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import (
    AddressBook,
    AddressEntry,
    SecurityPolicy,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Platform, Site

POLICY = "never-in-clear"
# Entries of the policy with so many networks name each of them; of more, a summary is made.
MANY = 32
_ANY = ("any",)
_PRIVATE = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_SHORTEST = 8


class Closed(t.NamedTuple):
    """The deny policies of a device, and the address book entries that only they use."""

    policies: tuple[SecurityPolicy, ...]
    entries: tuple[AddressEntry, ...]


def closed(
    site: Site, from_zones: t.Iterable[str], remote: t.Sequence[AddressEntry], summary: Summary, book: AddressBook
) -> Closed:
    """Return a deny policy from each zone to the WAN zone for every network behind the VPN.

    ``remote`` are the address book entries of the far networks. A policy finds a name only in the global book or in
    the book of its own zones, so books of zones get the names once more, in the WAN zone.
    """
    many = len(remote) > MANY
    named = summary.names.items() if many else [(entry.name, entry.prefix) for entry in remote]
    names = tuple(name for name, _prefix in named)
    policies = tuple(
        SecurityPolicy(POLICY, one, zone, _ANY, names, "closed", "deny", log=("session-init",))
        for one in from_zones
        for zone in site.wan_zones
    )
    added = many or _has_own_books(site.platform, book)
    zones = site.wan_zones if _has_own_books(site.platform, book) else site.wan_zones[:1]
    entries = tuple(AddressEntry(zone, name, prefix) for zone in zones for name, prefix in named) if added else ()
    return Closed(policies, entries)


def _has_own_books(platform: Platform, book: AddressBook) -> bool:
    return platform == "screenos" or book != "global"


class Summary:
    """The networks of a whole fleet in few prefixes, computed once, for policies that deny: the same on every device.

    Neighbours are joined until at most ``MANY`` prefixes remain. Only private addresses are widened, and never over
    the network of a WAN, where the peers are.
    """

    def __init__(self, sites: t.Sequence[Site]) -> None:
        self._sites = sites
        self._wans = sorted(
            int(ipaddress.IPv4Interface(address).network.network_address)
            for site in sites
            for address in (*(wan.address for wan in site.wans), *(one.address for one in site.loopbacks))
            if address
        )
        self._names: dict[str, str] | None = None

    @property
    def names(self) -> t.Mapping[str, str]:
        """Return the prefixes by name."""
        if self._names is None:
            self._names = {f"vpn-{str(one).translate(_DASHES)}": str(one) for one in self._joined()}
        return self._names

    def _joined(self) -> list[ipaddress.IPv4Network]:
        lans = (ipaddress.IPv4Network(lan.network) for site in self._sites for lan in site.networks)
        networks = list(ipaddress.collapse_addresses(lans))
        for length in range(31, _SHORTEST - 1, -1):
            if len(networks) <= MANY:
                break
            networks = [joined for group in _neighbours(networks, length) for joined in self._join(group)]
        return networks

    def _join(self, group: list[ipaddress.IPv4Network]) -> list[ipaddress.IPv4Network]:
        if len(group) == 1:
            return group
        first, last = int(group[0].network_address), int(group[-1].broadcast_address)
        around = ipaddress.IPv4Network((first, 32 - (first ^ last).bit_length()), strict=False)
        following = bisect(self._wans, int(around.network_address) - 1)
        has_wan = following < len(self._wans) and self._wans[following] <= int(around.broadcast_address)
        is_private = any(around.subnet_of(private) for private in _PRIVATE)
        return [around] if is_private and not has_wan else group


_DASHES = str.maketrans("./", "--")


def _neighbours(networks: list[ipaddress.IPv4Network], length: int) -> t.Iterator[list[ipaddress.IPv4Network]]:
    """Yield the networks, sorted, in groups that are within one prefix of this length."""
    mask = 0xFFFFFFFF << (32 - length)
    for _prefix, group in groupby(networks, key=lambda one: int(one.network_address) & mask):
        yield list(group)
