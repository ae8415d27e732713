# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the command line are those of all hosts; the variables of the first host are its own."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.plugin_utils._connect import from_play
from ansible_collections.hubspoke.srx.plugins.plugin_utils._target import target


def settings(**variables: t.Any) -> dict[str, t.Any]:
    """Return the settings for all hosts where the task's host has some variables, as Ansible hands them over."""
    context = SimpleNamespace(
        remote_user=variables.get("ansible_user", "command-line"),
        password=variables.get("ansible_password", "command-line"),
    )
    action = SimpleNamespace(_task=SimpleNamespace(remote_user="command-line"), _play_context=context)
    return from_play(action, variables)


def test_the_command_line_counts_for_a_host_without_its_own() -> None:
    found = target("westford", {}, settings())
    assert (found.user, found.password) == ("command-line", "command-line")


@pytest.mark.parametrize("name", ["ansible_password", "ansible_ssh_password", "ansible_ssh_pass"])
def test_the_login_of_the_first_host_is_not_that_of_the_others(name: str) -> None:
    found = target("westford", {}, settings(ansible_user="of-corporate", **{name: "of-corporate"}))
    assert (found.user, found.password) == ("command-line", None)


def test_a_host_has_its_own_login_whatever_the_command_line_says() -> None:
    found = target("westford", {"ansible_user": "own", "ansible_password": "own"}, settings())
    assert (found.user, found.password) == ("own", "own")
