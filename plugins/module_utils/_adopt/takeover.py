# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Which statements of the top level a plan takes over into its group, and what that changes.

Taken over is what the group says itself, under the same or another name. What the plan does not know stays.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.objects import VpnObjects
from ansible_collections.hubspoke.srx.plugins.module_utils._config.conflicts import LEADS, OBJECTS, ROUTE, is_a
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask, same_key
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import quoted, words_of
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Words, planned_words
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, SecurityPolicy
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import KeyCodec

_KEY = ("pre-shared-key", "ascii-text")
_POLICIES = ("security", "policies", "from-zone")
# What stays behind empty once all of its statements are deleted; Junos cleans up the containers around it by itself.
_HUSKS = tuple(
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
class Move:
    """``deletions`` are delete commands for the top level. ``changes`` and ``stays`` are masked statements.

    ``moved`` counts statements that the group says instead, word for word but for names. ``changes`` are those that
    it says otherwise (C(-)), and those that are new (C(+)). ``stays`` are statements about the tunnels that remain
    outside of the group.
    """

    deletions: tuple[str, ...]
    moved: int
    changes: tuple[str, ...]
    stays: tuple[str, ...]


def move(plan: DevicePlan, text: str, config: Config, keys: t.Mapping[str, str], codec: KeyCodec) -> Move:
    """What it is to load the rendered C(text), keys named, and to take the same out of the top level."""
    search = _Search(plan, text, config)
    gone = search.gone()
    said = {_unsalted(search.renamed(words), search.planned, keys, codec) for words in gone}
    changed = sorted(
        [(words, "-") for words in said - search.planned] + [(words, "+") for words in search.planned - said]
    )
    return Move(
        deletions=tuple(f"delete {quoted(words)}" for words in _shortest(gone, config.commands)),
        moved=len(said & search.planned),
        changes=tuple(mask(f"{sign} {quoted(words)}") for words, sign in changed),
        stays=tuple(mask(quoted(words)) for words in search.remaining(gone)),
    )


class _Search:
    def __init__(self, plan: DevicePlan, text: str, config: Config) -> None:
        self.planned = frozenset(planned_words(text, plan.group))
        self._plan = plan
        self._config = config
        self._top = [one.words for one in config.statements if not one.group]
        self._vpns = VpnObjects(config, plan)
        # Where statements begin that are taken over whole.
        self._taken = {*self._vpns.prefixes, *self._same_names(), *self._bindings()}
        self._policies = self._replaced_policies()
        self._taken |= set(self._policies)
        self._addresses = self._replaced_addresses()
        self._taken |= set(self._addresses)
        self._by_name = {
            (path[3] if path[1] == "zones" else "", path[-1]): new for path, new in self._addresses.items()
        }

    def gone(self) -> set[Words]:
        """The statements of the top level that are taken over."""
        return {words for words in self._top if self._is_gone(words)}

    def renamed(self, words: Words) -> Words:
        """A statement with the names of the plan for what it is about and what it refers to."""
        if words[:3] == _POLICIES and len(words) > 9:
            name = self._policies.get(words[:8], words[7])
            last = words[-1]
            if words[8:10] in (("match", "source-address"), ("match", "destination-address")):
                zone = words[3] if words[9] == "source-address" else words[5]
                last = self._by_name.get((zone, last), self._by_name.get(("", last), last))
            return (*words[:7], name, *words[8:-1], last)
        for size in (5, 7):
            if words[:size] in self._addresses:
                return (*words[: size - 1], self._addresses[words[:size]], *words[size:])
        return self._vpns.renamed(words)

    def remaining(self, gone: t.Collection[Words]) -> list[Words]:
        """What is said about the tunnels outside of the group afterwards."""
        site = self._plan.site
        hops = {tunnel.next_hop for tunnel in self._plan.tunnels}

        def is_about(words: Words) -> bool:
            return (
                site.tunnel_interface in words
                or words[:4] == ("interfaces", "st0", "unit", site.tunnel_unit)
                or words[:4] == ("security", "zones", "security-zone", site.tunnel_zone)
                or (words[:3] == _POLICIES and site.tunnel_zone in (words[3], words[5]))
                or (words[:3] == ROUTE and not hops.isdisjoint(words))
            )

        return [
            one.words for one in self._config.statements if (one.group or one.words not in gone) and is_about(one.words)
        ]

    # --- what is taken ---

    def _is_gone(self, words: Words) -> bool:
        if words[:3] == ROUTE:
            # Preferences and tags of a route are the device's own.
            return words in self.planned or (words[:4] in self._taken and words[4] in LEADS)
        return words in self.planned or any(words[: size + 1] in self._taken for size in range(len(words)))

    def _same_names(self) -> t.Iterator[Words]:
        """Objects that the plan has too: anything else that is said to them would change the planned ones."""
        for pattern in OBJECTS:
            yield from (
                words[: len(pattern)] for words in self.planned if len(words) > len(pattern) and is_a(words, pattern)
            )

    def _bindings(self) -> t.Iterator[Words]:
        """Next-hop tunnel entries of the taken VPNs."""
        for words in self._top:
            is_entry = words[:2] == ("interfaces", "st0") and words[6:7] == ("next-hop-tunnel",)
            if is_entry and ("vpn", words[-1]) in self._vpns.names:
                yield words[:8]

    def _replaced_policies(self) -> dict[Words, str]:
        """Policies that permit all applications for no more than a planned one does, with the name of that one."""
        found: dict[Words, str] = {}
        for path in dict.fromkeys(words[:8] for words in self._top if words[:3] == _POLICIES and len(words) > 8):
            for ours in self._plan.policies:
                if (path[3], path[5]) == (ours.from_zone, ours.to_zone) and self._is_within(path, ours):
                    found[path] = ours.name
        return found

    def _is_within(self, path: Words, ours: SecurityPolicy) -> bool:
        config, place = self._config, " ".join(path)
        if set(config.names(place)) != {"match", "then"} or config.names(place, "then") != ["permit"]:
            return False
        if config.names(place, "then", "permit") or config.names(place, "match", "application") != ["any"]:
            return False
        if set(config.names(place, "match")) != {"source-address", "destination-address", "application"}:
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

    def _replaced_addresses(self) -> dict[Words, str]:
        """Address book entries for planned networks that nothing else refers to, with their planned names."""
        left = Counter(word for words in self._top if not self._is_gone(words) for word in set(words))
        found: dict[Words, str] = {}
        books: dict[Words, dict[str, str]] = {}
        for entry in self._plan.address_book:
            zone = ("security", "zones", "security-zone", entry.zone, "address-book")
            book = ("security", "address-book", "global") if self._plan.address_book_kind == "global" else zone
            books.setdefault((*book, "address"), {})[entry.prefix] = entry.name
        for path, planned in books.items():
            for name in self._config.names(" ".join(path)):
                new = planned.get(self._config.value(" ".join(path), name))
                if new is not None and (name == new or left[name] <= 1):
                    found.update({(*path, name): new})
        return found


def _unsalted(words: Words, planned: t.Collection[Words], keys: t.Mapping[str, str], codec: KeyCodec) -> Words:
    """A key that is the planned one as the plan names it."""
    if words[-3:-1] == _KEY:
        for one in planned:
            if one[:-1] == words[:-1] and same_key(one[-1], words[-1], keys, codec):
                return one
    return words


def _shortest(gone: t.Collection[Words], commands: t.Sequence[str]) -> list[Words]:
    """The fewest places whose deletion takes away these statements and nothing else: no empty husk is left."""
    there: Counter[Words] = Counter()
    for words in dict.fromkeys(
        words[1:] for command in commands for words in words_of(command) if words[1:2] != ("groups",)
    ):
        there.update(words[: size + 1] for size in range(len(words)))
    going: Counter[Words] = Counter()
    for words in gone:
        going.update(words[: size + 1] for size in range(len(words)))
    return sorted({_whole(words, there, going) for words in gone})


def _whole(words: Words, there: t.Mapping[Words, int], going: t.Mapping[Words, int]) -> Words:
    cuts = (words[: len(husk)] for husk in _HUSKS if len(words) > len(husk) and is_a(words, husk))
    return next((cut for cut in cuts if there[cut] == going[cut]), words)
