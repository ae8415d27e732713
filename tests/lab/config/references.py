# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that read more than one path: names of addresses and groups, units of interfaces, contexts of NAT."""

from __future__ import annotations

import re
import typing as t

from tests.lab.config.groups import OWN_NODE
from tests.lab.config.problems import Problem
from tests.lab.config.tree import Node, edit_path, quoted, words_of

_ETHERNET = re.compile(r"(?:fe|ge|xe|et|mge)-|reth|ae")
_TAGGING = ("vlan-tagging", "flexible-vlan-tagging")
_ANY = ("any", "any-ipv4", "any-ipv6")


def group_problems(raw: Node) -> list[Problem]:
    """Return the problems of ``apply-groups`` that name a group which does not exist."""
    groups = raw.statement.children["groups"]
    known = {node.keys[0] for node in raw.entries_of(groups)}
    return list(_unknown_groups(raw, known, ()))


def _unknown_groups(node: Node, known: set[str], path: tuple[str, ...]) -> t.Iterator[Problem]:
    for ident, child in node.children.items():
        if child.inactive:
            continue
        if ident[0] == "apply-groups" and ident[1] not in known and ident[1] != OWN_NODE:
            message = f"configuration group '{ident[1]}' is not defined"
            yield Problem(
                message, edit_path=edit_path(path), bad_element=f"apply-groups {ident[1]}", source_daemon="mgd"
            )
        elif child.children:
            yield from _unknown_groups(child, known, (*path, " ".join(map(quoted, words_of(child)))))


def address_problems(effective: Node) -> list[Problem]:
    """Return the problems of policies that name an address which is in neither the zone's book nor the global one."""
    books = _Books(effective)
    problems: list[Problem] = []
    for zones, pair in effective.entries("security", "policies", "from-zone"):
        base = ("security", "policies", f"from-zone {zones[0]} to-zone {zones[1]}")
        for _keys, policy in pair.entries("policy"):
            path = (*base, f"policy {policy.keys[0]}", "match")
            problems += _unknown(policy, "source-address", books.of(zones[0]), zones[0], path)
            problems += _unknown(policy, "destination-address", books.of(zones[1]), zones[1], path)
    everywhere = books.every()
    for _keys, policy in effective.entries("security", "policies", "global", "policy"):
        path = ("security", "policies", "global", f"policy {policy.keys[0]}", "match")
        for word in ("source-address", "destination-address"):
            problems += _unknown(policy, word, everywhere, "global", path)
    return problems


def _unknown(policy: Node, word: str, known: set[str], zone: str, path: tuple[str, ...]) -> t.Iterator[Problem]:
    for name in policy.values("match", word):
        if name not in known and name not in _ANY:
            message = f"Address or address_set ({name}) not found in address book of zone {zone}."
            yield Problem(message, edit_path=edit_path(path), bad_element=f"{word} {name}", source_daemon="nsd")


class _Books:
    """Names of addresses and address sets, by the zone that may use them."""

    def __init__(self, effective: Node) -> None:
        self._global: set[str] = set()
        self._zones: dict[str, set[str]] = {}
        for keys, book in effective.entries("security", "address-book"):
            names = _names(book)
            if keys[0] == "global":
                self._global = names
            for zone in book.names("attach", "zone"):
                self._zones.setdefault(zone, set()).update(names)
        for keys, zone_node in effective.entries("security", "zones", "security-zone"):
            own = zone_node.at("address-book")
            if own is not None:
                self._zones.setdefault(keys[0], set()).update(_names(own))

    def of(self, zone: str) -> set[str]:
        """Return the names that a policy from or to ``zone`` may use."""
        return self._global | self._zones.get(zone, set())

    def every(self) -> set[str]:
        """Return the names that a global policy may use: those of the global book."""
        return self._global


def _names(book: Node) -> set[str]:
    return set(book.names("address")) | set(book.names("address-set"))


def unit_problems(effective: Node) -> list[Problem]:
    """Return the problems of units that the tagging of their interface, or another source of addresses, excludes."""
    problems: list[Problem] = []
    for (device,), interface in effective.entries("interfaces"):
        tagged = any(interface.has(word) for word in _TAGGING)
        for (number,), unit in interface.entries("unit"):
            message = ""
            if _ETHERNET.match(device) and not tagged and number != "0":
                message = "Only unit 0 is valid for this encapsulation"
            elif _ETHERNET.match(device) and tagged and not unit.has("vlan-id"):
                message = "VLAN-ID must be specified on tagged ethernet interfaces"
            elif _ETHERNET.match(device) and not tagged and unit.has("vlan-id"):
                message = "VLAN-ID can only be specified on tagged ethernet interfaces"
            elif unit.has("family", "inet", "dhcp") and unit.names("family", "inet", "address"):
                message = "dhcp and a static address must not both be configured on an interface"
            elif unit.has("family", "ethernet-switching") and unit.has("family", "inet"):
                message = "family ethernet-switching and family inet must not both be configured on a unit"
            if message:
                path = edit_path(("interfaces", device))
                problems.append(Problem(message, edit_path=path, bad_element=f"unit {number}", source_daemon="dcd"))
    return problems


def nat_problems(effective: Node) -> list[Problem]:
    """Return the problems of rule sets of source NAT for a pair of zones that another one has already."""
    seen: dict[tuple[str, str], str] = {}
    problems: list[Problem] = []
    for (name,), rules in effective.entries("security", "nat", "source", "rule-set"):
        pairs = [(one, other) for one in rules.values("from", "zone") for other in rules.values("to", "zone")]
        first = next((seen[pair] for pair in pairs if pair in seen), None)
        if first is not None:
            message = f"rule-set {name} has the same context as rule-set {first}"
            path = edit_path(("security", "nat", "source"))
            problems.append(Problem(message, edit_path=path, bad_element=f"rule-set {name}", source_daemon="nsd"))
        seen.update(dict.fromkeys(pairs, name))
    return problems
