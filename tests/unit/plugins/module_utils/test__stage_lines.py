# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of a run: one table of moments and lines, and that no line is too long whatever is in it."""

from __future__ import annotations

import re
import time
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.progress import Moment, Size
from ansible_collections.hubspoke.srx.plugins.module_utils._report.columns import WIDTH
from ansible_collections.hubspoke.srx.plugins.module_utils._report.drift_lines import drift_lines
from ansible_collections.hubspoke.srx.plugins.module_utils._report.stage_lines import (
    plan_line,
    recap_lines,
    stage_line,
)
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.sample_fleet import FLEET

DOWN = Finding(
    host="hub1",
    check="ike",
    object="oslo-vpn",
    state="failed",
    expected="UP",
    actual="DOWN: no response from peer",
    tunnel="oslo-vpn",
    peer="oslo",
)
ROUTE = Finding("hub1", "leak", "10.9.0.0/16", "failed", "a route", "none.")
AT = time.mktime((2026, 11, 26, 3, 37, 12, 0, 0, -1))
FEW = (Size("ams-core", 210, 0), Size("lyon", 138, 2), Size("porto", 0, 3))
MANY = tuple(Size(f"site{number:02}", 100 + number, number % 3) for number in range(40))
HOSTS = tuple(f"site{number:02}" for number in range(40))


def ended(stage: str, done: int = 0, total: int = 0, **facts: t.Any) -> Moment:
    return Moment(stage=stage, state="ended", done=done, total=total, **facts)


def waiting(stage: str, done: int = 0, total: int = 0, **facts: t.Any) -> Moment:
    return Moment(stage=stage, state="waiting", done=done, total=total, **facts)


LINES: list[tuple[Moment, str, str]] = [
    (Moment(stage="reach", state="begun", total=5), "Reach    0/5", "waiting"),
    (waiting("reach", 3, 5, busy=("lyon", "porto")), "Reach    3/5   waiting for lyon, porto", "waiting"),
    (ended("reach", 5, 5), "Reach    5/5", "ok"),
    (ended("reach", 4, 5, failed=("porto",)), "Reach    4/5   not reached: porto", "failed"),
    (ended("reach", 4, 5, failed=("lyon",), refused=("lyon",)), "Reach    4/5   not ready: lyon", "failed"),
    (
        ended("reach", 3, 5, failed=("lyon", "porto"), refused=("lyon",)),
        "Reach    3/5   not reached: porto; not ready: lyon",
        "failed",
    ),
    (
        waiting("check", 1, 2, busy=("lyon: locked by another user",)),
        "Check    1/2   waiting for lyon: locked by another user",
        "waiting",
    ),
    (ended("check", 3, 3, sizes=FEW), "Check    3/3   ams-core +210  lyon +138 -2  porto -3", "changed"),
    (
        ended("check", 3, 3, sizes=FEW[:1], names=("would change",)),
        "Check    3/3   would change: ams-core +210",
        "changed",
    ),
    (
        ended("check", 40, 40, sizes=MANY),
        "Check    40/40   site38 +138 -2  site39 +139  site37 +137 -1  site35 +135 -2  site36 +136  35 more +4095 -34",
        "changed",
    ),
    (ended("check", 3, 3), "Check    3/3   no change", "ok"),
    (ended("check", 2, 3, sizes=FEW, failed=("lyon",)), "Check    2/3   failed: lyon", "failed"),
    (
        ended("commit", 4, 4, rolls_back_at=AT),
        "Commit   4/4   automatic rollback at 03:37:12 unless confirmed",
        "changed",
    ),
    (waiting("settle", remaining=2.4), "Settle   2 s remaining", "waiting"),
    (
        waiting("verify", 3, 4, unit="tunnels", missing=(DOWN,), remaining=95.2),
        "Verify   3/4 tunnels   waiting for oslo-vpn: IKE DOWN, no response from peer; 95 s remaining",
        "waiting",
    ),
    (
        waiting("verify", 2, 4, unit="tunnels", missing=(DOWN, ROUTE), remaining=95),
        "Verify   2/4 tunnels   waiting for oslo-vpn: IKE DOWN, no response from peer and 1 more; 95 s remaining",
        "waiting",
    ),
    (
        waiting("verify", 3, 4, unit="tunnels", missing=(DOWN,), busy=("lyon",), names=("pings", "ike_algorithms")),
        "Verify   3/4 tunnels   checking pings, ike algorithms on lyon",
        "waiting",
    ),
    (ended("verify", 4, 4, unit="tunnels"), "Verify   4/4 tunnels", "ok"),
    (
        ended("verify", 3, 4, unit="tunnels", missing=(DOWN,), failed=("hub1",)),
        "Verify   3/4 tunnels   oslo-vpn: IKE DOWN",
        "failed",
    ),
    (
        ended("verify", 4, 4, unit="tunnels", missing=(ROUTE,), failed=("hub1",)),
        "Verify   4/4 tunnels   hub1: 10.9.0.0/16: leak none",
        "failed",
    ),
    (ended("verify", 3, 4, failed=("lyon",)), "Verify   3/4   failed: lyon", "failed"),
    (ended("confirm", 4, 4), "Confirm  4/4", "changed"),
    (ended("confirm", 3, 4, failed=("lyon",)), "Confirm  3/4   not confirmed: lyon", "failed"),
    (ended("roll_back", 4, 4), "Rollback 4/4   previous configuration restored", "changed"),
    (ended("roll_back", 3, 4, failed=("lyon",)), "Rollback 3/4   not rolled back: lyon", "failed"),
    (ended("exclude", 1, 4, names=("lyon",)), "Exclude  1/4   lyon", "failed"),
    (ended("round", 2, 3, names=("lyon", "porto")), "Round    2/3   lyon, porto", "ok"),
    (ended("find", 3, 3, names=("lyon", "porto")), "Find     3/3   2 pending commits: lyon, porto", "ok"),
    (ended("find", 3, 3), "Find     3/3   no pending commit", "ok"),
    (ended("trace_on", 3, 3), "Trace    3/3", "ok"),
    (ended("digest", names=("ab" * 32,)), f"Digest   {'ab' * 32}", "ok"),
]


@pytest.mark.parametrize(("moment", "text", "tone"), LINES, ids=[text[:30] for _moment, text, _tone in LINES])
def test_line(moment: Moment, text: str, tone: str) -> None:
    assert stage_line(moment) == (text, tone)


def test_the_differences_have_a_place_unless_it_is_too_long() -> None:
    moment = ended("check", 3, 3, sizes=FEW[:1])
    assert stage_line(moment, diffs="artifacts/latest/*.diff").text == (
        "Check    3/3   ams-core +210   artifacts/latest/*.diff"
    )
    assert stage_line(moment, diffs=f"/srv/{'long/' * 20}*.diff").text == "Check    3/3   ams-core +210"
    assert stage_line(ended("check", 3, 3), diffs="artifacts/latest/*.diff").text == "Check    3/3   no change"


@pytest.mark.parametrize("length", [1, 30, 200])
@pytest.mark.parametrize(
    "moment",
    [
        waiting("reach", 0, 40, busy=HOSTS, remaining=95),
        waiting("verify", 0, 40, unit="tunnels", missing=(DOWN, ROUTE), remaining=95),
        ended("reach", 0, 40, failed=HOSTS),
        waiting("verify", 0, 40, unit="tunnels", busy=HOSTS, names=HOSTS, remaining=95),
        ended("reach", 0, 40, failed=HOSTS, refused=HOSTS[20:]),
        ended("check", 40, 40, sizes=MANY),
        ended("round", 1, 2, names=HOSTS),
        ended("find", 40, 40, names=HOSTS),
        ended("verify", 0, 40, unit="tunnels", missing=(DOWN,)),
    ],
    ids=lambda moment: f"{moment.stage} {moment.state}",
)
def test_no_line_is_longer(moment: Moment, length: int) -> None:
    busy, failed, names = (
        tuple(f"{one}{'x' * length}" for one in some) for some in (moment.busy, moment.failed, moment.names)
    )
    sizes = tuple(one._replace(host=one.host + "x" * length) for one in moment.sizes)
    missing = tuple(replace(one, actual=one.actual + "x" * length, tunnel="x" * length) for one in moment.missing)
    longer = replace(moment, sizes=sizes, missing=missing, busy=busy, failed=failed, names=names)
    text = stage_line(longer, diffs="artifacts/latest/*.diff").text
    assert len(text) <= WIDTH
    assert "s remaining" in text or moment.remaining is None


def test_a_secret_is_masked_before_a_text_is_cut() -> None:
    secret = "s3cr3t" * 3
    finding = replace(DOWN, actual=f"{'x' * 66} {secret}")

    def hide(text: str) -> str:
        return text.replace(secret, "(masked)")

    text = stage_line(ended("verify", 3, 4, unit="tunnels", missing=(finding,)), hide).text
    assert "s3c" not in text
    busy = stage_line(waiting("reach", 0, 1, busy=(f"lyon: {'x' * 90} {secret}",)), hide).text
    assert "s3c" not in busy


def test_plan_line() -> None:
    assert plan_line(FLEET).text == "Plan     1 hub, 2 spokes (1 ScreenOS), 2 tunnels"
    assert plan_line(FLEET, 3).text == "Plan     1 hub, 2 spokes (1 ScreenOS), 2 tunnels, 3 rounds"


@pytest.mark.parametrize(
    ("counts", "lines"),
    [
        ({"changed": 1}, [("Recap    oslo: changed", "changed")]),
        ({"failures": 1, "changed": 2, "unreachable": 1}, [("Recap    oslo: unreachable, failed, changed", "failed")]),
        ({"ok": 2}, [("Recap    2 hosts: none changed, none failed", "ok")]),
    ],
)
def test_recap(counts: dict[str, int], lines: list[tuple[str, str]]) -> None:
    assert recap_lines({"oslo": counts, "lima": {"ok": 1}}) == lines
    assert recap_lines({}) == []


def test_a_recap_of_many_hosts_with_the_same_is_one_line() -> None:
    hosts = {f"branch{number:02}": {"failures": 1} for number in range(1, 40)}
    failed, changed = recap_lines({**hosts, "hub": {"changed": 1}})
    assert failed.text.startswith("Recap    39 hosts failed: branch01, branch02, ")
    assert failed.text.endswith(" more")
    assert len(failed.text) <= 120
    assert changed == ("Recap    hub: changed", "changed")


def drifted(lines: int, *findings: Finding) -> dict[str, t.Any]:
    diff = "".join(f"+ set system host-name h{number}\n" for number in range(lines))
    return {"host": "oslo", "message": "drifted", "diff": diff, "findings": [vars(one) for one in findings]}


def test_each_difference_of_a_drift_is_a_line_under_its_host() -> None:
    group = Finding("oslo", "configuration", "group hubspoke", "failed", "as planned", "2 statements differ")
    fine = {"host": "riga", "message": "as planned", "diff": "", "findings": []}
    assert drift_lines([drifted(2, group, ROUTE), fine], "drift.json") == [
        "oslo: drifted",
        "  + set system host-name h0",
        "  + set system host-name h1",
        "  ! 10.9.0.0/16: expected a route, actual none.",
    ]


def test_a_long_drift_says_where_the_rest_is() -> None:
    shown = drift_lines([drifted(30)], "drift.json")
    assert len(shown) == 21
    assert shown[-1] == "  and 11 more in drift.json"
    assert len(drift_lines([drifted(20)], "drift.json")) == 21
    assert len(drift_lines([drifted(30)], "drift.json", None)) == 31
    assert not any(re.search("more in", line) for line in drift_lines([drifted(30)], "drift.json", None))
