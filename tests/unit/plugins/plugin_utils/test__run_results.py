# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of a run for its later tasks: the place of a report that is there, and a run without a device."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible import constants
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._run_results import hand_over, stored_fleet

RUN = "20260304T050607-a1b2c3"


@pytest.mark.parametrize("is_there", [True, False])
def test_a_format_that_fails_does_not_hide_the_report(
    is_there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    report = tmp_path / "report.json"

    def write() -> None:
        if is_there:
            report.write_text("{}", encoding="utf-8")
        raise HubspokeError("controller: report.html: expected to be made, actual not.")

    stored, problem = hand_over(RUN, {}, {"path": str(report), "decision": "Verified."}, write, str)
    assert stored
    assert problem == "controller: report.html: expected to be made, actual not."
    assert stored_fleet(RUN)["path"] == (str(report) if is_there else "")
    assert stored_fleet(RUN)["problem"] == problem


@pytest.mark.parametrize(
    ("states", "failed", "reasons", "expected"),
    [
        # Only third-party spokes are within the limit.
        (["skipped", "skipped"], False, [], "Nothing compared."),
        (["skipped"], False, ["hub1: tunnel: expected up, actual down."], "hub1: tunnel: expected up, actual down."),
        (["skipped", "unchanged"], False, [], ""),
        (["skipped"], True, [], ""),
        ([], False, [], ""),
    ],
)
def test_a_run_in_which_no_device_took_part_fails(
    states: list[str], failed: bool, reasons: list[str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    hosts: dict[str, t.Any] = {f"host{index}": {"state": one, "failed": failed} for index, one in enumerate(states)}
    summary: dict[str, t.Any] = {"path": "", "decision": "Nothing compared."}
    assert hand_over(RUN, hosts, summary, dict, str, reasons) == (True, expected)
    assert stored_fleet(RUN)["problem"] == expected
