# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Read what a host says about policies: rules, the spokes that reach each other, and the names of address books."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._model.profile import DeviceProfile
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import PolicyAction
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import kind_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table, as_flag

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft

ANY = ("any",)
DIRECTIONS = ("to-hub", "to-spokes", "spoke-to-spoke")
ACTIONS = ("permit", "deny", "reject")
MOMENTS = ("session-init", "session-close")
Pair = tuple[str, str]
SpokeToSpoke: t.TypeAlias = "bool | tuple[Pair, ...]"
"""Which spokes reach each other: all, none, or these pairs of sites."""

_KEYS = (
    "name", "direction", "from_zone", "to_zone", "sources", "destinations", "applications", "action", "log", "count",
)  # fmt: skip
_APPLICATION = re.compile(r"any|junos-[a-z0-9]+(?:-[a-z0-9]+)*")
_PAIR_SIZE = 2
# The longest name of a policy, of an application and of an address book.
_LIMIT = 63
# The services that ScreenOS predefines for applications of Junos.
# fmt: off
SERVICES = {
    "any": "ANY", "junos-bgp": "BGP", "junos-dns-tcp": "DNS", "junos-dns-udp": "DNS", "junos-ftp": "FTP",
    "junos-http": "HTTP", "junos-https": "HTTPS", "junos-icmp-all": "ICMP-ANY", "junos-icmp-ping": "PING",
    "junos-imap": "IMAP", "junos-ldap": "LDAP", "junos-ntp": "NTP", "junos-ping": "PING", "junos-pop3": "POP3",
    "junos-sip": "SIP", "junos-smtp": "SMTP", "junos-ssh": "SSH", "junos-syslog": "SYSLOG", "junos-tcp-any": "TCP-ANY",
    "junos-telnet": "TELNET", "junos-tftp": "TFTP", "junos-udp-any": "UDP-ANY",
}
# fmt: on


@dataclass(frozen=True)
class RuleDraft:
    """One entry of ``nhtb_policies``. ``variable`` is its name in messages: ``nhtb_policies[0]``.

    It has a direction, or both zones. Sources and destinations are names of sites and networks, or ``any``.
    """

    variable: str
    name: str
    direction: str | None
    from_zone: str | None
    to_zone: str | None
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    applications: tuple[str, ...]
    action: PolicyAction
    log: tuple[str, ...]
    count: bool


@dataclass(frozen=True)
class PolicyDraft:
    """What a host says about policies.

    ``spoke_to_spoke``: all spokes reach each other, none, or these pairs of sites; ``None`` where it is not set.
    ``book_names`` are the names of attached address books by zone; the key ``*`` stands for all zones.
    """

    spoke_to_spoke: SpokeToSpoke | None = None
    rules: tuple[RuleDraft, ...] = ()
    general: bool = True
    owns_zone_pairs: bool = False
    book_names: tuple[tuple[str, str], ...] = ()


def read_policies(table: Table, profile: DeviceProfile, book: str | None) -> PolicyDraft:
    """Return what a host says about policies, and note each problem."""
    return PolicyDraft(
        spoke_to_spoke=_spoke_to_spoke(table),
        rules=_rules(table, profile),
        general=table.flag("nhtb_general_policies") is not False,
        owns_zone_pairs=table.flag("nhtb_own_zone_pairs") is True,
        book_names=_book_names(table, book),
    )


def _spoke_to_spoke(table: Table) -> SpokeToSpoke | None:
    name = "nhtb_spoke_to_spoke"
    value = table.value(name)
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, (list, tuple)):
        flag = as_flag(value)
        if flag is None:
            table.note("no_pairs", name, value)
        return flag
    pairs: dict[frozenset[str], Pair] = {}
    for index, one in enumerate(value):
        sites = [str(site) for site in one if isinstance(site, str)] if isinstance(one, (list, tuple)) else []
        if len(sites) != _PAIR_SIZE or len(one) != _PAIR_SIZE or sites[0] == sites[1]:
            table.note("no_pair", f"{name}[{index}]", one)
        else:
            pairs.setdefault(frozenset(sites), (sites[0], sites[1]))
    return tuple(pairs.values())


def _rules(table: Table, profile: DeviceProfile) -> tuple[RuleDraft, ...]:
    value = table.value("nhtb_policies")
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)):
        table.note("not_list_of", "nhtb_policies", value, actual=kind_of(value), what="rule")
        return ()
    rules: list[RuleDraft] = []
    for index, one in enumerate(value):
        variable = f"nhtb_policies[{index}]"
        row = table.nested(one, variable, _KEYS)
        rule = None if row is None else _rule(row, variable, profile)
        if rule is None or row is None:
            continue
        if any(_same_place(rule, other) for other in rules if other.name == rule.name):
            row.note("rule_twice", "name", rule.name)
        rules.append(rule)
    return tuple(rules)


def _same_place(one: RuleDraft, other: RuleDraft) -> bool:
    """Return whether two rules may have policies between the same zones."""
    by_zones = one.direction is None and other.direction is None
    return not by_zones or (one.from_zone, one.to_zone) == (other.from_zone, other.to_zone)


def _rule(row: Table, variable: str, profile: DeviceProfile) -> RuleDraft | None:
    name = row.name("name", "the name of a policy", _LIMIT, "Give the rule a name, which its policies have on devices")
    has_zones = [row.values.get(key) is not None for key in ("from_zone", "to_zone")]
    has_direction = row.values.get("direction") is not None
    is_placed = any(has_zones) != has_direction and any(has_zones) == all(has_zones)
    if not is_placed and row.misspelt.isdisjoint(("direction", "from_zone", "to_zone")):
        row.note("rule_place", "direction", row.values.get("direction"))
    direction = row.choice("direction", DIRECTIONS)
    zones = [row.text(key) for key in ("from_zone", "to_zone")]
    sources, destinations, applications = (_names(row, key) for key in ("sources", "destinations", "applications"))
    for one in applications:
        if not _APPLICATION.fullmatch(one) or len(one) > _LIMIT:
            row.note("bad_application", "applications", one)
        elif profile.by_operator and one not in SERVICES:
            row.note("no_service", "applications", one, known=", ".join(SERVICES))
    row.choose("log", MOMENTS)
    action = row.choice("action", ACTIONS)
    logged = row.values.get("log")
    log = tuple(one for one in MOMENTS if one in ([logged] if isinstance(logged, str) else logged or ()))
    count = row.flag("count") is True
    if name is None:
        return None
    return RuleDraft(
        variable=variable,
        name=name,
        direction=direction,
        from_zone=zones[0],
        to_zone=zones[1],
        sources=sources,
        destinations=destinations,
        applications=applications,
        action=t.cast(PolicyAction, action or "permit"),
        log=log,
        count=count,
    )


def _names(row: Table, key: str) -> tuple[str, ...]:
    """Return a name or a list of names, each once; ``any`` without one."""
    value = row.value(key)
    if value is None:
        return ANY
    names: dict[str, None] = {}
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    if not values:
        row.note("no_names", key, value)
    for one in values:
        if isinstance(one, str) and one.strip():
            names[str(one).strip()] = None
        else:
            row.note("no_names", key, one)
    return ANY if "any" in names else tuple(names) or ANY


def _book_names(table: Table, book: str | None) -> tuple[tuple[str, str], ...]:
    """Return the names of attached books by zone."""
    name = "nhtb_address_book_name"
    value = table.value(name)
    if value is None:
        return ()
    if book != "attached":
        table.note("book_not_attached", name, value)
        return ()
    if isinstance(value, (list, tuple)):
        table.note("no_book_names", name, value)
        return ()
    names = value if isinstance(value, t.Mapping) else {"*": value}
    found = []
    for zone, one in names.items():
        named = Table(table.host, {name: one}, table.problems)
        text = named.name(name, "an address book", _LIMIT)
        if text == "global":
            table.note("reserved_name", name, text, meaning="it is the address book of all zones")
        elif text is not None:
            found.append((str(zone), text))
    return tuple(found)


def spokes_reached(hub: Draft) -> SpokeToSpoke:
    """Return which spokes reach each other: by the hub's variable, all without it."""
    stated = hub.policies.spoke_to_spoke
    return True if stated is None else stated
