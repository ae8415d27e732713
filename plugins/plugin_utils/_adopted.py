# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The inventory files of an adopted VPN, and the changes that a deployment of that inventory makes."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass

import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.differences import Difference, differences
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.fleet import Adoption
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.takeover import take_over
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import PlanError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import KeyCodec
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.profiles import Profiles
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import file_name
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import DOCUMENTED
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import HUBS, SPOKES
from ansible_collections.hubspoke.srx.plugins.plugin_utils._vault import KEY, Vault

# The variables of a connection that are no secrets.
_CONNECTION = (
    "ansible_host", "ansible_port", "ansible_user", "ansible_ssh_host", "ansible_ssh_port", "ansible_ssh_user",
    "ansible_private_key_file", "ansible_ssh_private_key_file", "ansible_ssh_common_args", "ansible_ssh_extra_args",
    "nhtb_ssh_config", "nhtb_transport",
)  # fmt: skip


@dataclass(frozen=True)
class Move:
    """The changes that a deployment of the adopted inventory with ``take_over`` makes.

    ``devices`` are statements by host. ``incomplete`` are problems that prevent the plan until the operator has solved
    them; what changes is computed all the same, with assumed values.
    """

    devices: dict[str, dict[str, t.Any]]
    incomplete: list[str]
    differences: tuple[Difference, ...]


def move_of(adoption: Adoption, codec: KeyCodec, profiles: Profiles) -> Move:
    """Return what a deployment of the adopted inventory changes on the devices."""
    known = {
        host: {**variables, **({KEY: adoption.keys[host]} if host in adoption.keys else {})}
        for host, variables in adoption.variables.items()
    }
    shared = _shared(adoption)
    if shared:
        known[adoption.hub][KEY] = shared
    incomplete: list[str] = []
    try:
        fleet = plan_fleet(known, [adoption.hub], adoption.spokes, DOCUMENTED, profiles)
    except PlanError as error:
        incomplete = [str(problem) for problem in error.problems]
        found = _assumed_plan(adoption, known, profiles)
        if found is None:
            return Move({}, incomplete, ())
        fleet = found
    keys = {host: variables[KEY] for host, variables in known.items() if KEY in variables}
    devices, differing = {}, list[Difference]()
    for plan in fleet.devices:
        if plan.host in adoption.configs:
            text, config = render(plan), adoption.configs[plan.host]
            one = take_over(plan, text, config, keys, codec)
            devices[plan.host] = {"moved": one.moved, "changes": list(one.changes), "stays": list(one.stays)}
            differing += differences(plan, text, config)
    return Move(devices, incomplete, tuple(differing))


def _assumed_plan(adoption: Adoption, known: t.Mapping[str, dict[str, t.Any]], profiles: Profiles) -> FleetPlan | None:
    """Return the plan with assumed values for what is missing, without the spokes that have no plan even then."""
    variables = {
        host: {**own, **adoption.assumed.get(host, {}), KEY: own.get(KEY, "assumed")} for host, own in known.items()
    }
    spokes = adoption.spokes
    while spokes:
        try:
            return plan_fleet(variables, [adoption.hub], spokes, DOCUMENTED, profiles)
        except PlanError as error:
            wrong = {host for problem in error.problems for host in problem.host.split(", ")}
            remaining = [host for host in spokes if host not in wrong]
            if adoption.hub in wrong or remaining == spokes:
                return None
            spokes = remaining
    return None


def inventory_files(
    adoption: Adoption, hostvars: t.Mapping[str, t.Mapping[str, t.Any]], vault: Vault | None
) -> dict[str, str]:
    """Return the files by name. Keys are in them with a vault only, encrypted."""

    def entry(host: str) -> dict[str, t.Any] | None:
        variables = hostvars.get(host, {})
        return {name: _plain(variables[name]) for name in _CONNECTION if variables.get(name)} or None

    groups = {
        HUBS: {"hosts": {adoption.hub: entry(adoption.hub)}},
        SPOKES: {"hosts": {host: entry(host) for host in adoption.spokes}},
    }
    files = {"hosts.yml": _yaml({"nhtb": {"children": groups}})}
    for host, variables in adoption.variables.items():
        files[f"host_vars/{file_name(host)}/nhtb.yml"] = _yaml(variables)
    if vault is not None:
        shared = _shared(adoption)
        if shared:
            files["group_vars/nhtb/key.yml"] = vault.variables_file(shared, by="adopt")
        for host, key in adoption.keys.items():
            if key != shared:
                files[f"host_vars/{file_name(host)}/key.yml"] = vault.variables_file(key, by="adopt")
    return files


def _shared(adoption: Adoption) -> str:
    """Return the key that most tunnels have, and several: it becomes the key of all hosts. Empty without one."""
    (key, count), *_others = Counter(adoption.keys.values()).most_common(1) or [("", 0)]
    return key if count > 1 or len(adoption.spokes) == 1 else ""


def _plain(value: t.Any) -> t.Any:
    """Return a value of a plain type: Ansible hands over subclasses, which YAML would tag."""
    return int(value) if isinstance(value, int) else str(value)


def _yaml(data: t.Any) -> str:
    return "---\n" + yaml.safe_dump(_untagged(data), sort_keys=False, allow_unicode=True)


def _untagged(data: t.Any) -> t.Any:
    if isinstance(data, dict):
        return {str(name): _untagged(value) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_untagged(value) for value in data]
    if isinstance(data, bool) or data is None:
        return data
    return _plain(data)
