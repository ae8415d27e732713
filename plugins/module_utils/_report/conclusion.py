# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The verdict of a run, and its one sentence."""

from __future__ import annotations

import typing as t

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Verdict

_HOST_STATES = ("confirmed", "unchanged", "would_change", "rolled_back", "skipped", "pending", "unknown")
_DRIFT_STATES = ("in_sync", "drifted", "unknown", "unreachable", "skipped")
# The commit of such a device is not settled: it rolls back automatically, or nothing is known of it.
UNSETTLED = ("pending", "unknown")
_NOBODY = "no device took part"
# Hosts that a sentence names.
_SHOWN = 3
_FINDING_STATES = ("ok", "failed", "unknown", "skipped")


class Conclusion(t.NamedTuple):
    """The end of a run in one word and in one sentence. Only the verdict ``ok`` means success."""

    verdict: Verdict
    sentence: str


def conclude(
    mode: str,
    outcomes: t.Sequence[t.Mapping[str, t.Any]],
    removed: t.Collection[str] = (),
    culprits: t.Collection[str] = (),
) -> Conclusion:
    """Return the verdict and the sentence of a run, both of one case, so that they cannot differ.

    The arguments are those of report(); ``culprits`` are the hosts with which the causes lie. A run without any
    verified check succeeds only where all its devices are removed and have nothing to verify.
    """
    tally = Tally(outcomes)
    failed = _failed_names(tally.failed, culprits)
    if tally.unsettled:
        where = f"{_names(tally.unsettled)}: check 'show system commit' there"
        return Conclusion(tally.without_success, f"Not settled on {where}. {tally}")
    if mode == "check":
        return Conclusion("failed", f"Not ready: {failed}. {tally}") if failed else _ok("Nothing was changed", tally)
    if mode == "recover" and (failed or tally.taking_part):
        return Conclusion("failed", f"Not settled: {failed}. {tally}") if failed else _ok("Settled", tally)
    if failed or tally.wrong:
        return Conclusion(tally.without_success, f"{_failure(mode, tally, failed)}. {tally}")
    confirmed = " and confirmed" if tally.states["confirmed"] else ""
    if tally.findings["ok"]:
        return _ok(f"Verified{confirmed}", tally)
    if tally.taking_part and tally.taking_part <= set(removed):
        return _ok(f"Removed{confirmed}", tally)
    reason = "no check had a result" if tally.taking_part else _NOBODY
    done = "settled" if mode == "recover" else "verified"
    return Conclusion("unknown", f"Nothing {done}: {reason}. {tally}")


def conclude_drift(outcomes: t.Sequence[t.Mapping[str, t.Any]]) -> Conclusion:
    """Return the verdict and the sentence of a comparison of the devices with the plan."""
    tally = Tally(outcomes, "drift")
    if tally.drifted:
        return Conclusion("failed", f"Drifted: {_names(tally.drifted)}. {tally.hosts}.")
    if tally.states["unknown"] + tally.states["unreachable"]:
        return Conclusion("unknown", f"No drift found, but not all is known. {tally.hosts}.")
    if tally.states["in_sync"]:
        return Conclusion("ok", f"In sync. {tally.hosts}.")
    return Conclusion("unknown", f"Nothing compared: {_NOBODY}. {tally.hosts}.")


def has_failed(outcome: t.Mapping[str, t.Any], mode: str = "apply") -> bool:
    """Return whether a device has failed, or its commit is not settled; a comparison commits nothing."""
    return bool(outcome.get("failed")) or (mode != "drift" and outcome["state"] in UNSETTLED)


def with_state(state: str, message: str) -> str:
    """Return the state in words before a message that does not begin with it."""
    words = state.replace("_", " ")
    return message if message.startswith(words) else f"{words}: {message}"


class Tally:
    """The outcomes of a run, counted: ``states`` each outcome once, ``findings`` each finding once."""

    def __init__(self, outcomes: t.Sequence[t.Mapping[str, t.Any]], mode: str = "apply") -> None:
        states = [outcome["state"] for outcome in outcomes]
        findings = [finding["state"] for outcome in outcomes for finding in outcome.get("findings") or ()]
        known = _DRIFT_STATES if mode == "drift" else _HOST_STATES
        self.states = {state: states.count(state) for state in known}
        self.findings = {state: findings.count(state) for state in _FINDING_STATES}
        self.failed = [outcome["host"] for outcome in outcomes if has_failed(outcome, mode)]
        self.unsettled = [outcome["host"] for outcome in outcomes if outcome["state"] in UNSETTLED]
        self.drifted = [outcome["host"] for outcome in outcomes if outcome["state"] == "drifted"]
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

    @property
    def hosts(self) -> str:
        """Return the number of hosts by state, in a sentence."""
        hosts = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in self.states.items() if number)
        return f"Hosts: {hosts or 'none'}"

    def __str__(self) -> str:
        if not self.examined:
            return f"{self.hosts}."
        checks = f"{self.findings['ok']} of {self.examined} checks ok"
        return f"{self.hosts}; {checks}, {self.findings['failed']} failed, {self.findings['unknown']} unknown."


def _failed_names(failed: t.Sequence[str], culprits: t.Collection[str]) -> str:
    """Return the hosts with which it lies, and how many failed with them; all that failed where it lies with none."""
    first = [host for host in failed if host in culprits]
    others = len(failed) - len(first)
    if not first or not others:
        return _names(failed)
    return f"{_names(first)}, with {others} other{'s' if others > 1 else ''}"


def _names(hosts: t.Sequence[str]) -> str:
    """Return the first hosts, and how many more there are."""
    more = f" and {len(hosts) - _SHOWN} more" if len(hosts) > _SHOWN else ""
    return ", ".join(hosts[:_SHOWN]) + more


def _ok(words: str, tally: Tally) -> Conclusion:
    return Conclusion("ok", f"{words}. {tally}")


def _failure(mode: str, tally: Tally, failed: str) -> str:
    if tally.states["confirmed"]:
        return f"Confirmed except on {failed}" if failed else "Confirmed, but not verified everywhere"
    word = "verified" if tally.wrong or mode == "verify" else "confirmed"
    if tally.states["rolled_back"]:
        return f"Not {word} and rolled back"
    if mode == "verify" and failed:
        return f"Not {word}: {failed}"
    return f"Not {word}" if tally.examined or mode == "verify" else f"Stopped before any commit: {failed}"
