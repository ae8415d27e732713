# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Keep traffic for networks behind the VPN from leaving in clear through the WAN while a tunnel is down."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Site
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import AddressBook, AddressEntry, SecurityPolicy
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.summary import MANY, Summary

POLICY = "never-in-clear"
_ANY = ("any",)


class Closed(t.NamedTuple):
    """The deny policies of a device, and the address book entries that only they use."""

    policies: tuple[SecurityPolicy, ...]
    entries: tuple[AddressEntry, ...]


def closed(
    site: Site, from_zones: t.Iterable[str], remote: t.Sequence[AddressEntry], summary: Summary, book: AddressBook
) -> Closed:
    """Return a deny policy from each zone to the WAN zone for every network behind the VPN.

    ``remote`` are the address book entries of the far networks or of their summary; none where all traffic belongs in
    the tunnel. A policy finds a name only in the global book or in
    the book of its own zones, so books of zones get the names once more, in the WAN zone.
    """
    many = len(remote) > MANY
    named = summary.names.items() if many else [(entry.name, entry.prefix) for entry in remote]
    names = tuple(name for name, _prefix in named) or _ANY
    policies = tuple(
        SecurityPolicy(POLICY, one, zone, _ANY, names, "closed", "deny", log=("session-init",))
        for one in from_zones
        for zone in site.wan_zones
    )
    added = many or _has_own_books(site, book)
    zones = site.wan_zones if _has_own_books(site, book) else site.wan_zones[:1]
    known = () if _has_own_books(site, book) else {entry.name for entry in remote}
    added_names = [(name, prefix) for name, prefix in named if name not in known] if added else []
    entries = tuple(AddressEntry(zone, name, prefix) for zone in zones for name, prefix in added_names)
    return Closed(policies, entries)


def _has_own_books(site: Site, book: AddressBook) -> bool:
    return site.profile.by_operator or book != "global"
