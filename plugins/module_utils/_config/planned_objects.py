# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The objects of a plan in a device's configuration, and conflicts of other statements with them."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Words, planned_words
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import FindingState

# Where objects begin. A statement added to a planned object outside our group makes it another object than planned.
OBJECTS = tuple(
    tuple(path.split())
    for path in (
        "security ike proposal *",
        "security ike policy *",
        "security ike gateway *",
        "security ipsec proposal *",
        "security ipsec policy *",
        "security ipsec vpn *",
        "security ipsec vpn-monitor-options",
        "security flow tcp-mss ipsec-vpn",
        "security nat source rule-set *",
        "security policies from-zone * to-zone * policy *",
        "security address-book * address *",
        "security zones security-zone * address-book address *",
        "interfaces st0 unit * family inet next-hop-tunnel *",
        "routing-options static route *",
    )
)
ROUTE = ("routing-options", "static", "route")
# The plan owns the target of a route only; the device may add preferences and tags.
ROUTE_TARGETS = (
    "next-hop",
    "qualified-next-hop",
    "lsp-next-hop",
    "next-table",
    "discard",
    "reject",
    "receive",
    "no-install",
)
# The preference of a static route without one of its own.
STATIC_PREFERENCE = 5
POLICIES = ("security", "policies", "from-zone")
# The words of a policy's place: ... from-zone A to-zone B policy NAME.
POLICY_SIZE = 8
ANY_ADDRESS = ("any", "any-ipv4")


@dataclass(frozen=True)
class Conflict:
    """A planned object and what statements outside our group do to it. ``vpn`` is the VPN concerned, if one is."""

    object: str
    expected: str
    actual: str
    remedy: str
    state: FindingState = "failed"
    vpn: str = ""


# By their first two words, which no pattern leaves open.
_PATTERNS = {pattern[:2]: [one for one in OBJECTS if one[:2] == pattern[:2]] for pattern in OBJECTS}


class PlannedObjects:
    """The statements of a rendered configuration, and for each object of OBJECTS the words behind its name."""

    def __init__(self, text: str, group: str) -> None:
        self.statements = frozenset(planned_words(text, group))
        self.by_place: dict[Words, list[Words]] = {}
        for words in self.statements:
            for pattern in _PATTERNS.get(words[:2], ()):
                if len(words) > len(pattern) and begins_like(words, pattern):
                    self.by_place.setdefault(words[: len(pattern)], []).append(words[len(pattern) :])


def begins_like(words: Words, pattern: Words) -> bool:
    """Return whether words begin as a pattern does, in which ``*`` is any word."""
    return len(words) >= len(pattern) and all(one in ("*", word) for one, word in zip(pattern, words, strict=False))
