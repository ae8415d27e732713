# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The networks of a fleet in few prefixes, so that a configuration does not grow with the fleet (``nhtb_summary``)."""

from __future__ import annotations

import ipaddress
import typing as t
from bisect import bisect
from collections import Counter
from itertools import groupby

from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Site
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table, as_flag

# A device names each of so many networks; of a fleet with more spokes than this it names prefixes.
MANY = 32
_PRIVATE = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_SHORTEST = 8
_DASHES = str.maketrans("./", "--")


def read_summary(table: Table) -> bool | tuple[ipaddress.IPv4Network, ...] | None:
    """Return the variable ``nhtb_summary``: the prefixes, whether they are computed, or ``None``; note each problem."""
    name = "nhtb_summary"
    value = table.value(name)
    if not isinstance(value, (list, tuple)):
        if value is not None and as_flag(value) is None:
            table.note("not_a_summary", name, value)
        return as_flag(value)
    if not value:
        table.note("not_a_summary", name, value)
    found = [_prefix(table, f"{name}[{index}]", one) for index, one in enumerate(value)]
    return tuple(one for one in dict.fromkeys(found) if one is not None)


def _prefix(table: Table, name: str, value: object) -> ipaddress.IPv4Network | None:
    try:
        prefix = ipaddress.IPv4Network(value) if isinstance(value, str) and "/" in value else None
    except ValueError:
        prefix = None
    if prefix is None or prefix.prefixlen < _SHORTEST:
        table.note("not_a_prefix", name, value, shortest=_SHORTEST)
        return None
    return prefix


def is_summarised(draft: Draft, spokes: int) -> bool:
    """Return whether a device has a summary of the far networks in place of each of them."""
    return spokes > MANY if draft.summary is None else bool(draft.summary)


def named(prefixes: t.Iterable[ipaddress.IPv4Network]) -> dict[str, str]:
    """Return prefixes by the names that they have in address books."""
    return {f"vpn-{str(one).translate(_DASHES)}": str(one) for one in prefixes}


class Summary:
    """The networks of a whole fleet in few prefixes, computed once: the same on every device.

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
            self._names = named(self._joined())
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


def _neighbours(networks: list[ipaddress.IPv4Network], length: int) -> t.Iterator[list[ipaddress.IPv4Network]]:
    """Yield the networks, sorted, in groups that are within one prefix of this length."""
    mask = 0xFFFFFFFF << (32 - length)
    for _prefix, group in groupby(networks, key=lambda one: int(one.network_address) & mask):
        yield list(group)


# --- prefixes that the inventory lists ------------------------------------------------------------


def check_summaries(drafts: t.Sequence[Draft], problems: Problems) -> None:
    """Check each list of prefixes against the networks of the whole fleet; hosts with the same list share the work."""
    hosts: dict[tuple[ipaddress.IPv4Network, ...], list[Draft]] = {}
    for draft in drafts:
        if isinstance(draft.summary, tuple) and draft.summary:
            hosts.setdefault(draft.summary, []).append(draft)
    for prefixes, having in hosts.items():
        found: dict[tuple[str, str], list[dict[str, object]]] = {}
        for kind, value, facts in _of_list(prefixes, drafts):
            found.setdefault((kind, value), []).append(facts)
        for (kind, value), places in found.items():
            # No device routes its own networks into the tunnel.
            own = Counter(str(facts["other"]) for facts in places if kind == "summary_lacks")
            for draft in having:
                count = len(places) - own[draft.host]
                if count:
                    first = next(facts for facts in places if not own[draft.host] or facts["other"] != draft.host)
                    more = f" and {count - 1} more" if count > 1 else ""
                    problems.add(kind, draft.host, "nhtb_summary", value, more=more, **first)


_Found = tuple[str, str, dict[str, object]]


def _of_list(prefixes: t.Sequence[ipaddress.IPv4Network], drafts: t.Iterable[Draft]) -> t.Iterator[_Found]:
    """Yield the problems of a list of prefixes: over a WAN, within another network, or without a LAN of the VPN."""
    for draft in drafts:
        if draft.wan.address is not None:
            for one in prefixes:
                if one.overlaps(draft.wan.address.network):
                    yield "summary_over_wan", str(one), {"network": draft.wan.address.network, "other": draft.host}
        hub = draft.role == "hub"
        own = [
            ("nhtb_tunnel.address", _network_of(draft.tunnel.address if hub else None), False),
            *((f"{lan.variable}.address", _network_of(lan.address), lan.vpn) for lan in draft.lans),
            *((one.variable, one.network, lan.vpn) for lan in draft.lans for one in lan.networks),
        ]
        for variable, network, in_vpn in own:
            if network is None:
                continue
            facts: dict[str, object] = {"network": network, "other_variable": variable, "other": draft.host}
            if in_vpn and not any(network.subnet_of(one) for one in prefixes):
                yield "summary_lacks", ", ".join(map(str, prefixes)), facts
            for one in () if in_vpn else prefixes:
                if one.subnet_of(network):
                    yield "summary_within", str(one), facts


def _network_of(address: ipaddress.IPv4Interface | None) -> ipaddress.IPv4Network | None:
    return None if address is None else address.network
