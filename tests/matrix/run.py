# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of the transaction against the lab with a fault, and the state afterwards."""

from __future__ import annotations

import dataclasses
import json
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Progress
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome, Job, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._report.content import report
from ansible_collections.hubspoke.srx.plugins.module_utils._report.stage_lines import stage_line
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.transaction import Transaction
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import write_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ncclient.transport import session as ncclient_session

from tests.lab.config import text
from tests.lab.config.tree import Node
from tests.matrix.cases import Case
from tests.matrix.faults import FAULTS, FOR_A_WHILE, FOR_GOOD, IMPATIENT, MOST_IMPATIENT, PATIENT
from tests.matrix.lab import DeviceState, LabThread, decode_keys
from tests.matrix.network import Network
from tests.matrix.scaled_time import ScaledTime, Stop

# Seconds of the devices after which verification fails: tunnels that come up are up in the second round.
SHORT = 3.0
# Wall-clock seconds for a login: the time of a machine with other work, and that for a device that is silent by its
# fault.
_LOGIN, _SILENT_LOGIN = 120, 1
_FIRST_RUN, _CHANGE = "20260101T000000-first0", "20260102T000000-change"


@dataclass(frozen=True)
class Ended:
    """The end of a run: the state of the devices ``at_once``, and ``later``, after the end of every window."""

    outcomes: t.Mapping[str, DeployOutcome]
    at_once: t.Mapping[str, DeviceState]
    later: t.Mapping[str, DeviceState]
    said: tuple[str, ...]
    seconds: float


class ImpatientSession(Session):
    """Has the same timeout for a commit as for any other RPC."""

    def _execute(self, request: str, timeout: float | None = None) -> str:
        return super()._execute(request, self.target.timeout)


def transact(
    network: Network,
    scaled_time: ScaledTime,
    jobs: t.Sequence[Job],
    settings: Settings,
    progress: t.Callable[[str], None],
    *,
    patience: t.Callable[[str], tuple[int, int]] = lambda host: (PATIENT, _LOGIN),
    hub_without: t.Callable[[frozenset[str]], Job | None] | None = None,
) -> tuple[DeployOutcome, ...]:
    """Run the transaction; ``progress`` receives its lines.

    ``patience`` returns the timeouts of a host: seconds per reply, and of a login.
    """

    def connect(host: str) -> Session:
        reply, login = patience(host)
        target = dataclasses.replace(network.target(host), timeout=reply, ssh_args=("-o", f"ConnectTimeout={login}"))
        return ImpatientSession(target)

    transaction = Transaction(
        jobs,
        settings,
        connect=connect,
        progress=Progress(lambda moment: progress(stage_line(moment).text)),
        stop=Stop(scaled_time),
        hub_without=hub_without,
    )
    return transaction.run().outcomes


class Bench:
    """The lab and the network in its two states, ready for any number of runs."""

    def __init__(self, network: Network, lab: LabThread) -> None:
        self.network = network
        self.lab = lab
        self.factory = lab.trees()
        started = time.monotonic()
        self.before = self._reach(self.factory, network.before, _FIRST_RUN)
        self.after = self._reach(self.before, network.after, _CHANGE)
        # A reply takes a small part of the time of two runs.
        lab.impatience = min(max(IMPATIENT, round(time.monotonic() - started)), MOST_IMPATIENT)
        self.configuration_before = self.shown(self.before)
        self.configuration_after = {host: decode_keys(text) for host, text in self.shown(self.after).items()}

    @staticmethod
    def shown(trees: t.Mapping[str, Node]) -> dict[str, str]:
        """Return configurations as text."""
        return {host: text.render(tree) for host, tree in trees.items()}

    def _reach(self, start: t.Mapping[str, Node], wanted: Fleet, run: str) -> dict[str, Node]:
        self.lab.reset(start)
        settings = self.network.settings(wanted, run)
        outcomes = self.transact(self.network.jobs(wanted), settings, lambda sentence: None)
        assert {outcome.state for outcome in outcomes} == {"confirmed"}, [outcome.message for outcome in outcomes]
        self.lab.wait_for_sessions()
        return self.lab.trees()

    def transact(
        self,
        jobs: t.Sequence[Job],
        settings: Settings,
        progress: t.Callable[[str], None],
        *,
        patience: t.Mapping[str, int] | None = None,
        hub_without: t.Callable[[frozenset[str]], Job | None] | None = None,
    ) -> tuple[DeployOutcome, ...]:
        """Run the transaction in the time of the lab. ``patience`` holds the timeouts of hosts in seconds per reply."""

        def seconds(host: str) -> tuple[int, int]:
            login = _SILENT_LOGIN if self.lab.watch(host).swallows else _LOGIN
            return (patience or {}).get(host, PATIENT), login

        return transact(
            self.network,
            self.lab.scaled_time,
            jobs,
            settings,
            progress,
            patience=seconds,
            hub_without=hub_without,
        )

    def run(self, case: Case, folder: Path) -> Ended:
        """Run the case from the configuration before. Write the files of the action to ``folder``."""
        lab, fault = self.lab, FAULTS[case.fault]
        lab.reset(self.before)
        device, watch = lab.device(case.host), lab.watch(case.host)
        if case.fault == "refuse-login":
            lab.call(lambda: fault.inject(lab, device))
        else:
            watch.await_stage(case.stage, lambda: fault.inject(lab, device))
        wanted = self.network.after
        said: list[str] = []
        details = {} if case.verified and case.fault != "flap for good" else {"verify_timeout": SHORT}
        settings = self.network.settings(wanted, "20260103T000000-matrix", **details)
        started = time.monotonic()
        outcomes = self.transact(
            self.network.jobs(wanted, wrong_key=not case.verified),
            settings,
            said.append,
            patience={case.host: lab.impatience if fault.patience == IMPATIENT else fault.patience},
        )
        seconds = time.monotonic() - started
        plain = [outcome.as_data() for outcome in outcomes]
        summary = report(wanted.plan, settings.run, "apply", plain, {})
        write_files(str(folder), {"report.json": json.dumps(summary), "outcomes.json": json.dumps(plain)})
        lab.wait_for_sessions()
        at_once = lab.states()
        # Timers of the fault must not fire in the next case; a longer jump takes more time.
        lab.advance(2 * FOR_A_WHILE)
        if any(state.pending or state.down for state in at_once.values()):
            lab.advance(FOR_GOOD)
        return Ended({outcome.host: outcome for outcome in outcomes}, at_once, lab.states(), tuple(said), seconds)


def speed_up_ncclient(patch: pytest.MonkeyPatch) -> None:
    """Let ncclient check its queue of requests more often than ten times a second."""
    patch.setattr(ncclient_session, "TICK", 0.005)
