# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The base of every action for the whole fleet: read the fleet, choose its hosts, connect to them."""

from __future__ import annotations

import gc
import time
import typing as t
from abc import abstractmethod

from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import hidden, hider, mask
from ansible_collections.hubspoke.srx.plugins.module_utils._device.reply_times import ReplyTimes, Slow, slow_devices
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Probe
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome, Job
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import Scope, by_hosts, by_pair
from ansible_collections.hubspoke.srx.plugins.module_utils._report.content import Facts
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import probes
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import (
    LATEST,
    RunFolder,
    name_of_run,
    operator_files,
    rendered_files,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils._connect import Connector, from_play
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet, read_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._interrupts import Interrupted, RaisingInterrupts
from ansible_collections.hubspoke.srx.plugins.plugin_utils._output import StageOutput, headed, show, tell
from ansible_collections.hubspoke.srx.plugins.plugin_utils._play import PlayHosts, check_play
from ansible_collections.hubspoke.srx.plugins.plugin_utils._quiet_threads import QuietThreads
from ansible_collections.hubspoke.srx.plugins.plugin_utils._releases import releases, utc
from ansible_collections.hubspoke.srx.plugins.plugin_utils._reports import formats_of, write_report
from ansible_collections.hubspoke.srx.plugins.plugin_utils._results import concluded, failed
from ansible_collections.hubspoke.srx.plugins.plugin_utils._run_results import (
    check_results,
    discard_results,
    hand_over,
    show_run,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import check_limits, fleet_options, host_options
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import of_play

# Slow devices with a warning each.
_SLOW = 3

Result = dict[str, t.Any]
Variables = dict[str, t.Any]


class FleetAction(ActionBase):  # type: ignore[misc]
    """Plan and render the fleet, then do the ``work`` of the module, once for all hosts of the play."""

    BYPASS_HOST_LOOP = True
    TRANSFERS_FILES = False
    spec: t.ClassVar[dict[str, t.Any]] = {}
    # Masks a text, with every key of the inventory once that is read.
    hide: t.Callable[[str], str] = staticmethod(mask)
    # The name of the run and its folder, once it has begun.
    name_of_run = ""
    folder: RunFolder
    # When the run began, in seconds since the epoch.
    began = 0.0
    # Sentences for the user that go with the result.
    warnings: list[str]
    # The stages of the run, and what shows them.
    progress: Progress
    stage_output: StageOutput
    # The hosts of the play, and why others are not among them.
    play: PlayHosts
    # The options that differ per host, by host.
    per_host: t.Mapping[str, t.Mapping[str, t.Any]]

    def run(self, tmp: str | None = None, task_vars: Variables | None = None) -> Result:
        """Return the result of the task, in the form that Ansible expects."""
        # The worker ends with this task. A collection of garbage would go through all that it has of its parent.
        gc.freeze()
        result: Result = super().run(tmp, task_vars)
        variables = of_play(self, task_vars or {})
        self.warnings = []
        # The secrets are known once the inventory is read.
        quiet = QuietThreads(self._hide_now)
        try:
            with RaisingInterrupts():
                check_play(self, variables)
                arguments = fleet_options(self, self.spec, variables)
                self.play = PlayHosts.of(self, variables)
                fleet = self.fleet(variables, arguments)
                self.hide = hider(fleet.secrets)
                self.stage_output = StageOutput(self.hide)
                self.progress = self.stage_output.progress()
                check_limits(self, arguments)
                self.per_host = host_options(self, self.spec, variables)
                with quiet, ReplyTimes() as times:
                    result.update(self.hidden(self.work(fleet, arguments, variables)))
                self.warnings += slow_hosts(times.slow())
        except HubspokeError as error:
            result.update(failed(error, self.hide))
        except Interrupted as error:
            tell(self.hide(f"Interrupted. {str(error) or 'No device was changed, and nothing is kept of this run.'}"))
            discard_results(self.name_of_run)
            raise
        quiet.show()
        if self.warnings:
            result["warnings"] = [*result.get("warnings", ()), *self.warnings]
        return result

    def _hide_now(self, text: str) -> str:
        """Mask a text by the keys that are known by now."""
        return self.hide(text)

    def begin_run(self, arguments: t.Mapping[str, t.Any]) -> str:
        """Name the run and its folder; return the name.

        Raise HubspokeError where its results cannot be stored, before any device is contacted.
        """
        self.began = time.time()
        self.name_of_run = name_of_run()
        self.folder = RunFolder(arguments["artifacts_dir"], self.name_of_run)
        check_results(self.name_of_run)
        return self.name_of_run

    def facts(self, **more: t.Any) -> Facts:
        """Return the facts about the run for its report, as it ends now; ``more`` are those that it has of its own."""
        ended = time.time()
        return Facts(
            command=str(self._task.action).rpartition(".")[2],
            started=utc(self.began),
            ended=utc(ended),
            seconds=round(ended - self.began, 1),
            releases=releases(),
            folder=str(self.folder.path.parent / LATEST),
            slow={one.host: str(one) for one in slow_devices()},
            **more,
        )

    def write_texts(self, fleet: Fleet, *, by_operators: bool = False, hosts: t.Collection[str] | None = None) -> None:
        """Write the rendered configurations: of all devices, or of those alone that operators configure.

        ``hosts`` are those for whose operators there are texts, by default all.
        """
        told = [one.host for one in fleet.devices if hosts is None or one.host in hosts]
        pushed = [one.host for one in fleet.devices if not one.site.profile.by_operator]
        self.folder.write(rendered_files(fleet, by_operators=by_operators, hosts={*told, *pushed}))

    def write_report(self, name: str, content: t.Mapping[str, t.Any], arguments: t.Mapping[str, t.Any]) -> None:
        """Write the report of the run in all its formats, and remove the folders of old runs. Raise HubspokeError."""
        write_report(self.folder.write, name, content, formats_of(arguments))
        self.folder.prune(arguments["artifacts_keep"])

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
        if stored:
            self.show_if_last(hosts, summary)
        # Without a run no later task looks for results: there are none.
        result: Result = {"run": self.name_of_run} if stored else {}
        words = concluded(problem, summary["decision"])
        return {**result, "changed": False, "failed": bool(problem), **words, "decision": summary["decision"]}

    def show_if_last(self, hosts: t.Mapping[str, t.Any], summary: t.Mapping[str, t.Any]) -> None:
        """Show the report where no host of the play can be reached: Ansible then has no host for a later task."""
        if not self._task.ignore_unreachable and all(
            hosts.get(host, {}).get("unreachable") for host in self.play.present
        ):
            show_run(summary)

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

    def hosts(self, fleet: Fleet) -> set[str]:
        """Return the hosts that the run contacts: the hosts of the play."""
        return set(self.play.present)

    def with_hub(self, fleet: Fleet) -> set[str]:
        """Return the hosts of the play, and the hub where a spoke with a tunnel is among them."""
        hosts = set(self.play.present)
        return hosts | {fleet.plan.hub.host} if hosts & spokes_of(fleet) else hosts

    def check_hub(self, fleet: Fleet) -> None:
        """Raise HubspokeError where spokes are to be changed, and the hub at the other end is out of this play.

        A limit keeps no hub out: it takes part by itself.
        """
        hub = fleet.plan.hub.host
        leaving = {device.host for device in fleet.removed}
        if hub in self.play.ended and self.play.present & (spokes_of(fleet) | leaving):
            raise HubspokeError(
                f"{hub}: play: expected the hub, the other end of every tunnel, actual {self.play.why_not(hub)}."
                " Correct that first: its spokes cannot be changed without it."
            )

    def connector(
        self, variables: Variables, hosts: t.Iterable[str], *, at_once: int | None = None, variable: str = ""
    ) -> Connector:
        """Return the unopened sessions of these hosts, by a call with the name of a host.

        ``at_once`` of them are open at the same time, all by default; ``variable`` lowers that number.
        """
        return Connector(hosts, variables["hostvars"], from_play(self, variables), at_once=at_once, variable=variable)

    def scope(self, fleet: Fleet, arguments: dict[str, t.Any], names: tuple[str, str]) -> Scope:
        """Return the tunnels that the run concerns: of the options source and destination, or of the play's hosts.

        ``names`` are the role's variables for the two options. Raise BadPair.
        """
        leaving = {device.host for device in fleet.removed}
        source, destination = (str(arguments[name] or "") for name in ("source", "destination"))
        if source or destination:
            others = [name for device in fleet.removed for name in (device.host, device.site.name)]
            return by_pair(fleet.plan, source, destination, others, names)
        return by_hosts(fleet.plan, self.hosts(fleet) - leaving)

    def show_pulled_in(self, results: t.Mapping[str, Result]) -> None:
        """Show the differences of hosts that are not in the play, with ``--diff``: no task of theirs shows them."""
        for host, result in results.items():
            if self._task.diff and host not in self.play.present and result["changed"] and result["diff"]:
                show(headed(host, result["diff"]))


def slow_hosts(slow: t.Sequence[Slow]) -> list[str]:
    """Return a sentence for each of the slowest devices, and one for the number of the others."""
    more = [f"{len(slow) - _SLOW} more devices are slow: the report names them."] if len(slow) > _SLOW else []
    return [*(f"{one.host}: {one}" for one in slow[:_SLOW]), *more]


def spokes_of(fleet: Fleet) -> frozenset[str]:
    """Return the spokes that stay in the VPN."""
    return frozenset(device.host for device in fleet.devices if device.site.role == "spoke")


def jobs_of(
    fleet: Fleet,
    chosen: set[str],
    checks: t.Collection[str],
    excluded: t.Collection[str] = (),
    *,
    every_pair: bool = False,
) -> list[Job]:
    """Return a job for every chosen Junos device, the hub first.

    No ping goes to the ``excluded`` spokes; ``every_pair`` of the others is pinged.
    """
    silent = {lan.network for device in fleet.plan.devices if device.host in excluded for lan in device.site.networks}

    def pings(device: DevicePlan) -> tuple[Probe, ...]:
        asks = "pings" in checks and device.host in chosen
        wanted = probes(fleet.plan, device, every_pair=every_pair) if asks else ()
        return tuple(probe for probe in wanted if probe.network not in silent)

    jobs = [Job(device, fleet.texts[device.host], pings(device)) for device in fleet.devices]
    jobs += [Job(device, "", remove=True) for device in fleet.removed]
    return [job for job in jobs if not job.plan.site.profile.by_operator and job.plan.host in chosen]


def untouched_hosts(fleet: Fleet, chosen: set[str], play: PlayHosts, by_operators: str = "") -> dict[str, Result]:
    """Return the results of the hosts that this run does not contact, each with the reason.

    ``by_operators`` is that of the devices that operators configure, in a run that has nothing for them to enter.
    """
    untouched: dict[str, Result] = {}
    for device in (*fleet.devices, *fleet.removed):
        if device.host not in chosen:
            message = f"not touched: {play.why_not(device.host)}"
        elif not device.site.profile.by_operator:
            continue
        elif by_operators:
            message = by_operators
        elif device in fleet.removed:
            message = "not touched: its operator removes the tunnel to the hub"
        else:
            files = " and ".join(operator_files(device))
            message = f"not touched: its operator applies {files} from the artifacts folder"
        outcome = DeployOutcome(host=device.host, state="skipped", message=message)
        untouched[device.host] = {**outcome.as_data(), "changed": False}
    return untouched
