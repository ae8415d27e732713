# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The hosts of a play, which are one run: keywords that would split them are refused, and others have a reason."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.template import Templar
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import HUBS, SPOKES

# Names of hosts in a message.
_SHOWN = 3


@dataclass(frozen=True)
class PlayHosts:
    """The hosts of the play that this task is for, and why others of the inventory are not among them.

    ``ended`` are hosts of the play for which it is over: they have failed, or a task has ended the play for them.
    ``beyond`` are hosts that ``--limit`` keeps out of the play.
    """

    present: frozenset[str]
    ended: frozenset[str] = frozenset()
    beyond: frozenset[str] = frozenset()

    @classmethod
    def of(cls, action: ActionBase, variables: t.Mapping[str, t.Any]) -> PlayHosts:
        """Return the hosts; ``variables`` are those of ``of_play``.

        Ansible keeps ``ansible_play_hosts_all`` as the play began, within the limit.
        """
        present = frozenset(variables["ansible_play_hosts"])
        began = frozenset(variables.get("ansible_play_hosts_all", present))
        limited = variables.get("ansible_limit") is not None
        pattern = variables["hostvars"].hosts_of(action._task.get_play().hosts) if limited else frozenset()
        return cls(present, began - present, pattern - began)

    @property
    def named(self) -> frozenset[str]:
        """Return the hosts that the play began with."""
        return self.present | self.ended

    def why_not(self, host: str) -> str:
        """Return why a host is not among those of this task."""
        if host in self.ended:
            return "failed or ended earlier in this run"
        return "outside --limit" if host in self.beyond else "outside the hosts of this play"


def is_of_fleet(host: str, variables: t.Mapping[str, t.Any]) -> bool:
    """Return whether a host is in one of the two groups."""
    groups = variables["groups"]
    return host in groups.get(HUBS, ()) or host in groups.get(SPOKES, ())


def check_play(action: ActionBase, variables: t.Mapping[str, t.Any]) -> None:
    """Raise BadArgument where the task is for none, or for some only, of the play's hosts of the VPN.

    ``variables`` are those of ``of_play``. Hosts of the play that are in neither group do not matter.
    """
    groups = variables.get("groups", {})
    fleet = {*groups.get(HUBS, ()), *groups.get(SPOKES, ())}
    hosts = [host for host in variables.get("ansible_play_hosts", ()) if host in fleet]
    if not hosts:
        raise BadArgument(
            f"controller: hosts: expected hosts of the groups {HUBS} and {SPOKES}, actual none in this play."
            " Name the inventory with -i, put the hosts into these groups, or correct --limit."
        )
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
