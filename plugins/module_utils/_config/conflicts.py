# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Statements outside our group that override or contradict a planned one."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config import claims, services
from ansible_collections.hubspoke.srx.plugins.module_utils._config.address_books import address_book_conflicts
from ansible_collections.hubspoke.srx.plugins.module_utils._config.interfaces import (
    interface_conflicts,
    routing_instance_conflicts,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._config.own_routes import OwnRoutes
from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import (
    ROUTE,
    ROUTE_TARGETS,
    STATIC_PREFERENCE,
    Conflict,
    PlannedObjects,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._config.policy_order import policy_order_conflicts
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import KEY_STATEMENTS, mask, same_key
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import quoted
from ansible_collections.hubspoke.srx.plugins.module_utils._config.source_nat import source_nat_conflicts
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import (
    Statement,
    Words,
    excepted,
    fits,
    is_wildcard,
    outside,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import KeyCodec

CHECK = "conflicts"

# Statements with several values: one more value is added to the planned ones, wherever it is configured.
_LISTS = [
    (word,)
    for word in ("address", "source-address", "destination-address", "application", "proposals", "zone", "next-hop")
]


def find_conflicts(
    plan: DevicePlan, text: str, commands: t.Sequence[str], keys: t.Mapping[str, str], codec: KeyCodec
) -> tuple[Finding, ...]:
    """Return the conflicts between the rendered ``text`` and all set ``commands`` of a device.

    A finding is ``failed``, or ``unknown`` for a key that cannot be decoded. A statement with the planned value is no
    conflict.
    """
    others = outside(commands, plan.group)
    planned = PlannedObjects(text, plan.group)
    conflicts = (
        *_not_inherited(commands, plan.group),
        *_Overrides(plan.group, planned, keys, codec, OwnRoutes(others)).of(others),
        *address_book_conflicts(plan, others),
        *claims.tunnel_interface_conflicts(plan, others, planned),
        *claims.binding_conflicts(plan, others, planned),
        *claims.peer_conflicts(plan, others),
        *claims.zone_conflicts(plan, others),
        *services.service_conflicts(plan, others),
        *host_name_conflicts(plan, others),
        *interface_conflicts(plan, others),
        *routing_instance_conflicts(plan, others),
        *source_nat_conflicts(plan, others),
        *policy_order_conflicts(plan, others, planned),
    )
    return tuple(to_finding(plan, conflict) for conflict in conflicts)


def to_finding(plan: DevicePlan, conflict: Conflict) -> Finding:
    """Return a conflict as a finding of the device, its secrets masked."""
    peer = next((tunnel.peer_host for tunnel in plan.tunnels if tunnel.vpn == conflict.vpn), "")
    return Finding(
        host=plan.host,
        check=CHECK,
        object=conflict.object,
        state=conflict.state,
        expected=conflict.expected,
        actual=mask(conflict.actual),
        remedy=conflict.remedy,
        tunnel=conflict.vpn if peer else "",
        peer=peer,
    )


def _not_inherited(commands: t.Sequence[str], group: str) -> t.Iterator[Conflict]:
    """Yield the places that do not inherit our group."""
    for place in excepted(commands, group):
        yield Conflict(
            " ".join(place) or "configuration",
            f"group {group} inherited",
            f"apply-groups-except {group}",
            f"Delete 'apply-groups-except {group}' there.",
        )


def host_name_conflicts(plan: DevicePlan, others: t.Sequence[Statement]) -> t.Iterator[Conflict]:
    """Yield the device's own host name where it is another one: a group cannot change it."""
    wanted = plan.site.host_name
    for one in others:
        if wanted and one.wins and one.words[:2] == ("system", "host-name") and one.words[2] != wanted:
            yield Conflict(
                "system host-name",
                wanted,
                f"{one.words[2]} {one.where}",
                f"Set nhtb_host_name to {one.words[2]}, leave it out, or delete the name there.",
            )


class _Overrides:
    """Search for statements that change a planned object: they win over ours, or they add to it."""

    def __init__(
        self, group: str, planned: PlannedObjects, keys: t.Mapping[str, str], codec: KeyCodec, routes: OwnRoutes
    ) -> None:
        self._group = group
        self._objects = planned.by_place
        self._keys = keys
        self._codec = codec
        self._routes = routes

    def of(self, others: t.Sequence[Statement]) -> t.Iterator[Conflict]:
        """Yield one conflict per changed object, and one per key that cannot be compared."""
        changes: dict[Words, list[tuple[Words, Statement]]] = {}
        unread: dict[Words, Statement] = {}
        for place, tail, statement in self._about_ours(others):
            same = self._is_same(place, tail, statement)
            if same is None:
                unread[place] = statement
            elif not same:
                changes.setdefault(place, []).append((tail, statement))
        for place, found in changes.items():
            ours = [one for one in self._objects[place] if any(one[:-1] == tail[:-1] for tail, _statement in found)]
            yield Conflict(
                " ".join(place),
                ", ".join(sorted({quoted(one) for one in ours})) or f"no statement outside group {self._group}",
                ", ".join(dict.fromkeys(f"{quoted(tail)} {statement.where}" for tail, statement in found)),
                self._remedy(place),
            )
        for place, statement in unread.items():
            yield Conflict(
                f"{' '.join(place)} pre-shared-key",
                "the planned key",
                f"an encoding that only the device can decode, {statement.where}",
                "Delete it there, or compare by hand: the device uses it instead of the planned key.",
                state="unknown",
            )

    def _remedy(self, place: Words) -> str:
        if place[:3] == ROUTE:
            return (
                f"Delete it there, or give a discard or a second next hop a higher preference value than"
                f" {STATIC_PREFERENCE}: it changes this route of group {self._group}."
            )
        return f"Delete it there, or plan the same: it changes this object of group {self._group}."

    def _about_ours(self, others: t.Sequence[Statement]) -> t.Iterator[tuple[Words, Words, Statement]]:
        """Yield every statement about a planned object, split into the object's place and the words behind it."""
        sizes = sorted({len(place) for place in self._objects})
        for statement in others:
            words = statement.words
            for size in (size for size in sizes if size < len(words)):
                if any(map(is_wildcard, words[:size])):
                    hits = [place for place in self._objects if fits(words[:size], place)]
                else:
                    hits = [words[:size]] if words[:size] in self._objects else []
                yield from ((place, words[size:], statement) for place in hits)

    def _is_same(self, place: Words, tail: Words, statement: Statement) -> bool | None:
        """Return whether an object stays as planned with a statement; ``None`` where its key cannot be decoded."""
        ours = self._objects[place]
        if tail in ours or tail[0] == "description":
            return True
        if place[:3] == ROUTE and tail[0] not in ROUTE_TARGETS:
            # "active" takes back that the route rejects packets while its next hop is unreachable.
            return tail != ("active",) or ("passive",) not in ours
        if place[:3] == ROUTE and self._routes.is_worse(place[3], tail, statement):
            return True
        alike = [one for one in ours if one[:-1] == tail[:-1]]
        if not statement.wins and alike and tail[-2:-1] not in _LISTS:
            return True
        if tail[:2] in KEY_STATEMENTS and alike:
            return same_key(alike[0][-1], tail[-1], self._keys, self._codec)
        return False
