# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of a host's variables says how to reach it."""

from __future__ import annotations

import typing as t

import pytest
from ansible import constants
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.plugin_utils import _target


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[None]:
    for name in ("ANSIBLE_SSH_ARGS", "ANSIBLE_SSH_COMMON_ARGS", "ANSIBLE_SSH_EXTRA_ARGS", "ANSIBLE_NET_USERNAME"):
        monkeypatch.delenv(name, raising=False)
    _target._setting.cache_clear()
    yield
    _target._setting.cache_clear()


def made(**variables: t.Any) -> t.Any:
    return _target.target("oslo", variables, {})


def test_nothing_set_leaves_it_to_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    # ansible-test sets it to false.
    monkeypatch.setattr(constants, "HOST_KEY_CHECKING", True)
    found = made()
    assert (found.address, found.port, found.user, found.ssh_args, found.transport) == ("oslo", 0, None, (), "asyncssh")
    assert found.host_key_checking


@pytest.mark.parametrize(
    ("variables", "attribute", "value"),
    [
        ({"ansible_host": "::1"}, "address", "::1"),
        ({"ansible_ssh_host": "192.0.2.1"}, "address", "192.0.2.1"),
        ({"ansible_host": "192.0.2.2", "ansible_ssh_host": "192.0.2.1"}, "address", "192.0.2.2"),
        ({"ansible_ssh_port": "22"}, "port", 22),
        ({"ansible_port": 830, "ansible_ssh_port": 22}, "port", 830),
        ({"ansible_ssh_user": "lab"}, "user", "lab"),
        ({"ansible_ssh_pass": "secret"}, "password", "secret"),
        ({"ansible_private_key_file": "/key"}, "key_file", "/key"),
        ({"ansible_ssh_private_key_passphrase": "secret"}, "passphrase", "secret"),
        ({"nhtb_transport": "pyez"}, "transport", "pyez"),
        ({"ansible_ssh_host_key_checking": "no"}, "host_key_checking", False),
        (
            {"ansible_ssh_extra_args": "-v", "ansible_ssh_common_args": "-J 'a b'", "ansible_ssh_args": "-C"},
            "ssh_args",
            ("-C", "-J", "a b", "-v"),
        ),
    ],
)
def test_a_variable_says_so(variables: dict[str, t.Any], attribute: str, value: t.Any) -> None:
    assert getattr(made(**variables), attribute) == value


def test_options_of_ansible_s_own_connection_hold_where_no_variable_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANSIBLE_SSH_COMMON_ARGS", "-J bastion")
    assert made().ssh_args == ("-J", "bastion")
    assert made(ansible_ssh_common_args="-J other").ssh_args == ("-J", "other")
    assert made(ansible_ssh_common_args="").ssh_args == ()


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"ansible_port": "netconf"}, "oslo: ansible_port: expected a whole number, actual 'netconf'"),
        ({"nhtb_transport": "telnet"}, "oslo: nhtb_transport: expected asyncssh or pyez, actual 'telnet'"),
        ({"ansible_ssh_common_args": "-o 'x"}, "oslo: ansible_ssh_common_args: expected options of ssh, actual"),
        ({"ansible_host_key_checking": "perhaps"}, "oslo: ansible_host_key_checking: expected true or false, actual"),
    ],
)
def test_a_value_of_another_kind_is_refused(variables: dict[str, t.Any], says: str) -> None:
    with pytest.raises(SessionError) as told:
        made(**variables)
    assert str(told.value).startswith(says)
    assert told.value.reason == "bad_inventory"


def test_no_secret_shows() -> None:
    found = made(ansible_password="hush-1", ansible_private_key_passphrase="hush-2")
    assert "hush" not in repr(found)
