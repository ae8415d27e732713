# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The device's own targets for planned prefixes: a discard, or a second next hop, of worse preference than ours."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import ROUTE, STATIC_PREFERENCE
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Statement, Words
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan

_DROPS = (("discard",), ("reject",))


class OwnRoutes:
    """The preferences of static routes outside our group."""

    def __init__(self, others: t.Iterable[Statement]) -> None:
        self._routes: dict[str, int] = {}
        self._hops: dict[tuple[str, str], int] = {}
        self.drops: dict[str, bool] = {}
        for one in others:
            if one.words[:3] != ROUTE:
                continue
            prefix, tail = one.words[3], one.words[4:]
            value = int(tail[-1]) if tail[-2:-1] == ("preference",) and tail[-1].isdigit() else None
            if value is not None and tail[0] == "preference":
                self._routes.setdefault(prefix, value)
            elif value is not None and tail[0] == "qualified-next-hop":
                self._hops.setdefault((prefix, tail[1]), value)
            elif tail in _DROPS:
                self.drops[prefix] = not one.group

    def is_worse(self, prefix: str, tail: Words, statement: Statement) -> bool:
        """Return whether a target of a planned prefix is used only while the tunnel's next hop is unreachable.

        A discard is so only at the top level: there ``next_to_discards`` makes room for it.
        """
        route = self._routes.get(prefix, STATIC_PREFERENCE)
        if tail in _DROPS:
            return not statement.group and route > STATIC_PREFERENCE
        # The preference of the route is that of the planned next hop too.
        return tail[0] == "qualified-next-hop" and self._hops.get((prefix, tail[1]), route) > route

    def discarded(self) -> set[str]:
        """Return the prefixes that are discarded at the top level, with a worse preference than a planned route."""
        return {
            prefix
            for prefix, at_top in self.drops.items()
            if at_top and self._routes.get(prefix, STATIC_PREFERENCE) > STATIC_PREFERENCE
        }


def next_to_discards(plan: DevicePlan, text: str, own: OwnRoutes) -> str:
    """Return the rendered text with routes that the device's own discards of worse preference leave in effect.

    A route has either next hops or ``discard``, so Junos inherits no next hop of a group next to it. A qualified next
    hop, with a preference of its own, is not part of that choice.
    """
    discarded = own.discarded()
    for route in plan.routes if discarded else ():
        if route.interface and route.prefix in discarded:
            text = _qualified(text, route.prefix, route.next_hop)
    return text


def _qualified(text: str, prefix: str, next_hop: str) -> str:
    block = f"qualified-next-hop {next_hop} {{ preference {STATIC_PREFERENCE}; }}"
    text = text.replace(f"route {prefix} next-hop {next_hop};", f"route {prefix} {{ {block} }}")
    start, found, rest = text.partition(f"route {prefix} {{\n")
    return f"{start}{found}{rest.replace(f'next-hop {next_hop};', block, 1)}" if found else text
