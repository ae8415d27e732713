# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What a run has found, as one JSON structure, as a table of the tunnels, and as JUnit XML."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding, verdict
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan

FORMAT = 1

_HOST_STATES = ("confirmed", "unchanged", "would_change", "rolled_back", "skipped", "failed", "pending", "unknown")
# The device decides by itself, or nobody knows.
_OPEN = ("pending", "unknown")
_FINDING_STATES = ("ok", "failed", "unknown", "skipped")
# Worst first: what a cell of the table shows for several findings.
_WORST = ("failed", "unknown", "skipped", "ok")
_COLUMNS = {"ike": "IKE", "ipsec": "IPsec", "next_hop_tunnels": "Next-hop tunnel", "routes": "Routes"}
_MARK = {"ok": "", "failed": " !", "unknown": " ?", "skipped": ""}


def report(
    plan: FleetPlan,
    run: str,
    mode: str,
    outcomes: t.Sequence[t.Mapping[str, t.Any]],
    untouched: t.Mapping[str, t.Mapping[str, t.Any]],
) -> dict[str, t.Any]:
    """The JSON structure of a run, with the same keys in the same order every time.

    ``mode`` is apply, check, verify or recover. ``outcomes`` has a mapping per device with ``host``, ``state``
    (unchanged, would_change, confirmed, rolled_back, failed, unknown or skipped), ``failed``, ``message``, ``diff``
    (masked), ``warnings`` (strings) and ``findings`` (mappings of the fields of Finding); ``untouched`` maps the hosts
    of the plan that were left out to mappings of the same kind. Hosts come out in the order of the plan.
    """
    by_host = {**untouched, **{str(outcome["host"]): outcome for outcome in outcomes}}
    order = [device.host for device in plan.devices if device.host in by_host]
    hosts = [_host(by_host[host]) for host in [*order, *(host for host in by_host if host not in order)]]
    found = [finding for host in hosts for finding in host["findings"]]
    counts = {
        "hosts": {state: sum(host["state"] == state for host in hosts) for state in _HOST_STATES},
        "findings": {state: sum(finding["state"] == state for finding in found) for state in _FINDING_STATES},
    }
    return {
        "format": FORMAT,
        "run": run,
        "mode": mode,
        "verdict": _verdict(mode, hosts, found),
        "decision": _decision(mode, hosts, counts),
        "counts": counts,
        "tunnels": _tunnels(found),
        "hosts": hosts,
    }


def plan_table(plan: FleetPlan) -> str:
    """What is to be built, for people: the sites, and the tunnels as the hub sees them."""
    sites = [
        [
            device.host,
            device.site.role,
            device.site.platform,
            device.site.wan.ip,
            f"{device.site.tunnel_interface} {device.site.tunnel_address}",
            ", ".join(lan.network for lan in device.site.lans),
        ]
        for device in plan.devices
    ]
    tunnels = [
        [tunnel.vpn, tunnel.peer_host, tunnel.gateway, tunnel.peer_address, tunnel.next_hop, tunnel.nhtb or "-"]
        for tunnel in plan.hub.tunnels
    ]
    return "\n\n".join(
        (
            _columns(["Host", "Role", "Platform", "WAN", "Tunnel", "LANs"], sites),
            _columns(["VPN", "Spoke", "Gateway", "Peer", "Next hop", "Binding"], tunnels),
        )
    )


def table(content: t.Mapping[str, t.Any]) -> str:
    """A report() for people: its tunnels in a table of fixed width, what is wrong, what became of each host.

    An exclamation mark stands behind what has failed, a question mark behind what is unknown.
    """
    rows = [
        [row["host"], row["vpn"], row["peer"], *(row[check]["text"] + _MARK[row[check]["state"]] for check in _COLUMNS)]
        for row in content["tunnels"]
    ]
    bad = [
        str(Finding(**finding))
        for host in content["hosts"]
        for finding in host["findings"]
        if finding["state"] in ("failed", "unknown")
    ]
    blocks = [
        _columns(["Host", "VPN", "Peer", *_COLUMNS.values()], rows) if rows else "",
        "\n".join(bad),
        "\n".join(f"{host['host']}: {host['message'] or host['state']}" for host in content["hosts"]),
        content["decision"],
    ]
    return "\n\n".join(block for block in blocks if block)


def junit(content: t.Mapping[str, t.Any]) -> str:
    """A report() as JUnit XML: a suite per host, a case per finding and one for the host's outcome."""
    suites = ET.Element("testsuites", name=_printable(f"hubspoke.srx {content['mode']} {content['run']}"))
    for host in content["hosts"]:
        cases = [_outcome_case(host), *(_finding_case(finding) for finding in host["findings"])]
        suite = ET.SubElement(
            suites,
            "testsuite",
            name=_printable(host["host"]),
            tests=str(len(cases)),
            failures=str(sum(case.find("failure") is not None for case in cases)),
            errors=str(sum(case.find("error") is not None for case in cases)),
            skipped=str(sum(case.find("skipped") is not None for case in cases)),
        )
        suite.extend(cases)
    ET.indent(suites)
    body = ET.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _columns(head: t.Sequence[str], rows: t.Sequence[t.Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, rule, *rows]
    )


def _host(outcome: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        "host": str(outcome["host"]),
        "state": str(outcome["state"]),
        "failed": bool(outcome.get("failed")) or outcome["state"] in ("failed", *_OPEN),
        "message": str(outcome.get("message") or ""),
        "diff": str(outcome.get("diff") or ""),
        "warnings": [str(warning) for warning in outcome.get("warnings") or ()],
        "findings": [dict(vars(Finding(**finding))) for finding in outcome.get("findings") or ()],
    }


def _verdict(mode: str, hosts: t.Sequence[t.Mapping[str, t.Any]], found: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """C(failed) is certain, C(unknown) is not; a check of the candidate verifies nothing about tunnels."""
    judged = verdict(Finding(**finding) for finding in found)
    if judged == "failed" or any(host["failed"] and host["state"] not in _OPEN for host in hosts):
        return "failed"
    if any(host["state"] in _OPEN for host in hosts):
        return "unknown"
    return judged if found or mode not in ("check", "recover") else "ok"


def _decision(mode: str, hosts: t.Sequence[t.Mapping[str, t.Any]], counts: t.Mapping[str, t.Mapping[str, int]]) -> str:
    """One sentence that tells what became of the fleet."""
    checks, states = counts["findings"], counts["hosts"]
    judged = checks["ok"] + checks["failed"] + checks["unknown"]
    proof = f"{checks['ok']} of {judged} checks ok, {checks['failed']} failed, {checks['unknown']} unknown"
    done = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in states.items() if number) or "none"
    failed = [host["host"] for host in hosts if host["failed"]]
    if open_hosts := [host["host"] for host in hosts if host["state"] in _OPEN]:
        where = ", ".join(open_hosts)
        return f"Not known what became of {where}: look at each with 'show system commit'. Hosts: {done}; {proof}."
    if mode == "check":
        return f"Not ready: {', '.join(failed)}. Hosts: {done}." if failed else f"Nothing was changed. Hosts: {done}."
    if mode == "recover":
        return f"Not settled: {', '.join(failed)}. Hosts: {done}." if failed else f"Settled. Hosts: {done}."
    if not failed:
        return f"{'Verified and confirmed' if states['confirmed'] else 'Verified'}. Hosts: {done}; {proof}."
    if mode == "verify" or judged:
        word = "verified" if checks["failed"] or checks["unknown"] or mode == "verify" else "confirmed"
        return f"Not {word}{' and rolled back' if states['rolled_back'] else ''}. Hosts: {done}; {proof}."
    return f"Stopped before any commit: {', '.join(failed)}. Hosts: {done}."


def _tunnels(found: t.Sequence[t.Mapping[str, str]]) -> list[dict[str, t.Any]]:
    by_tunnel: dict[tuple[str, str], list[t.Mapping[str, str]]] = {}
    for finding in found:
        if finding["tunnel"]:
            by_tunnel.setdefault((finding["host"], finding["tunnel"]), []).append(finding)
    return [
        {
            "host": host,
            "vpn": vpn,
            "peer": findings[0]["peer"],
            **{check: _cell([one for one in findings if one["check"] == check]) for check in _COLUMNS},
        }
        for (host, vpn), findings in by_tunnel.items()
    ]


def _cell(findings: t.Sequence[t.Mapping[str, str]]) -> dict[str, str]:
    """One word for the findings of one check at one tunnel; of several, how many are as planned."""
    if not findings:
        return {"state": "skipped", "text": "-"}
    states = [finding["state"] for finding in findings]
    state = next(state for state in _WORST if state in states)
    if len(findings) == 1:
        return {"state": state, "text": findings[0]["brief"] or state}
    good = states.count("ok")
    return {"state": state, "text": f"{good} active" if good == len(states) else f"{good} of {len(states)} active"}


def _outcome_case(host: t.Mapping[str, t.Any]) -> ET.Element:
    case = ET.Element("testcase", classname=_printable(host["host"]), name="outcome")
    if host["failed"]:
        tag = "error" if host["state"] in _OPEN else "failure"
        ET.SubElement(case, tag, message=_printable(f"{host['state']}: {host['message']}"))
    elif host["state"] == "skipped":
        ET.SubElement(case, "skipped", message=_printable(host["message"]))
    return case


def _finding_case(finding: t.Mapping[str, str]) -> ET.Element:
    classname = _printable(f"{finding['host']}.{finding['check']}")
    case = ET.Element("testcase", classname=classname, name=_printable(finding["object"]))
    tag = {"failed": "failure", "unknown": "error", "skipped": "skipped"}.get(finding["state"])
    if tag:
        message = f"expected {finding['expected']}, actual {finding['actual']}"
        ET.SubElement(case, tag, message=_printable(message)).text = _printable(finding["remedy"]) or None
    return case


def _printable(text: str) -> str:
    """XML 1.0 has no place for control characters, not even escaped, and a device may send any."""
    return "".join(char if char.isprintable() or char in "\n\t" else "?" for char in text)
