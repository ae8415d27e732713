# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print the report of a run as a table."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._results import concluded, failed
from ansible_collections.hubspoke.srx.plugins.plugin_utils._run_results import show_run, stored_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec, task_options


class ActionModule(ActionBase):  # type: ignore[misc]
    BYPASS_HOST_LOOP = True
    TRANSFERS_FILES = False
    _SPEC = argument_spec("report")

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        try:
            summary = stored_fleet(task_options(self, self._SPEC)["run"])
        except HubspokeError as error:
            return {**result, **failed(error)}
        show_run(summary)
        problem = summary.get("problem", "")
        # Only the last task may fail for the run as a whole: before, it would keep hosts from their outcomes.
        result.update(
            changed=False, failed=bool(problem), path=summary["path"], **concluded(problem, summary["decision"])
        )
        return result
