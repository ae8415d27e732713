# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Connection variables of a host, as Ansible users set them, turned into where and how to log in."""

from __future__ import annotations

import functools
import math
import os
import shlex
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.loader import connection_loader
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.run_options import LIMITS

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
    found: dict[str, t.Any] = {}
    for setting, names in NAMES.items():
        value = next((variables[name] for name in names if variables.get(name) not in (None, "")), None)
        if value is None:
            value = play.get(setting) or os.environ.get(_ENVIRONMENT.get(setting, ""))
        if value not in (None, ""):
            found[setting] = value
    return Target(
        host=host,
        address=str(found.get("address", host)),
        port=_number(host, "ansible_port", found.get("port", 0)),
        user=_text(found.get("user")),
        password=_text(found.get("password")),
        key_file=_path(found.get("key_file")),
        ssh_config=_path(found.get("ssh_config")),
        host_key_checking=_flag(host, "ansible_host_key_checking", found.get("host_key_checking", C.HOST_KEY_CHECKING)),
        timeout=_seconds(host, "nhtb_rpc_timeout", found.get("timeout", 60)),
        transport=_transport(host, found.get("transport", TRANSPORTS[0])),
        ssh_args=_arguments(host, variables),
        passphrase=_text(found.get("passphrase")),
    )


def _arguments(host: str, variables: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    words: list[str] = []
    for name in _ARGUMENTS:
        variable = f"ansible_{name}"
        value = variables.get(variable)
        try:
            words += shlex.split(_setting(name) if value is None else str(value))
        except ValueError as error:
            raise SessionError(
                f"{host}: {variable}: expected options of ssh, actual {value!r} ({error}). Correct it.", "bad_inventory"
            ) from None
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


def _transport(host: str, value: t.Any) -> str:
    if str(value) not in TRANSPORTS:
        raise SessionError(
            f"{host}: nhtb_transport: expected {' or '.join(TRANSPORTS)}, actual {value!r}. Correct it.",
            "bad_inventory",
        )
    return str(value)


def _text(value: t.Any) -> str | None:
    return None if value is None else str(value)


def _path(value: t.Any) -> str | None:
    return None if value is None else os.path.expanduser(str(value))


def _number(host: str, variable: str, value: t.Any) -> int:
    try:
        if not str(value).isascii():
            raise ValueError(value)
        return int(str(value))
    except ValueError:
        raise SessionError(
            f"{host}: {variable}: expected a whole number, actual {value!r}. Correct it.", "bad_inventory"
        ) from None


def _seconds(host: str, variable: str, value: t.Any) -> float:
    low, high = LIMITS[variable]
    try:
        seconds = float(str(value)) if str(value).isascii() else math.nan
    except ValueError:
        seconds = math.nan
    if not low <= seconds <= high:
        raise SessionError(
            f"{host}: {variable}: expected {low} to {high} seconds, actual {shortened(repr(value))}. Correct it.",
            "bad_inventory",
        )
    return seconds


def _flag(host: str, variable: str, value: t.Any) -> bool:
    try:
        return bool(boolean(value))
    except TypeError:
        raise SessionError(
            f"{host}: {variable}: expected true or false, actual {value!r}. Correct it.", "bad_inventory"
        ) from None
