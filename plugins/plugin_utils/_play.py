# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Keywords of a play that would split the fleet, which is one run for all hosts: each is refused."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.template import Templar
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import HUBS, SPOKES

# Names of hosts in a message.
_SHOWN = 3


def is_of_fleet(host: str, variables: t.Mapping[str, t.Any]) -> bool:
    """Return whether a host is in one of the two groups."""
    groups = variables["groups"]
    return host in groups.get(HUBS, ()) or host in groups.get(SPOKES, ())


def check_play(action: ActionBase, variables: t.Mapping[str, t.Any]) -> None:
    """Raise BadArgument where the task is for some of the play's hosts only.

    ``variables`` are those of ``of_play``. Hosts of the play that are in neither group do not matter.
    """
    groups = variables.get("groups", {})
    fleet = {*groups.get(HUBS, ()), *groups.get(SPOKES, ())}
    hosts = [host for host in variables.get("ansible_play_hosts", ()) if host in fleet]
    batch = set(variables.get("ansible_play_batch", hosts))
    if later := [host for host in hosts if host not in batch]:
        raise BadArgument(
            f"controller: serial: expected all hosts of the VPN in one batch, actual {_some(later)} in another."
            " Remove serial from the play, and set nhtb_batch_size to deploy in rounds."
        )
    conditional = [one for one in _with_includes(action._task) if one.when]
    if without := [
        host for host in hosts if any(not _holds(action, one, variables["hostvars"][host].raw) for one in conditional)
    ]:
        raise BadArgument(
            f"controller: when: expected the same answer for all hosts of the VPN, actual false for {_some(without)}."
            " Remove the condition, and choose hosts with --limit."
        )


def _with_includes(task: t.Any) -> t.Iterator[t.Any]:
    """Yield the task, and the includes that it comes from: it does not inherit their conditions."""
    yield task
    parent = task._parent
    while parent is not None:
        if not getattr(parent, "statically_loaded", True):
            yield parent
        parent = parent._parent


def _holds(action: ActionBase, conditional: t.Any, raw: t.Mapping[str, t.Any]) -> bool:
    """Return the answer of the condition of a task or an include for the host with these variables."""
    templar = Templar(loader=action._loader, variables=raw)
    try:
        if hasattr(templar, "evaluate_conditional"):
            return all(templar.evaluate_conditional(one) for one in conditional.when)
        # Up to ansible-core 2.18.
        return bool(conditional.evaluate_conditional(templar, raw))
    except AnsibleError as error:
        host = raw.get("inventory_hostname")
        raise BadArgument(
            f"{host}: when: expected true or false, actual {' '.join(str(error).split())}. Correct the condition."
        ) from None


def _some(hosts: t.Sequence[str]) -> str:
    more = len(hosts) - _SHOWN
    return ", ".join(hosts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
