# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the committed configuration of every device with the plan. The devices are only read."""

from __future__ import annotations

import typing as t
from functools import partial

from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9
from ansible_collections.hubspoke.srx.plugins.module_utils._drift import STATES, compare_devices, settled
from ansible_collections.hubspoke.srx.plugins.module_utils._report.content import report
from ansible_collections.hubspoke.srx.plugins.module_utils._report.drift_lines import SHOWN, drift_lines
from ansible_collections.hubspoke.srx.plugins.module_utils._report.table import table
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import (
    FleetAction,
    Result,
    Variables,
    jobs_of,
    untouched_hosts,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils._output import show
from ansible_collections.hubspoke.srx.plugins.plugin_utils._reports import REPORT, report_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._results import told
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec


class ActionModule(FleetAction):
    spec = argument_spec("drift")

    def work(self, fleet: Fleet, arguments: dict[str, t.Any], variables: Variables) -> Result:
        """Compare, write the report, store the result of each host."""
        run = self.begin_run(arguments)
        self.folder.check(*report_files(arguments))
        self.write_texts(fleet, by_operators=True)
        chosen = self.hosts(fleet)
        jobs = jobs_of(fleet, chosen, ())
        connect = self.connector(
            variables, [job.plan.host for job in jobs], at_once=arguments["sessions"], variable="nhtb_sessions"
        )
        found = compare_devices(jobs, fleet.keys, KeyCodec9(), connect, arguments["sessions"], self.progress)
        outcomes = settled(found, fail=arguments["fail_on_drift"])
        results = {outcome.host: self.hidden({**outcome.as_data(), "changed": False}) for outcome in outcomes}
        untouched = untouched_hosts(fleet, chosen, self.play, "not compared: its operator configures it")
        content = report(fleet.plan, run, "drift", list(results.values()), untouched, facts=self.facts())
        content["path"] = str(self.folder.path / REPORT)
        # Each difference once: with --diff all of them, and none again with the outcome of the host.
        for line in drift_lines(content["hosts"], content["path"], None if self._task.diff else SHOWN):
            show(line)
        results = told(content, {host: {**result, "diff": ""} for host, result in results.items()} | untouched)
        write = partial(self.write_report, REPORT, content, arguments)
        counts = {state: content["counts"]["hosts"][state] for state in STATES}
        return {
            **self.handed_over(results, content, write, table),
            "drifted": counts["drifted"] > 0,
            "summary": counts,
        }
