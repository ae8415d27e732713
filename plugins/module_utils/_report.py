# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The result of a run: as one JSON structure, as a table of the tunnels, and as JUnit XML."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding, Verdict
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan

FORMAT = 1

_HOST_STATES = ("confirmed", "unchanged", "would_change", "rolled_back", "skipped", "pending", "unknown")
# The commit of such a device is not settled: it rolls back automatically, or nothing is known of it.
_UNSETTLED = ("pending", "unknown")
_FINDING_STATES = ("ok", "failed", "unknown", "skipped")
# A cell with several findings has the first of these states that one of them has.
_WORST = ("failed", "unknown", "skipped", "ok")
_COLUMNS = {"ike": "IKE", "ipsec": "IPsec", "next_hop_tunnels": "Next-hop tunnel", "routes": "Routes"}
_MARK = {"ok": "", "failed": " !", "unknown": " ?", "skipped": ""}
_REMEDY_INDENT = "    "
# Hosts that a sentence about the plan names.
_SHOWN = 8
_WHILE_DOWN = {
    "routes": "While a tunnel is down, routes reject packets for it (nhtb_manage_internet_policy: false)",
    "nothing": "While a tunnel is down, packets for it may leave in clear (nhtb_fail_closed: false)",
}


class Conclusion(t.NamedTuple):
    """The end of a run in one word and in one sentence. Only the verdict ``ok`` means success."""

    verdict: Verdict
    sentence: str


def report(
    plan: FleetPlan,
    run: str,
    mode: str,
    outcomes: t.Sequence[t.Mapping[str, t.Any]],
    untouched: t.Mapping[str, t.Mapping[str, t.Any]],
    *,
    removed: t.Collection[str] = (),
) -> dict[str, t.Any]:
    """Return the JSON structure of a run, with the same keys in the same order every time.

    ``mode`` is apply, check, verify or recover. ``outcomes`` has a mapping per device with ``host``, ``state``
    (confirmed, unchanged, would_change, rolled_back, skipped, pending or unknown), ``failed``, ``message``, ``diff``
    (masked), ``warnings`` (strings) and ``findings`` (mappings of the fields of Finding). ``untouched`` maps the hosts
    of the plan that the run does not contact to such mappings. ``removed`` are the hosts that lose their configuration
    group. Hosts are in the order of the plan.
    """
    by_host = {**untouched, **{str(outcome["host"]): outcome for outcome in outcomes}}
    order = dict.fromkeys([*(device.host for device in plan.devices if device.host in by_host), *by_host])
    hosts = [_host(by_host[host]) for host in order]
    tally = _Tally(hosts)
    conclusion = conclude(mode, hosts, removed)
    return {
        "format": FORMAT,
        "run": run,
        "mode": mode,
        "verdict": conclusion.verdict,
        "decision": conclusion.sentence,
        "counts": {"hosts": {**tally.states, "failed": len(tally.failed)}, "findings": tally.findings},
        "tunnels": _tunnels([finding for host in hosts for finding in host["findings"]]),
        "hosts": hosts,
    }


def conclude(mode: str, outcomes: t.Sequence[t.Mapping[str, t.Any]], removed: t.Collection[str] = ()) -> Conclusion:
    """Return the verdict and the sentence of a run, both of one case, so that they cannot differ.

    The arguments are those of report(). A run without any verified check succeeds only where all its devices are
    removed and have nothing to verify.
    """
    tally = _Tally(outcomes)
    failed = ", ".join(tally.failed)
    if tally.unsettled:
        where = f"{', '.join(tally.unsettled)}: check 'show system commit' there"
        return Conclusion(tally.without_success, f"Not settled on {where}. {tally}")
    if mode == "check":
        return Conclusion("failed", f"Not ready: {failed}. {tally}") if failed else _ok("Nothing was changed", tally)
    if mode == "recover":
        settled = "Settled" if tally.taking_part else "Nothing to settle: no device took part"
        return Conclusion("failed", f"Not settled: {failed}. {tally}") if failed else _ok(settled, tally)
    if failed or tally.wrong:
        return Conclusion(tally.without_success, f"{_failure(mode, tally)}. {tally}")
    confirmed = " and confirmed" if tally.states["confirmed"] else ""
    if tally.findings["ok"]:
        return _ok(f"Verified{confirmed}", tally)
    if tally.taking_part and tally.taking_part <= set(removed):
        return _ok(f"Removed{confirmed}", tally)
    reason = "no check had a result" if tally.taking_part else "no device took part"
    return Conclusion("unknown", f"Nothing verified: {reason}. {tally}")


def plan_table(plan: FleetPlan) -> str:
    """Return the plan as two tables: the sites, and the tunnels of the hub. Below is what else a reader must know."""
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
            _format_columns(["Host", "Role", "Platform", "WAN", "Tunnel", "LANs"], sites),
            _format_columns(["VPN", "Spoke", "Gateway", "Peer", "Next hop", "Binding"], tunnels),
            *_while_down(plan),
        )
    )


def _while_down(plan: FleetPlan) -> t.Iterator[str]:
    """Yield a sentence for the hosts on which no policy denies packets for the VPN while a tunnel is down."""
    for closed_by, sentence in _WHILE_DOWN.items():
        hosts = [device.host for device in plan.devices if device.closed_by == closed_by]
        if hosts:
            more = f" and {len(hosts) - _SHOWN} more" if len(hosts) > _SHOWN else ""
            yield f"{sentence}: {', '.join(hosts[:_SHOWN])}{more}."


def table(content: t.Mapping[str, t.Any]) -> str:
    """Return a report() as text: a table of the tunnels, each finding that is not ok, the hosts, the decision.

    In the table, an exclamation mark follows a failed value, a question mark an unknown one.
    """
    rows = [
        [row["host"], row["vpn"], row["peer"], *(row[check]["text"] + _MARK[row[check]["state"]] for check in _COLUMNS)]
        for row in content["tunnels"]
    ]
    bad = [
        _format_finding(Finding(**finding))
        for host in content["hosts"]
        for finding in host["findings"]
        if finding["state"] in ("failed", "unknown")
    ]
    blocks = [
        _format_columns(["Host", "VPN", "Peer", *_COLUMNS.values()], rows) if rows else "",
        "\n".join(bad),
        "\n".join(f"{host['host']}: {host['message'] or host['state']}" for host in content["hosts"]),
        content["decision"],
    ]
    return "\n\n".join(block for block in blocks if block)


def junit(content: t.Mapping[str, t.Any]) -> str:
    """Return a report() as JUnit XML: a suite per host, a case for its outcome and one per finding."""
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


def _format_columns(head: t.Sequence[str], rows: t.Sequence[t.Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, rule, *rows]
    )


def _format_finding(finding: Finding) -> str:
    """Return a finding in words, its remedy on a second line."""
    words = str(replace(finding, remedy=""))
    return f"{words}\n{_REMEDY_INDENT}{finding.remedy}" if finding.remedy else words


def _host(outcome: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        "host": str(outcome["host"]),
        "state": str(outcome["state"]),
        "failed": _has_failed(outcome),
        "message": str(outcome.get("message") or ""),
        "diff": str(outcome.get("diff") or ""),
        "warnings": [str(warning) for warning in outcome.get("warnings") or ()],
        "findings": [dict(vars(Finding(**finding))) for finding in outcome.get("findings") or ()],
    }


def _has_failed(outcome: t.Mapping[str, t.Any]) -> bool:
    return bool(outcome.get("failed")) or outcome["state"] in _UNSETTLED


class _Tally:
    """The outcomes of a run, counted: ``states`` each outcome once, ``findings`` each finding once."""

    def __init__(self, outcomes: t.Sequence[t.Mapping[str, t.Any]]) -> None:
        states = [outcome["state"] for outcome in outcomes]
        findings = [finding["state"] for outcome in outcomes for finding in outcome.get("findings") or ()]
        self.states = {state: states.count(state) for state in _HOST_STATES}
        self.findings = {state: findings.count(state) for state in _FINDING_STATES}
        self.failed = [outcome["host"] for outcome in outcomes if _has_failed(outcome)]
        self.unsettled = [outcome["host"] for outcome in outcomes if outcome["state"] in _UNSETTLED]
        self.taking_part = {outcome["host"] for outcome in outcomes if outcome["state"] != "skipped"}

    @property
    def examined(self) -> int:
        """Return the number of checks with a result."""
        return self.findings["ok"] + self.wrong

    @property
    def wrong(self) -> int:
        """Return the number of checks that are failed or unknown."""
        return self.findings["failed"] + self.findings["unknown"]

    @property
    def without_success(self) -> Verdict:
        """Return the verdict of a run without success: ``failed`` where a check or a settled device has failed."""
        return "failed" if self.findings["failed"] or set(self.failed) - set(self.unsettled) else "unknown"

    def __str__(self) -> str:
        hosts = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in self.states.items() if number)
        if not self.examined:
            return f"Hosts: {hosts or 'none'}."
        checks = f"{self.findings['ok']} of {self.examined} checks ok"
        return f"Hosts: {hosts}; {checks}, {self.findings['failed']} failed, {self.findings['unknown']} unknown."


def _ok(words: str, tally: _Tally) -> Conclusion:
    return Conclusion("ok", f"{words}. {tally}")


def _failure(mode: str, tally: _Tally) -> str:
    failed = ", ".join(tally.failed)
    if tally.states["confirmed"]:
        return f"Confirmed except on {failed}" if failed else "Confirmed, but not verified everywhere"
    word = "verified" if tally.wrong or mode == "verify" else "confirmed"
    if tally.states["rolled_back"]:
        return f"Not {word} and rolled back"
    if mode == "verify" and failed:
        return f"Not {word}: {failed}"
    return f"Not {word}" if tally.examined or mode == "verify" else f"Stopped before any commit: {failed}"


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
    """Return the state and the text of the findings of one check for one tunnel; of several, how many are active."""
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
        tag = "error" if host["state"] in _UNSETTLED else "failure"
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
    """Return text without control characters: XML 1.0 allows none, and a device may send any."""
    return "".join(char if char.isprintable() or char in "\n\t" else "?" for char in text)
