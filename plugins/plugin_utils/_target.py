# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Connection variables of a host, as Ansible users set them, turned into where and how to log in."""

from __future__ import annotations

import os
import typing as t

from ansible import constants as C
from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError

# Looked up in this order: what users of ansible-playbook set, then what AWX's Network credential sets.
_NAMES: dict[str, tuple[str, ...]] = {
    "address": ("ansible_host", "inventory_hostname"),
    "port": ("ansible_port",),
    "user": ("ansible_user", "ansible_ssh_user"),
    "password": ("ansible_password", "ansible_ssh_password", "ansible_ssh_pass"),
    "key_file": ("ansible_ssh_private_key_file", "ansible_private_key_file"),
    "ssh_config": ("nhtb_ssh_config",),
    "host_key_checking": ("ansible_host_key_checking", "ansible_ssh_host_key_checking"),
    "timeout": ("nhtb_rpc_timeout",),
}
_ENVIRONMENT = {
    "user": "ANSIBLE_NET_USERNAME",
    "password": "ANSIBLE_NET_PASSWORD",
    "key_file": "ANSIBLE_NET_SSH_KEYFILE",
}


def target(host: str, variables: t.Mapping[str, t.Any], play: t.Mapping[str, t.Any]) -> Target:
    """Where ``host`` is: its variables first, then ``play`` (what the command line says), then the environment.

    Raises SessionError where a value is not of its kind.
    """
    found: dict[str, t.Any] = {}
    for setting, names in _NAMES.items():
        value = next((variables[name] for name in names if variables.get(name) not in (None, "")), None)
        if value is None:
            value = play.get(setting) or os.environ.get(_ENVIRONMENT.get(setting, ""))
        if value not in (None, ""):
            found[setting] = value
    return Target(
        host=host,
        address=str(found.get("address", host)),
        port=_number(host, "ansible_port", found.get("port", 830)),
        user=_text(found.get("user")),
        password=_text(found.get("password")),
        key_file=_path(found.get("key_file")),
        ssh_config=_path(found.get("ssh_config")),
        host_key_checking=_flag(host, "ansible_host_key_checking", found.get("host_key_checking", C.HOST_KEY_CHECKING)),
        timeout=_number(host, "nhtb_rpc_timeout", found.get("timeout", 60)),
    )


def _text(value: t.Any) -> str | None:
    return None if value is None else str(value)


def _path(value: t.Any) -> str | None:
    return None if value is None else os.path.expanduser(str(value))


def _number(host: str, variable: str, value: t.Any) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise SessionError(
            f"{host}: {variable}: expected a whole number, actual {value!r}. Correct it.", "bad_inventory"
        ) from None


def _flag(host: str, variable: str, value: t.Any) -> bool:
    try:
        return bool(boolean(value))
    except TypeError:
        raise SessionError(
            f"{host}: {variable}: expected true or false, actual {value!r}. Correct it.", "bad_inventory"
        ) from None
