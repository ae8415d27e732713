# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Traffic through a tunnel whose lower layers pass: error counters, and pings from LAN to LAN."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.site import Lan
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot import underlay
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import (
    Case,
    End,
    Expectation,
    Fault,
    Step,
    restore_remedy,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import pings
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import statistics as counters


def statistics(case: Case) -> Step:
    """Check that error counters stay the same while packets are sent."""
    expected = Expectation(case, "statistics", "error counters steady")
    for end in case.readable:
        for finding in counters.findings(end.plan, end.observation):
            if finding.state == "failed":
                place = Fault(end.host, "show security ipsec statistics", "steady", finding.actual, certain=False)
                return expected.failed(finding.actual, finding.remedy, [place])
            if finding.state == "unknown":
                return expected.unknown(finding.actual, finding.remedy, host=end.host)
    return expected.ok_where_read("its counters ('get sa stat', 'get counter statistics')")


def flow(case: Case, failing: t.Mapping[str, str], known: t.Collection[str]) -> Step:
    """Check that pings from LAN to LAN are answered. A ping through another tunnel counts only where that one is known.

    ``failing`` maps spokes to the step at which their tunnel fails, ``known`` are the spokes that were diagnosed.
    """
    expected = Expectation(case, "flow", "pings from LAN to LAN answered")
    unclear: list[str] = []
    sent = [(end, finding, *target) for end, finding in _sent(case) if (target := _target(case, finding.object))]
    answering = {site.host for _end, finding, site, _lan in sent if finding.state == "ok"}
    for end, finding, site, lan in sent:
        ping = f"{end.host} to {finding.object}"
        if finding.state == "ok":
            continue
        if finding.state != "failed":
            unclear.append(f"{ping}: {finding.actual}")
        elif site.host in failing:
            unclear.append(f"{ping}: the tunnel of {site.host} fails at {failing[site.host]}")
        elif site.host not in (case.hub.host, case.spoke.host, *known):
            unclear.append(f"{ping}: no answer, and the tunnel of {site.host} is not known")
        elif site.site.profile.by_operator and site.host in answering:
            unclear.append(f"{ping}: no answer, other networks of {site.host} answer: check ping on {lan.interface}")
        else:
            return _unanswered(case, end, finding, site, lan)
    if unclear:
        remedy = "Troubleshoot that site too: nhtb_trouble_source and nhtb_trouble_destination name a pair."
        return expected.unknown("; ".join(unclear), remedy)
    if not sent:
        return expected.unknown("no ping was sent", "Ping from a host behind one of the sites.")
    return expected.ok(f"{len(sent)} of {len(sent)} networks answer")


def _sent(case: Case) -> list[tuple[End, Finding]]:
    """Return the result of each ping into this tunnel, without the hub's pings into the tunnels of other spokes."""
    return [
        (end, finding)
        for end in case.readable
        for finding in pings.findings(end.plan, end.observation)
        if finding.tunnel in (end.tunnel.vpn, "")
    ]


def _target(case: Case, network: str) -> tuple[DevicePlan, Lan] | None:
    """Return the site and LAN of a network, where the planned traffic includes it."""
    sites = [site for one in case.flows for site in (one.source, one.destination)]
    return next(((site, lan) for site in sites for lan in site.site.lans if lan.network == network), None)


def _unanswered(case: Case, end: End, finding: Finding, site: DevicePlan, lan: Lan) -> Step:
    """Return the step as failed by a ping without an answer."""
    expected = Expectation(case, "flow", finding.expected)
    actual = f"{end.host} to {finding.object}: {finding.actual}"
    target = next((one for one in case.readable if one.host == site.host), None)
    if target is not None and not underlay.allows_ping(target, lan.interface):
        fault = Fault(target.host, underlay.ping_statement(target, lan.interface), "set", "not set")
        remedy = f"{lan.interface} of {target.host} does not allow ping, so the tunnel itself may work."
        return expected.failed_by([fault], f"{remedy} {restore_remedy(case, [fault])}")
    if target is None and site.site.profile.operator is not None:
        fault = Fault(site.host, "routes, policies and addresses", "as planned", "not read", certain=False)
        remedy = (
            f"Every readable part is as planned, and {site.host} cannot be read: check"
            f" {site.site.profile.operator.flow} there, and whether {lan.interface} allows ping."
        )
        return expected.failed(actual, remedy, [fault])
    remedy = (
        "All lower layers pass: search for the session with 'show security flow session destination-prefix"
        f" {lan.network}' on both ends; hubspoke.srx.trace shows where it ends."
    )
    blocked = Fault(end.host, f"the flow to {finding.object}", "answered", finding.actual, certain=False)
    return expected.failed(actual, remedy, [blocked])
