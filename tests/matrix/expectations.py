# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The expectations of a run, checked on the devices themselves and not by the run's own result."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome

from tests.matrix.cases import Case
from tests.matrix.endings import expected
from tests.matrix.faults import STATEMENT
from tests.matrix.lab import DeviceState, decode_keys
from tests.matrix.network import SECRETS
from tests.matrix.run import Bench, Ended

_FOREIGN = "    " + STATEMENT.removeprefix("set system ") + ";\n"


def check_end(bench: Bench, case: Case, ended: Ended, folder: Path) -> None:
    """Fail with every difference between the expected and the actual end of the run."""
    wrong = []
    expectation = expected(case.fault, case.stage, case.verified)
    if case.fault != "refuse-login" and case.stage not in ended.at_once[case.host].stages:
        wrong.append(f"{case.host}: expected {case.stage}, actual {', '.join(ended.at_once[case.host].stages)}")
    for host, outcome in ended.outcomes.items():
        state = expectation.faulty if host == case.host else expectation.others
        if _ending(outcome) != state:
            wrong.append(f"{host}: expected {state}, actual {outcome.state}: {outcome.message}")
        wrong += _compare_with_device(bench, case, outcome, ended.at_once[host], ended.later[host])
    wrong += find_unreleased(ended.at_once, ended.outcomes)
    wrong += [f"{host}: still pending after the end of its window" for host, one in ended.later.items() if one.pending]
    wrong += find_keys(ended.outcomes.values(), ended.said, folder)
    assert not wrong, "\n".join([str(case), *wrong, "progress:", *ended.said])


def _ending(outcome: DeployOutcome) -> str:
    """Return the state as the tables have it: a commit that is known to be pending is settled by its device."""
    return "unknown" if outcome.state == "pending" else outcome.state


def find_unreleased(devices: t.Mapping[str, DeviceState], outcomes: t.Mapping[str, DeployOutcome]) -> list[str]:
    """Return the locks and sessions still open after a run, and pending commits of devices whose outcome is known."""
    wrong = []
    for host, device in devices.items():
        if device.locked:
            wrong.append(f"{host}: the run still holds the lock")
        if device.sessions:
            wrong.append(f"{host}: {device.sessions} sessions are still open")
        if device.pending and _ending(outcomes[host]) != "unknown" and "mine" not in device.logs[:1]:
            wrong.append(f"{host}: {outcomes[host].state}, and a commit is still pending")
    return wrong


def find_keys(outcomes: t.Iterable[DeployOutcome], said: t.Iterable[str], folder: Path) -> list[str]:
    """Return the messages, differences and files that contain a key, plain or encoded."""
    texts = {"outcomes": json.dumps([one.as_data() for one in outcomes]), "progress": "\n".join(said)}
    texts |= {file.name: file.read_text(encoding="utf-8") for file in folder.rglob("*") if file.is_file()}
    return [f"a key in {name}" for name, text in texts.items() for secret in (*SECRETS, "$9$") if secret in text]


def _compare_with_device(
    bench: Bench, case: Case, outcome: DeployOutcome, at_once: DeviceState, later: DeviceState
) -> list[str]:
    host, state = outcome.host, _ending(outcome)
    ours = _without_foreign(later.configuration)
    as_before = ours == bench.configuration_before[host]
    as_planned = decode_keys(ours) == bench.configuration_after[host]
    committed = any("confirm within" in log for log in at_once.logs)
    wrong = []
    if not as_before and not as_planned:
        wrong.append(f"{host}: its configuration is neither the previous nor the planned one")
    if state == "confirmed" and (not as_planned or outcome.failed):
        wrong.append(f"{host}: confirmed, failed={outcome.failed}, and its configuration is not the planned one")
    if state in ("rolled_back", "unchanged") and not as_before:
        wrong.append(f"{host}: {state}, and its configuration is not the previous one")
    if state == "unchanged" and committed:
        wrong.append(f"{host}: unchanged, and its list of commits contains that of the run")
    if state == "rolled_back" and not committed:
        wrong.append(f"{host}: rolled back, and its list of commits does not contain that of the run")
    if state != "confirmed" and not outcome.failed:
        wrong.append(f"{host}: {state}, and failed is not set")
    if state == "unknown" and "rolls back automatically" not in outcome.message:
        wrong.append(f"{host}: unknown, and the message does not name the automatic rollback: {outcome.message}")
    if host == case.host and "commits" in case.fault and later.configuration == ours:
        wrong.append(f"{host}: the other user's commit is lost")
    return wrong


def _without_foreign(configuration: str) -> str:
    """Return a configuration without the statement that a fault commits for another user."""
    return configuration.replace(_FOREIGN, "")
