# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The plans of all devices from inventory data, or every error found. No device is contacted."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Role
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.build import build_fleet
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.draft import Draft
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.elsewhere import without_names_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.fleet import check_fleet, check_groups
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.host import read_host
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.identities import check_exchanges
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.limits import check_limits
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.profiles import Profiles, check_profiles
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rule_checks import check_order, check_rules
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.rule_ends import check_ends
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.run_options import Documented
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.without_effect import name_without_effect

__all__ = ["plan_fleet"]


def plan_fleet(
    hosts: t.Mapping[str, t.Mapping[str, t.Any]],
    hubs: t.Sequence[str],
    spokes: t.Sequence[str],
    documented: Documented,
    profiles: Profiles | None = None,
    elsewhere: t.Sequence[str] = (),
) -> FleetPlan:
    """Plan the whole VPN from the variables of each host.

    ``documented`` has the type, choices and default of every variable, ``profiles`` are those of third-party spokes.
    ``elsewhere`` are spokes that another plan has, as those that leave the VPN: rules and pairs may name them.
    Raise PlanError with all problems of all hosts. Pre-shared keys are compared here and go no further.
    """
    problems = Problems()
    check_groups(hubs, spokes, problems)

    def read(names: t.Sequence[str], role: Role, found: Problems = problems) -> list[Draft]:
        # Without profiles every device runs Junos.
        known = profiles or {}
        return [read_host(name, role, hosts.get(name), documented, known, found) for name in dict.fromkeys(names)]

    hub_drafts = read(hubs, "hub")
    spoke_drafts = read([host for host in spokes if host not in hubs], "spoke")
    if elsewhere:
        # The problems of these hosts are those of their own plan.
        others = read(elsewhere, "spoke", Problems())
        hub_drafts, spoke_drafts = without_names_of(others, hub_drafts, spoke_drafts)
    check_fleet(hub_drafts, spoke_drafts, problems)
    check_rules(hub_drafts, spoke_drafts, problems)
    problems.raise_if_any()
    plan = build_fleet(hub_drafts[0], spoke_drafts)
    check_limits(plan, problems)
    check_profiles(plan, problems)
    check_exchanges(plan, problems)
    check_order(plan, problems)
    problems.raise_if_any()
    check_ends(plan, [*hub_drafts, *spoke_drafts], problems)
    problems.raise_if_any()
    return name_without_effect(plan, hosts, [*hub_drafts, *spoke_drafts])
