# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet's confirmed commit."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Mode
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec
from ansible_collections.hubspoke.srx.plugins.plugin_utils._transaction_action import TransactionAction


class ActionModule(TransactionAction):
    spec = argument_spec("transaction")
    by_tunnel = True

    def mode(self) -> Mode:
        return "check" if self._play_context.check_mode else "apply"

    def fleet(self, variables: dict[str, t.Any], arguments: dict[str, t.Any]) -> Fleet:
        fleet = super().fleet(variables, arguments)
        parts = [f"nhtb_{name}" for name in ("batch_size", "tolerate_unreachable") if arguments[name]]
        parts += ["nhtb_on_failure"] if arguments["on_failure"] != "all" else []
        parts += [f"nhtb_canary on {host}" for host in fleet.canaries]
        parts += [f"{host} {self.play.why_not(host)}" for host in sorted(self.excluded(fleet))[:1]]
        if arguments["take_over"] and parts:
            raise HubspokeError(
                f"controller: nhtb_take_over: expected all devices in one transaction, actual {', '.join(parts)}."
                " The hub's tunnels move together: take that out of this run."
            )
        return fleet
