# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Options of the modules, written once in their DOCUMENTATION, and the variables that give them."""

from __future__ import annotations

import json
import math
import typing as t
from functools import cache
from importlib import import_module

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.run_options import LIMITS
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import (
    HUBS,
    SPOKES,
    BadVariable,
    HostVariables,
    is_open,
)

_COLLECTION = "hubspoke.srx."
_PLUGINS = f"ansible_collections.{_COLLECTION}plugins"
_SPEC_KEYS = ("type", "elements", "required", "default", "choices", "aliases")

# A fleet module takes an option that its task does not give from a variable, whose name is nhtb_ and the option's. In
# these modules it has the name of the feature between them, unless other modules share the variable.
_FEATURES = {"trace": "trace_", "traceoptions": "trace_", "troubleshoot": "trouble_"}
_SHARED = ("artifacts_dir", "lock_wait", "sample_interval", "sessions")
# Variables with another name. None gives what only a task can mean: nhtb_state, for one, is about a spoke.
_NAMES: dict[str, dict[str, str | None]] = {
    "adopt": {"accept": "nhtb_adopt_accept", "inventory_dir": "nhtb_adopt_dir", "parts": "nhtb_adopt_parts"},
    "drift": {"fail_on_drift": "nhtb_drift_fails"},
    "nhtb_verify": {"checks": "nhtb_verify_checks"},
    "remove": {"all": "nhtb_remove_all", "checks": "nhtb_deploy_checks"},
    "render": {"with_keys": "nhtb_render_keys"},
    "rotate_keys": {"checks": "nhtb_deploy_checks"},
    "traceoptions": {"keep": None, "minutes": None, "state": None},
    "transaction": {"checks": "nhtb_deploy_checks"},
    "troubleshoot": {"fail_on_trouble": "nhtb_trouble_fails"},
}
_FLEET_MODULES = (
    "adopt",
    "collect",
    "drift",
    "nhtb_verify",
    "recover",
    "remove",
    "render",
    "rotate_keys",
    "trace",
    "traceoptions",
    "transaction",
    "troubleshoot",
)
# Variables whose value may hold a password.
SECRETS = ("nhtb_trace_copy_to",)
_TYPES = {
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "path": "a path",
    "str": "text",
}


def documented_options(module: str) -> dict[str, dict[str, t.Any]]:
    """Return the documented options of a module of this collection, its own before those of its fragments."""
    documentation = yaml.safe_load(import_module(f"{_PLUGINS}.modules.{module}").DOCUMENTATION)
    options: dict[str, dict[str, t.Any]] = dict(documentation.get("options", {}))
    for fragment in documentation["extends_documentation_fragment"]:
        file, _dot, part = fragment.removeprefix(_COLLECTION).partition(".")
        source = import_module(f"{_PLUGINS}.doc_fragments.{file}").ModuleDocFragment
        options = options | yaml.safe_load(getattr(source, part.upper() or "DOCUMENTATION")).get("options", {})
    return options


def argument_spec(module: str) -> dict[str, t.Any]:
    """Return the argument spec of a module of this collection."""
    return _spec(documented_options(module))


def _spec(documented: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    spec: dict[str, t.Any] = {}
    for name, option in documented.items():
        spec[name] = {key: option[key] for key in _SPEC_KEYS if key in option}
        if "suboptions" in option:
            spec[name]["options"] = _spec(option["suboptions"])
    return spec


def variables_of(module: str, options: t.Iterable[str]) -> dict[str, str]:
    """Return the variable of each option of a fleet module that a variable can give."""
    names = _NAMES.get(module, {})
    feature = _FEATURES.get(module, "")
    found = {option: names.get(option, f"nhtb_{'' if option in _SHARED else feature}{option}") for option in options}
    return {option: variable for option, variable in found.items() if variable is not None}


@cache
def run_variables() -> frozenset[str]:
    """Return the variables that are options of a run, and none of a host's own."""
    return frozenset(
        variable for module in _FLEET_MODULES for variable in variables_of(module, documented_options(module)).values()
    )


def fleet_options(
    action: ActionBase, spec: t.Mapping[str, t.Any], task_vars: t.Mapping[str, t.Any]
) -> dict[str, t.Any]:
    """Return the options of a fleet module: of its task and ``module_defaults``, else of variables, else the defaults.

    Raise BadArgument for a variable that is not allowed. As for any module, Ansible raises AnsibleActionFail for an
    option of the task that is not documented or not of its type.
    """
    variables = _variables(action, spec)
    hosts = fleet_hosts(task_vars)
    found = {
        option: _value(action, variable, spec[option], task_vars, hosts)
        for option, variable in variables.items()
        if option not in action._task.args
    }
    action._task.args = {**{option: value for option, value in found.items() if value is not None}, **action._task.args}
    return task_options(action, spec)


def fleet_hosts(task_vars: t.Mapping[str, t.Any]) -> list[str]:
    """Return the hosts of the fleet, those of the play first. Raise nothing: the plan checks the groups."""
    groups = task_vars.get("groups", {})
    fleet = dict.fromkeys([*groups.get(HUBS, []), *groups.get(SPOKES, [])])
    play = [host for host in task_vars.get("ansible_play_hosts", ()) if host in fleet]
    return list(dict.fromkeys([*play, *fleet]))


def task_options(action: ActionBase, spec: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the options of a task, the defaults of the module where it has none.

    Raise BadArgument for an infinite number, which Ansible's own check does not survive, and for a template that it
    has not evaluated.
    """
    for option, value in action._task.args.items():
        if is_open(value):
            raise _refused(option, "a value", "a template with an undefined variable")
        if isinstance(value, float) and not math.isfinite(value):
            raise _refused(option, "a number", repr(value))
    _result, arguments = action.validate_argument_spec(spec)
    for option, value in arguments.items():
        # Text is a number by now.
        if isinstance(value, float) and not math.isfinite(value):
            raise _refused(option, "a number", repr(value))
    return dict(arguments)


def check_limits(action: ActionBase, arguments: t.Mapping[str, t.Any]) -> None:
    """Raise BadArgument for a number beyond its limits, which the plan does not know if only the task gives it."""
    for option, variable in _variables(action, arguments).items():
        value = arguments[option]
        low, high = LIMITS.get(variable, (value, value))
        if value is not None and not low <= value <= high:
            raise BadArgument(
                f"controller: {option}: expected {low} to {high}, actual {value}."
                f" Correct the option of the task, or {variable}."
            )


def _variables(action: ActionBase, options: t.Iterable[str]) -> dict[str, str]:
    return variables_of(action._task.action.rpartition(".")[2], options)


def _value(
    action: ActionBase,
    variable: str,
    option: t.Mapping[str, t.Any],
    task_vars: t.Mapping[str, t.Any],
    hosts: t.Sequence[str],
) -> t.Any:
    """Return the value that a variable has on every host of the fleet, ``None`` where no host has one.

    The hosts of the play must agree, also about having none. Another host must agree if it has one: ``set_fact`` and
    the like do not reach it.
    """
    if not hosts:
        own = HostVariables("controller", task_vars, action._templar)
        return _checked(variable, option, _evaluated(variable, own), {})
    play = set(task_vars.get("ansible_play_hosts", hosts))
    checked: dict[str, t.Any] = {}
    first, agreed = "", None
    for host in hosts:
        value = _checked(variable, option, _evaluated(variable, task_vars["hostvars"][host]), checked)
        if first and value != agreed and (host in play or value is not None):
            raise BadArgument(
                f"controller: {variable}: expected one value for the run, actual {_shown(variable, agreed)} for {first}"
                f" and {_shown(variable, value)} for {host}. Set it for all hosts alike, as in group_vars or with -e."
            )
        if not first and (host in play or value is not None):
            first, agreed = host, value
    return agreed


def _evaluated(variable: str, own: t.Mapping[str, t.Any]) -> t.Any:
    try:
        return own.get(variable)
    except BadVariable as error:
        # One cause for all hosts: a setting of the run is the same for all.
        raise BadArgument(f"controller: {variable}: expected a value, actual {error.actual}. {error.remedy}.") from None


def _checked(variable: str, option: t.Mapping[str, t.Any], value: t.Any, checked: dict[str, t.Any]) -> t.Any:
    """Return the value in the type of its option. ``checked`` has the values that were seen before."""
    if value is None:
        return None
    seen = json.dumps(value, sort_keys=True)
    if seen not in checked:
        if isinstance(value, float) and not math.isfinite(value):
            raise _refused(variable, "a number", repr(value))
        result = ArgumentSpecValidator({variable: option}).validate({variable: value})
        if result.error_messages:
            expected = _TYPES[option["type"]]
            if "choices" in option:
                expected = f"{'some' if option['type'] == 'list' else 'one'} of {', '.join(option['choices'])}"
            raise _refused(variable, expected, _shown(variable, value))
        checked[seen] = result.validated_parameters[variable]
    return checked[seen]


def _shown(variable: str, value: t.Any) -> str:
    if value is None:
        return "none"
    return "(hidden)" if variable in SECRETS else repr(value)


def _refused(name: str, expected: str, actual: str) -> BadArgument:
    return BadArgument(f"controller: {name}: expected {expected}, actual {actual}. Correct it.")
