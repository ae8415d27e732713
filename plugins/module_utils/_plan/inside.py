# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read the networks behind routers on a LAN, and the names of networks in address books."""

from __future__ import annotations

import re
import typing as t
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft, InsideDraft, LanDraft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.names import NAME_LIMIT
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems, kind_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table, reserved_addresses

_KEYS = ("network", "next_hop", "name")
_EXAMPLE = "10.50.0.0/16"
_NETWORK = re.compile(r"[0-9.]{7,15}/[0-9]{1,2}")
# Names that address books of Junos and ScreenOS have already, and those of each device's own networks.
_RESERVED = re.compile(r"(?i:any(-ipv[46])?|all)|local-net(-[0-9]+)?")


def read_inside(row: Table, lan: IPv4Interface | None, variable: str) -> tuple[InsideDraft, ...]:
    """Return the entries of ``networks`` of a LAN, and note each problem."""
    value = row.value("networks")
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)):
        row.note("not_network_list", "networks", value, actual=kind_of(value))
        return ()
    tables = [row.nested(one, f"networks[{index}]", _KEYS) for index, one in enumerate(value)]
    return tuple(
        InsideDraft(
            f"{variable}.networks[{index}]",
            _network(table),
            _next_hop(table, lan),
            network_name(table),
        )
        for index, table in enumerate(tables)
        if table is not None
    )


def network_name(row: Table) -> str | None:
    """Return the name of a network in address books, where the row gives one."""
    name = row.name("name", "the name of a network", NAME_LIMIT)
    if name is not None and _RESERVED.fullmatch(name):
        row.note("reserved_name", "name", name, meaning="address books have it already")
        return None
    return name


def _network(row: Table) -> IPv4Network | None:
    text = row.text("network", f"Give the network behind the router, as in {_EXAMPLE}")
    if text is None:
        return None
    try:
        network = IPv4Network(text, strict=False) if _NETWORK.fullmatch(text) else None
    except ValueError:
        network = None
    if network is None:
        row.note("not_a_network", "network", text, example=_EXAMPLE)
    elif network.is_multicast or network.is_loopback or network.is_unspecified or not network.prefixlen:
        row.note("special_address", "network", text)
    elif str(network) != text:
        row.note("host_bits", "network", text, network=network)
    else:
        return network
    return None


def _next_hop(row: Table, lan: IPv4Interface | None) -> IPv4Address | None:
    hop = row.ip("next_hop", "10.1.0.254", "Give the address of the router on the LAN")
    if hop is None or lan is None:
        return hop
    actual = ""
    if hop not in lan.network:
        actual = "not on the LAN"
    elif hop == lan.ip:
        actual = "this host's own address"
    elif hop in reserved_addresses(lan.network):
        actual = "the network or broadcast address"
    if actual:
        row.note("bad_next_hop", "next_hop", hop, actual=actual, network=lan.network)
    return hop


def check_names(drafts: t.Sequence[Draft], problems: Problems) -> None:
    """Note each name that two networks of the fleet would have in one address book."""
    taken: dict[str, str] = {}
    for draft in drafts:
        for _variable, name, named in book_names(draft):
            if not named:
                taken.setdefault(name, draft.host)
    for draft in drafts:
        for variable, name, named in book_names(draft):
            if named and name in taken:
                problems.add("duplicate_name", draft.host, f"{variable}.name", name, other=taken[name])
            elif named:
                taken[name] = draft.host


def book_names(draft: Draft) -> t.Iterator[tuple[str, str, bool]]:
    """Yield variable and name of each network, and whether the inventory gives the name: LANs first, as numbered."""
    entries: list[LanDraft | InsideDraft] = [*draft.lans, *(one for lan in draft.lans for one in lan.networks)]
    for index, entry in enumerate(entries):
        yield entry.variable, entry.name or numbered(f"{draft.name}-net", index), entry.name is not None


def numbered(name: str, index: int) -> str:
    """Return the name of an object of several: the first has the plain name, the second ends with 2."""
    return name if index == 0 else f"{name}-{index + 1}"
