# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Connection variables of a host, as Ansible users set them, turned into where and how to log in."""

from __future__ import annotations

import functools
import os
import shlex
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.plugins.loader import connection_loader
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import kind_of
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import (
    LONGEST_TEXT,
    as_flag,
    as_integer,
    as_number,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.run_options import LIMITS

_LAST_PORT = 65535
TRANSPORTS = ("asyncssh", "pyez")
# Looked up in this order: what users of ansible-playbook set, then what AWX's Network credential sets.
NAMES: dict[str, tuple[str, ...]] = {
    "address": ("ansible_host", "ansible_ssh_host", "inventory_hostname"),
    "port": ("ansible_port", "ansible_ssh_port"),
    "user": ("ansible_user", "ansible_ssh_user"),
    "password": ("ansible_password", "ansible_ssh_password", "ansible_ssh_pass"),
    "key_file": ("ansible_ssh_private_key_file", "ansible_private_key_file"),
    "passphrase": ("ansible_ssh_private_key_passphrase", "ansible_private_key_passphrase"),
    "ssh_config": ("nhtb_ssh_config",),
    "transport": ("nhtb_transport",),
    "host_key_checking": ("ansible_host_key_checking", "ansible_ssh_host_key_checking"),
    "timeout": ("nhtb_rpc_timeout",),
}
_ENVIRONMENT = {
    "user": "ANSIBLE_NET_USERNAME",
    "password": "ANSIBLE_NET_PASSWORD",
    "key_file": "ANSIBLE_NET_SSH_KEYFILE",
    "passphrase": "ANSIBLE_PRIVATE_KEY_PASSPHRASE",
}
# Options of the ssh client, in the order in which Ansible's own ssh connection hands them to it.
_ARGUMENTS = ("ssh_args", "ssh_common_args", "ssh_extra_args")


def target(host: str, variables: t.Mapping[str, t.Any], play: t.Mapping[str, t.Any]) -> Target:
    """Return where ``host`` is: its variables first, then ``play`` (the command line's options), then the environment.

    Raise SessionError where a value is not of its kind.
    """
    found: dict[str, tuple[str, t.Any]] = {}
    for setting, names in NAMES.items():
        name = next((name for name in names if variables.get(name) not in (None, "")), "")
        value = variables[name] if name else play.get(setting) or os.environ.get(_ENVIRONMENT.get(setting, ""))
        if value not in (None, ""):
            found[setting] = (name or names[0], value)
    read = _Reader(host, found)
    return Target(
        host=host,
        address=read.text("address") or host,
        port=read.port(),
        user=read.text("user"),
        password=read.text("password", secret=True),
        key_file=read.path("key_file"),
        ssh_config=read.path("ssh_config"),
        host_key_checking=read.flag("host_key_checking", default=C.HOST_KEY_CHECKING),
        timeout=read.seconds("timeout", 60),
        transport=read.transport(),
        ssh_args=_arguments(host, variables),
        passphrase=read.text("passphrase", secret=True),
    )


def _arguments(host: str, variables: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    words: list[str] = []
    for name in _ARGUMENTS:
        variable = f"ansible_{name}"
        value = variables.get(variable)
        given = _setting(name) if value is None else value
        try:
            if not isinstance(given, str) or len(given) > LONGEST_TEXT:
                raise ValueError(f"no text of at most {LONGEST_TEXT} characters")
            if not given.replace("\n", " ").isprintable():
                raise ValueError("a character cannot be printed")
            words += shlex.split(given)
        except ValueError as error:
            raise _refused(host, variable, "options of ssh", f"{_shown(given)} ({error})") from None
    return tuple(words)


@functools.lru_cache(maxsize=len(_ARGUMENTS))
def _setting(name: str) -> str:
    """Return an option of Ansible's own ssh connection, from the command line, the environment or ansible.cfg.

    What Ansible sets by itself is about multiplexing, which a session does not use.
    """
    try:
        # Its options are known once it is found.
        connection_loader.get("ssh", class_only=True)
        value, origin = C.config.get_config_value_and_origin(name, plugin_type="connection", plugin_name="ssh")
    except AnsibleError:
        return ""
    return "" if origin == "default" or value is None else str(value)


class _Reader:
    """The settings of a host, each with the variable that gives it. Every method raises SessionError."""

    def __init__(self, host: str, found: t.Mapping[str, tuple[str, t.Any]]) -> None:
        self._host = host
        self._found = found

    def text(self, setting: str, *, secret: bool = False) -> str | None:
        """Return a text, ``None`` where it is not set. A number that is written without quotes is its digits."""
        variable, value = self._found.get(setting, ("", None))
        if value is None:
            return None
        text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
        # A password may have any characters.
        if not text or not (secret or (text.strip() and text.isprintable() and len(text) <= LONGEST_TEXT)):
            expected = "text" if secret else f"text of at most {LONGEST_TEXT} characters that can be printed"
            raise _refused(self._host, variable, expected, "(hidden)" if secret else _shown(value))
        return text

    def path(self, setting: str) -> str | None:
        """Return the path of a file."""
        text = self.text(setting)
        return None if text is None else os.path.expanduser(text)

    def port(self) -> int:
        """Return the port, 0 where it is not set."""
        variable, value = self._found.get("port", ("", 0))
        number = as_integer(value)
        if number is None or not 0 <= number <= _LAST_PORT:
            expected = "a whole number" if number is None else f"1 to {_LAST_PORT}"
            raise _refused(self._host, variable, expected, _shown(value))
        return number

    def seconds(self, setting: str, default: float) -> float:
        """Return a number of seconds within the limits of its variable."""
        variable, value = self._found.get(setting, (NAMES[setting][0], default))
        low, high = LIMITS[variable]
        number = as_number(value)
        if number is None or not low <= number <= high:
            raise _refused(self._host, variable, f"{low} to {high} seconds", _shown(value))
        return float(number)

    def flag(self, setting: str, *, default: bool) -> bool:
        """Return a boolean."""
        variable, value = self._found.get(setting, ("", default))
        found = as_flag(value)
        if found is None:
            raise _refused(self._host, variable, "true or false", _shown(value))
        return found

    def transport(self) -> str:
        """Return the library of the session."""
        variable, value = self._found.get("transport", ("", TRANSPORTS[0]))
        if value not in TRANSPORTS:
            raise _refused(self._host, variable, " or ".join(TRANSPORTS), _shown(value))
        return str(value)


def _shown(value: t.Any) -> str:
    return kind_of(value) if isinstance(value, (dict, list)) else shortened(repr(value))


def _refused(host: str, variable: str, expected: str, actual: str) -> SessionError:
    return SessionError(f"{host}: {variable}: expected {expected}, actual {actual}. Correct it.", "bad_inventory")
