# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Name the first layer of a tunnel that fails, and the statement. Devices are only read and pinged."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Outcome
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import End
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.gather import Access, diagnose_tunnels
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.log import key_daemon_log
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.report import report, table
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import FleetAction, Result, Variables
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec

_REPORT = "troubleshoot.json"
# The role's variables for the pair.
_NAMES = ("nhtb_trouble_source", "nhtb_trouble_destination")


class ActionModule(FleetAction):
    spec = argument_spec("troubleshoot")

    def hosts(self, fleet: Fleet) -> set[str]:
        return self.with_hub(fleet)

    def work(self, fleet: Fleet, arguments: dict[str, t.Any], variables: Variables) -> Result:
        """Diagnose, write the report, return it."""
        run = self.begin_run(arguments)
        self.folder.check(_REPORT)
        self.write_texts(fleet, by_operators=True)
        scope = self.scope(fleet, arguments, _NAMES)
        ends, chosen = [device.host for device in (fleet.plan.hub, *scope.spokes)], self.hosts(fleet)
        connect = self.connector(variables, ends)
        access = Access(
            connect=connect,
            texts=fleet.texts,
            keys=fleet.keys,
            codec=KeyCodec9(),
            log=key_daemon_log,
            outside={host: f"it is {self.play.why_not(host)}" for host in ends if host not in chosen},
            sessions_at_once=arguments["sessions"],
            progress=self.progress,
            wait=arguments["wait"],
            sample_interval=arguments["sample_interval"],
        )
        found = diagnose_tunnels(fleet.plan, scope, access)
        content = self.hidden(report(run, found, scope.pair))
        junos = [
            end for one in found for end in (one.case.hub, one.case.spoke) if not end.plan.site.profile.by_operator
        ]
        read = {end.plan.host: _outcome(end) for end in junos if end.plan.host in chosen}
        hosts = self.hidden(self._not_asked(fleet) | read)
        shown = {**content, "path": str(self.folder.path / _REPORT)}
        # A tunnel that fails is no fault of the device that was read: the run fails as a whole. The numbers of tunnels
        # behind the first sentence are no remedy.
        failures = content["decision"].partition(" Tunnels: ")[0]
        reasons = [failures] if content["counts"]["failed"] and arguments["fail_on_trouble"] else []
        return {
            **self.handed_over(hosts, shown, lambda: self.write_report(_REPORT, content, arguments), table, reasons),
            "tunnels": content["tunnels"],
            "summary": content["counts"],
        }

    def _not_asked(self, fleet: Fleet) -> dict[str, Result]:
        inside = "none of its tunnels is in question, or its operator configures it"
        results = {}
        for device in (*fleet.devices, *fleet.removed):
            why = inside if device.host in self.play.present else self.play.why_not(device.host)
            outcome = Outcome[str](host=device.host, state="skipped", message=f"not asked: {why}")
            results[device.host] = {**outcome.as_data(), "changed": False}
        return results


def _outcome(end: End) -> Result:
    """Return the result of one device: whether it could be read. What fails in a tunnel is in the report."""
    away = isinstance(end.error, SessionError) and end.error.is_away
    outcome = Outcome[str](
        host=end.host,
        state="unreachable" if away else "failed" if end.unread else "ok",
        failed=bool(end.unread),
        unreachable=away,
        message=str(end.error or end.unread or "read"),
        reason=end.error.reason if end.error else "",
    )
    return {**outcome.as_data(), "changed": False}
