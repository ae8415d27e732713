# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The differences that a change of keys may make, the associations it clears, and generated keys."""

from __future__ import annotations

import re
import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import ALPHABET, LENGTH, generate_key
from ansible_collections.hubspoke.srx.plugins.module_utils._device import security_associations
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import ReplyRefused, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._model.observed import Answer, IkeSa, IpsecSa, IpsecTunnel
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.keys import _LIMITS
from ansible_collections.hubspoke.srx.plugins.module_utils._transaction.key_change import (
    clear_old_sas,
    of_rotated,
    other_changes,
)

OURS = "set groups hubspoke security ike"
SHARED = [
    f"{OURS} policy shared mode main",
    f'{OURS} policy shared pre-shared-key ascii-text "$9$old"',
    f"{OURS} gateway east-gate ike-policy shared",
    "set apply-groups hubspoke",
]


def test_generated_keys_differ_and_need_no_quotes_anywhere() -> None:
    keys = {generate_key() for _turn in range(100)}
    assert len(keys) == 100
    assert all(len(key) == LENGTH and set(key) <= set(ALPHABET) for key in keys)
    assert re.fullmatch("[0-9A-Za-z]+", ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert not set("0O1lIo") & set(ALPHABET)
    assert all(limits.pattern.fullmatch(ALPHABET) and limits.length >= LENGTH for limits in _LIMITS.values())


def test_another_key_in_a_policy_that_stays_is_about_keys() -> None:
    after = [line.replace("$9$old", "$9$new") for line in SHARED]
    assert other_changes(SHARED, after) == []


def test_a_new_and_a_deleted_policy_are_about_keys() -> None:
    after = [
        f"{OURS} policy east-ike mode main",
        f'{OURS} policy east-ike pre-shared-key ascii-text "$9$new"',
        f"{OURS} gateway east-gate ike-policy east-ike",
        "set apply-groups hubspoke",
    ]
    assert other_changes(SHARED, after) == []
    assert other_changes(after, SHARED) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{OURS} policy shared mode main", f"{OURS} policy shared mode aggressive"),
        ("set apply-groups hubspoke", "set groups hubspoke system host-name other"),
        ("set apply-groups hubspoke", f"{OURS} gateway east-gate address 192.0.2.9"),
        ("set apply-groups hubspoke", "deactivate groups hubspoke security ike policy shared"),
    ],
)
def test_anything_else_is_named(before: str, after: str) -> None:
    changed = [after if line == before else line for line in SHARED]
    assert other_changes(SHARED, changed) == [f"- {before}", f"+ {after}"]


def test_a_named_difference_has_no_key() -> None:
    line = 'set groups hubspoke security ike policy shared seeded-pre-shared-key ascii-text "$9$secret"'
    assert other_changes(SHARED, [*SHARED, line]) == ["+ " + line.replace("$9$secret", "(masked)")]


def finding(peer: str) -> Finding:
    return Finding("hub", "ike", "gate", "failed", "UP", "DOWN", peer=peer)


def test_a_hub_is_verified_by_the_tunnels_whose_keys_change() -> None:
    hub = t.cast(t.Any, SimpleNamespace(site=SimpleNamespace(role="hub")))
    spoke = t.cast(t.Any, SimpleNamespace(site=SimpleNamespace(role="spoke")))
    found = [finding("east"), finding("west"), finding("")]
    assert [one.peer for one in of_rotated(hub, {"east"}, found)] == ["east", ""]
    assert [one.peer for one in of_rotated(spoke, {"east"}, found)] == ["east", "west", ""]
    assert [one.peer for one in of_rotated(hub, frozenset(), found)] == ["east", "west", ""]


class Hub:
    """A hub with two tunnels, each with an association of both phases; clearing makes new ones, or does not."""

    target = SimpleNamespace(host="hub")

    def __init__(self, *, refuses: bool = False, stays: bool = False, phase1_only: bool = False) -> None:
        self.numbers = {"192.0.2.1": 1, "192.0.2.2": 2}
        self.pairs = {"192.0.2.1": 1, "192.0.2.2": 2}
        self.asked: list[str] = []
        self._refuses, self._stays, self._phase1_only = refuses, stays, phase1_only

    def rpc(self, request: str) -> str:
        self.asked.append(request)
        if not self._stays:
            for peer, index in (("192.0.2.1", 11), ("192.0.2.2", 12)):
                if peer in request:
                    self.numbers[peer] += 10
                if f"<index>{index}<" in request or (peer in request and not self._phase1_only):
                    self.pairs[peer] += 10
        if self._refuses:
            raise ReplyRefused("hub: nothing to clear")
        return "<rpc-reply/>"

    def answer(self, question: str) -> Answer[t.Any]:
        if "ike" in question:
            return Answer(
                "ok", tuple(IkeSa(n, peer, "UP", f"i{n}", f"r{n}", "IKEv2") for peer, n in self.numbers.items())
            )
        vpns = {"192.0.2.1": ("east-vpn", 11), "192.0.2.2": ("west-vpn", 12)}
        tunnels = [
            IpsecTunnel(vpns[peer][1], peer, (IpsecSa("inbound", f"{spi:08x}"),), vpn=vpns[peer][0])
            for peer, spi in self.pairs.items()
        ]
        return Answer("ok", tuple(tunnels))


PLAN = t.cast(
    t.Any,
    SimpleNamespace(
        host="hub",
        tunnels=(
            SimpleNamespace(peer_host="east", peer_address="192.0.2.1", vpn="east-vpn"),
            SimpleNamespace(peer_host="west", peer_address="192.0.2.2", vpn="west-vpn"),
        ),
    ),
)
EAST = "<clear-ike-security-association><peer-address>192.0.2.1</peer-address></clear-ike-security-association>"
EAST_PAIR = "<clear-ipsec-security-association><index>11</index></clear-ipsec-security-association>"


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_associations, "ask", lambda session, question, _arguments: session.answer(question))


@pytest.mark.parametrize("refuses", [False, True])
def test_one_peer_is_cleared_and_the_other_is_not(refuses: bool) -> None:
    hub = Hub(refuses=refuses)
    clear_old_sas(t.cast(t.Any, hub), PLAN, {"east"}, lambda seconds: None)
    assert hub.asked == [EAST]
    assert hub.numbers["192.0.2.2"] == 2


def test_pairs_that_outlive_their_phase_1_are_cleared_after_it() -> None:
    hub = Hub(phase1_only=True)
    clear_old_sas(t.cast(t.Any, hub), PLAN, {"east"}, lambda seconds: None)
    assert hub.asked == [EAST, EAST_PAIR]


def test_an_association_that_stays_fails_the_device() -> None:
    waited: list[float] = []
    with pytest.raises(SessionError, match="hub: associations of the old key: expected none after clearing them"):
        clear_old_sas(t.cast(t.Any, Hub(stays=True)), PLAN, {"east"}, waited.append)
    assert sum(waited) >= 3


def test_a_refused_question_fails_the_device() -> None:
    hub = Hub()
    hub.answer = lambda question: Answer("refused", reason="no")  # type: ignore[method-assign]
    with pytest.raises(SessionError, match="expected a reply, actual refused: no"):
        clear_old_sas(t.cast(t.Any, hub), PLAN, {"east"}, lambda seconds: None)
