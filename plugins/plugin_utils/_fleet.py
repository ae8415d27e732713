# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The inventory as one fleet: its plan, its rendered texts, its keys, and where each device is."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from ansible.errors import AnsibleError
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import PlanError, Problem
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

HUBS = "nhtb_hubs"
SPOKES = "nhtb_spokes"

_SPECS = Path(__file__).resolve().parents[2] / "roles" / "nhtb" / "meta" / "argument_specs.yml"


def _defaults() -> dict[str, t.Any]:
    options = yaml.safe_load(_SPECS.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    return {name: option.get("default") for name, option in options.items()}


# Read once, in the parent process, when Ansible loads the action plugin.
DEFAULTS = _defaults()


@dataclass(frozen=True)
class Fleet:
    """``texts`` holds each host's rendered configuration, keys named and not given; ``keys`` holds them, by host."""

    plan: FleetPlan
    texts: dict[str, str]
    keys: dict[str, str] = field(repr=False)

    @property
    def devices(self) -> tuple[DevicePlan, ...]:
        return self.plan.devices


def read_fleet(task_vars: t.Mapping[str, t.Any]) -> Fleet:
    """Plan and render all hosts of the groups, whatever the play is limited to. Raises PlanError with every problem."""
    groups = task_vars["groups"]
    hubs, spokes = list(groups.get(HUBS, [])), list(groups.get(SPOKES, []))
    problems: list[Problem] = []
    hosts = {host: _variables(host, task_vars["hostvars"][host], problems) for host in dict.fromkeys(hubs + spokes)}
    if problems:
        raise PlanError(problems)
    plan = plan_fleet(hosts, hubs, spokes, DEFAULTS)
    keys = {
        host: str(variables["nhtb_pre_shared_key"])
        for host, variables in hosts.items()
        if variables.get("nhtb_pre_shared_key")
    }
    return Fleet(plan, {device.host: render(device) for device in plan.devices}, keys)


def _variables(host: str, hostvars: t.Mapping[str, t.Any], problems: list[Problem]) -> dict[str, t.Any]:
    """The nhtb_ variables of a host as plain data, whatever Ansible wraps around them."""
    plain: dict[str, t.Any] = {}
    for name in [name for name in hostvars if str(name).startswith("nhtb_")]:
        try:
            plain[str(name)] = json.loads(json.dumps(hostvars[name], default=str))
        except (AnsibleError, ValueError, RecursionError) as error:
            words = type(error).__name__ if name == "nhtb_pre_shared_key" else str(error)
            problems.append(
                Problem(
                    host,
                    str(name),
                    "(template)",
                    f"cannot be evaluated: {words}",
                    "Correct the template or define what it uses",
                )
            )
    return plain
