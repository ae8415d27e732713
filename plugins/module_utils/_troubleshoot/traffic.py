# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Does traffic get through without errors? Asked last, of tunnels that have everything they need."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan, Lan
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot import underlay
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import (
    Case,
    End,
    Fault,
    Step,
    blamed,
    half,
    restore,
    step,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import pings
from ansible_collections.hubspoke.srx.plugins.module_utils._verify import statistics as counters


def statistics(case: Case) -> Step:
    """Do error counters rise while packets are sent?"""
    expected = "no error counter rising"
    for end in case.readable:
        for finding in counters.findings(end.plan, end.observation):
            if finding.state == "failed":
                place = Fault(end.host, "show security ipsec statistics", "steady", finding.actual, False)
                return step(case, "statistics", "failed", expected, finding.actual, finding.remedy, faults=[place])
            if finding.state == "unknown":
                return step(case, "statistics", "unknown", expected, finding.actual, finding.remedy, host=end.host)
    return half(case, "statistics", expected, "its counters ('get sa stat', 'get counter statistics')")


def flow(case: Case, failing: t.Mapping[str, str], known: t.Collection[str]) -> Step:
    """Does a ping from LAN to LAN get through? What passes another tunnel too is judged only where that one is known.

    C(failing) has, by spoke, the steps at which other tunnels fail; C(known) are the spokes that were looked at.
    """
    expected = "pings from LAN to LAN answered"
    unclear: list[str] = []
    seen = [(end, finding, *far) for end, finding in _sent(case) if (far := _far(case, finding.object))]
    answering = {site.host for _end, finding, site, _lan in seen if finding.state == "ok"}
    for end, finding, site, lan in seen:
        way = f"{end.host} to {finding.object}"
        if finding.state == "ok":
            continue
        if finding.state != "failed":
            unclear.append(f"{way}: {finding.actual}")
        elif site.host in failing:
            unclear.append(f"{way}: the tunnel of {site.host} fails at {failing[site.host]}")
        elif site.host not in (case.hub.host, case.spoke.host, *known):
            unclear.append(f"{way}: no answer, and the tunnel of {site.host} is not known")
        elif site.site.platform != "junos" and site.host in answering:
            unclear.append(f"{way}: no answer, though others of {site.host} answer: {lan.interface} may let no ping in")
        else:
            return _unanswered(case, end, finding, site, lan)
    if unclear:
        remedy = "Look at that site too: nhtb_trouble_source and nhtb_trouble_destination name a pair."
        return step(case, "flow", "unknown", expected, "; ".join(unclear), remedy)
    if not seen:
        return step(case, "flow", "unknown", expected, "no ping was sent", "Ping from a host behind one of the sites.")
    return step(case, "flow", "ok", expected, f"{len(seen)} of {len(seen)} networks answer")


def _sent(case: Case) -> list[tuple[End, Finding]]:
    """What became of every ping; the hub sends into the tunnels of other spokes too, which have their own say."""
    return [
        (end, finding)
        for end in case.readable
        for finding in pings.findings(end.plan, end.observation)
        if finding.tunnel in (end.tunnel.vpn, "")
    ]


def _far(case: Case, network: str) -> tuple[DevicePlan, Lan] | None:
    """The site and LAN at the far end of a ping, where it is traffic in question."""
    sites = [site for one in case.flows for site in (one.source, one.destination)]
    return next(((site, lan) for site in sites for lan in site.site.lans if lan.network == network), None)


def _unanswered(case: Case, end: End, finding: Finding, site: DevicePlan, lan: Lan) -> Step:
    expected = finding.expected
    actual = f"{end.host} to {finding.object}: {finding.actual}"
    target = next((one for one in case.readable if one.host == site.host), None)
    if target is not None and not underlay.lets_ping_in(target, lan.interface):
        place = underlay.ping_place(target, lan.interface)
        fault = Fault(target.host, place, "set", "not set")
        remedy = f"{lan.interface} of {target.host} answers no ping, which says nothing about the tunnel. "
        return blamed(case, "flow", expected, [fault], remedy + restore(case, [fault]))
    if target is None and site.site.platform != "junos":
        fault = Fault(site.host, "routes, policies and addresses", "as planned", "not read", False)
        remedy = (
            f"All that can be read is as it should be, and {site.host} cannot be read: look there at 'get route', 'get"
            f" policy' and whether {lan.interface} answers pings."
        )
        return step(case, "flow", "failed", expected, actual, remedy, faults=[fault])
    remedy = (
        f"Everything below is as it should be: look for the session with 'show security flow session"
        f" destination-prefix {lan.network}' on both ends; hubspoke.srx.trace shows where it ends."
    )
    stuck = Fault(end.host, f"the flow to {finding.object}", "answered", finding.actual, False)
    return step(case, "flow", "failed", expected, actual, remedy, faults=[stuck])
