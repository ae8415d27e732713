# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Templates in the options of a task for the fleet: Ansible evaluates them for one host, and all hosts must agree."""

from __future__ import annotations

import typing as t
from contextlib import suppress

from ansible.errors import AnsibleError
from ansible.parsing.mod_args import ModuleArgsParser
from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument, HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import HostVariables, is_open

_NONE = object()
# Where all options are one template.
_ALL = {"_raw_params": "options", "_variable_params": "options"}


def check_agreement(
    action: ActionBase, hostvars: t.Mapping[str, HostVariables], first: str, hosts: t.Iterable[str]
) -> None:
    """Raise BadArgument where an option of the task is a template with another value on one of these hosts.

    ``first`` is the host for which Ansible has evaluated it. A host on which it cannot be evaluated has no say: what
    ``register`` and ``set_fact`` give to the first host does not reach the others.
    """
    for option, template in _templates(action).items():
        expected = _value(hostvars[first], option, template)
        for host in hosts:
            found = _value(hostvars[host], option, template)
            if _NONE in (expected, found) or found == expected:
                continue
            # Some have another value each time, such as the time.
            if _value(hostvars[first], option, template) == expected:
                raise BadArgument(
                    f"controller: {option}: expected one value for the run, actual a template of the task that has"
                    f" another value for {host} than for {first}. Ansible evaluates an option for the first host of the"
                    " play only: make it the same for all hosts."
                )


def _templates(action: ActionBase) -> dict[str, t.Any]:
    """Return the options of the task that are templates, as they are written."""
    task = action._task
    written: dict[str, t.Any] = {}
    for defaults in _module_defaults(task):
        for name, options in defaults.items():
            if isinstance(options, dict) and (str(name).startswith("group/") or name == task.resolved_action):
                written |= options
    # A task that is in no playbook, as of the ad hoc command, may have no such text.
    with suppress(AnsibleError, AttributeError):
        written |= ModuleArgsParser(task.get_ds()).parse(skip_action_validation=True)[1]
    names = {*task.args, *_ALL}
    return {_ALL.get(option, option): value for option, value in written.items() if option in names and is_open(value)}


def _module_defaults(task: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """Yield the module_defaults as they are written, those of the play first, those of the task last."""
    around, one = [], task._parent
    while one is not None:
        around.append(one)
        one = one._parent
    # Up to ansible-core 2.18 those of the task itself are evaluated by now.
    own = (task.get_ds() or {}).get("module_defaults")
    for found in (*[getattr(one, "_module_defaults", None) for one in (task.get_play(), *reversed(around))], own):
        rows = found if isinstance(found, list) else [found]
        yield from (row for row in rows if isinstance(row, dict))


def _value(own: HostVariables, option: str, template: t.Any) -> t.Any:
    try:
        return own.evaluated(option, template)
    except HubspokeError:
        return _NONE
