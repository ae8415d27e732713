# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Take the names of hosts that another plan has out of rules and pairs, which are written for the whole inventory."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rule_checks import names_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rules import PolicyDraft, RuleDraft


def without_names_of(
    others: t.Sequence[Draft], hubs: t.Sequence[Draft], spokes: t.Sequence[Draft]
) -> tuple[list[Draft], list[Draft]]:
    """Return drafts whose rules and pairs have no name of the others, unless a host of theirs has it too."""
    foreign = names_of(others) - names_of([*hubs, *spokes])

    def without(draft: Draft) -> Draft:
        return replace(draft, policies=_without(draft.policies, foreign))

    return [without(draft) for draft in hubs], [without(draft) for draft in spokes]


def _without(stated: PolicyDraft, foreign: t.Collection[str]) -> PolicyDraft:
    pairs = stated.spoke_to_spoke
    if isinstance(pairs, tuple):
        pairs = tuple(pair for pair in pairs if not set(pair) & set(foreign))
    rules = (_rule_without(rule, foreign) for rule in stated.rules)
    # A rule that named nothing else has nothing to match: without names it would match everything.
    return replace(
        stated, spoke_to_spoke=pairs, rules=tuple(rule for rule in rules if rule.sources and rule.destinations)
    )


def _rule_without(rule: RuleDraft, foreign: t.Collection[str]) -> RuleDraft:
    sources, destinations = (
        tuple(name for name in names if name not in foreign) for names in (rule.sources, rule.destinations)
    )
    return replace(rule, sources=sources, destinations=destinations)
