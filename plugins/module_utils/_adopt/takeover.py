# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Move statements of the top level into the group of a plan: which ones are deleted, and what that changes.

A statement is deleted where the group has it too, under the same or another name. A statement that the plan does not
know stays at the top level.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.objects import VpnObjects
from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import (
    OBJECTS,
    POLICIES,
    POLICY_SIZE,
    ROUTE,
    ROUTE_TARGETS,
    begins_like,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import KEY_STATEMENTS, mask, same_key
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import quoted, words_of
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Words, planned_words
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import KeyCodec
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import SecurityPolicy

# The words before the name of a zone in a policy, a NAT rule set and the like.
_ZONE_NAMERS = ("from-zone", "to-zone", "zone")
_CONDITIONS = {"source-address", "destination-address", "application"}
# Containers that Junos keeps, empty, when all of their statements are deleted; it removes those around them by itself.
_CONTAINERS = tuple(
    tuple(path.split())
    for path in (
        "interfaces *",
        "interfaces * unit *",
        "interfaces * unit * family inet",
        "interfaces * unit * family inet next-hop-tunnel *",
        "routing-options static route *",
        "security address-book *",
        "security ike proposal *",
        "security ike policy *",
        "security ike gateway *",
        "security ipsec proposal *",
        "security ipsec policy *",
        "security ipsec vpn *",
        "security nat source rule-set *",
        "security nat source rule-set * rule *",
        "security policies from-zone * to-zone *",
        "security policies from-zone * to-zone * policy *",
        "security zones security-zone *",
    )
)


@dataclass(frozen=True)
class TakeOver:
    """A device before and after its group takes over statements of the top level. All statements are masked.

    ``moved`` counts statements that the group has instead, equal but for names. ``changes`` are statements that are
    lost or different in the group (``-``), and those that are new (``+``). ``stays`` are statements about the tunnels
    that remain outside the group.
    """

    moved: int
    changes: tuple[str, ...]
    stays: tuple[str, ...]


def take_over(plan: DevicePlan, text: str, config: Config, keys: t.Mapping[str, str], codec: KeyCodec) -> TakeOver:
    """Return what changes when a device loads the rendered ``text`` and deletes the same at the top level.

    ``text`` has placeholders for the keys, which are given by host.
    """
    top = _TopLevel(plan, text, config)
    deleted = top.deleted()
    before = {_with_planned_key(top.renamed(words), top.planned, keys, codec) for words in deleted}
    added = top.planned - before - top.statements
    changed = sorted([(words, "-") for words in before - top.planned] + [(words, "+") for words in added])
    return TakeOver(
        moved=len(before & top.planned),
        changes=tuple(mask(f"{sign} {quoted(words)}") for words, sign in changed),
        stays=tuple(mask(quoted(words)) for words in top.remaining(deleted)),
    )


def deletions(plan: DevicePlan, text: str, commands: t.Sequence[str]) -> list[str]:
    """Return the delete commands for the top level of a device that takes a plan over.

    ``text`` is the rendered configuration, ``commands`` are the device's set commands, groups not inherited.
    """
    top = _TopLevel(plan, text, Config(commands, plan.group))
    return [f"delete {quoted(words)}" for words in _shortest(top.deleted(), commands, top.used_zone)]


def lost_policies(plan: DevicePlan, text: str, config: Config) -> list[Words]:
    """Return the places of policies that a group which owns its pairs of zones deletes, and says nothing like."""
    top = _TopLevel(plan, text, config)
    kept = {words[:POLICY_SIZE] for words in top.planned} | set(top.replaced)
    return [place for place in other_policies(plan, top.statements) if place not in kept]


class _TopLevel:
    """The top level of a device and the statements that a plan takes over from it."""

    def __init__(self, plan: DevicePlan, text: str, config: Config) -> None:
        self.planned = frozenset(planned_words(text, plan.group))
        self._plan = plan
        self._config = config
        self._statements = [one.words for one in config.statements if not one.group]
        self._vpns = VpnObjects(config, plan)
        # Address book entries that remaining statements name: without them, those would fail once the group is removed.
        self._used: set[Words] = set()
        # The places whose statements are all taken over.
        self._taken = {*self._vpns.places, *self._planned_objects(), *self._bindings()}
        self._policies = self._replaced_policies()
        self._taken |= set(self._policies) | set(other_policies(plan, self._statements))
        self._addresses = self._replaced_addresses()
        self._taken |= set(self._addresses)
        self._address_names = {
            (zone, path[-1]): name for path, name in self._addresses.items() for zone in self._zones_of(path)
        }

    def _zones_of(self, entry: Words) -> tuple[str, ...]:
        """Return the zones of an address book entry; the empty name stands for all."""
        if entry[1] == "zones":
            return (entry[3],)
        attached = (zone for zone, book in self._plan.book_names if book == entry[2])
        return ("",) if entry[2] == "global" else tuple(attached)

    @property
    def replaced(self) -> t.Collection[Words]:
        """Return the places of policies within a planned one."""
        return self._policies

    @property
    def statements(self) -> set[Words]:
        """Return all statements of the top level."""
        return set(self._statements)

    def deleted(self) -> set[Words]:
        """Return the statements that are taken over."""
        return {words for words in self._statements if self._is_deleted(words)}

    def renamed(self, words: Words) -> Words:
        """Return a statement with the plan's names for its object and for the objects that it refers to."""
        if words[:3] == POLICIES and len(words) > POLICY_SIZE + 1:
            name = self._policies.get(words[:POLICY_SIZE], words[7])
            last = words[-1]
            if words[8:10] in (("match", "source-address"), ("match", "destination-address")):
                zone = words[3] if words[9] == "source-address" else words[5]
                last = self._address_names.get((zone, last), self._address_names.get(("", last), last))
            return (*words[:7], name, *words[8:-1], last)
        for size in (5, 7):
            if words[:size] in self._addresses:
                return (*words[: size - 1], self._addresses[words[:size]], *words[size:])
        return self._vpns.renamed(words)

    @property
    def used_zone(self) -> Words:
        """Return the place of the tunnels' zone where a remaining statement names it; else no words."""
        zones = self._plan.site.tunnel_zones
        for words in self._statements:
            named = [name for one, name in pairwise(words) if one in _ZONE_NAMERS and name in zones]
            if named and not self._is_deleted(words):
                return ("security", "zones", "security-zone", named[0])
        return ()

    def remaining(self, deleted: t.Collection[Words]) -> list[Words]:
        """Return the statements about the tunnels that stay outside the group."""
        site = self._plan.site
        hops = {tunnel.next_hop for tunnel in self._plan.tunnels}
        units = {unit.interface for unit in site.units}
        places = [("interfaces", "st0", "unit", unit.number) for unit in site.units]
        # A zone that is a LAN's or a WAN's too has much that is not about the tunnels.
        places += [("security", "zones", "security-zone", zone) for zone in site.own_tunnel_zones]

        def is_about_tunnels(words: Words) -> bool:
            return (
                not units.isdisjoint(words)
                or words[:4] in places
                or (words[:3] == POLICIES and not {words[3], words[5]}.isdisjoint(site.own_tunnel_zones))
                or (words[:3] == ROUTE and not hops.isdisjoint(words))
            )

        return [
            one.words
            for one in self._config.statements
            if (one.group or one.words not in deleted) and is_about_tunnels(one.words)
        ]

    # --- what the plan takes over ---

    def _is_deleted(self, words: Words) -> bool:
        if words[:3] == ROUTE:
            # Preferences and tags of a route belong to the device.
            return words in self.planned or (words[:4] in self._taken and words[4] in ROUTE_TARGETS)
        if any(words[: size + 1] in self._used for size in range(len(words))):
            return False
        return words in self.planned or any(words[: size + 1] in self._taken for size in range(len(words)))

    def _planned_objects(self) -> t.Iterator[Words]:
        """Yield the places of planned objects: any other statement there would change them."""
        for pattern in OBJECTS:
            yield from (
                words[: len(pattern)]
                for words in self.planned
                if len(words) > len(pattern) and begins_like(words, pattern)
            )

    def _bindings(self) -> t.Iterator[Words]:
        """Yield the next-hop tunnel entries of the VPNs that are taken over."""
        for words in self._statements:
            is_entry = words[:2] == ("interfaces", "st0") and words[6:7] == ("next-hop-tunnel",)
            if is_entry and ("vpn", words[-1]) in self._vpns.names:
                yield words[:8]

    def _replaced_policies(self) -> dict[Words, str]:
        """Return the policies within a planned one, for all applications, with the name of the planned one."""
        found: dict[Words, str] = {}
        policies = (words for words in self._statements if words[:3] == POLICIES and len(words) > POLICY_SIZE)
        for place in dict.fromkeys(words[:POLICY_SIZE] for words in policies):
            for ours in self._plan.policies:
                between = (place[3], place[5]) == (ours.from_zone, ours.to_zone)
                same = ours.action == "permit" and ours.applications == ("any",)
                if between and same and self._is_within(place, ours):
                    # A policy for less traffic comes before one for more.
                    found.setdefault(place, ours.name)
        return found

    def _is_within(self, policy: Words, ours: SecurityPolicy) -> bool:
        """Return whether a policy is a permit policy for a part of a planned one's traffic."""
        config, place = self._config, " ".join(policy)
        if set(config.names(place)) != {"match", "then"} or config.names(place, "then") != ["permit"]:
            return False
        if config.names(place, "then", "permit") or config.names(place, "match", "application") != ["any"]:
            return False
        if set(config.names(place, "match")) != _CONDITIONS:
            return False
        planned = {(entry.zone, entry.name): entry.prefix for entry in self._plan.address_book}
        ends = (
            ("source-address", ours.from_zone, ours.sources),
            ("destination-address", ours.to_zone, ours.destinations),
        )
        for field, zone, names in ends:
            there = config.names(place, "match", field)
            prefixes = config.prefixes(zone, there)
            wanted = {"any" if name == "any" else planned.get((zone, name), "") for name in names}
            if "any" not in wanted and (len(prefixes) < len(there) or not set(prefixes) <= wanted):
                return False
        return True

    def _book(self, zone: str) -> Words:
        """Return the place of the planned address book of a zone."""
        kind = self._plan.address_book_kind
        if kind == "zone":
            return ("security", "zones", "security-zone", zone, "address-book")
        name = dict(self._plan.book_names).get(zone, zone) if kind == "attached" else "global"
        return ("security", "address-book", name)

    def _replaced_addresses(self) -> dict[Words, str]:
        """Return address book entries of planned prefixes, used by no remaining statement, with their planned names."""
        users = Counter(word for words in self._statements if not self._is_deleted(words) for word in set(words))
        found: dict[Words, str] = {}
        books: dict[Words, dict[str, str]] = {}
        for entry in self._plan.address_book:
            books.setdefault((*self._book(entry.zone), "address"), {})[entry.prefix] = entry.name
        for path, planned in books.items():
            for name in self._config.names(" ".join(path)):
                new = planned.get(self._config.value(" ".join(path), name))
                if new is None:
                    continue
                # An entry under another name than planned counts itself among its users.
                if users[name] > (name != new):
                    self._used.add((*path, name))
                else:
                    found.update({(*path, name): new})
        return found


def other_policies(plan: DevicePlan, statements: t.Iterable[Words]) -> t.Iterator[Words]:
    """Yield the places of policies between the zones of planned ones, where the group owns all of them."""
    pairs = {(one.from_zone, one.to_zone) for one in plan.policies} if plan.owns_zone_pairs else set()
    for place in dict.fromkeys(words[:POLICY_SIZE] for words in statements if words[:3] == POLICIES):
        if len(place) == POLICY_SIZE and (place[3], place[5]) in pairs:
            yield place


def _with_planned_key(words: Words, planned: t.Collection[Words], keys: t.Mapping[str, str], codec: KeyCodec) -> Words:
    """Return a statement with the placeholder for its key where the key is the planned one."""
    if words[-3:-1] in KEY_STATEMENTS:
        for one in planned:
            if one[:-1] == words[:-1] and same_key(one[-1], words[-1], keys, codec):
                return one
    return words


def _shortest(deleted: t.Collection[Words], commands: t.Sequence[str], kept: Words) -> list[Words]:
    """Return the fewest places to delete for these statements and no others, without an empty container remaining.

    The container at ``kept`` stays, empty: a statement names it that would fail once the group is removed.
    """
    there: Counter[Words] = Counter()
    for words in dict.fromkeys(
        words[1:] for command in commands for words in words_of(command) if words[1:2] != ("groups",)
    ):
        there.update(words[: size + 1] for size in range(len(words)))
    going: Counter[Words] = Counter()
    for words in deleted:
        going.update(words[: size + 1] for size in range(len(words)))
    going[kept] = 0
    return sorted({_container(words, there, going) for words in deleted})


def _container(words: Words, there: t.Mapping[Words, int], going: t.Mapping[Words, int]) -> Words:
    """Return the outermost container of a statement that is deleted whole, or the statement."""
    cuts = (words[: len(one)] for one in _CONTAINERS if len(words) > len(one) and begins_like(words, one))
    return next((cut for cut in cuts if there[cut] == going[cut]), words)
