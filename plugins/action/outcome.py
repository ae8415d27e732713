# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Return to each host its own result of the action for the fleet."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, Parts, with_host
from ansible_collections.hubspoke.srx.plugins.plugin_utils._output import headed
from ansible_collections.hubspoke.srx.plugins.plugin_utils._play import is_of_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._preload import preload
from ansible_collections.hubspoke.srx.plugins.plugin_utils._results import failed, of_parts
from ansible_collections.hubspoke.srx.plugins.plugin_utils._run_results import stored_host
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec, task_options
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import HUBS, SPOKES

preload()


class ActionModule(ActionBase):  # type: ignore[misc]
    TRANSFERS_FILES = False
    _SPEC = argument_spec("outcome")

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        host = str(variables["inventory_hostname"])
        if not is_of_fleet(host, variables):
            return {**result, "skipped": True, "changed": False, "msg": f"not touched: in neither {HUBS} nor {SPOKES}"}
        try:
            options = task_options(self, self._SPEC)
            run = options["run"] or _run_of(variables.get(options["registered"]))
            if not run:
                raise HubspokeError(
                    f"{host}: run: expected the run of the task before, actual none: that task did not run. Remove what"
                    " skips it: --start-at-task, tags, or a condition that is false for the first host of the play; or"
                    " name the variable that it registers."
                )
            outcome = stored_host(run, host)
        except HubspokeError as error:
            return {**result, **failed(error)}
        result.update(
            changed=outcome["changed"],
            # Ansible counts a result that is both as failed.
            failed=outcome["failed"] and not outcome["unreachable"],
            **of_parts(Parts(outcome["message"], outcome["remedy"], outcome["detail"])),
            state=outcome["state"],
        )
        for name in ("reason", "causes"):
            if outcome.get(name):
                result[name] = outcome[name]
        if outcome["diff"] and self._play_context.diff:
            result["diff"] = {"prepared": headed(host, outcome["diff"])}
        if outcome["warnings"]:
            result["warnings"] = [with_host(host, warning) for warning in outcome["warnings"]]
        if outcome["unreachable"]:
            result["unreachable"] = True
        return result


def _run_of(registered: t.Any) -> str:
    """Return the run of a registered result, empty where it has none."""
    return str(registered.get("run") or "") if isinstance(registered, t.Mapping) else ""
