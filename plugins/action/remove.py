# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove spokes, or the whole VPN, from the devices."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Mode
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet, read_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec
from ansible_collections.hubspoke.srx.plugins.plugin_utils._transaction_action import TransactionAction
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import HUBS, SPOKES


class ActionModule(TransactionAction):
    spec = argument_spec("remove")

    def mode(self) -> Mode:
        return "check" if self._play_context.check_mode else "apply"

    def fleet(self, variables: dict[str, t.Any], arguments: dict[str, t.Any]) -> Fleet:
        groups = variables["groups"]
        members = {*groups.get(HUBS, []), *groups.get(SPOKES, [])}
        leaving, named = self.play.present & members, self.play.named & members
        # A host that has failed earlier is named too.
        if not arguments["all"] and named >= set(groups.get(SPOKES, [])):
            raise HubspokeError(
                f"{', '.join(sorted(leaving)[:3])}: hosts to remove: expected some of the spokes, actual all of them."
                " Limit the play with -l, or set nhtb_remove_all=true to remove the whole VPN."
            )
        return read_fleet(variables, leaving)

    def hosts(self, fleet: Fleet) -> set[str]:
        """Return all hosts: the hub and the other spokes change too, whatever the play is limited to."""
        return {device.host for device in (*fleet.devices, *fleet.removed)}
