# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Ask a hub whether traffic from spokes to the Internet leaves it, with the address of its WAN as source."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._device.clear_paths import (
    PathDevice,
    Question,
    policy_for,
    sample,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, InternetPath
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import INTERNET, DevicePlan

if t.TYPE_CHECKING:
    from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session

_RULE_SETS = ("security", "nat", "source", "rule-set")


def internet_paths(session: Session, plan: DevicePlan) -> Answer[InternetPath]:
    """Return an answer per asked network of a spoke. Raise SessionError where the session breaks."""
    device = PathDevice(session, plan)
    questions = [
        Question(zone, network, INTERNET, wan_zone)
        for zone in plan.site.tunnel_zones
        for network in sample(plan.exit_networks)
        for wan_zone in plan.site.wan_zones
    ]
    return Answer("ok", tuple(_path(device, question) for question in questions))


def _path(device: PathDevice, question: Question) -> InternetPath:
    policy, action = policy_for(device, question)
    if not action:
        return InternetPath(question.source, "unknown", policy)
    if not action.startswith("permit"):
        return InternetPath(question.source, "closed", f"policy {policy} denies them")
    config = device.config()
    if config is None:
        return InternetPath(question.source, "unknown", device.unread)
    translated = _translated(config, question)
    if translated is None:
        between = f"from zone {question.zone} to zone {question.wan_zone}"
        return InternetPath(question.source, "closed", f"no source NAT {between} translates them")
    return InternetPath(question.source, "open", f"policy {policy} and source NAT {translated}")


def _translated(config: Hierarchy, question: Question) -> str | None:
    """Return the rule set of source NAT that translates the packets, ``None`` where none does."""
    wanted = ipaddress.IPv4Network(question.source)
    for name in config.names(*_RULE_SETS):
        sides = [set(config.names(*_RULE_SETS, name, side, "zone")) for side in ("from", "to")]
        if question.zone not in sides[0] or question.wan_zone not in sides[1]:
            continue
        for rule in config.names(*_RULE_SETS, name, "rule"):
            place = (*_RULE_SETS, name, "rule", rule)
            sources = config.names(*place, "match", "source-address") or [INTERNET]
            if any(wanted.subnet_of(ipaddress.IPv4Network(one)) for one in sources):
                return None if config.has(*place, "then", "source-nat", "off") else name
    return None
