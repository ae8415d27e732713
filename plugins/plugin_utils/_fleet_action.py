# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The base of every action for the whole fleet: read the fleet, choose its hosts, connect to them."""

from __future__ import annotations

import time
import typing as t
import uuid
from abc import abstractmethod

from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import hidden, hider, mask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome, Job
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import Scope, by_hosts, by_pair
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import probes
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import host_file
from ansible_collections.hubspoke.srx.plugins.plugin_utils._connect import Connector, from_play
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet, read_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._interrupts import Interrupted, RaisingInterrupts
from ansible_collections.hubspoke.srx.plugins.plugin_utils._output import StageOutput, tell
from ansible_collections.hubspoke.srx.plugins.plugin_utils._play import check_play
from ansible_collections.hubspoke.srx.plugins.plugin_utils._quiet_threads import QuietThreads
from ansible_collections.hubspoke.srx.plugins.plugin_utils._run_results import check_results, discard_results, hand_over
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import check_limits, fleet_options, host_options
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import of_play

Result = dict[str, t.Any]
Variables = dict[str, t.Any]


class FleetAction(ActionBase):  # type: ignore[misc]
    """Plan and render the fleet, then do the ``work`` of the module, once for all hosts of the play."""

    BYPASS_HOST_LOOP = True
    TRANSFERS_FILES = False
    spec: t.ClassVar[dict[str, t.Any]] = {}
    # Masks a text, with every key of the inventory once that is read.
    hide: t.Callable[[str], str] = staticmethod(mask)
    # The name of the run, once it has begun.
    name_of_run = ""
    # Sentences for the user that go with the result.
    warnings: list[str]
    # The stages of the run, and what shows them.
    progress: Progress
    stage_output: StageOutput
    # The options that differ per host, by host.
    per_host: t.Mapping[str, t.Mapping[str, t.Any]]

    def run(self, tmp: str | None = None, task_vars: Variables | None = None) -> Result:
        """Return the result of the task, in the form that Ansible expects."""
        result: Result = super().run(tmp, task_vars)
        variables = of_play(self, task_vars or {})
        self.warnings = []
        quiet = QuietThreads()
        try:
            with RaisingInterrupts():
                check_play(self, variables)
                arguments = fleet_options(self, self.spec, variables)
                fleet = self.fleet(variables, arguments)
                self.hide = hider(fleet.secrets)
                self.stage_output = StageOutput(self.hide)
                self.progress = self.stage_output.progress()
                check_limits(self, arguments)
                self.per_host = host_options(self, self.spec, variables)
                with quiet:
                    result.update(self.hidden(self.work(fleet, arguments, variables)))
        except HubspokeError as error:
            result.update(failed=True, msg=self.hide(str(error)), reason=error.reason)
        except Interrupted as error:
            tell(self.hide(f"Interrupted. {str(error) or 'No device was changed, and nothing is kept of this run.'}"))
            discard_results(self.name_of_run)
            raise
        quiet.show(self.hide)
        if self.warnings:
            result["warnings"] = [*result.get("warnings", ()), *self.warnings]
        return result

    def begin_run(self) -> str:
        """Return a name for a run: its start time by the controller's clock, and six random characters.

        Raise HubspokeError where its results cannot be stored, before any device is contacted.
        """
        self.name_of_run = f"{time.strftime('%Y%m%dT%H%M%S')}-{uuid.uuid4().hex[:6]}"
        check_results(self.name_of_run)
        return self.name_of_run

    def handed_over(
        self,
        hosts: t.Mapping[str, t.Any],
        summary: dict[str, t.Any],
        write: t.Callable[[], object],
        as_text: t.Callable[[dict[str, t.Any]], str],
        reasons: t.Iterable[str] = (),
    ) -> Result:
        """Write the files of the run and store its results; return the result of the task as far as all have it.

        The arguments are those of ``hand_over``.
        """
        stored, problem = hand_over(self.name_of_run, hosts, summary, write, as_text, reasons)
        # Without a run no later task looks for results: there are none.
        result: Result = {"run": self.name_of_run} if stored else {}
        msg = problem or summary["decision"]
        return {**result, "changed": False, "failed": bool(problem), "msg": msg, "decision": summary["decision"]}

    def hidden(self, data: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return results for a user without secrets: a device may quote a key in a reply or an error."""
        masked: dict[str, t.Any] = hidden(data, self.hide)
        return masked

    def fleet(self, variables: Variables, arguments: dict[str, t.Any]) -> Fleet:
        """Return the planned fleet, before any device is contacted. Raise HubspokeError."""
        return read_fleet(variables)

    @abstractmethod
    def work(self, fleet: Fleet, arguments: dict[str, t.Any], variables: Variables) -> Result:
        """Return the result of the task; store those of the hosts for later tasks. Raise HubspokeError."""

    def hosts(self, variables: Variables, fleet: Fleet) -> set[str]:
        """Return the hosts that the run contacts: the hosts of the play."""
        return set(variables["ansible_play_hosts"])

    def connector(
        self, variables: Variables, hosts: t.Iterable[str], *, at_once: int | None = None, variable: str = ""
    ) -> Connector:
        """Return the unopened sessions of these hosts, by a call with the name of a host.

        ``at_once`` of them are open at the same time, all by default; ``variable`` lowers that number.
        """
        return Connector(hosts, variables["hostvars"], from_play(self, variables), at_once=at_once, variable=variable)

    def scope(self, fleet: Fleet, arguments: dict[str, t.Any], variables: Variables, names: tuple[str, str]) -> Scope:
        """Return the tunnels that the run concerns: of the options source and destination, or of the play's hosts.

        ``names`` are the role's variables for the two options. Raise BadPair.
        """
        leaving = {device.host for device in fleet.removed}
        source, destination = (str(arguments[name] or "") for name in ("source", "destination"))
        if source or destination:
            others = [name for device in fleet.removed for name in (device.host, device.site.name)]
            return by_pair(fleet.plan, source, destination, others, names)
        return by_hosts(fleet.plan, self.hosts(variables, fleet) - leaving)


def jobs_of(fleet: Fleet, chosen: set[str], checks: t.Collection[str]) -> list[Job]:
    """Return a job for every chosen Junos device, the hub first."""
    jobs = [
        Job(device, fleet.texts[device.host], tuple(probes(fleet.plan, device)) if "pings" in checks else ())
        for device in fleet.devices
    ]
    jobs += [Job(device, "", remove=True) for device in fleet.removed]
    return [job for job in jobs if job.plan.site.platform == "junos" and job.plan.host in chosen]


def untouched_hosts(fleet: Fleet, chosen: set[str]) -> dict[str, Result]:
    """Return the results of the hosts that this run does not contact, each with the reason."""
    untouched: dict[str, Result] = {}
    for device in (*fleet.devices, *fleet.removed):
        if device.host not in chosen:
            message = "not touched: outside this play's hosts (--limit, or failed before)"
        elif device.site.platform == "junos":
            continue
        elif device in fleet.removed:
            message = "not touched: its operator removes the tunnel to the hub"
        else:
            file = host_file(device.host, device.site.platform)
            message = f"not touched: its operator applies {file} from the artifacts folder"
        outcome = DeployOutcome(host=device.host, state="skipped", message=message)
        untouched[device.host] = {**outcome.as_data(), "changed": False}
    return untouched
