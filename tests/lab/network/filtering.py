# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policy lookup for an ICMP echo between two zones."""

from __future__ import annotations

import typing as t
from ipaddress import IPv4Address, IPv4Network

from tests.lab.network.failure import Failure
from tests.lab.network.view import DeviceView, Policy

ANY = frozenset({"any", "any-ipv4"})
Book = t.Mapping[str, tuple[IPv4Network, ...]]


def decided(
    view: DeviceView, zones: tuple[str, str], source: str, destination: str, applications: frozenset[str]
) -> Policy | None:
    """Return the first policy between the zones that matches a packet of one of these applications."""
    books = (view.books.get(zones[0], {}), view.books.get(zones[1], {}))
    policies = view.policies.get(zones, ())
    return next((one for one in policies if _matches(applications, one, books, source, destination)), None)


def permitted(view: DeviceView, zones: tuple[str, str], source: str, destination: str) -> Policy | Failure:
    """Return the policy that allows the packet, or the failure."""
    context = view.policies.get(zones, ())
    for policies, books in ((context, (view.books.get(zones[0], {}), view.books.get(zones[1], {}))),
                            (view.global_policies, (view.books.get("", {}), view.books.get("", {})))):  # fmt: skip
        for policy in policies:
            if _matches(view.applications, policy, books, source, destination):
                if policy.action == "permit":
                    return policy
                name = f"from-zone {zones[0]} to-zone {zones[1]} policy {policy.name}"
                return Failure(view.host, "policy", name, f"it denies {source} to {destination}", policy.action)
    if view.default_permit or (view.intrazone_permit and zones[0] == zones[1]):
        return Policy("default-policy", ("any",), ("any",), ("any",), "permit")
    return _unmatched(view, zones, context, source, destination)


def _matches(
    applications: frozenset[str], policy: Policy, books: tuple[Book, Book], source: str, destination: str
) -> bool:
    if not any(name == "any" or name in applications for name in policy.applications):
        return False
    return _covers(policy.sources, books[0], source) and _covers(policy.destinations, books[1], destination)


def _covers(names: t.Iterable[str], book: Book, address: str) -> bool:
    wanted = IPv4Address(address)
    return any(name in ANY or any(wanted in network for network in book.get(name, ())) for name in names)


def _unmatched(
    view: DeviceView, zones: tuple[str, str], context: tuple[Policy, ...], source: str, destination: str
) -> Failure:
    name = f"from-zone {zones[0]} to-zone {zones[1]}"
    if not context:
        kind = "intrazone policy" if zones[0] == zones[1] else "policy"
        return Failure(view.host, "policy", name, f"no {kind}, and the default denies", "no-policy")
    for zone, address, word in ((zones[0], source, "source"), (zones[1], destination, "destination")):
        book = view.books.get(zone, {})
        named = [set(policy.sources if word == "source" else policy.destinations) for policy in context]
        if any(names & ANY for names in named) or _covers(book, book, address):
            continue
        reason = f"no address book entry of zone {zone} holds the {word} {address}"
        return Failure(view.host, "address-book", zone, reason, "no-entry")
    return Failure(view.host, "policy", name, f"none of its policies covers {source} to {destination}", "no-match")
