# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The one connector: from the connection variables of hosts to sessions that are not open yet."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._target import target


def from_play(play_context: t.Any) -> dict[str, t.Any]:
    """Return what the command line says for all hosts: -u, -k, --private-key."""
    return {
        "user": play_context.remote_user,
        "password": play_context.password,
        "key_file": play_context.private_key_file,
    }


class Connector:
    """Returns a host's unopened session when called with its name, or raises what is wrong with its variables.

    One host's bad variable is that host's: the others are served. Variables are evaluated here, in one thread:
    Ansible's templating is not made for several.
    """

    def __init__(
        self, hosts: t.Iterable[str], hostvars: t.Mapping[str, t.Mapping[str, t.Any]], play: t.Mapping[str, t.Any]
    ) -> None:
        self._found = {host: _target_or_error(host, hostvars[host], play) for host in hosts}

    def __call__(self, host: str) -> Session:
        """Return the session of a host. Raise HubspokeError where its variables do not say how to reach it."""
        found = self._found[host]
        if isinstance(found, HubspokeError):
            raise found
        return Session(found)


def _target_or_error(
    host: str, variables: t.Mapping[str, t.Any], play: t.Mapping[str, t.Any]
) -> Target | HubspokeError:
    try:
        return target(host, variables, play)
    except HubspokeError as error:
        return error
