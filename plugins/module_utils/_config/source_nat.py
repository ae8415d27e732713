# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Rule sets of source NAT outside our group: for the contexts of ours, or for traffic into the tunnels."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import Conflict
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Statement
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan

_RULE_SET = ("security", "nat", "source", "rule-set")
_TRANSLATES = (("then", "source-nat", "interface"), ("then", "source-nat", "pool"))


def source_nat_conflicts(plan: DevicePlan, others: t.Sequence[Statement]) -> t.Iterator[Conflict]:
    """Yield other rule sets between zones of a planned one, and those that translate traffic into the tunnels."""
    ours = {nat.rule_set for nat in plan.source_nat}
    site = plan.site
    for name, statements in rule_sets(others).items():
        if name in ours:
            continue
        tails = [one.words[5:] for one in statements]
        sources, targets = zones_of(statements)
        actual = f"from zone {' '.join(sorted(sources))} to zone {' '.join(sorted(targets))} {statements[0].where}"
        for nat in plan.source_nat:
            if nat.to_zone in targets and not sources.isdisjoint(nat.from_zones):
                yield Conflict(
                    f"security nat source rule-set {name}",
                    f"no rule set but {nat.rule_set} of group {plan.group} from zone {' '.join(nat.from_zones)} to zone"
                    f" {nat.to_zone}",
                    actual,
                    "Delete it, or keep it and set nhtb_manage_internet_policy: false. Junos takes one rule set for the"
                    " same zones.",
                )
        into = [zone for zone in site.tunnel_zones if zone in targets]
        leaves_lan = not sources.isdisjoint(lan.zone for lan in site.lans)
        if into and leaves_lan and any(tail[2:5] in _TRANSLATES for tail in tails if tail[:1] == ("rule",)):
            yield Conflict(
                f"security nat source rule-set {name}",
                f"no source NAT to zone {into[0]}",
                actual,
                "Take the zone out of it: the other sites know the LANs by their own addresses.",
            )


def rule_sets(others: t.Sequence[Statement]) -> dict[str, list[Statement]]:
    """Return the statements of each rule set of source NAT."""
    found: dict[str, list[Statement]] = {}
    for one in others:
        if one.words[:4] == _RULE_SET and len(one.words) > len(_RULE_SET) + 1:
            found.setdefault(one.words[4], []).append(one)
    return found


def zones_of(statements: t.Iterable[Statement]) -> tuple[set[str], set[str]]:
    """Return the zones from which and to which a rule set translates."""
    tails = [one.words[5:] for one in statements]
    sources = {tail[2] for tail in tails if tail[:2] == ("from", "zone")}
    return sources, {tail[2] for tail in tails if tail[:2] == ("to", "zone")}
