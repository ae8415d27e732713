# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write one archive per device for support, and their index. The devices are only read."""

from __future__ import annotations

import json
import time
import typing as t
from contextlib import suppress
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._collect.archive import (
    entry,
    markdown,
    pack,
    skipped,
    summary,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._collect.gather import Collected, collect
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Outcome
from ansible_collections.hubspoke.srx.plugins.module_utils._report.table import table
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import host_file
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import check_folder, remove_folder, write_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import (
    FleetAction,
    Result,
    Variables,
    jobs_of,
    untouched_hosts,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils._play import PlayHosts
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec

_INDEX = "index.md"
# Hosts in these states fail the task.
_FAILED = ("incomplete", "unreachable", "failed")


class ActionModule(FleetAction):
    spec = argument_spec("collect")

    def work(self, fleet: Fleet, arguments: dict[str, t.Any], variables: Variables) -> Result:
        """Collect, write the archives and their index."""
        run = self.begin_run(arguments)
        artifacts, folder = arguments["artifacts_dir"], f"collect/{run}"
        check_folder(artifacts, [f"{folder}/{_INDEX}"])
        try:
            return self._collect(fleet, arguments, variables, folder)
        except BaseException:
            # After an interrupt or a task timeout some devices are missing, and so is the index.
            with suppress(HubspokeError):
                remove_folder(artifacts, folder)
            raise

    def _collect(self, fleet: Fleet, arguments: dict[str, t.Any], variables: Variables, folder: str) -> Result:
        run, at, artifacts = self.name_of_run, time.time(), arguments["artifacts_dir"]
        chosen = self.hosts(fleet)
        plans = [job.plan for job in jobs_of(fleet, chosen, ())]
        begun = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))
        connect = self.connector(
            variables, [plan.host for plan in plans], at_once=arguments["sessions"], variable="nhtb_sessions"
        )

        def keep(found: Collected) -> dict[str, t.Any]:
            head = {
                "host": found.host,
                "run": run,
                "controller_time": begun,
                "device_time": found.device_time,
                "release": found.release,
            }
            packed = pack(found, head, int(at)) if found.items else None
            name = host_file(found.host, "tar.gz")
            if packed is not None:
                try:
                    write_files(artifacts, {f"{folder}/{name}": packed})
                except HubspokeError as error:
                    return {**entry(found, name, None), "state": "failed", "message": str(error)}
            return entry(found, name, packed)

        found = collect(
            plans, connect, self.hide, arguments["max_log_bytes"], arguments["sessions"], keep, progress=self.progress
        )
        hosts = {host["host"]: host for host in found} | _not_asked(fleet, chosen, self.play)
        order = [device.host for device in (*fleet.plan.devices, *fleet.removed)]
        content = summary(run, begun, [hosts[host] for host in dict.fromkeys(order) if host in hosts])
        index = {"index.json": json.dumps(content, indent=2) + "\n", _INDEX: markdown(content)}
        files = {f"{folder}/{name}": text for name, text in index.items()}
        outcomes = {host["host"]: _outcome(host) for host in content["hosts"]}
        shown = _for_report(content, str(Path(artifacts) / folder / _INDEX))
        return {
            **self.handed_over(outcomes, shown, lambda: write_files(artifacts, files), table),
            "folder": str(Path(artifacts) / folder),
            "archives": [
                {name: host[name] for name in ("host", "state", "message", "device_time", "archive", "bytes", "sha256")}
                for host in content["hosts"]
            ],
            "summary": content["counts"],
        }


def _not_asked(fleet: Fleet, chosen: set[str], play: PlayHosts) -> dict[str, dict[str, t.Any]]:
    return {
        host: skipped(
            host,
            _operator_sends(fleet, host) if host in chosen else f"not asked: {play.why_not(host)}",
        )
        for host in untouched_hosts(fleet, chosen, play)
    }


def _operator_sends(fleet: Fleet, host: str) -> str:
    profile = next(device.site.profile for device in (*fleet.devices, *fleet.removed) if device.host == host)
    sends = profile.operator.collect if profile.operator else "its operator can send its configuration"
    return f"not asked: it runs {profile.title}; {sends}"


def _outcome(host: t.Mapping[str, t.Any]) -> Result:
    """Return the result of one host for hubspoke.srx.outcome."""
    state = str(host["state"])
    message = str(host["message"] or state)
    outcome = Outcome[str](
        host=host["host"], state=state, failed=state in _FAILED, unreachable=state == "unreachable", message=message
    )
    return {**outcome.as_data(), "changed": False}


def _for_report(content: t.Mapping[str, t.Any], path: str) -> dict[str, t.Any]:
    """Return the content that hubspoke.srx.report prints: the message of each host, and no tunnels."""
    hosts = [{**{key: host[key] for key in ("host", "state", "message")}, "findings": []} for host in content["hosts"]]
    return {**content, "hosts": hosts, "tunnels": [], "path": path}
