# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Statements beside our group that defeat it: they win over it, or they claim what is the group's alone."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask, same_key
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import quoted
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import (
    Statement,
    Words,
    excepted,
    fits,
    is_wild,
    outside,
    planned_words,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding, FindingState
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, SecurityPolicy
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import KeyCodec

CHECK = "conflicts"

# Whatever is added to one of these outside makes it another object than the planned one.
OBJECTS = tuple(
    tuple(path.split())
    for path in (
        "security ike proposal *",
        "security ike policy *",
        "security ike gateway *",
        "security ipsec proposal *",
        "security ipsec policy *",
        "security ipsec vpn *",
        "security flow tcp-mss ipsec-vpn",
        "security nat source rule-set *",
        "security policies from-zone * to-zone * policy *",
        "security address-book global address *",
        "security zones security-zone * address-book address *",
        "interfaces st0 unit * family inet next-hop-tunnel *",
        "routing-options static route *",
    )
)
# Of a route only where it leads to is ours; preferences and tags of the device's own may be added.
ROUTE = ("routing-options", "static", "route")
LEADS = ("next-hop", "qualified-next-hop", "lsp-next-hop", "next-table", "discard", "reject", "receive", "no-install")
# Statements that take several values: one more does not replace the planned one, wherever it stands.
_LISTS = [
    (word,)
    for word in ("address", "source-address", "destination-address", "application", "proposals", "zone", "next-hop")
]
_KEY = ("pre-shared-key", "ascii-text")
# What says how a unit works as a whole.
_UNIT = (("point-to-point",), ("multipoint",), ("disable",))
_ANY = ("any", "any-ipv4")


def find_conflicts(
    plan: DevicePlan, text: str, commands: t.Sequence[str], keys: t.Mapping[str, str], codec: KeyCodec
) -> tuple[Finding, ...]:
    """What defeats the rendered C(text) among all set C(commands) of a device; empty where nothing does.

    Findings are C(failed), and C(unknown) for a key that cannot be decoded. A statement that says the same as the
    planned one is none.
    """
    return tuple(_Search(plan, text, commands, keys, codec).all())


class _Search:
    def __init__(
        self, plan: DevicePlan, text: str, commands: t.Sequence[str], keys: t.Mapping[str, str], codec: KeyCodec
    ) -> None:
        self._plan = plan
        self._commands = commands
        self._keys = keys
        self._codec = codec
        self._others = outside(commands, plan.group)
        self._planned = frozenset(planned_words(text, plan.group))
        self._objects: dict[Words, list[Words]] = {}
        for words in self._planned:
            for pattern in OBJECTS:
                if len(words) > len(pattern) and is_a(words, pattern):
                    self._objects.setdefault(words[: len(pattern)], []).append(words[len(pattern) :])

    def all(self) -> t.Iterator[Finding]:
        yield from self._kept_out()
        yield from self._changed_objects()
        yield from self._address_books()
        yield from self._tunnel_interface()
        yield from self._bindings()
        yield from self._peers()
        yield from self._zones()
        yield from self._services()
        yield from self._denials()

    def _found(
        self, thing: str, expected: str, actual: str, remedy: str, state: FindingState = "failed", vpn: str = ""
    ) -> Finding:
        peer = next((tunnel.peer_host for tunnel in self._plan.tunnels if tunnel.vpn == vpn), "")
        return Finding(self._plan.host, CHECK, thing, state, expected, mask(actual), remedy, vpn if peer else "", peer)

    # --- what wins over ours ---

    def _kept_out(self) -> t.Iterator[Finding]:
        group = self._plan.group
        for place in excepted(self._commands, group):
            yield self._found(
                " ".join(place) or "configuration",
                f"group {group} inherited",
                f"apply-groups-except {group}",
                f"Delete 'apply-groups-except {group}' there.",
            )

    def _changed_objects(self) -> t.Iterator[Finding]:
        """Objects of the plan to which something else is said elsewhere."""
        changes: dict[Words, list[tuple[Words, Statement]]] = {}
        unread: dict[Words, Statement] = {}
        for prefix, tail, statement in self._about_ours():
            same = self._same(prefix, tail, statement)
            if same is None:
                unread[prefix] = statement
            elif not same:
                changes.setdefault(prefix, []).append((tail, statement))
        for prefix, found in changes.items():
            ours = [one for one in self._objects[prefix] if any(one[:-1] == tail[:-1] for tail, _where in found)]
            yield self._found(
                " ".join(prefix),
                ", ".join(sorted({quoted(one) for one in ours}))
                or f"nothing besides what group {self._plan.group} has",
                ", ".join(dict.fromkeys(f"{quoted(tail)} {where.where}" for tail, where in found)),
                f"Delete it there, or plan the same: beside group {self._plan.group} it changes this object.",
            )
        for prefix, statement in unread.items():
            yield self._found(
                f"{' '.join(prefix)} pre-shared-key",
                "the planned key",
                f"an encoding that only the device can decode, {statement.where}",
                "Delete it there, or compare by hand: it is used instead of the planned key.",
                "unknown",
            )

    def _about_ours(self) -> t.Iterator[tuple[Words, Words, Statement]]:
        """Every statement elsewhere that is about an object of ours, as the object and the rest."""
        sizes = sorted({len(prefix) for prefix in self._objects})
        for statement in self._others:
            words = statement.words
            for size in (size for size in sizes if size < len(words)):
                if any(map(is_wild, words[:size])):
                    hits = [prefix for prefix in self._objects if fits(words[:size], prefix)]
                else:
                    hits = [words[:size]] if words[:size] in self._objects else []
                yield from ((prefix, words[size:], statement) for prefix in hits)

    def _same(self, prefix: Words, tail: Words, statement: Statement) -> bool | None:
        ours = self._objects[prefix]
        if tail in ours or tail[0] == "description" or (prefix[:3] == ROUTE and tail[0] not in LEADS):
            return True
        alike = [one for one in ours if one[:-1] == tail[:-1]]
        if not statement.wins and alike and tail[-2:-1] not in _LISTS:
            return True
        if tail[:2] == _KEY and alike:
            return same_key(alike[0][-1], tail[-1], self._keys, self._codec)
        return False

    # --- what claims something of ours ---

    def _address_books(self) -> t.Iterator[Finding]:
        plan = self._plan
        if not plan.address_book:
            return
        zone_books = [
            one for one in self._others if is_a(one.words, ("security", "zones", "security-zone", "*", "address-book"))
        ]
        books = [one for one in self._others if one.words[:2] == ("security", "address-book") and one.words[3:]]
        is_global = plan.address_book_kind == "global"
        if alien := zone_books if is_global else books:
            ours, other = ("global", "zone") if is_global else ("zone", "global")
            yield self._found(
                " ".join(alien[0].words[:5] if is_global else alien[0].words[:3]),
                f"no book beside the {ours} one{'' if is_global else 's'} of group {plan.group}",
                ", ".join(f"{quoted(one.words)} {one.where}" for one in alien[:3]),
                f"Junos takes one kind of address book: move these entries, or set nhtb_address_book to {other}.",
            )
        if is_global:
            yield from self._attached_books(books)

    def _attached_books(self, books: t.Sequence[Statement]) -> t.Iterator[Finding]:
        attached = {one.words[2]: one.words[5] for one in books if one.words[3:5] == ("attach", "zone")}
        prefixes = {(entry.zone, entry.name): entry.prefix for entry in self._plan.address_book}
        for one in books:
            book, (kind, *rest) = one.words[2], one.words[3:]
            zone = attached.get(book, "")
            planned = prefixes.get((zone, rest[0])) if kind == "address" and rest else None
            if planned is not None and rest[-1] != planned and rest[1:2] != ["description"]:
                yield self._found(
                    f"address {rest[0]} in zone {zone}",
                    planned,
                    f"{quoted(rest[1:])} in address book {book} {one.where}",
                    "Rename it there: a book attached to the zone wins over the global one.",
                )

    def _tunnel_interface(self) -> t.Iterator[Finding]:
        """The tunnel's unit has the group's addresses and VPNs, and no others."""
        site, group = self._plan.site, self._plan.group
        unit = ("interfaces", "st0", "unit", site.tunnel_unit)
        own = {tunnel.vpn for tunnel in self._plan.tunnels}
        for one in self._others:
            words, rest = one.words, one.words[4:]
            is_vpn = words[:3] == ("security", "ipsec", "vpn") and rest == ("bind-interface", site.tunnel_interface)
            is_set = rest[:1] in _UNIT or rest[:3] == ("family", "inet", "address")
            if is_vpn and words[3] not in own:
                yield self._found(
                    f"security ipsec vpn {words[3]}",
                    f"bound to another unit than {site.tunnel_interface}, which is that of group {group}",
                    f"{quoted(rest)} {one.where}",
                    "Bind it to a unit of its own, or plan another one with nhtb_tunnel.",
                )
            elif is_set and fits(words[:4], unit) and unit + rest not in self._planned:
                yield self._found(
                    f"interfaces {site.tunnel_interface}",
                    f"nothing besides what group {group} has",
                    f"{quoted(rest)} {one.where}",
                    "Delete it, or plan another unit with nhtb_tunnel.",
                )

    def _bindings(self) -> t.Iterator[Finding]:
        """Junos takes a VPN in one next-hop tunnel entry only, and a next hop has one VPN."""
        unit = self._plan.site.tunnel_unit
        by_vpn = {tunnel.vpn: tunnel for tunnel in self._plan.tunnels}
        by_next_hop = {tunnel.next_hop: tunnel for tunnel in self._plan.tunnels}
        for one in self._others:
            words = one.words
            if words[:3] != ("interfaces", "st0", "unit") or words[6:7] != ("next-hop-tunnel",) or len(words) < 10:
                continue
            place, vpn = (words[3], words[7]), words[9]
            actual = f"st0 unit {words[3]} {quoted(words[6:])} {one.where}"
            named, there = by_vpn.get(vpn), by_next_hop.get(words[7]) if words[3] == unit else None
            if named is not None and place != (unit, named.next_hop):
                yield self._found(
                    f"security ipsec vpn {vpn}",
                    f"bound to st0 unit {unit} next-hop-tunnel {named.next_hop} only",
                    actual,
                    "Delete that entry: a VPN can be in one next-hop tunnel entry only.",
                    vpn=vpn,
                )
            if there is not None and vpn != there.vpn and words[:8] not in self._objects:
                yield self._found(
                    f"interfaces st0 unit {unit} family inet next-hop-tunnel {words[7]}",
                    f"ipsec-vpn {there.vpn}",
                    actual,
                    "Delete that entry: what is meant for this next hop would leave by another VPN.",
                    vpn=there.vpn,
                )

    def _peers(self) -> t.Iterator[Finding]:
        ours = {tunnel.gateway for tunnel in self._plan.tunnels}
        by_address = {tunnel.peer_address: tunnel for tunnel in self._plan.tunnels}
        for one in self._others:
            words = one.words
            if words[:3] != ("security", "ike", "gateway") or words[4:5] != ("address",) or words[3] in ours:
                continue
            tunnel = by_address.get(words[-1])
            if tunnel is not None:
                yield self._found(
                    f"security ike gateway {words[3]}",
                    f"no gateway for {tunnel.peer_address} besides {tunnel.gateway}",
                    f"{quoted(words[4:])} {one.where}",
                    "Delete that gateway and its VPN: the device takes the first that fits the peer's address.",
                    vpn=tunnel.vpn,
                )

    def _zones(self) -> t.Iterator[Finding]:
        site = self._plan.site
        zones = {lan.interface: lan.zone for lan in site.lans}
        zones |= {site.wan.interface: site.wan.zone, site.tunnel_interface: site.tunnel_zone}
        seen: set[tuple[str, str]] = set()
        for one in self._others:
            zone, interface = _zone_member(one.words)
            expected = zones.get(interface)
            if expected is None or zone == expected or is_wild(zone) or (zone, interface) in seen:
                continue
            seen.add((zone, interface))
            yield self._found(
                f"interface {interface}", f"in zone {expected}", f"in zone {zone} {one.where}",
                f"Take it out of zone {zone}, or name that zone in the inventory.",
            )  # fmt: skip

    def _services(self) -> t.Iterator[Finding]:
        """Services of an interface are instead of those of its zone, not besides them."""
        wan = self._plan.site.wan
        own = next((zone.system_services for zone in self._plan.zones if zone.name == wan.zone), ())
        said = [
            one
            for one in self._others
            if _zone_member(one.words) == (wan.zone, wan.interface)
            and one.words[6:8] == ("host-inbound-traffic", "system-services")
        ]
        services = [one.words[8:] for one in said]
        closed = ("ike", "except") in services or not {("ike",), ("all",)} & set(services)
        if said and "ike" in own and closed:
            yield self._found(
                f"zone {wan.zone} interface {wan.interface}",
                "host-inbound-traffic system-services ike",
                f"{', '.join(' '.join(words) for words in services)} {said[0].where}",
                "Add ike there: what an interface lets in is instead of what its zone lets in.",
            )

    # --- policies in front of ours ---

    def _denials(self) -> t.Iterator[Finding]:
        policies: dict[Words, list[Statement]] = {}
        for one in self._others:
            if one.words[:3] == ("security", "policies", "from-zone") and one.words[6:7] == ("policy",) and one.wins:
                policies.setdefault(one.words[:8], []).append(one)
        pairs = {key[:6] for key in policies if not any(map(is_wild, key))}
        prefixes = self._prefixes()
        for key, statements in policies.items():
            tails = [one.words[8:] for one in statements]
            if ("then", "deny") not in tails and ("then", "reject") not in tails:
                continue
            for ours in self._plan.policies:
                pair = ("security", "policies", "from-zone", ours.from_zone, "to-zone", ours.to_zone)
                known = key[:6] == pair or (fits(key[:6], pair) and pair in pairs)
                if known and (*pair, "policy", key[7]) not in self._objects and _hits(tails, ours, prefixes):
                    yield self._found(
                        " ".join(("security policies", *key[2:])),
                        f"behind policy {ours.name}",
                        f"in front of it, denying what it permits, {statements[0].where}",
                        "Delete it, or narrow it down: the first policy that fits decides, and those outside of"
                        f" group {self._plan.group} come first.",
                    )

    def _prefixes(self) -> dict[str, str]:
        """Names of all address books to prefixes, ours in preference."""
        others = {
            words[-2]: words[-1]
            for words in (one.words for one in self._others)
            if words[-3:-2] == ("address",) and "address-book" in words
        }
        return others | {entry.name: entry.prefix for entry in self._plan.address_book}


def is_a(words: Words, pattern: Words) -> bool:
    """Whether words begin as a pattern does, in which C(*) is any word."""
    return len(words) >= len(pattern) and all(one in ("*", word) for one, word in zip(pattern, words, strict=False))


def _zone_member(words: Words) -> tuple[str, str]:
    """Zone and logical interface where a statement is about an interface in a zone, else two empty words."""
    if words[:2] != ("security", "zones") or words[4:5] != ("interfaces",) or len(words) < 6:
        return "", ""
    return words[3], words[5] if "." in words[5] else f"{words[5]}.0"


def _hits(tails: t.Sequence[Words], ours: SecurityPolicy, prefixes: t.Mapping[str, str]) -> bool:
    """Whether a policy fits all traffic of one of our sources to one of our destinations."""
    match: dict[str, list[str]] = {}
    for tail in (tail for tail in tails if tail[0] == "match" and len(tail) > 2):
        match.setdefault(tail[1], []).append(tail[2])
    # With any other condition it fits some of the traffic at most.
    if set(match) != {"source-address", "destination-address", "application"} or "any" not in match["application"]:
        return False
    return all(
        any(_within(name, match[field], prefixes) for name in names)
        for field, names in (("source-address", ours.sources), ("destination-address", ours.destinations))
    )


def _within(name: str, others: t.Sequence[str], prefixes: t.Mapping[str, str]) -> bool:
    if name in others or not set(_ANY).isdisjoint(others):
        return True
    try:
        inner = ipaddress.IPv4Network(prefixes[name])
        return any(inner.subnet_of(ipaddress.IPv4Network(prefixes[other])) for other in others if other in prefixes)
    except (KeyError, ValueError):
        return False
