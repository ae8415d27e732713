# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The one connector: it turns the connection variables of hosts into sessions that are not open yet."""

from __future__ import annotations

import typing as t

from ansible import context
from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import descriptors, threads
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._target import NAMES, target

# The variable that lowers the number of devices of a stage.
_ROUNDS = "nhtb_batch_size"


def from_play(action: ActionBase, variables: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the settings of the command line and the play for all hosts: -u, -k, --private-key.

    ``variables`` are those of the task's host. Where they have a password, Ansible has put it in the place of -k.
    """
    own = any(variables.get(name) for name in NAMES["password"])
    return {
        "user": action._task.remote_user,
        "password": None if own else action._play_context.password,
        "key_file": context.CLIARGS.get("private_key_file"),
    }


class Connector:
    """Sessions by host name: a call returns the unopened session of a host, or raises the error in its variables.

    An error in the variables of one host fails that host alone. The constructor evaluates the variables, in one
    thread: Ansible's templating is not made for several. ``at_once`` sessions of them are open at the same time, all by
    default, and ``variable`` lowers that number. The constructor raises SessionError where this process may not open as
    many files, or start as many threads.
    """

    def __init__(
        self,
        hosts: t.Iterable[str],
        hostvars: t.Mapping[str, t.Mapping[str, t.Any]],
        play: t.Mapping[str, t.Any],
        *,
        at_once: int | None = None,
        variable: str = "",
    ) -> None:
        self._found = {host: _target_or_error(host, hostvars[host], play) for host in hosts}
        targets = [found for found in self._found.values() if isinstance(found, Target)]
        open_at_once = len(targets) if at_once is None else at_once
        descriptors.require(targets, open_at_once, variable)
        # A stage has a thread for each of its devices, whether it may log in already or waits for its turn.
        in_rounds = variable == _ROUNDS
        devices = min(open_at_once, len(targets)) if in_rounds else len(targets)
        threads.require(targets, devices, open_at_once, variable if in_rounds else "")

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
