# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Return to each host its own result of the action for the fleet."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._run_results import stored_host
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec

display = Display()


class ActionModule(ActionBase):  # type: ignore[misc]
    TRANSFERS_FILES = False
    _SPEC = argument_spec("outcome")

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _valid, arguments = self.validate_argument_spec(self._SPEC)
        host = str((task_vars or {})["inventory_hostname"])
        try:
            outcome = stored_host(arguments["run"], host)
        except HubspokeError as error:
            return {**result, "failed": True, "msg": str(error), "reason": error.reason}
        for warning in outcome["warnings"]:
            display.warning(f"{host}: {warning}")
        result.update(
            changed=outcome["changed"],
            # Ansible counts a host that is both as failed.
            failed=outcome["failed"] and not outcome["unreachable"],
            msg=outcome["message"],
            state=outcome["state"],
            findings=[finding for finding in outcome["findings"] if finding["state"] != "ok"],
            diff={"prepared": outcome["diff"]} if outcome["diff"] else {},
        )
        if outcome["unreachable"]:
            result["unreachable"] = True
        return result
