# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many routes of a tunnel are one finding, which names those that are not as planned."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.device_rows import Route
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import routes
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.lasting import lasting
from ansible_collections.hubspoke.srx.tests.unit.plugins.module_utils.sample_fleet import OSLO, OSLO_ANSWERS

NETWORKS = tuple(f"10.2.{number}.0/24" for number in range(12))
PLAN = replace(OSLO, tunnels=(replace(OSLO.tunnels[0], remote_networks=NETWORKS),))
EXPECTED = "12 networks active through st0.0 to 10.1.255.1"
ACTIVE = [Route("inet.0", network, True, "Static", 5, "10.1.255.1", "st0.0") for network in NETWORKS]


def found(answer: Answer[Route]) -> Finding:
    (one,) = routes.findings(PLAN, replace(OSLO_ANSWERS, routes=answer))
    assert (one.object, one.expected, one.tunnel, one.peer) == ("hub1-vpn", EXPECTED, "hub1-vpn", "hub1")
    return one


def test_routes_as_planned_are_counted() -> None:
    one = found(Answer("ok", tuple(ACTIVE)))
    assert (one.state, one.actual, one.brief) == ("ok", EXPECTED, "12 active")


def test_routes_that_fail_are_named_by_what_is_wrong() -> None:
    shown = [*ACTIVE[:9], replace(ACTIVE[9], active=False)]
    one = found(Answer("ok", tuple(shown)))
    assert (one.state, one.brief) == ("failed", "3 of 12 not active")
    assert one.actual == (
        "9 active; not active through st0.0 to 10.1.255.1 (Static/5): 10.2.9.0/24; no route: 10.2.10.0/24, 10.2.11.0/24"
    )
    assert one.remedy


def test_routes_that_all_fail_alike_are_not_listed() -> None:
    one = found(Answer("ok"))
    assert (one.state, one.actual, one.brief) == ("failed", "no route", "none")


def test_a_refused_question_is_one_unknown_finding() -> None:
    assert found(Answer("refused", reason="denied")).state == "unknown"


def test_a_route_that_is_not_configured_makes_the_finding_lasting() -> None:
    statements = ["set system host-name oslo", "set security ike gateway hub1-gate address 192.0.2.2",
                  "set security ipsec vpn hub1-vpn bind-interface st0.0",
                  *(f"set routing-options static route {one} next-hop 10.1.255.1" for one in NETWORKS)]  # fmt: skip
    seen = replace(OSLO_ANSWERS, routes=Answer("ok", tuple(ACTIVE[:11])))
    one = routes.findings(PLAN, seen)
    assert not lasting(PLAN, replace(seen, configured=Answer("ok", tuple(statements))), one)
    seen = replace(seen, configured=Answer("ok", tuple(statements[:-1])))
    assert lasting(PLAN, seen, routes.findings(PLAN, seen)) == routes.findings(PLAN, seen)


def test_eight_routes_have_a_finding_each() -> None:
    plan = replace(PLAN, tunnels=(replace(PLAN.tunnels[0], remote_networks=NETWORKS[:8]),))
    assert [one.object for one in routes.findings(plan, OSLO_ANSWERS)] == list(NETWORKS[:8])
