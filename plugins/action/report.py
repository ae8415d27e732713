# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print the report of a run as a table."""

from __future__ import annotations

import typing as t
from functools import partial

from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.table import table as preflights
from ansible_collections.hubspoke.srx.plugins.module_utils._report.table import table
from ansible_collections.hubspoke.srx.plugins.module_utils._trace.report import table as traces
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.report import table as troubles
from ansible_collections.hubspoke.srx.plugins.plugin_utils._output import display, show
from ansible_collections.hubspoke.srx.plugins.plugin_utils._results import concluded, failed
from ansible_collections.hubspoke.srx.plugins.plugin_utils._run_results import stored_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec, task_options

_TABLES = {"preflight": preflights, "troubleshoot": troubles}
_TRACES = ("trace", "traceoptions")


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
        if summary["mode"] in _TRACES:
            show(traces(summary, verbose=display.verbosity > 0))
        else:
            usual = partial(table, verbose=display.verbosity > 0 or not summary["path"])
            show(_TABLES.get(summary["mode"], usual)(summary))
        if summary["path"]:
            show(f"Report: {summary['path']}")
        problem = summary.get("problem", "")
        # Only the last task may fail for the run as a whole: before, it would keep hosts from their outcomes.
        result.update(
            changed=False, failed=bool(problem), path=summary["path"], **concluded(problem, summary["decision"])
        )
        return result
