# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a run in its three forms, and its conclusion."""

from __future__ import annotations

import json
import re
import typing as t
import xml.etree.ElementTree as ET
from dataclasses import asdict, replace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, Observation
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._report.conclusion import conclude, with_state
from ansible_collections.hubspoke.srx.plugins.module_utils._report.content import FORMAT, Facts, report
from ansible_collections.hubspoke.srx.plugins.module_utils._report.junit import junit
from ansible_collections.hubspoke.srx.plugins.module_utils._report.plan_table import plan_table, while_down
from ansible_collections.hubspoke.srx.plugins.module_utils._report.table import table
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import findings
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.sample_fleet import (
    FLEET,
    HUB,
    HUB_ANSWERS,
    OSLO,
    OSLO_ANSWERS,
)

LIMA_UNTOUCHED = {"lima": {"host": "lima", "state": "skipped", "message": "not touched: its operator applies a file"}}


def outcome(
    plan: DevicePlan, answers: Observation | None, state: str, message: str = "", **more: t.Any
) -> dict[str, t.Any]:
    found = findings(plan, answers) if answers else []
    return {
        "host": plan.host,
        "state": state,
        "failed": more.pop("failed", False),
        "message": message,
        "diff": "",
        "warnings": [],
        "findings": [asdict(finding) for finding in found],
        **more,
    }


def good() -> dict[str, t.Any]:
    return report(
        FLEET,
        "run-1",
        "apply",
        [
            outcome(OSLO, OSLO_ANSWERS, "confirmed", "verified and confirmed", unreachable=False),
            outcome(HUB, HUB_ANSWERS, "confirmed", "verified and confirmed", diff="+ a line", warnings=["careful"]),
        ],
        LIMA_UNTOUCHED,
    )


def bad() -> dict[str, t.Any]:
    broken = replace(HUB_ANSWERS, ike=Answer("ok"), routes=Answer("refused", reason="no\x1b[31m routing"))
    return report(
        FLEET,
        "run-2",
        "apply",
        [
            outcome(HUB, broken, "rolled_back", "rolled back, as before: hub1", failed=True),
            outcome(
                OSLO, OSLO_ANSWERS, "rolled_back", "rolled back, as before: hub1", failed=True, because_of=["hub1"]
            ),
        ],
        {},
    )


def test_structure() -> None:
    content = good()
    assert list(content) == [
        "format", "run", "command", "mode", "ticket", "digest", "started", "ended", "seconds", "releases", "verdict",
        "decision", "counts", "stages", "causes", "tunnels", "hosts",
    ]  # fmt: skip
    assert content["format"] == FORMAT == 2
    assert [host["host"] for host in content["hosts"]] == ["hub1", "oslo", "lima"]
    assert list(content["hosts"][0]) == [
        "host", "role", "platform", "site", "wan", "release", "state", "failed", "unreachable", "reason", "message",
        "detail", "remedy", "cause", "seconds", "added", "removed", "diff", "file", "warnings", "findings",
    ]  # fmt: skip
    assert content["hosts"][0]["diff"] == "+ a line"
    assert (content["hosts"][0]["added"], content["hosts"][0]["removed"]) == (1, 0)
    assert content["hosts"][0]["warnings"] == ["careful"]
    assert content["verdict"] == "ok"
    assert content["counts"]["hosts"]["confirmed"] == 2
    assert content["counts"]["hosts"]["skipped"] == 1
    assert content["counts"]["findings"] == {"ok": 13, "failed": 0, "unknown": 0, "skipped": 0}
    assert content["counts"]["tunnels"] == {"up": 2, "down": 0, "unknown": 0, "not_checked": 0}
    assert content["decision"] == (
        "Verified and confirmed. Hosts: 2 confirmed, 1 skipped; 13 of 13 checks ok, 0 failed, 0 unknown."
    )
    assert json.loads(json.dumps(content)) == content


def test_the_facts_of_a_run_are_those_of_its_report() -> None:
    stage = {"name": "reach", "round": 1, "started": "", "seconds": 2.0, "done": 2, "devices": 2}
    facts = Facts(
        command="transaction",
        ticket="CHG1",
        started="2026-11-26T13:00:00Z",
        releases={"python": "3.10.1"},
        stages=[{**stage, "by_host": {"hub1": 0.5, "oslo": 2}}, {**stage, "name": "check", "by_host": {"hub1": 1.25}}],
        files={"lima": "lima.screenos"},
    )
    content = report(FLEET, "run-7", "apply", [outcome(HUB, HUB_ANSWERS, "confirmed")], LIMA_UNTOUCHED, facts=facts)
    assert (content["command"], content["ticket"], content["started"]) == (
        "transaction",
        "CHG1",
        "2026-11-26T13:00:00Z",
    )
    assert content["releases"] == {"python": "3.10.1"}
    assert [stage["name"] for stage in content["stages"]] == ["reach", "check"]
    hub, lima = content["hosts"]
    assert (hub["seconds"], lima["seconds"]) == (1.75, 0.0)
    assert (hub["role"], hub["platform"], hub["wan"], hub["file"]) == ("hub", "junos", "192.0.2.2", "")
    assert (lima["role"], lima["platform"], lima["file"]) == ("spoke", "screenos", "lima.screenos")


def test_tunnels() -> None:
    first, second = good()["tunnels"]
    assert first == {
        "host": "hub1",
        "peer": "oslo",
        "vpn": "oslo-vpn",
        "binding": "auto",
        "state": "up",
        "cause": None,
        "ike": {"state": "ok", "text": "UP"},
        "ipsec": {"state": "ok", "text": "up"},
        "next_hop_tunnels": {"state": "ok", "text": "10.1.255.2 Auto"},
        "routes": {"state": "ok", "text": "active"},
        "spoke": {
            "ike": {"state": "ok", "text": "UP"},
            "ipsec": {"state": "ok", "text": "up"},
            "next_hop_tunnels": {"state": "ok", "text": "none needed"},
            "routes": {"state": "ok", "text": "2 active"},
        },
    }
    assert (second["vpn"], second["binding"], second["state"], second["spoke"]) == ("lima-vpn", "static", "up", None)


def test_a_tunnel_that_nobody_looked_at_is_not_checked() -> None:
    content = report(FLEET, "run-8", "check", [outcome(HUB, None, "would_change")], {})
    assert [row["state"] for row in content["tunnels"]] == ["not_checked", "not_checked"]
    assert content["counts"]["tunnels"] == {"up": 0, "down": 0, "unknown": 0, "not_checked": 2}


DECISION = "Verified and confirmed. Hosts: 2 confirmed, 1 skipped; 13 of 13 checks ok, 0 failed, 0 unknown."


def test_a_good_run_says_little() -> None:
    assert table(good()) == f"lima: not touched: its operator applies a file\n\n{DECISION}"


def test_table_of_a_good_run() -> None:
    assert table(good(), verbose=True) == (
        "VPN       Spoke  Binding  State  IKE  IPsec  Next-hop tunnel    Routes\n"
        "--------  -----  -------  -----  ---  -----  -----------------  ------\n"
        "oslo-vpn  oslo   auto     up     UP   up     10.1.255.2 Auto    active\n"
        "lima-vpn  lima   static   up     UP   up     10.1.255.3 Static  active\n"
        "\n"
        "hub1: verified and confirmed\n"
        "oslo: verified and confirmed\n"
        "lima: not touched: its operator applies a file\n"
        "\n"
        f"{DECISION}"
    )


def test_table_of_a_bad_run() -> None:
    lines = table(bad()).splitlines()
    assert "oslo-vpn  oslo   auto     down   none !  up     10.1.255.2 Auto    unknown ?" in lines
    assert sum(line.startswith(("FAILED   ", "UNKNOWN  ")) for line in lines) == 3
    assert max(map(len, lines)) <= 120
    assert lines[-1] == ("Not verified and rolled back. Hosts: 2 rolled back; 9 of 13 checks ok, 2 failed, 2 unknown.")


def test_a_host_whose_cause_lies_elsewhere_says_so_in_one_line() -> None:
    hub, oslo = bad()["hosts"]
    assert (oslo["message"], oslo["remedy"], oslo["cause"]) == ("rolled back, as before: hub1", "See hub1.", 1)
    assert bad()["causes"][1]["peer"] == "oslo"
    assert "troubleshoot" in hub["remedy"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "changed",
            "not touched: lima.screenos has changed: its operator enters it; the hub's tunnel to it is verified",
        ),
        ("as before", "not touched: lima.screenos is as before; the hub's tunnel to it is verified"),
    ],
)
def test_a_device_of_an_operator_says_whether_its_text_has_changed(text: str, words: str) -> None:
    facts = Facts(files={"lima": "lima.screenos"}, texts={"lima": text})
    content = report(FLEET, "run-9", "verify", [outcome(HUB, HUB_ANSWERS, "unchanged")], LIMA_UNTOUCHED, facts=facts)
    assert content["hosts"][1]["message"] == words


def test_a_recovery_asks_no_operator_to_enter_a_text() -> None:
    facts = Facts(files={"lima": "lima.screenos"}, texts={"lima": "changed"})
    content = report(FLEET, "run-9", "recover", [outcome(HUB, None, "unchanged")], LIMA_UNTOUCHED, facts=facts)
    assert content["hosts"][1]["message"] == LIMA_UNTOUCHED["lima"]["message"]


def test_table_without_tunnels() -> None:
    assert table(report(FLEET, "run-3", "check", [], {})) == "Nothing was changed. Hosts: none."


def test_plan_table() -> None:
    assert plan_table(FLEET) == (
        "Host  Role   Platform  WAN           Tunnel               LANs\n"
        "----  -----  --------  ------------  -------------------  -----------\n"
        "hub1  hub    junos     192.0.2.2     st0.0 10.1.255.1/24  10.1.1.0/24\n"
        "oslo  spoke  junos     198.51.100.2  st0.0 10.1.255.2/24  10.1.2.0/24\n"
        "lima  spoke  screenos  203.0.113.2   st0.0 10.1.255.3/24  10.1.3.0/24\n"
        "\n"
        "VPN       Spoke  Gateway    Peer          Next hop    Binding\n"
        "--------  -----  ---------  ------------  ----------  -------\n"
        "oslo-vpn  oslo   oslo-gate  198.51.100.2  10.1.255.2  Auto\n"
        "lima-vpn  lima   lima-gate  203.0.113.2   10.1.255.3  Static"
    )


@pytest.mark.parametrize(
    ("closed_by", "sentence"),
    [
        ("routes", "While a tunnel is down, routes reject its packets: oslo."),
        ("nothing", "While a tunnel is down, packets for it may leave in clear (nhtb_fail_closed: false): oslo."),
    ],
)
def test_the_plan_says_what_happens_while_a_tunnel_is_down(closed_by: t.Any, sentence: str) -> None:
    hub, oslo, lima = FLEET.devices
    fleet = replace(FLEET, devices=(hub, replace(oslo, closed_by=closed_by), lima))
    assert list(while_down(FLEET)) == []
    assert list(while_down(fleet)) == [sentence]
    (many,) = while_down(replace(FLEET, devices=(hub, *[replace(oslo, closed_by=closed_by)] * 40)))
    assert re.search(r"oslo, oslo and \d+ more\.$", many)
    assert len(many) <= 120


@pytest.mark.parametrize(
    ("mode", "state", "failed", "answers", "verdict", "decision"),
    [
        ("check", "would_change", False, None, "ok", "Nothing was changed. Hosts: 1 would change."),
        ("check", "unchanged", True, None, "failed", "Not ready: hub1. Hosts: 1 unchanged."),
        ("apply", "unchanged", True, None, "failed", "Stopped before any commit: hub1. Hosts: 1 unchanged."),
        ("apply", "unchanged", False, HUB_ANSWERS, "ok", "Verified. Hosts: 1 unchanged; 8 of 8"),
        ("apply", "unknown", True, HUB_ANSWERS, "unknown", "Not settled on hub1: check 'show system commit' there."),
        ("apply", "pending", True, HUB_ANSWERS, "unknown", "Not settled on hub1: check 'show system commit' there."),
        ("verify", "unchanged", False, HUB_ANSWERS, "ok", "Verified. Hosts: 1 unchanged; 8 of 8"),
        ("verify", "unchanged", True, Observation("hub1"), "failed", "Not verified: hub1. Hosts: 1 unchanged; 0 of 8"),
        ("verify", "skipped", False, None, "unknown", "Nothing verified: no device took part. Hosts: 1 skipped."),
        ("verify", "unchanged", False, None, "unknown", "Nothing verified: no check had a result. Hosts: 1 unchanged."),
        ("apply", "skipped", False, None, "unknown", "Nothing verified: no device took part. Hosts: 1 skipped."),
        ("apply", "unchanged", False, Observation("hub1"), "unknown", "Not verified. Hosts: 1 unchanged; 0 of 8"),
        ("apply", "rolled_back", True, None, "failed", "Not confirmed and rolled back. Hosts: 1 rolled back."),
        ("apply", "rolled_back", True, HUB_ANSWERS, "failed", "Not confirmed and rolled back. Hosts: 1 rolled back; 8"),
        ("recover", "rolled_back", False, None, "ok", "Settled. Hosts: 1 rolled back."),
        ("recover", "skipped", False, None, "unknown", "Nothing settled: no device took part. Hosts: 1 skipped."),
        ("recover", "unchanged", True, None, "failed", "Not settled: hub1. Hosts: 1 unchanged."),
    ],
)
def test_decision(
    mode: str, state: str, failed: bool, answers: Observation | None, verdict: str, decision: str
) -> None:
    outcomes = [outcome(HUB, answers, state, failed=failed)]
    content = report(FLEET, "run-4", mode, outcomes, {})
    assert content["verdict"] == verdict
    assert content["decision"].startswith(decision)
    assert conclude(mode, outcomes) == (verdict, content["decision"])


def test_skipped_checks_verify_nothing() -> None:
    found = [Finding("hub1", "pings", "10.1.2.0/24", "skipped", "answers", "not checked")]
    conclusion = conclude("verify", [{**outcome(HUB, None, "unchanged"), "findings": [asdict(one) for one in found]}])
    assert conclusion == ("unknown", "Nothing verified: no check had a result. Hosts: 1 unchanged.")


@pytest.mark.parametrize(
    ("state", "removed", "expected"),
    [
        ("confirmed", {"hub1", "oslo"}, ("ok", "Removed and confirmed. Hosts: 2 confirmed.")),
        ("unchanged", {"hub1", "oslo"}, ("ok", "Removed. Hosts: 2 unchanged.")),
        ("confirmed", {"oslo"}, ("unknown", "Nothing verified: no check had a result. Hosts: 2 confirmed.")),
    ],
)
def test_a_removed_device_has_nothing_to_verify(state: str, removed: set[str], expected: tuple[str, str]) -> None:
    outcomes = [outcome(HUB, None, state), outcome(OSLO, None, state)]
    assert conclude("apply", outcomes, removed) == expected
    assert report(FLEET, "run-5", "apply", outcomes, LIMA_UNTOUCHED, removed=removed)["verdict"] == expected[0]


def test_what_is_confirmed_is_said_where_something_has_failed() -> None:
    excluded = outcome(OSLO, OSLO_ANSWERS, "rolled_back", failed=True)
    conclusion = conclude("apply", [outcome(HUB, HUB_ANSWERS, "confirmed"), excluded])
    assert conclusion.verdict == "failed"
    assert conclusion.sentence.startswith("Confirmed except on oslo. Hosts: 1 confirmed, 1 rolled back; 13 of 13")
    broken = outcome(HUB, replace(HUB_ANSWERS, ike=Answer("ok")), "confirmed")
    conclusion = conclude("apply", [broken])
    assert conclusion.verdict == "failed"
    assert conclusion.sentence.startswith("Confirmed, but not verified everywhere. Hosts: 1 confirmed; 6 of 8")


def test_each_outcome_is_counted_once_by_its_state() -> None:
    states = ["confirmed", "unchanged", "would_change", "rolled_back", "pending", "unknown", "skipped", "skipped"]
    failed = ("rolled_back", "pending", "unknown")
    outcomes = [
        {"host": f"host{number}", "state": state, "failed": state in failed} for number, state in enumerate(states)
    ]
    counts = report(FLEET, "run-6", "apply", outcomes, {})["counts"]["hosts"]
    assert counts.pop("failed") == len(failed)
    assert counts == {**dict.fromkeys(states, 1), "skipped": 2}


def test_junit() -> None:
    suites = ET.fromstring(junit(bad()))
    run, hub, oslo = suites.findall("testsuite")
    assert (run.get("name"), run.get("failures")) == ("run", "1")
    assert (hub.get("name"), hub.get("tests"), hub.get("failures"), hub.get("errors")) == ("hub1", "9", "3", "2")
    assert (oslo.get("tests"), oslo.get("failures"), oslo.get("errors")) == ("6", "1", "0")
    failure = hub.find("testcase[@classname='hub1.ike'][@name='oslo-vpn']/failure")
    assert failure is not None
    assert (failure.get("message") or "").startswith("expected UP with 198.51.100.2")
    assert (failure.text or "").startswith("Compare pre-shared key")
    error = hub.find("testcase[@classname='hub1.routes']/error")
    assert error is not None
    assert error.get("message") == "expected active through st0.0 to 10.1.255.2, actual refused: no?[31m routing"


def test_junit_of_an_untouched_host() -> None:
    lima = ET.fromstring(junit(good())).findall("testsuite")[3]
    assert (lima.get("name"), lima.get("tests"), lima.get("skipped")) == ("lima", "1", "1")


def test_the_sentence_names_the_culprits_and_counts_the_others() -> None:
    outcomes = [
        outcome(
            HUB, None, "unchanged", "unchanged with the fleet (oslo: commit check)", failed=True, because_of=["oslo"]
        ),
        outcome(OSLO, None, "unchanged", "oslo: commit check: expected to succeed", failed=True, reason="rejected"),
    ]
    content = report(FLEET, "run-10", "apply", outcomes, {})
    assert content["decision"] == "Stopped before any commit: oslo, with 1 other. Hosts: 2 unchanged."
    many = [{"host": f"s{number}", "state": "unchanged", "failed": True} for number in range(9)]
    assert conclude("verify", many).sentence.startswith("Not verified: s0, s1, s2 and 6 more. ")
    assert conclude("verify", many, culprits={"s7"}).sentence.startswith("Not verified: s7, with 8 others. ")


def test_an_excluded_host_that_no_run_contacts_is_told_with_its_cause() -> None:
    broken = replace(HUB_ANSWERS, ike=Answer("ok"))
    lima = {
        "lima": {
            **outcome(HUB, None, "skipped", "excluded: hub1: ike", failed=True, because_of=["hub1"]),
            "host": "lima",
        }
    }
    facts = Facts(files={"lima": "lima.screenos"}, texts={"lima": "new"})
    content = report(FLEET, "run-9", "apply", [outcome(HUB, broken, "confirmed")], lima, facts=facts)
    host = content["hosts"][-1]
    assert (host["message"], host["failed"], content["counts"]["hosts"]["failed"]) == ("excluded: hub1: ike", True, 1)
    assert content["causes"][host["cause"]]["peer"] == "lima"
    assert "\nlima: " not in table(content)
    assert content["decision"].startswith("Confirmed except on lima. ")


def test_a_state_is_told_once() -> None:
    assert with_state("rolled_back", "rolled back with the fleet") == "rolled back with the fleet"
    assert with_state("rolled_back", "hub1: ike oslo DOWN") == "rolled back: hub1: ike oslo DOWN"


def test_a_comparison_names_the_hosts_that_are_not_in_sync() -> None:
    def compared(host: str, state: str, message: str) -> dict[str, t.Any]:
        return {"host": host, "state": state, "message": message}

    same = [compared(f"s{number}", "in_sync", "as planned") for number in range(40)]
    beyond = compared("lima", "skipped", "not touched: outside --limit")
    away = compared("oslo", "unknown", "not known: 1 not compared")
    fine = report(FLEET, "run-11", "drift", [*same, beyond], {})
    assert table(fine) == "In sync. Hosts: 40 in sync, 1 skipped."
    assert len(table(fine, verbose=True).splitlines()) == 43
    assert table(report(FLEET, "run-11", "drift", [*same, away], {})).splitlines()[0] == f"oslo: {away['message']}"
