# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A device's statements compared with the plan, and the decision on many devices."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils import _drift
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set
from ansible_collections.hubspoke.srx.plugins.module_utils._drift import (
    DriftOutcome,
    DriftState,
    compare,
    compare_devices,
    settled,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job
from ansible_collections.hubspoke.srx.plugins.module_utils._report.content import report

from .readable_codec import Codec
from .sample_fleet import FLEET, HUB

TEXT = """groups {
    replace: hubspoke {
        security {
            ike {
                policy p {
                    pre-shared-key ascii-text "<pre-shared-key of hub1>";
                }
            }
            flow { tcp-mss { ipsec-vpn { mss 1350; } } }
            policies {
                from-zone a to-zone b {
                    policy one { then { permit; } }
                    policy two { then { permit; } }
                }
            }
        }
    }
}
apply-groups hubspoke;
"""
JOB = Job(HUB, TEXT)
KEYS = {"hub1": "of-the-plan"}
KEY = "set groups hubspoke security ike policy p pre-shared-key ascii-text"
HELD = to_set(TEXT).replace('"<pre-shared-key of hub1>"', '"$9$of-the-plan"').splitlines()


def compared(*commands: str, job: Job = JOB) -> DriftOutcome:
    return compare(job, commands, KEYS, Codec())


def without(part: str) -> list[str]:
    return [line for line in HELD if part not in line]


def test_the_same_in_any_order_is_in_sync() -> None:
    outcome = compared(*sorted(HELD, key=lambda line: ("policies" in line, line)))
    assert (outcome.state, outcome.failed, outcome.message, outcome.diff) == ("in_sync", False, "as planned", "")
    assert outcome.findings == ()


def test_a_difference_shows_both_sides_and_no_key() -> None:
    outcome = compared(*without("mss"), "set groups hubspoke security flow tcp-mss ipsec-vpn mss 9")
    assert (outcome.state, outcome.failed) == ("drifted", True)
    assert outcome.diff == (
        "- set groups hubspoke security flow tcp-mss ipsec-vpn mss 9\n"
        "+ set groups hubspoke security flow tcp-mss ipsec-vpn mss 1350\n"
    )
    assert outcome.message == "drifted: 2 different in the group"
    assert "2 statements differ" in str(outcome.findings[0])


def test_another_key_is_drift_and_not_shown() -> None:
    outcome = compared(*without("ascii-text"), f'{KEY} "$9$of-another-user"')
    assert outcome.diff == f'- {KEY} (masked)\n+ {KEY} "<pre-shared-key of hub1>"\n'
    assert "of-another-user" not in str(outcome)


def test_a_key_that_cannot_be_decoded_is_unknown_and_no_failure() -> None:
    outcome = compared(*without("ascii-text"), f'{KEY} "$8$aes256-gcm$x"')
    assert (outcome.state, outcome.failed, outcome.diff) == ("unknown", False, "")
    assert outcome.findings[0].object == "pre-shared key of ike policy p"


def test_with_other_differences_it_is_drift() -> None:
    assert compared(*without("ascii-text")[1:], f'{KEY} "$8$aes256-gcm$x"').state == "drifted"


@pytest.mark.parametrize(
    ("commands", "line"),
    [
        (without("apply-groups"), "+ set apply-groups hubspoke"),
        ([*HELD, "deactivate apply-groups hubspoke"], "- deactivate apply-groups hubspoke"),
        ([*HELD, "set groups hubspoke system services ssh"], "- set groups hubspoke system services ssh"),
        (
            [*HELD, "deactivate groups hubspoke security policies from-zone a to-zone b policy"],
            "- deactivate groups hubspoke security policies from-zone a to-zone b policy",
        ),
    ],
)
def test_a_group_that_is_not_in_effect_or_has_more_is_drift(commands: list[str], line: str) -> None:
    assert compared(*commands).diff == f"{line}\n"


def test_policies_in_another_order_are_drift() -> None:
    swapped = [line for line in HELD if "policy two" in line] + without("policy two")
    assert compared(*swapped).diff == (
        "! set groups hubspoke security policies from-zone a to-zone b policy: expected one, two, actual two, one\n"
    )


def test_a_conflict_with_the_group_is_drift() -> None:
    outcome = compared(*HELD, "set security flow tcp-mss ipsec-vpn mss 1200")
    assert (outcome.state, outcome.diff, outcome.message) == ("drifted", "", "drifted: 1 in conflict")


def test_a_removed_device_has_nothing_of_ours() -> None:
    gone = Job(HUB, "", remove=True)
    assert compared("set security flow tcp-mss ipsec-vpn mss 1200", job=gone).state == "in_sync"
    assert compared(*HELD, job=gone).state == "drifted"


class Device:
    """A session whose steps may fail."""

    def __init__(self, reason: str = "", step: str = "") -> None:
        self._reason, self._step = reason, step
        self.closed = False

    def _do(self, step: str) -> None:
        if step == self._step:
            raise SessionError(f"hub1: {step}: expected to succeed, actual {self._reason}.", self._reason)

    def open(self) -> None:
        self._do("open")

    def statements(self, _filter: str) -> list[str]:
        self._do("statements")
        return HELD

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("device", "state", "failed", "away"),
    [
        (Device(), "in_sync", False, False),
        (Device("unreachable", "open"), "unreachable", True, True),
        (Device("authentication", "open"), "unreachable", True, True),
        (Device("lost", "statements"), "unknown", True, False),
        (Device("rejected", "statements"), "unknown", True, False),
    ],
)
def test_a_device_that_cannot_be_read_is_unreachable_or_unknown(
    device: Device, state: DriftState, failed: bool, away: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_drift, "pending_confirmation", lambda session: None)
    (outcome,) = compare_devices([JOB], KEYS, Codec(), lambda host: t.cast(t.Any, device), 4)
    assert (outcome.state, outcome.failed, outcome.unreachable) == (state, failed, away)
    assert device.closed


def test_a_pending_confirmed_commit_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_drift, "pending_confirmation", lambda session: "one by eve")
    (outcome,) = compare_devices([JOB], KEYS, Codec(), lambda host: t.cast(t.Any, Device()), 4)
    assert outcome.state == "in_sync"
    assert "one by eve" in outcome.warnings[0]
    # A deployment refuses until that commit is settled, so no remedy names one.
    monkeypatch.setattr(_drift, "compare", lambda *_arguments: DriftOutcome(
        host="oslo", state="drifted", failed=True, message="", findings=(_drift._differs(JOB.plan, ["+ set x"]),)
    ))  # fmt: skip
    (outcome,) = compare_devices([JOB], KEYS, Codec(), lambda host: t.cast(t.Any, Device()), 4)
    assert "hubspoke.srx.recover" in outcome.findings[0].remedy
    assert "deploy" not in outcome.findings[0].remedy


def outcome(state: DriftState) -> DriftOutcome:
    away = state == "unreachable"
    return DriftOutcome(
        host=state,
        state=state,
        failed=away or state == "drifted",
        unreachable=away,
        message="",
    )


@pytest.mark.parametrize(
    ("states", "fail", "failed", "away"),
    [
        (["in_sync", "unknown"], True, [], []),
        (["in_sync", "drifted"], True, ["drifted"], []),
        (["in_sync", "unreachable"], True, [], ["unreachable"]),
        (["drifted", "unreachable"], True, ["drifted", "unreachable"], []),
        (["drifted", "unreachable"], False, [], []),
    ],
)
def test_which_hosts_count_for_the_exit_status(
    states: list[DriftState], fail: bool, failed: list[str], away: list[str]
) -> None:
    outcomes = settled([outcome(state) for state in states], fail=fail)
    assert [one.host for one in outcomes if one.failed] == failed
    assert [one.host for one in outcomes if one.unreachable] == away
    assert [one.state for one in outcomes] == states


@pytest.mark.parametrize(
    ("states", "verdict", "decision"),
    [
        (["in_sync"], "ok", "In sync. Hosts: 1 in sync."),
        (["in_sync", "unknown"], "unknown", "No drift found, but not all is known. Hosts: 1 in sync, 1 unknown."),
        (["drifted", "unreachable"], "failed", "Drifted: drifted. Hosts: 1 drifted, 1 unreachable."),
        (["skipped"], "unknown", "Nothing compared: no device took part. Hosts: 1 skipped."),
        ([], "unknown", "Nothing compared: no device took part. Hosts: none."),
    ],
)
def test_the_report_counts_and_says_so(states: list[DriftState], verdict: str, decision: str) -> None:
    content = report(FLEET, "r", "drift", [outcome(state).as_data() for state in states], {})
    assert (content["verdict"], content["decision"], content["tunnels"]) == (verdict, decision, [])
    assert content["counts"]["hosts"].pop("failed") == sum(host["failed"] for host in content["hosts"])
    assert sum(content["counts"]["hosts"].values()) == len(states)


@pytest.mark.parametrize("remove", [False, True])
def test_a_group_of_an_earlier_name_is_drift(remove: bool) -> None:
    old = f"set groups old security ipsec vpn {HUB.tunnels[0].vpn} bind-interface st0.9"
    commands = [] if remove else HELD
    outcome = compared(*commands, old, "set apply-groups old", job=Job(HUB, TEXT, remove=remove))
    assert outcome.state == "drifted"
    (finding,) = outcome.findings
    assert str(finding).startswith("hub1: configuration groups: expected this VPN in hubspoke alone, actual in old too")
    assert "nhtb_move_group=old" in finding.remedy
