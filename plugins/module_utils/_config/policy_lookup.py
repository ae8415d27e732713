# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Look up the policy for traffic between two networks: policies, address books, applications."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import ANY_ADDRESS

_POLICIES = ("security", "policies")

# How many of the packets match.
Coverage = t.Literal["all", "some", "none"]


@dataclass(frozen=True)
class Traffic:
    """Packets from a network in one zone to a network in another zone."""

    from_zone: str
    to_zone: str
    source: str
    destination: str

    @property
    def place(self) -> tuple[str, ...]:
        """Return the place of the policies between the zones."""
        return (*_POLICIES, "from-zone", self.from_zone, "to-zone", self.to_zone)

    def __str__(self) -> str:
        return f"{self.source} in {self.from_zone} to {self.destination} in {self.to_zone}"


@dataclass(frozen=True)
class Obstacle:
    """A statement that blocks traffic, with its planned value and its value in effect."""

    statement: str
    expected: str
    actual: str


def find_obstacles(config: Hierarchy, plan: Hierarchy, traffic: Traffic) -> tuple[Obstacle, ...]:
    """Return the statements of ``config`` that block traffic and differ from ``plan``; none where it is permitted.

    Where the plan itself has rules that deny some of the traffic, every difference from those that match counts.
    """
    if not _passes(plan, traffic):
        return tuple(_changed_policies(config, plan, traffic))
    for policy, coverage in _matching(config, traffic):
        if config.has(*policy, "then", "permit"):
            if coverage == "all":
                return ()
            continue
        action = next((word for word in ("deny", "reject") if config.has(*policy, "then", word)), "no action")
        if plan.has(*policy):
            return (Obstacle(" ".join((*policy, "then")), "permit", action),)
        return (Obstacle(" ".join(policy), "not set", action),)
    if config.has(*_POLICIES, "default-policy", "permit-all"):
        return ()
    return _without_match(config, plan, traffic)


def _passes(config: Hierarchy, traffic: Traffic) -> bool:
    """Return whether all packets are permitted."""
    for policy, coverage in _matching(config, traffic):
        if not config.has(*policy, "then", "permit"):
            return False
        if coverage == "all":
            return True
    return config.has(*_POLICIES, "default-policy", "permit-all")


def _changed_policies(config: Hierarchy, plan: Hierarchy, traffic: Traffic) -> t.Iterator[Obstacle]:
    """Yield the planned policies that match and that are missing, other ones or in another order, and those before."""
    wanted = [policy[-1] for policy, _covered in _matching(plan, traffic)]
    place = " ".join((*traffic.place, "policy"))
    for name in wanted:
        policy = (*traffic.place, "policy", name)
        planned, held = set(plan.below(*policy)), set(config.below(*policy))
        if not held:
            yield Obstacle(" ".join(policy), "set", "not set")
        elif planned != held:
            yield Obstacle(" ".join(policy), _format(planned - held), _format(held - planned))
    names = [name for where, name in _ordered(config, traffic) if where == traffic.place]
    ordered = [name for name in names if name in wanted]
    if ordered != [name for name in wanted if name in ordered]:
        yield Obstacle(place, ", ".join(wanted), ", ".join(ordered))
    for name in names:
        policy = (*traffic.place, "policy", name)
        if name in wanted:
            break
        if not plan.has(*policy) and _coverage(config, policy, traffic) != "none":
            action = next((word for word in ("permit", "deny", "reject") if config.has(*policy, "then", word)), "none")
            yield Obstacle(" ".join(policy), "not set", action)


def _format(statements: t.Iterable[tuple[str, ...]]) -> str:
    return ", ".join(sorted(map(" ".join, statements))) or "nothing else"


def decide(config: Hierarchy, traffic: Traffic) -> tuple[str, str]:
    """Return the policy that lets some of the packets pass, with ``permit``; else the last that stops them.

    The action of the default policy is ``deny-all`` or ``permit-all``, with ``default-policy`` as its name.
    """
    for policy, coverage in _matching(config, traffic):
        if config.has(*policy, "then", "permit"):
            return policy[-1], "permit"
        if coverage == "all":
            return policy[-1], "reject" if config.has(*policy, "then", "reject") else "deny"
    allowed = config.has(*_POLICIES, "default-policy", "permit-all")
    return "default-policy", "permit-all" if allowed else "deny-all"


def _ordered(config: Hierarchy, traffic: Traffic) -> list[tuple[tuple[str, ...], str]]:
    """Return the policies between the zones, then the global ones, in the order in which Junos evaluates them."""
    contexts = (traffic.place, (*_POLICIES, "global"))
    return [(place, name) for place in contexts for name in config.names(*place, "policy")]


def _matching(config: Hierarchy, traffic: Traffic) -> t.Iterator[tuple[tuple[str, ...], Coverage]]:
    """Yield the place of each policy that matches some of the packets, in order, and how many it matches."""
    for place, name in _ordered(config, traffic):
        policy = (*place, "policy", name)
        coverage = _coverage(config, policy, traffic)
        if coverage != "none":
            yield policy, coverage


def _coverage(config: Hierarchy, policy: tuple[str, ...], traffic: Traffic) -> Coverage:
    """Return how many of the packets a policy matches."""
    match = (*policy, "match")
    parts = [
        _addresses(config, traffic.from_zone, config.names(*match, "source-address"), traffic.source),
        _addresses(config, traffic.to_zone, config.names(*match, "destination-address"), traffic.destination),
        "all" if "any" in config.names(*match, "application") else "some",
    ]
    return "none" if "none" in parts else "some" if "some" in parts else "all"


def _addresses(config: Hierarchy, zone: str, names: t.Iterable[str], network: str) -> Coverage:
    """Return how much of a network the named addresses contain."""
    wanted = ipaddress.ip_network(network, strict=False)
    overlaps = False
    for name in names:
        if name in ANY_ADDRESS:
            return "all"
        for held in _networks(config, zone, name):
            if held.version == wanted.version and wanted.subnet_of(held):  # type: ignore[arg-type]
                return "all"
            overlaps = overlaps or held.overlaps(wanted)
    return "some" if overlaps else "none"


def _networks(
    config: Hierarchy, zone: str, name: str, seen: frozenset[str] = frozenset()
) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the networks of a name in the address books of a zone. An address set may contain sets."""
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
    """Return the places of the zone's own address book, of those attached to it, and of the global one."""
    shared = ("security", "address-book")
    attached = [name for name in config.names(*shared) if config.has(*shared, name, "attach", "zone", zone)]
    return [
        ("security", "zones", "security-zone", zone, "address-book"),
        *((*shared, name) for name in attached),
        (*shared, "global"),
    ]


def _without_match(config: Hierarchy, plan: Hierarchy, traffic: Traffic) -> tuple[Obstacle, ...]:
    """Return why no policy matches: the planned policy, a value of its ``match``, or an address book entry."""
    wanted = next((policy[-1] for policy, coverage in _matching(plan, traffic) if coverage == "all"), "")
    if not wanted:
        return (Obstacle(" ".join(traffic.place), f"a permit policy for {traffic}", "none"),)
    policy = (*traffic.place, "policy", wanted)
    if not config.has(*policy):
        return (Obstacle(" ".join(policy), "set", "not set"),)
    for leaf, zone, network in (
        ("source-address", traffic.from_zone, traffic.source),
        ("destination-address", traffic.to_zone, traffic.destination),
    ):
        match = (*policy, "match", leaf)
        held = config.names(*match)
        if _addresses(config, zone, held, network) == "all":
            continue
        needed = [name for name in plan.names(*match) if _addresses(plan, zone, [name], network) == "all"]
        named = [name for name in needed if name in held]
        entries = _changed_entries(config, plan, zone, (named or needed)[0])
        if named:
            return entries or (Obstacle(" ".join(policy), f"a match for {traffic}", "none"),)
        unnamed = Obstacle(" ".join(match), ", ".join(needed), ", ".join(held) or "not set")
        # A policy cannot name an entry that its address book does not have.
        return (*entries, unnamed)
    held = config.names(*policy, "match", "application")
    return (Obstacle(" ".join((*policy, "match", "application")), "any", ", ".join(held) or "not set"),)


def _changed_entries(config: Hierarchy, plan: Hierarchy, zone: str, name: str) -> tuple[Obstacle, ...]:
    """Return the address book entry of a name where it differs from the planned one."""
    if name in ANY_ADDRESS:
        return ()
    books = _books(plan, zone)
    book = next((book for book in books if plan.has(*book, "address", name)), books[0])
    place = (*book, "address", name)
    held, planned = config.names(*place), plan.names(*place)
    return () if held == planned else (Obstacle(" ".join(place), ", ".join(planned), ", ".join(held) or "not set"),)
