# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The base of the actions that run the transaction: its settings, its artifacts, its results."""

from __future__ import annotations

import json
import re
import typing as t
from abc import abstractmethod
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.takeover import deletions
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, printable, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import BASIC_CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome, Job, Mode, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Site
from ansible_collections.hubspoke.srx.plugins.module_utils._report.content import AS_BEFORE, CHANGED, Facts, report
from ansible_collections.hubspoke.srx.plugins.module_utils._report.failures import rows
from ansible_collections.hubspoke.srx.plugins.module_utils._report.plan_table import plan_table, while_down
from ansible_collections.hubspoke.srx.plugins.module_utils._report.stage_lines import plan_line
from ansible_collections.hubspoke.srx.plugins.module_utils._report.table import table
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.rounds import Rounds, rounds
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.transaction import TransactionResult
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import (
    LATEST,
    host_file,
    operator_files,
    rendered_files,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import Folder
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet_action import (
    FleetAction,
    Result,
    Variables,
    jobs_of,
    spokes_of,
    untouched_hosts,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils._interrupts import Interrupted, Interrupts
from ansible_collections.hubspoke.srx.plugins.plugin_utils._output import show, show_line, verbosity
from ansible_collections.hubspoke.srx.plugins.plugin_utils._reports import REPORT, report_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._results import concluded, reasons_outside, told
from ansible_collections.hubspoke.srx.plugins.plugin_utils._run_results import hand_over

# A ticket becomes a word of the commit comments, where these two have a meaning of their own.
_TICKET = re.compile(r"(?!(?:trace|digest)$)[0-9A-Za-z._/#-]{1,40}")
_NOTHING_THERE = "not touched: a recovery changes nothing on devices that operators configure"
# Hosts that a terminal shows after an interrupt; the report has all.
_SHOWN = 20


class TransactionAction(FleetAction):
    """Run the stages of the transaction, then store the outcome of each host for the next task."""

    # Of the texts that operators enter, which are new, by host.
    texts: t.Mapping[str, str]

    # Whether the run concerns the tunnels of the play's spokes, the hub being their other end.
    by_tunnel: t.ClassVar[bool] = False

    @abstractmethod
    def mode(self) -> Mode:
        """Return the mode: change the devices, show the changes, verify only, or recover."""

    def begin(self) -> None:
        """Make the last preparations before any device is contacted. Raise HubspokeError."""

    def hosts(self, fleet: Fleet) -> set[str]:
        return self.with_hub(fleet) if self.by_tunnel else super().hosts(fleet)

    def excluded(self, fleet: Fleet) -> frozenset[str]:
        """Return the spokes whose tunnels the run does not concern: none where the play has no spoke."""
        spokes = spokes_of(fleet)
        return spokes - self.play.present if self.by_tunnel and spokes & self.play.present else frozenset()

    def gone(self, fleet: Fleet) -> tuple[Site, ...] | None:
        """Return the sites that leave the VPN in this run; ``None`` where it concerns the whole fleet."""
        leaving = [device for device in fleet.removed if device.site.role == "spoke"]
        later = self.excluded(fleet) | {device.host for device in leaving} - self.play.present
        if not later or not self.by_tunnel or not spokes_of(fleet) & self.play.present:
            return None
        return tuple(device.site for device in leaving if device.host in self.play.present)

    def check_named(self, fleet: Fleet) -> None:
        """Raise HubspokeError where the hosts of the play are no part of the fleet that can be changed alone."""
        self.check_hub(fleet)
        spokes, play = spokes_of(fleet), self.play
        hub, leaving = fleet.plan.hub.host, sorted({device.host for device in fleet.removed} & play.present)
        if not self.by_tunnel or spokes & play.present or not spokes:
            return
        if leaving and hub not in play.present:
            raise HubspokeError(
                f"{', '.join(leaving[:3])}: nhtb_state: expected a spoke that stays in the play, actual absent for all"
                " of its hosts. Use hubspoke.srx.remove with this limit, or deploy without a limit."
            )
        if spokes & play.ended:
            raise HubspokeError(
                f"{hub}: play: expected a spoke at the other end of its tunnels, actual all of them"
                f" {play.why_not(min(spokes & play.ended))}. Correct that first."
            )

    def decided(self, outcomes: tuple[DeployOutcome, ...]) -> tuple[DeployOutcome, ...]:
        """Complete the run after the decision; return the outcomes for the hosts."""
        return outcomes

    def work(self, fleet: Fleet, arguments: dict[str, t.Any], variables: Variables) -> Result:
        """Run the transaction, in rounds where canaries or batches are asked for."""
        mode, run = self.mode(), self.begin_run(arguments)
        if mode in ("apply", "check"):
            self.check_named(fleet)
        chosen, excluded, gone = self.hosts(fleet), self.excluded(fleet), self.gone(fleet)
        settings = _settings(run, mode, fleet, arguments, self.per_host)

        def hub_without(hosts: t.Collection[str]) -> Job | None:
            return fleet.hub_job_without(hosts, settings.checks, gone)

        every_pair = arguments.get("pings") == "all"
        jobs = jobs_of(fleet, chosen, settings.checks, excluded, every_pair=every_pair)
        if gone is not None:
            jobs = [hub_without(excluded) or job if job.is_hub and not job.remove else job for job in jobs]
        _check_move(settings, jobs)
        # A report that cannot be written fails the run while no device is locked.
        self.folder.check(*report_files(arguments))
        self.texts, self.first_files = self._texts_by_operators(fleet, chosen)
        # Another run is about the operators of other hosts: until then, what they have entered is the text to compare.
        self.write_texts(fleet, by_operators=mode not in ("apply", "check"), hosts=chosen)
        spokes = [
            device.host for device in fleet.devices if device.site.role == "spoke" and device.host not in excluded
        ]
        batch_size = int(arguments.get("batch_size") or 0)
        in_rounds = mode == "apply" and not settings.stop_after_check and not settings.approved_digest
        planned = rounds(spokes, fleet.canaries, batch_size)
        largest = max(map(len, planned))
        self._show_plan(fleet, len(planned) if in_rounds else 1)
        self.stage_output.diffs = str(Path(arguments["artifacts_dir"]) / LATEST / host_file("*", "diff"))
        connect = self.connector(
            variables, [job.plan.host for job in jobs], at_once=1 + largest if in_rounds else None,
            variable="nhtb_batch_size" if in_rounds else "",
        )  # fmt: skip
        with Interrupts() as stop:
            self.begin()
            result = Rounds(
                jobs=jobs,
                spokes=spokes,
                settings=settings,
                connect=connect,
                progress=self.progress,
                stop=stop,
                hub_without=hub_without,
                excluded=excluded,
                canaries=fleet.canaries,
                batch_size=batch_size,
            ).run()
            result = replace(result, outcomes=self.decided(result.outcomes))
            summary, results = self._results(fleet, chosen, settings, result)
            write = partial(self._write, arguments, result, summary)
            reasons = _reasons(summary, result, self.play.present)
            if result.ended_by is not None and not reasons:
                self.warnings.append(result.abort_reason)
            self.show_pulled_in(results)
            stored, problem = hand_over(run, results, summary, write, partial(table, verbose=True), reasons)
            if stop.is_set():
                raise Interrupted(_in_short(summary))
            if stored:
                self.show_if_last(results, summary)
        return {
            # Without a run no later task looks for results: there are none.
            **({"run": run} if stored else {}),
            # The outcome of each host has its own ``changed``: Ansible would count this one for the first host.
            "changed": False,
            "failed": bool(problem),
            **concluded(problem, summary["decision"]),
            "decision": summary["decision"],
            "digest": result.digest,
            "summary": summary["counts"],
        }

    def _show_plan(self, fleet: Fleet, in_rounds: int) -> None:
        """Show the plan: a line, what a reader must know, and with -v the tables."""
        show_line(plan_line(fleet.plan, in_rounds))
        for sentence in while_down(fleet.plan):
            show(sentence)
        if verbosity():
            show(plan_table(fleet.plan))

    def _results(
        self, fleet: Fleet, chosen: set[str], settings: Settings, result: TransactionResult
    ) -> tuple[dict[str, t.Any], dict[str, Result]]:
        """Return the report, and the results of the hosts."""
        excluded = {outcome.host: self.hidden(_host_result(outcome)) for outcome in result.excluded}
        nothing_there = _NOTHING_THERE if settings.mode == "recover" else ""
        untouched = untouched_hosts(fleet, chosen, self.play, nothing_there) | excluded
        outcomes = [self.hidden(_host_result(outcome)) for outcome in result.outcomes]
        summary = report(
            fleet.plan,
            settings.run,
            "check" if settings.stop_after_check else settings.mode,
            outcomes,
            untouched,
            removed={device.host for device in fleet.removed},
            facts=self._facts(fleet, settings, result),
        )
        summary["path"] = str(self.folder.path / REPORT)
        results = {outcome["host"]: outcome for outcome in outcomes} | untouched
        return summary, told(summary, results)

    def _facts(self, fleet: Fleet, settings: Settings, result: TransactionResult) -> Facts:
        """Return the facts about the run that are no device's."""
        return self.facts(
            ticket=settings.ticket,
            digest=result.digest,
            files=self.first_files | {one.host: host_file(one.host, "diff") for one in result.outcomes if one.diff},
            texts=self.texts,
            stages=[stage.as_data() for stage in result.stages],
        )

    def _texts_by_operators(self, fleet: Fleet, chosen: set[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Return whether the texts that operators enter are new, changed or as before, and the file to begin with.

        That is the first one that has changed, or the first one of the profile. Raise HubspokeError.
        """
        texts = rendered_files(fleet, by_operators=True)
        names = {
            device.host: operator_files(device)
            for device in fleet.devices
            if device.site.profile.by_operator and device.host in chosen
        }
        every = [name for own in names.values() for name in own]
        # A text that no deployment has verified may not have been entered.
        before = self.folder.earlier(every) | self.folder.earlier(every, _has_verified)

        first = {device.host: operator_files(device)[0] for device in fleet.devices if device.site.profile.by_operator}
        states: dict[str, str] = {}
        for host, own in names.items():
            changed = [name for name in own if before.get(name) != texts[name].encode()]
            is_new = not all(name in before for name in own)
            states[host] = "new" if is_new else CHANGED if changed else AS_BEFORE
            first |= {host: changed[0]} if states[host] == CHANGED else {}
        return states, first

    def _write(self, arguments: dict[str, t.Any], result: TransactionResult, summary: dict[str, t.Any]) -> None:
        """Write the differences of the devices, for a terminal, and the report. Raise HubspokeError."""
        changed = [outcome for outcome in result.outcomes if outcome.diff]
        self.folder.write({host_file(outcome.host, "diff"): printable(self.hide(outcome.diff)) for outcome in changed})
        self.write_report(REPORT, summary, arguments)


def _has_verified(folder: Folder) -> bool:
    """Return whether the run of a folder has deployed, and verified all."""
    try:
        content = json.loads(folder.read(REPORT) or b"{}")
        return (content["mode"], content["verdict"]) == ("apply", "ok")
    except (ValueError, KeyError, TypeError):
        return False


def _settings(
    run: str,
    mode: Mode,
    fleet: Fleet,
    arguments: t.Mapping[str, t.Any],
    per_host: t.Mapping[str, t.Mapping[str, t.Any]],
) -> Settings:
    """Return the settings from the options of a module; settings without an option keep their defaults."""
    own = {field.name for field in fields(Settings)} - {"checks"}
    given = {name: value for name, value in arguments.items() if name in own and value is not None}
    ticket = str(given.get("ticket") or "")
    if ticket and not _TICKET.fullmatch(ticket):
        raise HubspokeError(
            f"controller: nhtb_ticket: expected at most 40 letters, digits and ._/#-, actual {shortened(repr(ticket))}."
            " It becomes a word of the commit comments, where 'trace' and 'digest' have a meaning of their own."
        )
    return Settings(
        **given,
        run=run,
        keys=fleet.keys,
        rotated=fleet.rotated,
        leaving=tuple(device.site for device in fleet.removed),
        codec=KeyCodec9(),
        mode=mode,
        confirm_minutes=fleet.plan.confirm_minutes,
        sessions_at_once=arguments["sessions"],
        checks=tuple(arguments.get("checks") or BASIC_CHECKS),
        deletions=deletions if arguments.get("take_over") else None,
        per_host=per_host,
    )


def _check_move(settings: Settings, jobs: t.Iterable[Job]) -> None:
    """Raise HubspokeError where the group that is to be deleted is the planned one."""
    for job in jobs:
        if settings.of(job.host).move_group == job.plan.group:
            raise HubspokeError(
                f"{job.host}: nhtb_move_group: expected the earlier name of the group, actual {job.plan.group}, which"
                " is nhtb_group. Leave it out, or correct it."
            )


def _host_result(outcome: DeployOutcome) -> dict[str, t.Any]:
    return {**outcome.as_data(), "changed": bool(outcome.diff) and outcome.state in ("confirmed", "would_change")}


def _in_short(summary: t.Mapping[str, t.Any]) -> str:
    """Return the decision and the outcome of each host, for a terminal."""
    hosts = []
    for host in summary["hosts"]:
        state, message = host["state"].replace("_", " "), host["message"].removeprefix(f"{host['host']}: ")
        hosts.append(f"{host['host']}: {message if state in message else f'{state}: {message}'}")
    more = [f"{len(hosts) - _SHOWN} more hosts."] if len(hosts) > _SHOWN else []
    report = [f"Report: {summary['path']}"] if summary["path"] else []
    return "\n".join([summary["decision"], *hosts[:_SHOWN], *more, *report])


def _reasons(summary: t.Mapping[str, t.Any], result: TransactionResult, play_hosts: t.Collection[str]) -> list[str]:
    """Return why the run failed as a whole; a host that failed says so in its own outcome."""
    mode = summary["mode"]
    failed = [outcome for outcome in (*result.outcomes, *result.excluded) if outcome.failed]
    # A host outside the play has no outcome task that could fail.
    names = {outcome.host for outcome in failed} - set(play_hosts)
    outside = {host["host"]: host for host in summary["hosts"] if host["host"] in names}
    reasons = reasons_outside({host: _reason(entry, outside, summary["causes"]) for host, entry in outside.items()})
    if not failed and result.ended_by is not None:
        reasons.append(result.abort_reason)
    is_nothing = mode == "verify" or (mode == "apply" and not summary["counts"]["findings"]["ok"])
    if not failed and is_nothing and summary["verdict"] != "ok":
        # Nothing verified is no success, and no host can fail in its place.
        reasons.append(summary["decision"])
    return reasons


def _reason(
    host: t.Mapping[str, t.Any],
    outside: t.Mapping[str, t.Mapping[str, t.Any]],
    causes: t.Sequence[t.Mapping[str, t.Any]],
) -> str:
    """Return why a host outside the play failed: the message of the host with its cause, or the cause in few words."""
    cause = {"host": host["host"]} if host["cause"] is None else causes[host["cause"]]
    return str(outside[cause["host"]]["message"]) if cause["host"] in outside else rows([cause])[0]
