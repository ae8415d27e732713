# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the networks of the golden files as Ansible reads inventories, plan and render them."""

from __future__ import annotations

import typing as t
from functools import cache
from pathlib import Path

import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.manager import VariableManager
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import by_hosts
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.trace_plan import Trace, TraceOptions, trace_plans
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import operator_texts, render, render_trace

GOLDEN = Path(__file__).parent
ROOT = GOLDEN.parents[1]
# The last networks are examples for users, whose inventories are outside the tests.
NETWORKS = (*sorted(path.parent.name for path in GOLDEN.glob("*/hosts.yml")), "document", "third_party")
# The folder of a network whose hosts set their own syntax.
OWN = "own"


class Inventory(t.NamedTuple):
    """The variables of all hosts, and the names of hubs and spokes."""

    hosts: dict[str, dict[str, t.Any]]
    hubs: list[str]
    spokes: list[str]


@cache
def documented() -> dict[str, dict[str, t.Any]]:
    """Return what the role's argument specification says of every variable."""
    specs = yaml.safe_load((ROOT / "roles" / "nhtb" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    return {name: option for entry in specs["argument_specs"].values() for name, option in entry["options"].items()}


def inventory(network: str) -> Inventory:
    """Return a network's inventory with group and host variables merged."""
    source = GOLDEN / network / "hosts.yml"
    if not source.exists():
        source = ROOT / "inventories" / network / "hosts.yml"
    return read_inventory(str(source))


@cache
def read_inventory(source: str) -> Inventory:
    """Return an inventory with group and host variables merged."""
    loader = DataLoader()
    manager = InventoryManager(loader=loader, sources=[source])
    variables = VariableManager(loader=loader, inventory=manager)
    groups: dict[str, list[t.Any]] = {name: manager.groups[name].get_hosts() for name in ("nhtb_hubs", "nhtb_spokes")}
    hosts = {host.name: variables.get_vars(host=host) for members in groups.values() for host in members}
    names = {group: [host.name for host in members] for group, members in groups.items()}
    return Inventory(hosts, names["nhtb_hubs"], names["nhtb_spokes"])


def syntaxes(network: str) -> tuple[str, ...]:
    """Return the syntaxes for which a network has golden files."""
    chosen = any("nhtb_syntax" in variables for variables in inventory(network).hosts.values())
    return (OWN,) if chosen else ("modern", "classic")


def plan(network: str, syntax: str, **extra: t.Any) -> FleetPlan:
    """Plan a network; ``extra`` overrides the inventory, as ``--extra-vars`` does."""
    if syntax != OWN:
        extra["nhtb_syntax"] = syntax
    hosts, hubs, spokes = inventory(network)
    return plan_fleet({host: {**own, **extra} for host, own in hosts.items()}, hubs, spokes, documented(), shipped())


def rendered(fleet: FleetPlan) -> dict[str, str]:
    """Return file names and contents, as the playbook render.yml writes them."""
    files: dict[str, str] = {}
    for device in fleet.devices:
        text = render(device)
        if device.site.profile.by_operator:
            files |= {f"{device.host}.{ending}": own for ending, own in operator_texts(device).items()}
        else:
            files[f"{device.host}.conf"] = text
            files[f"{device.host}.set"] = to_set(text)
    return files


def traced(network: str) -> dict[str, str]:
    """Return file names and contents: the traces of all tunnels with the defaults of the module, for any syntax."""
    fleet = plan(network, syntaxes(network)[0])
    options = TraceOptions(
        Trace("hubspoke-ike", ("ike", "policy-manager", "routing-socket")),
        Trace("hubspoke-flow", ("basic-datapath",)),
        size="1m",
        files=3,
    )
    scope = by_hosts(fleet, {device.host for device in fleet.devices})
    return {f"{wanted.host}.conf": render_trace(wanted) for wanted in trace_plans(fleet, scope, options)}
