# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hostile value in any connection variable is an error, or is read as what it is."""

from __future__ import annotations

import shlex
import typing as t

import ansible.template
import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._target import NAMES, target
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import HostVariables

from tests.property.hostile import EITHER, FLAGS, INTEGERS, NUMBERS, TEXTS, UNSET, VALUES
from tests.property.reading import LOADED, OMIT, check_message, text

ARGUMENTS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
FIELDS = {variable: setting for setting, names in NAMES.items() for variable in names} | dict.fromkeys(
    ARGUMENTS, "ssh_args"
)
BLANK = ("empty",)
# Of text: a number that is written without quotes is the text of its digits.
DIGITS = {
    "negative": "-1",
    "zero": "0",
    "one": "1",
    "computed": "49",
    "octal": "83",
    "sexagesimal": "45000",
    "underscore": "10",
    "hexadecimal": "31",
    "huge": text("huge"),
}
# A password may have any characters.
ANY = ("blank", "bell", "escape", "newline", "next line", "bidirectional", "invisible", "no-break space",
       "long")  # fmt: skip


def of_variable(variable: str, name: str) -> t.Any:
    raw = {"inventory_hostname": "a", "omit": OMIT, variable: LOADED[name]}
    return target("a", HostVariables("a", raw, ansible.template.Templar(loader=DataLoader(), variables=raw)), {})


def readings(setting: str) -> dict[str, t.Any]:
    """Return the values that a setting may have, each with what it is read as."""
    if setting == "host_key_checking":
        return dict(FLAGS)
    if setting == "port":
        return {name: value for name, value in INTEGERS.items() if 0 <= value <= 65535}
    if setting == "timeout":
        return {name: value for name, value in NUMBERS.items() if 1 <= value <= 3600}
    if setting == "transport":
        return {}
    if setting == "ssh_args":
        return {name: words for name in (*TEXTS, "blank", "newline") if (words := split(text(name))) is not None}
    any_text = [name for name in ANY if setting in ("password", "passphrase") and isinstance(LOADED[name], str)]
    return DIGITS | {name: text(name) for name in (*TEXTS, *any_text)}


def split(words: str) -> tuple[str, ...] | None:
    try:
        return tuple(shlex.split(words))
    except ValueError:
        return None


@pytest.mark.parametrize("variable", FIELDS)
def test_a_hostile_value_of_a_connection_variable_is_an_error_or_what_it_says(variable: str) -> None:
    setting = FIELDS[variable]
    expected = readings(setting)
    unset = getattr(target("a", {"inventory_hostname": "a"}, {}), setting)
    for name in VALUES:
        message = ""
        try:
            found = getattr(of_variable(variable, name), setting)
        except HubspokeError as error:
            message = str(error)
        if message:
            check_message(message)
            assert variable in message, message
            assert name not in expected or name in EITHER, message
            assert name not in UNSET, message
        elif name in (*UNSET, *BLANK):
            assert found == unset
        elif name not in EITHER:
            assert name in expected, f"{name} is read as {found!r}"
            assert found == expected[name], name
