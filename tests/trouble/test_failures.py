# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each failure, and each pair of failures on different layers: the first layer, the device and the statement."""

from __future__ import annotations

import itertools
import re
import typing as t
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import STEPS

from tests.lab_tests.findings.table import FAILURES as VERIFIED
from tests.lab_tests.findings.table import Failure as Verified
from tests.lab_tests.network.support import CORPORATE_HOST, SUNNYVALE_HOST, WESTFORD_HOST
from tests.trouble.support import HUB, WESTFORD, Trouble
from tests.trouble.table import FAILURES, HARMLESS, REPRESENTATIVES, SITES, SYNTAXES, Failure, spelt

ORDER = list(STEPS)
PAGE = Path(__file__).parents[2] / "docs" / "docsite" / "rst" / "troubleshooting.rst"
HOSTS = (CORPORATE_HOST, WESTFORD_HOST, SUNNYVALE_HOST)


def pairs() -> list[tuple[Failure, Failure]]:
    """Return every two representatives on different layers, at the same end and at different ends."""
    chosen = [one for one in FAILURES if one.name in REPRESENTATIVES]
    return [
        (first, second)
        for first, second in itertools.combinations(sorted(chosen, key=lambda one: ORDER.index(one.layer)), 2)
        if first.syntax == second.syntax and first.layer != second.layer
    ]


PAIRS = pairs()


def changed(*failures: Failure) -> Trouble:
    """Return the network with all of the failures."""
    changes: dict[str, tuple[str, ...]] = {}
    for one in failures:
        changes[one.host] = (*changes.get(one.host, ()), *one.changes)
    return Trouble(failures[0].syntax, changes)


def named(found: t.Mapping[str, t.Any], failure: Failure) -> bool:
    """Return whether the first layer, the device and the statement are named."""
    return (found["state"], found["layer"], found["device"], found["statement"]) == (
        "failed", failure.layer, failure.at, failure.statement)  # fmt: skip


def told(found: t.Mapping[str, t.Any]) -> str:
    return f"{found['state']} {found['layer']} {found['device']}: {found['statement']}; {found['evidence']}"


def check_steps(found: t.Mapping[str, t.Any]) -> None:
    """Check for one finding per step in order, those above the first failed one being skipped with the reason."""
    assert [step["check"] for step in found["steps"]] == ORDER
    states = [step["state"] for step in found["steps"]]
    first = states.index("failed")
    assert ORDER[first] == found["layer"]
    assert set(states[:first]) <= {"ok", "unknown"}
    assert set(states[first + 1 :]) <= {"skipped"}
    why = STEPS[found["layer"]]
    assert all(step["actual"].lower() == f"not checked: {why}".lower() for step in found["steps"][first + 1 :])
    assert found["remedy"]
    assert found["evidence"]


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_one_statement_is_named(failure: Failure) -> None:
    network = changed(failure)
    found = network.tunnel(failure.spoke)
    assert named(found, failure), told(found)
    check_steps(found)
    assert f"{failure.at}: {failure.statement}" in found["sentence"]
    # The lab confirms that some traffic does not get through.
    ways = [network.network.reachable(*ends) for ends in itertools.permutations(HOSTS, 2)]
    addresses = [site["lan_ip"].partition("/")[0] for site in SITES.values()]
    answers = [network.network.ping(host, far, interface=f"{SITES[host]['lan']}.0", count=1)
               for host, far in zip(SITES, reversed(addresses), strict=True)]  # fmt: skip
    assert not all(way.ok for way in ways) or not all(answer.received for answer in answers)


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=lambda one: f"{one.syntax} {one.host} {one.name}")
def test_of_two_failures_the_lower_one_is_named(first: Failure, second: Failure) -> None:
    found = changed(first, second).tunnel(first.spoke)
    assert named(found, first), told(found)
    check_steps(found)


def test_all_pairs_of_layers_are_among_them() -> None:
    layers = [layer for layer in ORDER if layer != "statistics"]
    assert {(one.layer, other.layer) for one, other in PAIRS} == set(itertools.combinations(layers, 2))


@pytest.mark.parametrize("failure", VERIFIED, ids=lambda one: f"{one.syntax} {one.name}")
def test_each_failure_that_verify_finds_is_named_too(failure: Verified) -> None:
    spoke = "sunnyvale" if failure.name in ("no entry", "entry bound to the wrong VPN", "missing route") else WESTFORD
    found = Trouble(failure.syntax, {failure.host: failure.change}).tunnel(spoke)
    assert (found["state"], found["device"]) == ("failed", failure.host), told(found)
    assert any(one["statement"].startswith(failure.changed) for one in found["statements"]), told(found)


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize(
    ("name", "host"), [(name, host) for name, (hosts, _lines) in HARMLESS.items() for host in hosts]
)
def test_a_change_without_effect_is_no_failure(syntax: str, name: str, host: str) -> None:
    lines = [spelt(line, syntax, host) for line in HARMLESS[name][1]]
    found = Trouble(syntax, {host: lines}).tunnel()
    assert found["state"] == "ok", told(found)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_nothing_fails_before_anything_is_changed(syntax: str) -> None:
    content = Trouble(syntax, {}).report(HUB)
    assert {one["spoke"]: one["state"] for one in content["tunnels"]} == {"westford": "ok", "sunnyvale": "unknown"}
    assert not any(one["notes"] for one in content["tunnels"])


def test_the_page_has_the_numbers_of_named_failures() -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert f"{len(FAILURES)} of {len(FAILURES)} failures" in page
    assert f"{len(PAIRS)} of {len(PAIRS)} pairs" in page
    assert not re.search(r"\|[a-z]+\|", page)
