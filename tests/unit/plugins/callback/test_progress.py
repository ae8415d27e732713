# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of the callback plugin for a failure."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.callback.progress import CallbackModule

REMEDY = f"Compare the keys.{' Then run it again.' * 8}"


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def callback(lines: list[str]) -> CallbackModule:
    made = CallbackModule()
    made._display = SimpleNamespace(display=lambda text, color: lines.append(text), verbosity=0)
    return made


def failed(host: str, action: str = "hubspoke.srx.outcome", **data: t.Any) -> t.Any:
    task = SimpleNamespace(action=action, get_name=lambda: "Ask")
    return SimpleNamespace(result={"msg": "no", **data}, task=task, host=SimpleNamespace(get_name=lambda: host))


def test_a_failure_of_ours_has_its_remedy_once_in_a_task(callback: CallbackModule, lines: list[str]) -> None:
    for host in ("oslo", "lima"):
        callback.v2_runner_on_failed(failed(host, remedy=REMEDY))
    first, fix, more, second = lines
    assert (first, second) == ("  fatal: [oslo]  no", "  fatal: [lima]  no")
    assert fix.startswith("    fix  Compare the keys. Then")
    assert more.startswith("         ")
    assert max(len(fix), len(more)) <= 120
    callback.v2_playbook_on_task_start(None, is_conditional=False)
    callback.v2_runner_on_unreachable(failed("riga", remedy="Look."))
    assert lines[4:] == ["  unreachable: [riga]  no", "    fix  Look."]


def test_other_failures_have_no_remedy(callback: CallbackModule, lines: list[str]) -> None:
    callback.v2_runner_on_failed(failed("oslo", action="ansible.builtin.fail", remedy=REMEDY))
    callback.v2_runner_on_failed(failed("lima"))
    assert lines == ["  fatal: [oslo]  Ask: no", "  fatal: [lima]  no"]


def test_a_failure_without_a_report_is_told_in_whole(callback: CallbackModule, lines: list[str]) -> None:
    words = (
        "b1: nhtb_ike.mode = aggressive: aggressive mode cannot negotiate the group, and the proposals have several."
    )
    callback.v2_runner_on_failed(failed("hq", msg=words))
    assert " ".join(" ".join(lines).split()) == f"fatal: [hq] {words}"
    assert max(map(len, lines)) <= 120
    callback.v2_runner_on_failed(failed("lima", msg=words, causes=["oslo-vpn: IKE DOWN"]))
    assert lines[2:] == [f"  fatal: [lima]  {words}"[:117] + "..."]


def test_what_the_report_tells_is_not_told_again(callback: CallbackModule, lines: list[str]) -> None:
    callback.v2_runner_on_failed(failed("hub1", remedy=REMEDY, causes=["oslo-vpn: IKE DOWN"]))
    callback.v2_runner_on_failed(failed("lima", remedy="See hub1."))
    callback.v2_runner_on_failed(failed("riga", remedy="See hub1. The device rolls back automatically."))
    assert lines[-1] == "    fix  See hub1. The device rolls back automatically."
    assert len(lines) == 4
