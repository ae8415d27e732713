# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The causes of a run in the lines of a terminal, and in the rows of a result."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._report.content import Facts, report
from ansible_collections.hubspoke.srx.plugins.module_utils._report.failures import failures, rows, short_rows
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.test__report_causes import (
    NAMES,
    PLAN,
    outcomes_of,
)


def cause(**more: t.Any) -> dict[str, t.Any]:
    return {
        "host": "ams-core",
        "peer": "tampere",
        "tunnel": "tampere-vpn",
        "check": "ike",
        "object": "tampere-vpn",
        "state": "failed",
        "expected": "UP",
        "actual": "DOWN: no response from peer (2 times)",
        "remedy": ["enter artifacts/latest/tampere.screenos", "compare keys", "troubleshoot -l tampere"],
        "follows": {"ipsec": 2, "next_hop_tunnels": 1, "pings": 80},
        "hosts": ["ams-core", "lyon", "porto", "gdansk"],
        **more,
    }


CONTENT = {"hosts": [{"host": "tampere", "wan": "203.0.113.18"}]}


def test_the_block_of_a_tunnel() -> None:
    assert failures({**CONTENT, "causes": [cause()]}) == (
        "FAILED   tampere-vpn  ams-core -> tampere 203.0.113.18\n"
        "         IKE      expected UP, actual DOWN: no response from peer (2 times)\n"
        "         follows  2 IPsec, 1 next-hop tunnel, 80 pings\n"
        "         hosts    4: ams-core, lyon, porto and 1 more\n"
        "         fix      1 enter artifacts/latest/tampere.screenos  2 compare keys  3 troubleshoot -l tampere"
    )


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        (
            {"state": "unknown", "actual": "refused: no permission", "follows": {}, "hosts": [], "remedy": ["Ask."]},
            ["UNKNOWN  tampere-vpn  ams-core -> tampere 203.0.113.18",
             "         IKE      expected UP, actual refused: no permission",
             "         fix      Ask."],
        ),
        (
            {"peer": "", "tunnel": "", "check": "check", "object": "commit check", "expected": "to succeed",
             "actual": "mtu 9999: invalid value", "follows": {}, "remedy": ["Correct it."], "hosts": ["ams-core"]},
            ["FAILED   ams-core",
             "         check    commit check: expected to succeed, actual mtu 9999: invalid value",
             "         fix      Correct it."],
        ),
        (
            {"host": "", "peer": "", "tunnel": "", "check": "run", "object": "", "expected": "", "follows": {},
             "actual": "the run was interrupted", "remedy": []},
            ["FAILED   the run",
             "         run      the run was interrupted",
             "         hosts    4: ams-core, lyon, porto and 1 more"],
        ),
        (
            {"peer": "", "tunnel": "", "check": "roll_back", "object": "", "expected": "", "follows": {"roll_back": 2},
             "actual": "word " * 60, "remedy": [], "hosts": []},
            ["FAILED   ams-core",
             "         rollback" + " word" * 20,
             " " * 17 + " word" * 19 + " ...",
             "         follows  2 rollback"],
        ),
    ],
)  # fmt: skip
def test_other_blocks(more: dict[str, t.Any], lines: list[str]) -> None:
    assert failures({**CONTENT, "causes": [cause(**more)]}).splitlines() == lines


def test_many_causes_are_a_few_blocks_and_the_names_of_the_others() -> None:
    causes = [cause(tunnel=f"site-number-{number}-vpn") for number in range(40)]
    lines = failures({**CONTENT, "causes": causes}).splitlines()
    assert sum(line.startswith("FAILED") for line in lines) == 5
    assert lines[-2].startswith("MORE     35 causes: site-number-5-vpn, site-number-6-vpn")
    assert lines[-1].endswith(" and 25 more")
    assert len(lines) < 35
    assert max(map(len, lines)) <= 120


def test_a_run_without_a_cause_has_no_block() -> None:
    assert failures({**CONTENT, "causes": []}) == ""
    assert failures({"hosts": []}) == ""


def test_rows_are_short_and_say_what_was_found() -> None:
    assert rows([cause()]) == ["tampere-vpn: IKE DOWN"]
    many = rows([cause(tunnel=f"s{number}-vpn", actual="y" * 200) for number in range(9)])
    assert (len(many), many[-1]) == (6, "and 4 more")
    assert max(map(len, many)) == 120
    assert rows([cause(actual="\x9b31mDOWN")]) == ["tampere-vpn: IKE ?31mDOWN"]


def test_only_the_host_of_a_cause_has_it_in_its_result() -> None:
    found = ["hub1 ike oslo failed", "oslo ike hub1 failed", "lima pings oslo failed"]
    content = report(PLAN, "run-1", "verify", outcomes_of({"found": found}), {})
    told = {host["host"]: short_rows(content, host) for host in content["hosts"] if host["cause"] is not None}
    assert told == {"hub1": ["oslo-vpn: IKE oslo is down"], "oslo": [], "lima": []}
    messages = {host["host"]: host["message"] for host in content["hosts"]}
    assert messages["lima"] == "not verified with the fleet (hub1: oslo-vpn)"


def test_the_fix_of_a_tunnel_to_an_operator_names_the_file_to_enter() -> None:
    found = ["hub1 ike oslo failed", "hub1 ipsec lima failed", "hub1 leak - failed"]
    hub, *spokes = PLAN.devices
    by_operator = [spoke if spoke.host != "oslo" else _screenos(spoke) for spoke in spokes]
    plan = type(PLAN)((hub, *by_operator), confirm_minutes=10)
    facts = Facts(files={"oslo": "oslo.screenos", "lima": "lima.diff"})
    content = report(plan, "run-1", "verify", outcomes_of({"found": found}), {}, facts=facts)
    assert [cause["remedy"] for cause in content["causes"]] == [
        [
            "enter artifacts/latest/oslo.screenos on oslo",
            "compare the pre-shared keys and the IKE parameters of hub1 and oslo",
            "ansible-playbook hubspoke.srx.troubleshoot -l oslo",
        ],
        ["Fix it.", "ansible-playbook hubspoke.srx.troubleshoot -l lima"],
        ["Fix it."],
    ]


def test_40_hosts_with_one_cause_are_few_lines() -> None:
    found = ["hub1 ike oslo failed", *(f"{host} pings oslo failed" for host in NAMES[1:])]
    content = report(PLAN, "run-1", "verify", outcomes_of({"found": found}), {})
    lines = failures(content).splitlines()
    assert len(lines) <= 6
    assert max(map(len, lines)) <= 120


def _screenos(spoke: t.Any) -> t.Any:
    return type(spoke)(
        **{**vars(spoke), "site": type(spoke.site)(**{**vars(spoke.site), "profile": shipped()["screenos"]})}
    )


def test_no_step_of_a_fix_is_cut() -> None:
    command = "ansible-playbook hubspoke.srx.troubleshoot -l a-spoke-with-a-name-of-some-length"
    remedy = "Look why the route is not in effect: 'show route 10.1.0.0/16 hidden extensive'."
    lines = failures({**CONTENT, "causes": [cause(remedy=[remedy, command], hosts=[])]}).splitlines()
    assert lines[-2:] == [f"         fix      1 {remedy[:-1]}", f"                  2 {command}"]
    many = failures({**CONTENT, "causes": [cause(remedy=[remedy * 3, command], hosts=[])]}).splitlines()
    assert many[-1].endswith(f"2 {command}")
    lines += many
    assert max(map(len, lines)) <= 120


def test_a_refused_commit_check_has_a_remedy() -> None:
    refused = {"host": "hub1", "failed": True, "reason": "rejected", "stage": "check", "state": "unchanged"}
    outcomes = [{**refused, "message": "hub1: commit check: expected to succeed, actual: mtu: bad."}]
    content = report(PLAN, "run-1", "apply", outcomes, {})
    assert content["causes"][0]["remedy"][-1] == "run again with --check"
    assert content["hosts"][0]["remedy"] == (
        "read the device's own message; correct the inventory or the statement that it names; run again with --check"
    )


BASTION = "expected to carry the connection, actual: SSH: expected an answer, actual connection refused"


def away(message: str, stage: str = "reach") -> dict[str, t.Any]:
    host = message.split()[0].rstrip(":")
    reason = {"failed": True, "unreachable": stage == "reach", "reason": "unreachable", "state": "unchanged"}
    return {"host": host, "stage": stage, "message": message, **reason}


@pytest.mark.parametrize(
    "words",
    [
        (f"hub1 (192.0.2.1 port 830): bastion b1 (user ops, port 22): {BASTION}. Try it.",
         f"oslo (192.0.2.5 port 830): bastion b1 (user ops, port 22): {BASTION}. Try it."),
        ("hub1: commit confirmed: expected none pending, actual one by ops at 2026-11-27 01:00:25 UTC. Confirm it.",
         "oslo: commit confirmed: expected none pending, actual one by ops at 2026-11-27 01:00:29 UTC. Confirm it."),
    ],
    ids=("bastion", "pending"),
)  # fmt: skip
def test_what_stops_all_devices_alike_is_one_cause(words: tuple[str, str]) -> None:
    content = report(PLAN, "run-1", "apply", [away(one) for one in words], {})
    assert [one["hosts"] for one in content["causes"]] == [["hub1", "oslo"]]


def test_a_bastion_is_told_without_the_device_behind_it() -> None:
    message = f"hub1 (192.0.2.1 port 830): bastion b1 (user ops, port 22): {BASTION}. Try it."
    content = report(PLAN, "run-1", "apply", [away(message)], {})
    assert content["causes"][0]["object"] == "bastion b1 (user ops, port 22)"
    assert short_rows(content, content["hosts"][0]) == [
        "hub1: reach SSH: expected an answer, actual connection refused"
    ]


def test_a_lost_reply_has_a_remedy() -> None:
    message = "hub1: commit-configuration: expected a reply, actual none (connection lost)."
    content = report(PLAN, "run-1", "apply", [{**away(message, "commit"), "reason": "lost"}], {})
    assert content["hosts"][0]["remedy"] == "see whether the device has restarted, and what its log says; run again"
