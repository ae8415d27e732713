# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hostile value in any option of any module, from its task or its variable, is an error or what it says."""

from __future__ import annotations

import typing as t
from pathlib import Path
from types import SimpleNamespace

import ansible.template
import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import _FLEET_MODULES as FLEET_MODULES
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import (
    argument_spec,
    check_limits,
    fleet_options,
    host_options,
    limits_of,
    task_options,
    variables_of,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import HostVariables

from tests.property.hostile import EITHER, FLAGS, INTEGERS, NUMBERS, TEXTS, UNSET, VALUES
from tests.property.reading import LOADED, OMIT, check_message, text

MODULES = sorted(path.stem for path in (Path(__file__).parents[2] / "plugins" / "modules").glob("*.py"))
SPECS = {module: argument_spec(module) for module in MODULES}
OPTIONS = [(module, option) for module in MODULES for option in SPECS[module]]
NUMBERS_OF = [(module, option) for module, option in OPTIONS if SPECS[module][option]["type"] in ("int", "float")]
TEMPLATES = ("omitted", "undefined", "computed", "divided", "misspelt filter", "statement", "open", "computed number",
             "endless number", "half a character")  # fmt: skip


class Action(ActionBase):  # type: ignore[misc]
    """An action plugin of which only the options are read."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        return {}


def action(module: str, arguments: dict[str, t.Any], variables: dict[str, t.Any]) -> Action:
    required = {name: "a" for name, option in SPECS[module].items() if option.get("required")}
    task = SimpleNamespace(action=f"hubspoke.srx.{module}", args={**required, **arguments}, async_val=0)
    templar = ansible.template.Templar(loader=DataLoader(), variables=variables)
    found = Action(task, None, None, None, templar, None)
    found._load_name = module
    return found


def of_task(module: str, option: str, value: t.Any) -> t.Any:
    """Return the value that an option of a task is read as."""
    given = action(module, {option: value}, {})
    arguments = task_options(given, SPECS[module])
    check_limits(given, arguments)
    return arguments[option]


def of_variable(module: str, option: str, value: t.Any) -> t.Any:
    """Return the value that the variable of an option is read as."""
    variables = {variables_of(module, [option])[option]: value, "omit": OMIT}
    given = action(module, {}, variables)
    arguments = fleet_options(given, SPECS[module], variables)
    fleet = {"groups": {"nhtb_hubs": ["hub"]}, "hostvars": {"hub": HostVariables("hub", variables, given._templar)}}
    arguments |= host_options(given, SPECS[module], fleet).get("hub", {})
    check_limits(given, arguments)
    return arguments[option]


def readings(module: str, option: str) -> dict[str, t.Any]:
    """Return the values that an option may have, each with what it is read as."""
    spec = SPECS[module][option]
    if spec["type"] in ("int", "float"):
        low, high = limits_of(module, [option])[option]
        numbers: t.Mapping[str, float] = INTEGERS if spec["type"] == "int" else NUMBERS
        return {name: value for name, value in numbers.items() if low <= value <= high}
    if spec["type"] == "bool":
        return dict(FLAGS)
    if spec.get("choices"):
        return {"empty list": []} if spec["type"] == "list" and not spec.get("default") else {}
    texts = {name: text(name) for name in TEXTS}
    if spec["type"] == "list":
        return {"empty list": [], "list": ["a", "b"], **{name: one.split(",") for name, one in texts.items()}}
    return texts


@pytest.mark.parametrize(("module", "option"), OPTIONS)
def test_a_hostile_option_of_a_task_is_an_error_or_what_it_says(module: str, option: str) -> None:
    expected = readings(module, option)
    for name in VALUES:
        # Ansible has evaluated the templates of a task: one that it has not is an error.
        check(module, option, name, {} if name in TEMPLATES else expected, of_task)


@pytest.mark.parametrize(
    ("module", "option"),
    [(module, option) for module, option in OPTIONS if module in FLEET_MODULES and variables_of(module, [option])],
)
def test_a_hostile_variable_of_an_option_is_an_error_or_what_it_says(module: str, option: str) -> None:
    expected = readings(module, option)
    for name in VALUES:
        check(module, option, name, expected, of_variable)


def check(
    module: str, option: str, name: str, expected: t.Mapping[str, t.Any], read: t.Callable[[str, str, t.Any], t.Any]
) -> None:
    message = ""
    try:
        value = read(module, option, LOADED[name])
    except HubspokeError as error:
        message = str(error)
    except AnsibleActionFail as error:
        # A required option that is null.
        message = f"{error}."
    if message:
        check_message(message)
        assert option in message or variables_of(module, [option]).get(option, option) in message, message
        assert name not in expected or name in EITHER, message
        assert name != "null" or SPECS[module][option].get("required"), message
    elif name in UNSET:
        assert value == SPECS[module][option].get("default")
    elif name not in EITHER:
        assert name in expected, f"{name} is read as {value!r}"
        if SPECS[module][option]["type"] != "path":
            assert value == expected[name]
            assert type(value) in (type(expected[name]), float)


@pytest.mark.parametrize(("module", "option"), NUMBERS_OF)
def test_every_number_has_limits_that_its_default_keeps(module: str, option: str) -> None:
    low, high = limits_of(module, [option])[option]
    default = SPECS[module][option].get("default")
    assert default is None or low <= default <= high
    for value in (10**400, -(10**400), float("inf"), float("nan"), "1e400", 10**12):
        with pytest.raises(HubspokeError, match=rf"^controller: {option}: expected "):
            of_task(module, option, value)
