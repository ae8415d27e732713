# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log in to every device and tell what a first run meets there. The devices are only read."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.asyncssh_offered_keys import OfferedKeys
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import PlanError, Problem
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.ask import Question, check_devices
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.facts import Checked
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.report import (
    known_hosts_lines,
    outcome_of,
    preflight_report,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._preflight.table import table
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import DOCUMENTED, Fleet, read_fleet, unplanned_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import FleetAction, Result, Variables
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import third_party
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec, fleet_hosts

_REPORT = "preflight.json"
_KNOWN_HOSTS = "known_hosts"


class ActionModule(FleetAction):
    spec = argument_spec("preflight")
    # What the inventory lacks for a plan.
    problems: t.Sequence[Problem] = ()

    def fleet(self, variables: Variables, arguments: dict[str, t.Any]) -> Fleet:
        """Return the planned fleet, without a plan where the inventory is not complete yet."""
        try:
            return read_fleet(variables)
        except PlanError as error:
            self.problems = error.problems
            return unplanned_fleet(variables)

    def work(self, fleet: Fleet, arguments: dict[str, t.Any], variables: Variables) -> Result:
        """Ask, write the report and the unknown host keys, store the result of each host."""
        run = self.begin_run(arguments)
        self.folder.check(_REPORT, _KNOWN_HOSTS)
        play = self.hosts(fleet)
        hosts = [host for host in fleet_hosts(variables) if host in play]
        asked = [host for host in hosts if not third_party(fleet.variables[host])]
        connect = self.connector(variables, asked, at_once=arguments["sessions"], variable="nhtb_sessions")
        questions = [self._question(fleet, host) for host in asked]
        found = check_devices(
            questions, fleet.keys, KeyCodec9(), connect, OfferedKeys().of, arguments["sessions"], progress=self.progress
        )
        results = {one.host: one for one in found}
        checked = [results.get(host) or _skipped(fleet, host) for host in hosts]
        path = self.folder.path / _KNOWN_HOSTS
        content = self.hidden(preflight_report(run, checked, self.problems, str(path)))
        lines = known_hosts_lines(checked)

        def write() -> None:
            if lines:
                self.folder.write({_KNOWN_HOSTS: "".join(f"{line}\n" for line in lines)})
            self.write_report(_REPORT, content, arguments)

        outcomes = {one.host: self.hidden(outcome_of(one, str(path))) for one in checked}
        shown = {**content, "path": str(self.folder.path / _REPORT)}
        return {
            **self.handed_over(outcomes, shown, write, table),
            "folder": str(self.folder.path),
            "summary": content["counts"],
        }

    def _question(self, fleet: Fleet, host: str) -> Question:
        group = str(fleet.variables[host].get("nhtb_group") or DOCUMENTED["nhtb_group"]["default"])
        device = next((device for device in fleet.devices if device.host == host), None)
        job = Job(device, fleet.texts[host]) if device is not None else None
        return Question(host, group, job, is_planned=not self.problems)


def _skipped(fleet: Fleet, host: str) -> Checked:
    title = third_party(fleet.variables[host], fleet.profiles)
    return Checked(host, "skipped", short=f"not asked: it runs {title}")
