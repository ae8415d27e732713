# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""``show security match-policies``: the policy that decides about a packet."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import PolicyMatch
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.command import Command
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.element import Element
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.fields import Doubt, Rows, excerpt, fail

# "permit", "deny" and "reject" of a policy; "deny-all" and "permit-all" of the default policy.
_ACTION = re.compile(r"permit|deny|reject|deny-all|permit-all")
_POLICY = re.compile(
    r"Policy:\s*(?P<name>[^,\s]+),\s*action-type:\s*(?P<action>[^,\s]+)"
    r"(?:,\s*(?:State:\s*\w+|Index:\s*\d+|Scope Policy:\s*\d+))*"
)
# Lines that describe the policy, and elements that do: no row has their content.
_DETAIL = re.compile(
    r"(?:Policy Type|Sequence number|From zone|Application|IP protocol|Source port range|Destination port range"
    r"|Per policy TCP Options|Session log|Scope Policy|Inactivity timeout|ALG|Dynamic Applications?|Intrazone mode):?.*"
    r"|(?:Source|Destination) (?:addresses|identities|port range|vrf group):?.*"
    r"|[\w.-]+: [\d.:a-f/-]+|[\w.-]+\(\w+\): .*"
)
_UNUSED = frozenset(
    (
        "policy-state", "policy-identifier", "scope-policy-identifier", "policy-sequence-number", "policy-type",
        "context-information", "source-addresses", "destination-addresses", "applications", "policy-tcp-options",
        "policy-log", "source-zone-name", "destination-zone-name",
    )
)  # fmt: skip


def _text(lines: t.Sequence[str], node: str | None) -> Rows:
    found: list[PolicyMatch] = []
    notes: list[str] = []
    for line in lines:
        if policy := _POLICY.fullmatch(line.strip()):
            found.append(_match(policy["name"], policy["action"], node))
        elif not _DETAIL.fullmatch(line.strip()):
            notes.append(Doubt(f"the line {excerpt(line)} is not known"))
    if not found:
        fail("a line 'Policy: NAME, action-type: ACTION'", lines[0])
    return Rows(found, notes)


def _xml(root: Element, node: str | None) -> Rows:
    policies = root.children("policy-information")
    if not policies:
        fail("<policy-information>", root.tag)
    return Rows(
        [_match(policy.needed("policy-name"), policy.needed("policy-action/action-type"), node) for policy in policies]
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
    unused=_UNUSED,
)
