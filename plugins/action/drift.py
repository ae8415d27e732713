# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the committed configuration of every device with the plan. The devices are only read."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9
from ansible_collections.hubspoke.srx.plugins.module_utils._drift import STATES, compare_devices, conclusion, settled
from ansible_collections.hubspoke.srx.plugins.module_utils._report.conclusion import Conclusion
from ansible_collections.hubspoke.srx.plugins.module_utils._report.content import report
from ansible_collections.hubspoke.srx.plugins.module_utils._report.table import table
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import host_file
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import (
    FleetAction,
    Result,
    Variables,
    jobs_of,
    untouched_hosts,
)
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
        found = compare_devices(jobs, fleet.keys, KeyCodec9(), connect, arguments["sessions"])
        outcomes = settled(found, fail=arguments["fail_on_drift"])
        data = [self.hidden(outcome.as_data()) for outcome in outcomes]
        untouched = untouched_hosts(fleet, chosen, self.play)
        summary = report(
            fleet.plan,
            run,
            "drift",
            data,
            untouched,
            facts=self.facts(
                files={outcome.host: host_file(outcome.host, "diff") for outcome in found if outcome.diff},
                states=STATES,
                conclusion=Conclusion(*conclusion([*data, *untouched.values()])),
            ),
        )
        results = told(summary, {one["host"]: {**one, "changed": False} for one in data} | untouched)
        content = {**summary, "path": str(self.folder.path / REPORT)}

        def write() -> None:
            self.folder.write({host_file(one["host"], "diff"): one["diff"] for one in data if one["diff"]})
            self.write_report(REPORT, summary, arguments)

        return {
            **self.handed_over(results, content, write, table),
            "drifted": summary["counts"]["hosts"]["drifted"] > 0,
            "summary": summary["counts"]["hosts"],
        }
