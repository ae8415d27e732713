# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of the transaction against the lab, with a fault in it, and what there is to know afterwards."""

from __future__ import annotations

import dataclasses
import json
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, Outcome, Settings
from ansible_collections.hubspoke.srx.plugins.module_utils._report import report
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.transaction import Transaction
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import write_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet
from ncclient.transport import session as ncclient_session

from tests.lab.config import text
from tests.lab.config.tree import Node
from tests.matrix.cases import Case
from tests.matrix.faults import FAULTS, FOR_A_WHILE, FOR_GOOD, PATIENT
from tests.matrix.lab import LabThread, Truth, spoken
from tests.matrix.network import Network
from tests.matrix.world import Stop, World

# Not verified is said after so many seconds of the world: tunnels that come up are up at the second look.
SHORT = 3.0
_FIRST_RUN, _CHANGE = "20260101T000000-first0", "20260102T000000-change"


@dataclass(frozen=True)
class Ended:
    """``at_once`` is what devices held when the run ended, ``later`` when every window was over."""

    outcomes: t.Mapping[str, Outcome]
    at_once: t.Mapping[str, Truth]
    later: t.Mapping[str, Truth]
    said: tuple[str, ...]
    seconds: float


class ImpatientSession(Session):
    """Waits for a commit's reply no longer than for any other."""

    def _execute(self, request: str, timeout: int | None = None) -> str:
        return super()._execute(request, self.target.timeout)


def transact(
    network: Network,
    world: World,
    jobs: t.Sequence[Job],
    settings: Settings,
    progress: t.Callable[[str], None],
    patience: t.Mapping[str, int] | None = None,
    hub_without: t.Callable[[frozenset[str]], Job | None] | None = None,
) -> tuple[Outcome, ...]:
    """Run the transaction, hosts in ``patience`` being waited for so many seconds per reply."""

    def connect(plan: DevicePlan) -> Session:
        target = network.target(plan.host)
        return ImpatientSession(dataclasses.replace(target, timeout=(patience or {}).get(plan.host, PATIENT)))

    return Transaction(jobs, settings, connect, progress, Stop(world), hub_without).run()


class Bench:
    """The lab with the network in its two states, and everything made ready for one run after the other."""

    def __init__(self, network: Network, lab: LabThread) -> None:
        self.network = network
        self.lab = lab
        self.factory = lab.trees()
        self.before = self._reach(self.factory, network.before, _FIRST_RUN)
        self.after = self._reach(self.before, network.after, _CHANGE)
        self.configuration_before = self.shown(self.before)
        self.configuration_after = {host: spoken(words) for host, words in self.shown(self.after).items()}

    @staticmethod
    def shown(trees: t.Mapping[str, Node]) -> dict[str, str]:
        """Configurations as text."""
        return {host: text.render(tree) for host, tree in trees.items()}

    def _reach(self, start: t.Mapping[str, Node], wanted: Fleet, run: str) -> dict[str, Node]:
        self.lab.put_back(start)
        settings = self.network.settings(wanted, run)
        outcomes = self.transact(self.network.jobs(wanted), settings, lambda sentence: None)
        assert {outcome.state for outcome in outcomes} == {"confirmed"}, [outcome.message for outcome in outcomes]
        self.lab.let_go()
        return self.lab.trees()

    def transact(
        self,
        jobs: t.Sequence[Job],
        settings: Settings,
        progress: t.Callable[[str], None],
        patience: t.Mapping[str, int] | None = None,
        hub_without: t.Callable[[frozenset[str]], Job | None] | None = None,
    ) -> tuple[Outcome, ...]:
        """Run the transaction in the time of the lab."""
        return transact(self.network, self.lab.world, jobs, settings, progress, patience, hub_without)

    def run(self, case: Case, folder: Path) -> Ended:
        """The case, from the devices as before; what the action would write goes to ``folder``."""
        lab, fault = self.lab, FAULTS[case.fault]
        lab.put_back(self.before)
        device, watch = lab.device(case.host), lab.watch(case.host)
        if case.fault == "refuse-login":
            lab.do(lambda: fault.strike(lab, device))
        else:
            watch.await_stage(case.stage, lambda: fault.strike(lab, device))
        wanted = self.network.after
        said: list[str] = []
        details = {} if case.verified and case.fault != "flap for good" else {"verify_timeout": SHORT}
        settings = self.network.settings(wanted, "20260103T000000-matrix", **details)
        started = time.monotonic()
        outcomes = self.transact(
            self.network.jobs(wanted, spoiled=not case.verified), settings, said.append, {case.host: fault.patience}
        )
        seconds = time.monotonic() - started
        plain = [outcome.as_data() for outcome in outcomes]
        summary = report(wanted.plan, settings.run, "apply", plain, {})
        write_files(str(folder), {"report.json": json.dumps(summary), "outcomes.json": json.dumps(plain)})
        lab.let_go()
        at_once = lab.truth()
        # What the fault has appointed must not happen in the next case; longer jumps cost more.
        lab.advance(2 * FOR_A_WHILE)
        if any(truth.pending or truth.down for truth in at_once.values()):
            lab.advance(FOR_GOOD)
        return Ended({outcome.host: outcome for outcome in outcomes}, at_once, lab.truth(), tuple(said), seconds)


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Let ncclient look for something to send more often than ten times a second."""
    patch.setattr(ncclient_session, "TICK", 0.005)
