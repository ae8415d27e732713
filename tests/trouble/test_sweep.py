# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every statement of a device's group deleted, one at a time, so that no failure is chosen by hand.

The lab's network decides whether traffic gets through.
"""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.statements import planned_words
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from tests.lab_tests.findings.support import document
from tests.trouble.support import HUB, WESTFORD, Trouble
from tests.trouble.table import SITES, SYNTAXES
from tests.trouble.test_failures import HOSTS, PAGE

# The deletions that break something, and those that do not, as numbers on the page.
BREAKING, HARMLESS = 275, 169


def deletions(syntax: str, host: str) -> list[str]:
    """Return each statement, and each hierarchy above it, from the leaves up."""
    device = next(one for one in document(syntax).devices if one.host == host)
    places = [
        " ".join(words[:length])
        for words in planned_words(render(device), device.group)
        for length in range(len(words), 1, -1)
    ]
    return list(dict.fromkeys(places))


def broken(network: Trouble) -> bool:
    """Return whether any traffic fails, from hosts in the LANs or from the devices' own pings."""
    ways = [network.network.reachable(*ends) for ends in itertools.permutations(HOSTS, 2)]
    addresses = [site["lan_ip"].partition("/")[0] for site in SITES.values()]
    answers = [
        network.network.ping(host, far, interface=f"{SITES[host]['lan']}.0", count=1)
        for host, far in zip(SITES, reversed(addresses), strict=True)
    ]
    return not all(way.ok for way in ways) or not all(answer.received for answer in answers)


def wrong(syntax: str, host: str) -> tuple[list[str], int, int]:
    """Return the wrong diagnoses, and how many deletions broke something or nothing."""
    bad, breaking, harmless = [], 0, 0
    for place in deletions(syntax, host):
        try:
            network = Trouble(syntax, {host: (f"delete {place}",)})
        except AssertionError:
            # A commit check refuses it, or the words alone are not a statement.
            continue
        failed = [one for one in network.report(HUB)["tunnels"] if one["state"] == "failed"]
        if not broken(network):
            harmless += 1
            bad += [f"{place}: breaks nothing, but {one['sentence']}" for one in failed]
            continue
        breaking += 1
        named = [(one["host"], one["statement"]) for tunnel in failed for one in tunnel["statements"]]
        if not any(at == host and _within(place, statement) for at, statement in named):
            bad.append(f"{place}: named are {named}")
    return bad, breaking, harmless


def _within(place: str, statement: str) -> bool:
    """Return whether one is the other or a hierarchy above it."""
    return f"{statement} ".startswith(f"{place} ") or f"{place} ".startswith(f"{statement} ")


@pytest.fixture(scope="module")
def swept() -> dict[tuple[str, str], tuple[list[str], int, int]]:
    return {(syntax, host): wrong(syntax, host) for syntax in SYNTAXES for host in (HUB, WESTFORD)}


def test_each_deletion_is_diagnosed(swept: dict[tuple[str, str], tuple[list[str], int, int]]) -> None:
    assert {where: bad for where, (bad, _breaking, _harmless) in swept.items() if bad} == {}


def test_the_page_has_the_numbers(swept: dict[tuple[str, str], tuple[list[str], int, int]]) -> None:
    assert sum(breaking for _bad, breaking, _harmless in swept.values()) == BREAKING
    assert sum(harmless for _bad, _breaking, harmless in swept.values()) == HARMLESS
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert f"{BREAKING} of {BREAKING} deletions" in page
    assert f"{HARMLESS} that break nothing" in page
