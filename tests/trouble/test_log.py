# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection knows every line that the lab's key daemons write, with its cause."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from ipaddress import IPv4Network

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import Hierarchy
from ansible_collections.hubspoke.srx.plugins.module_utils._model.tunnel_rows import LogEvent
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.ike_log.events import events
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.evidence import End
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.log import newest_failure

from tests.lab.network import messages
from tests.lab.network.failure import SYMPTOMS
from tests.lab.network.logs import SIZE, DeviceLog
from tests.trouble.support import HUB, SUNNYVALE, WESTFORD, Trouble

# The cause of each failure in the responder's log; iked has no line of its own for an unknown peer.
CAUSES = {
    "not-recognized": "peer_not_recognized",
    "version": "peer_not_recognized",
    "peer-id": "peer_not_recognized",
    "mode": "no_proposal",
    "ike-proposal": "no_proposal",
    "key": "invalid_payload",
    "key-v2": "authentication_failed",
    "own-id": "authentication_failed",
    "ipsec-proposal": "no_proposal",
    "pfs": "no_proposal",
    "proxy-id": "proxy_id",
    "peer-no-bind-interface": "proxy_id",
}
ROLES: tuple[t.Literal["initiator", "responder"], ...] = ("initiator", "responder")

flavours = pytest.mark.parametrize("flavour", ["kmd", "iked"])
versions = pytest.mark.parametrize("version", [1, 2])


def talk(flavour: str, version: int, role: t.Literal["initiator", "responder"]) -> messages.Talk:
    return messages.Talk(
        flavour, role, version, "192.0.2.2", "198.51.100.2", "spoke-gate", "spoke-vpn", ("0a" * 8, "0b" * 8), 131073,
        "st0.0", ("inet", "192.0.2.2"), ("hostname", "spoke.example.net"), IPv4Network("10.1.0.0/24"),
        IPv4Network("10.2.0.0/24"), "lan",
    )  # fmt: skip


def logged(flavour: str, lines: t.Iterable[messages.Line]) -> list[LogEvent]:
    """Return the events in lines of the daemon's file, all of which the collection knows."""
    log = DeviceLog("hub", flavour, 4711)
    for kind, text in lines:
        if kind != "detail":
            (log.trace if kind == "trace" else log.event)(1790000000.0, text)
    found, notes, counts = events(log.lines(flavour) or [])
    assert [*notes, *counts] == []
    return t.cast("list[LogEvent]", found)


@flavours
@versions
@pytest.mark.parametrize("role", ROLES)
def test_a_tunnel_that_comes_up_and_goes_down(
    flavour: str, version: int, role: t.Literal["initiator", "responder"]
) -> None:
    one = talk(flavour, version, role)
    found = logged(
        flavour, [*messages.succeeded(one, "0a0b0c0d", "01020304"), *messages.went_down(one, "Peer is dead")]
    )
    assert {event.kind for event in found} >= {"vpn_up", "negotiation_up", "vpn_down"}
    assert ("phase2_up" in {event.kind for event in found}) == (flavour == "kmd" and version == 1)
    assert {event.remote_address for event in found} == {"198.51.100.2"}
    assert {event.local_proxy for event in found} - {None} == {"10.1.0.0/24"}
    assert {event.role for event in found} - {None} == {role}
    assert found[-1].reason == "Peer is dead"


@flavours
@versions
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("code", sorted(SYMPTOMS))
def test_a_failure(flavour: str, version: int, role: t.Literal["initiator", "responder"], code: str) -> None:
    found = logged(flavour, messages.failed(talk(flavour, version, role), code, SYMPTOMS[code].error))
    failing = [event for event in found if event.kind not in ("phase1_up", "phase2_up")]
    assert all(event.cause and event.remedy for event in failing)
    if role == "responder" and code in CAUSES:
        known = flavour == "kmd" or CAUSES[code] != "peer_not_recognized"
        answer = "authentication_failed" if (code, version) == ("peer-id", 2) else "no_proposal"
        assert {event.cause for event in failing} == {CAUSES[code] if known else answer}


@flavours
@versions
@pytest.mark.parametrize("code", ["", *sorted(SYMPTOMS)])
def test_a_trace(flavour: str, version: int, code: str) -> None:
    """Read the lines of a trace file that traceoptions name."""
    one, log = talk(flavour, version, "responder"), DeviceLog("hub", flavour, 4711)
    lines = (
        messages.failed(one, code, SYMPTOMS[code].error) if code else messages.succeeded(one, "0a0b0c0d", "01020304")
    )
    for kind, text in lines:
        if kind != "event":
            log.traced(1790000000.0, text, "a-trace")
    found, notes, counts = events(log.lines("a-trace") or [])
    assert [*notes, *counts] == []
    assert found
    failing = [event for event in found if event.kind not in ("phase1_up", "phase2_up", "negotiation_up")]
    assert bool(failing) is bool(code)
    assert all(event.cause and event.remedy for event in failing)


@dataclass(frozen=True)
class Told:
    """The cause that the report has from the log after ``changes`` on ``host``."""

    syntax: str
    host: str
    changes: tuple[str, ...]
    cause: str
    kind: str
    spoke: str = WESTFORD


KEY = "set security ike policy {ike} pre-shared-key ascii-text another-key"
PROXY = (
    "set security ipsec vpn corp-vpn ike proxy-identity local 192.168.178.0/24",
    "set security ipsec vpn corp-vpn ike proxy-identity remote 10.10.10.0/24",
)
GATEWAY = "security ike gateway westford-gate address"
STRANGER = (f"delete {GATEWAY}", f"set {GATEWAY} 9.9.9.9")
WEAK = ("sec-level standard -> sec-level basic",)
TOLD = (
    Told("classic", WESTFORD, (KEY.format(ike="ike-policy1"),), "invalid_payload", "phase1_failed"),
    Told("modern", WESTFORD, (KEY.format(ike="ike-policy-group19"),), "authentication_failed", "negotiation_failed"),
    Told("classic", WESTFORD, PROXY, "proxy_id", "selector_mismatch"),
    Told("modern", WESTFORD, PROXY, "proxy_id", "selector_mismatch"),
    Told("modern", HUB, STRANGER, "peer_not_recognized", "phase1_failed"),
    Told("classic", SUNNYVALE, WEAK, "no_proposal", "negotiation_failed", SUNNYVALE),
)


@pytest.mark.parametrize("told", TOLD, ids=lambda told: f"{told.syntax} {told.host} {told.cause}")
def test_the_report_has_the_failure_as_evidence(told: Told) -> None:
    tunnel = Trouble(told.syntax, {told.host: told.changes}).tunnel(told.spoke)
    assert tunnel["state"] == "failed"
    assert (tunnel["log"]["cause"], tunnel["log"]["kind"]) == (told.cause, told.kind)
    assert set(tunnel["log"]) == {"host", "line", "kind", "cause"}


def test_the_log_says_what_to_check_at_an_end_that_cannot_be_read() -> None:
    tunnel = Trouble("classic", {SUNNYVALE: WEAK}).tunnel(SUNNYVALE)
    assert "The log of corporate says 'No proposal chosen'. Make the " in tunnel["remedy"]


def end(trouble: Trouble, log: t.Sequence[str]) -> tuple[End, tuple[LogEvent, ...]]:
    """Return the hub's end of the tunnel to westford, and lines of a log as events."""
    plan = trouble.plan.hub
    [tunnel] = [one for one in plan.tunnels if one.peer_host == WESTFORD]
    return End(plan, tunnel, Hierarchy(()), None), tuple(events(log)[0])


def test_the_newest_failure_of_this_tunnel_counts() -> None:
    def failed(time: str, error: str, vpn: str, remote: str) -> str:
        rest = f"IKE Version: 2, VPN: {vpn} Gateway: Not-Available, Local: 1.1.1.2/500, Remote: {remote}/500, Role: R"
        return f"Oct  8 {time}  hub kmd[1]: IKE negotiation failed with error: {error}. {rest}"

    up = "Oct  8 10:05:00  hub kmd[1]: KMD_VPN_UP_ALARM_USER: VPN westford-vpn from 3.3.3.2 is up."
    log = [
        failed("10:00:00", "Authentication failed", "westford-vpn", "3.3.3.2"),
        failed("10:01:00", "Timed out", "westford-vpn", "3.3.3.2"),
        failed("10:02:00", "No proposal chosen", "other-vpn", "3.3.3.2"),
        failed("10:03:00", "No proposal chosen", "Not-Available", "3.3.3.20"),
    ]
    here, found = end(Trouble("classic", {}), log)
    newest = newest_failure(found, here)
    assert newest is not None
    assert (newest.time, newest.cause) == ("Oct 8 10:01:00", "timeout")
    here, found = end(Trouble("classic", {}), [*log, up])
    assert newest_failure(found, here) is None


def test_a_rotated_file_keeps_its_lines_in_order() -> None:
    log = DeviceLog("hub", "kmd", 4711)
    count = 3 * SIZE // 100
    for number in range(count):
        log.event(1790000000.0 + number, f"KMD_DPD_PEER_DOWN: DPD detected peer 198.51.100.{number % 250} is dead")
    assert [name for name in log.names() if name.startswith("kmd")] == ["kmd", "kmd.0", "kmd.1"]
    assert "messages.0.gz" in log.names()
    lines = [line for name in ("kmd.1", "kmd.0", "kmd") for line in log.lines(name) or []]
    assert lines[-1].endswith(f"198.51.100.{(count - 1) % 250} is dead")
    assert [event.time for event in events(lines)[0]] == sorted(event.time or "" for event in events(lines)[0])
    assert "newsyslog[4521]: logfile turned over due to size>128K" in (log.lines("messages") or [""])[0]
