# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Rule sets of source NAT outside our group: for the contexts of ours, or for traffic into the tunnels."""

from __future__ import annotations

import ipaddress
import typing as t
from contextlib import suppress

from ansible_collections.hubspoke.srx.plugins.module_utils._config.planned_objects import Conflict
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import Statement, Words
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.zones import SourceNat

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
        to = [f"zone {' '.join(sorted(targets))}"] if targets else []
        to += [" ".join(tail[1:3]) for tail in tails if tail[:2] == ("to", "interface")]
        actual = f"from zone {' '.join(sorted(sources))} to {', '.join(to)} {statements[0].where}"
        for nat in plan.source_nat:
            if _leads(nat, targets, tails) and not sources.isdisjoint(nat.from_zones):
                yield Conflict(
                    f"security nat source rule-set {name}",
                    f"no rule set but {nat.rule_set} of group {plan.group} from zone {' '.join(nat.from_zones)} to"
                    f" {nat.to}",
                    actual,
                    "Delete it, or keep it and set nhtb_manage_internet_policy: false. Junos takes one rule set for the"
                    " same zones.",
                )
        into = [zone for zone in site.tunnel_zones if zone in targets]
        leaves_lan = not sources.isdisjoint(lan.zone for lan in site.lans)
        translates = any(tail[2:5] in _TRANSLATES for tail in tails if tail[:1] == ("rule",))
        if into and leaves_lan and translates and not _spares(plan, tails):
            remedy = "Take the zone out of it: the other sites know the LANs by their own addresses."
            wan = next((wan.interface for wan in site.wans if wan.zone == into[0]), "")
            if wan:
                remedy = f"Let it name the WAN, 'to interface {wan}', or plan the tunnel in another zone: the other"
                remedy += " sites know the LANs by their own addresses."
            expected = f"no source NAT to zone {into[0]}" + (", which has the tunnel too" if wan else "")
            yield Conflict(f"security nat source rule-set {name}", expected, actual, remedy)


def _leads(nat: SourceNat, targets: set[str], tails: t.Sequence[Words]) -> bool:
    """Return whether a rule set has the target of a planned one: two with the same contexts are refused."""
    if nat.to_interface is None:
        return nat.to_zone in targets
    return ("to", "interface", nat.to_interface) in [tail[:3] for tail in tails]


def _spares(plan: DevicePlan, tails: t.Sequence[Words]) -> bool:
    """Return whether rules without translation match all networks behind the VPN as destinations."""
    off = {tail[1] for tail in tails if tail[:1] == ("rule",) and tail[2:5] == ("then", "source-nat", "off")}
    spared = []
    for tail in tails:
        if tail[:1] == ("rule",) and tail[1] in off and tail[2:4] == ("match", "destination-address"):
            with suppress(ValueError):
                spared.append(ipaddress.IPv4Network(tail[-1]))
    far = (ipaddress.IPv4Network(prefix) for tunnel in plan.tunnels for prefix in tunnel.remote_networks)
    return bool(spared) and all(any(network.subnet_of(one) for one in spared) for network in far)


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
