# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Options of the modules, written once in their DOCUMENTATION, and the variables that give them."""

from __future__ import annotations

import json
import typing as t
from functools import cache
from importlib import import_module

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import kind_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import (
    LONGEST_TEXT,
    as_flag,
    as_integer,
    as_number,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.run_options import LIMITS
from ansible_collections.hubspoke.srx.plugins.plugin_utils._agreement import check_agreement
from ansible_collections.hubspoke.srx.plugins.plugin_utils._plain import NotPlain, plain
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
_SHARED = ("artifacts_dir", "artifacts_keep", "lock_wait", "sample_interval", "sessions")
# Options whose variable may differ per host, and is taken of each.
PER_HOST = ("lock_wait", "move_group", "verify_timeout")
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
    "preflight",
    "recover",
    "remove",
    "render",
    "report_formats",
    "rotate_keys",
    "trace",
    "traceoptions",
    "transaction",
    "troubleshoot",
)
# Variables whose value may hold a password.
SECRETS = ("nhtb_trace_copy_to",)
_SECRET = (*SECRETS, "copy_to")
# Lowest and highest value of the options that no variable gives.
_LIMITS: dict[str, dict[str, tuple[float, float]]] = {
    "ike_log_info": {"last": (1, 315360000), "limit": (1, 1000000)},
    "ipsec_statistics_info": {"tunnel_index": (0, 4294967295)},
    "ping": {"count": (1, 10000), "size": (0, 65468), "wait": (1, 3600)},
    "storage_info": {"max_used_percent": (0, 100), "min_free_mib": (0, 1048576)},
    "traceoptions": {"minutes": (1, 65535)},
}
# Beyond any limit.
_MOST = 10**15
_READERS: dict[str, t.Callable[[t.Any], float | None]] = {"bool": as_flag, "int": as_integer, "float": as_number}
_TYPES = {
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "path": f"a path of at most {LONGEST_TEXT} characters that can be printed",
    "str": f"text of at most {LONGEST_TEXT} characters that can be printed",
}


def documented_options(module: str) -> dict[str, dict[str, t.Any]]:
    """Return the documented options of a module of this collection, its own before those of its fragments."""
    documentation = yaml_load(import_module(f"{_PLUGINS}.modules.{module}").DOCUMENTATION)
    options: dict[str, dict[str, t.Any]] = dict(documentation.get("options", {}))
    for fragment in documentation["extends_documentation_fragment"]:
        file, _dot, part = fragment.removeprefix(_COLLECTION).partition(".")
        source = import_module(f"{_PLUGINS}.doc_fragments.{file}").ModuleDocFragment
        options = options | yaml_load(getattr(source, part.upper() or "DOCUMENTATION")).get("options", {})
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
    if hosts:
        play = set(task_vars.get("ansible_play_hosts", ()))
        first = str(task_vars["inventory_hostname"])
        check_agreement(action, task_vars["hostvars"], first, [host for host in hosts if host in play])
    found = {
        option: _value(action, variable, spec[option], task_vars, hosts)
        for option, variable in variables.items()
        if option not in action._task.args and option not in PER_HOST
    }
    action._task.args = {**{option: value for option, value in found.items() if value is not None}, **action._task.args}
    return task_options(action, spec)


def host_options(
    action: ActionBase, spec: t.Mapping[str, t.Any], task_vars: t.Mapping[str, t.Any]
) -> dict[str, dict[str, t.Any]]:
    """Return by host the options that may differ per host: those that variables give, and the task does not.

    Raise BadArgument for a variable that is not allowed.
    """
    found: dict[str, dict[str, t.Any]] = {}
    for option, variable in _variables(action, spec).items():
        if option not in PER_HOST or option in action._task.args:
            continue
        checked: dict[str, t.Any] = {}
        for host in fleet_hosts(task_vars):
            value = _checked(variable, spec[option], _evaluated(variable, task_vars["hostvars"][host]), checked)
            if value is not None:
                found.setdefault(host, {})[option] = value
    return found


def fleet_hosts(task_vars: t.Mapping[str, t.Any]) -> list[str]:
    """Return the hosts of the fleet, those of the play first. Raise nothing: the plan checks the groups."""
    groups = task_vars.get("groups", {})
    fleet = dict.fromkeys([*groups.get(HUBS, []), *groups.get(SPOKES, [])])
    play = [host for host in task_vars.get("ansible_play_hosts", ()) if host in fleet]
    return list(dict.fromkeys([*play, *fleet]))


def task_options(action: ActionBase, spec: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the options of a task, the defaults of the module where it has none.

    Raise BadArgument for a value that is not of its type, or beyond its limits, or a template that Ansible has not
    evaluated. Ansible's own check takes more: digits of any script, true as 1, and it does not survive all values.
    """
    given = dict(action._task.args)
    for option in [option for option in spec if option in given]:
        given[option] = _plain(option, spec[option], given[option])
    # As a variable, an option that is null is not set.
    action._task.args = {option: value for option, value in given.items() if value is not None}
    # Ansible names the module by this in its errors, and many modules have the one action plugin ping.
    action._load_name = f"hubspoke.srx.{_module(action)}"
    _result, arguments = action.validate_argument_spec(spec)
    return dict(arguments)


def check_limits(action: ActionBase, arguments: t.Mapping[str, t.Any]) -> None:
    """Raise BadArgument for a number beyond its limits, which the plan does not know if only the task gives it."""
    module = _module(action)
    variables = variables_of(module, arguments)
    for option, limits in limits_of(module, arguments).items():
        value = arguments[option]
        if value is not None and not limits[0] <= value <= limits[1]:
            known = f", or {variables[option]}" if variables.get(option) in LIMITS else ""
            raise BadArgument(
                f"controller: {option}: expected {limits[0]} to {limits[1]}, actual {shortened(str(value))}."
                f" Correct the option of the task{known}."
            )


def limits_of(module: str, options: t.Iterable[str]) -> dict[str, tuple[float, float]]:
    """Return the lowest and the highest value of each of these options that is a number."""
    own = _LIMITS.get(module, {})
    variables = variables_of(module, options)
    found = {option: own.get(option) or LIMITS.get(variables.get(option, "")) for option in options}
    return {option: limits for option, limits in found.items() if limits is not None}


def _module(action: ActionBase) -> str:
    return str(action._task.action).rpartition(".")[2]


def _variables(action: ActionBase, options: t.Iterable[str]) -> dict[str, str]:
    return variables_of(_module(action), options)


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
        _plain(variable, option, value)
        result = ArgumentSpecValidator({variable: option}).validate({variable: value})
        if result.error_messages:
            raise _refused(variable, _TYPES[option["type"]], _shown(variable, value))
        checked[seen] = result.validated_parameters[variable]
    return checked[seen]


def _plain(name: str, option: t.Mapping[str, t.Any], value: t.Any) -> t.Any:
    """Return a value as plain data. ``name`` is the option or its variable. Raise BadArgument for another type."""
    try:
        value = plain(value)
    except NotPlain as error:
        raise BadArgument(f"controller: {name}: expected a value, actual {error}. {error.remedy}.") from None
    if is_open(value):
        raise _refused(name, "a value", "a template with an undefined variable")
    if value is not None and (expected := _mismatch(option, value)):
        raise _refused(name, expected, _shown(name, _wrong_part(option, value)))
    return value


def _mismatch(option: t.Mapping[str, t.Any], value: t.Any) -> str:
    """Return the words for what is expected; empty where the value is that."""
    kind, choices = option["type"], option.get("choices")
    if kind in _READERS:
        found = _READERS[kind](value)
        if found is None:
            return _TYPES[kind]
        # Not beyond what a float holds.
        return "" if -_MOST <= found <= _MOST else f"{_TYPES[kind]} of at most 15 digits"
    if kind == "list":
        rows = value.split(",") if isinstance(value, str) else value
        is_list = isinstance(rows, list) and (rows or not option.get("default"))
        if is_list and not any(_mismatch({**option, "type": option["elements"]}, row) for row in rows):
            return ""
        return f"some of {', '.join(choices)}" if choices else _TYPES[kind]
    if choices:
        return "" if value in choices else f"one of {', '.join(choices)}"
    text = value.strip() if isinstance(value, str) else ""
    return "" if text and text.isprintable() and len(text) <= LONGEST_TEXT else _TYPES[kind]


def _wrong_part(option: t.Mapping[str, t.Any], value: t.Any) -> t.Any:
    """Return the first element of a list that is not one of its choices, or the whole value."""
    if option["type"] != "list" or "choices" not in option:
        return value
    rows = value.split(",") if isinstance(value, str) else value
    element = {**option, "type": option["elements"]}
    return next((row for row in rows if _mismatch(element, row)), value) if isinstance(rows, list) else value


def _shown(variable: str, value: t.Any) -> str:
    if value is None or value == []:
        return "none"
    if variable in _SECRET:
        return "(hidden)"
    return kind_of(value) if isinstance(value, (dict, list)) else shortened(repr(value))


def _refused(name: str, expected: str, actual: str) -> BadArgument:
    return BadArgument(f"controller: {name}: expected {expected}, actual {actual}. Correct it.")
