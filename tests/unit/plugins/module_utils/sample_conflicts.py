# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A planned hub, its keys, and the conflicts of given statements with it."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._config.conflicts import find_conflicts
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import AddressEntry, SecurityPolicy
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from .readable_codec import Codec
from .sample_fleet import HUB

KEYS = {"hub1": "of-the-plan"}


PLAN = replace(
    HUB,
    address_book=(
        AddressEntry("trust", "local-net", "10.1.1.0/24"),
        AddressEntry("vpn", "oslo-net", "10.1.2.0/24"),
        AddressEntry("vpn", "lima-net", "10.1.3.0/24"),
    ),
    address_book_kind="global",
    policies=(SecurityPolicy("to-spokes", "trust", "vpn", ("local-net",), ("oslo-net", "lima-net")),),
)


ZONED = replace(PLAN, address_book_kind="zone")


def found(*others: str, plan: DevicePlan = PLAN, before: t.Sequence[str] = ()) -> tuple[Finding, ...]:
    """Return the findings with the group on the device, the commands ``before`` it, and the statements ``others``."""
    text = render(plan)
    commands = [f"set {other}" if other.split()[0] not in ("set", "deactivate") else other for other in others]
    return find_conflicts(plan, text, [*before, *to_set(text).splitlines(), *commands], KEYS, Codec())


DENY = "security policies from-zone trust to-zone vpn policy shut"


def a_policy(application: str, action: str = "permit", pair: str = "from-zone trust to-zone vpn") -> list[str]:
    place = f"security policies {pair} policy own"
    return [
        f"{place} match source-address any",
        f"{place} match destination-address any",
        f"{place} match application {application}",
        f"{place} then {action}",
    ]
