# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The root causes of a run, case by case from a table."""

from __future__ import annotations

import random
import typing as t
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, FleetPlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Lan
from ansible_collections.hubspoke.srx.plugins.module_utils._report.content import report
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.sample_fleet import HUB, OSLO, TO_OSLO

CASES = yaml.safe_load((Path(__file__).parents[2] / "fixtures" / "causes.yml").read_text(encoding="utf-8"))
NAMES = ("oslo", "lima", "rome", *(f"s{number}" for number in range(4, 41)))


def spoke(host: str, number: int) -> DevicePlan:
    lan = Lan("ge-0/0/0.0", f"10.1.{number}.1/24", f"10.1.{number}.0/24", "trust", f"{host}-net")
    return replace(OSLO, site=replace(OSLO.site, host=host, name=host, lans=(lan,)))


def network(hosts: t.Sequence[str]) -> FleetPlan:
    spokes = [spoke(host, number) for number, host in enumerate(hosts, start=2)]
    ends = [replace(TO_OSLO.peer, site=one.site) for one in spokes]
    tunnels = tuple(replace(TO_OSLO, peer=end, vpn=f"{end.site.host}-vpn") for end in ends)
    return FleetPlan((replace(HUB, tunnels=tunnels), *spokes), confirm_minutes=10)


PLAN = network(NAMES)
NETWORKS = {device.host: device.site.lans[0].network for device in PLAN.devices}


def finding(words: str) -> dict[str, str]:
    """Return the finding of a line of the table."""
    start, _equals, actual = words.partition(" = ")
    host, check, other, state = start.split()
    peer = "" if other == "-" else "hub1" if host != "hub1" else other
    has_network = check in ("pings", "routes")
    return {
        "host": host,
        "check": check,
        "object": "all" if not peer else NETWORKS[other] if has_network else f"{peer}-vpn",
        "state": state,
        "expected": f"{check} to {other}",
        "actual": actual or f"{other} is down",
        "remedy": "Fix it.",
        "tunnel": f"{peer}-vpn" if peer else "",
        "peer": peer,
        "brief": state,
    }


def outcomes_of(case: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    found = [finding(words) for words in case.get("found", ())]
    hosts = {one["host"] for one in found}
    hosts |= {host for part in ("errors", "because_of", "stopped_by") for host in case.get(part, {})}
    outcomes = []
    for host in sorted(hosts):
        error = case.get("errors", {}).get(host, "")
        own = [one for one in found if one["host"] == host]
        because_of, stopped_by = (case.get(part, {}).get(host) for part in ("because_of", "stopped_by"))
        away = error.startswith("unreachable ")
        outcomes.append(
            {
                "host": host,
                "state": "unchanged",
                "failed": bool(error or because_of or stopped_by) or any(one["state"] != "ok" for one in own),
                "unreachable": away,
                "message": error.removeprefix("unreachable "),
                "reason": "unreachable" if away else "rejected" if error else "",
                "stage": "check" if "commit check" in error else "reach",
                "because_of": because_of or (),
                "stopped_by": stopped_by or "",
                "findings": own,
            }
        )
    return outcomes


def described(cause: t.Mapping[str, t.Any]) -> str:
    """Return a cause in the words of the table."""
    owners = {network: host for host, network in NETWORKS.items()}
    other = owners.get(cause["object"], cause["peer"] or ("-" if cause["object"] == "all" else cause["object"]))
    follows = ", ".join(f"{check} {number}" for check, number in cause["follows"].items())
    hosts = f"; {' '.join(cause['hosts'])}" if cause["hosts"] else ""
    return f"{cause['host']} {cause['check']} {other}: {follows}{hosts}"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_causes(case: t.Mapping[str, t.Any]) -> None:
    content = report(PLAN, "run-1", "verify", outcomes_of(case), {})
    assert [described(cause) for cause in content["causes"]] == case["causes"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_causes_do_not_depend_on_the_order(case: t.Mapping[str, t.Any]) -> None:
    expected = report(PLAN, "run-1", "verify", outcomes_of(case), {})["causes"]
    for seed in range(5):
        outcomes = outcomes_of(case)
        mixer = random.Random(seed)
        mixer.shuffle(outcomes)
        for outcome in outcomes:
            mixer.shuffle(outcome["findings"])
        assert report(PLAN, "run-1", "verify", outcomes, {})["causes"] == expected


def test_one_wrong_key_of_40_is_one_cause_to_which_all_refer() -> None:
    others = NAMES[1:]
    found = [f"oslo {check} hub1 failed" for check in ("ike", "ipsec")]
    found += [f"hub1 {check} oslo failed" for check in ("ike", "ipsec", "next_hop_tunnels", "routes", "pings")]
    found += [f"oslo {check} {host} failed" for host in ("hub1", *others) for check in ("routes", "pings")]
    found += [f"{host} pings oslo failed" for host in others]
    content = report(PLAN, "run-1", "verify", outcomes_of({"found": found}), {})
    [cause] = content["causes"]
    assert described({**cause, "hosts": ()}) == "hub1 ike oslo: ike 1, ipsec 2, next_hop_tunnels 1, routes 41, pings 80"
    assert cause["hosts"] == ["hub1", *NAMES]
    assert {host["cause"] for host in content["hosts"]} == {0}
    assert [row["cause"] for row in content["tunnels"]].count(0) == 1


def test_40_devices_that_refuse_the_password_are_one_cause() -> None:
    errors = {host: f"{host}: NETCONF: expected a login, actual refused. Set ansible_password." for host in NAMES}
    content = report(PLAN, "run-1", "apply", outcomes_of({"errors": errors, "because_of": {"hub1": NAMES}}), {})
    [cause] = content["causes"]
    assert (cause["host"], cause["object"], cause["actual"]) == ("oslo", "NETCONF", "refused")
    assert cause["remedy"] == ["Set ansible_password."]
    assert cause["follows"] == {"reach": 39}
    assert cause["hosts"] == ["hub1", *NAMES]


def test_a_host_that_no_run_contacts_has_the_cause_of_its_own_tunnel() -> None:
    case = {"found": ["hub1 ike oslo failed", "hub1 ike lima failed = no proposal"], "because_of": {"lima": ["hub1"]}}
    content = report(PLAN, "run-1", "apply", outcomes_of(case), {})
    lima = next(host for host in content["hosts"] if host["host"] == "lima")
    assert content["causes"][lima["cause"]]["peer"] == "lima"
