# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The action that speaks to the whole fleet at once; its two faces are the modules transaction and nhtb_verify."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
import typing as t
import uuid
from abc import abstractmethod
from dataclasses import fields
from pathlib import Path

from ansible import constants as C
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9, Session, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import BASIC_CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, Mode, Outcome, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import Scope, by_hosts, by_pair
from ansible_collections.hubspoke.srx.plugins.module_utils._report import plan_table, report
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import probes
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import remove_files, rendered_files, write_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._campaign import Campaign
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet, read_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._run_results import leave
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import check_limits, fleet_options
from ansible_collections.hubspoke.srx.plugins.plugin_utils._target import target

display = Display()

_TICKET = re.compile(r"[0-9A-Za-z._/#-]{1,40}")


class FleetAction(ActionBase):  # type: ignore[misc]
    """Plan, render, speak to every Junos device of the play, and leave each host's outcome for the next task."""

    BYPASS_HOST_LOOP = True
    TRANSFERS_FILES = False
    spec: t.ClassVar[dict[str, t.Any]] = {}

    @abstractmethod
    def mode(self) -> Mode:
        """Whether to change the devices, to say what would change, or to verify only."""

    def fleet(self, variables: dict[str, t.Any], arguments: dict[str, t.Any]) -> Fleet:
        """What the fleet is to become. Raises HubspokeError before any device is touched."""
        return read_fleet(variables)

    def begin(self) -> None:
        """What is to happen once all is ready and before any device is spoken to. Raises HubspokeError."""

    def decided(self, outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
        """What is to happen once the devices are settled; answers what the hosts then hear."""
        return outcomes

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            arguments = fleet_options(self, self.spec, variables)
            fleet = self.fleet(variables, arguments)
            check_limits(self, arguments)
            result.update(self._transact(fleet, arguments, variables))
        except HubspokeError as error:
            result.update(failed=True, msg=str(error), reason=error.reason)
        return result

    def hosts(self, variables: dict[str, t.Any], fleet: Fleet) -> set[str]:
        """The hosts that are spoken to: those of the play."""
        return set(variables["ansible_play_hosts"])

    def _transact(self, fleet: Fleet, arguments: dict[str, t.Any], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        mode = self.mode()
        run = new_run()
        chosen = self.hosts(variables, fleet)
        jobs = jobs_of(fleet, chosen, arguments.get("checks") or ())
        folder = arguments["artifacts_dir"]
        if mode == "apply":
            write_files(folder, rendered_files(fleet))
        display.display(plan_table(fleet.plan))
        targets = {
            job.plan.host: target(job.plan.host, variables["hostvars"][job.plan.host], self._from_play())
            for job in jobs
        }
        settings = _settings(run, mode, fleet, arguments)

        def connect(plan: DevicePlan) -> Session:
            return Session(targets[plan.host])

        with Interrupts() as stop:
            self.begin()
            campaign = Campaign(fleet, jobs, settings, connect, self._progress, stop)
            outcomes = self.decided(campaign.run(int(arguments.get("batch_size") or 0)))
            untouched = untouched_hosts(fleet, chosen)
            told = "check" if settings.stop_after_check else mode
            summary = report(fleet.plan, run, told, [outcome.as_data() for outcome in outcomes], untouched)
            summary["digest"] = campaign.digest
            summary["path"] = "" if mode == "check" else str(Path(folder) / "report.json")
            if summary["path"]:
                write_files(folder, {"report.json": json.dumps(summary, indent=2) + "\n"})
                if settings.stop_after_check:
                    write_files(folder, {f"{outcome.host}.diff": outcome.diff for outcome in outcomes})
            if mode == "apply":
                gone = [outcome.host for outcome in outcomes if outcome.state == "confirmed"]
                remove_files(folder, {device.host for device in fleet.removed} & {*gone, *untouched})
            leave(run, {outcome.host: _host_result(outcome) for outcome in outcomes} | untouched, summary)
            if stop.is_set():
                display.error(f"Interrupted. {summary['decision']}")
                raise KeyboardInterrupt
        elsewhere = [
            outcome for outcome in outcomes if outcome.failed and outcome.host not in variables["ansible_play_hosts"]
        ]
        return {
            "run": run,
            # What changed is each host's own to say, in the outcome: here it would be counted for the first host.
            "changed": False,
            # A host outside of the play has no outcome task that could fail.
            "failed": bool(elsewhere),
            "msg": "; ".join(outcome.message for outcome in elsewhere) or summary["decision"],
            "decision": summary["decision"],
            "digest": campaign.digest,
            "summary": summary["counts"],
        }

    def connector(
        self, variables: t.Mapping[str, t.Any], plans: t.Iterable[DevicePlan]
    ) -> t.Callable[[DevicePlan], Session]:
        """A function that answers a device's unopened session, or raises what is wrong with its variables.

        Variables are evaluated here, in one thread: Ansible's templating is not made for several.
        """
        found: dict[str, Target | HubspokeError] = {}
        for plan in plans:
            try:
                found[plan.host] = target(plan.host, variables["hostvars"][plan.host], self._from_play())
            except HubspokeError as error:
                found[plan.host] = error

        def connect(plan: DevicePlan) -> Session:
            where = found[plan.host]
            if isinstance(where, HubspokeError):
                raise where
            return Session(where)

        return connect

    def scope(
        self,
        fleet: Fleet,
        arguments: t.Mapping[str, t.Any],
        variables: dict[str, t.Any],
        names: tuple[str, str],
    ) -> Scope:
        """The tunnels in question: of the options source and destination, or of the play's hosts.

        C(names) is what the role calls the two options. Raises BadPair.
        """
        leaving = {device.host for device in fleet.removed}
        source, destination = (str(arguments[name] or "") for name in ("source", "destination"))
        if source or destination:
            others = [name for device in fleet.removed for name in (device.host, device.site.name)]
            return by_pair(fleet.plan, source, destination, others, names)
        return by_hosts(fleet.plan, self.hosts(variables, fleet) - leaving)

    def _progress(self, sentence: str) -> None:
        display.display(f"  {sentence}", color=C.COLOR_VERBOSE)

    def _from_play(self) -> dict[str, t.Any]:
        """What the command line says for all hosts: -u, -k, --private-key."""
        context = self._play_context
        return {"user": context.remote_user, "password": context.password, "key_file": context.private_key_file}


class _Stop(threading.Event):
    """Also set once the ansible-playbook process is gone: nobody is left to hear what this one would do."""

    def __init__(self) -> None:
        super().__init__()
        self._parent = os.getppid()

    def is_set(self) -> bool:
        return super().is_set() or os.getppid() != self._parent


class Interrupts:
    """While open, SIGINT and SIGTERM ask the transaction to roll back instead of killing it in the middle."""

    def __enter__(self) -> threading.Event:
        self._stop = _Stop()
        self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self._stop

    def __exit__(self, *_details: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, _number: int, _frame: t.Any) -> None:
        self._stop.set()


def new_run() -> str:
    """A name for a run: when it began by the controller's clock, and what tells it from another one of that second."""
    return f"{time.strftime('%Y%m%dT%H%M%S')}-{uuid.uuid4().hex[:6]}"


def jobs_of(fleet: Fleet, chosen: set[str], checks: t.Collection[str]) -> list[Job]:
    """A job for every Junos device that is spoken to, the hub first."""
    jobs = [
        Job(device, fleet.texts[device.host], tuple(probes(fleet.plan, device)) if "pings" in checks else ())
        for device in fleet.devices
    ]
    jobs += [Job(device, "", remove=True) for device in fleet.removed]
    return [job for job in jobs if job.plan.site.platform == "junos" and job.plan.host in chosen]


def _settings(run: str, mode: Mode, fleet: Fleet, arguments: t.Mapping[str, t.Any]) -> Settings:
    """The options of a module; those that it does not have keep their defaults."""
    own = {field.name for field in fields(Settings)} - {"checks"}
    given = {name: value for name, value in arguments.items() if name in own and value is not None}
    ticket = str(given.get("ticket") or "")
    if ticket and not _TICKET.fullmatch(ticket):
        raise HubspokeError(
            f"controller: nhtb_ticket: expected at most 40 letters, digits and ._/#-, actual {ticket!r}."
            " It becomes a part of the commit comments."
        )
    return Settings(
        **given,
        run=run,
        keys=fleet.keys,
        rotated=fleet.rotated,
        codec=KeyCodec9(),
        mode=mode,
        confirm_minutes=fleet.plan.confirm_minutes,
        sessions_at_once=arguments["sessions"],
        checks=tuple(arguments.get("checks") or BASIC_CHECKS),
    )


def _host_result(outcome: Outcome) -> dict[str, t.Any]:
    return {**outcome.as_data(), "changed": bool(outcome.diff) and outcome.state in ("confirmed", "would_change")}


def untouched_hosts(fleet: Fleet, chosen: set[str]) -> dict[str, dict[str, t.Any]]:
    """Hosts of the plan that this run sends nothing to, each with the reason."""
    untouched: dict[str, dict[str, t.Any]] = {}
    for device in (*fleet.devices, *fleet.removed):
        if device.host not in chosen:
            message = "not touched: outside this play's hosts (--limit, or failed before)"
        elif device.site.platform == "junos":
            continue
        elif device in fleet.removed:
            message = "not touched: its operator takes the tunnel to the hub away"
        else:
            file = f"{device.host}.{device.site.platform}"
            message = f"not touched: its operator applies {file} from the artifacts folder"
        untouched[device.host] = {**Outcome(device.host, "skipped", False, False, message, "", (), ()).as_data()}
        untouched[device.host]["changed"] = False
    return untouched
