# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The result of a run as one JSON structure, from which every other form of the report is made."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding, Verdict
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import FleetPlan

FORMAT = 1

_HOST_STATES = ("confirmed", "unchanged", "would_change", "rolled_back", "skipped", "pending", "unknown")
# The commit of such a device is not settled: it rolls back automatically, or nothing is known of it.
UNSETTLED = ("pending", "unknown")
_FINDING_STATES = ("ok", "failed", "unknown", "skipped")
# A cell with several findings has the first of these states that one of them has.
_WORST = ("failed", "unknown", "skipped", "ok")
COLUMNS = {"ike": "IKE", "ipsec": "IPsec", "next_hop_tunnels": "Next-hop tunnel", "routes": "Routes"}


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
    return bool(outcome.get("failed")) or outcome["state"] in UNSETTLED


class _Tally:
    """The outcomes of a run, counted: ``states`` each outcome once, ``findings`` each finding once."""

    def __init__(self, outcomes: t.Sequence[t.Mapping[str, t.Any]]) -> None:
        states = [outcome["state"] for outcome in outcomes]
        findings = [finding["state"] for outcome in outcomes for finding in outcome.get("findings") or ()]
        self.states = {state: states.count(state) for state in _HOST_STATES}
        self.findings = {state: findings.count(state) for state in _FINDING_STATES}
        self.failed = [outcome["host"] for outcome in outcomes if _has_failed(outcome)]
        self.unsettled = [outcome["host"] for outcome in outcomes if outcome["state"] in UNSETTLED]
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
            **{check: _cell([one for one in findings if one["check"] == check]) for check in COLUMNS},
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
