# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show security match-policies``: the policy that decides about a packet."""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import PolicyMatch
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Rows, child_text, fail, needed

# "permit", "deny" and "reject" of a policy; "deny-all" and "permit-all" of the default policy.
_ACTION = re.compile(r"permit|deny|reject|deny-all|permit-all")
_POLICY = re.compile(r"Policy:\s*(?P<name>[^,\s]+),\s*action-type:\s*(?P<action>[^,\s]+)")


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    found = [match for line in lines if (match := _POLICY.match(line.strip()))]
    if not found:
        fail("a line 'Policy: NAME, action-type: ACTION'", lines[0])
    return Rows([_match(match["name"], match["action"], node) for match in found])


def _xml(root: ET.Element, node: str | None) -> Rows:
    policies = list(root.iter("policy-information"))
    if not policies:
        fail("<policy-information>", root.tag)
    return Rows(
        [
            _match(
                needed(child_text(policy, "policy-name"), "a policy name", root.tag),
                needed(
                    next((word for one in policy.iter("action-type") if (word := child_text(one, "."))), None),
                    "an action",
                    root.tag,
                ),
                node,
            )
            for policy in policies
        ]
    )


def _match(name: str, action: str, node: str | None) -> PolicyMatch:
    if not _ACTION.fullmatch(action.lower()):
        fail("permit, deny or reject as the action of a policy", action)
    return PolicyMatch(name, action.lower(), node)


COMMAND = Command(
    rpc="match-firewall-policies",
    roots=("security-policy-match",),
    xml=_xml,
    text=_text,
)
