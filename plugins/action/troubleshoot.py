# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Name the first layer of a tunnel that fails, and the statement. Devices are only read and pinged."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Outcome
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import End
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.gather import Access, diagnose_tunnels
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.log import key_daemon_log
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.report import report, table
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import check_folder, write_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import FleetAction, Result, Variables
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec

_REPORT = "troubleshoot.json"
# The role's variables for the pair.
_NAMES = ("nhtb_trouble_source", "nhtb_trouble_destination")


class ActionModule(FleetAction):
    spec = argument_spec("troubleshoot")

    def work(self, fleet: Fleet, arguments: dict[str, t.Any], variables: Variables) -> Result:
        """Diagnose, write the report, return it."""
        run, folder = self.begin_run(), arguments["artifacts_dir"]
        check_folder(folder, [_REPORT])
        scope = self.scope(fleet, arguments, variables, _NAMES)
        connect = self.connector(variables, [device.host for device in (fleet.plan.hub, *scope.spokes)])
        access = Access(
            connect=connect,
            texts=fleet.texts,
            keys=fleet.keys,
            codec=KeyCodec9(),
            log=key_daemon_log,
            sessions_at_once=arguments["sessions"],
            progress=self.progress,
            wait=arguments["wait"],
            sample_interval=arguments["sample_interval"],
        )
        found = diagnose_tunnels(fleet.plan, scope, access)
        content = self.hidden(report(run, found, scope.pair))
        ends = {end.plan.host: end for one in found for end in (one.case.hub, one.case.spoke)}
        read = {host: _outcome(end) for host, end in ends.items() if end.plan.site.platform == "junos"}
        hosts = self.hidden(_not_asked(fleet) | read)
        files = {_REPORT: json.dumps(content, indent=2) + "\n"}
        shown = {**content, "path": str(Path(folder) / _REPORT)}
        # A tunnel that fails is no fault of the device that was read: the run fails as a whole.
        reasons = [content["decision"]] if content["counts"]["failed"] and arguments["fail_on_trouble"] else []
        return {
            **self.handed_over(hosts, shown, lambda: write_files(folder, files), table, reasons),
            "tunnels": content["tunnels"],
            "summary": content["counts"],
        }


def _outcome(end: End) -> Result:
    """Return the result of one device: whether it could be read. What fails in a tunnel is in the report."""
    failed = bool(end.unread)
    host, message = end.plan.host, end.unread or "read"
    return {**Outcome[str](host=host, state="failed" if failed else "ok", failed=failed, message=message).as_data(),
            "changed": False}  # fmt: skip


def _not_asked(fleet: Fleet) -> dict[str, Result]:
    message = "not asked: none of its tunnels is in question, or its operator configures it"
    return {
        device.host: {**Outcome[str](host=device.host, state="skipped", message=message).as_data(), "changed": False}
        for device in (*fleet.devices, *fleet.removed)
    }
