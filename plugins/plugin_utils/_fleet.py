# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The inventory as one fleet: its plan, its rendered texts, its keys, its variables."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace
from pathlib import Path

from ansible.module_utils.common.yaml import yaml_load
from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import PlanError, Problem
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Site
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.part import hub_plan_without
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import join_hosts
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.profiles import Profiles
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import probes
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import profiles_of
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import HUBS, SPOKES, BadVariable

_SPECS = Path(__file__).resolve().parents[2] / "roles" / "nhtb" / "meta" / "argument_specs.yml"


def _documented() -> dict[str, dict[str, t.Any]]:
    """Return the documentation of every variable; each entry point of the role has its own."""
    entries = yaml_load(_SPECS.read_text(encoding="utf-8"))["argument_specs"].values()
    return {name: option for entry in entries for name, option in entry["options"].items()}


# Read once, in the parent process, when Ansible loads the action plugin.
DOCUMENTED = _documented()


@dataclass(frozen=True)
class Fleet:
    """The plan of all devices. ``texts`` are the rendered configurations, which name keys; ``keys`` are these keys.

    ``removed`` are the devices that lose their part of the VPN. ``plan`` is the VPN without them; where no spoke
    stays, it is the VPN as it was, and all its devices are removed. ``rotated`` are the spokes that get another key,
    and no other change. ``texts``, ``keys`` and ``variables`` are by host.
    """

    plan: FleetPlan
    texts: dict[str, str]
    keys: dict[str, str] = field(repr=False)
    removed: tuple[DevicePlan, ...] = ()
    variables: t.Mapping[str, t.Mapping[str, t.Any]] = field(default_factory=dict, repr=False)
    rotated: frozenset[str] = frozenset()
    profiles: Profiles = field(default_factory=dict, repr=False)

    @property
    def devices(self) -> tuple[DevicePlan, ...]:
        """Return the devices of the VPN after the run, the hub first."""
        gone = {device.host for device in self.removed}
        return tuple(device for device in self.plan.devices if device.host not in gone)

    @property
    def canaries(self) -> tuple[str, ...]:
        """Return the spokes of the first round, by ``nhtb_canary``."""
        return tuple(
            host for host, own in self.variables.items() if boolean(own.get("nhtb_canary", False), strict=False)
        )

    @property
    def secrets(self) -> set[str]:
        """Return every key of the inventory, new ones included."""
        named = (item for values in self.variables.values() for item in values.items())
        return {
            *self.keys.values(),
            *(str(value) for name, value in named if value and name.endswith("pre_shared_key")),
        }

    def hub_job_without(
        self, excluded: t.Collection[str], checks: t.Collection[str], gone: tuple[Site, ...] | None = None
    ) -> Job | None:
        """Return the hub's job with the parts of some spokes unchanged; ``None`` where no other spoke stays.

        ``gone`` is that of the job.
        """
        plan = hub_plan_without(self.plan, excluded)
        if plan is None:
            return None
        kept = tuple(tunnel for tunnel in self.plan.hub.tunnels if tunnel.peer_host in excluded)
        pings = tuple(probes(self.plan, plan)) if "pings" in checks else ()
        return Job(plan, render(plan), pings, kept, gone=gone, whole=self.texts[self.plan.hub.host])


def read_fleet(
    task_vars: t.Mapping[str, t.Any], remove: t.Collection[str] = (), profiles: Profiles | None = None
) -> Fleet:
    """Plan and render all hosts of the groups, whatever the play is limited to, without those that leave the VPN.

    These are the hosts in ``remove`` and the hosts with ``nhtb_state=absent``. ``profiles`` are those that the
    run has read already. Raise PlanError with every problem.
    """
    groups = task_vars["groups"]
    hubs, spokes = list(groups.get(HUBS, [])), list(groups.get(SPOKES, []))
    problems: list[Problem] = []
    hosts = {host: host_variables(host, task_vars["hostvars"][host], problems) for host in dict.fromkeys(hubs + spokes)}
    gone = {host for host, variables in hosts.items() if variables.get("nhtb_state") == "absent"} | set(remove)
    staying = [host for host in spokes if host not in gone]
    if staying:
        problems += [_hub_stays(host, staying) for host in hubs if host in gone]
    if problems:
        raise PlanError(join_hosts(problems))
    if profiles is None:
        profiles = profiles_of(hosts, task_vars)
    # Hosts that leave have a plan of their own: a successor may have their networks already.
    going = [host for host in spokes if host in gone]
    leaving = plan_fleet(hosts, hubs, going, DOCUMENTED, profiles, staying) if gone else None
    plan = plan_fleet(hosts, hubs, staying, DOCUMENTED, profiles, going) if staying or leaving is None else leaving
    removed = tuple(device for device in leaving.devices if device.host in gone or not staying) if leaving else ()
    keys = {
        host: str(variables["nhtb_pre_shared_key"])
        for host, variables in hosts.items()
        if variables.get("nhtb_pre_shared_key")
    }
    fleet = Fleet(plan, {}, keys, removed, hosts, profiles=profiles)
    return replace(fleet, texts={device.host: render(device) for device in fleet.devices})


def unplanned_fleet(task_vars: t.Mapping[str, t.Any]) -> Fleet:
    """Return the hosts of the groups with their variables, without a plan: for runs that only log in."""
    groups = task_vars["groups"]
    names = dict.fromkeys([*groups.get(HUBS, []), *groups.get(SPOKES, [])])
    hosts = {host: host_variables(host, task_vars["hostvars"][host], []) for host in names}
    return Fleet(FleetPlan((), 0), {}, {}, (), hosts)


def _hub_stays(hub: str, staying: t.Sequence[str]) -> Problem:
    message = f"the hub cannot leave the VPN before its spokes: {', '.join(staying[:3])}"
    return Problem(hub, "nhtb_state", "absent", message, "Remove the spokes as well, or keep the hub")


def host_variables(host: str, hostvars: t.Mapping[str, t.Any], problems: list[Problem]) -> dict[str, t.Any]:
    """Return the nhtb_ variables of a host as plain data; add to ``problems`` those that have no value."""
    plain: dict[str, t.Any] = {}
    for name in [name for name in hostvars if str(name).startswith("nhtb_")]:
        try:
            value = hostvars[name]
        except BadVariable as error:
            problems.append(Problem(host, str(name), error.shown, error.why, error.remedy))
        else:
            # Without Ansible's wrappers for the names too.
            plain[str(name)] = value
    return plain
