# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clear one tunnel of two, in plays, on the document's network with its tunnels up."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.conftest import document_network, in_words
from tests.integration.test_modules import SUNNYVALE, WESTFORD, Answers, Deployed, Task, ask

NOT_GIVEN: dict[str, Task] = {
    "nothing": ask("clear_security_associations"),
    "empty": ask("clear_security_associations", vpn="", peer_address=""),
    "undefined": ask("clear_security_associations", vpn="{{ undefined_variable | default(omit) }}"),
    "both": ask("clear_security_associations", vpn="westford-vpn", peer_address=WESTFORD),
}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Deployed]:
    with document_network(tmp_path_factory.mktemp("clear")) as network:
        run = network.playbook("deploy")
        assert run.status == 0, run.output
        yield Deployed(network)


def run_between_queries(
    deployed: Deployed, tasks: dict[str, Task]
) -> tuple[Answers, dict[str, set[str]], dict[str, set[str]]]:
    """Return the answers of tasks, and the associations before and after them: cookies by peer, SPIs by VPN."""
    queries = {
        f"{name}_{when}": ask(f"{name}_security_associations_info")
        for when in ("before", "after")
        for name in ("ike", "ipsec")
    }
    before, after = (
        {name: task for name, task in queries.items() if name.endswith(when)} for when in ("before", "after")
    )
    said = deployed.ask(before | tasks | after)
    up: list[dict[str, set[str]]] = []
    for when in ("before", "after"):
        found = {row["remote_address"]: {row["initiator_cookie"], row["responder_cookie"]}
                 for row in said[f"ike_{when}"]["security_associations"]}  # fmt: skip
        found |= {row["vpn"]: {one["spi"] for one in row["security_associations"]}
                  for row in said[f"ipsec_{when}"]["tunnels"]}  # fmt: skip
        up.append(found)
    assert set(up[0]) == {SUNNYVALE, WESTFORD, "sunnyvale-vpn", "westford-vpn"}
    return said, up[0], up[1]


def renewed(before: dict[str, set[str]], after: dict[str, set[str]]) -> set[str]:
    return {name for name, numbers in after.items() if numbers != before[name]}


def test_an_unqualified_clear_is_refused_and_nothing_is_cleared(deployed: Deployed) -> None:
    said, before, after = run_between_queries(deployed, NOT_GIVEN)
    assert after == before
    for name in NOT_GIVEN:
        assert said[name]["failed"] is True
        assert said[name]["reason"] == "bad_argument"
        refused = (
            "peer_address: expected text" if name == "empty" else "peer_address and vpn: expected exactly one of them"
        )
        assert refused in in_words(said[name])


def test_unknown_objects_are_refused(deployed: Deployed) -> None:
    tasks = {
        "vpn": ask("clear_security_associations", vpn="unknown-vpn"),
        "peer": ask("clear_security_associations", peer_address="198.51.100.7"),
        "no_address": ask("clear_security_associations", peer_address="westford-vpn"),
        "no_phase": ask("clear_security_associations", peer_address=WESTFORD, phase="all"),
    }
    said, before, after = run_between_queries(deployed, tasks)
    assert after == before
    assert all(said[name]["failed"] for name in tasks)
    assert (
        "actual unknown-vpn, which is neither up nor configured there. Known: sunnyvale-vpn, westford-vpn."
        in in_words(said["vpn"])
    )
    assert f"Known: {SUNNYVALE}, {WESTFORD}." in in_words(said["peer"])
    assert "expected an IP address, actual 'westford-vpn'" in in_words(said["no_address"])
    assert "ike, ipsec, both" in in_words(said["no_phase"])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"vpn": "westford-vpn"}, {WESTFORD, "westford-vpn"}),
        ({"peer_address": SUNNYVALE}, {SUNNYVALE, "sunnyvale-vpn"}),
    ],
)
def test_exactly_one_of_two_tunnels_is_cleared_and_comes_up_again(
    deployed: Deployed, options: dict[str, t.Any], expected: set[str]
) -> None:
    task = ask("clear_security_associations", **options)
    said, before, after = run_between_queries(deployed, {"checked": {**task, "check_mode": True}})
    assert after == before
    assert "would clear" in in_words(said["checked"])
    would = said["checked"]["cleared"]

    said, before, after = run_between_queries(deployed, {"cleared": task})
    assert renewed(before, after) == expected
    assert said["cleared"]["changed"] is True
    assert said["cleared"]["cleared"] == would
    assert {row["vpn"] or row["remote_address"] for row in would} == expected
    assert {row["vpn"] or row["remote_address"] for row in said["cleared"]["after"] if row["new"]} == expected
    assert said["cleared"]["notes"] == []


def test_one_phase_alone(deployed: Deployed) -> None:
    task = ask("clear_security_associations", vpn="sunnyvale-vpn", phase="ipsec")
    said, before, after = run_between_queries(deployed, {"cleared": task})
    assert [(row["phase"], row["vpn"]) for row in said["cleared"]["cleared"]] == [("ipsec", "sunnyvale-vpn")]
    assert renewed(before, after) == {"sunnyvale-vpn"}


def test_a_tunnel_that_is_down_is_no_change(deployed: Deployed) -> None:
    lab = deployed.network.lab
    text = (deployed.network.artifacts / "sunnyvale.screenos").read_text(encoding="utf-8")
    lab.screenos("sunnyvale", text.replace("sec-level standard", "sec-level basic").replace("secretkey", "other"))
    try:
        # Until they are cleared, the associations of before the change stay up.
        deployed.ask({"cleared": ask("clear_security_associations", vpn="sunnyvale-vpn")})
        said = deployed.ask(
            {
                "vpn": ask("clear_security_associations", vpn="sunnyvale-vpn"),
                "peer": ask("clear_security_associations", peer_address=SUNNYVALE),
            }
        )
    finally:
        lab.screenos("sunnyvale", text)
    for answer in said.values():
        assert (answer["changed"], answer["cleared"], answer["after"]) == (False, [], [])
        assert answer["msg"].endswith("nothing to clear is up")
