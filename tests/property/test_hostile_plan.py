# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hostile value in any variable of a host is an error of the plan, or is read as what it is."""

from __future__ import annotations

import copy
import re
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.host import read_host
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.run_options import LIMITS
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import rendered_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import DOCUMENTED, Fleet, read_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped

from tests.integration.conftest import DOCUMENT
from tests.property.hostile import EITHER, FLAGS, INTEGERS, NUMBERS, TEXTS, UNSET, VALUES
from tests.property.reading import LOADED, check_message, evaluated, text

HOSTS = ("corporate", "westford", "sunnyvale")
ROLES: dict[str, t.Literal["hub", "spoke"]] = {"corporate": "hub", "westford": "spoke", "sunnyvale": "spoke"}
BASE = {
    host: {**DataLoader().load_from_file(str(DOCUMENT / "host_vars" / f"{host}.yml")), "nhtb_pre_shared_key": "secret"}
    for host in HOSTS
}
MEMBERS = tuple(
    f"{variable}.{member}"
    for variable in ("nhtb_lans[0]", "nhtb_wan", "nhtb_tunnel")
    for member in (*DOCUMENTED[variable.partition("[")[0]]["options"], "misspelt")
)
VARIABLES = (*DOCUMENTED, "nhtb_misspelt", "nhtb_lans[0]", *MEMBERS)
RANGES: dict[str, tuple[float, float]] = {
    "nhtb_mss": (64, 65535),
    "nhtb_confirm_minutes": (1, 65535),
    "nhtb_tunnel.unit": (0, 15999),
    "nhtb_policy_addresses": (1, 65535),
    "nhtb_max_tunnels": (1, 65535),
    "nhtb_lans[0].vlan_id": (1, 4094),
    "nhtb_wan.vlan_id": (1, 4094),
    "nhtb_wan.nat_keepalive": (1, 300),
    "nhtb_tunnel.mtu": (256, 9192),
}
NAMES = {
    "zone": r"(?!null$)[A-Za-z0-9][A-Za-z0-9_-]{0,30}",
    "nhtb_site": r"[A-Za-z0-9][A-Za-z0-9_-]{0,26}",
    "nhtb_group": r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}",
    "nhtb_host_name": r"[A-Za-z0-9._-]{1,255}",
    "name": r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}",
}
# Members that are no text of any kind.
ADDRESSES = (
    "interface",
    "address",
    "gateway",
    "public_address",
    "ike_interface",
    "ike_address",
    "underlying_interface",
)
# Variables whose value another host or another variable can forbid.
OF_THE_FLEET = (
    "nhtb_platform",
    "nhtb_confirm_minutes",
    "nhtb_static_binding",
    "nhtb_tunnel.unit",
    "nhtb_mss",
    "nhtb_state",
    "nhtb_policy_addresses",
    "nhtb_lans[0].vpn",
    "nhtb_lans[0].vlan_id",
    "nhtb_lans[0].name",
    "nhtb_wan.vlan_id",
    "nhtb_wan.behind_nat",
    "nhtb_wan.nat_keepalive",
    "nhtb_tunnel.unnumbered",
    "nhtb_max_tunnels",
    "nhtb_address_book_name",
    "nhtb_spoke_to_spoke",
)
PRINTABLE = {chr(code) for code in range(32, 127)} | {"\n"}


def variables_with(host: str, variable: str, name: str) -> dict[str, t.Any]:
    """Return the variables of a host, in one of which, or in a member of it, the value ``name`` stands."""
    top, _dot, member = variable.partition(".")
    top, _bracket, index = top.partition("[")
    changed = LOADED[name]
    if index or member:
        changed = copy.deepcopy(BASE[host][top])
        if not member:
            changed[0] = LOADED[name]
        else:
            (changed[0] if index else changed)[member] = LOADED[name]
    return {**BASE[host], top: evaluated(host, top, changed)}


def planned(host: str, variables: dict[str, t.Any]) -> Fleet:
    """Return the plan of the document's fleet with other variables of a host. Raise PlanError."""
    groups = {"nhtb_hubs": ["corporate"], "nhtb_spokes": ["westford", "sunnyvale"]}
    return read_fleet({"groups": groups, "hostvars": BASE | {host: variables}})


def readings(variable: str, host: str) -> dict[str, t.Any]:
    """Return the values that a variable may have, each with the text or number that it is read as."""
    top, _dot, member = variable.partition(".")
    option = DOCUMENTED.get(top.partition("[")[0], {})
    option = option.get("options", {}).get(member, {}) if member else option
    kind = str(option.get("type"))
    low, high = RANGES.get(variable) or LIMITS.get(variable) or (0, 0)
    if kind in ("int", "float"):
        numbers: t.Mapping[str, float] = INTEGERS if kind == "int" else NUMBERS
        return {name: value for name, value in numbers.items() if low <= value <= high}
    if kind == "bool":
        return dict(FLAGS)
    if kind == "list" and variable not in ("nhtb_lans", "nhtb_lans[0]") and not option.get("default"):
        return {"empty list": []}
    if kind == "dict" and variable not in ("nhtb_wan", "nhtb_tunnel", "nhtb_identity"):
        return {"empty mapping": {}}
    if kind == "raw":
        # A switch, or a list of what it is for.
        return dict(FLAGS) | ({"empty list": []} if variable == "nhtb_spoke_to_spoke" else {})
    return {name: text(name) for name in texts_of(variable, host)} if kind in ("str", "path") else {}


def texts_of(variable: str, host: str) -> list[str]:
    """Return the names of the texts that a variable may have."""
    top, _dot, member = variable.partition(".")
    option = DOCUMENTED.get(top.partition("[")[0], {})
    option = option.get("options", {}).get(member, {}) if member else option
    # The profiles of an inventory are in a folder.
    if option.get("choices") or member in ADDRESSES or variable == "nhtb_profile":
        return []
    if variable == "nhtb_release":
        # Of ScreenOS no release is known.
        return list(TEXTS) if host == "sunnyvale" else []
    pattern = NAMES.get(member if member in ("zone", "name") else variable, ".+")
    if "pre_shared_key" in variable:
        pattern = r"[!#->@-~]{1,128}" if host == "sunnyvale" else r"[ -~]{1,255}"
    return [name for name in TEXTS if re.fullmatch(pattern, text(name))]


def is_unset_possible(variable: str, host: str) -> bool:
    """Return whether a variable may be missing."""
    needed = variable in ("nhtb_misspelt", "nhtb_site", "nhtb_lans", "nhtb_wan", "nhtb_tunnel", "nhtb_lans[0]") or (
        "." in variable and not variable.endswith(".zone")
    )
    is_key = variable == "nhtb_pre_shared_key" and host != "corporate"
    # A host of the other platform has other interfaces.
    return not (needed or is_key or (variable == "nhtb_platform" and host == "sunnyvale"))


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_hostile_value_of_a_variable_is_an_error_or_what_it_says(variable: str) -> None:
    top = variable.partition(".")[0].partition("[")[0]
    for number, name in enumerate(VALUES):
        host = HOSTS[number % len(HOSTS)]
        expected = readings(variable, host)
        problems, message = Problems(), ""
        try:
            variables = variables_with(host, variable, name)
            read_host(host, ROLES[host], variables, DOCUMENTED, shipped(), problems)
            problems.raise_if_any()
            fleet = planned(host, variables)
        except HubspokeError as error:
            message = str(error)
        if message:
            check_message(message)
            assert f"{host}: {top}" in message or variable in OF_THE_FLEET, message
            assert name not in expected or variable in OF_THE_FLEET, message
            assert name not in UNSET or not is_unset_possible(variable, host), message
        else:
            assert name in expected or name in UNSET or name in EITHER, f"{host}: {variable}: {name} is taken"
            check_effect(fleet, host, variable, name, expected)


def check_effect(fleet: Fleet, host: str, variable: str, name: str, expected: t.Mapping[str, t.Any]) -> None:
    """Check that the configurations have the value as it is, or are as without it, and nothing else."""
    written = "".join(rendered_files(fleet, with_keys=True).values())
    assert set(written) <= PRINTABLE
    if name in UNSET:
        without = {other: value for other, value in BASE[host].items() if other != variable}
        if "." not in variable:
            assert fleet.texts == planned(host, without).texts
    elif variable in NAMES or variable.endswith(".zone") or variable in ("nhtb_pre_shared_key", "nhtb_mss"):
        value = str(expected.get(name, fleet.variables[host].get(variable)))
        spellings = {value, value.replace("\\", "\\\\").replace('"', '\\"'), f'"{value}"'}
        # Only spokes have a key, and only Junos has groups and host names.
        assert host != "westford" or any(one in written for one in spellings), f"{host}: {variable}: {name}"
