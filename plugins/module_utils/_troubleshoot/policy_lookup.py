# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Which policy packets between two networks meet, by the configuration: policies, address books, applications."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy

_ANY = ("any", "any-ipv4")
_POLICIES = ("security", "policies")


@dataclass(frozen=True)
class Way:
    """Packets from one network in a zone to another in a zone."""

    from_zone: str
    to_zone: str
    source: str
    destination: str

    @property
    def place(self) -> tuple[str, ...]:
        return (*_POLICIES, "from-zone", self.from_zone, "to-zone", self.to_zone)

    def __str__(self) -> str:
        return f"{self.source} in {self.from_zone} to {self.destination} in {self.to_zone}"


@dataclass(frozen=True)
class Verdict:
    """C(permitted), the policy that decided (empty: the default), and the place of a statement that stands in the way.

    C(expected) and C(actual) are that statement's values, C(also) is another one that has to come back with it.
    """

    permitted: bool
    policy: str = ""
    place: str = ""
    expected: str = ""
    actual: str = ""
    also: tuple[Verdict, ...] = ()


def judge(config: Hierarchy, plan: Hierarchy, way: Way) -> Verdict:
    """Whether the packets pass; where they do not, the statement at fault by comparison with the planned ones."""
    for place, name in _ordered(config, way):
        policy = (*place, "policy", name)
        covers = _covers(config, policy, way)
        if covers == "none":
            continue
        if config.has(*policy, "then", "permit"):
            if covers == "all":
                return Verdict(True, name)
            continue
        action = next((word for word in ("deny", "reject") if config.has(*policy, "then", word)), "no action")
        there = plan.has(*policy)
        where = " ".join((*policy, "then") if there else policy)
        return Verdict(False, name, where, "permit" if there else "not set", action)
    if config.has(*_POLICIES, "default-policy", "permit-all"):
        return Verdict(True)
    return _why_not(config, plan, way)


def _ordered(config: Hierarchy, way: Way) -> list[tuple[tuple[str, ...], str]]:
    """The policies between the zones, then the global ones, in the order in which Junos looks at them."""
    contexts = (way.place, (*_POLICIES, "global"))
    return [(place, name) for place in contexts for name in config.names(*place, "policy")]


def _covers(config: Hierarchy, policy: tuple[str, ...], way: Way) -> t.Literal["all", "some", "none"]:
    """Whether a policy matches all, some or none of the packets."""
    match = (*policy, "match")
    verdicts = [
        _addresses(config, way.from_zone, config.names(*match, "source-address"), way.source),
        _addresses(config, way.to_zone, config.names(*match, "destination-address"), way.destination),
        "all" if "any" in config.names(*match, "application") else "some",
    ]
    return "none" if "none" in verdicts else "some" if "some" in verdicts else "all"


def _addresses(config: Hierarchy, zone: str, names: t.Iterable[str], network: str) -> t.Literal["all", "some", "none"]:
    wanted = ipaddress.ip_network(network, strict=False)
    overlaps = False
    for name in names:
        if name in _ANY:
            return "all"
        for held in _networks(config, zone, name):
            if held.version == wanted.version and wanted.subnet_of(held):  # type: ignore[arg-type]
                return "all"
            overlaps = overlaps or held.overlaps(wanted)
    return "some" if overlaps else "none"


def _networks(
    config: Hierarchy, zone: str, name: str, seen: frozenset[str] = frozenset()
) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """What a name in an address book stands for; sets may hold sets."""
    found: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for book in _books(config, zone):
        for word in config.names(*book, "address", name):
            try:
                found.append(ipaddress.ip_network(word, strict=False))
            except ValueError:
                continue
        for kind in ("address", "address-set"):
            for member in config.names(*book, "address-set", name, kind):
                if member not in seen:
                    found += _networks(config, zone, member, seen | {name})
    return found


def _books(config: Hierarchy, zone: str) -> list[tuple[str, ...]]:
    """The zone's own book, those attached to it, and the one for all zones."""
    shared = ("security", "address-book")
    attached = [name for name in config.names(*shared) if config.has(*shared, name, "attach", "zone", zone)]
    return [
        ("security", "zones", "security-zone", zone, "address-book"),
        *((*shared, name) for name in attached),
        (*shared, "global"),
    ]


def _why_not(config: Hierarchy, plan: Hierarchy, way: Way) -> Verdict:
    wanted = next(
        (name for place, name in _ordered(plan, way) if _covers(plan, (*place, "policy", name), way) == "all"), ""
    )
    if not wanted:
        return Verdict(False, "", " ".join(way.place), f"a policy that permits {way}", "none")
    policy = (*way.place, "policy", wanted)
    if not config.has(*policy):
        return Verdict(False, "", " ".join(policy), "set", "not set")
    for leaf, zone, network in (
        ("source-address", way.from_zone, way.source),
        ("destination-address", way.to_zone, way.destination),
    ):
        held = config.names(*policy, "match", leaf)
        if _addresses(config, zone, held, network) == "all":
            continue
        needed = [
            name for name in plan.names(*policy, "match", leaf) if _addresses(plan, zone, [name], network) == "all"
        ]
        entry = _entry(config, plan, zone, needed[0]) if needed[0] not in _ANY else None
        if set(needed) & set(held):
            return entry or Verdict(False, "", " ".join(policy))
        place = " ".join((*policy, "match", leaf))
        unnamed = Verdict(False, "", place, ", ".join(needed), ", ".join(held) or "not set")
        # A policy cannot name what its book has not got.
        return replace(entry, also=(unnamed,)) if entry is not None and entry.expected != entry.actual else unnamed
    held = config.names(*policy, "match", "application")
    return Verdict(False, "", " ".join((*policy, "match", "application")), "any", ", ".join(held) or "not set")


def _entry(config: Hierarchy, plan: Hierarchy, zone: str, name: str) -> Verdict:
    """An entry of an address book that does not stand for what is planned."""
    book = next((book for book in _books(plan, zone) if plan.has(*book, "address", name)), _books(plan, zone)[0])
    place = (*book, "address", name)
    held = config.names(*place)
    return Verdict(False, "", " ".join(place), ", ".join(plan.names(*place)), ", ".join(held) or "not set")
