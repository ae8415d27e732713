# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must hold after a run, by what the devices really hold and not by what the run says."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome

from tests.matrix.cases import Case
from tests.matrix.expect import expected
from tests.matrix.faults import STATEMENT
from tests.matrix.lab import Truth, spoken
from tests.matrix.network import SECRETS
from tests.matrix.run import Bench, Ended

_FOREIGN = "    " + STATEMENT.removeprefix("set system ") + ";\n"


def judge(bench: Bench, case: Case, ended: Ended, folder: Path) -> None:
    """Fail with everything that is wrong about the end of the run."""
    wrong = []
    expectation = expected(case.fault, case.stage, case.verified)
    if case.fault != "refuse-login" and case.stage not in ended.at_once[case.host].met:
        wrong.append(f"{case.host} never came to {case.stage}, only to {', '.join(ended.at_once[case.host].met)}")
    for host, outcome in ended.outcomes.items():
        state = expectation.struck if host == case.host else expectation.others
        if outcome.state != state:
            wrong.append(f"{host}: expected {state}, actual {outcome.state}: {outcome.message}")
        wrong += _against_the_truth(bench, case, outcome, ended.at_once[host], ended.later[host])
    wrong += left_open(ended.at_once, ended.outcomes)
    wrong += [f"{host}: still pending when its window was over" for host, one in ended.later.items() if one.pending]
    wrong += keys_told(ended.outcomes.values(), ended.said, folder)
    assert not wrong, "\n".join([str(case), *wrong, "said:", *ended.said])


def left_open(truths: t.Mapping[str, Truth], outcomes: t.Mapping[str, DeployOutcome]) -> list[str]:
    """Locks and sessions that the run has left, and commits that still wait though it says to know their end."""
    wrong = []
    for host, truth in truths.items():
        if truth.locked:
            wrong.append(f"{host}: our lock is still held")
        if truth.sessions:
            wrong.append(f"{host}: {truth.sessions} sessions are still open")
        if truth.pending and outcomes[host].state != "unknown" and "mine" not in truth.logs[:1]:
            wrong.append(f"{host}: {outcomes[host].state}, and a commit still waits")
    return wrong


def keys_told(outcomes: t.Iterable[DeployOutcome], said: t.Iterable[str], folder: Path) -> list[str]:
    """Places that hold a key in plain words or encoded: messages, differences, sentences, files."""
    told = {"outcomes": json.dumps([one.as_data() for one in outcomes]), "progress": "\n".join(said)}
    told |= {file.name: file.read_text(encoding="utf-8") for file in folder.rglob("*") if file.is_file()}
    return [f"a key in {place}" for place, words in told.items() for secret in (*SECRETS, "$9$") if secret in words]


def _against_the_truth(bench: Bench, case: Case, outcome: DeployOutcome, at_once: Truth, later: Truth) -> list[str]:
    host, state = outcome.host, outcome.state
    ours = _without_foreign(later.configuration)
    as_before = ours == bench.configuration_before[host]
    as_planned = spoken(ours) == bench.configuration_after[host]
    committed = any("confirm within" in log for log in at_once.logs)
    wrong = []
    if not as_before and not as_planned:
        wrong.append(f"{host}: its configuration is neither the one before nor the planned one")
    if state == "confirmed" and (not as_planned or outcome.failed):
        wrong.append(f"{host}: confirmed, failed={outcome.failed}, and its configuration is not the planned one")
    if state in ("rolled_back", "unchanged") and not as_before:
        wrong.append(f"{host}: {state}, and its configuration is not the one before")
    if state == "unchanged" and committed:
        wrong.append(f"{host}: unchanged, and its list of commits has ours")
    if state == "rolled_back" and not committed:
        wrong.append(f"{host}: rolled back, and its list of commits has not ours")
    if state != "confirmed" and not outcome.failed:
        wrong.append(f"{host}: {state} is not said to have failed")
    if state == "unknown" and "rolls back automatically" not in outcome.message:
        wrong.append(f"{host}: unknown, and what becomes of it is not said: {outcome.message}")
    if host == case.host and "commits" in case.fault and later.configuration == ours:
        wrong.append(f"{host}: what another user committed is gone")
    return wrong


def _without_foreign(configuration: str) -> str:
    """A configuration without what a fault has another user commit."""
    return configuration.replace(_FOREIGN, "")
