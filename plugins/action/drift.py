# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the committed configuration of every device with the plan. The devices are only read."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9
from ansible_collections.hubspoke.srx.plugins.module_utils._drift import compare_devices, drift_report, settled
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import write_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import (
    FleetAction,
    Result,
    Variables,
    jobs_of,
    new_run,
    untouched_hosts,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils._run_results import store_results
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec


class ActionModule(FleetAction):
    spec = argument_spec("drift")

    def work(self, fleet: Fleet, arguments: dict[str, t.Any], variables: Variables) -> Result:
        """Compare, write the report, store the result of each host."""
        run = new_run()
        chosen = self.hosts(variables, fleet)
        jobs = jobs_of(fleet, chosen, ())
        connect = self.connector(
            variables, [job.plan.host for job in jobs], at_once=arguments["sessions"], variable="nhtb_sessions"
        )
        found = compare_devices(jobs, fleet.keys, KeyCodec9(), connect, arguments["sessions"])
        outcomes = settled(found, fail=arguments["fail_on_drift"])
        results = {outcome.host: self.hidden({**outcome.as_data(), "changed": False}) for outcome in outcomes}
        results |= untouched_hosts(fleet, chosen)
        order = [device.host for device in (*fleet.plan.devices, *fleet.removed)]
        summary = drift_report(run, [results[host] for host in dict.fromkeys(order) if host in results])
        path = Path(arguments["artifacts_dir"]) / "drift.json"
        write_files(arguments["artifacts_dir"], {path.name: json.dumps(summary, indent=2) + "\n"})
        store_results(run, results, {**summary, "tunnels": [], "path": str(path)})
        return {
            "run": run,
            "changed": False,
            "drifted": summary["counts"]["drifted"] > 0,
            "msg": summary["decision"],
            "decision": summary["decision"],
            "summary": summary["counts"],
        }
